//! How fast timed transcripts are read: `PODLEAF_TRANSCRIPTS=FOLDER cargo bench --bench timed`.
//!
//! Makes 120 MB of all timed notations from the Markdown transcripts below a folder, or from made-up ones, and prints
//! megabytes a second of processor time for each notation and for all, on one core. `cues` as an argument reads a million
//! cues instead, `align` gives an hour of written text the times of its captions.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;
use std::{env, fs};

use podleaf::hash::ContentHash;
use podleaf::parse::align::{Outcome, align as give_times};
use podleaf::parse::timed::group::grouped;
use podleaf::parse::timed::parse_timed;
use podleaf::parse::transcript::{Hints, parse_transcript};
use podleaf::parse::words::Words;
use podleaf::path::SitePath;
use podleaf::source::SourceFile;

/// The program's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const TOTAL: usize = 120_000_000;
/// Words of a cue.
const CUE_WORDS: usize = 11;
const MAKERS: [(&str, Maker); 8] = [
    ("voices.vtt", vtt),
    ("labels.srt", srt),
    ("rolling.vtt", rolling),
    ("podcast.json", podcast),
    ("whisperx.json", whisperx),
    ("deepgram.json", deepgram),
    ("assemblyai.json", assemblyai),
    ("page.html", html),
];

/// One talk: who says what.
type Talk = Vec<(String, String)>;
type Maker = fn(&[Cue<'_>]) -> String;

/// Words of one speaker; each takes 300 ms.
struct Cue<'t> {
    who: &'t str,
    words: Vec<&'t str>,
    start: usize,
}

impl Cue<'_> {
    fn end(&self) -> usize {
        self.start + 300 * self.words.len()
    }

    fn text(&self) -> String {
        self.words.join(" ")
    }
}

fn main() {
    if env::args().any(|argument| argument == "align") {
        return divan::main();
    }
    let talks = talks();
    if env::args().any(|argument| argument == "cues") {
        return a_million_cues(&talks);
    }
    let mut files: Vec<(usize, SourceFile)> = Vec::new();
    let mut sizes = [0; MAKERS.len()];
    for talk in talks.iter().cycle() {
        let kind = (0..sizes.len()).min_by_key(|kind| sizes[*kind]).unwrap_or(0);
        if sizes.iter().sum::<usize>() >= TOTAL {
            break;
        }
        let file = file(MAKERS[kind].0, MAKERS[kind].1(&cues(talk)));
        sizes[kind] += file.text.len();
        files.push((kind, file));
    }
    let words = Words::new(&[]);
    let (mut parsing, mut grouping) = ([Duration::ZERO; MAKERS.len()], Duration::ZERO);
    let mut n_turns = 0;
    for (kind, file) in &files {
        let started = processor_time();
        let timed = parse_timed(file).0.unwrap_or_default();
        parsing[*kind] += processor_time() - started;
        let started = processor_time();
        n_turns += grouped(&timed, &words, |_| None).turns().count();
        grouping += processor_time() - started;
    }
    for (kind, (name, _)) in MAKERS.iter().enumerate() {
        say(name, sizes[kind], parsing[kind]);
    }
    say("all", sizes.iter().sum(), parsing.iter().sum());
    say("turns of all", sizes.iter().sum(), grouping);
    assert!(n_turns > 0, "the files are transcripts");
}

fn a_million_cues(talks: &[Talk]) {
    for (name, maker) in MAKERS {
        let mut all = Vec::new();
        'full: for talk in talks.iter().cycle() {
            for cue in cues(talk) {
                let start = all.len() * 300;
                all.push(Cue { words: cue.words.into_iter().take(1).collect(), start, ..cue });
                if all.len() == 1_000_000 {
                    break 'full;
                }
            }
        }
        let file = file(name, maker(&all));
        drop(all);
        let started = processor_time();
        let n_cues = parse_timed(&file).0.map_or(0, |timed| timed.cues.len());
        say(&format!("{name}, {n_cues} cues"), file.text.len(), processor_time() - started);
    }
}

/// What this thread took of a processor: the machine may have other work.
fn processor_time() -> Duration {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(text.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or_default())
}

#[expect(clippy::print_stdout, reason = "a report")]
fn say(name: &str, bytes: usize, took: Duration) {
    let (megabytes, seconds) = (bytes as f64 / 1e6, took.as_secs_f64());
    println!("{name:<32} {megabytes:>7.1} MB {:>8.1} ms {:>7.0} MB/s", seconds * 1000.0, megabytes / seconds);
}

