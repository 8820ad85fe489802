//! Publishing costs what changed, and survives kills, readers and other builds: reliability matrix F.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use podleaf::diagnostic::Diagnostic;
use podleaf::hash::ContentHash;
use podleaf::output::{MANIFEST, Manifest};
use podleaf::path::Route;
use podleaf::write::{Places, Published, Staging, Target};
use tempfile::TempDir;
use walkdir::WalkDir;

use crate::built::{Built, FINE, PATIENCE};
use crate::tree::{again_as_nobody, folder, given_folder, put, snapshot};

type Pages = BTreeMap<String, String>;

struct Site(TempDir);

impl Site {
    fn new() -> Self {
        Self(folder())
    }

    fn output(&self) -> PathBuf {
        self.0.path().join("public")
    }

    fn previous(&self) -> PathBuf {
        self.0.path().join(".public.podleaf-previous")
    }

    fn publish(&self, pages: &Pages) -> Published {
        let published = publish(self.0.path(), pages).unwrap();
        assert!(published.warnings.is_empty(), "{:#?}", published.warnings);
        check_published(&self.output(), pages);
        published
    }

    /// Whether a file is one in both trees.
    fn is_shared(&self, file: &str) -> bool {
        let inode = |tree: PathBuf| fs::metadata(tree.join(file)).unwrap().ino();
        inode(self.output()) == inode(self.previous())
    }
}

fn target(root: &Path) -> Result<Target, Diagnostic> {
    let (site, output) = (root.join("site"), root.join("public"));
    Target::check(&Places { root: &site, content_root: "", output: &output, home: None })
}

fn begin(root: &Path) -> Result<Staging, Diagnostic> {
    Staging::begin(target(root)?)
}

fn publish(root: &Path, pages: &Pages) -> Result<Published, Diagnostic> {
    let staging = begin(root)?;
    pages.iter().try_for_each(|(file, text)| staging.write(&route(file), text.as_bytes(), None))?;
    staging.publish()
}

fn route(file: &str) -> Route {
    Route::new(format!("/{file}")).unwrap()
}

fn pages(files: &[(&str, &str)]) -> Pages {
    files.iter().map(|(file, text)| ((*file).to_owned(), (*text).to_owned())).collect()
}

/// The published tree holds these files, and its manifest says so.
#[track_caller]
fn check_published(output: &Path, pages: &Pages) {
    let files = snapshot(output).into_iter().filter(|(path, _)| path.is_file());
    let name = |path: &Path| path.strip_prefix(output).unwrap().to_str().unwrap().to_owned();
    let files: Pages = files.map(|(path, text)| (name(&path), text[2..].to_owned())).collect();
    let files: Pages = files.into_iter().filter(|(file, _)| !file.starts_with(".podleaf-")).collect();
    assert!(&files == pages, "{:?} for {:?}", files.keys(), pages.keys());
    let manifest = Manifest::parse(&fs::read(output.join(MANIFEST)).unwrap()).unwrap();
    let listed = manifest.files.into_iter().map(|entry| (entry.file, entry.hash, entry.size));
    let expected = pages.iter().map(|(f, text)| (f.clone(), ContentHash::of(text.as_bytes()), text.len() as u64));
    assert!(listed.eq(expected));
}

/// How the system sees everything below a folder: inodes, lengths and times.
fn seen(folder: &Path) -> Vec<(PathBuf, [i64; 6])> {
    let entries = WalkDir::new(folder).sort_by_file_name().into_iter().filter_map(Result::ok);
    let seen = |found: fs::Metadata| {
        [
            found.ino().cast_signed(),
            found.len().cast_signed(),
            found.mtime(),
            found.mtime_nsec(),
            found.ctime(),
            found.ctime_nsec(),
        ]
    };
    entries.map(|entry| (entry.path().to_owned(), seen(entry.metadata().unwrap()))).collect()
}

#[test]
fn a_build_that_changes_nothing_touches_nothing() {
    let site = Site::new();
    let mut version = pages(&[("index.html", "1"), ("a/b/c.html", "c")]);
    site.publish(&version);
    for text in ["1", "2", "3"] {
        version.insert("index.html".to_owned(), text.to_owned());
        site.publish(&version);
        let before = (seen(&site.output()), seen(&site.previous().join("a")));
        let published = site.publish(&version);
        assert_eq!((published.unchanged, published.added, published.changed, published.removed), (2, 0, 0, 0));
        assert_eq!((seen(&site.output()), seen(&site.previous().join("a"))), before);
        let staging = begin(site.0.path()).unwrap();
        assert!(version.keys().all(|file| staging.keep(&route(file))));
        staging.publish().unwrap();
        assert_eq!((seen(&site.output()), seen(&site.previous().join("a"))), before);
    }
}

