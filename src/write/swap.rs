//! Putting a finished tree in the place of the old one, and what earlier builds left behind.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags};
use rustix::io::Errno;

use crate::diagnostic::io::{machine, shown};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::output::Manifest;

use super::place::{Present, Target, manifest_of};
use super::staging::UNFINISHED;
use super::tree;

const ASIDE: &str = "-old";
const KEPT_NAMES: u32 = 1000;

/// Puts the folder `staged` in the place of the target. Returns where the old tree is now, if there was one.
///
/// Where nothing was `present`, nothing is replaced: what appeared since then is an error. On an error the target is
/// as it was.
pub(super) fn replace(target: &Target, present: &Present, staged: &Path) -> io::Result<Option<PathBuf>> {
    if *present == Present::Nothing {
        return place(target, staged).map(|()| None);
    }
    match rustix::fs::renameat_with(CWD, staged, CWD, &target.output, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(Some(staged.to_owned())),
        Err(Errno::NOENT) => place(target, staged).map(|()| None),
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP | Errno::XDEV) => replace_in_two_steps(target, staged),
        Err(error) => Err(error.into()),
    }
}

/// Where names cannot be exchanged there is a moment without an output folder; [`tidy`] undoes a death in it.
fn replace_in_two_steps(target: &Target, staged: &Path) -> io::Result<Option<PathBuf>> {
    let mut aside = staged.as_os_str().to_owned();
    aside.push(ASIDE);
    let aside = PathBuf::from(aside);
    match rename_new(&target.output, &aside) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => return place(target, staged).map(|()| None),
        Err(error) => return Err(error),
    }
    if let Err(error) = place(target, staged) {
        rename_new(&aside, &target.output)?;
        return Err(error);
    }
    Ok(Some(aside))
}

fn place(target: &Target, staged: &Path) -> io::Result<()> {
    rename_new(staged, &target.output)
}

/// Renames to a name that is free. The second look is for file systems that cannot promise it.
fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    match rustix::fs::renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) if fs::symlink_metadata(to).is_err() => fs::rename(from, to),
        result => Ok(result?),
    }
}

/// Takes an old tree apart. What is not ours stays, under a name that can be seen.
pub(super) fn clear(target: &Target, old: &Path, manifest: &Manifest) -> Result<(), Diagnostic> {
    match tree::remove(old, manifest) {
        Ok(true) => Ok(()),
        Ok(false) => Err(kept(target, old)),
        Err(error) => Err(machine("cannot-remove", "remove the old site", old, &error).into_warning()),
    }
}

fn kept(target: &Target, old: &Path) -> Diagnostic {
    let name = target.name.to_string_lossy();
    let free = (1..=KEPT_NAMES).map(|n| target.parent.join(format!("{name}-kept-{n}")));
    let place = free.into_iter().find(|place| rename_new(old, place).is_ok());
    let place = place.unwrap_or_else(|| old.to_owned());
    let message = format!(
        "files that Podleaf did not make appeared in `{}` during the build: they are in `{}` now",
        shown(&target.output),
        shown(&place)
    );
    Diagnostic::warning("kept-files", message).help("move them to `static/` to publish them with the site")
}

/// Clears away what builds that died have left beside the target. Only for who holds its lock: nobody else builds.
///
/// A folder is touched only if it has one of our names and holds our marker or manifest, or nothing at all.
/// What cannot be cleared is no reason not to build: it is a warning, and the next build tries again.
pub(super) fn tidy(target: &Target) -> Diagnostics {
    let siblings = fs::read_dir(&target.parent).into_iter().flatten().flatten();
    let ours = siblings.filter(|sibling| {
        sibling.file_type().is_ok_and(|kind| kind.is_dir()) && is_staging_name(target, &sibling.file_name())
    });
    ours.filter_map(|leftover| tidy_one(target, &leftover.path()).err()).collect()
}

