//! The index: runs merged, and cut into files.
//!
//! A file is the byte [`VERSION`], then terms in byte order, each
//!
//! ```text
//! bytes in common with the term before · further bytes · these bytes
//! 2 × episodes + (1 where postings follow) · bytes of postings · postings
//! ```
//!
//! Postings are as in a [`run`](super::run), but the distance of the first episode is its number.
//! A term of more than three quarters of a large archive has no postings: every turn may have it.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;

use super::number;
use super::run::{Entry, RunReader, push_term};
use crate::hash::ContentHash;

/// The version of all files of the index.
pub const VERSION: u8 = 1;

/// A file is cut at the first term after so many bytes whose hash says so: after an edit most cuts stay.
const FEWEST_BYTES: usize = 22_000;
const MOST_BYTES: usize = 40_000;
/// One term in so many may begin a file.
const CUT_AT: u8 = 8;

/// An archive of fewer episodes keeps all postings.
const LARGE: u32 = 200;

/// A file of the index before it is compressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexFile {
    /// Its first term.
    pub first: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Merges one part of all runs, which come in the order of their episodes, and hands on the files.
pub fn merge(runs: &[&[u8]], n_episodes: u32, mut take: impl FnMut(IndexFile)) {
    let mut file = FileBuilder { n_episodes, ..FileBuilder::default() };
    each_term(runs, (b"", None), |term, entries| {
        if file.ends_before(term) {
            take(file.end());
        }
        file.add(term, entries);
    });
    if !file.bytes.is_empty() {
        take(file.end());
    }
}

/// Merges the terms of one part that are in a range into one file, which has no terms where there are none.
pub fn merge_range(runs: &[&[u8]], n_episodes: u32, range: (&[u8], Option<&[u8]>)) -> Vec<u8> {
    let mut file = FileBuilder { n_episodes, bytes: vec![VERSION], ..FileBuilder::default() };
    each_term(runs, range, |term, entries| file.add(term, entries));
    file.bytes
}

/// Hands on each term from the first one to the end, in byte order, with what each run has of it.
fn each_term(runs: &[&[u8]], range: (&[u8], Option<&[u8]>), mut take: impl FnMut(&[u8], &[Entry<'_>])) {
    let mut readers: Vec<RunReader<'_>> = runs.iter().map(|run| RunReader::new(run)).collect();
    let mut heap = BinaryHeap::with_capacity(runs.len());
    let mut heads: Vec<Option<Entry<'_>>> = readers.iter_mut().map(|reader| head(reader, range)).collect();
    for (run, reader) in readers.iter().enumerate().filter(|(run, _)| heads[*run].is_some()) {
        let mut next = Next { head: 0, term: Vec::new(), run };
        next.set(&reader.term);
        heap.push(Reverse(next));
    }
    let mut entries: Vec<Entry<'_>> = Vec::new();
    let mut term = Vec::new();
    while let Some(mut first) = heap.peek_mut() {
        let Reverse(next) = &mut *first;
        if next.term != term {
            if !entries.is_empty() {
                take(&term, &entries);
            }
            entries.clear();
            term.clone_from(&next.term);
        }
        let run = next.run;
        entries.extend(heads[run]);
        heads[run] = head(&mut readers[run], range);
        if heads[run].is_some() {
            next.set(&readers[run].term);
        } else {
            PeekMut::pop(first);
        }
    }
    if !entries.is_empty() {
        take(&term, &entries);
    }
}

/// The next term of a run within a range.
fn head<'r>(reader: &mut RunReader<'r>, (first, end): (&[u8], Option<&[u8]>)) -> Option<Entry<'r>> {
    let mut entry = reader.next_entry()?;
    while reader.term.as_slice() < first {
        entry = reader.next_entry()?;
    }
    end.is_none_or(|end| reader.term.as_slice() < end).then_some(entry)
}

/// The next term of a run, in the order of terms and of runs.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Next {
    /// The first eight bytes of the term, as a number: it is enough to tell most terms apart.
    head: u64,
    term: Vec<u8>,
    run: usize,
}

impl Next {
    fn set(&mut self, term: &[u8]) {
        let mut head = [0; 8];
        let len = term.len().min(8);
        head[..len].copy_from_slice(&term[..len]);
        self.head = u64::from_be_bytes(head);
        self.term.clear();
        self.term.extend_from_slice(term);
    }
}

#[derive(Default)]
struct FileBuilder {
    n_episodes: u32,
    first: Vec<u8>,
    before: Vec<u8>,
    bytes: Vec<u8>,
}

impl FileBuilder {
    /// Whether another file begins with a term.
    fn ends_before(&self, term: &[u8]) -> bool {
        let may_end = self.bytes.len() >= FEWEST_BYTES;
        may_end && (self.bytes.len() >= MOST_BYTES || ContentHash::of(term).bytes()[0].is_multiple_of(CUT_AT))
    }

    fn add(&mut self, term: &[u8], entries: &[Entry<'_>]) {
        if self.bytes.is_empty() {
            self.bytes.push(VERSION);
            self.first.clear();
            self.first.extend_from_slice(term);
        }
        let out = &mut self.bytes;
        push_term(term, &mut self.before, out);
        let n_with: u32 = entries.iter().map(|entry| entry.n_episodes).sum();
        let is_kept = self.n_episodes <= LARGE || n_with <= self.n_episodes / 4 * 3;
        number::push(n_with * 2 + u32::from(is_kept), out);
        if is_kept {
            let mut postings = Vec::with_capacity(entries.iter().map(|entry| entry.postings.len() + 4).sum());
            let mut last = 0;
            for entry in entries {
                number::push(entry.first - last, &mut postings);
                postings.extend_from_slice(&entry.postings[1..]);
                last = entry.last;
            }
            number::push(postings.len() as u32, out);
            out.extend_from_slice(&postings);
        }
    }

    /// The file as it is now; the next one begins empty.
    fn end(&mut self) -> IndexFile {
        self.before.clear();
        let first = String::from_utf8_lossy(&self.first).into_owned();
        IndexFile { first, bytes: std::mem::take(&mut self.bytes) }
    }
}
