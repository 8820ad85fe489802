//! What the locks say after a build: which file is which episode, and what each keeps.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;
use uuid::Uuid;

use super::sketch::text_hash;
use super::turns::{lines, turn_ids};
use super::{Before, FILE_NAME, Lock, Locked, Sketch, Turn};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::hash::ContentHash;
use crate::model::episode::Episode;
use crate::model::transcript::TurnId;
use crate::path::{Route, SitePath};

/// What more lines than these have in common, such as a greeting, tells nothing.
const MAX_SHARED: usize = 64;

/// What a site knows of its past.
#[derive(Debug)]
pub struct Input<'i> {
    /// The folder of all shows, `""` for the site's own.
    pub content_root: String,
    /// The locks of all folders that have one.
    pub locks: Vec<Lock>,
    /// The ids of turns at the last build.
    pub before: &'i Before,
    /// Episodes that are there and not shown, by their files: what is promised of them stays as it is.
    pub hidden: Vec<SitePath>,
    /// Episodes that are shown and not published, by their files: nothing is promised of them yet.
    pub unpublished: BTreeSet<SitePath>,
}

impl Input<'_> {
    /// The folder of a show, from the site's root.
    pub fn folder(&self, show: &str) -> String {
        let parts = [self.content_root.as_str(), show];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/")
    }
}

/// An episode as its files have it now.
#[derive(Debug)]
pub struct Present<'p> {
    /// The folder of its show, from the site's root.
    pub folder: String,
    /// The page of its show.
    pub show_route: &'p Route,
    /// The guid of its show.
    pub show_guid: Uuid,
    /// The last part of its address, where nothing is published yet.
    pub name: String,
    /// Its record, with the turn ids of its words.
    pub episode: &'p Episode,
    /// Whether it is published; a draft that is shown is not.
    pub is_published: bool,
}

/// What an episode is known by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Its guid.
    pub guid: String,
    /// Its page.
    pub route: Route,
    /// Routes that lead there.
    pub earlier: Vec<Route>,
    /// The ids of its turns; `None` where they are those of the words.
    pub turn_ids: Option<Vec<TurnId>>,
    /// How it was found.
    pub past: Past,
}

/// What is promised of an episode by the lock as it was read, and how far that depends on the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past {
    /// Its line; `None` for an episode that was not published before.
    pub locked: Option<Arc<Locked>>,
    /// Whether the text is the one that the line was written for.
    pub is_same_text: bool,
    /// Whether an edit leaves it at that: it was found by what is declared, or at its path with a text that is alike;
    /// or it is new, and no line is left that its text could be of.
    is_steady: bool,
}

impl Past {
    /// The same episode with another text, if it can be told without looking at all others that it is the same
    /// one and keeps its place: what it is then, and the ids of its turns (see [`Identity::turn_ids`]).
    ///
    /// The declared guid, the path and all other episodes have to be as they were.
    pub fn with_text(
        &self,
        episode: &Episode,
        before: impl FnOnce() -> Option<Vec<Turn>>,
    ) -> Option<(Self, Option<Vec<TurnId>>)> {
        if !self.is_steady {
            return None;
        }
        let Some(locked) = &self.locked else { return Some((self.clone(), None)) };
        let is_same_text = locked.text == text_hash(episode);
        let is_alike = || Some(locked.like?.likeness(&Sketch::of(&episode.turn_ids)?).is_some());
        if !is_same_text && is_alike() != Some(true) {
            return None;
        }
        let ids = turn_ids(locked, is_same_text, episode, before);
        Some((Self { is_same_text, ..self.clone() }, ids))
    }
}

/// What came of the locks.
#[derive(Debug)]
pub struct Outcome {
    /// What they say now, also those that did not change.
    pub locks: Vec<Lock>,
    /// One identity for each episode, in order. `None` for one whose name cannot be an address.
    pub identities: Vec<Option<Identity>>,
    /// What is doubtful.
    pub diagnostics: Diagnostics,
}

