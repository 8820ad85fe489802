//! Publishing: reliability matrix D, E and F.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::thread;

use podleaf::diagnostic::{Diagnostic, Fault};
use podleaf::hash::ContentHash;
use podleaf::output::{MANIFEST, Manifest};
use podleaf::path::Route;
use podleaf::write::{Places, Published, Staging, Target};
use tempfile::TempDir;

use crate::built::Built;
use crate::tree::{again_as_nobody, folder, given_folder, put, snapshot};

struct Site {
    temp: TempDir,
}

impl Site {
    fn new() -> Self {
        let temp = folder();
        for file in ["home/site/content/a.md", "home/site/templates/a.html", "home/site/static/a.css", "home/x.txt"] {
            put(temp.path(), file, file);
        }
        Self { temp }
    }

    fn home(&self) -> PathBuf {
        self.temp.path().join("home")
    }

    fn root(&self) -> PathBuf {
        self.home().join("site")
    }

    fn output(&self) -> PathBuf {
        self.root().join("public")
    }

    fn check(&self, output: &Path) -> Result<Target, Diagnostic> {
        let (root, home) = (self.root(), self.home());
        Target::check(&Places { root: &root, content_root: "content", output, home: Some(&home) })
    }

    fn begin(&self) -> Staging {
        Staging::begin(self.check(&self.output()).unwrap()).unwrap()
    }

    fn publish(&self, pages: &[(&str, &str)]) -> Published {
        let staging = self.begin();
        pages.iter().for_each(|(to, text)| staging.write(&route(to), text.as_bytes(), None).unwrap());
        let published = staging.publish().unwrap();
        assert!(published.warnings.is_empty(), "{:#?}", published.warnings);
        published
    }

    #[track_caller]
    fn check_refused(&self, output: &Path, part: &str) -> Diagnostic {
        let before = snapshot(self.temp.path());
        let refusal = self.check(output).unwrap_err();
        assert_eq!(refusal.fault, Fault::Safety, "{refusal:#?}");
        assert!(refusal.message.contains(part) && !refusal.help.is_empty(), "{refusal:#?}");
        assert_eq!(snapshot(self.temp.path()), before);
        refusal
    }

    fn siblings(&self) -> Vec<String> {
        let names = fs::read_dir(self.root()).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
        let usual = ["content", "templates", "static", ".public.podleaf-previous", ".public.podleaf-stamps"];
        names.retain(|name| !usual.contains(&name.as_str()));
        names.sort();
        names
    }
}

fn route(text: &str) -> Route {
    Route::new(text).unwrap()
}

fn pages(folder: &Path) -> BTreeMap<String, String> {
    if !folder.exists() {
        return BTreeMap::new();
    }
    let files = snapshot(folder).into_iter().filter(|(path, _)| path.is_file() && !path.ends_with(MANIFEST));
    files.map(|(path, text)| (path.strip_prefix(folder).unwrap().display().to_string(), text[2..].to_owned())).collect()
}

fn counts(published: &Published) -> [usize; 4] {
    [published.added, published.changed, published.removed, published.unchanged]
}

#[test]
fn a_site_is_published_with_its_manifest() {
    let site = Site::new();
    let published = site.publish(&[("/", "home"), ("/b/", "b"), ("/a.txt", "a")]);
    assert_eq!(counts(&published), [3, 0, 0, 0]);
    assert_eq!(site.siblings(), ["public"]);
    let manifest = Manifest::parse(&fs::read(site.output().join(MANIFEST)).unwrap()).unwrap();
    let files: Vec<_> = manifest.files.iter().map(|entry| (entry.file.as_str(), entry.hash, entry.size)).collect();
    let expected = [("a.txt", "a"), ("b/index.html", "b"), ("index.html", "home")]
        .map(|(f, t)| (f, ContentHash::of(t.as_bytes()), t.len() as u64));
    assert_eq!(files, expected);
}

