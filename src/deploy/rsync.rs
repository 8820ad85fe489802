//! A folder of another machine, reached by the system's rsync: over ssh, or without it for a path of this machine.
//!
//! rsync writes each file under another name and renames it, so that none is seen in part. What it is told are lists of
//! files, never the whole folder: what is not ours stays.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use super::local::Local;
use super::manifest::SiteFile;
use super::patience::patiently;
use super::scratch::Scratch;
use super::secrets::redacted;
use super::store::{Failure, Over, Place, Store};
use crate::diagnostic::io::reason;

/// Exit codes that another try may change: the connection, the protocol, a time limit; 255 is ssh's own.
const PASSING: [i32; 5] = [10, 12, 30, 35, 255];
/// Some of the files could not be transferred, which is how a file that is not there is said.
const PARTIAL: [i32; 2] = [23, 24];
/// Files that are to be deleted are not in the folder that is sent, as is meant.
const VANISHED: i32 = 24;

/// The folder.
#[derive(Debug)]
pub struct Rsync {
    /// As rsync takes it, with a slash at its end.
    destination: String,
}

/// How a run of rsync ended.
struct Ended {
    code: i32,
    said: String,
}

impl Ended {
    /// Whether what was asked for is there, or not there for certain: neither a file nor the folder itself.
    fn is_answer(&self) -> bool {
        self.code == 0
            || PARTIAL.contains(&self.code)
            || self.said.contains("change_dir") && self.said.contains("No such file or directory")
    }
}

impl Rsync {
    /// The folder at a destination such as `user@host:/srv/www`.
    pub fn new(destination: &str) -> Self {
        Self { destination: format!("{}/", destination.trim_end_matches('/')) }
    }

    /// Runs rsync with a list of files; tries again where that may help.
    fn run(
        &self,
        options: &[&str],
        (from, to): (&str, &str),
        files: &[&str],
        arrived: &mut dyn FnMut(&str),
    ) -> Result<Ended, String> {
        let may_pass = |ended: &Ended| PASSING.contains(&ended.code) && !ended.is_answer();
        let ended = patiently(|| once(options, (from, to), files, arrived), may_pass)?;
        if may_pass(&ended) { Err(ended.said) } else { Ok(ended) }
    }

    /// Sends files below a folder.
    fn push(
        &self,
        folder: &Path,
        options: &[&str],
        files: &[&str],
        arrived: &mut dyn FnMut(&str),
    ) -> Result<Ended, String> {
        let from = format!("{}/", folder.display());
        self.run(options, (&from, &self.destination), files, arrived)
    }
}

/// The folders that files are in.
fn folders_of<'f>(files: &[&'f str]) -> BTreeSet<&'f str> {
    files.iter().flat_map(|file| file.match_indices('/').map(|(end, _)| &file[..end])).collect()
}

