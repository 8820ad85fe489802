//! The command as users run it: what it prints, what it leaves, its exit codes.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::tree::{folder, put, snapshot};

/// What a run printed, and its exit code.
pub(crate) struct Ran {
    pub(crate) code: i32,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) said: String,
}

/// Runs the command in a folder. Where output is no terminal there are no colours.
pub(crate) fn podleaf(dir: &Path, arguments: &[&str]) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_podleaf"))
        .args(arguments)
        .current_dir(dir)
        .env("SOURCE_DATE_EPOCH", "1767225600")
        .env_remove("CI")
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code().unwrap(), out: text(output.stdout), said: text(output.stderr) }
}

/// A folder with the files that a text holds below `-- name --` lines.
pub(crate) fn spread(text: &str) -> TempDir {
    let root = folder();
    for part in text.split("-- ").skip(1) {
        let (name, body) = part.split_once(" --\n").unwrap();
        put(root.path(), name, body);
    }
    root
}

const GOOD: &str = "-- podleaf.toml --
title = 'Night Shift'
base_url = 'https://example.org/'
-- ferry/001-bells.md --
# Bells

Listen on Harbour Radio.

## Key points

- Bells are clocks.

## Background

Recorded on a pier.

## 1. The first bell

**Ann Lee:** Who rings it?

**Bo Dahl:** The tide.

**Break:** [00:12]

**Ann Lee:** And at night?
";

const BAD: &str = "-- podleaf.toml --
title = 'Night Shift'
base_url = 'example.org'
-- ferry/show.toml --
titel = 'Ferry'
-- ferry/001-bells.md --
+++
date = 'soon'
+++
**Ann Lee:** Who rings it?

**Bo Dahl:** The tide.
";

#[test]
fn a_good_site_is_built_and_checked() {
    let site = spread(GOOD);
    let checked = podleaf(site.path(), &["check"]);
    assert_eq!(checked.code, 0, "{}", checked.said);
    assert!(!site.path().join("public").exists(), "check writes nothing");
    let built = podleaf(site.path(), &["build"]);
    assert_eq!(built.code, 0, "{}", built.said);
    assert!(built.said.contains("1 episode, 3 turns"), "{}", built.said);
    assert!(site.path().join("public/ferry/001-bells/index.html").is_file());
    assert_eq!(podleaf(site.path(), &["build", "--quiet"]).said, "");
}

