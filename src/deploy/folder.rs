//! A folder of this machine, which a web server may be serving.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::local::Local;
use super::manifest::SiteFile;
use super::store::{Failure, Over, Place, Store};
use crate::diagnostic::io::reason;
use crate::hash::ContentHash;

/// What new files are called until they are whole.
const NEW: &str = ".podleaf-new";

/// The folder.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// The folder at a path, which need not exist, and which none of the folders of the site is in.
    ///
    /// # Errors
    /// Why it cannot be used.
    pub fn open(path: &Path, sources: &Path, output: &Path) -> Result<Self, String> {
        let real = |folder: &Path| folder.canonicalize().or_else(|_| std::path::absolute(folder));
        let words = |error: io::Error| reason(&error);
        let (path, sources, output) =
            (real(path).map_err(words)?, real(sources).map_err(words)?, real(output).map_err(words)?);
        if sources.starts_with(&path) || path.starts_with(&output) || output.starts_with(&path) {
            return Err("the sources of the site or its output are there".to_owned());
        }
        Ok(Self { path })
    }

    /// Where a file is, if its folder, as far as it is there, is below this one and not behind a link that leads out.
    fn place(&self, file: &str) -> io::Result<PathBuf> {
        let path = self.path.join(file);
        let there = path.ancestors().skip(1).find(|folder| folder.symlink_metadata().is_ok());
        let there = there.unwrap_or(&self.path).canonicalize()?;
        // What is above is there already where the folder itself is not.
        if there.starts_with(&self.path) || self.path.starts_with(&there) {
            return Ok(path);
        }
        Err(io::Error::other("a link leads out of the folder"))
    }

    fn write(&self, file: &str, source: &mut dyn io::Read, over: Over) -> io::Result<()> {
        let path = self.place(file)?;
        fs::create_dir_all(path.parent().unwrap_or(&self.path))?;
        // One deploy runs at a time, and each file is written by one thread: the name is nobody else's.
        let name = ContentHash::of(path.as_os_str().as_encoded_bytes()).letters(12);
        let new = path.with_file_name(format!("{NEW}-{name}"));
        let mut written = || {
            let mut target = File::create(&new)?;
            io::copy(source, &mut target)?;
            match over {
                Over::Allowed => fs::rename(&new, &path),
                Over::Refused => match fs::hard_link(&new, &path) {
                    Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
                    _ => fs::remove_file(&new),
                },
            }
        };
        written().inspect_err(|_| _ = fs::remove_file(&new))
    }

    /// Deletes a file, and the folders that nothing is left in.
    fn remove(&self, file: &str) -> io::Result<()> {
        let path = self.place(file)?;
        match fs::remove_file(&path) {
            Err(error) if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Err(error),
            _ => {}
        }
        let folders = path.ancestors().skip(1).take_while(|folder| *folder != self.path);
        // The first one that is not empty ends it.
        _ = folders.map(fs::remove_dir).find(Result::is_err);
        Ok(())
    }
}

impl Place for Folder {
    fn read(&self, files: &[&str]) -> Result<Vec<Option<Vec<u8>>>, String> {
        let read = |file: &&str| match fs::read(self.path.join(file)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
            Err(error) => Err(format!("`{file}` cannot be read: {}", reason(&error))),
        };
        files.par_iter().map(read).collect()
    }

    fn is_empty(&self) -> Result<bool, String> {
        match fs::read_dir(&self.path) {
            Ok(mut entries) => Ok(entries.next().is_none()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(true),
            Err(error) => Err(reason(&error)),
        }
    }
}

impl Store for Folder {
    fn put(&self, file: &str, mut bytes: &[u8], over: Over) -> Result<(), String> {
        self.write(file, &mut bytes, over).map_err(|error| format!("`{file}` cannot be written: {}", reason(&error)))
    }

    fn send(&self, local: &Local, files: &[&SiteFile], arrived: &(dyn Fn(&SiteFile) + Sync)) -> Vec<Failure> {
        let send = |file: &&SiteFile| {
            local.verify(file)?;
            let mut source = File::open(local.path(file)).map_err(|error| reason(&error))?;
            self.write(&file.file, &mut source, Over::Allowed).map_err(|error| reason(&error))?;
            arrived(file);
            Ok(())
        };
        let failure = |file: &&SiteFile| send(file).err().map(|why: String| Failure { file: file.file.clone(), why });
        files.par_iter().filter_map(failure).collect()
    }

    fn delete(&self, files: &[&str]) -> Vec<Failure> {
        let failure = |file: &str, error: &io::Error| Failure { file: file.to_owned(), why: reason(error) };
        files.iter().filter_map(|file| self.remove(file).err().map(|error| failure(file, &error))).collect()
    }

    fn settle(&self) -> Result<(), String> {
        let folder = File::open(&self.path).map_err(|error| reason(&error))?;
        rustix::fs::syncfs(&folder).map_err(|error| reason(&error.into()))
    }
}
