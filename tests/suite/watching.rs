//! What the preview does about single kinds of change. `convergence` has them all, in any order.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::command::{podleaf, spread};
use crate::preview::{Server, TWO, check_like_a_build};
use crate::tree::put;

fn said(words: &str) -> String {
    format!("**Ann Lee:** {words}\n\n**Bo Dahl:** Yes.\n")
}

/// The generation that a page is of.
fn generation(server: &Server) -> u64 {
    let page = server.get(&server.base).text();
    let (_, rest) = page.split_once(" data-generation=\"").unwrap();
    rest.split('"').next().unwrap().parse().unwrap()
}

/// Long enough for events, and for the look that the server takes where there are none.
fn wait_idle() {
    std::thread::sleep(Duration::from_millis(if std::env::var_os("PODLEAF_LONG").is_some() { 10_000 } else { 2500 }));
}

/// What a process has of a thing that `/proc/PID/status` names, in KiB.
fn resident(server: &Server) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", server.child.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().split(' ').next().unwrap().parse().unwrap()
}

fn open_files(server: &Server) -> usize {
    fs::read_dir(format!("/proc/{}/fd", server.child.id())).unwrap().count()
}

#[test]
fn g95_a_file_that_is_only_touched_is_no_change() {
    let site = spread(TWO);
    let server = Server::start(site.path(), &[]);
    let mut listener = server.listen("/ferry/001-bells/");
    let first = listener.next()["generation"].clone();
    let file = site.path().join("content/ferry/001-bells.md");
    fs::File::open(&file).unwrap().set_modified(std::time::SystemTime::now()).unwrap();
    let text = fs::read(&file).unwrap();
    fs::write(&file, text).unwrap();
    wait_idle();
    assert_eq!(generation(&server).to_string(), first);
    assert!(!server.said().contains("change"), "{}", server.said());
    fs::write(&file, said("Touched.")).unwrap();
    assert_eq!(listener.next()["reload"], true);
}

#[test]
fn g101_a_storm_of_files_is_a_few_readings() {
    let site = spread(TWO);
    let server = Server::start(site.path(), &[]);
    let before = generation(&server);
    for n in 0..1000 {
        put(site.path(), &format!("content/ferry/{n:04}-storm.md"), &said(&format!("Number {n}.")));
    }
    server.until("/ferry/0999-storm/", "the last file is there", |answer| answer.status == 200);
    wait_idle();
    let n_readings = generation(&server) - before;
    assert!(n_readings <= 10, "{n_readings}");
    check_like_a_build(site.path(), &server);
}

/// A name space of our own has a limit of its own, which nobody else notices.
#[test]
fn g103_where_the_system_watches_no_more_folders_files_are_looked_at() {
    let site = spread(TWO);
    let script = "echo 2 > /proc/sys/user/max_inotify_watches && exec \"$@\"";
    let space = ["-U", "-r", "sh", "-c", script, "sh"];
    let can = Command::new("unshare").args(space).arg("true").stderr(Stdio::null()).status();
    let server = if can.is_ok_and(|status| status.success()) {
        let mut command = Command::new("unshare");
        command.args(space).arg(env!("CARGO_BIN_EXE_podleaf"));
        let server = Server::start_as(command, site.path(), &[]);
        server.until_said("sysctl fs.inotify.max_user_watches");
        server
    } else {
        // The system does not let us: the words are tested beside the code, and what follows here by asking for it.
        Server::start(site.path(), &["--poll=500"])
    };
    put(site.path(), "content/ferry/001-bells.md", &said("Looked at."));
    server.until("/ferry/001-bells/", "a change is seen", |answer| answer.text().contains("Looked at."));
}

