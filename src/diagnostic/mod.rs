//! What is wrong, where, why it matters and what to do: one plain type for every stage.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Deserializer, Serialize};

use crate::path::SitePath;
use crate::source::{SourceFile, Span};

pub mod io;
pub mod terminal;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Severity {
    /// Keeps a build from publishing.
    Error,
    /// Something is lost or doubtful; the site is published.
    Warning,
    /// Something was filled in or left out, and is fine.
    Note,
}

/// What failed, for the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Fault {
    /// The site's content, config or templates: exit code 1.
    Site,
    /// The machine: a disk, a permission: exit code 3.
    Machine,
    /// Refused for safety: exit code 4.
    Safety,
}

/// A place in a file with what stands there, ready to print.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Line and column from 1, the column in characters; both 0 where the whole file is meant.
    pub line: u32,
    /// See `line`.
    pub column: u32,
    /// The source line, at most 400 characters of it around the place.
    pub source_line: String,
    /// Bytes of `source_line` that are meant.
    pub range: (usize, usize),
    /// What is wrong right here, or `""`.
    pub label: String,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// How much it matters.
    pub severity: Severity,
    /// What failed.
    pub fault: Fault,
    /// A permanent kebab-case name.
    pub code: &'static str,
    /// One line: what is wrong, from the writer's side.
    pub message: String,
    /// The file, if there is one.
    pub path: Option<SitePath>,
    /// The place in that file.
    pub place: Option<Place>,
    /// Further lines: why it matters, what to do, where the rule comes from.
    pub help: Vec<String>,
}

/// A finding as it was written down.
#[derive(Deserialize)]
struct Wire {
    severity: Severity,
    fault: Fault,
    code: String,
    message: String,
    path: Option<SitePath>,
    place: Option<Place>,
    help: Vec<String>,
}

impl<'de> Deserialize<'de> for Diagnostic {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Wire { severity, fault, code, message, path, place, help } = Wire::deserialize(deserializer)?;
        Ok(Self { severity, fault, code: interned(code), message, path, place, help })
    }
}

/// A code that this program wrote down: there are as many as the program has.
fn interned(code: String) -> &'static str {
    static CODES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut codes = CODES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = codes.get(code.as_str()) {
        return known;
    }
    let kept: &'static str = Box::leak(code.into_boxed_str());
    codes.insert(kept);
    kept
}

impl Diagnostic {
    /// An error of the site.
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, message)
    }

    /// A warning.
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, message)
    }

    /// A note.
    pub fn note(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Note, code, message)
    }

    fn new(severity: Severity, code: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { severity, fault: Fault::Site, code, message, path: None, place: None, help: Vec::new() }
    }

    /// The same finding as a fault of the machine or a refusal.
    pub fn fault(mut self, fault: Fault) -> Self {
        self.fault = fault;
        self
    }

    /// The same finding as a warning.
    pub fn into_warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }

    /// About a whole file.
    pub fn in_file(mut self, path: &SitePath) -> Self {
        self.path = Some(path.clone());
        self
    }

    /// At a place of a file; `label` says why here, and may be empty.
    pub fn at(mut self, file: &SourceFile, span: Span, label: impl Into<String>) -> Self {
        self.path = Some(file.path.clone());
        self.place = Some(place(file, span, label.into()));
        self
    }

    /// At a place that was kept without its file.
    pub fn at_place(mut self, path: &SitePath, place: Place) -> Self {
        self.path = Some(path.clone());
        self.place = Some(place);
        self
    }

    /// With a line of advice.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }
}

/// Findings of a stage, in any order until [`Diagnostics::sort`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// No findings.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one finding.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// Takes over all findings of another list.
    pub fn append(&mut self, mut other: Diagnostics) {
        self.0.append(&mut other.0);
    }

    /// Puts them in the order of files and lines; findings without a file come last. Equal ones are merged.
    pub fn sort(&mut self) {
        let key = |d: &Diagnostic| {
            let place = d.place.as_ref().map_or((0, 0), |place| (place.line, place.column));
            (d.path.is_none(), d.path.clone(), place, d.severity, d.code, d.message.clone())
        };
        self.0.sort_by_cached_key(key);
        self.0.dedup();
    }

    /// All findings.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.0.iter()
    }

    /// How many findings have this severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.0.iter().filter(|d| d.severity == severity).count()
    }

    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether an error is among them.
    pub fn has_errors(&self) -> bool {
        self.count(Severity::Error) > 0
    }

    /// The exit code of a run with these findings: 0, or that of the gravest fault among the errors.
    pub fn exit_code(&self) -> u8 {
        let faults = self.0.iter().filter(|d| d.severity == Severity::Error).map(|d| d.fault);
        faults.max().map_or(0, |fault| match fault {
            Fault::Site => 1,
            Fault::Machine => 3,
            Fault::Safety => 4,
        })
    }
}

impl Extend<Diagnostic> for Diagnostics {
    fn extend<I: IntoIterator<Item = Diagnostic>>(&mut self, iter: I) {
        self.0.extend(iter);
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(iter: I) -> Self {
        Self(iter.into_iter().collect())
    }
}

const LINE_CONTEXT: usize = 200;

fn place(file: &SourceFile, span: Span, label: String) -> Place {
    let text = &file.text;
    let (line, column) = file.line_column(span.start);
    let start = floor_boundary(text, span.start as usize);
    let line_start = text[..start].rfind('\n').map_or(0, |idx| idx + 1);
    let line_end = text[start..].find('\n').map_or(text.len(), |idx| start + idx);
    let from = floor_boundary(text, start.saturating_sub(LINE_CONTEXT).max(line_start));
    let to = floor_boundary(text, line_end.min(start + LINE_CONTEXT));
    let end = floor_boundary(text, (span.end as usize).clamp(start, to));
    Place { line, column, source_line: text[from..to].to_owned(), range: (start - from, end - from), label }
}

fn floor_boundary(text: &str, idx: usize) -> usize {
    let mut idx = idx.min(text.len());
    while !text.is_char_boundary(idx) {
        idx -= 1;
    }
    idx
}
