//! Listing and reading a site's files: reliability matrix B and D.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;

use podleaf::diagnostic::{Diagnostic, Diagnostics, Fault, Severity};
use podleaf::disk::Disk;
use podleaf::path::SitePath;
use podleaf::source::World;
use rustix::fs::{CWD, FileType, Mode};

use crate::tree::{again_as_nobody, folder, given_folder, put};

fn open(root: &Path) -> (Disk, Diagnostics) {
    Disk::open(root, &root.join("public")).unwrap()
}

fn names(disk: &Disk) -> Vec<&str> {
    disk.files().iter().map(|entry| entry.path.as_str()).collect()
}

fn read(disk: &Disk, path: &str) -> Result<String, String> {
    let bytes = disk.read(&SitePath::new(path).unwrap()).map_err(|fault| fault.reason)?;
    Ok(String::from_utf8(bytes).unwrap())
}

#[track_caller]
fn only(diagnostics: &Diagnostics) -> &Diagnostic {
    let all: Vec<_> = diagnostics.iter().collect();
    assert_eq!(all.len(), 1, "{all:#?}");
    all[0]
}

#[track_caller]
fn check_found(diagnostics: &Diagnostics, severity: Severity, code: &str, part: &str) {
    let found = diagnostics.iter().any(|d| d.severity == severity && d.code == code && d.message.contains(part));
    assert!(found, "no {code} with {part:?} in {diagnostics:#?}");
}

fn pipe(path: &Path) {
    rustix::fs::mknodat(CWD, path, FileType::Fifo, Mode::from_raw_mode(0o644), 0).unwrap();
}

#[test]
fn a_site_with_a_content_folder() {
    let temp = folder();
    for file in [
        "content/b.md",
        "content/a/1.txt",
        "content/people.toml",
        "templates/x.html",
        "static/s.css",
        "static/.well-known/security.txt",
        "podleaf.toml",
        "glossary.toml",
        "Cargo.toml",
        "notes/x.md",
        "public/index.html",
    ] {
        put(temp.path(), file, file);
    }
    let (disk, diagnostics) = open(temp.path());
    assert_eq!(disk.content_root(), "content");
    let expected = [
        "content/a/1.txt",
        "content/b.md",
        "content/people.toml",
        "glossary.toml",
        "podleaf.toml",
        "static/.well-known/security.txt",
        "static/s.css",
        "templates/x.html",
    ];
    assert_eq!(names(&disk), expected);
    assert!(diagnostics.is_empty(), "{diagnostics:#?}");
    assert_eq!(read(&disk, "content/a/1.txt").unwrap(), "content/a/1.txt");
    assert_eq!(read(&disk, "Cargo.toml").unwrap_err(), "it is not a file of the site");
}

#[test]
fn a_bare_folder_is_a_site() {
    let temp = folder();
    for file in ["a.txt", "show/b.md", "templates/x.html", "static/README.md", "public/index.html", "people.toml"] {
        put(temp.path(), file, "");
    }
    let (disk, _) = open(temp.path());
    assert_eq!(disk.content_root(), "");
    assert_eq!(names(&disk), ["a.txt", "people.toml", "show/b.md", "static/README.md", "templates/x.html"]);
    assert_eq!(read(&disk, "a.txt").unwrap(), "");
}

#[test]
fn what_is_no_content_is_skipped() {
    let temp = folder();
    for file in [
        ".git/config",
        ".env",
        "node_modules/a/b.md",
        "target/CACHEDIR.TAG",
        "target/x.md",
        "old-site/.podleaf-manifest.json",
        "old-site/index.html",
        "README.md",
        "LICENSE-MIT",
        "CONTRIBUTING.md",
        ".a.md.swp",
        "4913",
        "a.md~",
        ".#a.md",
        "#a.md#",
        ".DS_Store",
        "Thumbs.db",
        "static/.DS_Store",
        "static/.well-known/.hidden",
    ] {
        put(temp.path(), file, "");
    }
    put(temp.path(), "a/target/b.md", "");
    let (disk, diagnostics) = open(temp.path());
    assert_eq!(names(&disk), ["a/target/b.md"]);
    assert!(diagnostics.is_empty(), "{diagnostics:#?}");
}

