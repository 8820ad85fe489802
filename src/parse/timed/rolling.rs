//! Rolling captions, as YouTube makes them by itself: each line is shown twice or thrice, first as the new line below,
//! then as the old line above. Every line is kept once.

use crate::model::transcript::LineRole;
use crate::parse::timed::oddity::Oddity;
use crate::parse::timed::writer::Writer;
use crate::parse::timed::{TimedCue, TimedText, TimedWord};
use crate::source::Span;

/// Leaves out the lines of a cue that the cue before it shows last, if the file rolls: if a third of the cues or more
/// begin with an old line and go on with a new one.
///
/// Lines are compared by their place in the window, so that a line that is said twice is kept twice.
pub(super) fn merge(writer: &mut Writer) {
    let timed = &writer.timed;
    let has_lines = |cue: &TimedCue| memchr::memchr(b'\n', cue.text.of(&timed.text).as_bytes()).is_some();
    let rolls = |pair: &&[TimedCue]| {
        has_lines(&pair[1]) && {
            let n_shown = n_shown(timed, &pair[0], &pair[1]);
            n_shown > 0 && n_shown < pair[1].text.of(&timed.text).split('\n').count()
        }
    };
    let n_rolled = timed.cues.windows(2).filter(rolls).count();
    if n_rolled < 2 || n_rolled * 3 < timed.cues.len() - 1 {
        return;
    }
    let old = std::mem::take(&mut writer.timed);
    let (mut words, mut repeats) = (old.words.iter().peekable(), Vec::new());
    for (idx, cue) in old.cues.iter().enumerate() {
        let n_old = idx.checked_sub(1).map_or(0, |before| n_shown(&old, &old.cues[before], cue));
        let shown = cue.text.of(&old.text);
        let from = cue.text.start as usize + line_start(shown, n_old);
        while words.next_if(|word| (word.text.start as usize) < from).is_some() {}
        (0..n_old).for_each(|_| writer.oddities.add(Oddity::Rolling, cue.at));
        let line = old.lines.partition_point(|line| line.start <= cue.at.start).saturating_sub(1);
        repeats.extend(line..line + n_old);
        if from >= cue.text.end as usize {
            extend_last(&mut writer.timed, cue);
            continue;
        }
        writer.open();
        let shift = |at: u32| writer.timed.text.len() + at as usize - from;
        let span = Span::new(shift(from as u32), shift(cue.text.end));
        let moved =
            |word: &TimedWord| TimedWord { text: Span::new(shift(word.text.start), shift(word.text.end)), ..*word };
        let own: Vec<TimedWord> =
            std::iter::from_fn(|| words.next_if(|word| word.text.start < cue.text.end).map(moved)).collect();
        writer.timed.words.extend(own);
        writer.timed.text.push_str(&old.text[from..cue.text.end as usize]);
        writer.timed.cues.push(TimedCue { text: span, ..*cue });
    }
    let TimedText { speakers, language, mut lines, .. } = old;
    for idx in repeats {
        if let Some(line) = lines.get_mut(idx).filter(|line| line.role == LineRole::Caption) {
            line.role = LineRole::Repeat;
        }
    }
    writer.timed = TimedText { speakers, language, lines, ..std::mem::take(&mut writer.timed) };
    // The window shows a line until the next one is complete: that cues overlap is how they roll.
    for idx in 1..writer.timed.cues.len() {
        let next = writer.timed.cues[idx].start;
        let cue = &mut writer.timed.cues[idx - 1];
        cue.end = if cue.end > next && cue.start <= next { next } else { cue.end };
    }
}

/// Lines that a window shows at most.
const MOST_LINES: usize = 8;

/// How many lines at the head of a cue are those that the cue before it shows last.
fn n_shown(timed: &TimedText, before: &TimedCue, cue: &TimedCue) -> usize {
    let (before, text) = (before.text.of(&timed.text), cue.text.of(&timed.text));
    if memchr::memchr(b'\n', before.as_bytes()).or(memchr::memchr(b'\n', text.as_bytes())).is_none() && before != text {
        return 0;
    }
    // A line with marks is being said now.
    let first_mark = timed.words_of(cue).first().map(|word| (word.text.start - cue.text.start) as usize);
    let n_lines = text.split('\n').count();
    let n_old = first_mark.map_or(n_lines, |mark| text[..mark].matches('\n').count());
    let n_before = before.split('\n').count();
    let is_tail = |n: &usize| before.split('\n').skip(n_before - n).eq(text.split('\n').take(*n));
    (1..=n_old.min(n_before).min(MOST_LINES)).rev().find(is_tail).unwrap_or(0)
}

/// Where line `n` of a text begins; its end, where it has fewer.
fn line_start(text: &str, n: usize) -> usize {
    match n.checked_sub(1) {
        None => 0,
        Some(last) => memchr::memchr_iter(b'\n', text.as_bytes()).nth(last).map_or(text.len(), |at| at + 1),
    }
}

/// A cue that shows old lines alone says that they are still heard.
fn extend_last(timed: &mut TimedText, cue: &TimedCue) {
    if let Some(last) = timed.cues.last_mut() {
        last.end = last.end.max(cue.end);
    }
}
