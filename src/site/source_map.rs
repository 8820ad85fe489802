//! From a page back to its source, for writers: the line of each turn, and what was found in the file.

use super::{Site, Source, Stale};
use crate::diagnostic::Diagnostic;
use crate::graph::label_notes;
use crate::graph::pages::PageSpec;
use crate::model::transcript::TurnId;
use crate::path::{Route, SitePath};
use crate::source::World;

/// Where the turns of a page were written.
#[derive(Debug)]
pub struct SourceMap {
    /// The file with the turns.
    pub path: SitePath,
    /// The line of each turn, from 1, in order.
    pub turns: Vec<(TurnId, u32)>,
    /// What was found in the file, with the turn that it is about; `None` for what stands before all turns.
    pub findings: Vec<(Option<TurnId>, Diagnostic)>,
}

impl Site {
    /// The source of the page at a route; `None` for a page that is made of more than one file's turns.
    ///
    /// # Errors
    /// See [`Stale`].
    pub fn source_map(&self, world: &dyn World, route: &Route) -> Result<Option<SourceMap>, Stale> {
        let Some(Source::Page(PageSpec::Episode(idx))) = self.frame.routes.get(route) else { return Ok(None) };
        let entry = &self.archive.episodes[*idx];
        let text = self.recorded(world, *idx)?;
        let main = &text.main;
        let breaks: Vec<usize> = memchr::memchr_iter(b'\n', main.source().text.as_bytes()).collect();
        let line = |offset: u32| breaks.partition_point(|&at| at < offset as usize) as u32 + 1;
        let lines = main.transcript.turns().map(|turn| line(main.written_at(turn.label.start)));
        let turns: Vec<(TurnId, u32)> = entry.episode.turn_ids.iter().copied().zip(lines).collect();
        let notes = label_notes(&self.archive, &self.frame.words, &main.file.path);
        let found = self.heads[*idx].known.diagnostics.iter().cloned().chain(notes);
        let own = found.filter(|one| one.path.as_ref() == Some(&main.file.path));
        let with_turn = |one: Diagnostic| {
            let line = one.place.as_ref().map_or(0, |place| place.line);
            let before = turns.partition_point(|&(_, start)| start <= line);
            (before.checked_sub(1).map(|at| turns[at].0), one)
        };
        let findings = own.map(with_turn).collect();
        Ok(Some(SourceMap { path: main.file.path.clone(), turns, findings }))
    }
}
