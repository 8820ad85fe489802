//! What is read from audio and pictures beside a text, and when.

use podleaf::memo::Memo;
use podleaf::site::{Edited, Request, Site};

use crate::world::{Files, Remembered};

const MP3: &[u8] = include_bytes!("../../content/lost-property/014-a-piano-nobody-owns.mp3");
const LONGER: &[u8] = include_bytes!("../../content/lost-property/a-horn-for-nobody.mp3");

fn site(front_matter: &str) -> Files {
    let words = "Ann: Hello there.\n\nBo: Good day.\n\nAnn: Bye.\n\nBo: Bye.\n";
    let mut files = Files::spread(&format!("-- content/a/1.md --\n---\n{front_matter}\n---\n\n{words}"));
    files.put("content/a/1.mp3", MP3);
    files.wait();
    files
}

fn open(files: &Files, memo: Memo) -> (Site, Vec<String>) {
    let (site, diagnostics) = Site::open(files, &Request::default(), memo);
    let said = diagnostics.iter().filter(|d| d.code.starts_with("other-") || d.code.starts_with("broken-"));
    let said = said.map(|d| format!("{} {}: {}", d.code, d.place.as_ref().map_or(0, |place| place.line), d.message));
    (site.unwrap(), said.collect())
}

#[test]
fn a_page_shows_the_duration_of_its_file_where_none_is_declared() {
    let files = site("title: One");
    let (site, said) = open(&files, Memo::default());
    assert!(said.is_empty(), "{said:?}");
    assert!(files.page(&site, "/a/1/").unwrap().contains("0:11"));
}

#[test]
fn what_the_file_contradicts_is_said_at_its_line() {
    let (_, said) = open(&site("title: One\naudio_length: 12\nduration: 1:02:03"), Memo::default());
    let expected =
        ["other-length 3: `1.mp3` has 83761 bytes, not 12", "other-duration 4: `1.mp3` lasts 0:11, not 1:02:03"];
    assert_eq!(said, expected);
    let (_, said) = open(&site("title: One\naudio_length: 83761\nduration: 12"), Memo::default());
    assert!(said.is_empty(), "{said:?}");
    let (_, said) = open(&site("title: One\naudio_length: 12\naudio: https://example.org/1.mp3"), Memo::default());
    assert!(said.is_empty(), "a file elsewhere is another file: {said:?}");
}

#[test]
fn a_file_is_read_again_when_its_stamp_is_another() {
    let mut files = site("title: One\nduration: 12");
    let mut left = Remembered::default();
    let mut build = |files: &Files| {
        let (site, said) = open(files, left.memo());
        left.renew(&site);
        (files.take_media_read(), said.len(), site.n_parsed())
    };
    assert_eq!(build(&files), (1, 0, 1));
    assert_eq!(build(&files), (0, 0, 0));
    files.put("content/a/1.mp3", MP3);
    files.wait();
    assert_eq!(build(&files), (1, 0, 0), "the same bytes say the same");
    assert_eq!(build(&files), (0, 0, 0));
    files.put("content/a/1.mp3", LONGER);
    files.wait();
    assert_eq!(build(&files), (1, 1, 1));
    files.put("content/a/1.md", files.text("content/a/1.md").replace("12", "76"));
    files.wait();
    assert_eq!(build(&files), (0, 0, 1));
}

#[test]
fn a_preview_follows_a_file() {
    let mut files = site("title: One");
    let (before, _) = open(&files, Memo::default());
    files.put("content/a/1.mp3", LONGER);
    files.wait();
    let changed = [podleaf::path::SitePath::new("content/a/1.mp3").unwrap()];
    let Some(Edited::Other(after)) = before.edited(&files, &Request::default(), &changed) else {
        panic!("the page is another one")
    };
    assert_eq!(files.page(&after, "/a/1/"), files.page(&open(&files, Memo::default()).0, "/a/1/"));
    assert_ne!(files.page(&after, "/a/1/"), files.page(&before, "/a/1/"));
}
