//! Bad and absurd texts, as whole builds: reliability matrix A.

use crate::built::{Built, FINE};

fn check_text(name: &str, text: &str, code: &str, place: &str) {
    let site = Built::good();
    let file = format!("content/a/{name}");
    site.check_refused(&file, text, 1, &[&format!("error[{code}]"), &format!("--> {file}:{place}")]);
}

#[test]
fn a1_front_matter_without_end_is_an_error() {
    check_text("x.md", "+++\ntitle = 'A'\n\nText.\n", "unclosed-front-matter", "1:1");
    check_text("x.txt", "---\ntitle: A\n\nText.\n", "unclosed-front-matter", "1:1");
}

#[test]
fn a2_syntax_errors_count_lines_in_the_file() {
    check_text("x.md", "+++\ntitle = 'A'\ndraft = = true\n+++\nText.\n", "syntax", "3:9");
    check_text("x.md", "---\ntitle: A\ndraft: [true\n---\nText.\n", "syntax", "");
    check_text("x.md", "---\ndraft: no\ntitle: Part 1: the bridge\n---\nText.\n", "syntax", "3:");
}

#[test]
fn a3_a_value_of_the_wrong_type_is_an_error_that_names_the_right_one() {
    check_text("x.md", "+++\ntitle = ['a', 1]\n+++\nText.\n", "wrong-type", "2:9");
    let site = Built::good();
    site.check_refused("content/a/x.md", "---\nseason: [a]\n---\n", 1, &["`season` takes a whole number", ":2:9"]);
}

#[test]
fn a4_dates_that_no_calendar_has_are_errors() {
    check_text("x.md", "+++\ndate = 2024-02-30\n+++\nText.\n", "bad-date", "2:");
    check_text("x.md", "---\ndate: 2024-02-30\n---\nText.\n", "bad-date", "2:7");
    check_text("x.md", "---\ndate: 99999-01-01\n---\nText.\n", "bad-date", "2:7");
    check_text("x.md", "---\nupdated: soon\n---\nText.\n", "bad-date", "2:10");
}

#[test]
fn a5_a_key_that_is_set_twice_is_an_error() {
    check_text("x.md", "+++\ntitle = 'a'\ntitle = 'b'\n+++\nText.\n", "duplicate-key", "3:1");
    check_text("x.md", "---\ntitle: a\ndraft: no\ntitle: b\n---\nText.\n", "duplicate-key", "4:1");
}

#[test]
fn a6_an_alias_bomb_is_refused_and_costs_nothing() {
    let site = Built::good();
    let mut bomb = "---\na: &a [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for (from, to) in "abcdefgh".chars().zip("bcdefghi".chars()) {
        bomb.push_str(&format!("{to}: &{to} [{}]\n", vec![format!("*{from}"); 9].join(", ")));
    }
    bomb.push_str("title: *i\n---\nText.\n");
    let run = site.check_refused("content/a/x.md", bomb, 1, &["error[syntax]", "content/a/x.md:"]);
    assert!(run.peak_mib < 256, "{} MiB", run.peak_mib);
}

#[test]
fn a7_fifty_thousand_brackets_are_an_error() {
    for (open, keys) in [("[", "= "), ("{a=", "= ")] {
        check_text("x.md", &format!("+++\ntitle {keys}{}\n+++\n", open.repeat(50_000)), "syntax", "2:");
    }
    check_text("x.md", &format!("---\ntitle: {}\n---\n", "[".repeat(50_000)), "syntax", "2:");
    check_text("x.md", &format!("---\ntitle:\n  {}\n---\n", "- ".repeat(50_000)), "syntax", "");
    let site = Built::good();
    site.check_refused("podleaf.toml", format!("title = {}", "[".repeat(50_000)), 1, &["error[syntax]", "toml:1:"]);
}

#[test]
fn a8_a_text_without_front_matter_is_an_episode() {
    let site = Built::of(&[("the-bridge.txt", "Ann: Hello.\n\nBo: Hi.\n\nAnn: Bye.\n\nBo: Bye.\n")]);
    site.publish();
    assert!(site.page("the-bridge/index.html").contains("The bridge"));
}

#[test]
fn a9_bytes_that_are_no_text_are_an_error_with_their_place() {
    let damaged = [&"中文的文字，一句又一句。".repeat(20).into_bytes()[..], b"\xFF\xFE", "好".as_bytes()].concat();
    let site = Built::good();
    let front = [b"---\ntitle: ", &damaged[..], b"\n---\nText.\n"].concat();
    site.check_refused("content/a/x.md", front, 1, &["error[not-text]", "byte 731 ", "content/a/x.md:2:248"]);
    site.check_refused("content/a/x.txt", damaged, 1, &["error[not-text]", "byte 720 ", "content/a/x.txt:1:241"]);
    for file in ["podleaf.toml", "people.toml", "content/a/show.toml"] {
        let parts = ["error[not-text]", "byte 16 ", &format!("--> {file}:2:11")];
        site.check_refused(file, b"x = 1\ntitle = 'A\xE9'\n", 1, &parts);
    }
}

