//! A site in memory: its files, with stamps as a file system gives them, and what a build remembers of it.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::sync::atomic::{AtomicUsize, Ordering};

use podleaf::memo::{self, Memo};
use podleaf::output::Body;
use podleaf::path::{Route, SitePath};
use podleaf::site::Site;
use podleaf::source::{FileEntry, ReadFault, ReadSeek, Stamp, World};

/// The bytes of each file.
pub(crate) type Contents = BTreeMap<SitePath, Vec<u8>>;

/// Files in memory. Time stands still until someone waits: as on a disk, a file that was written just now may be
/// written again without a new stamp.
#[derive(Debug, Default)]
pub(crate) struct Files {
    root: &'static str,
    bodies: Contents,
    list: Vec<FileEntry>,
    now: i64,
    n_inodes: u64,
    texts_read: AtomicUsize,
    media_read: AtomicUsize,
}

impl World for Files {
    fn content_root(&self) -> &str {
        self.root
    }

    fn files(&self) -> &[FileEntry] {
        &self.list
    }

    fn listed_at(&self) -> i64 {
        self.now
    }

    fn read(&self, path: &SitePath) -> Result<Vec<u8>, ReadFault> {
        if matches!(path.extension(), "md" | "txt") {
            self.texts_read.fetch_add(1, Ordering::Relaxed);
        }
        self.bodies.get(path).cloned().ok_or_else(|| ReadFault { reason: "not there".to_owned() })
    }

    fn open(&self, path: &SitePath) -> Result<Box<dyn ReadSeek>, ReadFault> {
        self.media_read.fetch_add(1, Ordering::Relaxed);
        Ok(Box::new(Cursor::new(self.read(path)?)))
    }
}

impl Files {
    /// Files separated by `-- name --` lines.
    pub(crate) fn spread(text: &str) -> Self {
        let mut files = Self::default();
        for part in text.split("-- ").skip(1) {
            let (name, body) = part.split_once(" --\n").unwrap();
            files.put(name, body);
        }
        files
    }

    /// Time goes by, so that stamps are believed.
    pub(crate) fn wait(&mut self) {
        self.now += 10_000_000_000;
    }

    pub(crate) fn contents(&self) -> &Contents {
        &self.bodies
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.bodies.contains_key(&SitePath::new(name).unwrap())
    }

    pub(crate) fn text(&self, name: &str) -> String {
        String::from_utf8(self.bodies[&SitePath::new(name).unwrap()].clone()).unwrap()
    }

    /// Writes a file; one that was there keeps its inode.
    pub(crate) fn put(&mut self, name: &str, body: impl Into<Vec<u8>>) {
        let (path, body) = (SitePath::new(name).unwrap(), body.into());
        let (size, modified) = (body.len() as u64, self.now);
        if name.starts_with("content/") {
            self.root = "content";
        }
        self.bodies.insert(path.clone(), body);
        match self.list.binary_search_by(|entry| entry.path.cmp(&path)) {
            Ok(idx) => {
                let inode = self.list[idx].stamp.inode;
                self.list[idx].stamp = Stamp { size, modified, changed: modified, inode };
            }
            Err(idx) => {
                self.n_inodes += 1;
                let stamp = Stamp { size, modified, changed: modified, inode: self.n_inodes };
                self.list.insert(idx, FileEntry { path, stamp });
            }
        }
    }

    pub(crate) fn remove(&mut self, name: &str) -> Vec<u8> {
        let path = SitePath::new(name).unwrap();
        self.list.retain(|entry| entry.path != path);
        self.bodies.remove(&path).unwrap()
    }

    /// Renames a file over what has the new name: it keeps its inode and the time it was written.
    pub(crate) fn rename(&mut self, from: &str, to: &str) {
        let (old, new) = (SitePath::new(from).unwrap(), SitePath::new(to).unwrap());
        let stamp = self.list.iter().find(|entry| entry.path == old).unwrap().stamp;
        let body = self.remove(from);
        self.put(to, body);
        let changed = self.now;
        let entry = self.list.iter_mut().find(|entry| entry.path == new).unwrap();
        entry.stamp = Stamp { changed, ..stamp };
    }

    /// Brings the files back to what they were.
    pub(crate) fn restore(&mut self, before: &Contents) {
        let gone: Vec<SitePath> = self.bodies.keys().filter(|path| !before.contains_key(*path)).cloned().collect();
        gone.iter().for_each(|path| _ = self.remove(path.as_str()));
        for (path, body) in before {
            if self.bodies.get(path) != Some(body) {
                self.put(path.as_str(), body.clone());
            }
        }
    }

    /// How many texts were read since this was last asked.
    pub(crate) fn take_texts_read(&self) -> usize {
        self.texts_read.swap(0, Ordering::Relaxed)
    }

    /// How many files of media were read since this was last asked.
    pub(crate) fn take_media_read(&self) -> usize {
        self.media_read.swap(0, Ordering::Relaxed)
    }

    /// What is published at a route.
    pub(crate) fn bytes(&self, site: &Site, route: &Route) -> Vec<u8> {
        match site.render(self, route).unwrap() {
            Body::Bytes(bytes) => bytes,
            Body::Copy(path) => self.bodies[&path].clone(),
        }
    }

    /// The text at a route, if there is one.
    pub(crate) fn page(&self, site: &Site, route: &str) -> Option<String> {
        let route = Route::new(route).unwrap();
        site.has(&route).then(|| String::from_utf8(self.bytes(site, &route)).unwrap())
    }

    /// Writes the locks that a build changes.
    pub(crate) fn write_locks(&mut self, site: &Site) {
        for lock in site.locks() {
            self.put(lock.path.as_str(), lock.to_string());
        }
    }
}

/// What a build remembers for the next one, as it is on disk.
#[derive(Debug, Default)]
pub(crate) struct Remembered {
    shards: BTreeMap<usize, Vec<u8>>,
    turns: BTreeMap<usize, Vec<u8>>,
}

impl Remembered {
    pub(crate) fn memo(&self) -> Memo {
        let lost = self.turns.iter().filter(|(shard, _)| !self.shards.contains_key(shard));
        let lost = lost.flat_map(|(_, bytes)| podleaf::lock::decode_turns(bytes).unwrap()).collect();
        Memo::new(self.shards.values().map(|bytes| memo::decode(bytes).unwrap()).collect::<Vec<_>>()).with_turns(lost)
    }

    pub(crate) fn renew(&mut self, site: &Site) {
        self.shards.extend(site.changed_shards().into_iter().map(|shard| (shard, site.shard(shard))));
        self.turns.extend(site.changed_shards().into_iter().map(|shard| (shard, site.turns(shard))));
    }

    /// What another version of the program finds.
    pub(crate) fn upgrade(&mut self) {
        self.shards.clear();
    }
}
