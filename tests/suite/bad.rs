//! Small bad sites, one fault or one kind of fault each, and what the command says of them.
//!
//! `tests/bad/NAME.site` holds files below `-- name --` lines, `tests/bad/NAME.snap` what `podleaf check` prints.
//! After a change of words: `INSTA_UPDATE=always cargo test --test suite bad`, then read the difference.

use std::fs;
use std::path::{Path, PathBuf};

use crate::command::{podleaf, spread};

fn sites() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad");
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut sites: Vec<PathBuf> = paths.filter(|path| path.extension().is_some_and(|e| e == "site")).collect();
    sites.sort();
    sites
}

#[test]
fn each_bad_site_is_explained() {
    let sites = sites();
    assert!(sites.len() >= 20);
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../bad");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for path in sites {
            let name = path.file_stem().unwrap().to_str().unwrap();
            let site = spread(&fs::read_to_string(&path).unwrap());
            let ran = podleaf(site.path(), &["check", "--base-url", "https://example.org/"]);
            insta::assert_snapshot!(name, format!("{}exit code {}", ran.said, ran.code));
        }
    });
}
