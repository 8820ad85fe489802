//! Any bytes are read: what fuzzing found is tried again, and each parser with bytes and changed samples at random.

use std::fs;
use std::path::Path;

use proptest::prelude::*;

use mutator::{Numbers, mutant};
use samples::samples;
use targets::TARGETS;

#[path = "../fuzz/mutator.rs"]
mod mutator;
#[path = "../fuzz/samples.rs"]
mod samples;
#[path = "../fuzz/targets.rs"]
mod targets;

fn check(name: &str, bytes: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name);
    (target.unwrap_or_else(|| panic!("{name} is no target")).check)(bytes);
}

#[test]
fn what_was_found_is_mended() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/found");
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let (target, _) = name.split_once("--").unwrap();
        check(target, &fs::read(&path).unwrap());
    }
}

#[test]
fn changed_samples_are_read() {
    for target in &TARGETS {
        let (samples, mut numbers) = (samples(target), Numbers(7));
        assert!(!samples.is_empty(), "{} has samples", target.name);
        (0..100).for_each(|_| (target.check)(&mutant(&samples, &mut numbers)));
    }
}

macro_rules! any_bytes_are {
    ($($read:ident: $target:literal,)*) => {
        proptest! {
            #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

            $(
                #[test]
                fn $read(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
                    check($target, &bytes);
                }
            )*
        }
    };
}

any_bytes_are! {
    any_bytes_are_front_matter: "front-matter",
    any_bytes_are_markdown: "markdown",
    any_bytes_are_text: "text",
    any_bytes_are_vtt: "vtt",
    any_bytes_are_srt: "srt",
    any_bytes_are_json: "json",
    any_bytes_are_html: "html",
    any_bytes_are_chapters: "chapters",
    any_bytes_are_two_files: "align",
}
