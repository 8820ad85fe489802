//! Whose turn it is: a small file at the target, so that two machines do not deploy at once.
//!
//! It is written only where there is none, and read back, since not all stores know "only where there is none". It ends by
//! itself, so that a deploy which was killed keeps nobody out for long; one that runs renews it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::journal::{Journal, is_id};
use super::store::{Over, Store};

/// The name of the file at a target.
pub const LEASE: &str = ".podleaf-deploying";
/// How long it holds. Clocks of two machines may differ by less.
const HOLDS: Duration = Duration::from_secs(600);
/// How often it is renewed.
const BEAT: Duration = Duration::from_secs(60);

/// Why it is not our turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// Another deploy runs, or was killed; in so many seconds it no longer holds.
    Other(u64),
    /// The target fails us.
    Failed(String),
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

fn text(id: &str) -> Vec<u8> {
    format!("{id} {}\n", now() + HOLDS.as_secs()).into_bytes()
}

/// The deploy that holds it, and until when in seconds since 1970; `None` where nobody does.
fn holder(store: &dyn Store) -> Result<Option<(String, u64)>, String> {
    let found = store.read(&[LEASE])?.pop().flatten().unwrap_or_default();
    let text = String::from_utf8_lossy(&found).into_owned();
    let parsed = text.trim().split_once(' ').and_then(|(id, until)| Some((id.to_owned(), until.parse().ok()?)));
    Ok(parsed.filter(|(id, _)| is_id(id)))
}

/// Takes the turn for a deploy. One from here that ended early, which the journal knows, is taken over.
///
/// # Errors
/// See [`Kept`].
pub fn take(store: &dyn Store, id: &str, journal: &Journal) -> Result<(), Kept> {
    let failed = Kept::Failed;
    let over = match holder(store).map_err(failed)? {
        Some((other, until)) if until > now() && !journal.held(&other) => return Err(Kept::Other(until - now())),
        Some(_) => Over::Allowed,
        // What cannot be read holds nothing, but is there.
        None if store.read(&[LEASE]).map_err(failed)?.pop().flatten().is_some() => Over::Allowed,
        None => Over::Refused,
    };
    journal.will_hold(id);
    store.put(LEASE, &text(id), over).map_err(failed)?;
    match holder(store).map_err(failed)? {
        Some((found, _)) if found == id => Ok(()),
        Some((_, until)) => Err(Kept::Other(until.saturating_sub(now()))),
        None => Err(Kept::Failed("what was written there is not there".to_owned())),
    }
}

/// Gives the turn back, if it is ours. It ends by itself where it cannot be given back.
pub fn give_back(store: &dyn Store, is_ours: impl Fn(&str) -> bool) {
    if holder(store).is_ok_and(|found| found.is_some_and(|(found, _)| is_ours(&found))) {
        store.delete(&[LEASE]);
    }
}

/// Does something while the lease is renewed. The flag that it is given says that somebody else took it.
pub fn during<T>(store: &dyn Store, id: &str, act: impl FnOnce(&AtomicBool) -> T) -> T {
    let is_lost = AtomicBool::new(false);
    let (stop, stopped) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let stopped = stopped;
            while stopped.recv_timeout(BEAT) == Err(RecvTimeoutError::Timeout) {
                // A target that does not answer now is noticed by what is sent.
                match holder(store) {
                    Ok(Some((found, _))) if found != id => return is_lost.store(true, Ordering::Relaxed),
                    Ok(_) => _ = store.put(LEASE, &text(id), Over::Allowed),
                    Err(_) => {}
                }
            }
        });
        let outcome = act(&is_lost);
        drop(stop);
        outcome
    })
}