#[test]
fn a_root_that_is_no_folder_is_an_error() {
    let temp = folder();
    let file = put(temp.path(), "a.md", "");
    for root in [temp.path().join("none"), file] {
        let diagnostics = Disk::open(&root, &root.join("public")).unwrap_err();
        assert_eq!((only(&diagnostics).code, diagnostics.exit_code()), ("no-folder", 1));
        assert!(!only(&diagnostics).help.is_empty());
    }
    put(temp.path(), ".podleaf-manifest.json", "");
    let diagnostics = Disk::open(temp.path(), &temp.path().join("public")).unwrap_err();
    assert_eq!(only(&diagnostics).code, "output-folder");
}

#[test]
fn b30_names_equal_but_for_case_are_an_error() {
    let temp = folder();
    put(temp.path(), "show/Episode.md", "");
    put(temp.path(), "show/episode.md", "");
    put(temp.path(), "other/episode.md", "");
    let (disk, diagnostics) = open(temp.path());
    assert_eq!(disk.files().len(), 3);
    assert_eq!(only(&diagnostics).code, "same-name");
    assert!(only(&diagnostics).message.contains("`show/Episode.md` and `show/episode.md`"));
    assert_eq!(diagnostics.exit_code(), 1);
}

#[test]
fn b31_composed_and_decomposed_twins_are_an_error() {
    let temp = folder();
    put(temp.path(), "caf\u{e9}.md", "");
    put(temp.path(), "cafe\u{301}.md", "");
    let (_, diagnostics) = open(temp.path());
    assert_eq!(only(&diagnostics).code, "same-name");
}

#[test]
fn b33_long_names_and_deep_folders_are_listed_and_read() {
    let temp = folder();
    let long = "x".repeat(252) + ".md";
    put(temp.path(), &long, "long");
    let deep = "d/".repeat(200) + "a.md";
    put(temp.path(), &deep, "deep");
    let (disk, diagnostics) = open(temp.path());
    assert_eq!(read(&disk, &long).unwrap(), "long");
    assert_eq!(read(&disk, &deep).unwrap(), "deep");
    assert!(diagnostics.is_empty());
}

#[test]
fn b33_paths_too_long_for_the_system_are_an_error_and_the_rest_is_listed() {
    let temp = folder();
    put(temp.path(), "a.md", "");
    let name = "y".repeat(250);
    let mut at = rustix::fs::open(temp.path(), rustix::fs::OFlags::DIRECTORY, Mode::empty()).unwrap();
    for _ in 0..20 {
        rustix::fs::mkdirat(&at, name.as_str(), Mode::from_raw_mode(0o755)).unwrap();
        at = rustix::fs::openat(&at, name.as_str(), rustix::fs::OFlags::DIRECTORY, Mode::empty()).unwrap();
    }
    let (disk, diagnostics) = open(temp.path());
    assert_eq!(names(&disk), ["a.md"]);
    assert_eq!(only(&diagnostics).fault, Fault::Machine);
    assert!(only(&diagnostics).message.ends_with("the name is too long"), "{diagnostics:#?}");
}

#[test]
fn b34_control_characters_in_names_are_printed_escaped() {
    let temp = folder();
    put(temp.path(), "a\u{1b}[31m\n.md", "");
    put(temp.path(), "static/b\tc.css", "");
    let (disk, diagnostics) = open(temp.path());
    assert!(disk.files().is_empty());
    check_found(&diagnostics, Severity::Error, "bad-name", r"`a\u{1b}[31m\n.md` has a control character");
    check_found(&diagnostics, Severity::Error, "bad-name", r"`static/b\tc.css`");
    assert!(diagnostics.iter().all(|d| !d.message.contains(char::is_control)));
}

#[test]
fn b35_a_name_that_is_not_utf8_is_an_error_that_names_it() {
    let temp = folder();
    fs::write(temp.path().join(OsStr::from_bytes(b"ep\xff1.md")), "").unwrap();
    fs::create_dir(temp.path().join(OsStr::from_bytes(b"show\xfe"))).unwrap();
    fs::write(temp.path().join(OsStr::from_bytes(b"show\xfe/a.md")), "").unwrap();
    let (disk, diagnostics) = open(temp.path());
    assert!(disk.files().is_empty());
    assert_eq!(diagnostics.count(Severity::Error), 2);
    check_found(&diagnostics, Severity::Error, "bad-name", r"`ep\u{fffd}1.md` is not UTF-8");
}