/// Finds out which episode is which and brings the locks up to date.
///
/// A file is the episode that its text says; where that says nothing, the one that its path says. The guid of an
/// episode is the lock's, else the declared one, else made of the show's guid and the path. The last part of its
/// address is the declared slug, else the lock's, else that of the file: renaming a file changes no address. What
/// is gone keeps its line, and has it again when it comes back. Applying the outcome again changes nothing.
/// `guids` are those of shows whose feed has an address, by their folders.
pub fn update(input: Input<'_>, presents: &[Present<'_>], guids: &BTreeMap<String, Uuid>) -> Outcome {
    let mut diagnostics = Diagnostics::new();
    let mut all = Lines::new(input.locks, presents, &mut diagnostics);
    all.claim_hidden(&input.hidden);
    let texts: Vec<ContentHash> = presents.par_iter().map(|present| text_hash(present.episode)).collect();
    let line_of = all.match_lines(presents, &texts);
    let is_open = all.lines.iter().any(|line| line.claim.is_none());
    let mut new_guids = BTreeSet::new();
    let mut identities = Vec::with_capacity(presents.len());
    for ((present, &text), line) in presents.iter().zip(&texts).zip(line_of) {
        let is_new = line.is_none();
        let (identity, locked) = match line {
            Some(line) => known(present, text, &all.lines[line], input.before, &mut diagnostics),
            None => new(present, text, is_open, (&all.by_guid, &mut new_guids)),
        };
        if is_new && let Some(identity) = &identity {
            diagnostics.extend(all.reused(&identity.route, present));
        }
        if let (Some(identity), Some(locked)) = (&identity, locked.filter(|_| present.is_published)) {
            all.renew(identity.guid.clone(), locked, &present.folder);
        }
        identities.push(identity);
    }
    let mut locks = all.into_locks();
    for lock in locks.iter_mut().filter(|lock| !lock.episodes.is_empty()) {
        lock.show = guids.get(lock.path.parent()).copied().or(lock.show);
    }
    Outcome { locks, identities, diagnostics }
}

/// The identity of an episode that a line is about, and the line as it is now.
fn known(
    present: &Present<'_>,
    text: ContentHash,
    line: &Line,
    before: &Before,
    diagnostics: &mut Diagnostics,
) -> (Option<Identity>, Option<Locked>) {
    let (episode, locked) = (present.episode, &line.locked);
    if let Some(declared) = episode.meta.guid.as_ref().filter(|declared| declared.value != line.guid) {
        let message = format!("`guid` is not the guid that the episode was published with, `{}`", line.guid);
        let warning = Diagnostic::warning("guid-published", message).in_file(&episode.source);
        diagnostics.push(warning.help(format!(
            "leave `guid` out; or, if all players shall take it for another episode, put `{}` into show.lock",
            declared.value
        )));
    }
    let kept_name = || last_part(&locked.route).unwrap_or(&present.name).to_owned();
    let name = episode.meta.slug.as_ref().map_or_else(kept_name, |slug| slug.value.clone());
    let Some(route) = present.show_route.join(&format!("{name}/")) else { return (None, None) };
    let mut earlier: BTreeSet<Route> = locked.earlier.iter().chain([&locked.route]).cloned().collect();
    earlier.remove(&route);
    let is_same_text = locked.text == text;
    let ids = turn_ids(locked, is_same_text, episode, || before.get(&line.guid).cloned());
    let past = Past { locked: Some(Arc::clone(locked)), is_same_text, is_steady: line.claim == Some(Claim::Steady) };
    let renewed = Locked {
        path: relative(present).to_owned(),
        text,
        like: if is_same_text { locked.like } else { Sketch::of(&episode.turn_ids) },
        route: route.clone(),
        earlier: earlier.clone(),
        turns: lines(&episode.turn_ids, ids.as_deref()),
    };
    let earlier = earlier.into_iter().collect();
    (Some(Identity { guid: line.guid.clone(), route, earlier, turn_ids: ids, past }), Some(renewed))
}

