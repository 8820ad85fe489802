//! Texts that were read last. A page and the files beside it are made of one text, and mostly one after another.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use crate::export::transcript::captions::Caption;
use crate::parse::read::ReadTranscript;

/// A few texts of episodes: one for each thread that may be at work on an episode, and one more.
#[derive(Debug, Default)]
pub(super) struct Texts {
    last: Mutex<VecDeque<(usize, Arc<Text>)>>,
}

/// What an episode says.
#[derive(Debug)]
pub(super) struct Text {
    /// Its transcript.
    pub(super) main: ReadTranscript,
    /// The notes beside it.
    pub(super) notes: Vec<ReadTranscript>,
    /// Its captions, when they are asked for: three files have them.
    captions: OnceLock<Vec<Caption>>,
}

impl Text {
    pub(super) fn new(main: ReadTranscript, notes: Vec<ReadTranscript>) -> Self {
        Self { main, notes, captions: OnceLock::new() }
    }

    pub(super) fn captions(&self, make: impl FnOnce() -> Vec<Caption>) -> &[Caption] {
        self.captions.get_or_init(make)
    }
}

impl Texts {
    /// The text of an episode: the one that was read last, else what `read` gives.
    pub(super) fn get<E>(&self, episode: usize, read: impl FnOnce() -> Result<Text, E>) -> Result<Arc<Text>, E> {
        let known = self.last().iter().find(|(own, _)| *own == episode).map(|(_, text)| Arc::clone(text));
        if let Some(text) = known {
            return Ok(text);
        }
        let text = Arc::new(read()?);
        let mut last = self.last();
        last.push_front((episode, Arc::clone(&text)));
        last.truncate(rayon::current_num_threads() + 1);
        Ok(text)
    }

    fn last(&self) -> MutexGuard<'_, VecDeque<(usize, Arc<Text>)>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