#[test]
fn publishing_again_replaces_the_whole_site() {
    let site = Site::new();
    site.publish(&[("/", "1"), ("/gone/deep/", "x"), ("/same/", "s")]);
    let published = site.publish(&[("/", "2"), ("/new/", "n"), ("/same/", "s")]);
    assert_eq!(counts(&published), [1, 1, 1, 1]);
    let expected = [("index.html", "2"), ("new/index.html", "n"), ("same/index.html", "s")];
    assert_eq!(pages(&site.output()), expected.map(|(f, t)| (f.to_owned(), t.to_owned())).into());
    assert!(!site.output().join("gone").exists());
    assert_eq!(site.siblings(), ["public"]);
}

#[test]
fn an_empty_folder_is_a_fine_output_and_keeps_its_permissions() {
    let site = Site::new();
    fs::create_dir(site.output()).unwrap();
    fs::set_permissions(site.output(), fs::Permissions::from_mode(0o751)).unwrap();
    site.publish(&[("/", "1")]);
    assert_eq!(fs::metadata(site.output()).unwrap().permissions().mode() & 0o777, 0o751);
}

#[test]
fn a_staging_that_is_dropped_leaves_nothing() {
    let site = Site::new();
    site.publish(&[("/", "1")]);
    let before = snapshot(site.temp.path());
    let staging = site.begin();
    staging.write(&route("/"), b"2", None).unwrap();
    drop(staging);
    assert_eq!(snapshot(site.temp.path()), before);
}

#[test]
fn two_routes_with_one_file_are_an_error() {
    let site = Site::new();
    let staging = site.begin();
    staging.write(&route("/a/"), b"1", None).unwrap();
    for clash in ["/a/", "/a/index.html", "/a", "/a/index.html/b"] {
        let error = staging.write(&route(clash), b"2", None).unwrap_err();
        assert_eq!((error.code, error.fault), ("same-file", Fault::Site), "{clash}");
    }
    let error = staging.write(&route("/.podleaf-manifest.json"), b"", None).unwrap_err();
    assert_eq!(error.code, "reserved-route");
}

#[test]
fn b33_a_name_too_long_for_the_system_is_an_error_that_names_it() {
    let site = Site::new();
    let staging = site.begin();
    staging.write(&route(&format!("/{}/", "x".repeat(255))), b"1", None).unwrap();
    staging.write(&route(&format!("/{}", "d/".repeat(200))), b"1", None).unwrap();
    let error = staging.write(&route(&format!("/{}/", "y".repeat(256))), b"1", None).unwrap_err();
    assert_eq!(error.fault, Fault::Machine);
    assert!(error.message.contains("yyy") && error.message.ends_with("the name is too long"), "{error:#?}");
}

#[test]
fn many_threads_write_into_one_staging() {
    let site = Site::new();
    let staging = site.begin();
    thread::scope(|scope| {
        for thread in 0..8 {
            let staging = &staging;
            scope.spawn(move || {
                for n in 0..100 {
                    staging.write(&route(&format!("/show/{}/{n}-{thread}/", n % 7)), b"page", None).unwrap();
                }
            });
        }
    });
    assert_eq!(staging.publish().unwrap().added, 800);
    assert_eq!(pages(&site.output()).len(), 800);
}

