//! `podleaf build`: every route of the site, published in one exchange.

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use rayon::prelude::*;

use super::index::write_index;
use super::progress::{Counted, Phase, Progress, reading};
use super::slow::watched;
use super::state::State;
use super::{SiteArguments, Voice, lock, print, request, say};
use crate::diagnostic::io::cannot_read;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::disk::Disk;
use crate::hash::ContentHash;
use crate::output::Body;
use crate::path::Route;
use crate::site::{Site, Stale};
use crate::source::World;
use crate::write::Staging;
use crate::write::{Places, Target};

#[derive(Debug, Args)]
pub(super) struct BuildArguments {
    #[command(flatten)]
    pub(super) site: SiteArguments,
    /// Where the site is written; `public` in the site's folder where nothing is said.
    #[arg(short, long, value_name = "DIR")]
    pub(super) output_dir: Option<PathBuf>,
    /// Publish what can be published, in spite of errors.
    #[arg(long)]
    pub(super) keep_going: bool,
    /// Do not write `show.lock`, and publish nothing where it would have to be written.
    #[arg(long)]
    pub(super) locked: bool,
}

pub(super) fn build(arguments: &BuildArguments, voice: Voice) -> u8 {
    let started = Instant::now();
    let mut diagnostics = Diagnostics::new();
    let built = publish(arguments, voice, &mut diagnostics);
    print(&mut diagnostics, voice, false);
    if let Some((line, locked)) = built.filter(|_| !voice.quiet) {
        let locked = locked.map_or_else(String::new, |line| format!("  {line}\n"));
        say(&format!("  {line} in {} ms\n{locked}", started.elapsed().as_millis()));
    }
    diagnostics.exit_code()
}

/// Builds. Returns the line that sums it up, and one of the locks; `None` where nothing was published.
pub(super) fn publish(
    arguments: &BuildArguments,
    voice: Voice,
    diagnostics: &mut Diagnostics,
) -> Option<(String, Option<String>)> {
    let root = arguments.site.folder();
    let output = arguments.output_dir.clone().unwrap_or_else(|| root.join("public"));
    let disk = match Disk::open(&root, &output) {
        Ok((disk, found)) => {
            diagnostics.append(found);
            disk
        }
        Err(found) => {
            diagnostics.append(found);
            return None;
        }
    };
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let places = Places { root: &root, content_root: disk.content_root(), output: &output, home: home.as_deref() };
    let mut target = caught(Target::at(&places), diagnostics)?;
    let (state, request) = (State::of(disk.root()), request(&arguments.site, disk.root()));
    if let Some(last) = state.last(target.output(), &disk, &request) {
        target = caught(target.looked_at(), diagnostics)?;
        if last.stands(&target) {
            diagnostics.append(last.diagnostics);
            return Some((last.line, None));
        }
    }
    let progress = Progress::begin(reading(&disk), voice);
    let world = Counted { disk: &disk, progress: &progress };
    let n_listed = diagnostics.iter().count();
    let memo = state.memo();
    // To link an archive is the work of one thread; another reads what is published meanwhile.
    let (opened, target) = rayon::join(|| Site::open(&world, &request, memo), || target.read_ahead());
    let target = caught(target, diagnostics)?;
    let (site, found) = opened;
    diagnostics.append(found);
    let site = site?;
    let (locking, locks) = (lock::Locking::new(arguments.locked), site.locks());
    diagnostics.append(locking.behind(&locks));
    if diagnostics.has_errors() && !arguments.keep_going {
        return None;
    }
    let shown = target.output().to_owned();
    let staging = caught(Staging::begin(target), diagnostics)?;
    let routes = site.routes();
    progress.phase(Phase { verb: "writing", total: routes.len(), unit: "files" });
    let write_one = |route: &Route| {
        let live_key = staging.live().entry(&route.file()).and_then(|live| live.key);
        let key = site.key(&disk, route);
        let is_kept = live_key.is_some() && live_key == key;
        let written = if is_kept && staging.keep(route) { Ok(()) } else { write(&site, &disk, &staging, (route, key)) };
        progress.count();
        written.err()
    };
    let faults: Vec<_> =
        watched(|watch| routes.par_iter().filter_map(|route| watch.during(route, || write_one(route))).collect());
    diagnostics.extend(faults);
    if site.has_search() {
        diagnostics.extend(write_index(&site, &world, (&state, &shown), &staging).err());
    }
    if diagnostics.has_errors() && !arguments.keep_going {
        return None;
    }
    let published = caught(staging.publish(), diagnostics)?;
    diagnostics.append(published.warnings);
    // Before the locks: a preview that sees a new one asks what its build remembers.
    diagnostics.extend(state.remember(&site));
    let locked = locking.write(&locks, &disk, diagnostics);
    let counts = site.counts();
    let line = format!(
        "{}, {}, {}: {} in {}",
        number(counts.episodes as u64, "episode", "episodes"),
        number(counts.turns, "turn", "turns"),
        number(counts.people as u64, "person", "people"),
        number(routes.len() as u64, "file", "files"),
        shown.display()
    );
    // Where a lock is behind there is something to do, or to say, next time.
    if !diagnostics.has_errors() && (locked.is_some() || locks.is_empty()) {
        let found = diagnostics.iter().skip(n_listed).cloned().collect();
        state.remember_last(&shown, (&disk, &request), (found, line.clone()));
    }
    // The process ends soon: to free a large archive piece by piece takes longer than all else that is left.
    std::mem::forget(site);
    Some((line, locked))
}

fn write(
    site: &Site,
    disk: &Disk,
    staging: &Staging,
    (route, key): (&Route, Option<ContentHash>),
) -> Result<(), Diagnostic> {
    let body = site.render(disk, route).map_err(|stale| match stale {
        Stale::NoRoute => Diagnostic::error("no-route", format!("`{route}` has no page")),
        // A fault of a template is the same on every page; that of a page alone has to name it.
        Stale::Fault(fault) if fault.code == "page-too-large" => fault.help(format!("the page is `{route}`")),
        Stale::Changed(diagnostic) | Stale::Fault(diagnostic) => *diagnostic,
    })?;
    match body {
        Body::Bytes(bytes) => staging.write(route, &bytes, key),
        Body::Copy(path) => {
            let cannot = |fault| cannot_read(&path, fault);
            staging.copy(route, disk.open_file(&path).map_err(cannot)?, key)
        }
    }
}

pub(super) fn number(n: u64, one: &str, more: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { more })
}

fn caught<T>(result: Result<T, Diagnostic>, diagnostics: &mut Diagnostics) -> Option<T> {
    result.map_err(|diagnostic| diagnostics.push(diagnostic)).ok()
}