fn file(name: &str, text: String) -> SourceFile {
    SourceFile { path: SitePath::new(name).expect("a plain path"), hash: ContentHash::of(b""), text }
}

/// The talks below the folder that the environment names, else one that is made up.
fn talks() -> Vec<Talk> {
    let mut talks = Vec::new();
    if let Some(folder) = env::var_os("PODLEAF_TRANSCRIPTS") {
        below(Path::new(&folder), &mut talks);
    }
    if talks.is_empty() {
        let turn = |n: usize| (format!("Voice {}", n % 3), "and then the tide came in, as it does ".repeat(1 + n % 9));
        talks.push((0..900).map(turn).collect());
    }
    talks
}

fn below(folder: &Path, talks: &mut Vec<Talk>) {
    let mut paths: Vec<_> = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            below(&path, talks);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            let text = fs::read_to_string(&path).unwrap_or_default();
            let turn = |paragraph: &str| paragraph.strip_prefix("**")?.split_once(":**").map(owned);
            talks.extend(Some(text.split("\n\n").filter_map(turn).collect::<Talk>()).filter(|talk| !talk.is_empty()));
        }
    }
}

fn owned((who, text): (&str, &str)) -> (String, String) {
    (who.to_owned(), text.trim().to_owned())
}

fn cues(talk: &Talk) -> Vec<Cue<'_>> {
    let mut cues = Vec::new();
    let mut start = 0;
    for (who, text) in talk {
        let words: Vec<&str> = text.split_whitespace().collect();
        for words in words.chunks(CUE_WORDS) {
            let cue = Cue { who, words: words.to_vec(), start };
            start = cue.end();
            cues.push(cue);
        }
    }
    cues
}

fn clock(millis: usize, mark: char) -> String {
    let seconds = millis / 1000;
    format!("{:02}:{:02}:{:02}{mark}{:03}", seconds / 3600, seconds / 60 % 60, seconds % 60, millis % 1000)
}

