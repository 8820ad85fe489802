//! `podleaf deploy`: builds, and sends what changed to where readers are.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use clap::Args;
use rayon::prelude::*;

use super::build::{BuildArguments, publish};
use super::index::index_files;
use super::progress::{Phase, Progress};
use super::state::{FOLDER, State};
use super::{SiteArguments, Voice, print, request, say};
use crate::config::deploy::{Files, Target};
use crate::deploy::local::{Local, hashed};
use crate::deploy::recipes;
use crate::deploy::run::{Listener, Mode, Order, deploy as run};
use crate::diagnostic::{Diagnostic, Diagnostics, Fault};
use crate::disk::Disk;
use crate::hash::ContentHash;
use crate::output::{Body, MANIFEST, Manifest, ManifestEntry};
use crate::path::Route;
use crate::site::{self, Site};
use crate::source::World;
use crate::write::{self, Places};

#[derive(Debug, Args)]
pub(super) struct DeployArguments {
    /// Where to: the name of a table `[deploy.NAME]` in podleaf.toml; needed where there are several.
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// The site's folder; the present folder where none is given.
    #[arg(short, long, value_name = "DIR")]
    root: Option<PathBuf>,
    /// Where the site is written before it is sent; `public` in the site's folder where nothing is said.
    #[arg(short, long, value_name = "DIR")]
    output_dir: Option<PathBuf>,
    /// Where the site will be, such as `https://example.org/archive/`.
    #[arg(short = 'u', long, value_name = "URL", value_parser = super::base_url)]
    base_url: Option<String>,
    /// Say what would be sent and deleted, and what readers will notice; send nothing.
    #[arg(long)]
    dry_run: bool,
    /// Go on where addresses, anchors, guids or recordings are lost, or much is deleted.
    #[arg(long)]
    yes: bool,
    /// Send the output as the last build left it, if it is what the sources say now.
    #[arg(long)]
    no_build: bool,
    /// Print a file for a host, and do nothing else.
    #[arg(long, value_name = "KIND", value_parser = recipes::names())]
    print: Option<String>,
}

pub(super) fn deploy(arguments: &DeployArguments, voice: Voice) -> u8 {
    use std::io::Write;
    if let Some(text) = arguments.print.as_deref().and_then(recipes::text) {
        _ = std::io::stdout().write_all(text.as_bytes());
        return 0;
    }
    let started = Instant::now();
    let mut diagnostics = Diagnostics::new();
    let deployed = send(arguments, voice, &mut diagnostics);
    print(&mut diagnostics, voice, false);
    match deployed {
        Err(code) => code,
        Ok(line) => {
            if let Some(line) = line.filter(|_| !voice.quiet) {
                say(&format!("  {line} in {} ms\n", started.elapsed().as_millis()));
            }
            diagnostics.exit_code()
        }
    }
}

/// Returns the line that sums it up, or the exit code of a wrong use.
fn send(arguments: &DeployArguments, voice: Voice, diagnostics: &mut Diagnostics) -> Result<Option<String>, u8> {
    let root = arguments.root.clone().unwrap_or_else(|| PathBuf::from("."));
    let output = arguments.output_dir.clone().unwrap_or_else(|| root.join("public"));
    let (disk, found) = match Disk::open(&root, &output) {
        Ok(opened) => opened,
        Err(found) => {
            diagnostics.append(found);
            return Ok(None);
        }
    };
    let (config, config_found) = site::config(&disk);
    let target = match chosen(arguments.name.as_deref(), &config.deploy) {
        Ok(target) => target,
        // A target that cannot be read is said to be so, and not to be missing.
        Err(_) if config_found.has_errors() => {
            diagnostics.append(config_found);
            return Ok(None);
        }
        Err(words) => {
            say(&words);
            return Err(2);
        }
    };
    let base_url = arguments.base_url.clone();
    let site = SiteArguments { dir: Some(root), root: None, drafts: false, future: false, base_url };
    if !arguments.no_build {
        let build =
            BuildArguments { site: site.clone(), output_dir: Some(output.clone()), keep_going: false, locked: false };
        let built = publish(&build, voice, diagnostics);
        if built.is_none() || diagnostics.has_errors() {
            return Ok(None);
        }
    } else {
        diagnostics.append(found);
        if !is_current(&site, &disk, &output) {
            let error = Diagnostic::error("not-deployable", "the output is not what the sources say now");
            diagnostics.push(error.fault(Fault::Safety).help("run `podleaf build`, or deploy without --no-build"));
            return Ok(None);
        }
    }
    let local = match target.files {
        Files::Site => Local::of_output(&output),
        Files::Media => media(&site, &disk),
    };
    let mode = match (arguments.dry_run, arguments.yes) {
        (true, _) => Mode::DryRun,
        (false, true) => Mode::Yes,
        (false, false) => Mode::Careful,
    };
    let state = disk.root().join(FOLDER);
    let talk = Talk { voice, mode, progress: Mutex::new(None) };
    let deployed = local.and_then(|local| {
        let order = Order { target, local, root: disk.root(), output: &output, state: &state, mode };
        run(order, &talk)
    });
    drop(talk);
    Ok(deployed.map_err(|error| diagnostics.push(error)).ok())
}

