//! Where a site may be published, and what lies there already.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Component, Path, PathBuf};

use crate::diagnostic::io::{escaped, machine, shown};
use crate::diagnostic::{Diagnostic, Fault};
use crate::output::{MANIFEST, Manifest};

use super::tree;

const SHOWN_FILES: usize = 5;

/// The folders of a site, for [`Target::check`]. Relative paths start at the working directory.
#[derive(Debug, Clone, Copy)]
pub struct Places<'p> {
    /// The site's folder.
    pub root: &'p Path,
    /// The folder below the root that holds episodes, `""` for the root itself.
    pub content_root: &'p str,
    /// The output folder that was asked for; it need not exist.
    pub output: &'p Path,
    /// The user's home folder, where it is known.
    pub home: Option<&'p Path>,
}

/// An output folder that is safe to publish to: missing, empty, or made by Podleaf and holding nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    pub(super) output: PathBuf,
    pub(super) parent: PathBuf,
    pub(super) name: OsString,
}

/// What lies at a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Present {
    Nothing,
    /// A folder made by Podleaf, or an empty one (with an empty manifest).
    Ours(Manifest),
}

impl Target {
    /// Decides whether the output folder is safe to publish to. Touches nothing.
    ///
    /// # Errors
    /// A refusal ([`Fault::Safety`]) that says why and what to do, or a fault of the machine where it cannot be told.
    pub fn check(places: &Places<'_>) -> Result<Self, Diagnostic> {
        let asked: PathBuf = places.output.components().collect();
        if fs::symlink_metadata(&asked).is_ok_and(|metadata| metadata.is_symlink()) {
            return Err(refused(&asked, "is a link", "give the folder that it points to"));
        }
        let output = resolved(&asked).map_err(|error| unresolved(&asked, &error))?;
        let (Some(parent), Some(name)) = (output.parent(), output.file_name()) else {
            return Err(refused(
                &output,
                "is the root of the file system",
                "give a folder of its own, such as `public`",
            ));
        };
        refuse_precious(places, &output)?;
        let target = Self { parent: parent.to_owned(), name: name.to_owned(), output: output.clone() };
        target.present()?;
        Ok(target)
    }

    /// The real path of the output folder.
    pub fn output(&self) -> &Path {
        &self.output
    }

    /// What lies there now.
    pub(super) fn present(&self) -> Result<Present, Diagnostic> {
        let metadata = match fs::symlink_metadata(&self.output) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Present::Nothing),
            Err(error) => return Err(machine("cannot-read", "look at", &self.output, &error)),
        };
        if metadata.is_symlink() {
            return Err(refused(&self.output, "is a link", "give the folder that it points to"));
        }
        if !metadata.is_dir() {
            return Err(refused(&self.output, "is a file", "give a folder, such as `public`"));
        }
        owned(&self.output).map(Present::Ours)
    }

    /// A hidden name beside the output folder.
    pub(super) fn beside(&self, suffix: &str) -> PathBuf {
        let mut name = OsString::from(".");
        name.push(&self.name);
        name.push(suffix);
        self.parent.join(name)
    }

    /// What follows [`Target::beside`]'s part of a name, if it is such a name.
    pub(super) fn suffix<'n>(&self, name: &'n OsStr) -> Option<&'n str> {
        let rest = name.as_encoded_bytes().strip_prefix(b".")?.strip_prefix(self.name.as_encoded_bytes())?;
        std::str::from_utf8(rest).ok()
    }
}

fn refused(output: &Path, why: &str, help: &str) -> Diagnostic {
    let message = format!("the output folder `{}` {why}", shown(output));
    Diagnostic::error("unsafe-output", message).fault(Fault::Safety).help(help)
}

fn unresolved(output: &Path, error: &io::Error) -> Diagnostic {
    match error.kind() {
        ErrorKind::NotADirectory => refused(output, "lies below a file", "give a folder, such as `public`"),
        _ => machine("cannot-read", "look at the output folder", output, error),
    }
}

