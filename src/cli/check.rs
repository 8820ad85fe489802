//! `podleaf check`: all findings, or the role of every line of one file.

use std::path::PathBuf;

use clap::Args;

use super::{SiteArguments, Voice, print, request};
use crate::diagnostic::Diagnostics;
use crate::disk::Disk;
use crate::path::SitePath;
use crate::site::Site;

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
            let (site, found) = Site::open(&disk, &request(&arguments.site, disk.root()));
            diagnostics.append(found);
            if let (Some(file), Some(site)) = (&arguments.explain, site) {
                return explain(&site, &disk, file);
            }
        }
        Err(found) => diagnostics.append(found),
    }
    print(&mut diagnostics, voice, true);
    diagnostics.exit_code()
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
