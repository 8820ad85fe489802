//! Running previews, and what they answer over real sockets.

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

use crate::command::podleaf;
use crate::tree::folder;

/// How long anything may take; nothing does.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A small site.
pub(crate) const TWO: &str = "-- podleaf.toml --
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
pub(crate) struct Server {
    pub(crate) child: Child,
    /// The site's folder.
    pub(crate) root: PathBuf,
    pub(crate) port: u16,
    pub(crate) base: String,
    said: Arc<Mutex<String>>,
}

impl Server {
    pub(crate) fn start(root: &Path, arguments: &[&str]) -> Self {
        Self::start_as(Command::new(env!("CARGO_BIN_EXE_podleaf")), root, arguments)
    }

    /// The same by a command that ends in the program.
    pub(crate) fn start_as(mut command: Command, root: &Path, arguments: &[&str]) -> Self {
        let mut child = command
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
        let (_, rest) = address.strip_prefix("http://").and_then(|rest| rest.split_once(':')).unwrap();
        let (port, base) = rest.split_at(rest.find('/').unwrap());
        Self { child, root: root.to_owned(), port: port.parse().unwrap(), base: base.to_owned(), said }
    }

    pub(crate) fn address(&self) -> String {
        format!("http://127.0.0.1:{}{}", self.port, self.base)
    }

    pub(crate) fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    /// Waits until the terminal shows these words.
    #[track_caller]
    pub(crate) fn until_said(&self, words: &str) {
        let started = Instant::now();
        while !self.said().contains(words) {
            assert!(started.elapsed() < PATIENCE, "{words}: {}", self.said());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// The answer to these bytes.
    pub(crate) fn raw(&self, request: &[u8]) -> Option<Answer> {
        let mut stream = self.connect();
        // A server that refuses may close before all is sent.
        _ = stream.write_all(request);
        let mut bytes = Vec::new();
        _ = stream.read_to_end(&mut bytes);
        Answer::parse(&bytes)
    }

    pub(crate) fn send(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        let host = format!("127.0.0.1:{}", self.port);
        let mut request = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
        headers.iter().for_each(|(name, value)| request.push_str(&format!("{name}: {value}\r\n")));
        self.raw(format!("{request}\r\n").as_bytes()).unwrap_or_else(|| panic!("no answer to {method} {path}"))
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[])
    }

    /// Asks for a page until it is as it should be.
    #[track_caller]
    pub(crate) fn until(&self, path: &str, what: &str, is_right: impl Fn(&Answer) -> bool) -> Answer {
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
    pub(crate) fn listen(&self, path: &str) -> Listener {
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

    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let id = rustix::process::Pid::from_raw(self.child.id().try_into().unwrap()).unwrap();
        rustix::process::kill_process(id, signal).unwrap();
    }

    #[track_caller]
    pub(crate) fn check_alive(&mut self) {
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
pub(crate) struct Listener(std::io::Lines<BufReader<TcpStream>>);

impl Listener {
    pub(crate) fn next(&mut self) -> Value {
        let data = self.0.find_map(|line| line.unwrap().strip_prefix("data: ").map(str::to_owned)).unwrap();
        serde_json::from_str(&data).unwrap()
    }

    /// The first state that is as it should be.
    pub(crate) fn until(&mut self, is_right: impl Fn(&Value) -> bool) -> Value {
        loop {
            let state = self.next();
            if is_right(&state) {
                return state;
            }
        }
    }
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
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

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// The body without the one tag that the server adds to pages.
    pub(crate) fn as_built(&self) -> Vec<u8> {
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

pub(crate) fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// A copy of the sample archive.
pub(crate) fn sample() -> TempDir {
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
pub(crate) fn check_like_a_build(root: &Path, server: &Server) -> usize {
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
        // A preview cuts its index elsewhere: tests of search read both.
        if file.starts_with("search/index/") {
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

/// A generator that needs no crate.
pub(crate) fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *state >> 33
}
