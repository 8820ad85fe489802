//! What is searched: the terms of each episode, by shards, and what results show of it.

use jiff::civil::date;

use super::{Site, Stale};
use crate::hash::{ContentHash, Hasher};
use crate::memo::FINGERPRINT;
use crate::model::time::Day;
use crate::search::directory::{self, Listed};
use crate::search::run::RunBuilder;
use crate::search::slots::{N_SHARDS, shard, slots};
use crate::source::World;

/// The episodes of a site as its index numbers them.
#[derive(Debug)]
pub struct Numbered {
    /// Episodes of the archive by number: number, then index.
    order: Vec<(u32, usize)>,
    n_slots: u32,
    run_keys: Vec<ContentHash>,
}

/// The files of an index that are not of terms.
#[derive(Debug)]
pub struct Tables {
    /// Names and addresses of episodes.
    pub chunks: Vec<Vec<u8>>,
    /// What results are filtered and ordered by.
    pub facets: Vec<u8>,
    /// Who is in which episode.
    pub people: Vec<u8>,
}

impl Numbered {
    /// One more than the largest number that an episode can have.
    pub fn n_slots(&self) -> u32 {
        self.n_slots
    }

    /// How many episodes there are.
    pub fn n_episodes(&self) -> usize {
        self.order.len()
    }

    /// Whether a shard has episodes.
    pub fn has_shard(&self, shard: u32) -> bool {
        !self.of_shard(shard).is_empty()
    }

    /// The hash of all that the run of a shard is made from.
    pub fn run_key(&self, shard: u32) -> ContentHash {
        self.run_keys[shard as usize]
    }

    /// The episodes of a shard, in the order of their numbers.
    fn of_shard(&self, wanted: u32) -> &[(u32, usize)] {
        let start = self.order.partition_point(|(slot, _)| shard(*slot, self.n_slots) < wanted);
        let end = self.order.partition_point(|(slot, _)| shard(*slot, self.n_slots) <= wanted);
        &self.order[start..end]
    }
}

impl Tables {
    /// The hash of an index of these tables and the episodes in them.
    pub fn key(&self, numbered: &Numbered) -> ContentHash {
        let mut key = Hasher::new();
        numbered.run_keys.iter().for_each(|one| _ = key.hash(*one));
        self.chunks.iter().chain([&self.facets, &self.people]).for_each(|table| _ = key.part(table));
        key.finish()
    }
}

impl Site {
    /// Numbers the episodes for the index.
    pub fn numbered(&self) -> Numbered {
        let guids: Vec<&str> = self.archive.episodes.iter().map(|entry| entry.guid.as_str()).collect();
        let (slots, n_slots) = slots(&guids);
        let mut order: Vec<(u32, usize)> = slots.into_iter().zip(0..).collect();
        order.sort_unstable();
        let mut numbered = Numbered { order, n_slots, run_keys: Vec::new() };
        numbered.run_keys = (0..N_SHARDS).map(|shard| self.run_key(numbered.of_shard(shard))).collect();
        numbered
    }

    fn run_key(&self, of_shard: &[(u32, usize)]) -> ContentHash {
        let mut key = Hasher::new();
        key.part(FINGERPRINT.as_bytes());
        for &(slot, idx) in of_shard {
            let entry = &self.archive.episodes[idx];
            key.number(u64::from(slot)).hash(self.heads[idx].record);
            entry.people.iter().for_each(|(person, _)| _ = key.part(self.archive.people.list[*person].name.as_bytes()));
            entry.topics.iter().for_each(|&topic| _ = key.part(self.archive.topics[topic].title.as_bytes()));
            entry.series.iter().for_each(|&series| _ = key.part(self.archive.series[series].title.as_bytes()));
            key.number(entry.people.len() as u64).number(entry.topics.len() as u64).number(entry.series.len() as u64);
        }
        key.finish()
    }

    /// The terms of the episodes of a shard, by part.
    ///
    /// # Errors
    /// See [`Stale`].
    pub fn run(&self, world: &dyn World, numbered: &Numbered, shard: u32) -> Result<Vec<Vec<u8>>, Stale> {
        let mut run = RunBuilder::default();
        for &(slot, idx) in numbered.of_shard(shard) {
            self.with_text(world, idx, |text| text.units(|unit, words| run.add(slot, unit, words)))?;
        }
        Ok(run.finish())
    }

    /// What results show of the episodes.
    pub fn tables(&self, numbered: &Numbered) -> Tables {
        let archive = &self.archive;
        let mut languages: Vec<&str> = archive.episodes.iter().map(|entry| entry.episode.language.as_str()).collect();
        languages.sort_unstable();
        languages.dedup();
        let people: Vec<Vec<usize>> =
            archive.episodes.iter().map(|entry| entry.people.iter().map(|(person, _)| *person).collect()).collect();
        let listed = |&(slot, idx): &(u32, usize)| {
            let entry = &archive.episodes[idx];
            let language = entry.episode.language.as_str();
            Listed {
                slot,
                route: entry.route.as_str(),
                title: &entry.episode.title,
                language: languages.binary_search(&language).unwrap_or(0),
                show: entry.show,
                day: entry.episode.meta.date.map(|date| days(date.day)),
                people: &people[idx],
            }
        };
        let episodes: Vec<Listed<'_>> = numbered.order.iter().map(listed).collect();
        let shows: Vec<&str> = archive.shows.iter().map(|show| show.title.as_str()).collect();
        let everybody = archive.people.list.iter();
        let everybody: Vec<(&str, &str, bool)> =
            everybody.map(|person| (person.id.as_str(), person.name.as_str(), person.route.is_some())).collect();
        Tables {
            chunks: directory::chunks(&episodes, &languages, numbered.n_slots),
            facets: directory::facets(&episodes, &shows, &languages),
            people: directory::people(&episodes, &everybody),
        }
    }
}

/// Days since 1 January 1970.
fn days(day: Day) -> i32 {
    jiff::civil::Date::new(day.year, day.month, day.day)
        .and_then(|day| day.since((jiff::Unit::Day, date(1970, 1, 1))))
        .map_or(0, |span| span.get_days())
}
