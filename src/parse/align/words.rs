//! The words of both texts, folded so that spelling of the same word is the same, and when those of a timed text are heard.

use xxhash_rust::xxh3::xxh3_64;

use crate::model::time::MediaTime;
use crate::parse::timed::group::is_sound;
use crate::parse::timed::{TimedCue, TimedText};
use crate::parse::transcript::is_wide;
use crate::parse::words::Words;
use crate::source::Span;

/// A word of a text: letters and digits, in lower case and without apostrophes, or one wide character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Word {
    /// Its hash, which stands for it.
    pub(super) hash: u64,
    /// Byte at which it begins.
    pub(super) at: u32,
}

/// Appends the words of a stretch of a text.
pub(super) fn push_words(text: &str, span: Span, words: &mut Vec<Word>) {
    let mut folded = String::new();
    let mut open: Option<u32> = None;
    let mut close = |open: &mut Option<u32>, folded: &mut String| {
        words.extend(open.take().map(|at| Word { hash: xxh3_64(folded.as_bytes()), at }));
        folded.clear();
    };
    for (idx, c) in span.of(text).char_indices() {
        let is_apostrophe = matches!(c, '\'' | '’');
        if is_apostrophe && open.is_some() {
            continue;
        }
        let is_alone = is_wide(c);
        if is_alone || !c.is_alphanumeric() {
            close(&mut open, &mut folded);
        }
        if c.is_alphanumeric() {
            open = open.or(Some(span.start + idx as u32));
            folded.extend(c.to_lowercase());
        }
        if is_alone {
            close(&mut open, &mut folded);
        }
    }
    close(&mut open, &mut folded);
}

/// The words of a timed text, and when each is heard: what has a time of its own then, what stands between by its place
/// in between. Times never go back; words of a cue without a time have none. Sounds are none: a written transcript has
/// its own way to say them.
pub(super) fn heard(timed: &TimedText, sounds: &Words) -> (Vec<Word>, Vec<Option<MediaTime>>) {
    let (mut words, mut times) = (Vec::new(), Vec::new());
    let mut last = MediaTime(0);
    let mut knots = Vec::new();
    let is_speech = |cue: &&TimedCue| !is_sound(cue.text.of(&timed.text), sounds);
    let cues: Vec<&TimedCue> = timed.cues.iter().filter(is_speech).collect();
    for (idx, cue) in cues.iter().enumerate() {
        push_words(&timed.text, cue.text, &mut words);
        let Some(start) = cue.start else {
            times.resize(words.len(), None);
            continue;
        };
        knots.clear();
        knots.push((cue.text.start, start));
        knots.extend(timed.words_of(cue).iter().map(|word| (word.text.start, word.start)));
        knots.push((cue.text.end, end(cue, &cues[idx + 1..])));
        for word in &words[times.len()..] {
            last = last.max(between(&knots, word.at));
            times.push(Some(last));
        }
    }
    (words, times)
}

/// When a cue ends: when it says so, or when the next one begins. Its start where nothing says more.
fn end(cue: &TimedCue, next: &[&TimedCue]) -> MediaTime {
    let next = next.first().and_then(|next| next.start);
    [cue.end, next].into_iter().flatten().min().or(cue.start).unwrap_or(MediaTime(0))
}

/// The time of a byte between knots, of which the first is not behind it.
fn between(knots: &[(u32, MediaTime)], at: u32) -> MediaTime {
    let behind = knots.partition_point(|&(knot, _)| knot <= at);
    let (from, start) = knots[behind.saturating_sub(1)];
    let Some(&(to, end)) = knots.get(behind) else { return start };
    let passed = u64::from(at - from) * end.0.saturating_sub(start.0);
    MediaTime(start.0 + passed / u64::from((to - from).max(1)))
}
