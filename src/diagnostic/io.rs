//! Faults of the machine in plain words, and names that are safe to print.

use std::fmt::Display;
use std::io;
use std::path::Path;

use super::{Diagnostic, Fault};
use crate::path::SitePath;

/// A file of the site that cannot be read.
pub fn cannot_read(path: &SitePath, why: impl Display) -> Diagnostic {
    Diagnostic::error("cannot-read", format!("`{path}` cannot be read: {why}")).in_file(path).fault(Fault::Machine)
}

/// An error of the machine: `cannot write `public/a.html`: disk full`.
pub fn machine(code: &'static str, action: &str, path: &Path, error: &io::Error) -> Diagnostic {
    let message = format!("cannot {action} `{}`: {}", shown(path), reason(error));
    Diagnostic::error(code, message).fault(Fault::Machine)
}

/// Why a call failed, in lower-case words without a number.
pub fn reason(error: &io::Error) -> String {
    let text = match error.kind() {
        io::ErrorKind::NotFound => "no such file or folder",
        io::ErrorKind::StorageFull => "disk full",
        io::ErrorKind::QuotaExceeded => "disk quota exceeded",
        io::ErrorKind::ReadOnlyFilesystem => "read-only file system",
        io::ErrorKind::InvalidFilename => "the name is too long",
        io::ErrorKind::NotADirectory => "a part of the path is a file, not a folder",
        io::ErrorKind::IsADirectory => "it is a folder",
        _ => return system_words(error),
    };
    text.to_owned()
}

fn system_words(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

/// A path as it can be printed: see [`escaped`]; bytes that are no UTF-8 become `\u{fffd}`.
pub fn shown(path: &Path) -> String {
    escaped(&path.to_string_lossy())
}

/// Text in which characters that would steer a terminal or hide their order are written as Rust escapes.
///
/// ```
/// use podleaf::diagnostic::io::escaped;
/// assert_eq!(escaped("a\u{1b}[2Jb\n一"), r"a\u{1b}[2Jb\n一");
/// ```
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffd}')
        {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}
