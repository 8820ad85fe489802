//! Labels that may be wrong, by what the whole archive says.

use std::borrow::Borrow;
use std::collections::BTreeMap;

use super::people::People;
use super::{Archive, Entry};
use crate::diagnostic::{Diagnostic, Diagnostics, Place};
use crate::model::episode::SpeakerOutline;
use crate::parse::words::Words;
use crate::path::SitePath;

/// What linking said of the labels in one file.
pub fn label_notes(archive: &Archive, words: &Words, path: &SitePath) -> Vec<Diagnostic> {
    notes(&archive.episodes, &archive.people, words, |source| source == path).iter().cloned().collect()
}

/// Labels that may be slips of the pen, and voices without a name: each is kept, and said once for each episode.
pub(super) fn notes<E: Borrow<Entry>>(
    episodes: &[E],
    people: &People,
    words: &Words,
    is_wanted: impl Fn(&SitePath) -> bool,
) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let known: Vec<&str> = people
        .list
        .iter()
        .filter(|person| person.credited || person.appearances.len() > 1)
        .map(|person| person.name.as_str())
        .collect();
    let spellings = usual_spellings(episodes);
    for entry in episodes.iter().map(Borrow::borrow) {
        let Some(source) = entry.episode.transcript.as_ref().filter(|source| is_wanted(source)) else { continue };
        let has_names = entry.episode.speakers.iter().any(|speaker| !words.is_speaker(&speaker.label));
        for (speaker, person) in entry.episode.speakers.iter().zip(&entry.speakers) {
            let label = &speaker.label;
            let found = match person {
                None if has_names => Some(unnamed(label)),
                None => None,
                // `Host`, and the episode has one host.
                Some(_) if words.is_speaker(label) => None,
                Some(idx) => {
                    let person = &people.list[*idx];
                    let usual = spellings.get(idx).copied().unwrap_or(label);
                    if usual != label && !person.is_called(label) {
                        Some(other_spelling(label, usual))
                    } else if speaker.n_turns == 1 && !person.credited && person.appearances.len() == 1 {
                        Some(heard_once(label, &known))
                    } else {
                        None
                    }
                }
            };
            diagnostics.extend(found.map(|note| note.at_place(source, label_place(speaker))));
        }
    }
    diagnostics
}

/// The spelling with the most turns of each person who speaks.
fn usual_spellings<E: Borrow<Entry>>(episodes: &[E]) -> BTreeMap<usize, &str> {
    let mut turns: BTreeMap<(usize, &str), u64> = BTreeMap::new();
    for entry in episodes.iter().map(Borrow::borrow) {
        for (speaker, person) in entry.episode.speakers.iter().zip(&entry.speakers) {
            if let Some(person) = person {
                *turns.entry((*person, &speaker.label)).or_insert(0) += u64::from(speaker.n_turns);
            }
        }
    }
    let mut usual: BTreeMap<usize, (u64, &str)> = BTreeMap::new();
    for ((person, label), n_turns) in turns {
        let best = usual.entry(person).or_insert((0, label));
        if n_turns > best.0 {
            *best = (n_turns, label);
        }
    }
    usual.into_iter().map(|(person, (_, label))| (person, label)).collect()
}

fn unnamed(label: &str) -> Diagnostic {
    Diagnostic::note("doubtful-label", format!("`{label}` is a voice without a name"))
        .help("write the name in place of it, if it is known; the words are kept either way")
}

fn other_spelling(label: &str, usual: &str) -> Diagnostic {
    Diagnostic::note("doubtful-label", format!("`{label}` is taken for `{usual}`, who is spelled so elsewhere"))
        .help(format!("write `{usual}`, or name `{label}` among the person's `aliases` in people.toml"))
}

fn heard_once(label: &str, known: &[&str]) -> Diagnostic {
    let near = known.iter().filter(|name| strsim::damerau_levenshtein(name, label) <= 2).min();
    let help = match near {
        Some(name) => format!("did you mean `{name}`? An alias in people.toml makes them one person"),
        None => "name them in the front matter's `guests` or in people.toml, if this is right".to_owned(),
    };
    Diagnostic::note("doubtful-label", format!("`{label}` speaks once, and nothing else names them")).help(help)
}

fn label_place(speaker: &SpeakerOutline) -> Place {
    let (line, at) = (&speaker.line_head, speaker.line_at as usize);
    let column = line.get(..at).map_or(1, |before| before.chars().count() as u32 + 1);
    let range = (at, at + speaker.label.len());
    Place { line: speaker.line, column, source_line: line.clone(), range, label: String::new() }
}
