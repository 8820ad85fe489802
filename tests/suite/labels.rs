//! Labels: who is said to speak, how often, and what is said of a label that is doubtful.
//!
//! Reads the sample archive, or the folder that `PODLEAF_TRANSCRIPTS` names with the table that `PODLEAF_LABELS` names:
//! label, turns and kind (`person`, `cue`, `unsure`), with tabs between them and one line of headings.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use podleaf::diagnostic::Diagnostics;
use podleaf::disk::Disk;
use podleaf::memo::Memo;
use podleaf::model::transcript::{DoubtKind, Item, Transcript};
use podleaf::parse::decode::decode;
use podleaf::parse::front_matter::front_matter_end;
use podleaf::parse::transcript::{Hints, parse_transcript};
use podleaf::parse::words::Words;
use podleaf::path::SitePath;
use podleaf::site::{Request, Site};
use podleaf::source::{SourceFile, Span, World};

/// The labels of the sample archive, counted by hand.
const SAMPLE: &str = include_str!("labels_of_the_sample.tsv");

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Person,
    Cue,
    Unsure,
}

/// Each label with how often it occurs and what it is.
fn expected(table: &str) -> BTreeMap<String, (usize, Kind)> {
    let row = |line: &str| {
        let parts: Vec<&str> = line.split('\t').collect();
        let kind = match parts[2] {
            "person" => Kind::Person,
            "cue" => Kind::Cue,
            "unsure" => Kind::Unsure,
            other => panic!("{other}"),
        };
        (parts[0].to_owned(), (parts[1].parse().unwrap(), kind))
    };
    table.lines().skip(1).filter(|line| !line.is_empty()).map(row).collect()
}

/// One label of a text: as written, whether it is a cue, and its line.
type Found = (String, Kind, u32);

fn labels(file: &SourceFile, transcript: &Transcript) -> Vec<Found> {
    let text = &file.text;
    // A label whose bold is more than a name counts as it is written.
    let odd = |kind| transcript.doubts.iter().filter(move |doubt| doubt.kind == kind);
    let written: BTreeMap<Span, Span> = odd(DoubtKind::Bold).map(|doubt| (doubt.name, doubt.written)).collect();
    let label = |span: Span, kind| {
        let name = written.get(&span).copied().unwrap_or(span).of(text).trim().to_owned();
        (name, kind, file.line_column(span.start).0)
    };
    let items = transcript.sections.iter().flat_map(|section| &section.items);
    let found = items.filter_map(|item| match item {
        Item::Turn(turn) => Some(label(turn.label, Kind::Person)),
        Item::Cue(cue) if !cue.label.of(text).starts_with(['[', '\\', '(', '（', '〔']) => {
            Some(label(cue.label, Kind::Cue))
        }
        Item::Cue(_) | Item::Text(_) => None,
    });
    found.collect()
}

/// Where labels are called doubtful: file and line, with the message.
fn reported(diagnostics: &Diagnostics) -> BTreeMap<(String, u32), String> {
    let doubtful = diagnostics.iter().filter(|diagnostic| diagnostic.code == "doubtful-label");
    let place = |diagnostic: &podleaf::diagnostic::Diagnostic| {
        let place = diagnostic.place.as_ref().expect("a label has a line");
        assert!(place.source_line[place.range.0..].starts_with(|c: char| c.is_alphabetic()), "{diagnostic:?}");
        ((diagnostic.path.as_ref().unwrap().to_string(), place.line), diagnostic.message.clone())
    };
    doubtful.map(place).collect()
}

fn archive() -> (PathBuf, String) {
    match (std::env::var_os("PODLEAF_TRANSCRIPTS"), std::env::var_os("PODLEAF_LABELS")) {
        (Some(dir), Some(table)) => (PathBuf::from(dir), fs::read_to_string(table).unwrap()),
        _ => (PathBuf::from("."), SAMPLE.to_owned()),
    }
}

const ODD: &str = "\
**Ann Lee:** One.

**Bo Dahl: I** think two.

***Ann Lee:** Three.*

Bo Dahl: four.

Cy Moss: five.

**ANN LEE:** Six.

**Caller:** Seven.

**Dee:** Eight.

**Chime:** [00:12]

Break: [00:20] to [00:30]

**Bo Dahl:** [00:40]

**Note** that nine is last.
";