/// The real path of what may not exist yet: that of its nearest ancestor that does, and the rest as it is written.
fn resolved(path: &Path) -> io::Result<PathBuf> {
    let path = std::path::absolute(path)?;
    let mut missing = Vec::new();
    let mut ancestor = path.as_path();
    let mut real = loop {
        match (fs::canonicalize(ancestor), ancestor.parent()) {
            (Ok(real), _) => break real,
            (Err(error), Some(parent)) if error.kind() == ErrorKind::NotFound => {
                missing.extend(ancestor.components().next_back());
                ancestor = parent;
            }
            (Err(error), _) => return Err(error),
        }
    };
    for part in missing.into_iter().rev() {
        match part {
            Component::ParentDir => _ = real.pop(),
            part => real.push(part),
        }
    }
    Ok(real)
}

fn refuse_precious(places: &Places<'_>, output: &Path) -> Result<(), Diagnostic> {
    let help = "give a folder of its own, such as `public`";
    let real = |path: &Path| resolved(path).unwrap_or_else(|_| path.to_owned());
    let root = real(places.root);
    if output == root {
        return Err(refused(output, "is the folder of the site's sources", help));
    }
    if root.starts_with(output) {
        return Err(refused(output, "holds the folder of the site's sources", help));
    }
    if output.components().any(|part| part.as_os_str() == ".git") {
        return Err(refused(output, "lies inside of a `.git` folder", help));
    }
    if places.home.filter(|home| home.is_absolute()).is_some_and(|home| real(home).starts_with(output)) {
        return Err(refused(output, "is or holds your home folder", help));
    }
    let sources = [places.content_root, "templates", "static"];
    for source in sources.into_iter().filter(|source| !source.is_empty()) {
        let folder = real(&root.join(source));
        if folder.starts_with(output) || output.starts_with(&folder) {
            return Err(refused(output, &format!("and the source folder `{}` overlap", escaped(source)), help));
        }
    }
    Ok(())
}

/// The manifest of a folder that holds nothing but what it lists; an empty folder has an empty one.
fn owned(output: &Path) -> Result<Manifest, Diagnostic> {
    let cannot = |error: io::Error| machine("cannot-read", "read the output folder", output, &error);
    if fs::symlink_metadata(output.join(".git")).is_ok() {
        return Err(refused(
            output,
            "is a git repository",
            "build into a folder of its own, and copy the site from there",
        ));
    }
    let manifest = match manifest_of(output) {
        Ok(manifest) => manifest,
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(cannot(error)),
    };
    let foreign = tree::foreign(output, manifest.as_ref().unwrap_or(&Manifest::default())).map_err(cannot)?;
    match manifest {
        Some(manifest) if foreign.is_empty() => Ok(manifest),
        Some(_) => Err(foreign_files(output, &foreign)),
        None if foreign.is_empty() && fs::symlink_metadata(output.join(MANIFEST)).is_err() => Ok(Manifest::default()),
        None => Err(refused(output, "is not empty and was not made by Podleaf", "give a new or an empty folder")),
    }
}

/// The manifest in a folder, `None` where it is damaged.
///
/// # Errors
/// There is none, or it cannot be read.
pub(super) fn manifest_of(folder: &Path) -> io::Result<Option<Manifest>> {
    let path = folder.join(MANIFEST);
    if !fs::symlink_metadata(&path)?.is_file() {
        return Ok(None);
    }
    Ok(Manifest::parse(&fs::read(path)?))
}

fn foreign_files(output: &Path, foreign: &[String]) -> Diagnostic {
    let shown_files: Vec<String> = foreign.iter().take(SHOWN_FILES).map(|file| format!("`{file}`")).collect();
    let more = if foreign.len() > SHOWN_FILES { " and more" } else { "" };
    let message = format!(
        "the output folder `{}` holds files that Podleaf did not make: {}{more}",
        shown(output),
        shown_files.join(", ")
    );
    Diagnostic::error("foreign-files", message)
        .fault(Fault::Safety)
        .help("move them to `static/`, from where they are published with the site, or delete them")
}