#[test]
fn a9_a_transcript_in_an_older_encoding_is_converted_and_said() {
    let text = "达里奥：我们来谈谈人工智能，以及它对社会的影响。\n\n甲乙：好。\n\n达里奥：再见。\n\n甲乙：再见。\n";
    let site = Built::of(&[]);
    site.put("a.txt", encoding_rs::GB18030.encode(text).0);
    assert!(site.publish().said.contains("read as GB18030"));
    assert!(site.page("a/index.html").contains("以及它对社会的影响"));
}

#[test]
fn a10_a_nul_byte_is_left_out_and_said() {
    let site = Built::of(&[("content/a/x.md", &FINE.replace("Fine", "Fi\0ne"))]);
    let said = site.publish().said;
    assert!(said.contains("warning[control-character]") && said.contains("content/a/x.md:3:"), "{said}");
    assert!(site.page("a/x/index.html").contains("Fine."));
}

#[test]
fn a11_a12_a13_encodings_marks_and_line_ends_make_no_difference() {
    let site = Built::of(&[("content/a/x.md", FINE)]);
    site.publish();
    // The manifest has the keys of pages, which differ with the bytes of their sources.
    let pages = || site.output().into_iter().filter(|(file, _)| !file.starts_with(".podleaf")).collect::<Vec<_>>();
    let plain = pages();
    let crlf = FINE.replace('\n', "\r\n");
    let utf_16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    for (bytes, note) in [
        (crlf.clone().into_bytes(), ""),
        (FINE.replace('\n', "\r").into_bytes(), ""),
        (format!("\u{FEFF}{FINE}").into_bytes(), ""),
        (utf_16(&format!("\u{FEFF}{crlf}")), "note[encoding]: the file was read as UTF-16LE"),
        (utf_16(FINE), "note[encoding]: the file was read as UTF-16LE"),
    ] {
        site.put("content/a/x.md", &bytes);
        let said = site.publish().said;
        assert!(said.contains(note), "{said}");
        assert!(pages() == plain, "{:?}", &bytes[..4]);
    }
}

#[test]
fn a14_an_empty_file_is_a_warning() {
    let site = Built::good();
    for text in ["", "\n \n", "\u{FEFF}", "+++\n+++\n"] {
        site.put("content/a/x.md", text);
        let said = site.publish().said;
        assert!(said.contains("warning[no-text]") && said.contains("content/a/x.md"), "{said}");
    }
}

#[test]
fn a15_a_line_of_twenty_megabytes() {
    let site = Built::good();
    let words = |n_bytes: usize| "so then we went on ".repeat(n_bytes / 19);
    site.put("content/a/x.md", format!("{FINE}\n**Ann Li:** {}", words(20_000_000)));
    site.put("content/a/y.txt", words(2_000_000));
    let run = site.publish();
    assert!(run.peak_mib < 512, "{} MiB", run.peak_mib);
    assert!(site.page("a/x/index.html").len() > 19_000_000);
}

#[test]
fn a15_sixty_thousand_turns_and_five_thousand_speakers() {
    let site = Built::good();
    site.put("content/a/turns.txt", "Ann: one two three\n\nBo: four five\n\n".repeat(30_000));
    let speakers: String =
        (0..5_000).map(|n| format!("**Speaker {n}:** one two\n\n**Speaker {}:** three\n\n", n / 2)).collect();
    site.put("content/a/speakers.md", speakers);
    let run = site.publish();
    assert!(run.peak_mib < 512, "{} MiB", run.peak_mib);
    assert_eq!(site.page("a/turns/index.html").matches("<article class=\"turn\"").count(), 60_000);
    assert!(site.page("a/speakers/index.html").contains("Speaker 4999"));
}

/// Texts that other programs need quadratic time or all of the stack for, as a turn, as prose and as a plain page.
fn check_absurd(text: &str) {
    let site = Built::good();
    site.put("content/a/turn.md", format!("{FINE}\n**Ann Li:** {text}\n\n**Bo Ek:** end\n"));
    site.put("content/a/prose.md", text);
    site.put("content/a/words.txt", text);
    site.put("content/pages/plain.md", text);
    site.publish();
    assert!(site.page("a/turn/index.html").contains("<p>end</p>"));
}