fn once(
    options: &[&str],
    (from, to): (&str, &str),
    files: &[&str],
    arrived: &mut dyn FnMut(&str),
) -> Result<Ended, String> {
    let mut command = Command::new("rsync");
    command.args(["--files-from=-", "--from0", "--ignore-times", "--chmod=D755,F644", "--timeout=120"]);
    // The names that are printed are the bytes of the names.
    command.args(["--8-bit-output", "--out-format=%n"]).args(options).env("LC_ALL", "C");
    if std::env::var_os("RSYNC_RSH").is_none() {
        // It asks for nothing: there may be nobody.
        command.args(["-e", "ssh -o BatchMode=yes"]);
    }
    command.arg("--").args([from, to]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let cannot = |error: std::io::Error| format!("cannot run `rsync`: {}", reason(&error));
    let mut child = command.spawn().map_err(cannot)?;
    let list: Vec<u8> = files.iter().flat_map(|file| file.bytes().chain([0])).collect();
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let said = std::thread::scope(|scope| {
        // A program that ended early has read no list, which its exit code says.
        scope.spawn(|| stdin.map(|mut pipe| pipe.write_all(&list)));
        let errors = scope.spawn(|| {
            let mut said = Vec::new();
            _ = stderr.map(|pipe| pipe.take(64 << 10).read_to_end(&mut said));
            String::from_utf8_lossy(&said).into_owned()
        });
        for line in stdout.map(BufReader::new).into_iter().flat_map(BufRead::lines).map_while(Result::ok) {
            arrived(&line);
        }
        errors.join().unwrap_or_default()
    });
    let status = child.wait().map_err(cannot)?;
    let said = redacted(said.lines().find(|line| !line.trim().is_empty()).unwrap_or("rsync failed"));
    Ok(Ended { code: status.code().unwrap_or(-1), said })
}

impl Place for Rsync {
    fn read(&self, files: &[&str]) -> Result<Vec<Option<Vec<u8>>>, String> {
        let scratch = Scratch::new()?;
        let to = format!("{}/", scratch.path().display());
        let ended = self.run(&[], (&self.destination, &to), files, &mut |_| {})?;
        if !ended.is_answer() {
            return Err(ended.said);
        }
        Ok(files.iter().map(|file| fs::read(scratch.path().join(file)).ok()).collect())
    }

    fn is_empty(&self) -> Result<bool, String> {
        let mut any = false;
        let scratch = Scratch::new()?;
        let to = format!("{}/", scratch.path().display());
        let ended =
            self.run(&["--dirs", "--dry-run"], (&self.destination, &to), &["./"], &mut |line| any |= line != "./")?;
        if ended.is_answer() { Ok(!any) } else { Err(ended.said) }
    }
}

impl Store for Rsync {
    fn put(&self, file: &str, bytes: &[u8], over: Over) -> Result<(), String> {
        let scratch = Scratch::new()?;
        fs::write(scratch.path().join(file), bytes).map_err(|error| reason(&error))?;
        let options: &[&str] = match over {
            Over::Allowed => &["--mkpath"],
            Over::Refused => &["--mkpath", "--ignore-existing"],
        };
        let ended = self.push(scratch.path(), options, &[file], &mut |_| {})?;
        if ended.code == 0 { Ok(()) } else { Err(ended.said) }
    }

    fn send(&self, local: &Local, files: &[&SiteFile], arrived: &(dyn Fn(&SiteFile) + Sync)) -> Vec<Failure> {
        let failures = |why: &dyn Fn(&SiteFile) -> Option<String>| -> Vec<Failure> {
            files.iter().filter_map(|file| Some(Failure { file: file.file.clone(), why: why(file)? })).collect()
        };
        let changed = failures(&|file| local.verify(file).err());
        if !changed.is_empty() {
            return changed;
        }
        let names: Vec<&str> = files.iter().map(|file| file.file.as_str()).collect();
        let by_name: BTreeMap<&str, &SiteFile> = names.iter().copied().zip(files.iter().copied()).collect();
        let mut there = BTreeSet::new();
        let ended = self.push(&local.folder, &["--mkpath"], &names, &mut |line| {
            if let Some(file) = by_name.get(line) {
                there.insert(file.file.as_str());
                arrived(file);
            }
        });
        match ended {
            Ok(ended) if ended.code == 0 => Vec::new(),
            Ok(Ended { said, .. }) | Err(said) => {
                failures(&|file| (!there.contains(file.file.as_str())).then(|| said.clone()))
            }
        }
    }

    fn delete(&self, files: &[&str]) -> Vec<Failure> {
        let deleted = Scratch::new().and_then(|empty| {
            // What is named and not in an empty folder is what goes.
            let options = ["--delete-missing-args", "--no-implied-dirs"];
            let ended = self.push(empty.path(), &options, files, &mut |_| {})?;
            if !matches!(ended.code, 0 | VANISHED) {
                return Err(ended.said);
            }
            // So go the folders that are empty now, and no links to folders: rsync leaves one in which there is something.
            let to = format!("{}/", empty.path().display());
            let asked: Vec<&str> = folders_of(files).into_iter().collect();
            let mut by_depth: BTreeMap<usize, Vec<String>> = BTreeMap::new();
            let look = ["--dirs", "--dry-run", "--no-implied-dirs"];
            self.run(&look, (&self.destination, &to), &asked, &mut |line| {
                if let Some(folder) = line.strip_suffix('/') {
                    by_depth.entry(folder.matches('/').count()).or_default().push(folder.to_owned());
                }
            })?;
            // rsync takes a folder before those in it, and finds it full.
            for folders in by_depth.values().rev() {
                let folders: Vec<&str> = folders.iter().map(String::as_str).collect();
                self.push(empty.path(), &options, &folders, &mut |_| {})?;
            }
            Ok(())
        });
        let failure =
            |why: String| files.iter().map(move |file| Failure { file: (*file).to_owned(), why: why.clone() });
        deleted.err().into_iter().flat_map(failure).collect()
    }
}
