//! What inputs are made from.

use std::fs;
use std::path::{Path, PathBuf};

use super::targets::{BESIDE, Target};

/// The samples of `tests/notations` that are a target's own.
pub(crate) fn samples(target: &Target) -> Vec<Vec<u8>> {
    let mut paths = Vec::new();
    below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/notations"), &mut paths);
    let read = |path: &PathBuf| fs::read(path).unwrap_or_default();
    if target.samples.is_empty() {
        return pairs(&paths).map(|(text, captions)| [read(text), BESIDE.into(), read(captions)].concat()).collect();
    }
    let is_own = |path: &&PathBuf| target.samples.iter().any(|end| ends_with(path, &format!(".{end}")));
    paths.iter().filter(is_own).map(read).collect()
}

/// Written texts and the timed files beside them.
fn pairs(paths: &[PathBuf]) -> impl Iterator<Item = (&PathBuf, &PathBuf)> {
    let texts = paths.iter().filter(|path| ends_with(path, ".md") || ends_with(path, ".txt"));
    texts.flat_map(|text| {
        let is_beside = |path: &&PathBuf| {
            let is_timed = [".vtt", ".srt", ".json", ".html"].iter().any(|end| ends_with(path, end));
            is_timed && path.parent() == text.parent() && path.file_stem() == text.file_stem()
        };
        paths.iter().filter(is_beside).map(move |path| (text, path))
    })
}

fn ends_with(path: &Path, end: &str) -> bool {
    path.to_str().is_some_and(|path| path.ends_with(end))
}

fn below(folder: &Path, paths: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() { below(&path, paths) } else { paths.push(path) }
    }
}