/// The identity of an episode that was not published before, and its first line.
fn new(
    present: &Present<'_>,
    text: ContentHash,
    is_open: bool,
    (lines, guids): (&BTreeMap<String, usize>, &mut BTreeSet<String>),
) -> (Option<Identity>, Option<Locked>) {
    let episode = present.episode;
    let Some(route) = present.show_route.join(&format!("{}/", present.name)) else { return (None, None) };
    let made = |n: u32| {
        let again = if n == 0 { String::new() } else { format!("\n{n}") };
        Uuid::new_v5(&present.show_guid, format!("{}{again}", episode.source).as_bytes()).to_string()
    };
    let declared = episode.meta.guid.as_ref().map(|guid| guid.value.clone());
    // The path may be that of an episode which has another one by now.
    let is_taken = |guid: &String| lines.contains_key(guid) || guids.contains(guid);
    let guid = declared.or_else(|| (0..).map(made).find(|guid| !is_taken(guid)));
    let guid = guid.unwrap_or_default();
    guids.insert(guid.clone());
    let locked = Locked {
        path: relative(present).to_owned(),
        text,
        like: Sketch::of(&episode.turn_ids),
        route: route.clone(),
        earlier: BTreeSet::new(),
        turns: BTreeMap::new(),
    };
    let past = Past { locked: None, is_same_text: false, is_steady: !is_open };
    (Some(Identity { guid, route, earlier: Vec::new(), turn_ids: None, past }), Some(locked))
}

fn last_part(route: &Route) -> Option<&str> {
    route.as_str().trim_end_matches('/').rsplit('/').next().filter(|part| !part.is_empty())
}

/// The path of an episode's file from its show's folder.
fn relative<'p>(present: &'p Present<'_>) -> &'p str {
    let source = &present.episode.source;
    source.below(&present.folder).unwrap_or(source.as_str())
}

/// Folder and path of an episode's file.
fn place<'p>(present: &'p Present<'_>) -> (&'p str, &'p str) {
    (&present.folder, relative(present))
}

fn places<'p>(presents: &'p [Present<'_>]) -> BTreeSet<(&'p str, &'p str)> {
    presents.iter().map(place).collect()
}

/// A line of a lock.
struct Line {
    lock: usize,
    guid: String,
    locked: Arc<Locked>,
    claim: Option<Claim>,
}

/// By what an episode has a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Claim {
    /// By what is declared, or by the path of a text that is the same or alike.
    Steady,
    /// By its text, or by its path alone.
    Found,
}

/// All locks, taken apart into their lines.
struct Lines {
    locks: Vec<Lock>,
    by_folder: BTreeMap<String, usize>,
    by_guid: BTreeMap<String, usize>,
    lines: Vec<Line>,
    renewed: BTreeMap<String, (String, Locked)>,
}

