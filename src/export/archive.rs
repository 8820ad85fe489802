//! `archive.jsonl`: a line for each episode with what is known of it, and where its files are (docs/files.md).

use std::collections::BTreeMap;

use serde::Serialize;

use crate::export::Addresses;
use crate::export::transcript::push_json;
use crate::graph::outputs::episode_files;
use crate::graph::{Archive, Entry, Group};
use crate::model::episode::EpisodeType;
use crate::model::person::Role;
use crate::model::time::MediaTime;

/// The JSON Schema of a line.
pub const SCHEMA: &str = include_str!("archive.schema.json");

#[derive(Serialize)]
struct Line<'l> {
    guid: &'l str,
    title: &'l str,
    url: String,
    show: Named<'l>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    season: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    episode: Option<u32>,
    #[serde(rename = "type")]
    kind: &'static str,
    language: &'l str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'l str>,
    people: Vec<Person<'l>>,
    topics: Vec<Named<'l>>,
    series: Vec<Named<'l>>,
    /// In seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    duration: Option<f64>,
    turns: usize,
    words: u32,
    characters: u32,
    files: BTreeMap<&'static str, String>,
}

#[derive(Serialize)]
struct Named<'n> {
    title: &'n str,
    url: String,
}

#[derive(Serialize)]
struct Person<'p> {
    id: &'p str,
    name: &'p str,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    speaks: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

/// All episodes, newest first.
pub fn lines(archive: &Archive, addresses: Addresses<'_>) -> String {
    let mut out = String::with_capacity(archive.episodes.len() * 1024);
    for idx in 0..archive.episodes.len() {
        push_json(&line(archive, idx, addresses), &mut out);
        out.push('\n');
    }
    out
}

fn line<'l>(archive: &'l Archive, idx: usize, addresses: Addresses<'_>) -> Line<'l> {
    let entry: &Entry = &archive.episodes[idx];
    let (episode, meta, show) = (&entry.episode, &entry.episode.meta, &archive.shows[entry.show]);
    let groups = |of: &[usize], all: &'l [Group]| {
        of.iter().map(|&group| Named { title: &all[group].title, url: addresses.of(&all[group].route) }).collect()
    };
    let files = episode_files(episode, idx).into_iter();
    Line {
        guid: &entry.guid,
        title: &episode.title,
        url: addresses.of(&entry.route),
        show: Named { title: &show.title, url: addresses.of(&show.route) },
        date: meta.date.map(|date| date.day.to_string()),
        season: meta.season,
        episode: meta.episode,
        kind: match meta.episode_type {
            Some(EpisodeType::Trailer) => "trailer",
            Some(EpisodeType::Bonus) => "bonus",
            Some(EpisodeType::Full) | None => "full",
        },
        language: episode.language.as_str(),
        description: Some(episode.description.as_str()).filter(|text| !text.is_empty()),
        people: entry
            .people
            .iter()
            .map(|&(person, role)| self::person(archive, entry, (person, role), addresses))
            .collect(),
        topics: groups(&entry.topics, &archive.topics),
        series: groups(&entry.series, &archive.series),
        duration: episode.duration().map(MediaTime::seconds),
        turns: episode.n_turns(),
        words: episode.n_words,
        characters: episode.n_han,
        files: files.filter_map(|(name, _)| Some((name, addresses.of(&entry.route.join(name)?)))).collect(),
    }
}

fn person<'p>(
    archive: &'p Archive,
    entry: &Entry,
    (idx, role): (usize, Option<Role>),
    addresses: Addresses<'_>,
) -> Person<'p> {
    let person = &archive.people.list[idx];
    Person {
        id: &person.id,
        name: &person.name,
        role: role.map(|role| match role {
            Role::Host => "host",
            Role::Guest => "guest",
        }),
        speaks: entry.speakers.contains(&Some(idx)),
        url: person.route.as_ref().map(|route| addresses.of(route)),
    }
}
