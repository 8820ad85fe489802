//! The preview follows the files, and tells browsers.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::command::{podleaf, spread};
use crate::preview::{Server, TWO, check_like_a_build, sample};
use crate::tree::put;

#[test]
fn every_route_is_what_a_build_writes() {
    let site = sample();
    let server = Server::start(site.path(), &[]);
    let n_files = check_like_a_build(site.path(), &server);
    assert!(n_files > 30, "{n_files}");
    assert!(server.said().contains(" pages and files in "), "{}", server.said());
    assert!(!site.path().join("public").exists(), "serving writes no site");
}

#[test]
fn a_site_below_a_path_is_served_there() {
    let site = spread(&TWO.replace("editor", "base_url = 'https://example.org/my%20archive/'\neditor"));
    let server = Server::start(site.path(), &[]);
    assert_eq!(server.base, "/my%20archive/");
    check_like_a_build(site.path(), &server);
    assert!(server.get("/my%20archive/").text().contains(&format!("href=\"{}\"", server.address())), "canonical");
    for (path, place) in [
        ("/", "/my%20archive/"),
        ("/my%20archive", "/my%20archive/"),
        ("/my%20archive/ferry?a=%22", "/my%20archive/ferry/?a=%22"),
    ] {
        let answer = server.get(path);
        assert_eq!((answer.status, answer.header("location")), (307, place), "{path}");
    }
    assert_eq!(server.get("/ferry/").status, 404);
}

#[test]
fn pages_follow_the_files() {
    let site = spread(TWO);
    let server = Server::start(site.path(), &[]);
    let page = "/ferry/001-bells/";
    let (mut here, mut there) = (server.listen(page), server.listen("/ferry/002-gulls/"));
    assert_eq!((&here.next()["reload"], &there.next()["reload"]), (&Value::Bool(false), &Value::Bool(false)));

    let file = site.path().join("content/ferry/001-bells.md");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("The tide", "The moon")).unwrap();
    server.until(page, "an edit is shown", |answer| answer.text().contains("The moon"));
    here.until(|state| state["reload"] == true);
    assert_eq!(there.next()["reload"], false, "a page that shows nothing of it stays");
    server.until_said("content/ferry/001-bells.md: 1 episode read");
    check_like_a_build(site.path(), &server);

    put(site.path(), "content/new/003-eels/index.md", "**Ann Lee:** Eels?\n\n**Bo Dahl:** Eels.\n");
    server.until("/", "a new folder is seen", |answer| answer.text().contains("eels"));
    check_like_a_build(site.path(), &server);

    // As editors do: a new file beside it, then the name.
    let other = site.path().join("content/ferry/.001-bells.md.swp");
    fs::write(&other, text.replace("The tide", "The wind")).unwrap();
    fs::rename(&other, &file).unwrap();
    server.until(page, "a rename is shown", |answer| answer.text().contains("The wind"));

    fs::rename(site.path().join("content/new"), site.path().join("content/old")).unwrap();
    fs::write(site.path().join("content/old/003-eels/index.md"), "**Ann Lee:** Otters?\n\n**Bo Dahl:** Otters.\n")
        .unwrap();
    server.until("/", "a moved folder is seen", |answer| !answer.text().contains("new/"));
    fs::remove_file(&file).unwrap();
    server.until(page, "what is removed is gone", |answer| answer.status == 404);
    put(site.path(), "templates/not_found.html", "<p>Nobody here.</body>");
    let gone = server.until(page, "a template is seen", |answer| answer.text().contains("Nobody here"));
    assert_eq!((gone.status, gone.as_built().as_slice()), (404, &b"<p>Nobody here.</body>"[..]));
    put(site.path(), "static/note.txt", "one");
    server.until("/note.txt", "a static file is seen", |answer| answer.text() == "one");
    put(site.path(), "static/note.txt", "two");
    server.until("/note.txt", "a static file is seen", |answer| answer.text() == "two");
    put(site.path(), "podleaf.toml", "title = 'Day Shift'\n");
    server.until("/", "settings are seen", |answer| answer.text().contains("Day Shift"));
    check_like_a_build(site.path(), &server);
}

