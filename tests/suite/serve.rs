//! The preview, over real sockets: what it answers, what it refuses, and that it follows the files.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;
use walkdir::WalkDir;

use crate::command::{podleaf, spread};
use crate::tree::{folder, put};

/// How long anything may take; nothing does.
const PATIENCE: Duration = Duration::from_secs(30);

const TWO: &str = "-- podleaf.toml --
title = 'Night Shift'
editor = 'vscode://file/{path}:{line}'
-- content/ferry/001-bells.md --
**Ann Lee:** Who rings it?

**Bo Dahl:** The tide.

**Ann Lee:** And at night?
-- content/ferry/002-gulls.md --
**Ann Lee:** Gulls?

**Bo Dahl:** Gulls.
";

/// A running preview.
struct Server {
    child: Child,
    port: u16,
    base: String,
    said: Arc<Mutex<String>>,
}

impl Server {
    fn start(root: &Path, arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_podleaf"))
            .arg("serve")
            .arg(root)
            .args(["--no-open", "--port", "0"])
            .args(arguments)
            .env("SOURCE_DATE_EPOCH", "1767225600")
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let said = Arc::new(Mutex::new(String::new()));
        let mut first = String::new();
        let address = loop {
            let line = lines.next().unwrap_or_else(|| panic!("no address in {first}")).unwrap();
            first.push_str(&format!("{line}\n"));
            if let Some(rest) = line.strip_prefix("  open   ") {
                break rest.split(' ').next().unwrap().to_owned();
            }
        };
        said.lock().unwrap().push_str(&first);
        let more = Arc::clone(&said);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                more.lock().unwrap().push_str(&format!("{line}\n"));
            }
        });
        let rest = address.strip_prefix("http://127.0.0.1:").unwrap();
        let (port, base) = rest.split_at(rest.find('/').unwrap());
        Self { child, port: port.parse().unwrap(), base: base.to_owned(), said }
    }

    fn address(&self) -> String {
        format!("http://127.0.0.1:{}{}", self.port, self.base)
    }

    fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    /// Waits until the terminal shows these words.
    #[track_caller]
    fn until_said(&self, words: &str) {
        let started = Instant::now();
        while !self.said().contains(words) {
            assert!(started.elapsed() < PATIENCE, "{words}: {}", self.said());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// The answer to these bytes.
    fn raw(&self, request: &[u8]) -> Option<Answer> {
        let mut stream = self.connect();
        // A server that refuses may close before all is sent.
        _ = stream.write_all(request);
        let mut bytes = Vec::new();
        _ = stream.read_to_end(&mut bytes);
        Answer::parse(&bytes)
    }

    fn send(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        let host = format!("127.0.0.1:{}", self.port);
        let mut request = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
        headers.iter().for_each(|(name, value)| request.push_str(&format!("{name}: {value}\r\n")));
        self.raw(format!("{request}\r\n").as_bytes()).unwrap_or_else(|| panic!("no answer to {method} {path}"))
    }

    fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[])
    }

    /// Asks for a page until it is as it should be.
    #[track_caller]
    fn until(&self, path: &str, what: &str, is_right: impl Fn(&Answer) -> bool) -> Answer {
        let started = Instant::now();
        loop {
            let answer = self.get(path);
            if is_right(&answer) {
                return answer;
            }
            assert!(
                started.elapsed() < PATIENCE,
                "{what}: {path}: {} {}\n{}",
                answer.status,
                answer.text(),
                self.said()
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// What the page at a path hears from now on.
    fn listen(&self, path: &str) -> Listener {
        let page = self.get(path).text();
        let attribute = |name: &str| {
            let (_, rest) = page.split_once(&format!(" data-{name}=\"")).unwrap_or(("", "\""));
            encoded(rest.split('"').next().unwrap())
        };
        let names = ["key", "body", "assets", "scripts", "generation"];
        let query: Vec<String> = names.iter().map(|name| format!("{name}={}", attribute(name))).collect();
        let mut stream = self.connect();
        let query = format!("path={}&{}", encoded(path), query.join("&"));
        let host = format!("127.0.0.1:{}", self.port);
        write!(stream, "GET /.podleaf/events?{query} HTTP/1.1\r\nHost: {host}\r\n\r\n").unwrap();
        Listener(BufReader::new(stream).lines())
    }

    fn signal(&self, signal: rustix::process::Signal) {
        let id = rustix::process::Pid::from_raw(self.child.id().try_into().unwrap()).unwrap();
        rustix::process::kill_process(id, signal).unwrap();
    }

    #[track_caller]
    fn check_alive(&mut self) {
        assert_eq!(self.get(&self.base).status, 200);
        assert!(self.child.try_wait().unwrap().is_none(), "{}", self.said());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// What a browser hears.
struct Listener(std::io::Lines<BufReader<TcpStream>>);

impl Listener {
    fn next(&mut self) -> Value {
        let data = self.0.find_map(|line| line.unwrap().strip_prefix("data: ").map(str::to_owned)).unwrap();
        serde_json::from_str(&data).unwrap()
    }

    /// The first state that is as it should be.
    fn until(&mut self, is_right: impl Fn(&Value) -> bool) -> Value {
        loop {
            let state = self.next();
            if is_right(&state) {
                return state;
            }
        }
    }
}

#[derive(Debug)]
struct Answer {
    status: u16,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl Answer {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let (first, rest) = head.split_once("\r\n").unwrap_or((&head, ""));
        let header = |line: &str| {
            let (name, value) = line.split_once(": ").unwrap();
            (name.to_lowercase(), value.to_owned())
        };
        Some(Self {
            status: first.split(' ').nth(1).unwrap().parse().unwrap(),
            headers: rest.split("\r\n").filter(|line| !line.is_empty()).map(header).collect(),
            body: bytes[end + 4..].to_vec(),
        })
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// The body without the one tag that the server adds to pages.
    fn as_built(&self) -> Vec<u8> {
        if !self.header("content-type").starts_with("text/html") {
            return self.body.clone();
        }
        let text = String::from_utf8(self.body.clone()).unwrap();
        let (before, rest) = text.split_once("<script src=\"/.podleaf/reload.js\"").expect("the tag is there");
        let (_, after) = rest.split_once("</script>").unwrap();
        assert!(!after.contains("/.podleaf/"), "one tag");
        format!("{before}{after}").into_bytes()
    }
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// A copy of the sample archive.
fn sample() -> TempDir {
    let root = folder();
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    for name in ["content", "static", "podleaf.toml", "people.toml"] {
        for entry in WalkDir::new(repository.join(name)).into_iter().map(Result::unwrap) {
            let to = root.path().join(entry.path().strip_prefix(repository).unwrap());
            if entry.file_type().is_dir() {
                fs::create_dir_all(to).unwrap();
            } else {
                fs::copy(entry.path(), to).unwrap();
            }
        }
    }
    root
}

/// Builds the site for the address of the server, and compares every file with what is served.
#[track_caller]
fn check_like_a_build(root: &Path, server: &Server) -> usize {
    let out = folder();
    let out_path = out.path().join("out");
    let address = server.address();
    let built = podleaf(root, &["build", "-q", "-o", out_path.to_str().unwrap(), "--base-url", &address]);
    assert_eq!(built.code, 0, "{}", built.said);
    let mut n_files = 0;
    for entry in WalkDir::new(&out_path).into_iter().map(Result::unwrap).filter(|entry| entry.file_type().is_file()) {
        let file = entry.path().strip_prefix(&out_path).unwrap().to_str().unwrap().to_owned();
        if file == podleaf::output::MANIFEST {
            assert_eq!(server.get(&format!("{}{file}", server.base)).status, 404);
            continue;
        }
        n_files += 1;
        let route = file.strip_suffix("index.html").filter(|folder| folder.is_empty() || folder.ends_with('/'));
        let paths = [Some(file.as_str()), route].into_iter().flatten();
        for path in paths {
            let answer = server.get(&format!("{}{}", server.base, podleaf::path::percent_encoded(path)));
            assert_eq!(answer.status, 200, "{path}");
            assert!(answer.as_built() == fs::read(entry.path()).unwrap(), "{path} differs from the build");
        }
    }
    n_files
}

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
fn no_spelling_of_a_path_leaves_the_site() {
    let outer = folder();
    let site = outer.path().join("site");
    fs::create_dir(&site).unwrap();
    put(outer.path(), "secret.txt", "SECRET");
    for (name, text) in [
        ("content/ferry/001-bells.md", "**Ann Lee:** Who?\n\n**Bo Dahl:** The tide.\n"),
        ("static/.env", "SECRET"),
        ("static/.hidden/a.txt", "SECRET"),
        ("static/.well-known/good.txt", "open"),
        ("static/a b.txt", "open"),
        (".env", "SECRET"),
        ("secret.txt", "SECRET"),
        ("podleaf.toml", "title = 'SECRET'\n"),
    ] {
        put(&site, name, text);
    }
    put(&site, "podleaf.toml", "title = 'T'\n# SECRET\n");
    std::os::unix::fs::symlink(outer.path().join("secret.txt"), site.join("static/link.txt")).unwrap();
    std::os::unix::fs::symlink(outer.path(), site.join("static/folder")).unwrap();
    let mut server = Server::start(&site, &[]);
    assert_eq!(server.get("/.well-known/good.txt").text(), "open");
    assert_eq!(server.get("/a%20b.txt").text(), "open");
    let ups = [
        "..",
        "%2e%2e",
        "%2E.",
        ".%2e",
        "%252e%252e",
        "..%00",
        "..;",
        "%c0%ae%c0%ae",
        "%e0%80%ae%e0%80%ae",
        "....",
        ". .",
        "..%09",
        "%uff0e%uff0e",
        "%ef%bc%8e%ef%bc%8e",
        "..%ff",
        ".",
    ];
    let slashes = ["/", "%2f", "%252f", "\\", "%5c", "//", "/./", "%c0%af", "%00/"];
    let targets = ["secret.txt", ".env", "static/.env", "podleaf.toml", "content/../../secret.txt", "etc/passwd"];
    let mut paths: Vec<String> = Vec::new();
    for up in ups {
        for slash in slashes {
            for target in targets {
                for depth in [1, 2, 3, 9] {
                    paths.push(format!("/{}{target}", format!("{up}{slash}").repeat(depth)));
                }
                paths.push(format!("/ferry{slash}{up}{slash}{target}"));
            }
        }
    }
    for target in targets {
        paths.extend([
            format!("/{target}"),
            format!("//{target}"),
            format!("/.hidden/{target}"),
            format!("/%2e{target}"),
        ]);
    }
    let root = outer.path().to_str().unwrap();
    paths.extend(
        [
            "/.env",
            "/%2eenv",
            "/.hidden/a.txt",
            "/link.txt",
            "/folder/secret.txt",
            "/folder",
            "/.podleaf/",
            "/.podleaf",
            "/.podleaf/episodes-00",
            "/.podleaf/../.env",
            "/.podleaf/%2e%2e/.env",
            "/.git/config",
            "/index.html/../.env",
        ]
        .map(str::to_owned),
    );
    paths.extend([
        format!("{root}/secret.txt"),
        format!("/{root}/secret.txt"),
        format!("/{}secret.txt", "../".repeat(3000)),
    ]);
    let host = format!("127.0.0.1:{}", server.port);
    // Many on one connection each: the point is the spelling.
    for path in &paths {
        let Some(answer) =
            server.raw(format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").as_bytes())
        else {
            continue;
        };
        assert!(!answer.text().contains("SECRET") && !answer.text().contains("root:"), "{path}");
        assert!(answer.status < 500 && answer.status != 200, "{path}: {}", answer.status);
        let place = answer.header("location");
        assert!(place.is_empty() || place.starts_with('/') && !place.starts_with("//"), "{path}: {place}");
    }
    for path in ["//evil.example", "//evil.example/..", "/\\evil.example", "/%2fevil.example/", "/%5cevil.example"] {
        let answer = server.get(path);
        assert_eq!((answer.status, answer.header("location")), (404, ""), "{path}");
    }
    server.check_alive();
}

/// A generator that needs no crate.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *state >> 33
}

#[test]
fn ranges_are_parts_of_the_file() {
    let site = spread(TWO);
    let mut seed = 7;
    let small: Vec<u8> = (0..1000).map(|_| next(&mut seed) as u8).collect();
    let large: Vec<u8> = (0..3 << 20).map(|_| next(&mut seed) as u8).collect();
    fs::create_dir(site.path().join("static")).unwrap();
    fs::write(site.path().join("static/small.mp3"), &small).unwrap();
    fs::write(site.path().join("static/large.mp3"), &large).unwrap();
    fs::write(site.path().join("static/empty.mp3"), b"").unwrap();
    let server = Server::start(site.path(), &[]);
    for (path, bytes) in [("/small.mp3", &small), ("/large.mp3", &large), ("/empty.mp3", &Vec::new())] {
        let whole = server.get(path);
        assert_eq!((whole.status, whole.header("content-type")), (200, "audio/mpeg"));
        assert_eq!(whole.header("accept-ranges"), "bytes");
        assert!(&whole.body == bytes, "{path}");
        let len = bytes.len() as u64;
        let mut asked: Vec<(Option<u64>, Option<u64>)> = (0..60)
            .map(|_| {
                let (a, b) = (next(&mut seed) % (len + 20), next(&mut seed) % (len + 20));
                match next(&mut seed) % 4 {
                    0 => (Some(a), None),
                    1 => (None, Some(b)),
                    _ => (Some(a), Some(b)),
                }
            })
            .collect();
        asked.extend([
            (Some(0), Some(0)),
            (None, Some(1)),
            (None, Some(0)),
            (Some(len), None),
            (Some(0), Some(u64::MAX)),
        ]);
        for (first, last) in asked {
            let show = |number: Option<u64>| number.map_or_else(String::new, |number| number.to_string());
            let header = format!("bytes={}-{}", show(first), show(last));
            // The model: which bytes are meant.
            let expected = match (first, last) {
                (None, Some(suffix)) => Some(len.saturating_sub(suffix)..len),
                (Some(first), Some(last)) if last < first => None,
                (Some(first), last) => Some(first.min(len)..last.map_or(len, |last| last.saturating_add(1).min(len))),
                (None, None) => unreachable!(),
            };
            let answer = server.send("GET", path, &[("Range", &header)]);
            match expected {
                None => assert!(answer.status == 200 && &answer.body == bytes, "{path} {header}"),
                Some(range) if range.is_empty() => {
                    assert_eq!(answer.status, 416, "{path} {header}");
                    assert_eq!(answer.header("content-range"), format!("bytes */{len}"));
                    assert!(answer.body.is_empty());
                }
                Some(range) => {
                    assert_eq!(answer.status, 206, "{path} {header}");
                    let shown = format!("bytes {}-{}/{len}", range.start, range.end - 1);
                    assert_eq!(answer.header("content-range"), shown);
                    assert!(answer.body == bytes[range.start as usize..range.end as usize], "{path} {header}");
                }
            }
        }
    }
    let many = format!("bytes={}", vec!["0-"; 900].join(","));
    for range in ["bytes=x-y", "lines=0-1", "bytes", "bytes=0-1,3-4", &many] {
        let answer = server.send("GET", "/small.mp3", &[("Range", range)]);
        assert!(answer.status == 200 && answer.body == small, "{range}");
    }
    let tag = server.get("/small.mp3").header("etag").to_owned();
    let weak = format!("W/{tag}");
    for (condition, status) in
        [(tag.as_str(), 206), (&weak, 200), ("\"x\"", 200), ("Wed, 21 Oct 2015 07:28:00 GMT", 200)]
    {
        let answer = server.send("GET", "/small.mp3", &[("Range", "bytes=1-2"), ("If-Range", condition)]);
        assert_eq!(answer.status, status, "{condition}");
    }
    let head = server.send("HEAD", "/large.mp3", &[("Range", "bytes=1-2")]);
    let length = large.len().to_string();
    assert_eq!((head.status, head.header("content-length"), head.body.len()), (200, length.as_str(), 0));
}

#[test]
fn conditions_and_methods_are_kept() {
    let site = spread(TWO);
    put(site.path(), "static/note.txt", "one");
    let server = Server::start(site.path(), &[]);
    for path in ["/", "/note.txt", "/.podleaf/reload.js", "/missing/"] {
        let whole = server.get(path);
        let tag = whole.header("etag").to_owned();
        assert!(tag.starts_with('"'), "{path}");
        assert_eq!(whole.header("cache-control"), "no-cache");
        assert!(whole.header("content-type").ends_with("; charset=utf-8"), "{path}");
        assert_eq!(whole.header("access-control-allow-origin"), "");
        let head = server.send("HEAD", path, &[]);
        assert_eq!((head.status, head.body.len()), (whole.status, 0));
        for name in ["content-length", "content-type", "etag"] {
            assert_eq!(head.header(name), whole.header(name), "{path} {name}");
        }
        if whole.status == 200 {
            for list in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".to_owned()] {
                let answer = server.send("GET", path, &[("If-None-Match", &list)]);
                assert_eq!(
                    (answer.status, answer.body.len(), answer.header("etag")),
                    (304, 0, tag.as_str()),
                    "{path} {list}"
                );
            }
            assert_eq!(server.send("GET", path, &[("If-None-Match", "\"x\"")]).status, 200);
            assert_eq!(server.send("GET", path, &[("If-Match", "\"x\"")]).status, 412);
            assert_eq!(server.send("GET", path, &[("If-Match", &tag)]).status, 200);
        }
        assert_eq!(server.send("OPTIONS", path, &[]).header("allow"), "GET, HEAD, OPTIONS");
        for method in ["POST", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "PROPFIND"] {
            let target = if method == "CONNECT" { format!("127.0.0.1:{}", server.port) } else { path.to_owned() };
            let answer = server.send(method, &target, &[]);
            assert!(matches!(answer.status, 400 | 405), "{method} {path}: {}", answer.status);
        }
    }
    // Of the same size and in the same moment.
    let tag = server.get("/note.txt").header("etag").to_owned();
    put(site.path(), "static/note.txt", "two");
    let answer = server.send("GET", "/note.txt", &[("If-None-Match", &tag)]);
    assert_eq!((answer.status, answer.text().as_str()), (200, "two"));
}

#[test]
fn other_names_and_other_sites_are_refused() {
    let site = spread(TWO);
    let mut server = Server::start(site.path(), &[]);
    let port = server.port;
    let with_host = |hosts: &[&str], target: &str| {
        let hosts: String = hosts.iter().map(|host| format!("Host: {host}\r\n")).collect();
        server.raw(format!("GET {target} HTTP/1.1\r\n{hosts}Connection: close\r\n\r\n").as_bytes()).unwrap().status
    };
    for name in ["localhost", "127.0.0.1", "[::1]", "LOCALHOST"] {
        assert_eq!(with_host(&[&format!("{name}:{port}")], "/"), 200, "{name}");
    }
    let own = format!("localhost:{port}");
    for name in
        ["evil.example", "localhost", "", "127.0.0.1:1", &format!("evil.example:{port}"), &format!("10.0.0.1:{port}")]
    {
        assert_eq!(with_host(&[name], "/"), 421, "{name:?}");
    }
    assert_eq!(with_host(&[], "/"), 400);
    assert_eq!(with_host(&[&own, &own], "/"), 400);
    assert_eq!(with_host(&[&own], &format!("http://evil.example:{port}/")), 421);
    assert_eq!(with_host(&[&own], &format!("http://{own}/")), 200);

    let events = |name: &str, value: &str| {
        let mut stream = server.connect();
        write!(stream, "GET /.podleaf/events?path=/ HTTP/1.1\r\nHost: {own}\r\n{name}: {value}\r\n\r\n").unwrap();
        let mut first = [0; 12];
        stream.read_exact(&mut first).unwrap();
        String::from_utf8(first[9..].to_vec()).unwrap()
    };
    assert_eq!(events("Origin", &format!("http://{own}")), "200");
    assert_eq!(events("Sec-Fetch-Site", "same-origin"), "200");
    for origin in ["http://evil.example", "null", &format!("https://{own}"), &format!("http://127.0.0.1:{port}")] {
        assert_eq!(events("Origin", origin), "403", "{origin}");
    }
    assert_eq!(events("Sec-Fetch-Site", "cross-site"), "403");
    for garbage in ["\0\0\0\0\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "\r\n\r\n\r\n"] {
        _ = server.connect().write_all(garbage.as_bytes());
    }
    let huge = format!("GET /{} HTTP/1.1\r\nHost: {own}\r\n\r\n", "a".repeat(1 << 20));
    assert!(server.raw(huge.as_bytes()).is_none_or(|answer| matches!(answer.status, 400 | 414 | 431)));
    let many = format!("GET / HTTP/1.1\r\nHost: {own}\r\n{}\r\n", "A: b\r\n".repeat(20_000));
    assert!(server.raw(many.as_bytes()).is_none_or(|answer| matches!(answer.status, 400 | 431)));
    server.check_alive();
}

#[test]
fn many_clients_are_answered_and_idle_ones_do_not_matter() {
    let site = spread(TWO);
    let mut server = Server::start(site.path(), &[]);
    let idle: Vec<TcpStream> = (0..200).map(|_| server.connect()).collect();
    let page = server.get("/ferry/001-bells/").body;
    std::thread::scope(|scope| {
        for _ in 0..50 {
            scope.spawn(|| (0..5).for_each(|_| assert!(server.get("/ferry/001-bells/").body == page)));
        }
    });
    drop(idle);
    server.check_alive();
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