#[test]
fn each_line_is_explained() {
    let site = spread(GOOD);
    let explained = podleaf(site.path(), &["check", "--explain", "ferry/001-bells.md"]);
    assert_eq!((explained.code, explained.said.as_str()), (0, ""));
    insta::assert_snapshot!(explained.out, @r#"
    ferry/001-bells.md: turns: 3, speakers: 2, sections: 1, chapters: 0, key points: 1, address: /ferry/001-bells/
        1  title                        # Bells
                                        because: the first first-level heading
        3  listen                       Listen on Harbour Radio.
                                        because: says where to listen, before anybody speaks
        5  key points heading           ## Key points
                                        because: a heading word for key points
        7  key point                    - Bells are clocks.
                                        because: under the key points heading
        9  background heading           ## Background
                                        because: a heading word for background
       11  background                   Recorded on a pier.
                                        because: under the background heading
       13  section heading              ## 1. The first bell
                                        because: a numbered or marked heading
       15  speaker and speech           **Ann Lee:** Who rings it?
                                        because: a name and what they say
       17  speaker and speech           **Bo Dahl:** The tide.
                                        because: a name and what they say
       19  cue                          **Break:** [00:12]
                                        because: a sound or a note, not speech
       21  speaker and speech           **Ann Lee:** And at night?
                                        because: a name and what they say
    related: no other episode shares a guest, a topic, a series or rare terms; the block is left out
    "#);
    let site_elsewhere = site.path().to_str().unwrap();
    let file = site.path().join("ferry/001-bells.md");
    let from_elsewhere = podleaf(Path::new("/"), &["check", site_elsewhere, "--explain", file.to_str().unwrap()]);
    assert_eq!(from_elsewhere.out, explained.out, "the file may be named from anywhere");
    let other = podleaf(site.path(), &["check", "--explain", "podleaf.toml"]);
    assert_eq!((other.code, other.out.as_str()), (2, ""));
    assert!(other.said.starts_with("error: `podleaf.toml` is not a transcript"), "{}", other.said);
}

#[test]
fn all_findings_come_sorted_and_with_their_places() {
    let site = spread(BAD);
    let checked = podleaf(site.path(), &["check"]);
    assert_eq!((checked.code, checked.out.as_str()), (1, ""));
    insta::assert_snapshot!(checked.said, @r#"
    error[bad-date]: `date` is no date in the calendar
     --> ferry/001-bells.md:2:8
      |
    2 | date = 'soon'
      |        ^^^^^^ not a date
      |
      = help: write year, month and day: `2026-03-14`

    note[doubtful-label]: `Ann Lee` speaks once, and nothing else names them
     --> ferry/001-bells.md:4:3
      |
    4 | **Ann Lee:** Who rings it?
      |   ^^^^^^^
      |
      = help: name them in the front matter's `guests` or in people.toml, if this is right

    note[doubtful-label]: `Bo Dahl` speaks once, and nothing else names them
     --> ferry/001-bells.md:6:3
      |
    6 | **Bo Dahl:** The tide.
      |   ^^^^^^^
      |
      = help: name them in the front matter's `guests` or in people.toml, if this is right

    warning[unknown-key]: there is no setting called `titel`
     --> ferry/show.toml:1:1
      |
    1 | titel = 'Ferry'
      | ^^^^^ not read by anything
      |
      = help: did you mean `title`?

    error[bad-base-url]: `base_url` must be a full address without query
     --> podleaf.toml:2:12
      |
    2 | base_url = 'example.org'
      |            ^^^^^^^^^^^^^ no `https://` with a host
      |
      = help: write `base_url = "https://example.org/"`

    note[no-base-url]: without `base_url` there are no canonical links and no sitemap
     |
     = help: set `base_url = "https://…/"` in podleaf.toml, or give --base-url

    2 errors, 1 warning, 3 notes
    "#);
}

#[test]
fn an_error_keeps_the_old_site() {
    let site = spread(GOOD);
    assert_eq!(podleaf(site.path(), &["build"]).code, 0);
    let before = snapshot(&site.path().join("public"));
    let more = spread(BAD);
    fs::copy(more.path().join("podleaf.toml"), site.path().join("podleaf.toml")).unwrap();
    put(site.path(), "ferry/002-gulls.md", "**Ann Lee:** Gulls?\n\n**Bo Dahl:** Gulls.\n");
    let failed = podleaf(site.path(), &["build"]);
    assert_eq!(failed.code, 1, "{}", failed.said);
    assert!(
        failed.said.contains("error[bad-base-url]") && failed.said.contains("podleaf.toml:2:12"),
        "{}",
        failed.said
    );
    assert!(failed.said.contains("  |            ^^^^^^^^^^^^^"), "{}", failed.said);
    assert!(snapshot(&site.path().join("public")) == before, "nothing of the old site changed");
    assert_eq!(podleaf(site.path(), &["build", "--keep-going"]).code, 1, "what is wrong is still said");
    assert!(site.path().join("public/ferry/002-gulls/index.html").is_file(), "the rest is published");
}

#[test]
fn a_fault_of_a_template_keeps_the_old_site() {
    let site = spread(GOOD);
    assert_eq!(podleaf(site.path(), &["build"]).code, 0);
    let before = snapshot(&site.path().join("public"));
    put(site.path(), "templates/episode.html", "{{ episode.tite }}");
    for verb in ["check", "build"] {
        let failed = podleaf(site.path(), &[verb]);
        assert_eq!(failed.code, 1, "{verb}: {}", failed.said);
        assert!(failed.said.contains("templates/episode.html:1:"), "{verb}: {}", failed.said);
    }
    assert!(snapshot(&site.path().join("public")) == before);
}

#[test]
fn exit_codes_say_whose_fault_it_is() {
    let site = spread(GOOD);
    for arguments in [&["biuld"][..], &["build", "--no-such"], &["build", "a", "--root", "b"], &[]] {
        assert_eq!(podleaf(site.path(), arguments).code, 2, "{arguments:?}");
    }
    for arguments in [&["--help"][..], &["--version"], &["build", "--help"]] {
        let ran = podleaf(site.path(), arguments);
        assert_eq!((ran.code, ran.said.as_str()), (0, ""), "{arguments:?}");
    }
    let missing = podleaf(site.path(), &["build", "no-such-folder"]);
    assert_eq!(missing.code, 1, "{}", missing.said);
    let machine = podleaf(site.path(), &["build", "-o", "/proc/site"]);
    assert_eq!(machine.code, 3, "{}", machine.said);
    put(site.path(), "mine/letter.txt", "not made by podleaf");
    let refused = podleaf(site.path(), &["build", "-o", "mine"]);
    assert_eq!(refused.code, 4, "{}", refused.said);
    assert_eq!(fs::read_to_string(site.path().join("mine/letter.txt")).unwrap(), "not made by podleaf");
}
