//! How long to wait before a thing is tried again.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

/// Tries, with the first one.
const TRIES: u32 = 5;
/// Before the second try; twice as long before each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// What a server may ask for at most.
const MAX_PAUSE: Duration = Duration::from_secs(120);

/// Counts tries of one thing.
#[derive(Debug)]
pub(super) struct Patience {
    tried: u32,
}

impl Patience {
    pub(super) fn new() -> Self {
        Self { tried: 1 }
    }

    /// The pause before the next try, at least as long as was asked for; `None` where there is no further one.
    pub(super) fn next(&mut self, asked: Option<Duration>) -> Option<Duration> {
        if self.tried >= TRIES {
            return None;
        }
        let pause = FIRST_PAUSE * 2_u32.pow(self.tried - 1);
        self.tried += 1;
        // Many that failed at once do not come back at once.
        let random = RandomState::new().hash_one(self.tried) % 1000;
        let jittered = pause / 2 + pause * u32::try_from(random).unwrap_or(0) / 1000;
        Some(jittered.max(asked.unwrap_or_default().min(MAX_PAUSE)))
    }
}

/// Runs a program again, after a pause, for as long as how it ended may be another time; then that is how it ended.
///
/// # Errors
/// It cannot be run.
pub(super) fn patiently<T>(
    mut run: impl FnMut() -> Result<T, String>,
    may_pass: impl Fn(&T) -> bool,
) -> Result<T, String> {
    let mut patience = Patience::new();
    loop {
        let ended = run()?;
        match patience.next(None).filter(|_| may_pass(&ended)) {
            Some(pause) => std::thread::sleep(pause),
            None => return Ok(ended),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end() {
        let mut patience = Patience::new();
        for n in 0..4 {
            let pause = patience.next(None).unwrap();
            let base = FIRST_PAUSE * 2_u32.pow(n);
            assert!(pause >= base / 2 && pause <= base * 3 / 2, "{n} {pause:?}");
        }
        assert_eq!(patience.next(None), None);
    }

    #[test]
    fn what_a_server_asks_for_is_kept_within_bounds() {
        let asked = |seconds| Patience::new().next(Some(Duration::from_secs(seconds))).unwrap();
        assert_eq!(asked(7), Duration::from_secs(7));
        assert_eq!(asked(86400), MAX_PAUSE);
        assert!(asked(0) < Duration::from_secs(1));
    }
}
