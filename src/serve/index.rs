//! The search index of a preview: each file is made when it is asked for, from the words that are remembered.

use std::collections::BTreeMap;
use std::io;

use crate::diagnostic::{Diagnostic, Fault};
use crate::disk::Disk;
use crate::hash::ContentHash;
use crate::path::Route;
use crate::runs::{Cut, RunStore, Runs};
use crate::search::directory::{self, Names};
use crate::search::slots::N_SHARDS;
use crate::serve::hub::Hub;
use crate::site::{Site, Stale};

/// The files of an index: tables as they are, terms as places to cut.
#[derive(Debug)]
pub(super) struct Index {
    runs: Runs,
    tables: BTreeMap<String, Vec<u8>>,
    cuts: BTreeMap<String, Cut>,
}

/// The file of the index that a route names.
pub(super) fn file_name(route: &Route) -> Option<&str> {
    route.as_str().strip_prefix(directory::FOLDER).filter(|name| name.ends_with(directory::ENDING))
}

impl Index {
    /// The index of a site. Only terms of episodes that are not remembered are read.
    pub(super) fn open(site: &Site, disk: &Disk, kept: &dyn RunStore) -> Result<Self, Stale> {
        let numbered = site.numbered();
        let made = site.tables(&numbered);
        let key = made.key(&numbered);
        let runs = Runs::open(site, disk, &numbered, kept)?;
        let mut names = Names::default();
        let mut cuts = BTreeMap::new();
        for cut in runs.cuts().map_err(unreadable)? {
            let name = format!("{}-{}.bin", key.letters(8), cuts.len());
            names.terms.push((cut.first.clone(), name.clone()));
            cuts.insert(name, cut);
        }
        let mut tables = BTreeMap::new();
        let mut put = |bytes: Vec<u8>| {
            let name = format!("{}.bin", ContentHash::of(&bytes).letters(8));
            tables.insert(name.clone(), bytes);
            name
        };
        names.chunks = made.chunks.into_iter().map(&mut put).collect();
        names.facets = put(made.facets);
        names.people = put(made.people);
        let directory = directory::directory(&names, numbered.n_slots(), numbered.n_episodes());
        tables.insert(directory::NAME.to_owned(), directory);
        Ok(Self { runs, tables, cuts })
    }

    /// The bytes of a file, which are not compressed; `None` where the index has no such file.
    pub(super) fn file(&self, name: &str) -> Result<Option<Vec<u8>>, Stale> {
        if let Some(table) = self.tables.get(name) {
            return Ok(Some(table.clone()));
        }
        self.cuts.get(name).map(|cut| self.runs.cut_out(cut)).transpose().map_err(unreadable)
    }
}

/// Makes what search has to remember before anybody searches, in one thread: pages are made in the others.
pub(super) fn prepare(hub: &Hub) {
    loop {
        let reading = hub.reading();
        let Some(opened) = reading.sites().next().filter(|opened| opened.site.has_search()) else { return };
        let (numbered, kept) = (opened.site.numbered(), hub.kept_runs(&reading.root));
        let is_present = || hub.reading().generation == reading.generation;
        // What cannot be made now is made, or said, when it is asked for.
        let prepared = |shard| Runs::prepare(&opened.site, &*opened.disk, &numbered, (&*kept, shard)).unwrap_or(false);
        // From the end: a query that comes meanwhile has them made from the beginning.
        let mut shards = (0..N_SHARDS).rev().filter(|&shard| numbered.has_shard(shard));
        while shards.next().is_some_and(|shard| is_present() && prepared(shard)) {}
        if is_present() {
            return;
        }
    }
}

fn unreadable(error: io::Error) -> Stale {
    let error = Diagnostic::error("cannot-read", format!("what search remembers cannot be read: {error}"));
    Stale::Fault(Box::new(error.fault(Fault::Machine).help("delete `.podleaf` and start again")))
}
