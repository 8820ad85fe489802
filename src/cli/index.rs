//! The search index of a build: runs of terms that are remembered, merged into files.

use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use rayon::prelude::*;

use super::state::State;
use crate::diagnostic::{Diagnostic, Fault};
use crate::hash::ContentHash;
use crate::path::Route;
use crate::runs::Runs;
use crate::search::directory::{self, Names};
use crate::search::run::PARTS;
use crate::site::{Site, Stale};
use crate::source::World;
use crate::write::Staging;

/// Writes the files of the search index, and keeps those that are the same.
pub(super) fn write_index(
    site: &Site,
    world: &dyn World,
    (state, output): (&State, &Path),
    staging: &Staging,
) -> Result<(), Diagnostic> {
    let numbered = site.numbered();
    let tables = site.tables(&numbered);
    let key = tables.key(&numbered);
    if let Some(names) = state.index(output, key)
        && names.iter().all(|name| route(name).is_some_and(|route| staging.live().lists(&route.file())))
    {
        let is_kept = |name: &String| route(name).is_some_and(|route| staging.keep(&route));
        if names.par_iter().all(is_kept) {
            return Ok(());
        }
    }
    let runs = Runs::open(site, world, &numbered, state).map_err(fault)?;
    let terms = (0..PARTS.len()).into_par_iter().map(|part| merged(&runs, part, staging));
    let terms: Vec<Vec<(String, String)>> = terms.collect::<Result<_, Diagnostic>>()?;
    let names = Names {
        terms: terms.into_iter().flatten().collect(),
        chunks: tables.chunks.iter().map(|chunk| put(staging, chunk)).collect::<Result<_, _>>()?,
        facets: put(staging, &tables.facets)?,
        people: put(staging, &tables.people)?,
    };
    let directory = directory::directory(&names, numbered.n_slots(), numbered.n_episodes());
    if let Some(route) = route(directory::NAME) {
        staging.write(&route, &compressed(&directory), None)?;
    }
    let mut all: Vec<String> = names.terms.into_iter().map(|(_, name)| name).chain(names.chunks).collect();
    all.extend([names.facets, names.people, directory::NAME.to_owned()]);
    all.sort_unstable();
    all.dedup();
    state.remember_index(output, key, &all);
    Ok(())
}

/// The files that the index has now, if the last build made it; none where it did not, or where there is no search.
pub(super) fn index_files(site: &Site, state: &State, output: &Path) -> Vec<String> {
    if !site.has_search() {
        return Vec::new();
    }
    let numbered = site.numbered();
    let names = state.index(output, site.tables(&numbered).key(&numbered)).unwrap_or_default();
    names.iter().filter_map(|name| Some(route(name)?.file())).collect()
}

/// The files of one part: first terms and names.
fn merged(runs: &Runs, part: usize, staging: &Staging) -> Result<Vec<(String, String)>, Diagnostic> {
    let mut files = Vec::new();
    let merged = runs.merged(part, |file| {
        files.push(put(staging, &file.bytes).map(|name| (file.first, name)));
    });
    merged.map_err(|error| {
        let error = Diagnostic::error("cannot-read", format!("what search remembers cannot be read: {error}"));
        error.fault(Fault::Machine).help("delete `.podleaf` and build again")
    })?;
    files.into_iter().collect()
}

/// Keeps or writes a file that is named for what is in it; returns the name.
fn put(staging: &Staging, bytes: &[u8]) -> Result<String, Diagnostic> {
    let name = format!("{}.bin", ContentHash::of(bytes).letters(8));
    if let Some(route) = route(&name).filter(|route| !staging.keep(route)) {
        staging.write(&route, &compressed(bytes), None)?;
    }
    Ok(name)
}

fn route(name: &str) -> Option<Route> {
    Route::new(format!("{}{name}", directory::FOLDER))
}

/// The bytes as a gzip member, which a browser unpacks by itself.
fn compressed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 2), Compression::default());
    // A vector takes all that is written to it.
    _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

fn fault(stale: Stale) -> Diagnostic {
    match stale {
        Stale::NoRoute => Diagnostic::error("no-route", "an episode of the search index has no transcript"),
        Stale::Changed(diagnostic) | Stale::Fault(diagnostic) => *diagnostic,
    }
}
