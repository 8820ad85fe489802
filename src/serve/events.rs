//! What an open page is told: whether it is still the page that the site has, and what is wrong with the site.

use std::sync::Arc;
use std::time::Duration;

use hyper::body::Bytes;
use serde_json::json;
use tokio::sync::mpsc;

use super::answer::{changed_file, html};
use super::body::Reply;
use super::hub::{Found, Hub};
use super::page::{body_hash, finding};
use crate::diagnostic::Diagnostic;
use crate::path::percent_decoded;
use crate::site::Stale;

/// How often a browser hears that the server lives.
const BEAT: Duration = Duration::from_secs(15);
/// More findings than anybody reads.
const MAX_FINDINGS: usize = 30;

/// What a browser shows, by its own account.
#[derive(Debug, Clone, Default)]
struct Shown {
    path: String,
    key: String,
    body: String,
    assets: String,
    scripts: String,
    generation: u64,
}

impl Shown {
    fn parse(query: &str) -> Self {
        let mut shown = Self::default();
        for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            let Some(value) = percent_decoded(value) else { continue };
            match name {
                "path" => shown.path = value,
                "key" => shown.key = value,
                "body" => shown.body = value,
                "assets" => shown.assets = value,
                "scripts" => shown.scripts = value,
                "generation" => shown.generation = value.parse().unwrap_or(0),
                _ => {}
            }
        }
        shown
    }
}

/// Events for a page: one now, and one after each reading of the site.
pub(super) fn events(hub: &Arc<Hub>, query: &str) -> Reply {
    let (sender, receiver) = mpsc::channel(4);
    let (hub, mut shown) = (Arc::clone(hub), Shown::parse(query));
    tokio::spawn(async move {
        let _viewer = hub.viewer();
        let mut readings = hub.readings.subscribe();
        let hello = sender.send(Ok(Bytes::from_static(b"retry: 500\n\n"))).await;
        let mut is_there = hello.is_ok();
        while is_there {
            readings.mark_unchanged();
            let (at, before) = (Arc::clone(&hub), shown.clone());
            let compared = tokio::task::spawn_blocking(move || {
                let mut shown = before;
                let text = state(&at, &mut shown);
                (shown, text)
            });
            // A page that cannot be made is no reason to leave the browser alone.
            if let Ok((now, text)) = compared.await {
                shown = now;
                is_there = sender.send(Ok(Bytes::from(format!("event: state\ndata: {text}\n\n")))).await.is_ok();
            }
            while is_there {
                tokio::select! {
                    changed = readings.changed() => {
                        is_there = changed.is_ok();
                        break;
                    }
                    () = sender.closed() => is_there = false,
                    () = tokio::time::sleep(BEAT) => {
                        is_there = sender.send(Ok(Bytes::from_static(b": here\n\n"))).await.is_ok();
                    }
                }
            }
        }
    });
    Reply::Stream(receiver, None)
}

/// The event for a page, as JSON.
fn state(hub: &Hub, shown: &mut Shown) -> String {
    let reading = hub.reading();
    let mut errors: Vec<Diagnostic> = reading.errors.clone();
    let (mut reload, mut styles) = (false, None);
    if shown.key.is_empty() {
        reload = reading.generation != shown.generation;
    } else {
        match reading.find(&shown.path) {
            Found::Route(opened, route) | Found::Missing(opened, route) => {
                match html(&opened, &route) {
                    Ok(Some(html)) if html.key.to_string() == shown.key => {}
                    Ok(Some(html)) => {
                        let folder = opened.site.assets_folder();
                        let is_same_body = body_hash(&html.bytes, folder).to_string() == shown.body;
                        if is_same_body && opened.scripts().to_string() == shown.scripts {
                            if folder != shown.assets {
                                styles = Some((shown.assets.clone(), folder.to_owned()));
                            }
                            shown.key = html.key.to_string();
                            shown.assets = folder.to_owned();
                        } else {
                            reload = true;
                        }
                    }
                    Ok(None) | Err(Stale::NoRoute) => reload = true,
                    Err(Stale::Fault(fault)) => errors.push(*fault),
                    // The files are newer than the reading: the next one is on its way.
                    Err(Stale::Changed(changed)) => {
                        hub.ask_to_read(reading.generation, changed_file(&opened, Some(&changed)).as_deref());
                    }
                }
            }
            Found::Elsewhere(_) => reload = true,
            Found::NoSite => {}
        }
    }
    let files: Vec<&str> = reading
        .changed_copies
        .iter()
        .filter(|(generation, _)| *generation > shown.generation)
        .map(|(_, route)| route.as_str().trim_start_matches('/'))
        .collect();
    let files: Vec<String> = files
        .iter()
        .map(|file| format!("{}{}", crate::path::percent_encoded(&reading.base), crate::path::percent_encoded(file)))
        .collect();
    let state = json!({
        "generation": reading.generation.to_string(),
        "key": shown.key,
        "assets": shown.assets,
        "reload": reload,
        "styles": styles.map(|(from, to)| json!({ "from": from, "to": to })),
        "files": files,
        "n_errors": errors.len(),
        "errors": errors.iter().take(MAX_FINDINGS).map(|error| finding(error, &reading)).collect::<Vec<_>>(),
    });
    if !shown.key.is_empty() {
        shown.generation = reading.generation;
    }
    state.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_what_it_is() {
        let shown = Shown::parse("path=%2Fa%2520b%2F&key=ab&generation=7&x&y=%ff");
        assert_eq!((shown.path.as_str(), shown.key.as_str(), shown.generation), ("/a%20b/", "ab", 7));
    }
}