#[test]
fn a_moved_folder_is_followed() {
    let site = spread(TWO);
    let server = Server::start(site.path(), &[]);
    for (round, name) in ["harbour", "ferry", "harbour", "pier"].into_iter().enumerate() {
        let old = fs::read_dir(site.path().join("content")).unwrap().next().unwrap().unwrap().path();
        let new = site.path().join("content").join(name);
        if old != new {
            fs::rename(&old, &new).unwrap();
        }
        server.until(&format!("/{name}/"), "the folder is there", |answer| answer.status == 200);
        let words = format!("Round {round}.");
        fs::write(new.join("001-bells.md"), format!("**Ann Lee:** {words}\n\n**Ann Lee:** Yes.\n")).unwrap();
        server.until(&format!("/{name}/001-bells/"), "the edit is there", |answer| answer.text().contains(&words));
    }
    let (away, root) = (site.path().with_extension("away"), site.path().to_owned());
    fs::rename(&root, &away).unwrap();
    server.until_said("no-folder");
    fs::create_dir(&root).unwrap();
    for (name, text) in
        [("content/a/b.md", "**Ann Lee:** Back.\n\n**Ann Lee:** Yes.\n"), ("podleaf.toml", "title = 'T'\n")]
    {
        put(&root, name, text);
    }
    server.until("/a/b/", "the folder came back", |answer| answer.text().contains("Back."));
    put(&root, "content/a/b.md", "**Ann Lee:** Again.\n\n**Ann Lee:** Yes.\n");
    server.until("/a/b/", "and is watched", |answer| answer.text().contains("Again."));
    fs::remove_dir_all(&away).unwrap();
}

#[test]
fn files_are_looked_at_where_there_are_no_events() {
    let site = spread(TWO);
    let server = Server::start(site.path(), &["--poll=20"]);
    put(site.path(), "content/ferry/001-bells.md", "**Ann Lee:** Polled.\n\n**Ann Lee:** Yes.\n");
    server.until("/ferry/001-bells/", "a change is seen", |answer| answer.text().contains("Polled."));
    fs::remove_file(site.path().join("content/ferry/001-bells.md")).unwrap();
    server.until("/ferry/001-bells/", "a removal is seen", |answer| answer.status == 404);
}

#[test]
fn a_broken_file_leaves_the_last_good_page() {
    let site = spread(TWO);
    let mut server = Server::start(site.path(), &[]);
    let page = "/ferry/001-bells/";
    let good = server.get(page).as_built();
    let mut listener = server.listen(page);
    assert_eq!(listener.next()["n_errors"], 0);
    let file = site.path().join("content/ferry/001-bells.md");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("+++\ntitle = 'x'\ndate = '<script>'\n+++\n{text}")).unwrap();
    let state = listener.until(|state| state["n_errors"] != 0);
    assert_eq!((&state["reload"], &state["n_errors"]), (&Value::Bool(false), &Value::from(1)));
    let error = &state["errors"][0];
    assert_eq!(error["place"], "content/ferry/001-bells.md:3:8");
    assert_eq!(error["source"], "date = '<script>'");
    let real = fs::canonicalize(&file).unwrap();
    assert_eq!(error["editor"], format!("vscode://file{}:3", real.display()));
    let answer = server.get(page);
    assert_eq!((answer.status, answer.as_built() == good), (200, true), "the page is as it was");
    assert_eq!(server.get("/").status, 200);
    fs::write(&file, text.replace("The tide", "The moon")).unwrap();
    let state = listener.until(|state| state["n_errors"] == 0);
    assert_eq!(state["reload"], true);
    assert!(server.get(page).text().contains("The moon"));
    server.until_said("no errors are left");
    check_like_a_build(site.path(), &server);
    server.check_alive();
}

