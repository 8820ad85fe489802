//! The preview as a server: what it answers, and what it refuses.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;

use crate::command::spread;
use crate::preview::{Answer, PATIENCE, Server, TWO, next};
use crate::tree::{folder, put};

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
fn players_on_other_sites_read_what_is_beside_an_episode() {
    let site = spread(TWO);
    let server = Server::start(site.path(), &[]);
    let folder = "/ferry/001-bells/";
    for (name, kind) in [
        ("transcript.txt", "text/plain; charset=utf-8"),
        ("transcript.html", "text/html; charset=utf-8"),
        ("turns.json", "application/json; charset=utf-8"),
        ("", "text/html; charset=utf-8"),
    ] {
        let answer = server.get(&format!("{folder}{name}"));
        let origin = if name.is_empty() { "" } else { "*" };
        let found = (answer.status, answer.header("content-type"), answer.header("access-control-allow-origin"));
        assert_eq!(found, (200, kind, origin), "{name}");
    }
}

#[test]
fn h113_h115_text_is_compressed_for_who_asks() {
    let site = spread(TWO);
    put(site.path(), "static/note.txt", &"The tide comes in. ".repeat(500));
    put(site.path(), "static/short.txt", "Short.");
    put(site.path(), "static/bells.mp3", &"x".repeat(5000));
    let server = Server::start(site.path(), &[]);
    let gzip = [("Accept-Encoding", "br, gzip")];
    for path in ["/", "/note.txt", "/.podleaf/reload.js", "/missing/"] {
        let (whole, small) = (server.get(path), server.send("GET", path, &gzip));
        assert_eq!((small.header("content-encoding"), small.header("vary")), ("gzip", "accept-encoding"), "{path}");
        assert_eq!((whole.header("content-encoding"), whole.header("vary")), ("", "accept-encoding"), "{path}");
        assert_eq!(small.header("content-length"), small.body.len().to_string());
        assert!(small.body.len() * 2 < whole.body.len(), "{path}: {} of {}", small.body.len(), whole.body.len());
        let mut text = Vec::new();
        flate2::read::GzDecoder::new(small.body.as_slice()).read_to_end(&mut text).unwrap();
        assert!(text == whole.body, "{path}");
        let (tag, plain_tag) = (small.header("etag"), whole.header("etag"));
        assert!(tag != plain_tag && tag.starts_with('"'), "{path}: {tag}");
        let head = server.send("HEAD", path, &gzip);
        for name in ["content-length", "content-encoding", "etag", "vary"] {
            assert_eq!(head.header(name), small.header(name), "{path} {name}");
        }
        if whole.status == 200 {
            for (tag, status) in [(tag, 304), (plain_tag, 200)] {
                let answer = server.send("GET", path, &[gzip[0], ("If-None-Match", tag)]);
                assert_eq!((answer.status, answer.header("vary")), (status, "accept-encoding"), "{path}");
            }
            let part = server.send("GET", path, &[gzip[0], ("Range", "bytes=3-9")]);
            assert_eq!((part.status, part.header("content-encoding"), part.header("etag")), (206, "", plain_tag));
            assert!(part.body == whole.body[3..10], "{path}");
            let other = server.send("GET", path, &[gzip[0], ("Range", "bytes=3-9"), ("If-Range", tag)]);
            assert!(other.status == 200 && other.body == whole.body, "a tag of the compressed text fits no range");
        }
    }
    for path in ["/short.txt", "/bells.mp3"] {
        assert_eq!(server.send("GET", path, &gzip).header("content-encoding"), "", "{path}");
    }
    assert_eq!(server.get("/bells.mp3").header("vary"), "");
    let refused = server.send("GET", "/note.txt", &[("Accept-Encoding", "gzip;q=0")]);
    assert_eq!(refused.header("content-encoding"), "");
}

