//! What the reader needs besides terms: which file has which terms, and what episodes are called.
//!
//! All of it is JSON, compressed as the files of terms are. `directory.bin` has a fixed name, every other file is named
//! for what is in it:
//!
//! ```text
//! directory   {"version", "slots", "episodes": number of them,
//!              "terms": [first term, file, …], "chunks": [file, …],
//!              "facets": file, "people": file}
//! chunk       [its place, [[number, route, title, language, show], …]]   of numbers in one range of slots ÷ chunks
//! facets      {"shows": [title, …], "languages": [tag, …],
//!              "episodes": [distance from the one before, day or null, show, language, …]}
//! people      {"people": [[id, name, whether there is a page], …], the most frequent first,
//!              "episodes": [how many, person, …, how many, person, …]}
//! ```
//!
//! A day is the number of days since 1 January 1970.

use std::cmp::Reverse;

use serde::Serialize;

use super::index::VERSION;

/// The folder of the files of the index.
pub const FOLDER: &str = "/search/index/";
/// How the names of all files end.
pub const ENDING: &str = ".bin";
/// The name of the directory.
pub const NAME: &str = "directory.bin";

/// An episode as results show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<'a> {
    /// Its number.
    pub slot: u32,
    /// Its page.
    pub route: &'a str,
    /// Its title.
    pub title: &'a str,
    /// Its language, by index.
    pub language: usize,
    /// Its show, by index.
    pub show: usize,
    /// When it came out, in days since 1970.
    pub day: Option<i32>,
    /// Who is in it, by index.
    pub people: &'a [usize],
}

/// At most so many episodes are in a chunk: what is shown first lies in few of them, and each is small.
const CHUNK: u32 = 256;

/// How many chunks there are of so many slots: a power of two, so that a chunk is a range of whole shards or less.
pub fn n_chunks(n_episodes: u32, n_slots: u32) -> u32 {
    n_episodes.div_ceil(CHUNK).next_power_of_two().min(n_slots)
}

/// The chunks of episodes, which come in the order of their numbers.
pub fn chunks(episodes: &[Listed<'_>], languages: &[&str], n_slots: u32) -> Vec<Vec<u8>> {
    let n_chunks = n_chunks(episodes.len() as u32, n_slots);
    let size = n_slots / n_chunks;
    let of_chunk = |chunk: u32| {
        let start = episodes.partition_point(|episode| episode.slot < chunk * size);
        let end = episodes.partition_point(|episode| episode.slot < (chunk + 1) * size);
        let row =
            |e: &Listed<'_>| (e.slot, e.route.to_owned(), e.title.to_owned(), languages[e.language].to_owned(), e.show);
        json(&(chunk, episodes[start..end].iter().map(row).collect::<Vec<_>>()))
    };
    (0..n_chunks).map(of_chunk).collect()
}

#[derive(Serialize)]
struct Facets<'a> {
    shows: &'a [&'a str],
    languages: &'a [&'a str],
    episodes: Vec<Option<i64>>,
}

/// What results are filtered and ordered by.
pub fn facets(episodes: &[Listed<'_>], shows: &[&str], languages: &[&str]) -> Vec<u8> {
    let mut rows = Vec::with_capacity(episodes.len() * 4);
    let mut before = 0;
    for episode in episodes {
        let distance = i64::from(episode.slot - before);
        rows.extend([Some(distance), episode.day.map(i64::from)]);
        rows.extend([Some(episode.show as i64), Some(episode.language as i64)]);
        before = episode.slot;
    }
    json(&Facets { shows, languages, episodes: rows })
}

#[derive(Serialize)]
struct People<'a> {
    people: Vec<(&'a str, &'a str, bool)>,
    episodes: Vec<usize>,
}

/// Who is in which episodes: ids, names and whether there is a page, by index. Those who come often have small numbers,
/// so that all of it packs well.
pub fn people(episodes: &[Listed<'_>], people: &[(&str, &str, bool)]) -> Vec<u8> {
    let mut counts: Vec<(usize, usize)> = (0..people.len()).map(|person| (0, person)).collect();
    episodes.iter().flat_map(|episode| episode.people).for_each(|&person| counts[person].0 += 1);
    counts.retain(|(count, _)| *count > 0);
    counts.sort_unstable_by_key(|&(count, person)| (Reverse(count), person));
    let mut places = vec![0; people.len()];
    counts.iter().enumerate().for_each(|(place, (_, person))| places[*person] = place);
    let of_episode = |episode: &Listed<'_>| {
        let mut of: Vec<usize> = episode.people.iter().map(|&person| places[person]).collect();
        of.sort_unstable();
        std::iter::once(of.len()).chain(of).collect::<Vec<_>>()
    };
    json(&People {
        people: counts.iter().map(|(_, person)| people[*person]).collect(),
        episodes: episodes.iter().flat_map(of_episode).collect(),
    })
}

/// The names of all files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// Of the files of terms: first term and name, in the order of the terms.
    pub terms: Vec<(String, String)>,
    /// Of the chunks, in their order.
    pub chunks: Vec<String>,
    /// Of the facets.
    pub facets: String,
    /// Of the people.
    pub people: String,
}

#[derive(Serialize)]
struct Directory<'a> {
    version: u8,
    slots: u32,
    episodes: usize,
    terms: Vec<&'a str>,
    chunks: &'a [String],
    facets: &'a str,
    people: &'a str,
}

/// The directory.
pub fn directory(names: &Names, n_slots: u32, n_episodes: usize) -> Vec<u8> {
    json(&Directory {
        version: VERSION,
        slots: n_slots,
        episodes: n_episodes,
        terms: names.terms.iter().flat_map(|(first, name)| [first.as_str(), name]).collect(),
        chunks: &names.chunks,
        facets: &names.facets,
        people: &names.people,
    })
}

fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}
