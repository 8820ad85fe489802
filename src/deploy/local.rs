//! What is to be deployed: files of this machine, whole and as their manifest says.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::manifest::{SiteFile, SiteManifest};
use super::plan::redirected;
use super::promises::Promises;
use crate::diagnostic::io::{cannot_read, reason, shown};
use crate::diagnostic::{Diagnostic, Fault};
use crate::hash::{ContentHash, StreamHasher};
use crate::output::{MANIFEST, Manifest};
use crate::path::SitePath;

/// Files below one folder that make a site, or the media of one.
#[derive(Debug)]
pub struct Local {
    /// The folder that the paths of the files start at.
    pub folder: PathBuf,
    /// The files.
    pub site: SiteManifest,
}

impl Local {
    /// The site in an output folder, if it is whole: all files of its manifest are there with their lengths, and the home
    /// page is among them.
    ///
    /// # Errors
    /// A refusal where it is not.
    pub fn of_output(folder: &Path) -> Result<Self, Diagnostic> {
        let refused = |why: String| {
            let message = format!("`{}` is not deployed: {why}", shown(folder));
            Diagnostic::error("not-deployable", message).fault(Fault::Safety).help("run `podleaf build`")
        };
        let manifest = match fs::read(folder.join(MANIFEST)) {
            Ok(bytes) => Manifest::parse(&bytes).ok_or_else(|| refused("its manifest cannot be read".to_owned()))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(refused("no build has written it".to_owned()));
            }
            Err(error) => return Err(refused(format!("its manifest cannot be read: {}", reason(&error)))),
        };
        if !manifest.lists("index.html") {
            return Err(refused("it has no home page".to_owned()));
        }
        let is_whole = |file: &SiteFile| {
            let found = fs::symlink_metadata(folder.join(&file.file));
            found.is_ok_and(|found| found.is_file() && found.len() == file.size)
        };
        let site = SiteManifest::of(&manifest);
        match site.files.par_iter().find_first(|file| !is_whole(file)) {
            Some(file) => Err(refused(format!("`{}` is not as it was built", file.file))),
            None => Ok(Self { folder: folder.to_owned(), site }),
        }
    }

    /// Recordings among the sources of a site, at the paths that `media_base_url` expects.
    ///
    /// # Errors
    /// The path that cannot be read, and why.
    pub fn of_media(root: &Path, files: &[SitePath]) -> Result<Self, Diagnostic> {
        let file = |path: &SitePath| {
            let (hash, size) = hashed(&root.join(path.as_str())).map_err(|error| cannot_read(path, reason(&error)))?;
            Ok(SiteFile::new(path.as_str().to_owned(), size, hash))
        };
        let files: Result<Vec<_>, Diagnostic> = files.par_iter().map(file).collect();
        let mut files = files?;
        files.sort_by(|one, other| one.file.cmp(&other.file));
        Ok(Self { folder: root.to_owned(), site: SiteManifest { files, ..SiteManifest::default() } })
    }

    /// Notes what each file promises: what the other manifest knows of the same bytes is not read again.
    ///
    /// # Errors
    /// A file that cannot be read or was changed.
    pub fn note_promises(&mut self, known: &SiteManifest) -> Result<(), String> {
        let digest = |file: &SiteFile| -> Result<Option<ContentHash>, String> {
            if !Promises::are_made_by(&file.file) {
                return Ok(None);
            }
            match known.entry(&file.file).filter(|before| before.hash == file.hash && before.promises.is_some()) {
                Some(before) => Ok(before.promises),
                None => Ok(self.promises(file)?.map(|promises| promises.digest())),
            }
        };
        let digests: Result<Vec<_>, String> = self.site.files.par_iter().map(digest).collect();
        for (file, digest) in self.site.files.iter_mut().zip(digests?) {
            file.promises = digest;
        }
        Ok(())
    }

    /// What a file promises.
    ///
    /// # Errors
    /// See [`Local::read`].
    pub fn promises(&self, file: &SiteFile) -> Result<Option<Promises>, String> {
        Ok(Promises::of(&file.file, &self.read(file)?))
    }

    /// The addresses that lead on, by `_redirects`.
    pub fn redirected(&self) -> BTreeSet<String> {
        let text = self.site.entry("_redirects").and_then(|file| self.read(file).ok()).unwrap_or_default();
        redirected(&String::from_utf8_lossy(&text))
    }

    /// Where a file is on this machine.
    pub fn path(&self, file: &SiteFile) -> PathBuf {
        self.folder.join(&file.file)
    }

    /// The bytes of a file, which are those that the manifest says.
    ///
    /// # Errors
    /// A file that cannot be read, or that was changed since.
    pub fn read(&self, file: &SiteFile) -> Result<Vec<u8>, String> {
        let bytes = fs::read(self.path(file)).map_err(|error| format!("cannot be read: {}", reason(&error)))?;
        if ContentHash::of(&bytes) == file.hash { Ok(bytes) } else { Err(CHANGED.to_owned()) }
    }

    /// Whether a file, however large, is what the manifest says.
    ///
    /// # Errors
    /// See [`Local::read`].
    pub fn verify(&self, file: &SiteFile) -> Result<(), String> {
        let hashed = hashed(&self.path(file)).map_err(|error| format!("cannot be read: {}", reason(&error)))?;
        if hashed == (file.hash, file.size) { Ok(()) } else { Err(CHANGED.to_owned()) }
    }
}

const CHANGED: &str = "it was changed while the deploy ran";

/// The hash and the length of a file, read piece by piece.
///
/// # Errors
/// Those of the disk.
pub fn hashed(path: &Path) -> io::Result<(ContentHash, u64)> {
    let (mut file, mut hasher, mut size) = (File::open(path)?, StreamHasher::new(), 0);
    let mut chunk = vec![0; 256 << 10];
    loop {
        match file.read(&mut chunk)? {
            0 => return Ok((hasher.finish(), size)),
            n => {
                hasher.update(&chunk[..n]);
                size += n as u64;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::ManifestEntry;

    #[test]
    fn an_output_that_is_not_whole_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        let said = || Local::of_output(path).err().map(|error| (error.fault, error.message));
        assert!(said().unwrap().1.ends_with("no build has written it"));
        let write = |names: &[&str]| {
            let entry = |name: &&str| {
                fs::write(path.join(name), "text").unwrap();
                ManifestEntry { file: (*name).to_owned(), hash: ContentHash::of(b"text"), size: 4, key: None }
            };
            fs::write(path.join(MANIFEST), Manifest::new(names.iter().map(entry).collect()).to_json()).unwrap();
        };
        write(&[]);
        assert!(said().unwrap().1.ends_with("it has no home page"));
        write(&["a.txt", "index.html"]);
        assert_eq!(said(), None);
        fs::write(path.join("a.txt"), "longer").unwrap();
        assert!(said().unwrap().1.ends_with("`a.txt` is not as it was built"));
        fs::write(path.join("a.txt"), "test").unwrap();
        let local = Local::of_output(path).unwrap();
        assert_eq!(
            local.read(&local.site.files[0]),
            Err(CHANGED.to_owned()),
            "the length is the same, the hash is not"
        );
        assert_eq!(local.verify(&local.site.files[0]), Err(CHANGED.to_owned()));
        fs::remove_file(path.join("a.txt")).unwrap();
        assert_eq!(said().unwrap().0, Fault::Safety);
        fs::write(path.join(MANIFEST), "torn").unwrap();
        assert!(said().unwrap().1.ends_with("its manifest cannot be read"));
    }
}
