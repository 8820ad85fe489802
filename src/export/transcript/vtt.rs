//! WebVTT (W3C, "WebVTT: The Web Video Text Tracks Format").

use crate::export::speaker_names;
use crate::export::transcript::Episode;
use crate::export::transcript::captions::{Caption, Voice};
use crate::export::transcript::wrap::{Measure, wrapped};
use crate::markup::escape_text;
use crate::model::time::MediaTime;

/// The namespace advises lines of 65 characters (podcast-namespace, `docs/examples/transcripts/transcripts.md`).
const MEASURE: Measure = Measure { wide: 42, narrow: 65 };

/// The captions of an episode. A cue stands for itself, so that each names its speaker; one that does not is nobody's.
pub fn vtt(episode: &Episode<'_>, captions: &[Caption]) -> String {
    let names: Vec<String> = speaker_names(episode.archive, episode.entry).iter().map(|name| escaped(name)).collect();
    let mut out = String::with_capacity(episode.read.file.text.len() * 2);
    out.push_str("WEBVTT\n");
    for caption in captions {
        out.push('\n');
        push_timing(&mut out, caption.start, caption.end, '.');
        let ends = caption.voices.len() > 1;
        caption.voices.iter().for_each(|voice| push_voice(&mut out, voice, &names, ends));
    }
    out
}

fn push_voice(out: &mut String, voice: &Voice, names: &[String], ends: bool) {
    let name = voice.speaker.and_then(|speaker| names.get(speaker)).filter(|name| !name.is_empty());
    if let Some(name) = name {
        out.extend(["<v ", name, ">"]);
    }
    for line in voice.paragraphs.iter().flat_map(|words| wrapped(words, MEASURE)) {
        escape_text(line, out);
        out.push('\n');
    }
    if name.is_some() && ends {
        out.pop();
        out.push_str("</v>\n");
    }
}

fn escaped(name: &str) -> String {
    let mut out = String::new();
    escape_text(name, &mut out);
    out
}

/// Appends a line of two times; `mark` stands before the milliseconds.
pub(in crate::export) fn push_timing(out: &mut String, start: MediaTime, end: MediaTime, mark: char) {
    start.push_timestamp(mark, out);
    out.push_str(" --> ");
    end.push_timestamp(mark, out);
    out.push('\n');
}