#[test]
fn it_is_known_whether_a_site_is_as_it_was_published() {
    let site = Site::new();
    let untouched = || target(site.0.path()).unwrap().untouched();
    assert_eq!(untouched(), None);
    for n in 0..3 {
        site.publish(&version(n));
        assert_eq!(untouched(), Some(ContentHash::of(&fs::read(site.output().join(MANIFEST)).unwrap())));
        let page = site.output().join("0/index.html");
        let text = fs::read_to_string(&page).unwrap();
        fs::write(&page, text.replace("text", "TEXT")).unwrap();
        assert_eq!(untouched(), None);
        fs::write(&page, text).unwrap();
        assert_eq!(untouched(), None, "that it has its bytes again is known once it was read");
        site.publish(&version(n));
        assert!(untouched().is_some());
        fs::remove_file(site.0.path().join(".public.podleaf-stamps")).unwrap();
        assert_eq!(untouched(), None);
    }
}

#[test]
fn files_that_do_not_change_stay_one_file_in_both_trees() {
    let site = Site::new();
    let mut version = pages(&[("index.html", "0"), ("a/b.html", "b"), ("c.txt", "c")]);
    site.publish(&version);
    let identity =
        |file: &str| fs::metadata(site.output().join(file)).map(|f| (f.ino(), f.modified().unwrap())).unwrap();
    let before = ["a/b.html", "c.txt"].map(identity);
    for n in 1..5 {
        version.insert("index.html".to_owned(), n.to_string());
        site.publish(&version);
        assert_eq!(["a/b.html", "c.txt"].map(identity), before);
        assert!(site.is_shared("a/b.html") && !site.is_shared("index.html"), "{n}");
        assert_eq!(fs::read_to_string(site.previous().join("index.html")).unwrap(), (n - 1).to_string());
    }
}

#[test]
fn random_edits_end_in_the_same_tree_as_a_clean_build() {
    let names = ["a", "a/b", "a/b/c", "d/e", "d/f", "d", "g/h/i/j", "index.html", "一/二"];
    for seed in 1..=8_u64 {
        let site = Site::new();
        let mut state = seed;
        let mut random = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        for _ in 0..25 {
            let mut version = Pages::new();
            for name in names {
                let clashes =
                    |other: &String| other.starts_with(&format!("{name}/")) || name.starts_with(&format!("{other}/"));
                if random(3) > 0 && !version.keys().any(clashes) {
                    version.insert(name.to_owned(), format!("{name} {}", random(2)));
                }
            }
            site.publish(&version);
            match random(8) {
                0 => fs::remove_dir_all(site.previous()).unwrap_or_default(),
                1 => _ = fs::remove_file(site.0.path().join(".public.podleaf-stamps")),
                2 => fs::remove_dir_all(site.output()).unwrap(),
                3 => version.keys().take(1).for_each(|file| fs::write(site.output().join(file), "mine").unwrap()),
                _ => {}
            }
        }
    }
}

#[test]
fn files_that_were_changed_by_hand_are_written_again() {
    let site = Site::new();
    let version = pages(&[("index.html", "text"), ("a/b.html", "same"), ("gone.txt", "g")]);
    site.publish(&pages(&[("index.html", "old")]));
    site.publish(&version);
    let page = site.output().join("index.html");
    let modified = fs::metadata(&page).unwrap().modified().unwrap();
    let rename_over = |file: &str| {
        fs::write(site.output().join(".new"), "TEXT").unwrap();
        fs::rename(site.output().join(".new"), site.output().join(file)).unwrap();
    };
    let edits: [(&str, &dyn Fn()); 5] = [
        ("another length", &|| fs::write(&page, "changed").unwrap()),
        ("the same length and time", &|| {
            fs::write(&page, "TEXT").unwrap();
            fs::File::options().write(true).open(&page).unwrap().set_modified(modified).unwrap();
        }),
        ("another file", &|| rename_over("index.html")),
        ("deleted", &|| fs::remove_file(&page).unwrap()),
        ("touched", &|| fs::File::options().write(true).open(&page).unwrap().set_modified(modified).unwrap()),
    ];
    for (edit, change) in edits {
        change();
        let staging = begin(site.0.path()).unwrap();
        let is_same = edit == "touched";
        assert_eq!((staging.keep(&route("index.html")), staging.keep(&route("a/b.html"))), (is_same, true), "{edit}");
        assert_eq!(staging.live().lists("index.html"), is_same, "{edit}");
        drop(staging);
        let published = site.publish(&version);
        assert_eq!((published.changed, published.unchanged), if is_same { (0, 3) } else { (1, 2) }, "{edit}");
    }
}