#[test]
fn b37_names_reserved_on_windows_are_a_warning() {
    let temp = folder();
    for name in ["CON", "aux.md", "dot.", "space ", "fine.md"] {
        put(temp.path(), name, "");
    }
    let (disk, diagnostics) = open(temp.path());
    assert_eq!(disk.files().len(), 5);
    assert_eq!((diagnostics.count(Severity::Warning), diagnostics.exit_code()), (4, 0));
    check_found(&diagnostics, Severity::Warning, "reserved-name", "`aux.md` is a device on Windows");
}

#[test]
fn d51_d52_d53_links_that_lead_nowhere_are_skipped() {
    let temp = folder();
    put(temp.path(), "show/a.md", "");
    symlink("self", temp.path().join("self")).unwrap();
    symlink("..", temp.path().join("show/loop")).unwrap();
    symlink("missing.md", temp.path().join("broken.md")).unwrap();
    let (disk, diagnostics) = open(temp.path());
    assert_eq!(names(&disk), ["show/a.md"]);
    check_found(&diagnostics, Severity::Warning, "link-skipped", "`self` points to itself");
    check_found(&diagnostics, Severity::Warning, "link-skipped", "`show/loop` points to a folder");
    check_found(&diagnostics, Severity::Warning, "link-skipped", "`broken.md` points to nothing");
    assert_eq!(diagnostics.exit_code(), 0);
}

#[test]
fn d54_a_link_out_of_the_site_is_skipped() {
    let temp = folder();
    let root = temp.path().join("site");
    put(&root, "a.md", "");
    let secret = put(temp.path(), "secret.md", "secret");
    symlink(&secret, root.join("b.md")).unwrap();
    symlink("/etc/passwd", root.join("c.md")).unwrap();
    symlink("..", root.join("static")).unwrap();
    let (disk, diagnostics) = open(&root);
    assert_eq!(names(&disk), ["a.md"]);
    check_found(&diagnostics, Severity::Warning, "link-skipped", "`b.md` points outside of the site");
    check_found(&diagnostics, Severity::Warning, "link-skipped", "`c.md` points outside of the site");
    check_found(&diagnostics, Severity::Warning, "link-skipped", "`static` is a link to a folder outside of the site");
}

#[test]
fn d54_a_file_that_becomes_a_link_out_of_the_site_is_not_read() {
    let temp = folder();
    let root = temp.path().join("site");
    put(&root, "a.md", "");
    put(&root, "show/b.md", "");
    put(temp.path(), "outside/b.md", "secret");
    let (disk, _) = open(&root);
    fs::remove_file(root.join("a.md")).unwrap();
    symlink("/etc/passwd", root.join("a.md")).unwrap();
    fs::remove_dir_all(root.join("show")).unwrap();
    symlink("../outside", root.join("show")).unwrap();
    assert_eq!(read(&disk, "a.md").unwrap_err(), "it lies outside of the site");
    assert_eq!(read(&disk, "show/b.md").unwrap_err(), "it lies outside of the site");
}

#[test]
fn links_to_files_of_the_site_are_those_files() {
    let temp = folder();
    let media = put(temp.path(), "media/.objects/1.mp3", "sound");
    symlink("media/.objects/1.mp3", temp.path().join("relative.mp3")).unwrap();
    symlink(media.canonicalize().unwrap(), temp.path().join("absolute.mp3")).unwrap();
    let (disk, diagnostics) = open(temp.path());
    assert_eq!(names(&disk), ["absolute.mp3", "relative.mp3"]);
    assert!(diagnostics.is_empty(), "{diagnostics:#?}");
    assert!(disk.files().iter().all(|entry| entry.stamp.size == 5));
    assert_eq!(read(&disk, "relative.mp3").unwrap(), "sound");
    assert_eq!(read(&disk, "absolute.mp3").unwrap(), "sound");
}