impl Lines {
    fn new(locks: Vec<Lock>, presents: &[Present<'_>], diagnostics: &mut Diagnostics) -> Self {
        let mut past = Self {
            locks,
            by_folder: BTreeMap::new(),
            by_guid: BTreeMap::new(),
            lines: Vec::new(),
            renewed: BTreeMap::new(),
        };
        let there = OnceCell::new();
        for idx in 0..past.locks.len() {
            past.by_folder.insert(past.locks[idx].path.parent().to_owned(), idx);
            for (guid, locked) in std::mem::take(&mut past.locks[idx].episodes) {
                let line = Line { lock: idx, guid: guid.clone(), locked: Arc::new(locked), claim: None };
                let Some(&first) = past.by_guid.get(&guid) else {
                    past.by_guid.insert(guid, past.lines.len());
                    past.lines.push(line);
                    continue;
                };
                let path = past.locks[line.lock].path.clone();
                let other = past.locks[past.lines[first].lock].path.clone();
                let message = format!("`{guid}` has a line in `{other}` and in `{path}`");
                let warning = Diagnostic::warning("lock-line-twice", message).in_file(&path);
                diagnostics.push(warning.help("the line whose file is there is used; build, and commit both files"));
                let there = there.get_or_init(|| places(presents));
                let is_there =
                    |line: &Line| there.contains(&(past.locks[line.lock].path.parent(), line.locked.path.as_str()));
                let takes_over = !is_there(&past.lines[first]) && is_there(&line);
                let used = &mut past.lines[first];
                let spare = if takes_over { std::mem::replace(used, line) } else { line }.locked;
                let routes = spare.earlier.iter().chain([&spare.route]);
                let route = used.locked.route.clone();
                Arc::make_mut(&mut used.locked).earlier.extend(routes.filter(|other| **other != route).cloned());
            }
        }
        past
    }

    /// What is there and not shown keeps its line, which no other file may take.
    fn claim_hidden(&mut self, hidden: &[SitePath]) {
        let hidden: BTreeSet<&str> = hidden.iter().map(SitePath::as_str).collect();
        for line in &mut self.lines {
            let folder = self.locks[line.lock].path.parent();
            let path =
                if folder.is_empty() { line.locked.path.clone() } else { format!("{folder}/{}", line.locked.path) };
            line.claim = hidden.contains(path.as_str()).then_some(Claim::Steady);
        }
    }

    /// The line of each episode: by a declared guid; by path and text; by text alone, equal before nearly equal; by
    /// path alone.
    fn match_lines(&mut self, presents: &[Present<'_>], texts: &[ContentHash]) -> Vec<Option<usize>> {
        let mut line_of: Vec<Option<usize>> = vec![None; presents.len()];
        let by_path: BTreeMap<(&str, &str), usize> = (0..self.lines.len()).map(|idx| (self.place(idx), idx)).collect();
        let at_path = presents.iter().map(|present| by_path.get(&place(present)).copied());
        let at_path: Vec<Option<usize>> = at_path.collect();
        let mut n_declared: BTreeMap<&str, usize> = BTreeMap::new();
        for guid in presents.iter().filter_map(|present| present.episode.meta.guid.as_ref()) {
            *n_declared.entry(&guid.value).or_insert(0) += 1;
        }
        let there = if n_declared.is_empty() { BTreeSet::new() } else { places(presents) };
        for (idx, present) in presents.iter().enumerate() {
            let declared = present.episode.meta.guid.as_ref().map(|guid| guid.value.as_str());
            let guid = declared.filter(|guid| n_declared.get(guid) == Some(&1));
            let line = guid.and_then(|guid| self.by_guid.get(guid).copied());
            // A guid that belongs to a file which is there is an error, and nobody's claim.
            let is_free = |line: &usize| !there.contains(&self.place(*line)) || at_path[idx] == Some(*line);
            self.claim(&mut line_of[idx], line.filter(is_free), Claim::Steady);
        }
        for (idx, line) in at_path.iter().enumerate() {
            let same = line.filter(|&line| self.lines[line].locked.text == texts[idx]);
            self.claim(&mut line_of[idx], same, Claim::Steady);
        }
        if line_of.iter().all(Option::is_some) || self.lines.iter().all(|line| line.claim.is_some()) {
            return line_of;
        }
        let open: Vec<usize> = (0..presents.len()).filter(|&idx| line_of[idx].is_none()).collect();
        let sketches: BTreeMap<usize, Sketch> =
            open.iter().filter_map(|&idx| Some((idx, Sketch::of(&presents[idx].episode.turn_ids)?))).collect();
        for &idx in &open {
            let likeness = |line: usize| self.lines[line].locked.like?.likeness(sketches.get(&idx)?);
            let alike = at_path[idx].filter(|&line| likeness(line).is_some());
            self.claim(&mut line_of[idx], alike, Claim::Steady);
        }
        let mut by_text: BTreeMap<ContentHash, Vec<usize>> = BTreeMap::new();
        for (idx, line) in self.lines.iter().enumerate().rev().filter(|(_, line)| line.claim.is_none()) {
            by_text.entry(line.locked.text).or_default().push(idx);
        }
        for &idx in open.iter().filter(|&&idx| line_of[idx].is_none()).collect::<Vec<_>>() {
            let same = by_text.get_mut(&texts[idx]).and_then(Vec::pop);
            self.claim(&mut line_of[idx], same, Claim::Found);
        }
        for (_, idx, line) in self.likenesses(&sketches, &line_of) {
            self.claim(&mut line_of[idx], Some(line), Claim::Found);
        }
        for &idx in &open {
            self.claim(&mut line_of[idx], at_path[idx], Claim::Found);
        }
        line_of
    }

    /// Folder and path of a line's file.
    fn place(&self, line: usize) -> (&str, &str) {
        let line = &self.lines[line];
        (self.locks[line.lock].path.parent(), &line.locked.path)
    }

    fn claim(&mut self, line_of: &mut Option<usize>, line: Option<usize>, claim: Claim) {
        if line_of.is_none()
            && let Some(line) = line.filter(|&line| self.lines[line].claim.is_none())
        {
            self.lines[line].claim = Some(claim);
            *line_of = Some(line);
        }
    }

    /// Episodes and lines that nobody claimed and that are nearly the same, the nearest first.
    fn likenesses(
        &self,
        sketches: &BTreeMap<usize, Sketch>,
        line_of: &[Option<usize>],
    ) -> Vec<(std::cmp::Reverse<usize>, usize, usize)> {
        let mut table: BTreeMap<(usize, u32), Vec<usize>> = BTreeMap::new();
        for (idx, line) in self.lines.iter().enumerate().filter(|(_, line)| line.claim.is_none()) {
            for value in line.locked.like.iter().flat_map(Sketch::values) {
                table.entry(value).or_default().push(idx);
            }
        }
        let mut found = Vec::new();
        for (&idx, sketch) in sketches.iter().filter(|(idx, _)| line_of[**idx].is_none()) {
            let lines: BTreeSet<usize> = sketch
                .values()
                .filter_map(|value| table.get(&value))
                .filter(|lines| lines.len() <= MAX_SHARED)
                .flatten()
                .copied()
                .collect();
            let likeness = |line: &usize| self.lines[*line].locked.like?.likeness(sketch);
            found.extend(lines.iter().filter_map(|line| Some((std::cmp::Reverse(likeness(line)?), idx, *line))));
        }
        found.sort_unstable();
        found
    }

    /// A new episode at the address of one that is gone.
    fn reused(&self, route: &Route, present: &Present<'_>) -> Option<Diagnostic> {
        let had =
            |line: &&Line| line.claim.is_none() && (line.locked.route == *route || line.locked.earlier.contains(route));
        let line = self.lines.iter().find(had)?;
        let message = format!("`{route}` was the address of `{}`, which is gone", line.locked.path);
        let warning = Diagnostic::warning("address-reused", message).in_file(&present.episode.source);
        Some(warning.help("links to the old episode lead to this one now; a `slug` of its own avoids that"))
    }

    fn renew(&mut self, guid: String, locked: Locked, folder: &str) {
        self.renewed.entry(guid).or_insert_with(|| (folder.to_owned(), locked));
    }

    fn into_locks(mut self) -> Vec<Lock> {
        for line in self.lines {
            if !self.renewed.contains_key(&line.guid) {
                self.locks[line.lock].episodes.insert(line.guid, Arc::unwrap_or_clone(line.locked));
            }
        }
        for (guid, (folder, locked)) in self.renewed {
            let idx = match self.by_folder.get(&folder) {
                Some(&idx) => idx,
                None => {
                    let path = if folder.is_empty() { FILE_NAME.to_owned() } else { format!("{folder}/{FILE_NAME}") };
                    let Some(path) = SitePath::new(path) else { continue };
                    self.locks.push(Lock::new(path));
                    self.by_folder.insert(folder, self.locks.len() - 1);
                    self.locks.len() - 1
                }
            };
            self.locks[idx].episodes.insert(guid, locked);
        }
        self.locks.sort_by(|one, two| one.path.cmp(&two.path));
        self.locks
    }
}
