//! What a deploy remembers on this machine: who it was, and what has arrived. It saves work, and keeps two deploys of one
//! folder apart.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::manifest::SiteFile;
use crate::hash::ContentHash;

/// The journal of one target: a line with the id of the last deploy, a line for each file that arrived, and `done`. A line
/// `lease ID` is about a later deploy, which may not have begun.
///
/// Nobody else on this machine deploys to the target while it is open.
#[derive(Debug)]
pub struct Journal {
    file: Mutex<File>,
    /// The id of the last deploy that began here.
    pub last: Option<String>,
    /// Whether that one was carried out.
    pub is_done: bool,
    arrived: BTreeMap<String, ContentHash>,
    leases: BTreeSet<String>,
}

/// Why there is no journal.
#[derive(Debug)]
pub enum Unopened {
    /// Another deploy of this folder runs.
    InUse,
    /// The machine does not let us.
    Failed(io::Error),
}

impl Journal {
    /// Opens the journal of a target in the folder of what is remembered.
    ///
    /// # Errors
    /// See [`Unopened`].
    pub fn open(folder: &Path, target: &str) -> Result<Self, Unopened> {
        let open = || {
            fs::create_dir_all(folder)?;
            if !folder.join(".gitignore").exists() {
                fs::write(folder.join(".gitignore"), "*\n")?;
            }
            let path = folder.join(format!("deploy-{target}"));
            File::options().read(true).write(true).create(true).truncate(false).open(path)
        };
        let mut file = open().map_err(Unopened::Failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Unopened::InUse),
            Err(TryLockError::Error(error)) => return Err(Unopened::Failed(error)),
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(Unopened::Failed)?;
        // A last line without an end was being written; what is noted next begins a line.
        let n_whole = bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |end| end + 1);
        file.set_len(n_whole as u64).map_err(Unopened::Failed)?;
        let whole = String::from_utf8_lossy(&bytes[..n_whole]);
        let mut lines = whole.lines();
        let last = lines.next().filter(|id| is_id(id)).map(str::to_owned);
        let is_done = whole.lines().any(|line| line == "done");
        let leases = whole.lines().filter_map(|line| line.strip_prefix("lease ")).chain(last.as_deref());
        let leases = leases.map(str::to_owned).collect();
        let row = |line: &str| {
            let (hash, path) = line.split_once(' ')?;
            Some((path.to_owned(), ContentHash::from_hex(hash)?))
        };
        let arrived = lines.filter_map(row).collect();
        file.seek(SeekFrom::End(0)).map_err(Unopened::Failed)?;
        Ok(Self { file: Mutex::new(file), last, is_done, arrived, leases })
    }

    /// Whether the deploy that is resumed has sent these bytes.
    pub fn has(&self, file: &SiteFile) -> bool {
        self.arrived.get(&file.file) == Some(&file.hash)
    }

    /// Begins anew.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn begin(&mut self, id: &str) -> io::Result<()> {
        self.arrived.clear();
        self.last = Some(id.to_owned());
        let file = self.file.get_mut().unwrap_or_else(PoisonError::into_inner);
        // Whoever is killed between two of these leaves a journal that knows the lease; what it says of files counts only
        // for a deploy that has begun to send.
        let line = format!("{id}\n");
        file.seek(SeekFrom::Start(0))?;
        file.write_all(line.as_bytes())?;
        file.set_len(line.len() as u64)
    }

    /// Whether a lease is of a deploy from here, which then has ended.
    pub fn held(&self, id: &str) -> bool {
        self.leases.contains(id)
    }

    /// Notes that a lease will be taken.
    pub fn will_hold(&self, id: &str) {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        _ = file.write_all(format!("lease {id}\n").as_bytes());
    }

    /// Notes that a file arrived. What cannot be noted is sent again another time.
    pub fn note(&self, sent: &SiteFile) {
        let line = format!("{} {}\n", sent.hash, sent.file);
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        _ = file.write_all(line.as_bytes());
    }

    /// Notes that the deploy was carried out.
    pub fn end(&self) {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        _ = file.write_all(b"done\n");
    }
}

/// Whether a text may be the id of a deploy.
pub(super) fn is_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str) -> SiteFile {
        SiteFile::new(name.to_owned(), 1, ContentHash::of(name.as_bytes()))
    }

    #[test]
    fn a_journal_remembers_what_arrived() {
        let folder = tempfile::tempdir().unwrap();
        let id = "0123456789abcdef0123456789abcdef";
        let mut journal = Journal::open(folder.path(), "x").unwrap();
        assert!(journal.last.is_none());
        assert!(matches!(Journal::open(folder.path(), "x"), Err(Unopened::InUse)));
        assert!(Journal::open(folder.path(), "y").is_ok());
        journal.begin(id).unwrap();
        journal.note(&file("a b/一.html"));
        journal.will_hold(&id.replace('0', "a"));
        drop(journal);
        let torn = folder.path().join("deploy-x");
        let text = fs::read_to_string(&torn).unwrap();
        fs::write(&torn, format!("{text}{} c.ht", file("c.html").hash)).unwrap();
        let journal = Journal::open(folder.path(), "x").unwrap();
        assert_eq!((journal.last.as_deref(), journal.is_done), (Some(id), false));
        assert!(journal.has(&file("a b/一.html")) && !journal.has(&file("c.html")));
        assert!(journal.held(id) && journal.held(&id.replace('0', "a")) && !journal.held(&id.replace('0', "b")));
        journal.end();
        journal.will_hold(&id.replace('0', "b"));
        drop(journal);
        assert!(Journal::open(folder.path(), "x").unwrap().is_done);
    }
}