#[test]
fn g104_links_to_folders_of_the_site_are_followed() {
    let outer = crate::tree::folder();
    let (root, link) = (outer.path().join("site"), outer.path().join("link"));
    put(&root, "podleaf.toml", "title = 'T'\n");
    put(&root, "texts/ferry/001-bells.md", &said("First."));
    std::os::unix::fs::symlink("texts", root.join("content")).unwrap();
    std::os::unix::fs::symlink(&root, &link).unwrap();
    let server = Server::start(&link, &[]);
    for words in ["Second.", "Third."] {
        put(&root, "texts/ferry/001-bells.md", &said(words));
        server.until("/ferry/001-bells/", "an edit is seen", |answer| answer.text().contains(words));
    }
    put(&root, "texts/pier/002-gulls.md", &said("New."));
    server.until("/pier/002-gulls/", "a new folder is seen", |answer| answer.status == 200);
    check_like_a_build(&root, &server);
}

#[test]
fn g106_edits_while_a_build_runs_are_seen_by_both() {
    let site = spread(TWO);
    let server = Server::start(site.path(), &[]);
    for n in 0..300 {
        put(site.path(), &format!("content/pier/{n:03}-many.md"), &said(&format!("Number {n}.")));
    }
    let root = site.path().to_owned();
    let build = std::thread::spawn(move || podleaf(&root, &["build", "-q"]).code);
    for n in 0..30 {
        put(site.path(), "content/ferry/001-bells.md", &said(&format!("Edit {n}.")));
        std::thread::sleep(Duration::from_millis(7));
    }
    // It saw one state, or says that the files changed.
    let code = build.join().unwrap();
    assert!(matches!(code, 0 | 1 | 3), "{code}");
    server.until("/ferry/001-bells/", "the last edit is seen", |answer| answer.text().contains("Edit 29."));
    server.until("/pier/299-many/", "the last file is seen", |answer| answer.status == 200);
    wait_idle();
    check_like_a_build(site.path(), &server);
}

#[test]
fn g107_many_saves_take_no_more_memory_and_files_than_a_few() {
    let site = spread(TWO);
    for n in 0..50 {
        put(site.path(), &format!("content/pier/{n:03}-many.md"), &said(&format!("Number {n}.")));
    }
    let server = Server::start(site.path(), &[]);
    let mut listener = server.listen("/");
    listener.next();
    let mut first = (0, 0);
    for n in 0..500 {
        put(site.path(), "content/ferry/001-bells.md", &said(&format!("Save {n}.")));
        let is_there = |answer: &crate::preview::Answer| answer.text().contains(&format!("Save {n}."));
        server.until("/ferry/001-bells/", "a save is seen", is_there);
        if n == 20 {
            first = (resident(&server), open_files(&server));
        }
    }
    let last = (resident(&server), open_files(&server));
    assert!(last.0 * 10 <= first.0 * 12 && last.1 <= first.1 + 4, "{first:?} {last:?}");
}

#[test]
fn g108_what_we_write_ourselves_is_no_change() {
    let site = spread(&TWO.replace("content/", ""));
    let mut server = Server::start(site.path(), &[]);
    assert_eq!(podleaf(site.path(), &["build", "-q"]).code, 0);
    // The lock is a source, and new.
    wait_idle();
    let before = generation(&server);
    put(site.path(), "ferry/.001-bells.md.swp", "x");
    put(site.path(), "ferry/001-bells.md~", "x");
    put(site.path(), ".podleaf/own", "x");
    assert_eq!(podleaf(site.path(), &["build", "-q"]).code, 0);
    wait_idle();
    assert_eq!(generation(&server), before, "{}", server.said());
    server.check_alive();
}

#[test]
fn g98_settings_are_followed() {
    let site = spread(TWO);
    let server = Server::start(site.path(), &[]);
    for (name, title) in [("podleaf.toml", "Day Shift"), ("content/ferry/show.toml", "The Ferry")] {
        put(site.path(), name, &format!("title = '{title}'\n"));
        server.until("/", "settings are seen", |answer| answer.text().contains(title));
    }
    fs::remove_file(Path::new(site.path()).join("podleaf.toml")).unwrap();
    server.until("/", "no settings are seen", |answer| !answer.text().contains("Day Shift"));
}
