//! The default theme: `templates/` and `static/` of the repository, embedded in the program.

use include_dir::{Dir, include_dir};

static TEMPLATES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");
static STATIC: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/static");

/// A file of the default theme.
#[derive(Debug, Clone, Copy)]
pub struct ThemeFile {
    /// Its name below `templates/` or `static/`.
    pub name: &'static str,
    /// Its bytes.
    pub bytes: &'static [u8],
}

/// The templates and interface words, sorted by name.
pub fn templates() -> Vec<ThemeFile> {
    files(&TEMPLATES)
}

/// The style sheets and scripts, sorted by name.
pub fn static_files() -> Vec<ThemeFile> {
    files(&STATIC)
}

fn files(dir: &'static Dir<'static>) -> Vec<ThemeFile> {
    let mut found = Vec::new();
    let mut open = vec![dir];
    while let Some(dir) = open.pop() {
        open.extend(dir.dirs());
        let here =
            dir.files().filter_map(|file| Some(ThemeFile { name: file.path().to_str()?, bytes: file.contents() }));
        found.extend(here);
    }
    found.sort_by_key(|file| file.name);
    found
}