#[test]
fn serving_begins_even_with_errors() {
    let site = spread(&format!("{TWO}-- templates/home.html --\n{{% if %}}\n"));
    let mut server = Server::start(site.path(), &[]);
    let answer = server.get("/");
    assert_eq!(answer.status, 500);
    assert!(answer.text().contains("templates/home.html:1:"), "{}", answer.text());
    let mut listener = server.listen("/");
    assert_eq!(listener.next()["reload"], false);
    put(site.path(), "templates/home.html", "{{ no_such_thing }}");
    listener.until(|state| state["reload"] == true);
    let answer = server.until("/", "a fault while a page is made", |answer| answer.text().contains("no_such_thing"));
    assert_eq!(answer.status, 500);
    assert_eq!(server.get("/ferry/").status, 200, "other pages are made");
    put(site.path(), "templates/home.html", "<p>Mended.");
    server.until("/", "a mended template", |answer| answer.status == 200);
    let mut listener = server.listen("/");
    assert_eq!(listener.next()["n_errors"], 0);
    put(site.path(), "templates/home.html", "{{ no_such_thing }}");
    let state = listener.until(|state| state["n_errors"] != 0);
    assert_eq!(
        (&state["reload"], &state["errors"][0]["place"]),
        (&Value::Bool(false), &"templates/home.html:1:4".into())
    );
    put(site.path(), "templates/home.html", "<p>Mended.");
    assert_eq!(listener.until(|state| state["n_errors"] == 0)["reload"], false);
    server.check_alive();
}

#[test]
fn a_style_is_exchanged_without_a_reload() {
    let site = spread(TWO);
    let server = Server::start(site.path(), &[]);
    let mut listener = server.listen("/ferry/001-bells/");
    listener.next();
    put(site.path(), "static/css/zz-own.css", "p { color: red }\n");
    let state = listener.until(|state| !state["styles"].is_null());
    assert_eq!(state["reload"], false);
    let to = state["styles"]["to"].as_str().unwrap();
    assert!(server.get("/").text().contains(to.trim_start_matches('/')));
    assert!(server.get(&format!("{to}style.css")).text().ends_with("p { color: red }\n\n"));
    put(site.path(), "static/own.css", "a {}\n");
    listener.until(|state| state["files"] == serde_json::json!(["/own.css"]));
}

#[test]
fn a_taken_port_is_an_error_only_if_it_was_asked_for() {
    let site = spread(TWO);
    let server = Server::start(site.path(), &[]);
    let port = server.port.to_string();
    let taken = podleaf(site.path(), &["serve", "--no-open", "--port", &port]);
    assert_eq!(taken.code, 3, "{}", taken.said);
    assert!(taken.said.contains(&format!("cannot listen on port {port}")), "{}", taken.said);
    let nowhere = podleaf(site.path(), &["serve", "--no-open", "--port", "0", "--interface", "192.0.2.1"]);
    assert_eq!(nowhere.code, 3, "{}", nowhere.said);
    assert_eq!(podleaf(site.path(), &["serve", "no-such-folder"]).code, 1);
    assert_eq!(podleaf(site.path(), &["serve", "--port", "x"]).code, 2);
    // Without a port that is asked for, whatever is free.
    let mut both = Vec::new();
    for verb in ["serve", "dev", "preview"] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_podleaf"))
            .args([verb, "--no-open"])
            .current_dir(site.path())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let line = lines.map_while(Result::ok).find(|line| line.starts_with("  open   "));
        both.push((child, line));
    }
    let addresses: std::collections::BTreeSet<_> = both.iter().map(|(_, line)| line.clone().unwrap()).collect();
    for (child, _) in &mut both {
        child.kill().unwrap();
        child.wait().unwrap();
    }
    assert_eq!(addresses.len(), 3, "{addresses:?}");
}

