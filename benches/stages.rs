//! Micro-benchmarks of the two parallel stages: `cargo bench`.

use std::collections::BTreeSet;

use podleaf::hash::ContentHash;
use podleaf::parse::transcript::{Hints, parse_transcript};
use podleaf::parse::words::Words;
use podleaf::path::SitePath;
use podleaf::source::SourceFile;

fn main() {
    divan::main();
}

/// Six hundred turns of three speakers, about 35 KB.
fn episode() -> SourceFile {
    let names = ["Ann Li", "Bo Verne", "Cleo Marsh"];
    let turn = |n: usize| format!("**{}:** {}\n\n", names[n % 3], "and then the tide came in ".repeat(1 + n % 4));
    let text: String = (0..600).map(turn).collect();
    let path = SitePath::new("show/042.md").expect("a plain path");
    SourceFile { path, hash: ContentHash::of(text.as_bytes()), text }
}

#[divan::bench]
fn parse(bencher: divan::Bencher<'_, '_>) {
    let (file, words, names) = (episode(), Words::new(&[]), BTreeSet::new());
    let hints = Hints { words: &words, names: &names, labels: true };
    bencher
        .counter(divan::counter::BytesCount::of_str(file.text.as_str()))
        .bench(|| parse_transcript(divan::black_box(&file), 0, &hints).turns().count());
}

#[divan::bench]
fn inline_html(bencher: divan::Bencher<'_, '_>) {
    let text = "and then the *tide* came in, as it does; nobody had asked it to. ".repeat(8);
    bencher.counter(divan::counter::BytesCount::of_str(text.as_str())).bench(|| {
        let mut out = String::new();
        podleaf::markup::inline_html(divan::black_box(&text), &mut out);
        out
    });
}
