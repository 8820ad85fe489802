//! Incremental equals clean on a disk, by the program itself: what is remembered, the two trees, the lock, and the quick
//! way out where nothing changed.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use podleaf::output::{MANIFEST, Manifest};
use podleaf::path::SitePath;
use rayon::prelude::*;
use tempfile::TempDir;

use crate::built::{Run, run};
use crate::edits::{Author, Kind};
use crate::world::{Contents, Files};

const SEQUENCES: u64 = 60;
const EDITS: usize = 10;
/// After this the stamp of a file is believed.
const SETTLED: Duration = Duration::from_secs(3);

/// A site in memory that a folder follows.
struct Desk {
    seed: u64,
    author: Author,
    files: Files,
    folder: TempDir,
    /// What the folder holds.
    there: Contents,
    /// What was published last, with its sources.
    good: Contents,
    edits: Vec<Kind>,
    n_published: usize,
    /// How often it was seen that nothing was looked at.
    n_quick: usize,
}

/// What is to be told apart of a published file: its inode, and its bytes.
type Output = BTreeMap<String, (u64, Vec<u8>)>;

impl Desk {
    fn new(seed: u64) -> Self {
        let mut author = Author::new(seed + 1_000);
        let files = author.first_site();
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        let (there, good) = (Contents::new(), files.contents().clone());
        let mut desk = Self { seed, author, files, folder, there, good, edits: Vec::new(), n_published: 0, n_quick: 0 };
        desk.follow();
        desk.check_build();
        desk
    }

    /// The site's folder; the one of the clean build has the same name.
    fn root(&self) -> PathBuf {
        self.folder.path().join("own/site")
    }

    /// Does to the folder what was done to the files: what has the bytes of a file that went is that file, renamed.
    fn follow(&mut self) {
        let (old, new) = (std::mem::take(&mut self.there), self.files.contents().clone());
        let place = |path: &SitePath| self.root().join(path.as_str());
        let mut gone: Vec<&SitePath> = old.keys().filter(|path| !new.contains_key(*path)).collect();
        for (path, body) in new.iter().filter(|(path, body)| old.get(*path) != Some(body)) {
            fs::create_dir_all(place(path).parent().unwrap()).unwrap();
            match gone.iter().position(|gone| old[*gone] == *body) {
                Some(idx) => fs::rename(place(gone.swap_remove(idx)), place(path)).unwrap(),
                None => fs::write(place(path), body).unwrap(),
            }
        }
        gone.iter().for_each(|path| fs::remove_file(place(path)).unwrap());
        self.there = new;
    }

    fn edit(&mut self) {
        let edit = self.author.edit(&mut self.files);
        if edit.kind == Kind::Touch {
            let any = self.files.contents().keys().next().unwrap();
            fs::write(self.root().join(any.as_str()), &self.files.contents()[any]).unwrap();
        }
        self.edits.push(edit.kind);
        self.follow();
    }

    fn context(&self) -> String {
        format!("seed {}, {:?}", self.seed, self.edits)
    }

    /// Builds, and compares all that is published and the locks with a clean build of the same sources and locks.
    #[track_caller]
    fn check_build(&mut self) {
        let (root, context) = (self.root(), self.context());
        let (before, is_settled) = (output(&root), self.is_settled());
        let built = build(&root);
        if built.code != Some(0) {
            assert!(output(&root) == before, "{context}: nothing is published: {}", built.said);
            let clean = self.clean();
            assert_eq!((built.code, built.said), (clean.code, clean.said), "{context}");
            if self.author.now_and_then(2) {
                self.files.restore(&self.good);
                self.follow();
            }
            return;
        }
        let now = output(&root);
        let is_kept = |(file, new): (&String, &(u64, Vec<u8>))| {
            before.get(file).is_none_or(|old| old.1 != new.1 || old.0 == new.0)
        };
        assert!(now.iter().all(is_kept), "{context}: what is the same is the same file");
        let has_new_lock = self.take_locks();
        let last = last_build(&root);
        let again = build(&root);
        assert_eq!(again.code, Some(0), "{context}: {}", again.said);
        assert!(output(&root) == now, "{context}: nothing changed, and something was published");
        assert!(!self.take_locks(), "{context}: a second build writes no lock");
        if is_settled && !has_new_lock {
            assert_eq!(last_build(&root), last, "{context}: where nothing changed, nothing is looked at");
            self.n_quick += 1;
        }
        let clean = self.clean();
        assert_eq!(clean.code, Some(0), "{context}: {}", clean.said);
        assert!(!clean.said.contains("commit"), "{context}: a clean build writes a lock");
        check_same(&root, &self.clean_root(), &context);
        self.good = self.files.contents().clone();
        self.n_published += 1;
    }