#[test]
fn h117_nonsense_does_no_harm() {
    let site = spread(TWO);
    let mut server = Server::start(site.path(), &[]);
    let host = format!("Host: 127.0.0.1:{}\r\n", server.port);
    let many: String = (0..20_000).map(|n| format!("x{n}: y\r\n")).collect();
    let mut seed = 11;
    let noise: Vec<u8> = (0..4000).map(|_| next(&mut seed) as u8).collect();
    let requests: Vec<Vec<u8>> = vec![
        format!("GET / HTTP/1.1\r\n{host}x: {}\r\n\r\n", "y".repeat(1 << 20)).into_bytes(),
        format!("GET /{} HTTP/1.1\r\n{host}\r\n", "a".repeat(1 << 20)).into_bytes(),
        format!("GET / HTTP/1.1\r\n{host}{many}\r\n").into_bytes(),
        format!("GET / HTTP/1.1\r\n{host}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
            .into_bytes(),
        format!("GET / HTTP/1.1\r\n{host}Content-Length: x\r\n\r\n").into_bytes(),
        format!("GET / HTTP/1.1\r\n{host} folded\r\n\r\n").into_bytes(),
        [b"GET /".as_slice(), &noise, b" HTTP/1.1\r\n\r\n"].concat(),
        noise,
    ];
    for (idx, request) in requests.iter().enumerate() {
        let mut stream = server.connect();
        _ = stream.write_all(request);
        _ = stream.shutdown(std::net::Shutdown::Write);
        let mut bytes = Vec::new();
        _ = stream.read_to_end(&mut bytes);
        let status = Answer::parse(&bytes).map_or(400, |answer| answer.status);
        assert!(status < 500, "{idx}: {status}");
        server.check_alive();
    }
}

#[test]
fn h121_only_this_machine_is_served_unless_told() {
    let site = spread(TWO);
    let server = Server::start(site.path(), &[]);
    assert!(TcpStream::connect(("127.0.0.2", server.port)).is_err(), "only 127.0.0.1 is listened on");
    assert!(!server.said().contains("warning"), "{}", server.said());
    let other = Server::start(site.path(), &["--interface", "127.0.0.2"]);
    let ask = |host: &str| {
        let mut stream = TcpStream::connect(("127.0.0.2", other.port)).unwrap();
        write!(stream, "GET / HTTP/1.1\r\nHost: {host}:{}\r\nConnection: close\r\n\r\n", other.port).unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        Answer::parse(&bytes).unwrap().status
    };
    assert_eq!((ask("127.0.0.2"), ask("evil.example")), (200, 421));
    let open = Server::start(site.path(), &["--interface", "0.0.0.0"]);
    assert!(open.said().contains("everybody in this network"), "{}", open.said());
}

#[test]
fn h119_the_other_loopback_address_is_served_where_there_is_one() {
    let site = spread(TWO);
    let server = Server::start(site.path(), &[]);
    let has_six = std::net::TcpListener::bind("[::1]:0").is_ok();
    let stream = TcpStream::connect(format!("[::1]:{}", server.port));
    assert_eq!(stream.is_ok(), has_six);
    if let Ok(mut stream) = stream {
        write!(stream, "GET / HTTP/1.1\r\nHost: [::1]:{}\r\nConnection: close\r\n\r\n", server.port).unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        assert_eq!(Answer::parse(&bytes).unwrap().status, 200);
    }
}

#[test]
fn h122_clients_that_stall_hold_nothing_up() {
    let site = spread(TWO);
    let large = fs::File::create(put(site.path(), "static/large.mp3", "")).unwrap();
    large.set_len(64 << 20).unwrap();
    let mut server = Server::start(site.path(), &[]);
    let host = format!("127.0.0.1:{}", server.port);
    server.get("/");
    let proc = format!("/proc/{}", server.child.id());
    let resident = || {
        let status = fs::read_to_string(format!("{proc}/status")).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().split(' ').next().unwrap().parse::<u64>().unwrap()
    };
    let n_files = || fs::read_dir(format!("{proc}/fd")).unwrap().count();
    let before = (resident(), n_files());
    let request = format!("GET /large.mp3 HTTP/1.1\r\nHost: {host}\r\n\r\n");
    let stalled: Vec<TcpStream> = (0..20)
        .map(|_| {
            let mut stream = server.connect();
            stream.write_all(request.as_bytes()).unwrap();
            stream.read_exact(&mut [0; 1000]).unwrap();
            stream
        })
        .collect();
    let idle: Vec<TcpStream> = (0..300).map(|_| server.connect()).collect();
    std::thread::scope(|scope| {
        for _ in 0..50 {
            scope.spawn(|| assert_eq!(server.get("/ferry/001-bells/").status, 200));
        }
    });
    let after = resident();
    assert!(after < before.0 + (64 << 10), "{} KiB, then {after}", before.0);
    for _ in 0..200 {
        let mut stream = server.connect();
        stream.write_all(request.as_bytes()).unwrap();
        stream.read_exact(&mut [0; 1000]).unwrap();
    }
    drop((stalled, idle));
    // Closed as soon as the server tries to write to them.
    let started = std::time::Instant::now();
    while n_files() > before.1 + 8 {
        assert!(started.elapsed() < PATIENCE, "{} files, then {}", before.1, n_files());
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    server.check_alive();
}

#[test]
fn h122_a_request_that_drips_is_not_waited_for() {
    let site = spread(TWO);
    let mut server = Server::start(site.path(), &[]);
    let mut stream = server.connect();
    stream.set_read_timeout(Some(std::time::Duration::from_millis(200))).unwrap();
    let started = std::time::Instant::now();
    _ = stream.write_all(b"GET / HTTP/1.1\r\nx: ");
    loop {
        let is_open = stream.write_all(b"y").is_ok()
            && matches!(stream.read(&mut [0; 100]), Err(error) if error.kind() == std::io::ErrorKind::WouldBlock);
        if !is_open {
            break;
        }
        assert!(started.elapsed() < PATIENCE, "it is open still");
    }
    server.check_alive();
}
