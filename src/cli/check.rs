//! `podleaf check`: all findings, or the role of every line of one file.

use std::path::PathBuf;

use clap::Args;
use rayon::prelude::*;

use super::{SiteArguments, Voice, lock, print, request};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::disk::Disk;
use crate::memo::Memo;
use crate::path::{Route, SitePath};
use crate::site::{Site, Stale};

#[derive(Debug, Args)]
pub(super) struct CheckArguments {
    #[command(flatten)]
    site: SiteArguments,
    /// Print each line of FILE with what it was taken for, and why.
    #[arg(long, value_name = "FILE")]
    explain: Option<PathBuf>,
}

pub(super) fn check(arguments: &CheckArguments, voice: Voice) -> u8 {
    let root = arguments.site.folder();
    let mut diagnostics = Diagnostics::new();
    match Disk::open(&root, &root.join("public")) {
        Ok((disk, found)) => {
            diagnostics.append(found);
            let (site, found) = Site::open(&disk, &request(&arguments.site, disk.root()), Memo::default());
            diagnostics.append(found);
            match (&arguments.explain, site) {
                (Some(file), Some(site)) => return explain(&site, &disk, file),
                // Templates show their faults only when pages are made.
                (None, Some(site)) => {
                    diagnostics.append(lock::behind_check(&site));
                    diagnostics.extend(faults(&site, &disk));
                }
                (_, None) => {}
            }
        }
        Err(found) => diagnostics.append(found),
    }
    print(&mut diagnostics, voice, true);
    diagnostics.exit_code()
}

/// What keeps pages from being made; nothing is written.
fn faults(site: &Site, disk: &Disk) -> Vec<Diagnostic> {
    let fault = |route: &&Route| match site.render(disk, route) {
        Ok(_) | Err(Stale::NoRoute) => None,
        Err(Stale::Changed(fault) | Stale::Fault(fault)) => Some(*fault),
    };
    site.routes().par_iter().filter_map(fault).collect()
}

fn explain(site: &Site, disk: &Disk, file: &std::path::Path) -> u8 {
    use std::io::Write;
    let real = std::fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    let below = real.strip_prefix(disk.root()).unwrap_or(file).to_string_lossy().into_owned();
    match SitePath::new(below).and_then(|path| site.explain(disk, &path)) {
        Some(text) => {
            _ = std::io::stdout().write_all(text.as_bytes());
            0
        }
        None => {
            super::say(&format!(
                "error: `{}` is not a transcript or notes of an episode of this site\n",
                file.display()
            ));
            2
        }
    }
}
