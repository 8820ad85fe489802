//! Names the pages that take long while they are made: no template can be stopped, but nobody has to guess which it is.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::say;
use crate::path::Route;

/// How long a page may take until it is named. An ordinary one takes a few milliseconds.
const LONG: Duration = Duration::from_secs(5);

/// The pages that are being made, each with its start.
#[derive(Default)]
pub(super) struct Watch(Mutex<BTreeMap<Route, Instant>>);

/// Runs `work`; what it does [`Watch::during`] a page is named if it takes long.
pub(super) fn watched<T>(work: impl FnOnce(&Watch) -> T) -> T {
    let watch = Watch::default();
    std::thread::scope(|scope| {
        // The sender goes when the work is done or panics, which ends the report.
        let (_working, end) = channel::<()>();
        scope.spawn(|| watch.report(end));
        work(&watch)
    })
}

impl Watch {
    /// Runs `work`, which makes this page.
    pub(super) fn during<T>(&self, route: &Route, work: impl FnOnce() -> T) -> T {
        self.open().insert(route.clone(), Instant::now());
        let made = work();
        self.open().remove(route);
        made
    }

    fn report(&self, end: Receiver<()>) {
        while end.recv_timeout(LONG / 5) == Err(RecvTimeoutError::Timeout) {
            let mut open = self.open();
            let long: Vec<Route> =
                open.iter().filter(|(_, start)| start.elapsed() > LONG).map(|(route, _)| route.clone()).collect();
            for route in long {
                say(&format!("note: `{route}` takes long; if it does not end, look for loops in templates/\n"));
                open.remove(&route);
            }
        }
    }

    fn open(&self) -> std::sync::MutexGuard<'_, BTreeMap<Route, Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
