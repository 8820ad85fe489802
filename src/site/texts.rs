//! Texts that were read last. A page and the files beside it are made of one text, and mostly one after another.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::parse::read::ReadTranscript;

/// A few texts of episodes: one for each thread that may be at work on an episode, and one more.
#[derive(Debug, Default)]
pub(super) struct Texts {
    last: Mutex<VecDeque<(usize, Arc<Vec<ReadTranscript>>)>>,
}

impl Texts {
    /// The text of an episode: the one that was read last, else what `read` gives.
    pub(super) fn get<E>(
        &self,
        episode: usize,
        read: impl FnOnce() -> Result<Vec<ReadTranscript>, E>,
    ) -> Result<Arc<Vec<ReadTranscript>>, E> {
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

    fn last(&self) -> MutexGuard<'_, VecDeque<(usize, Arc<Vec<ReadTranscript>>)>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