#[test]
fn the_content_folder_may_be_a_link_within_the_site_only() {
    let temp = folder();
    let root = temp.path().join("site");
    put(&root, "texts/a.md", "text");
    symlink("texts", root.join("content")).unwrap();
    let (disk, _) = open(&root);
    assert_eq!(names(&disk), ["content/a.md"]);
    assert_eq!(read(&disk, "content/a.md").unwrap(), "text");

    fs::remove_file(root.join("content")).unwrap();
    symlink("..", root.join("content")).unwrap();
    let diagnostics = Disk::open(&root, &root.join("public")).unwrap_err();
    assert_eq!((only(&diagnostics).code, diagnostics.exit_code()), ("link-skipped", 4));
}

#[test]
fn d55_pipes_are_skipped_with_a_warning() {
    let temp = folder();
    put(temp.path(), "content/a.md", "");
    put(temp.path(), "static/a.css", "");
    pipe(&temp.path().join("content/pipe.md"));
    pipe(&temp.path().join("static/pipe.css"));
    pipe(&temp.path().join("podleaf.toml"));
    let (disk, diagnostics) = open(temp.path());
    assert_eq!(names(&disk), ["content/a.md", "static/a.css"]);
    assert_eq!(diagnostics.count(Severity::Warning), 3);
    check_found(&diagnostics, Severity::Warning, "not-a-file", "`content/pipe.md`");
}

#[test]
fn d55_a_file_that_becomes_a_pipe_does_not_hang() {
    let temp = folder();
    let path = put(temp.path(), "a.md", "text");
    let (disk, _) = open(temp.path());
    fs::remove_file(&path).unwrap();
    pipe(&path);
    assert_eq!(read(&disk, "a.md").unwrap_err(), "it is no longer a regular file");
}

#[test]
fn d56_sockets_and_devices_are_skipped() {
    let temp = folder();
    let _socket = UnixListener::bind(temp.path().join("socket.md")).unwrap();
    symlink("/dev/zero", temp.path().join("zero.md")).unwrap();
    let (disk, diagnostics) = open(temp.path());
    assert!(disk.files().is_empty());
    check_found(&diagnostics, Severity::Warning, "not-a-file", "`socket.md`");
    check_found(&diagnostics, Severity::Warning, "link-skipped", "`zero.md`");
}

#[test]
fn d57_an_unreadable_file_or_folder_is_named() {
    if let Some(root) = given_folder() {
        let (disk, diagnostics) = open(&root);
        assert_eq!(names(&disk), ["closed.md", "open.md"]);
        assert_eq!(read(&disk, "closed.md").unwrap_err(), "permission denied");
        assert_eq!(only(&diagnostics).message, "cannot read the folder `closed`: permission denied");
        assert_eq!(diagnostics.exit_code(), 3);
        return;
    }
    let temp = folder();
    put(temp.path(), "open.md", "");
    for closed in [put(temp.path(), "closed.md", ""), temp.path().join("closed")] {
        _ = fs::create_dir(&closed);
        fs::set_permissions(closed, fs::Permissions::from_mode(0o000)).unwrap();
    }
    again_as_nobody("disk::d57_an_unreadable_file_or_folder_is_named", temp.path());
    fs::set_permissions(temp.path().join("closed"), fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn d59_files_that_change_or_vanish_after_the_listing() {
    let temp = folder();
    for name in ["longer", "shorter", "gone"] {
        put(temp.path(), name, "12345");
    }
    let (disk, _) = open(temp.path());
    put(temp.path(), "longer", &"x".repeat(100_000));
    put(temp.path(), "shorter", "1");
    fs::remove_file(temp.path().join("gone")).unwrap();
    assert_eq!(read(&disk, "longer").unwrap().len(), 100_000);
    assert_eq!(read(&disk, "shorter").unwrap(), "1");
    assert_eq!(read(&disk, "gone").unwrap_err(), "no such file or folder");
}

#[test]
fn a_file_longer_than_the_limit_is_listed_but_not_read_as_text() {
    let temp = folder();
    let file = fs::File::create(temp.path().join("a.mp3")).unwrap();
    file.set_len(podleaf::disk::MAX_READ + 1).unwrap();
    let (disk, _) = open(temp.path());
    assert_eq!(read(&disk, "a.mp3").unwrap_err(), "it is longer than 256 MiB");
    assert!(disk.open_file(&SitePath::new("a.mp3").unwrap()).is_ok());
}
