use super::*;
use crate::hash::ContentHash;

fn read(name: &str, text: &str) -> (ChapterFile, Diagnostics) {
    let path = SitePath::new(name).unwrap();
    parse_chapters(&SourceFile { path, text: text.to_owned(), hash: ContentHash::of(b"") })
}

/// Start in milliseconds and title of each chapter.
#[track_caller]
fn check(name: &str, text: &str, expected: &[(u64, &str)]) {
    let (found, diagnostics) = read(name, text);
    let found: Vec<_> = found.chapters.iter().map(|chapter| (chapter.start.0, chapter.title.as_str())).collect();
    assert_eq!(found, expected, "{text}");
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
}

#[track_caller]
fn check_bad(name: &str, text: &str, titles: &[&str], code: &str, line: u32) {
    let (found, diagnostics) = read(name, text);
    assert_eq!(found.chapters.iter().map(|chapter| chapter.title.as_str()).collect::<Vec<_>>(), titles, "{text}");
    let said: Vec<_> =
        diagnostics.iter().map(|one| (one.code, one.place.as_ref().map_or(0, |place| place.line))).collect();
    assert_eq!(said, [(code, line)], "{text}");
}

#[test]
fn json_chapters() {
    let text = r#"{"version": "1.2.0", "chapters": [
        {"startTime": 0, "title": "Tea", "img": "https://example.org/a.jpg"},
        {"startTime": 12.5, "title": "  Salt &\nsand "},
        {"startTime": 30, "toc": false},
        {"startTime": "60", "title": "Rain", "endTime": 70, "location": {"name": "x"}}
    ]}"#;
    check("a.chapters.json", text, &[(0, "Tea"), (12_500, "Salt & sand"), (60_000, "Rain")]);
}

#[test]
fn podlove_chapters() {
    let json = r#"[{"start": "00:00:00.000", "title": "Tea"}, {"start": "00:01:02.5", "title": "Salt", "href": ""}]"#;
    check("a.chapters.json", json, &[(0, "Tea"), (62_500, "Salt")]);
    check("a.chapters.json", &format!("{{\"chapters\": {json}}}"), &[(0, "Tea"), (62_500, "Salt")]);
    let xml = r#"<?xml version="1.0"?>
<!-- <psc:chapter start="00:00:09" title="No"/> -->
<psc:chapters version="1.2" xmlns:psc="http://podlove.org/simple-chapters">
  <psc:chapter start="00:00:00.000" title="Tea &amp; salt" href="https://example.org/?title=x"/>
  <psc:chapter href='a>b' title='"Rain"' start='01:02:03'></psc:chapter>
</psc:chapters>"#;
    check("a.chapters.xml", xml, &[(0, "Tea & salt"), (3_723_000, "\"Rain\"")]);
}

#[test]
fn lines_of_text() {
    let text = "00:00 Tea\n\n(1:00) Salt: a story\n- 02:00 – 盐\n**3:00** Rain\n[4:00](https://example.org/#t=4) Sun\n5:00 - 6:00 Fog\n**5:30 – *Wind* up**\n1:02:03.5 | End\n";
    let expected = [
        (0, "Tea"),
        (60_000, "Salt: a story"),
        (120_000, "盐"),
        (180_000, "Rain"),
        (240_000, "Sun"),
        (300_000, "Fog"),
        (330_000, "*Wind* up"),
        (3_723_500, "End"),
    ];
    check("a.chapters.txt", text, &expected);
    check("a.chapters.txt", "[00:00] Tea\n[00:10] Salt\n", &[(0, "Tea"), (10_000, "Salt")]);
}

#[test]
fn bad_entries_cost_themselves() {
    check_bad("a.chapters.txt", "00:00 Tea\nSalt\n0:75 Rain\n02:00 End", &["Tea", "End"], "bad-chapter", 2);
    check_bad(
        "a.chapters.txt",
        "00:00 Tea\n09:00 Salt\n02:00 Rain\n03:00 End",
        &["Tea", "Rain", "End"],
        "bad-chapter",
        2,
    );
    check_bad("a.chapters.txt", "00:00 Tea\n99:00:00 Salt", &["Tea"], "bad-chapter", 2);
    let json = "{\"chapters\": [\n{\"startTime\": 0, \"title\": \"Tea\"},\n{\"startTime\": -1, \"title\": \"Salt\"},\n{\"startTime\": 3},\n7]}";
    check_bad("a.chapters.json", json, &["Tea"], "bad-chapter", 3);
    let xml = "<chapters>\n<chapter start=\"0:00\" title=\"Tea\"/>\n<chapter title=\"Salt\"/>\n<chapter start";
    check_bad("a.chapters.xml", xml, &["Tea"], "bad-chapter", 3);
}

#[test]
fn what_holds_no_chapters_is_said() {
    check_bad("a.chapters.json", "{\"markers\": []}", &[], "unknown-json", 0);
    check_bad("a.chapters.json", "{\"chapters\": {}}", &[], "unknown-json", 0);
    check_bad("a.chapters.json", "{\"chapters\": [\n{\"start", &[], "bad-json", 2);
    check_bad("a.chapters.json", &"[".repeat(100_000), &[], "bad-json", 1);
    check_bad("a.chapters.xml", "<rss></rss>", &[], "unknown-chapters", 0);
    check_bad("a.chapters.txt", "", &[], "no-chapters", 0);
    check_bad("a.chapters.json", "{\"chapters\": []}", &[], "no-chapters", 0);
}

#[test]
fn every_line_has_a_role() {
    let text = "{\"chapters\": [\n{\"startTime\": 0,\n \"title\": \"Tea\"},\n\n{}\n]}\n";
    let roles: Vec<LineRole> = read("a.chapters.json", text).0.lines.iter().map(|line| line.role).collect();
    use LineRole::{BadChapter, Blank, Chapter, Data};
    assert_eq!(roles, [Data, Chapter, Chapter, Blank, BadChapter, Data]);
    let roles: Vec<LineRole> = read("a.chapters.txt", "0:00 Tea\nSalt").0.lines.iter().map(|line| line.role).collect();
    assert_eq!(roles, [Chapter, BadChapter]);
}

#[test]
fn json_of_chapters_is_told_from_transcripts() {
    let is = |text: &str| json::are_chapters(text);
    assert!(is("{\"version\": \"1.2.0\", \"chapters\": []}"));
    assert!(!is("{\"chapters\": [], \"segments\": []}") && !is("{\"text\": \"chapters\"}") && !is("{\"chapters\""));
}
