//! How far a build is: one line that is rewritten on a terminal, a plain line for each phase elsewhere.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::{Voice, say};
use crate::disk::Disk;
use crate::path::SitePath;
use crate::render::interface::grouped;
use crate::source::{FileEntry, ReadFault, ReadSeek, World};

/// Between two states of the line on a terminal.
const TICK: Duration = Duration::from_millis(100);
/// Builds that are done by then say nothing elsewhere.
const PATIENCE: Duration = Duration::from_secs(2);

/// What a build is doing, and with how many things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Phase {
    /// `reading`, `writing`.
    pub(super) verb: &'static str,
    /// How many there are.
    pub(super) total: usize,
    /// What they are.
    pub(super) unit: &'static str,
}

#[derive(Debug)]
struct Shared {
    phase: Mutex<Phase>,
    done: AtomicUsize,
}

/// Shows how far a build is, until it is dropped.
#[derive(Debug)]
pub(super) struct Progress {
    shared: Arc<Shared>,
    shower: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Progress {
    /// Begins with a phase. Nothing is shown where the voice is quiet.
    pub(super) fn begin(phase: Phase, voice: Voice) -> Self {
        let shared = Arc::new(Shared { phase: Mutex::new(phase), done: AtomicUsize::new(0) });
        let is_dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
        let rewrite = std::io::stderr().is_terminal() && !is_dumb;
        let shower = (!voice.quiet).then(|| {
            let (stop, stopped) = mpsc::channel();
            let shared = Arc::clone(&shared);
            let show = move || {
                let started = Instant::now();
                let mut lines = Lines { rewrite, last: None };
                while stopped.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                    let phase = *shared.phase.lock().unwrap_or_else(PoisonError::into_inner);
                    say(&lines.next(phase, shared.done.load(Ordering::Relaxed), started.elapsed()));
                }
                say(lines.end());
            };
            (stop, std::thread::spawn(show))
        });
        Self { shared, shower }
    }

    /// Goes on with another phase.
    pub(super) fn phase(&self, phase: Phase) {
        let mut present = self.shared.phase.lock().unwrap_or_else(PoisonError::into_inner);
        self.shared.done.store(0, Ordering::Relaxed);
        *present = phase;
    }

    /// Counts one thing of the present phase.
    pub(super) fn count(&self) {
        self.shared.done.fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((stop, shower)) = self.shower.take() {
            drop(stop);
            // A thread that panicked has nothing more to show.
            _ = shower.join();
        }
    }
}

/// What to print next.
struct Lines {
    rewrite: bool,
    last: Option<&'static str>,
}

impl Lines {
    fn next(&mut self, phase: Phase, done: usize, elapsed: Duration) -> String {
        let is_new = self.last != Some(phase.verb);
        let Phase { verb, total, unit } = phase;
        let shown = grouped(total as u64);
        if self.rewrite {
            self.last = Some(verb);
            return format!("\r\x1b[2K  {verb} {} of {shown} {unit}", grouped(done.min(total) as u64));
        }
        if !is_new || elapsed < PATIENCE {
            return String::new();
        }
        self.last = Some(verb);
        format!("  {verb} {shown} {unit}\n")
    }

    /// Takes a rewritten line away.
    fn end(&self) -> &'static str {
        if self.rewrite && self.last.is_some() { "\r\x1b[2K" } else { "" }
    }
}

/// The disk, whose texts are counted as they are read.
pub(super) struct Counted<'d> {
    /// The disk.
    pub(super) disk: &'d Disk,
    /// Where they are counted.
    pub(super) progress: &'d Progress,
}

impl World for Counted<'_> {
    fn content_root(&self) -> &str {
        self.disk.content_root()
    }

    fn files(&self) -> &[FileEntry] {
        self.disk.files()
    }

    fn listed_at(&self) -> i64 {
        self.disk.listed_at()
    }

    fn read(&self, path: &SitePath) -> Result<Vec<u8>, ReadFault> {
        let read = self.disk.read(path);
        if is_text(path) {
            self.progress.count();
        }
        read
    }

    fn open(&self, path: &SitePath) -> Result<Box<dyn ReadSeek>, ReadFault> {
        World::open(self.disk, path)
    }
}

/// The first phase: the texts of a site.
pub(super) fn reading(disk: &Disk) -> Phase {
    let total = disk.files().iter().filter(|file| is_text(&file.path)).count();
    Phase { verb: "reading", total, unit: "files" }
}

fn is_text(path: &SitePath) -> bool {
    matches!(path.extension(), "md" | "markdown" | "txt")
}

#[cfg(test)]
mod tests {
    use super::*;

    const READING: Phase = Phase { verb: "reading", total: 2000, unit: "files" };
    const WRITING: Phase = Phase { verb: "writing", total: 2310, unit: "files" };

    #[test]
    fn a_terminal_has_one_line_that_is_taken_away() {
        let mut lines = Lines { rewrite: true, last: None };
        assert_eq!(lines.end(), "");
        assert_eq!(lines.next(READING, 512, TICK), "\r\x1b[2K  reading 512 of 2,000 files");
        assert_eq!(lines.next(WRITING, 1024, TICK), "\r\x1b[2K  writing 1,024 of 2,310 files");
        assert_eq!(lines.next(WRITING, 9999, TICK), "\r\x1b[2K  writing 2,310 of 2,310 files");
        assert_eq!(lines.end(), "\r\x1b[2K");
    }

    #[test]
    fn elsewhere_each_phase_of_a_long_build_has_a_line() {
        let mut lines = Lines { rewrite: false, last: None };
        let shown = [(READING, 1), (READING, 2), (READING, 3), (WRITING, 4), (WRITING, 5)]
            .map(|(phase, seconds)| lines.next(phase, 7, Duration::from_secs(seconds)));
        assert_eq!(shown, ["", "  reading 2,000 files\n", "", "  writing 2,310 files\n", ""]);
        assert_eq!(lines.end(), "");
    }

    #[test]
    fn numbers_are_grouped() {
        for (number, shown) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), shown);
        }
    }

    #[test]
    fn phases_count_from_nothing() {
        let progress = Progress::begin(READING, Voice { quiet: true, color: false });
        progress.count();
        progress.phase(WRITING);
        progress.count();
        assert_eq!(progress.shared.done.load(Ordering::Relaxed), 1);
    }
}