#[test]
fn only_what_is_published_can_be_kept_and_keys_are_kept_with_it() {
    let site = Site::new();
    let key = |text: &str| Some(ContentHash::of(text.as_bytes()));
    let staging = begin(site.0.path()).unwrap();
    assert!(!staging.keep(&route("a.txt")) && staging.live().files.is_empty());
    staging.write(&route("a.txt"), b"a", key("1")).unwrap();
    staging.write(&route("b.txt"), b"b", key("2")).unwrap();
    staging.publish().unwrap();
    let staging = begin(site.0.path()).unwrap();
    assert!(staging.keep(&route("a.txt")) && !staging.keep(&route("a.txt")) && !staging.keep(&route("c.txt")));
    assert_eq!(staging.write(&route("a.txt"), b"a", None).unwrap_err().code, "same-file");
    staging.write(&route("b.txt"), b"b", key("3")).unwrap();
    let inode = fs::metadata(site.output().join("b.txt")).unwrap().ino();
    assert_eq!(staging.publish().unwrap().unchanged, 2);
    let staging = begin(site.0.path()).unwrap();
    let keys: Vec<_> = staging.live().files.iter().map(|entry| entry.key).collect();
    assert_eq!(keys, [key("1"), key("3")]);
    assert_eq!(fs::metadata(site.output().join("b.txt")).unwrap().ino(), inode);
}

#[test]
fn media_that_do_not_change_are_not_written_again() {
    let site = Site::new();
    let media = put(site.0.path(), "a.mp3", &"sound ".repeat(100_000));
    let publish = |page: &str| {
        let staging = begin(site.0.path()).unwrap();
        staging.write(&route("index.html"), page.as_bytes(), None).unwrap();
        staging.copy(&route("a.mp3"), fs::File::open(&media).unwrap(), None).unwrap();
        staging.publish().unwrap()
    };
    publish("1");
    let inode = || fs::metadata(site.output().join("a.mp3")).unwrap().ino();
    let first = inode();
    assert_eq!(publish("2").unchanged, 1);
    assert!(inode() == first && site.is_shared("a.mp3") && fs::metadata(&media).unwrap().nlink() == 1);
    fs::write(&media, "SOUND ".repeat(100_000)).unwrap();
    assert_eq!(publish("2").changed, 1);
    assert_eq!(fs::read(site.output().join("a.mp3")).unwrap(), fs::read(&media).unwrap());
    fs::write(&media, "").unwrap();
    publish("2");
    assert_eq!(fs::metadata(site.output().join("a.mp3")).unwrap().len(), 0);
}

#[test]
fn what_others_put_into_the_previous_tree_is_kept_and_never_published() {
    let site = Site::new();
    site.publish(&pages(&[("index.html", "1"), ("a/b.txt", "b")]));
    site.publish(&pages(&[("index.html", "2"), ("a/b.txt", "b")]));
    let mine = put(site.0.path(), "mine/x.txt", "mine");
    put(&site.previous(), "a/mine.txt", "mine");
    symlink(site.0.path().join("mine"), site.previous().join("link")).unwrap();
    let version = pages(&[("index.html", "3"), ("a/b.txt", "b"), ("link/x.txt", "x")]);
    let published = publish(site.0.path(), &version).unwrap();
    assert_eq!(published.warnings.iter().map(|warning| warning.code).collect::<Vec<_>>(), ["kept-files"]);
    check_published(&site.output(), &version);
    let kept = site.0.path().join("public-kept-1");
    assert_eq!(fs::read_to_string(kept.join("a/mine.txt")).unwrap(), "mine");
    assert!(kept.join("link").is_symlink());
    assert_eq!(fs::read_to_string(mine).unwrap(), "mine");
}

