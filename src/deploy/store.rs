//! What a deploy needs of a place that files can be sent to, one by one.

use super::local::Local;
use super::manifest::SiteFile;

/// A file that did not arrive or could not be deleted, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The file.
    pub file: String,
    /// Why, in words without secrets.
    pub why: String,
}

/// A place whose files can be read. Errors are words for people.
pub trait Place: Sync {
    /// The bytes of files, in order; `None` for one that is not there.
    ///
    /// # Errors
    /// What kept them from being read.
    fn read(&self, files: &[&str]) -> Result<Vec<Option<Vec<u8>>>, String>;

    /// Whether nothing is there, of ours or of others.
    ///
    /// # Errors
    /// What kept it from being seen.
    fn is_empty(&self) -> Result<bool, String>;
}

/// Whether a file that is there may be written over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// It may.
    Allowed,
    /// It stays as it is.
    Refused,
}

/// A place that takes files one by one. Each of them is the old one or the new one, at every moment.
pub trait Store: Place {
    /// Writes a small file that is no part of the site. One that is there may have to stay, which is no error.
    ///
    /// # Errors
    /// What kept it from being written.
    fn put(&self, file: &str, bytes: &[u8], over: Over) -> Result<(), String>;

    /// Sends files, several at once, and calls `arrived` for each that is there. Returns those that are not.
    fn send(&self, local: &Local, files: &[&SiteFile], arrived: &(dyn Fn(&SiteFile) + Sync)) -> Vec<Failure>;

    /// Deletes files. One that is not there is no failure.
    fn delete(&self, files: &[&str]) -> Vec<Failure>;

    /// Makes sure that what was sent outlives a loss of power, where that is ours to say.
    ///
    /// # Errors
    /// What kept it from being certain.
    fn settle(&self) -> Result<(), String> {
        Ok(())
    }
}
