//! From the text of a lock to what it says. What can be read is kept, the rest is reported at its place.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::{Lock, Locked, Sketch};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::hash::ContentHash;
use crate::model::transcript::TurnId;
use crate::path::{Route, SitePath, percent_decoded};
use crate::source::{SourceFile, Span};

/// Reads a lock.
///
/// Lines may come in any order, so that a merge can join the lines of both sides. Of two lines for one episode the
/// first is kept, with the routes of both.
pub fn parse_lock(file: &SourceFile) -> (Lock, Diagnostics) {
    let mut reader = Reader {
        file,
        show: None,
        episodes: BTreeMap::new(),
        turns: Vec::new(),
        has_errors: false,
        diagnostics: Diagnostics::new(),
    };
    let mut at = 0;
    for line in file.text.split_inclusive('\n') {
        reader.line(line.trim_end(), at);
        at += line.len();
    }
    reader.link_turns();
    let read = Some((file.text.clone(), file.hash));
    let lock = Lock {
        path: file.path.clone(),
        show: reader.show,
        episodes: reader.episodes,
        read,
        has_errors: reader.has_errors,
    };
    (lock, reader.diagnostics)
}

struct Reader<'r> {
    file: &'r SourceFile,
    show: Option<Uuid>,
    episodes: BTreeMap<String, Locked>,
    turns: Vec<(String, TurnId, TurnId, Span)>,
    has_errors: bool,
    diagnostics: Diagnostics,
}

/// A word of a line and where it stands.
struct Word<'w> {
    text: &'w str,
    span: Span,
}

impl Word<'_> {
    fn decoded(&self) -> Option<String> {
        percent_decoded(self.text)
    }
}

impl Reader<'_> {
    fn line(&mut self, line: &str, at: usize) {
        let span = Span::new(at, at + line.len());
        if ["<<<<<<<", "=======", ">>>>>>>", "|||||||"].iter().any(|mark| line.starts_with(mark)) {
            // One message for each conflict: the mark that opens it.
            self.has_errors = true;
            if line.starts_with("<<<<<<<") {
                let error = Diagnostic::error("lock-conflict", "the lock has a conflict that is not resolved");
                let error = error.at(self.file, span, "two branches changed the lines below");
                self.diagnostics.push(
                    error.help("delete the lines `<<<<<<<`, `=======` and `>>>>>>>`, keep the others, and build again"),
                );
            }
            return;
        }
        if line.trim().is_empty() || line.starts_with('#') {
            return;
        }
        let mut words = Vec::new();
        let mut from = 0;
        for text in line.split(' ') {
            words.push(Word { text, span: Span::new(at + from, at + from + text.len()) });
            from += text.len() + 1;
        }
        let read = match words.as_slice() {
            [guid, kind] if kind.text == "show" => self.show(guid, span),
            [guid, kind, rest @ ..] if kind.text == "episode" => self.episode(guid, rest, span),
            [guid, kind, present, kept] if kind.text == "turn" => self.turn(guid, present, kept, span),
            _ => Err((span, "none of `GUID show`, `GUID episode …` and `GUID turn PRESENT KEPT`")),
        };
        if let Err((span, why)) = read {
            self.has_errors = true;
            let error = Diagnostic::error("bad-lock-line", "a line of the lock cannot be read");
            self.diagnostics.push(error.at(self.file, span, why).help(
                "take the line from version control; where it is lost, delete it: the guid, the address and \
                     the turn ids of the episode are then made again from its file",
            ));
        }
    }

    fn show(&mut self, guid: &Word<'_>, line: Span) -> Result<(), (Span, &'static str)> {
        let uuid = Uuid::parse_str(guid.text).map_err(|_| (guid.span, "not a UUID"))?;
        if self.show.is_some_and(|first| first != uuid) {
            let warning = Diagnostic::warning("lock-line-twice", "the lock has two guids for the show");
            let warning = warning.at(self.file, line, "the first one is used");
            self.diagnostics.push(warning.help("keep the one that directories know the show by, and delete the other"));
        }
        self.show.get_or_insert(uuid);
        Ok(())
    }

    fn episode(&mut self, guid: &Word<'_>, rest: &[Word<'_>], line: Span) -> Result<(), (Span, &'static str)> {
        let [path, text, like, route, earlier @ ..] = rest else {
            return Err((line, "an episode has a path, two hashes and a route"));
        };
        let words = |word: &Word<'_>| word.decoded().filter(|text| !text.is_empty()).ok_or((word.span, "no text"));
        let to_route =
            |word: &Word<'_>| word.decoded().and_then(Route::new).ok_or((word.span, "not a route of the site"));
        let guid = words(guid)?;
        let path = words(path)?;
        let path = SitePath::new(path).ok_or((rest[0].span, "not a file of the show"))?.as_str().to_owned();
        let text = ContentHash::from_hex(text.text).ok_or((text.span, "not a hash"))?;
        let like = match like.text {
            "-" => None,
            sketch => Some(Sketch::from_hex(sketch).ok_or((like.span, "not a sketch"))?),
        };
        let route = to_route(route)?;
        let earlier = earlier.iter().map(to_route).collect::<Result<BTreeSet<Route>, _>>()?;
        if let Some(first) = self.episodes.get_mut(&guid) {
            let others = earlier.into_iter().chain([route]).filter(|other| *other != first.route);
            first.earlier.extend(others);
            let warning = Diagnostic::warning("lock-line-twice", format!("the lock has two lines for `{guid}`"));
            let warning = warning.at(self.file, line, "the first one is used, with the routes of both");
            self.diagnostics.push(warning.help("build, and look at what became of the line"));
            return Ok(());
        }
        self.episodes.insert(guid, Locked { path, text, like, route, earlier, turns: BTreeMap::new() });
        Ok(())
    }

    fn turn(
        &mut self,
        guid: &Word<'_>,
        present: &Word<'_>,
        kept: &Word<'_>,
        line: Span,
    ) -> Result<(), (Span, &'static str)> {
        let id = |word: &Word<'_>| TurnId::new(word.text).ok_or((word.span, "not the id of a turn"));
        let guid_text = guid.decoded().ok_or((guid.span, "no text"))?;
        self.turns.push((guid_text, id(present)?, id(kept)?, line));
        Ok(())
    }

    fn link_turns(&mut self) {
        for (guid, present, kept, span) in std::mem::take(&mut self.turns) {
            match self.episodes.get_mut(&guid) {
                Some(locked) => _ = locked.turns.entry(present).or_insert(kept),
                None => {
                    let warning = Diagnostic::warning("lock-turn-alone", format!("no episode of the lock is `{guid}`"));
                    let warning = warning.at(self.file, span, "the id of this turn is not kept");
                    self.diagnostics.push(warning.help("take the line of the episode from version control"));
                }
            }
        }
    }
}
