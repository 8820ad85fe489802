//! One request, one answer.

use std::os::unix::fs::FileExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::{Bytes, Incoming};
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};

use super::body::Reply;
use super::encoding::Encoding;
use super::events::events;
use super::hub::{Found, Html, Hub, Opened, Reading};
use super::index::file_name;
use super::page::{SCRIPT_PATH, WRITER_PATH, source_map, with_script};
use super::response::{Content, Made, allowing, conditional, plain, quoted};
use crate::content_type::content_type;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::io::cannot_read;
use crate::disk::{now, stamp};
use crate::feed::host;
use crate::hash::ContentHash;
use crate::output::Body;
use crate::path::{Route, SitePath, percent_decoded};
use crate::site::Stale;
use crate::source::World;

const SCRIPT: &str = include_str!("reload.js");
const WRITER: &str = include_str!("writer.js");
const OWN: &str = "/.podleaf/";
const EVENTS_PATH: &str = "/.podleaf/events";
const SOURCE_PATH: &str = "/.podleaf/source";
/// Files up to this size are known by the hash of their bytes, larger ones by their stamp.
const MAX_HASHED: u64 = 1 << 20;
/// A page that takes longer is named.
const LONG: Duration = Duration::from_secs(5);
/// How long a request waits for the reading that fits what is on disk, and how often.
const PATIENCE: Duration = Duration::from_secs(3);
const N_TRIES: usize = 5;

/// Answers a request. Never fails: what goes wrong is an answer, too.
pub(super) async fn answer(hub: Arc<Hub>, request: Request<Incoming>) -> Response<Reply> {
    let mut response = answered(&hub, &request).await;
    let headers = response.headers_mut();
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-cache"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if host::media_type(request.uri().path()).is_some() {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    }
    response
}

async fn answered(hub: &Arc<Hub>, request: &Request<Incoming>) -> Response<Reply> {
    if let Some(refused) = refused(hub, request) {
        return refused;
    }
    match *request.method() {
        Method::GET | Method::HEAD => {}
        Method::OPTIONS => return allowing(plain(StatusCode::NO_CONTENT, "")),
        _ => return allowing(plain(StatusCode::METHOD_NOT_ALLOWED, "pages are read with GET or HEAD\n")),
    }
    let path = request.uri().path();
    let encoding = Encoding::wanted(request.headers());
    let made = match path {
        EVENTS_PATH | SOURCE_PATH if is_foreign(request) => {
            return plain(StatusCode::FORBIDDEN, "only the preview's own pages may listen\n");
        }
        EVENTS_PATH => return listening(hub, request),
        SCRIPT_PATH => script(SCRIPT).encoded(encoding),
        WRITER_PATH => script(WRITER).encoded(encoding),
        SOURCE_PATH => {
            let page = page_of(request.uri().query().unwrap_or_default());
            made(hub, path, move |hub| source(hub, &page).encoded(encoding)).await
        }
        _ if path.starts_with(OWN) => return plain(StatusCode::NOT_FOUND, "there is nothing here\n"),
        _ => {
            let asked = path.to_owned();
            made(hub, path, move |hub| look_up(hub, &asked).encoded(encoding)).await
        }
    };
    conditional(made, request)
}

/// The server answers only to its own name, said once.
fn refused(hub: &Hub, request: &Request<Incoming>) -> Option<Response<Reply>> {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return Some(plain(StatusCode::BAD_REQUEST, "a request names its host, once\n"));
    };
    let host = host.to_str().unwrap_or_default();
    let authority = request.uri().authority().map_or(host, |authority| authority.as_str());
    let is_ours = hub.names.include(host) && hub.names.include(authority);
    (!is_ours)
        .then(|| plain(StatusCode::MISDIRECTED_REQUEST, "this is the preview of a Podleaf site, by another name\n"))
}

/// Whether another site's page asks.
fn is_foreign(request: &Request<Incoming>) -> bool {
    let header = |name: HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok());
    let host = header(header::HOST).unwrap_or_default();
    let is_own = |origin: &HeaderValue| {
        origin.to_str().is_ok_and(|origin| origin.eq_ignore_ascii_case(&format!("http://{host}")))
    };
    let has_foreign_origin = !request.headers().get_all(header::ORIGIN).iter().all(is_own);
    has_foreign_origin || header(HeaderName::from_static("sec-fetch-site")).is_some_and(|site| site == "cross-site")
}

