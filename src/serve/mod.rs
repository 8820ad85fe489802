//! The preview: a server that makes each page when it is asked for, and tells browsers when it has changed.
//!
//! Every answer comes from one immutable reading of the site; the watcher puts a new one in its place. Nothing is
//! written, and no path of a request reaches the disk: a request names a route of the site or nothing.

use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use crate::diagnostic::Diagnostics;
use crate::diagnostic::io::machine;
use crate::memo::Memo;
use crate::path::SitePath;
use crate::runs::RunStore;
use crate::serve::address::{Address, listen};
use crate::serve::body::Patient;
use crate::serve::hub::{Hub, Reading};
use crate::serve::watch::Watcher;
use crate::site::{Counts, Request, Site};

mod address;
mod answer;
mod body;
mod encoding;
mod events;
mod hub;
mod index;
mod notices;
mod page;
mod range;
mod response;
mod watch;

/// How long a client may take to say what it wants, and to say the next thing.
const HEAD_TIME: Duration = Duration::from_secs(20);
/// Connections at the same time; further ones wait.
const MAX_CONNECTIONS: usize = 512;
/// Pages and files in the making at the same time.
const MAX_WORKERS: usize = 64;
/// Templates may hold each other, with components in them, to some depth.
const STACK: usize = 16 << 20;

/// What to serve, and where.
#[derive(Debug, Clone)]
pub struct Options {
    /// The site's folder.
    pub root: PathBuf,
    /// The folder that builds go to, which is no part of the site.
    pub output: PathBuf,
    /// The interface to listen on; loopback where none is given.
    pub interface: Option<String>,
    /// The port; 4000 or a free one where none is given.
    pub port: Option<u16>,
    /// Looks at the files so often, in place of the system's events.
    pub poll: Option<Duration>,
    /// How long to wait for further changes.
    pub debounce: Duration,
}

/// What a change came to.
#[derive(Debug)]
pub struct Change<'c> {
    /// Files that came, went or changed.
    pub files: &'c [SitePath],
    /// How many episodes were read.
    pub parsed: usize,
    /// How long it took, from the first look at the disk.
    pub elapsed: Duration,
    /// All that was found.
    pub found: &'c Diagnostics,
    /// Whether there were errors before.
    pub had_errors: bool,
}

/// What the server starts with.
#[derive(Debug)]
pub struct Started {
    /// Where the site is.
    pub address: String,
    /// How much was read; `None` where there is no site yet.
    pub counts: Option<Counts>,
    /// How many files the site has.
    pub n_routes: usize,
    /// What was found.
    pub found: Diagnostics,
}

/// What the server needs of the command: what to ask for, what to remember, whom to tell.
pub trait Shell: Send + Sync {
    /// What the site is asked for, given where the preview is.
    fn request(&self, root: &Path, origin: &str) -> Request;
    /// What is remembered of an earlier run.
    fn memo(&self, root: &Path) -> Memo;
    /// Remembers what is new.
    fn remember(&self, site: &Site, root: &Path);
    /// Where the words for search are remembered.
    fn kept(&self, root: &Path) -> Box<dyn RunStore>;
    /// The server answers from now on.
    fn started(&self, started: Started);
    /// The site was read again.
    fn changed(&self, change: &Change<'_>);
    /// Something that the writer should know.
    fn note(&self, text: &str);
}

/// Serves a site until the process is told to end.
///
/// # Errors
/// There is no such folder, or no port to listen on.
pub fn serve(options: &Options, shell: Arc<dyn Shell>) -> Result<(), Diagnostics> {
    let Address { listeners, names } =
        listen(options.interface.as_deref(), options.port).map_err(|one| Diagnostics::from_iter([one]))?;
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let generation = u64::try_from(since.as_millis()).unwrap_or(0);
    let reading = Reading { generation, base: "/".to_owned(), ..Reading::default() };
    let (sender, receiver) = mpsc::channel();
    let hub = Arc::new(Hub::new(names, sender.clone(), Arc::clone(&shell), reading));
    let mut watcher = Watcher::new(Arc::clone(&hub), Arc::clone(&shell), options.clone(), (sender, receiver));
    let found = watcher.begin(shell.memo(&options.root))?;
    let thread = std::thread::Builder::new().name("watch".to_owned()).stack_size(STACK);
    let failed = |error: std::io::Error| {
        Diagnostics::from_iter([machine("cannot-serve", "start", Path::new("threads"), &error)])
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_stack_size(STACK)
        .max_blocking_threads(MAX_WORKERS)
        .build()
        .map_err(failed)?;
    let first = hub.reading();
    let base = crate::path::percent_encoded(&first.base);
    let site = first.latest.as_ref().map(|opened| &opened.site);
    let started = Started {
        address: format!("{}{base}", hub.names.origin()),
        counts: site.map(Site::counts),
        n_routes: site.map_or(0, |site| site.routes().len()),
        found,
    };
    drop(first);
    thread.spawn(move || watcher.run()).map_err(failed)?;
    let searched = Arc::clone(&hub);
    let thread = std::thread::Builder::new().name("words".to_owned());
    thread.spawn(move || index::prepare(&searched)).map_err(failed)?;
    let served = runtime.block_on(async {
        let limit = Arc::new(Semaphore::new(MAX_CONNECTIONS));
        for listener in listeners {
            let listener = TcpListener::from_std(listener)?;
            tokio::spawn(accept(listener, Arc::clone(&hub), Arc::clone(&limit)));
        }
        let mut terminated = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        let mut interrupted = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())?;
        shell.started(started);
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = terminated.recv() => {}
        }
        Ok(())
    });
    // Open connections and pages in the making are not waited for.
    runtime.shutdown_background();
    served.map_err(failed)
}

async fn accept(listener: TcpListener, hub: Arc<Hub>, limit: Arc<Semaphore>) {
    loop {
        let Ok(permit) = Arc::clone(&limit).acquire_owned().await else { return };
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(_) => {
                // Out of file descriptors, or a client that is gone: others may go on.
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        // Small answers are not held back; where that cannot be set, they are a little later.
        _ = stream.set_nodelay(true);
        let hub = Arc::clone(&hub);
        tokio::spawn(async move {
            let service = service_fn(move |request| {
                let hub = Arc::clone(&hub);
                async move { Ok::<_, std::convert::Infallible>(answer::answer(hub, request).await) }
            });
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEAD_TIME)
                .max_buf_size(64 << 10)
                .serve_connection(TokioIo::new(Patient::new(stream)), service);
            // A client that goes away or talks nonsense is no fault of ours.
            _ = connection.await;
            drop(permit);
        });
    }
}