fn tidy_one(target: &Target, leftover: &Path) -> Result<(), Diagnostic> {
    let cannot = |error: io::Error| machine("cannot-remove", "clear away", leftover, &error).into_warning();
    if fs::symlink_metadata(leftover.join(UNFINISHED)).is_ok_and(|metadata| metadata.is_file()) {
        return remove_unfinished(leftover).map_err(cannot);
    }
    let manifest = match manifest_of(leftover) {
        Ok(Some(manifest)) => manifest,
        Ok(None) | Err(_) => {
            // An empty folder; one with anything in it stays.
            _ = fs::remove_dir(leftover);
            return Ok(());
        }
    };
    let was_set_aside = leftover.as_os_str().as_encoded_bytes().ends_with(ASIDE.as_bytes());
    if was_set_aside && fs::symlink_metadata(&target.output).is_err() {
        return rename_new(leftover, &target.output).map_err(cannot);
    }
    clear(target, leftover, &manifest)
}

/// Removes a staging folder, its marker last: killed at any moment, what is left still says whose it is.
pub(super) fn remove_unfinished(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name() == UNFINISHED {
            continue;
        }
        if entry.file_type()?.is_dir() { fs::remove_dir_all(entry.path())? } else { fs::remove_file(entry.path())? }
    }
    fs::remove_dir_all(folder)
}

/// `.{name}.podleaf-{pid}-{n}`, and what was set aside for it.
fn is_staging_name(target: &Target, name: &OsStr) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let numbers = target.suffix(name).and_then(|suffix| suffix.strip_prefix(".podleaf-"));
    let numbers = numbers.map(|numbers| numbers.strip_suffix(ASIDE).unwrap_or(numbers));
    numbers.and_then(|numbers| numbers.split_once('-')).is_some_and(|(pid, n)| is_number(pid) && is_number(n))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(parent: &Path) -> Target {
        Target { output: parent.join("public"), parent: parent.to_owned(), name: "public".into() }
    }

    #[test]
    fn only_our_names_are_leftovers() {
        let target = target(Path::new("/x"));
        for ours in [".public.podleaf-1-0", ".public.podleaf-123-4-old"] {
            assert!(is_staging_name(&target, OsStr::new(ours)), "{ours}");
        }
        for other in [".public.podleaf-lock", ".public.podleaf-1", "public", ".other.podleaf-1-0", ".public.podleaf--1"]
        {
            assert!(!is_staging_name(&target, OsStr::new(other)), "{other}");
        }
    }

    #[test]
    fn without_exchange_the_old_tree_is_set_aside() {
        let temp = tempfile::tempdir().unwrap();
        let target = target(temp.path());
        let staged = temp.path().join(".public.podleaf-1-0");
        fs::create_dir(&target.output).unwrap();
        fs::write(target.output.join("old"), "").unwrap();
        fs::create_dir(&staged).unwrap();
        fs::write(staged.join("new"), "").unwrap();
        let aside = replace_in_two_steps(&target, &staged).unwrap().unwrap();
        assert!(target.output.join("new").exists() && aside.join("old").exists() && !staged.exists());
    }

    #[test]
    fn without_exchange_a_failure_puts_the_old_tree_back() {
        let temp = tempfile::tempdir().unwrap();
        let target = target(temp.path());
        fs::create_dir(&target.output).unwrap();
        fs::write(target.output.join("old"), "").unwrap();
        let error = replace_in_two_steps(&target, &temp.path().join(".public.podleaf-1-0")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert!(target.output.join("old").exists());
    }

    #[test]
    fn a_site_set_aside_by_a_build_that_died_comes_back() {
        let temp = tempfile::tempdir().unwrap();
        let target = target(temp.path());
        let aside = temp.path().join(".public.podleaf-1-0-old");
        fs::create_dir(&aside).unwrap();
        fs::write(aside.join(crate::output::MANIFEST), Manifest::default().to_json()).unwrap();
        tidy(&target);
        assert!(target.output.exists() && !aside.exists());
    }
}
