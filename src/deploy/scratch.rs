//! A folder for what is there for a moment.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::diagnostic::io::reason;

/// A folder of our own, which is gone when it is dropped.
#[derive(Debug)]
pub(super) struct Scratch(PathBuf);

impl Scratch {
    pub(super) fn new() -> Result<Self, String> {
        for n in 0..u32::MAX {
            let path = std::env::temp_dir().join(format!("podleaf-{}-{n}", std::process::id()));
            match fs::create_dir(&path) {
                Ok(()) => return Ok(Self(path)),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(format!("cannot make a folder in `{}`: {}", path.display(), reason(&error))),
            }
        }
        Err("the folder for temporary files is full".to_owned())
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What stays behind is in the folder for temporary files.
        _ = fs::remove_dir_all(&self.0);
    }
}