fn listening(hub: &Arc<Hub>, request: &Request<Incoming>) -> Response<Reply> {
    let body = if *request.method() == Method::HEAD {
        Reply::Bytes(Bytes::new())
    } else {
        events(hub, request.uri().query().unwrap_or_default())
    };
    let mut response = Response::new(body);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=utf-8"));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Makes the answer where it may take its time, and names the page if it does.
async fn made(hub: &Arc<Hub>, path: &str, make: impl FnOnce(&Hub) -> Made + Send + 'static) -> Made {
    let at = Arc::clone(hub);
    let mut work = tokio::task::spawn_blocking(move || {
        catch_unwind(AssertUnwindSafe(|| make(&at))).unwrap_or_else(|_| {
            let bug = Diagnostic::error("bug", "Podleaf failed while it made this page")
                .help("this is a bug in Podleaf: please report it, with what the terminal says");
            Made::fault(StatusCode::INTERNAL_SERVER_ERROR, "This page could not be made", &[bug], &at.reading())
        })
    });
    let result = match tokio::time::timeout(LONG, &mut work).await {
        Ok(result) => result,
        Err(_) => {
            hub.note(&format!(
                "`{}` takes long; if it does not end, look for loops in templates/",
                crate::diagnostic::io::escaped(path)
            ));
            work.await
        }
    };
    result.unwrap_or_else(|_| {
        Made::new(StatusCode::SERVICE_UNAVAILABLE, content_type(".txt"), b"the preview ends\n".to_vec())
    })
}

fn script(text: &str) -> Made {
    Made::new(StatusCode::OK, content_type(".js"), text.as_bytes().to_vec())
}

/// The page that a query asks for.
fn page_of(query: &str) -> String {
    let path = query.split('&').find_map(|pair| pair.strip_prefix("path="));
    path.and_then(percent_decoded).unwrap_or_default()
}

/// Where the turns of a page were written.
fn source(hub: &Hub, page: &str) -> Made {
    let reading = hub.reading();
    let map = match reading.find(page) {
        Found::Route(opened, route) => opened.site.source_map(&*opened.disk, &route).unwrap_or_default(),
        Found::Missing(..) | Found::Elsewhere(_) | Found::NoSite => None,
    };
    Made::new(StatusCode::OK, content_type(".json"), source_map(map.as_ref(), &reading))
}

fn look_up(hub: &Hub, path: &str) -> Made {
    let mut last = None;
    for _ in 0..N_TRIES {
        let reading = hub.reading();
        let (opened, route, status) = match reading.find(path) {
            Found::Route(opened, route) => (opened, route, StatusCode::OK),
            Found::Missing(opened, route) => (opened, route, StatusCode::NOT_FOUND),
            Found::Elsewhere(place) => {
                let (status, content) = (StatusCode::TEMPORARY_REDIRECT, Content::Elsewhere(place));
                return Made { status, kind: "", tag: None, is_encoded: false, content };
            }
            Found::NoSite => {
                let title = "The site cannot be shown yet";
                return Made::fault(StatusCode::INTERNAL_SERVER_ERROR, title, &reading.errors, &reading);
            }
        };
        match make(hub, &reading, &opened, &route, status) {
            Ok(made) => return made,
            Err(Stale::Fault(fault)) => {
                let title = "This page could not be made";
                return Made::fault(StatusCode::INTERNAL_SERVER_ERROR, title, &[*fault], &reading);
            }
            Err(Stale::NoRoute) => {}
            Err(Stale::Changed(changed)) => last = Some(changed),
        }
        // The files are newer than the reading. While they are broken, the page is shown as it was, or as far as
        // it can be read.
        if !reading.errors.is_empty() {
            let is_html = content_type(&route.file()) == content_type(".html");
            if let Some(kept) = hub.kept(&route).filter(|_| is_html) {
                return Made::new(status, content_type(".html"), with_script(&kept, &opened, reading.generation));
            }
            let latest = reading.latest.as_ref().filter(|latest| !Arc::ptr_eq(latest, &opened));
            if let Some(made) = latest.and_then(|latest| make(hub, &reading, latest, &route, status).ok()) {
                return made;
            }
        }
        hub.ask_to_read(reading.generation, changed_file(&opened, last.as_deref()).as_deref());
        let mut readings = hub.readings.subscribe();
        let newer = readings.wait_for(|newer| newer.generation > reading.generation);
        // Where none comes in time, the next try says so.
        _ = tokio::runtime::Handle::current().block_on(async { tokio::time::timeout(PATIENCE, newer).await.is_ok() });
    }
    let errors: Vec<Diagnostic> = last.into_iter().map(|changed| *changed).collect();
    Made::fault(StatusCode::SERVICE_UNAVAILABLE, "The files are being changed", &errors, &hub.reading())
}

fn make(hub: &Hub, reading: &Reading, opened: &Opened, route: &Route, status: StatusCode) -> Result<Made, Stale> {
    if let Some(html) = html(opened, route)? {
        if reading.good.as_ref().is_some_and(|good| std::ptr::eq(good.as_ref(), opened)) {
            hub.keep(route, &html);
        }
        return Ok(Made::new(status, content_type(".html"), with_script(&html, opened, reading.generation)));
    }
    let kind = content_type(&route.file());
    if let Some(name) = file_name(route).filter(|_| !opened.site.has(route)) {
        let index = opened.index(&*hub.kept_runs(&reading.root))?;
        return Ok(match index.file(name)? {
            Some(bytes) => Made::new(status, kind, bytes),
            // A page of before an edit asks: it looks at the directory again.
            None => Made::new(StatusCode::NOT_FOUND, content_type(".txt"), b"this is not of the index\n".to_vec()),
        });
    }
    match opened.site.render(&*opened.disk, route)? {
        Body::Bytes(bytes) => Ok(Made::new(status, kind, bytes)),
        Body::Copy(source) => copy(opened, &source, kind),
    }
}

/// A page as a build would write it; `None` where the route is none.
pub(super) fn html(opened: &Opened, route: &Route) -> Result<Option<Html>, Stale> {
    if content_type(&route.file()) != content_type(".html") {
        return Ok(None);
    }
    let bytes = match opened.site.render(&*opened.disk, route)? {
        Body::Bytes(bytes) => bytes,
        Body::Copy(source) => opened.disk.read(&source).map_err(|fault| changed(&source, &fault))?,
    };
    Ok(Some(Html { key: ContentHash::of(&bytes), bytes: Arc::new(bytes) }))
}

/// The file that a page could not be made of.
pub(super) fn changed_file(opened: &Opened, changed: Option<&Diagnostic>) -> Option<PathBuf> {
    Some(opened.disk.real_path(changed?.path.as_ref()?))
}

fn changed(path: &SitePath, why: &dyn std::fmt::Display) -> Stale {
    Stale::Changed(Box::new(cannot_read(path, why)))
}

/// A file as it is. One that was changed just now has no tag: its stamp would not tell the next change.
fn copy(opened: &Opened, source: &SitePath, kind: &'static str) -> Result<Made, Stale> {
    let file = opened.disk.open_file(source).map_err(|fault| changed(source, &fault))?;
    let metadata = file.metadata().map_err(|error| changed(source, &error))?;
    let len = metadata.len();
    if len <= MAX_HASHED {
        let mut bytes = vec![0; usize::try_from(len).unwrap_or(0)];
        file.read_exact_at(&mut bytes, 0).map_err(|error| changed(source, &error))?;
        return Ok(Made::new(StatusCode::OK, kind, bytes));
    }
    let stamp = stamp(&metadata);
    let is_settled = stamp.is_settled(now());
    let tag = is_settled.then(|| quoted(ContentHash::of(format!("{stamp:?}").as_bytes())));
    Ok(Made { status: StatusCode::OK, kind, tag, is_encoded: false, content: Content::File(file, len) })
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::mpsc;

    use super::*;
    use crate::memo::Memo;
    use crate::runs::RunStore;
    use crate::serve::address::{Address, listen};
    use crate::serve::{Change, Shell, Started};
    use crate::site::{self, Site};

    struct Silent;

    impl Shell for Silent {
        fn request(&self, _: &Path, _: &str) -> site::Request {
            site::Request::default()
        }
        fn memo(&self, _: &Path) -> Memo {
            Memo::default()
        }
        fn remember(&self, _: &Site, _: &Path) {}
        fn kept(&self, _: &Path) -> Box<dyn RunStore> {
            unreachable!("nothing is searched")
        }
        fn started(&self, _: Started) {}
        fn changed(&self, _: &Change<'_>) {}
        fn note(&self, _: &str) {}
    }

    #[tokio::test]
    async fn a_panic_is_an_answer() {
        let Address { names, .. } = listen(None, Some(0)).unwrap();
        let (hints, _) = mpsc::channel();
        let hub = Arc::new(Hub::new(names, hints, Arc::new(Silent), Reading::default()));
        let broken = made(&hub, "/", |_| unreachable!("a bug of ours")).await;
        assert_eq!(broken.status, StatusCode::INTERNAL_SERVER_ERROR);
        let next = made(&hub, "/", |_| script("1")).await;
        assert_eq!(next.status, StatusCode::OK, "the next one is made");
    }
}