#[test]
fn it_ends_at_once_also_with_a_browser() {
    let site = spread(TWO);
    for signal in [rustix::process::Signal::INT, rustix::process::Signal::TERM] {
        let mut server = Server::start(site.path(), &[]);
        let mut listener = server.listen("/");
        listener.next();
        let _idle = server.connect();
        server.signal(signal);
        let started = Instant::now();
        let status = loop {
            if let Some(status) = server.child.try_wait().unwrap() {
                break status;
            }
            assert!(started.elapsed() < Duration::from_secs(10), "{signal:?}");
            std::thread::sleep(Duration::from_millis(5));
        };
        assert_eq!(status.code(), Some(0), "{signal:?}");
    }
    let left: Vec<PathBuf> = fs::read_dir(site.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(left.len(), 3, "the site and what is remembered: {left:?}");
}

#[test]
fn a_turn_leads_to_its_line() {
    let site = spread(TWO);
    let text = "+++\ntitle = 'Bells'\nmistake = 1\n+++\n\n**Ann Lee:** Who rings it?\n\n**Bo Dahl:** The tide.\n\n\
                **Bo Dahl: And** the moon.\n\n**Ann Lee:** And at night?\n";
    put(site.path(), "content/ferry/001-bells.md", text);
    let server = Server::start(site.path(), &[]);
    let map = |page: &str| -> Value {
        let answer = server.get(&format!("/.podleaf/source?path={}", crate::preview::encoded(page)));
        assert_eq!((answer.status, answer.header("content-type")), (200, "application/json; charset=utf-8"));
        serde_json::from_slice(&answer.body).unwrap()
    };
    let page = server.get("/ferry/001-bells/").text();
    let ids: Vec<&str> =
        page.split("<article class=\"turn\" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    let found = map("/ferry/001-bells/");
    let lines: Vec<&Value> = ids.iter().map(|id| &found["turns"][id]).collect();
    assert_eq!(lines, [6, 8, 10, 12]);
    assert_eq!(found["path"], "content/ferry/001-bells.md");
    let real = fs::canonicalize(site.path()).unwrap();
    assert_eq!(found["editor"], format!("vscode://file{}/content/ferry/001-bells.md:{{line}}", real.display()));
    let findings: Vec<(&Value, &Value)> =
        found["findings"].as_array().unwrap().iter().map(|one| (&one["place"], &one["turn"])).collect();
    let at = |place: &str| findings.iter().find(|(found, _)| found.as_str().unwrap().starts_with(place)).unwrap().1;
    assert_eq!(*at("content/ferry/001-bells.md:3:"), Value::Null);
    assert_eq!(*at("content/ferry/001-bells.md:10:"), ids[2]);
    assert!(!page.contains("001-bells.md:10"), "the page itself says nothing of lines");
    for page in ["/", "/missing/", "", "/ferry/"] {
        assert_eq!(map(page)["turns"], serde_json::json!({}), "{page}");
    }
    let foreign = server.send("GET", "/.podleaf/source?path=/", &[("Sec-Fetch-Site", "cross-site")]);
    assert_eq!(foreign.status, 403);
}

#[test]
fn a_turn_of_captions_leads_to_the_line_of_its_words() {
    let site = spread(TWO);
    let captions = "WEBVTT\n\nNOTE by hand\n\n00:01.000 --> 00:02.000\n<v Ann Lee>Who rings it?\n\n\
                    00:02.000 --> 00:03.000\nAnd why?\n\n00:03.000 --> 00:04.000\n<v Bo Dahl>The tide.\n";
    put(site.path(), "content/ferry/009-tide.vtt", captions);
    let server = Server::start(site.path(), &[]);
    let found: Value =
        serde_json::from_slice(&server.get("/.podleaf/source?path=/ferry/009-tide/").body).expect("a source map");
    assert_eq!(found["path"], "content/ferry/009-tide.vtt");
    let mut lines: Vec<u64> = found["turns"].as_object().unwrap().values().map(|line| line.as_u64().unwrap()).collect();
    lines.sort_unstable();
    assert_eq!(lines, [6, 12]);
}