#[test]
fn a_site_of_the_version_without_keys_is_taken_over() {
    let site = Site::new();
    let hash = ContentHash::of(b"1");
    put(&site.output(), MANIFEST, &format!(r#"{{"podleaf":1,"files":[["a.txt","{hash}",1],["old.txt","{hash}",1]]}}"#));
    put(&site.output(), "a.txt", "1");
    put(&site.output(), "old.txt", "1");
    let published = site.publish(&pages(&[("a.txt", "1"), ("b.txt", "2")]));
    assert_eq!((published.added, published.removed, published.unchanged), (1, 1, 1));
}

/// A build in place: its parent folder belongs to another.
#[test]
fn an_output_whose_parent_is_not_writable_is_changed_in_place() {
    let versions = [
        pages(&[("index.html", "1"), ("a/b.txt", "b"), ("flip", "f"), ("gone/x.txt", "x")]),
        pages(&[("index.html", "2"), ("a/b.txt", "b"), ("flip/x/y.txt", "y")]),
        pages(&[("index.html", "2"), ("a/b.txt", "b"), ("flip", "f")]),
    ];
    if let Some(root) = given_folder() {
        for version in &versions {
            let published = publish(&root, version).unwrap();
            assert!(published.warnings.iter().map(|note| note.code).eq(["in-place"]), "{published:#?}");
            check_published(&root.join("public"), version);
            let before = seen(&root.join("public/a"));
            assert!(publish(&root, version).unwrap().warnings.is_empty());
            assert_eq!(seen(&root.join("public/a")), before);
        }
        return;
    }
    let site = Site::new();
    fs::create_dir(site.output()).unwrap();
    fs::set_permissions(site.output(), fs::Permissions::from_mode(0o777)).unwrap();
    fs::set_permissions(site.0.path(), fs::Permissions::from_mode(0o555)).unwrap();
    again_as_nobody("publishing::an_output_whose_parent_is_not_writable_is_changed_in_place", site.0.path());
    fs::set_permissions(site.0.path(), fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(fs::read_dir(site.0.path()).unwrap().count(), 1);
    site.publish(&versions[0]);
}

fn version(n: u64) -> Pages {
    let text = format!("<version {n}>{}</version {n}>", "text ".repeat(2_000));
    let mut version: Pages = (0..20).map(|page| (format!("{page}/index.html"), text.clone())).collect();
    version.extend(pages(&[("same/a.txt", "a"), ("same/b/c.txt", "c")]));
    version.extend(if n.is_multiple_of(2) { pages(&[("flip", "file")]) } else { pages(&[("flip/a/b.txt", "b")]) });
    version
}

#[test]
fn f78_a_build_killed_at_any_moment_leaves_a_whole_site() {
    if let Some(root) = given_folder() {
        let first: u64 = fs::read_to_string(root.join("first")).unwrap().parse().unwrap();
        for n in first.. {
            publish(&root, &version(n)).unwrap();
        }
    }
    let site = Site::new();
    let mut delay = 1_u64;
    for round in 0..60 {
        fs::write(site.0.path().join("first"), (round * 1_000_000 + 1).to_string()).unwrap();
        delay = delay * 48_271 % 0x7fff_ffff;
        kill_a_build(&site, Duration::from_micros(delay % 60_000));
        let page = fs::read_to_string(site.output().join("0/index.html")).unwrap();
        let n = page.strip_prefix("<version ").unwrap().split('>').next().unwrap().parse().unwrap();
        check_published(&site.output(), &version(n));
    }
    site.publish(&version(5));
    site.publish(&version(6));
    let mut left: Vec<_> = fs::read_dir(site.0.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, [".public.podleaf-previous", ".public.podleaf-stamps", "first", "public"]);
}

/// Kills builds that go on and on, some time after the first has published.
fn kill_a_build(site: &Site, after: Duration) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "publishing::f78_a_build_killed_at_any_moment_leaves_a_whole_site"]);
    let mut build = command.env("PODLEAF_TEST_FOLDER", site.0.path()).stdout(Stdio::null()).spawn().unwrap();
    let manifest = site.output().join(MANIFEST);
    while !manifest.exists() {
        assert!(build.try_wait().unwrap().is_none(), "the build goes on");
        thread::yield_now();
    }
    thread::sleep(after);
    build.kill().unwrap();
    build.wait().unwrap();
}