fn seconds(millis: usize) -> f64 {
    millis as f64 / 1000.0
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn vtt(cues: &[Cue<'_>]) -> String {
    let cue = |cue: &Cue<'_>| {
        let (from, to) = (clock(cue.start, '.'), clock(cue.end(), '.'));
        format!("{from} --> {to}\n<v {}>{}\n\n", cue.who, escaped(&cue.text()))
    };
    format!("WEBVTT\n\n{}", cues.iter().map(cue).collect::<String>())
}

fn srt(cues: &[Cue<'_>]) -> String {
    let cue = |(n, cue): (usize, &Cue<'_>)| {
        let (first, rest) = cue.words.split_at(cue.words.len() / 2);
        let (from, to) = (clock(cue.start, ','), clock(cue.end(), ','));
        format!("{}\n{from} --> {to}\n{}: {}\n{}\n\n", n + 1, cue.who, first.join(" "), rest.join(" "))
    };
    cues.iter().enumerate().map(cue).collect()
}

fn rolling(cues: &[Cue<'_>]) -> String {
    let mut out = "WEBVTT\nKind: captions\nLanguage: en\n\n".to_owned();
    let mut old = String::new();
    for cue in cues {
        let (from, to) = (clock(cue.start, '.'), clock(cue.end(), '.'));
        let word = |(n, word): (usize, &&str)| match n {
            0 => escaped(word),
            _ => format!("<{}><c> {}</c>", clock(cue.start + 300 * n, '.'), escaped(word)),
        };
        let new: String = cue.words.iter().enumerate().map(word).collect();
        let text = escaped(&cue.text());
        out.push_str(&format!("{from} --> {to} align:start position:0%\n{old}\n{new}\n\n"));
        out.push_str(&format!("{to} --> {to} align:start position:0%\n{text}\n \n\n"));
        old = text;
    }
    out
}

fn podcast(cues: &[Cue<'_>]) -> String {
    let segment = |cue: &Cue<'_>| {
        let (from, to) = (seconds(cue.start), seconds(cue.end()));
        serde_json::json!({"speaker": cue.who, "startTime": from, "endTime": to, "body": cue.text()})
    };
    let segments: Vec<_> = cues.iter().map(segment).collect();
    serde_json::json!({"version": "1.0.0", "segments": segments}).to_string()
}

fn words(cue: &Cue<'_>, word: impl Fn(&str, usize) -> serde_json::Value) -> Vec<serde_json::Value> {
    cue.words.iter().enumerate().map(|(n, text)| word(text, cue.start + 300 * n)).collect()
}

fn whisperx(cues: &[Cue<'_>]) -> String {
    let segment = |cue: &Cue<'_>| {
        let word = |text: &str, start| {
            let (from, to) = (seconds(start), seconds(start + 280));
            serde_json::json!({"word": text, "start": from, "end": to, "score": 0.875, "speaker": cue.who})
        };
        let (from, to) = (seconds(cue.start), seconds(cue.end()));
        let text = format!(" {}", cue.text());
        serde_json::json!({"start": from, "end": to, "text": text, "words": words(cue, word), "speaker": cue.who})
    };
    let segments: Vec<_> = cues.iter().map(segment).collect();
    serde_json::to_string_pretty(&serde_json::json!({"segments": segments, "language": "en"})).unwrap_or_default()
}

fn deepgram(cues: &[Cue<'_>]) -> String {
    let utterance = |cue: &Cue<'_>| {
        let word = |text: &str, start| {
            let (from, to) = (seconds(start), seconds(start + 280));
            serde_json::json!({"word": text, "punctuated_word": text, "start": from, "end": to, "speaker": 0})
        };
        let (from, to) = (seconds(cue.start), seconds(cue.end()));
        let words = words(cue, word);
        serde_json::json!({"start": from, "end": to, "transcript": cue.text(), "words": words, "speaker": cue.who})
    };
    let utterances: Vec<_> = cues.iter().map(utterance).collect();
    serde_json::json!({"results": {"utterances": utterances}}).to_string()
}

fn assemblyai(cues: &[Cue<'_>]) -> String {
    let utterance = |cue: &Cue<'_>| {
        let word = |text: &str, start| serde_json::json!({"text": text, "start": start, "end": start + 280});
        let words = words(cue, word);
        serde_json::json!({"start": cue.start, "end": cue.end(), "text": cue.text(), "words": words, "speaker": cue.who})
    };
    let utterances: Vec<_> = cues.iter().map(utterance).collect();
    serde_json::json!({"utterances": utterances}).to_string()
}

fn html(cues: &[Cue<'_>]) -> String {
    let cue = |cue: &Cue<'_>| {
        let (time, text) = (clock(cue.start, '.'), escaped(&cue.text()));
        format!("<cite>{}:</cite>\n<time>{time}</time>\n<p>{text}</p>\n", cue.who)
    };
    format!("<!doctype html>\n<html><body>\n{}</body></html>\n", cues.iter().map(cue).collect::<String>())
}

/// An hour of two people in 10,000 words, and captions of which a tenth is misheard.
///
/// Of the words one in `rare` occurs once. `is_other`: the captions are of another hour with the same common words.
fn hour(rare: usize, is_other: bool) -> (SourceFile, SourceFile) {
    let common = ["and", "then", "the", "tide", "came", "in", "as", "it", "does", "nobody", "had", "asked", "to"];
    let words = |step: usize, name: &str| {
        let word = |n: usize| match n % rare {
            0 => format!("{name}{}", n / rare),
            _ => common[n * step % 13].to_owned(),
        };
        (0..10_000).map(word).collect::<Vec<String>>()
    };
    let said = words(7, "rare");
    let turn = |(n, words): (usize, &[String])| format!("**Voice {}:** {}.\n\n", n % 2, words.join(" "));
    let text = said.chunks(40).enumerate().map(turn).collect();
    let heard = if is_other { words(5, "odd") } else { said };
    let heard = heard.iter().enumerate().map(|(n, word)| if n % 10 == 3 { "misheard" } else { word.as_str() });
    let heard: Vec<&str> = heard.collect();
    let parts = heard.chunks(CUE_WORDS).enumerate();
    let cues: Vec<Cue<'_>> =
        parts.map(|(n, words)| Cue { who: "SPEAKER_00", words: words.to_vec(), start: n * 360 * CUE_WORDS }).collect();
    (file("hour.md", text), file("hour.vtt", vtt(&cues)))
}

/// Gives an hour its times, and one the times of another.
#[divan::bench(args = [(3, false), (30, false), (3, true), (30, true)])]
fn align(bencher: divan::Bencher<'_, '_>, (rare, is_other): (usize, bool)) {
    let (file, captions) = hour(rare, is_other);
    let (words, names) = (Words::new(&[]), BTreeSet::new());
    let transcript = parse_transcript(&file, 0, &Hints { words: &words, names: &names, labels: true });
    let timed = parse_timed(&captions).0.unwrap_or_default();
    bencher.with_inputs(|| transcript.clone()).bench_values(|mut transcript| {
        let outcome = give_times(&file.text, &mut transcript, divan::black_box(&timed), &words);
        assert_eq!(matches!(outcome, Outcome::Timed(_)), !is_other, "{outcome:?}");
        transcript
    });
}
