//! Theme assets: style sheets joined to one, scripts as they are, all below one fingerprinted folder.

use std::collections::BTreeMap;

use crate::hash::Hasher;
use crate::path::Route;

/// The published assets of a theme.
#[derive(Debug)]
pub struct Assets {
    /// Bodies by route.
    pub files: BTreeMap<Route, Vec<u8>>,
    /// The folder that holds them: `/assets/<hash>/`.
    pub folder: String,
}

/// Joins `css/**` in the order of names to `style.css`, and puts it with all other files below one folder that is
/// named for the hash of them all: relative imports keep working, and a changed file changes every address.
pub fn assets(files: BTreeMap<String, Vec<u8>>) -> Assets {
    let mut style = Vec::new();
    let mut named: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for (name, bytes) in files {
        if name.starts_with("css/") && name.ends_with(".css") {
            style.extend_from_slice(&bytes);
            style.push(b'\n');
        } else {
            named.insert(name, bytes);
        }
    }
    named.insert("style.css".to_owned(), style);
    let mut hasher = Hasher::new();
    named.iter().for_each(|(name, bytes)| _ = hasher.part(name.as_bytes()).part(bytes));
    let folder = format!("/assets/{}/", hasher.finish().letters(10));
    let files =
        named.into_iter().filter_map(|(name, bytes)| Some((Route::new(format!("{folder}{name}"))?, bytes))).collect();
    Assets { files, folder }
}