#[test]
fn f79_a_build_ends_at_a_signal_and_the_next_clears_up() {
    let episodes: Vec<(String, String)> = (0..500).map(|n| (format!("content/a/{n}.md"), FINE.repeat(40))).collect();
    let files: Vec<(&str, &str)> = episodes.iter().map(|(file, text)| (file.as_str(), text.as_str())).collect();
    let site = Built::of(&files);
    site.publish();
    for (n, signal) in [rustix::process::Signal::TERM, rustix::process::Signal::INT].into_iter().enumerate() {
        let before = snapshot(&site.root().join("public"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_podleaf"));
        command.arg("build").arg(site.root()).args(["--base-url", &format!("https://example.org/{n}/")]);
        let mut build = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let new = site.root().join(".public.podleaf-new");
        while !new.exists() {
            assert!(build.try_wait().unwrap().is_none(), "the build goes on");
        }
        rustix::process::kill_process(rustix::process::Pid::from_child(&build), signal).unwrap();
        assert_eq!(ended(&mut build).signal(), Some(signal.as_raw()));
        assert!(new.exists() && snapshot(&site.root().join("public")) == before);
    }
    site.publish();
    assert!(!site.root().join(".public.podleaf-new").exists() && !site.root().join(".public.podleaf-lock").exists());
}

fn ended(child: &mut Child) -> std::process::ExitStatus {
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        assert!(started.elapsed() < PATIENCE, "the build hangs");
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn f80_a_reader_never_misses_a_page_and_never_sees_a_torn_one() {
    let site = Site::new();
    site.publish(&version(0));
    let (done, reads) = (AtomicBool::new(false), AtomicUsize::new(0));
    let files: Vec<String> = version(0).into_keys().filter(|file| file.ends_with("index.html")).collect();
    thread::scope(|scope| {
        let reader = scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                for file in &files {
                    let text = fs::read_to_string(site.output().join(file)).expect("the page is always there");
                    let n: u64 = text.strip_prefix("<version ").unwrap().split('>').next().unwrap().parse().unwrap();
                    assert!(text.ends_with(&format!("</version {n}>")) && text.len() > 10_000, "{n}");
                    reads.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
        for n in 1..=30 {
            let before = reads.load(Ordering::Relaxed);
            while reads.load(Ordering::Relaxed) == before && !reader.is_finished() {
                thread::yield_now();
            }
            site.publish(&version(n));
        }
        done.store(true, Ordering::Relaxed);
        reader.join().unwrap();
    });
    assert!(reads.into_inner() >= 30);
}

#[test]
fn f82_a_second_build_waits_for_one_that_ends() {
    let site = Site::new();
    site.publish(&version(0));
    let first = begin(site.0.path()).unwrap();
    first.write(&route("index.html"), b"first", None).unwrap();
    thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_millis(60));
            first.publish().unwrap();
        });
        site.publish(&version(1));
    });
    let lock = put(site.0.path(), ".public.podleaf-lock", "4194305\n");
    site.publish(&version(2));
    assert!(!lock.exists());
}

#[test]
fn damaged_notes_of_ours_change_nothing() {
    let site = Site::new();
    site.publish(&version(0));
    site.publish(&version(1));
    let notes = site.0.path().join(".public.podleaf-stamps");
    let whole = fs::read(&notes).unwrap();
    let flipped: Vec<u8> = whole.iter().map(|byte| byte ^ 0x55).collect();
    let damaged: BTreeSet<&[u8]> = [&whole[..0], &whole[..9], &whole[..whole.len() / 2], &flipped].into();
    for (n, bytes) in damaged.into_iter().enumerate() {
        fs::write(&notes, bytes).unwrap();
        fs::write(site.output().join("0/index.html"), "changed by hand").unwrap();
        site.publish(&version(n as u64));
        assert_eq!(site.publish(&version(n as u64)).unchanged, version(n as u64).len());
    }
}

#[test]
fn f81_what_is_remembered_may_be_torn_at_any_place() {
    let site = Built::of(&[("content/a/one.md", FINE), ("content/b/two.md", &FINE.replace("Fine", "Well"))]);
    site.publish();
    let right = site.output();
    let memory = site.root().join(".podleaf");
    let files = fs::read_dir(&memory).unwrap().map(|entry| entry.unwrap().path());
    let files: Vec<PathBuf> = files.filter(|path| !path.ends_with(".gitignore")).collect();
    assert!(files.len() >= 2, "{files:?}");
    for tear in 0..6 {
        for path in &files {
            let bytes = fs::read(path).unwrap();
            let torn = match tear {
                0 => Vec::new(),
                1 => bytes[..bytes.len() / 2].to_vec(),
                2 => bytes[..bytes.len() - 1].to_vec(),
                3 => bytes.iter().map(|byte| byte ^ 1).collect(),
                4 => [bytes.as_slice(), b"x"].concat(),
                _ => vec![0xFF; bytes.len()],
            };
            fs::write(path, torn).unwrap();
            // As a build leaves it that is killed while it writes.
            fs::write(path.with_extension("123"), b"half").unwrap();
        }
        fs::remove_dir_all(site.root().join("public")).unwrap();
        site.publish();
        assert!(site.output() == right, "tear {tear}");
    }
}