/// The target of this name, or the only one; else what to say.
fn chosen<'t>(name: Option<&str>, targets: &'t [Target]) -> Result<&'t Target, String> {
    let names = || targets.iter().map(|target| format!("`{}`", target.name)).collect::<Vec<_>>().join(", ");
    match (name, targets) {
        (_, []) => {
            Err("error: podleaf.toml has no table `[deploy.NAME]`: docs/deploy.md has one for each host\n".to_owned())
        }
        (None, [only]) => Ok(only),
        (None, _) => Err(format!("error: say where to: one of {}\n", names())),
        (Some(name), _) => targets
            .iter()
            .find(|target| target.name == name)
            .ok_or_else(|| format!("error: podleaf.toml has no table `[deploy.{name}]`, but {}\n", names())),
    }
}

/// Whether a build now would change nothing.
fn is_current(arguments: &SiteArguments, disk: &Disk, output: &Path) -> bool {
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let places = Places { root: disk.root(), content_root: disk.content_root(), output, home: home.as_deref() };
    let (state, request) = (State::of(disk.root()), request(arguments, disk.root()));
    let Ok(target) = write::Target::check(&places) else { return false };
    let last = state.last(target.output(), disk, &request).filter(|last| last.stands(&target));
    if last.is_some_and(|last| !last.diagnostics.has_errors()) {
        return true;
    }
    // The last build may have written a lock, or have run right after an edit: then the pages tell.
    let Some(manifest) = fs::read(output.join(MANIFEST)).ok().and_then(|bytes| Manifest::parse(&bytes)) else {
        return false;
    };
    let (Some(site), found) = Site::open(disk, &request, state.memo()) else { return false };
    let is_same = |route: &Route| {
        let Some(entry) = manifest.entry(&route.file()) else { return false };
        match (entry.key, site.key(disk, route)) {
            (Some(built), Some(now)) => built == now,
            // A file that was written right before it was listed has no key.
            (None, _) | (_, None) => site.render(disk, route).is_ok_and(|body| is_same_body(&body, entry, disk)),
        }
    };
    let (routes, index) = (site.routes(), index_files(&site, &state, target.output()));
    !found.has_errors()
        && routes.len() + index.len() == manifest.files.len()
        && index.iter().all(|file| manifest.entry(file).is_some())
        && routes.par_iter().all(|route| is_same(route))
}

fn is_same_body(body: &Body, entry: &ManifestEntry, disk: &Disk) -> bool {
    match body {
        Body::Bytes(bytes) => ContentHash::of(bytes) == entry.hash,
        Body::Copy(path) => {
            hashed(&disk.real_path(path)).is_ok_and(|(hash, size)| (hash, size) == (entry.hash, entry.size))
        }
    }
}

/// The recordings that pages expect below `media_base_url`.
fn media(arguments: &SiteArguments, disk: &Disk) -> Result<Local, Diagnostic> {
    let memo = State::of(disk.root()).memo();
    let (site, _) = Site::open(disk, &request(arguments, disk.root()), memo);
    let media = site.as_ref().and_then(Site::media_elsewhere).ok_or_else(|| {
        let error = Diagnostic::error("bad-deploy", "without `media_base_url` recordings are a part of the site");
        error.help("set `media_base_url` in podleaf.toml to the address of this target")
    })?;
    Local::of_media(disk.root(), &media)
}

/// How a deploy is told to people.
struct Talk {
    voice: Voice,
    mode: Mode,
    progress: Mutex<Option<Progress>>,
}

impl Listener for Talk {
    fn say(&self, text: &str) {
        use std::io::Write;
        // A plan is what a dry run was asked for.
        if self.mode == Mode::DryRun {
            _ = std::io::stdout().write_all(text.as_bytes());
        } else if !self.voice.quiet {
            say(text);
        }
    }

    fn sends(&self, n_files: usize) {
        let phase = Phase { verb: "sending", total: n_files, unit: "files" };
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner) = Some(Progress::begin(phase, self.voice));
    }

    fn arrived(&self) {
        if let Some(progress) = self.progress.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            progress.count();
        }
    }
}
