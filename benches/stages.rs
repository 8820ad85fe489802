//! Micro-benchmarks of the two parallel stages: `cargo bench`.

use std::collections::{BTreeMap, BTreeSet};

use podleaf::hash::ContentHash;
use podleaf::memo::Memo;
use podleaf::parse::transcript::{Hints, parse_transcript};
use podleaf::parse::words::Words;
use podleaf::path::{Route, SitePath};
use podleaf::site::{Request, Site};
use podleaf::source::{FileEntry, ReadFault, ReadSeek, SourceFile, Stamp, World};

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

/// Files in memory.
struct Files(BTreeMap<SitePath, String>, Vec<FileEntry>);

impl World for Files {
    fn content_root(&self) -> &str {
        "content"
    }

    fn files(&self) -> &[FileEntry] {
        &self.1
    }

    fn listed_at(&self) -> i64 {
        0
    }

    fn read(&self, path: &SitePath) -> Result<Vec<u8>, ReadFault> {
        let missing = || ReadFault { reason: "not there".to_owned() };
        self.0.get(path).map(|text| text.clone().into_bytes()).ok_or_else(missing)
    }

    fn open(&self, path: &SitePath) -> Result<Box<dyn ReadSeek>, ReadFault> {
        Ok(Box::new(std::io::Cursor::new(self.read(path)?)))
    }
}

/// A feed of ten thousand episodes, each with a recording elsewhere, key points and sections.
#[divan::bench(args = ["/feed.xml", "/atom.xml", "/feed.json"], sample_count = 10)]
fn feed(bencher: divan::Bencher<'_, '_>, route: &str) {
    let body = "## Key points\n\n- **One.** The tide came in.\n- **Two.** It went out again.\n\n";
    let turns = "## 1. Out\n\n**Ann Li:** And then the tide came in.\n\n## 2. In\n\n**Bo Verne:** It did.\n";
    let episode = |n: usize| {
        let path = SitePath::new(format!("content/show/{n:05}.md")).expect("a plain path");
        let (audio, day) = (format!("https://media.example.org/{n}.mp3"), 1 + n % 28);
        let front = format!("title = 'Number {n}'\ndate = 2026-01-{day:02}\naudio = '{audio}'\naudio_length = {n}\n");
        (path, format!("+++\n{front}duration = 60\n+++\n\n{body}{turns}"))
    };
    let texts: BTreeMap<SitePath, String> = (1..=10_000).map(episode).collect();
    let list = texts.keys().map(|path| FileEntry { path: path.clone(), stamp: Stamp::default() }).collect();
    let files = Files(texts, list);
    let request = Request { base_url: Some("https://example.org/".to_owned()), ..Request::default() };
    let site = Site::open(&files, &request, Memo::default()).0.expect("a site");
    let route = Route::new(route).expect("a route");
    bencher.bench_local(|| site.render(&files, &route).expect("a feed"));
}