#[test]
fn d58_an_output_that_cannot_be_written_is_an_error_of_the_machine() {
    if let Some(root) = given_folder() {
        let output = root.join("public");
        let target =
            Target::check(&Places { root: &root, content_root: "content", output: &output, home: None }).unwrap();
        let error = Staging::begin(target).unwrap_err();
        assert_eq!(error.fault, Fault::Machine);
        assert!(error.message.ends_with("permission denied"), "{error:#?}");
        return;
    }
    let site = Site::new();
    site.publish(&[("/", "1")]);
    fs::set_permissions(site.root(), fs::Permissions::from_mode(0o555)).unwrap();
    let before = snapshot(site.temp.path());
    again_as_nobody("output_safety::d58_an_output_that_cannot_be_written_is_an_error_of_the_machine", &site.root());
    assert_eq!(snapshot(site.temp.path()), before);
    fs::set_permissions(site.root(), fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn d64_media_are_copied_not_linked() {
    use std::os::unix::fs::MetadataExt;
    let site = Site::new();
    let bytes = "sound ".repeat(200_000);
    let media = put(&site.root(), "content/a.mp3", &bytes);
    let staging = site.begin();
    staging.copy(&route("/a/a.mp3"), fs::File::open(&media).unwrap(), None).unwrap();
    staging.publish().unwrap();
    let copy = site.output().join("a/a.mp3");
    assert_eq!(fs::read_to_string(&copy).unwrap(), bytes);
    assert_eq!(fs::metadata(&copy).unwrap().nlink(), 1);
    let manifest = Manifest::parse(&fs::read(site.output().join(MANIFEST)).unwrap()).unwrap();
    assert_eq!(manifest.files[0].hash, ContentHash::of(bytes.as_bytes()));
    assert_eq!(manifest.files[0].size, bytes.len() as u64);
}

#[test]
fn d65_media_on_another_file_system_are_copied() {
    let Ok(other) = tempfile::tempdir_in("/dev/shm") else { return };
    let media = put(other.path(), "a.mp3", "sound");
    let site = Site::new();
    let staging = site.begin();
    staging.copy(&route("/a.mp3"), fs::File::open(media).unwrap(), None).unwrap();
    staging.publish().unwrap();
    assert_eq!(pages(&site.output())["a.mp3"], "sound");
}

#[test]
fn d55_only_regular_files_are_copied() {
    let site = Site::new();
    let staging = site.begin();
    let error = staging.copy(&route("/zero"), fs::File::open("/dev/zero").unwrap(), None).unwrap_err();
    assert_eq!(error.code, "cannot-read");
}

#[test]
fn e68_to_e77_a_build_into_an_unsafe_output_ends_with_code_4_and_changes_nothing() {
    let built = Built::good();
    built.publish();
    let root = built.root();
    let beside = root.parent().unwrap();
    put(beside, "mine/notes.txt", "mine");
    put(beside, "repository/.git/config", "");
    put(beside, "file", "mine");
    symlink(beside.join("mine"), beside.join("link")).unwrap();
    symlink(beside.join("mine"), root.join("public/mine")).unwrap();
    let before = built.everything();
    let outputs =
        [".", "..", "content", "content/new", "static", "/", "../mine", "../repository", "../file", "../link"];
    for output in outputs.into_iter().chain(["public"]) {
        let output = root.join(output);
        let run = built.build_with(&["--output-dir", output.to_str().unwrap()]);
        assert_eq!(run.code, Some(4), "{}: {}", output.display(), run.said);
        assert!(run.said.contains("error[") && run.said.contains("help:"), "{}", run.said);
        assert!(built.everything() == before, "{}", output.display());
    }
}

#[test]
fn e68_output_equal_to_source_is_refused() {
    let site = Site::new();
    site.check_refused(&site.root(), "is the folder of the site's sources");
    site.check_refused(&site.root().join("content/.."), "is the folder of the site's sources");
    site.check_refused(&site.root().join("missing/.."), "is the folder of the site's sources");
}

#[test]
fn e69_output_that_holds_the_source_is_refused() {
    let site = Site::new();
    site.check_refused(site.temp.path(), "holds the folder of the site's sources");
}

#[test]
fn e70_output_in_a_folder_of_sources_is_refused() {
    let site = Site::new();
    site.check_refused(&site.root().join("content"), "the source folder `content` overlap");
    site.check_refused(&site.root().join("content/new"), "the source folder `content` overlap");
    site.check_refused(&site.root().join("static"), "the source folder `static` overlap");
    site.check_refused(&site.root().join("templates/x/y"), "the source folder `templates` overlap");
    symlink("content", site.root().join("link")).unwrap();
    site.check_refused(&site.root().join("link/new"), "the source folder `content` overlap");
}

#[test]
fn e71_output_equal_to_home_is_refused() {
    let site = Site::new();
    let (root, home) = (site.root(), site.home());
    let other = folder();
    put(other.path(), "x", "");
    let places = Places { root: &root, content_root: "", output: other.path(), home: Some(other.path()) };
    let refusal = Target::check(&places).unwrap_err();
    assert!(refusal.message.contains("is or holds your home folder"), "{refusal:#?}");
    site.check_refused(&home, "");
}

#[test]
fn e72_the_root_of_the_file_system_is_refused() {
    let site = Site::new();
    site.check_refused(Path::new("/"), "is the root of the file system");
    site.check_refused(Path::new("/../."), "is the root of the file system");
}

#[test]
fn e73_an_output_with_foreign_files_is_refused() {
    let site = Site::new();
    site.publish(&[("/", "1"), ("/a/", "a")]);
    for n in 0..7 {
        put(&site.output(), &format!("a/mine-{n}.txt"), "mine");
    }
    fs::create_dir(site.output().join("empty")).unwrap();
    let refusal = site.check_refused(&site.output(), "`a/mine-0.txt`, `a/mine-1.txt`, `a/mine-2.txt`");
    assert!(refusal.message.ends_with("`a/mine-4.txt` and more"), "{refusal:#?}");
    assert!(refusal.help[0].contains("static/"));
}

#[test]
fn e73_an_output_with_git_is_refused() {
    let site = Site::new();
    site.publish(&[("/", "1")]);
    put(&site.output(), ".git/config", "");
    site.check_refused(&site.output(), "is a git repository");
    site.check_refused(&site.output().join(".git/x"), "`.git`");
}

#[test]
fn e74_an_output_that_we_did_not_make_is_refused() {
    let site = Site::new();
    put(&site.output(), "mine.txt", "mine");
    site.check_refused(&site.output(), "is not empty and was not made by Podleaf");
    for damaged in ["", "{}", r#"{"podleaf":1,"files":[["../../x.txt","00000000000000000000000000000000",1]]}"#] {
        put(&site.output(), MANIFEST, damaged);
        site.check_refused(&site.output(), "was not made by Podleaf");
    }
    fs::remove_file(site.output().join("mine.txt")).unwrap();
    site.check_refused(&site.output(), "was not made by Podleaf");
}

#[test]
fn e75_an_output_that_is_a_file_is_refused() {
    let site = Site::new();
    let file = put(&site.root(), "public", "mine");
    site.check_refused(&file, "is a file");
    site.check_refused(&file.join("below"), "lies below a file");
}

#[test]
fn e76_an_output_that_is_a_link_is_refused() {
    let site = Site::new();
    let elsewhere = site.temp.path().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    symlink(&elsewhere, site.output()).unwrap();
    site.check_refused(&site.output(), "is a link");
    site.check_refused(&PathBuf::from(format!("{}/", site.output().display())), "is a link");
    fs::remove_dir(elsewhere).unwrap();
    site.check_refused(&site.output(), "is a link");
}

#[test]
fn e77_a_link_inside_the_output_is_refused() {
    let site = Site::new();
    site.publish(&[("/", "1"), ("/a/", "a")]);
    symlink(site.home(), site.output().join("home")).unwrap();
    site.check_refused(&site.output(), "`home`");
    fs::remove_file(site.output().join("home")).unwrap();
    fs::remove_dir_all(site.output().join("a")).unwrap();
    symlink(site.home(), site.output().join("a")).unwrap();
    site.check_refused(&site.output(), "`a`");
}

#[test]
fn e77_a_link_that_appears_during_the_build_is_not_followed() {
    let site = Site::new();
    site.publish(&[("/", "1"), ("/a/x.txt", "a")]);
    let mine = put(&site.home(), "mine/x.txt", "mine");
    let staging = site.begin();
    fs::remove_dir_all(site.output().join("a")).unwrap();
    symlink(site.home().join("mine"), site.output().join("a")).unwrap();
    let published = staging.publish().unwrap();
    assert_eq!(published.warnings.iter().next().unwrap().code, "kept-files");
    assert_eq!(fs::read_to_string(mine).unwrap(), "mine");
}

#[test]
fn e73_files_that_appear_during_the_build_are_kept() {
    let site = Site::new();
    site.publish(&[("/", "1"), ("/a/", "a")]);
    let staging = site.begin();
    staging.write(&route("/"), b"2", None).unwrap();
    put(&site.output(), "a/mine.txt", "mine");
    let published = staging.publish().unwrap();
    let warning = published.warnings.iter().next().unwrap();
    assert_eq!(warning.code, "kept-files");
    assert!(warning.message.ends_with("public-kept-1` now"), "{warning:#?}");
    assert_eq!(site.siblings(), ["public", "public-kept-1"]);
    assert_eq!(pages(&site.root().join("public-kept-1")), [("a/mine.txt".to_owned(), "mine".to_owned())].into());
    assert_eq!(fs::read_to_string(site.output().join("index.html")).unwrap(), "2");
}

#[test]
fn an_output_that_appears_during_the_build_is_not_replaced() {
    let site = Site::new();
    let staging = site.begin();
    put(&site.output(), "mine.txt", "mine");
    let error = staging.publish().unwrap_err();
    assert_eq!((error.code, error.fault), ("unsafe-output", Fault::Safety));
    assert_eq!(site.siblings(), ["public"]);
    assert_eq!(fs::read_to_string(site.output().join("mine.txt")).unwrap(), "mine");
}

#[test]
fn f82_a_second_build_is_told_of_the_first() {
    let site = Site::new();
    let first = site.begin();
    let error = Staging::begin(site.check(&site.output()).unwrap()).unwrap_err();
    assert_eq!((error.code, error.fault), ("another-build", Fault::Machine));
    assert!(error.message.contains(&format!("(pid {})", std::process::id())), "{error:#?}");
    drop(first);
    site.publish(&[("/", "1")]);
}

#[test]
fn f82_the_lock_of_a_dead_process_is_no_obstacle() {
    let site = Site::new();
    put(&site.root(), ".public.podleaf-lock", "4194305\n");
    site.publish(&[("/", "1")]);
    assert_eq!(site.siblings(), ["public"]);
}

#[test]
fn f78_what_a_dead_build_left_is_cleared_away() {
    let site = Site::new();
    site.publish(&[("/", "1")]);
    for part in ["new", "previous"] {
        put(&site.root(), &format!(".public.podleaf-{part}/.podleaf-unfinished"), "");
        put(&site.root(), &format!(".public.podleaf-{part}/a/index.html"), "half");
    }
    site.publish(&[("/", "2")]);
    assert_eq!(site.siblings(), ["public"]);
    assert_eq!(
        pages(&site.root().join(".public.podleaf-previous")),
        [("index.html".to_owned(), "1".to_owned())].into()
    );
    fs::create_dir(site.root().join(".public.podleaf-new")).unwrap();
    site.publish(&[("/", "3")]);
    assert_eq!(site.siblings(), ["public"]);
}

#[test]
fn f78_folders_of_others_that_have_our_names_are_kept() {
    for part in ["new", "previous"] {
        let site = Site::new();
        site.publish(&[("/", "1")]);
        put(&site.root(), &format!(".public.podleaf-{part}/mine.txt"), "mine");
        let staging = site.begin();
        staging.write(&route("/"), b"2", None).unwrap();
        let published = staging.publish().unwrap();
        assert_eq!(published.warnings.iter().next().unwrap().code, "kept-files");
        assert_eq!(fs::read_to_string(site.root().join("public-kept-1/mine.txt")).unwrap(), "mine");
        assert_eq!(pages(&site.output())["index.html"], "2");
    }
}