    /// Whether all files are old enough for their stamps to be believed.
    fn is_settled(&self) -> bool {
        let changed = |path: &SitePath| fs::metadata(self.root().join(path.as_str())).unwrap().ctime();
        let now = podleaf::disk::now() / 1_000_000_000;
        self.there.keys().all(|path| now - changed(path) > 2)
    }

    /// Takes over the locks as a build wrote them; whether there are new ones.
    fn take_locks(&mut self) -> bool {
        let mut is_new = false;
        for show in ["one", "two", "three"] {
            let name = format!("content/{show}/show.lock");
            let Ok(text) = fs::read(self.root().join(&name)) else { continue };
            if self.there.get(&SitePath::new(name.as_str()).unwrap()) != Some(&text) {
                self.files.put(&name, text);
                is_new = true;
            }
        }
        self.there = self.files.contents().clone();
        is_new
    }

    fn clean_root(&self) -> PathBuf {
        self.folder.path().join("clean/site")
    }

    /// A build of the same files where nothing was built before.
    fn clean(&self) -> Run {
        let root = self.clean_root();
        _ = fs::remove_dir_all(&root);
        for (path, body) in &self.there {
            let place = root.join(path.as_str());
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            fs::write(place, body).unwrap();
        }
        build(&root)
    }
}

fn build(root: &Path) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_podleaf"));
    // 2026-01-01. The paths in what is said are the same everywhere.
    command.args(["build", "."]).current_dir(root).env("SOURCE_DATE_EPOCH", "1767225600");
    run(command)
}

fn output(root: &Path) -> Output {
    let output = root.join("public");
    let entries = walkdir::WalkDir::new(&output).into_iter().filter_map(Result::ok);
    let files = entries.filter(|entry| entry.file_type().is_file() && entry.file_name() != MANIFEST);
    let file = |entry: walkdir::DirEntry| {
        let name = entry.path().strip_prefix(&output).unwrap().to_str().unwrap().to_owned();
        (name, (entry.metadata().unwrap().ino(), fs::read(entry.path()).unwrap()))
    };
    files.map(file).collect()
}

/// What is remembered of the last build: a file that is new after each build, but not where nothing was to do.
fn last_build(root: &Path) -> Vec<u64> {
    let entries = fs::read_dir(root.join(".podleaf")).unwrap().map(Result::unwrap);
    let entries = entries.filter(|entry| entry.file_name().to_str().unwrap().starts_with("last-"));
    entries.map(|entry| entry.metadata().unwrap().ino()).collect()
}

/// All that is published, its manifest with the keys of pages, and the locks.
#[track_caller]
fn check_same(root: &Path, clean: &Path, context: &str) {
    let (ours, theirs) = (output(root), output(clean));
    let bytes = |output: &Output| output.iter().map(|(file, (_, bytes))| (file.clone(), bytes.clone())).collect();
    let (ours, theirs): (BTreeMap<_, _>, BTreeMap<_, _>) = (bytes(&ours), bytes(&theirs));
    for (file, text) in &theirs {
        assert!(ours.get(file) == Some(text), "{context}: {file} is not what a first build makes");
    }
    assert!(ours.keys().eq(theirs.keys()), "{context}: {:?} and {:?}", ours.keys(), theirs.keys());
    let manifest = |root: &Path| {
        let manifest = Manifest::parse(&fs::read(root.join("public").join(MANIFEST)).unwrap()).unwrap();
        // The key of a copied file is how the system sees its source.
        let entries = manifest.files.into_iter().map(|entry| {
            let key = entry.key.filter(|_| entry.file.ends_with(".html"));
            (entry.file, entry.hash, entry.size, key)
        });
        entries.collect::<Vec<_>>()
    };
    assert_eq!(manifest(root), manifest(clean), "{context}");
    for show in ["one", "two", "three"] {
        let lock = |root: &Path| fs::read(root.join(format!("content/{show}/show.lock"))).ok();
        assert_eq!(lock(root), lock(clean), "{context}: the lock of {show}");
    }
}

#[test]
fn on_disk_incremental_equals_clean() {
    let mut desks: Vec<Desk> = (0..SEQUENCES).into_par_iter().map(Desk::new).collect();
    let goes_on = |desk: &&mut Desk| desk.n_published <= EDITS;
    while desks.iter().any(|desk| desk.n_published <= EDITS) {
        desks.par_iter_mut().filter(goes_on).for_each(|desk| {
            desk.edit();
            // Some are built while the stamps of their files may not show a change.
            if desk.author.now_and_then(3) {
                desk.check_build();
                desk.edit();
            }
        });
        // The others once they do.
        thread::sleep(SETTLED);
        desks.par_iter_mut().filter(goes_on).for_each(Desk::check_build);
        assert!(!desks.iter().any(|desk| desk.edits.len() > 5 * EDITS), "errors without end");
    }
    let n_quick: usize = desks.iter().map(|desk| desk.n_quick).sum();
    assert!(n_quick > desks.len(), "{n_quick} builds had nothing to look at");
}