#[test]
fn each_odd_label_is_kept_and_reported_at_its_line() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("odd.md"), ODD).unwrap();
    let (disk, _) = Disk::open(folder.path(), &folder.path().join("public")).unwrap();
    let (_, diagnostics) = Site::open(&disk, &Request::default(), Memo::default());
    let found: Vec<String> = reported(&diagnostics).into_iter().map(|((_, n), said)| format!("{n} {said}")).collect();
    insta::assert_snapshot!(found.join("\n"), @"
    3 the label `Bo Dahl: I` is read as `Bo Dahl`
    5 `Ann Lee` is read as a label, though it is not written as the others are
    7 `Bo Dahl` is read as a label, though it is not written as the others are
    9 `Cy Moss` looks like a label and is not bold: it is kept as words of the turn before
    11 `ANN LEE` is taken for `Ann Lee`, who is spelled so elsewhere
    13 `Caller` is a voice without a name
    15 `Dee` speaks once, and nothing else names them
    17 `Chime` is read as a sound, since nothing but times follows it
    19 `Break` is read as a label, though it is not written as the others are
    ");
    let found = labels_of(folder.path(), &SitePath::new("odd.md").unwrap());
    let cues: Vec<&str> = found.iter().filter(|found| found.1 == Kind::Cue).map(|found| found.0.as_str()).collect();
    assert_eq!(cues, ["Chime", "Break"]);
    assert_eq!(found.iter().filter(|found| found.0 == "Bo Dahl").count(), 2, "a time is words where the name speaks");
}

#[test]
fn every_label_is_what_the_table_says_or_is_reported() {
    let (root, table) = archive();
    let expected = expected(&table);
    let nowhere = tempfile::tempdir().unwrap();
    let (disk, _) = Disk::open(&root, &nowhere.path().join("out")).unwrap();
    let (_, diagnostics) = Site::open(&disk, &Request { drafts: true, ..Request::default() }, Memo::default());
    let reported = reported(&diagnostics);
    let mut found: BTreeMap<String, Vec<(Kind, String, u32)>> = BTreeMap::new();
    for path in transcripts(&disk) {
        for (label, kind, line) in labels_of(&root, &path) {
            found.entry(label).or_default().push((kind, path.to_string(), line));
        }
    }
    let is_reported = |label: &str, place: &(Kind, String, u32)| {
        let message = reported.get(&(place.1.clone(), place.2));
        message.is_some_and(|message| message.contains(&format!("`{label}`")))
    };
    let mut faults = Vec::new();
    let names: BTreeSet<&String> = expected.keys().chain(found.keys()).collect();
    let mut n_right = 0;
    for &label in &names {
        let places = found.get(label).map_or(&[][..], Vec::as_slice);
        let (n, kind) = expected.get(label).copied().unwrap_or((0, Kind::Unsure));
        // What is reported by itself may be counted or not: `***Ann:** words*`, `Ann: words` among bold labels.
        let n_plain = places.iter().filter(|place| !is_reported(label, place)).count();
        let is_right = n > 0 && (n_plain..=places.len()).contains(&n) && places.iter().all(|place| place.0 == kind);
        let mut files: BTreeMap<&String, bool> = BTreeMap::new();
        places.iter().for_each(|place| *files.entry(&place.1).or_default() |= is_reported(label, place));
        let is_said = n == places.len() && !files.is_empty() && files.values().all(|&said| said);
        n_right += usize::from(is_right);
        if !is_right && !is_said {
            let shown: Vec<String> =
                places.iter().take(3).map(|(kind, path, n)| format!("{kind:?} {path}:{n}")).collect();
            faults.push(format!("{label:?}: {n} of {kind:?} expected, found {} {shown:?}", places.len()));
        }
    }
    assert!(faults.is_empty(), "{} labels: {faults:#?}", faults.len());
    let n_labels: usize = found.values().map(Vec::len).sum();
    println!(
        "{} labels, {n_right} as the table says, {n_labels} turns and cues, {} notes",
        names.len(),
        reported.len()
    );
    assert!(n_labels > 100, "{n_labels}");
}

fn transcripts(disk: &Disk) -> Vec<SitePath> {
    let root = disk.content_root();
    let below = |path: &SitePath| if root.is_empty() { true } else { path.below(root).is_some() };
    let is_text = |path: &SitePath| matches!(path.extension(), "md" | "txt");
    let is_page = |path: &SitePath| path.parent().ends_with("pages");
    disk.files().iter().map(|f| f.path.clone()).filter(|p| below(p) && is_text(p) && !is_page(p)).collect()
}

fn labels_of(root: &Path, path: &SitePath) -> Vec<Found> {
    let file = decode(path, fs::read(root.join(path.as_str())).unwrap()).0.unwrap();
    let (words, names) = (Words::new(&[]), BTreeSet::new());
    let hints = Hints { words: &words, names: &names, labels: true };
    labels(&file, &parse_transcript(&file, front_matter_end(&file), &hints))
}