#[test]
fn a16_fifty_thousand_quote_marks() {
    check_absurd(&">".repeat(50_000));
    check_absurd(&format!("{}a", "> ".repeat(50_000)));
}

#[test]
fn a17_lists_two_thousand_deep() {
    check_absurd(&(0..2_000).map(|n| format!("{}- a\n", "  ".repeat(n))).collect::<String>());
    check_absurd(&format!("{}a", "- ".repeat(2_000)));
    check_absurd(&format!("{}a", "1. ".repeat(2_000)));
}

#[test]
fn a18_a_hundred_thousand_brackets() {
    check_absurd(&"[".repeat(100_000));
    check_absurd(&format!("{}a{}", "[".repeat(50_000), "](b)".repeat(50_000)));
}

#[test]
fn a19_fifty_thousand_open_emphases() {
    check_absurd(&"*a **a ".repeat(50_000));
    check_absurd(&"a*_`".repeat(50_000));
}

#[test]
fn a20_twenty_thousand_reference_definitions() {
    check_absurd(&(0..20_000).map(|n| format!("[a{n}]: /x{n}\n")).collect::<String>());
    check_absurd(&format!("{}\n{}", "[a]: /x\n".repeat(20_000), "[a] ".repeat(20_000)));
    check_absurd(&format!("[a]: /{}\n\n{}", "x".repeat(10_000), "[a]".repeat(20_000)));
}

#[test]
fn a21_an_unknown_setting_is_a_warning_with_the_nearest_name() {
    let site = Built::of(&[("content/a/x.md", &format!("+++\ntitle = 'A'\ngeusts = ['B']\n+++\n{FINE}"))]);
    let said = site.publish().said;
    for part in ["warning[unknown-key]", "content/a/x.md:3:1", "did you mean `guests`?"] {
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn a25_two_episodes_with_one_guid_are_an_error_that_names_both() {
    let site = Built::of(&[("content/a/one.md", &format!("+++\nguid = 'g'\n+++\n{FINE}"))]);
    let two = format!("+++\ntitle = 'Two'\nguid = 'g'\n+++\n{FINE}");
    let parts = ["error[same-guid]", "content/a/one.md", "--> content/a/two.md"];
    site.check_refused("content/a/two.md", two, 1, &parts);
}

#[test]
fn a26_an_episode_that_is_withdrawn_leaves_the_site() {
    let site = Built::good();
    for withdrawn in ["draft = true", "date = 2999-01-01", "published = false", "status = 'draft'"] {
        site.put("content/a/x.md", format!("+++\ntitle = 'Withdrawn'\nguests = ['Cy Oz']\n+++\n{FINE}"));
        site.put("content/a/x/photo.jpg", "picture");
        site.publish();
        assert!(site.output().contains_key("a/x/index.html") && site.output().contains_key("a/x/photo.jpg"));
        site.put("content/a/x.md", format!("+++\ntitle = 'Withdrawn'\nguests = ['Cy Oz']\n{withdrawn}\n+++\n{FINE}"));
        site.publish();
        for (file, text) in site.output() {
            assert!(!file.starts_with("a/x/") && !text.contains("Withdrawn") && !text.contains("Cy Oz"), "{file}");
        }
    }
}

#[test]
fn a26_a_key_that_nobody_knows_does_not_publish_a_draft() {
    let text = format!("---\nshowNotes: Things\ndraft: true\n---\n{FINE}");
    let site = Built::of(&[("content/a/x.md", &text), ("content/a/y.md", FINE)]);
    site.publish();
    assert!(!site.output().contains_key("a/x/index.html"));
}

#[test]
fn a26_an_expiry_day_is_not_passed_over_in_silence() {
    let site = Built::of(&[("content/a/x.md", &format!("---\nexpiryDate: 2020-01-01\n---\n{FINE}"))]);
    let said = site.publish().said;
    assert!(said.contains("warning[unknown-key]") && said.contains("content/a/x.md:2:1"), "{said}");
}

#[test]
fn all_errors_of_all_files_are_reported_in_one_run() {
    let site = Built::good();
    site.publish();
    site.put("content/a/x.md", "+++\ntitle = 1\nepisode = 'x'\n+++\n");
    site.put("content/b/y.md", "---\ndate: never\n---\n");
    site.put("people.toml", "[a]\ncolor = 9\n");
    let before = site.everything();
    let run = site.build();
    for place in ["x.md:2:9", "x.md:3:11", "y.md:2:7", "people.toml:2:9", "4 errors"] {
        assert!(run.said.contains(place), "{place}: {}", run.said);
    }
    assert!(run.code == Some(1) && site.everything() == before);
}
