//! From what was made to what is answered: conditions, ranges, compression.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use hyper::body::{Bytes, Incoming};
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use tokio::sync::mpsc;

use super::body::Reply;
use super::encoding::{Encoding, gzip};
use super::hub::Reading;
use super::page::fault_page;
use super::range::{Ranged, lists_strongly, lists_weakly, ranged};
use crate::content_type::{content_type, is_text};
use crate::diagnostic::Diagnostic;
use crate::hash::ContentHash;

const CHUNK: usize = 256 << 10;
/// Less than this is one packet in any case.
const WORTH_IT: usize = 1400;

/// An answer before conditions and ranges are looked at.
pub(super) struct Made {
    pub(super) status: StatusCode,
    pub(super) kind: &'static str,
    pub(super) tag: Option<String>,
    /// Whether the content is compressed.
    pub(super) is_encoded: bool,
    pub(super) content: Content,
}

pub(super) enum Content {
    Bytes(Bytes),
    File(File, u64),
    Elsewhere(String),
}

impl Made {
    pub(super) fn new(status: StatusCode, kind: &'static str, bytes: Vec<u8>) -> Self {
        let tag = Some(quoted(ContentHash::of(&bytes)));
        Self { status, kind, tag, is_encoded: false, content: Content::Bytes(Bytes::from(bytes)) }
    }

    /// The same compressed, where it is text that is worth it. It is another thing by its tag.
    pub(super) fn encoded(mut self, encoding: Encoding) -> Self {
        let is_wanted = encoding == Encoding::Gzip && is_text(self.kind);
        if let Content::Bytes(bytes) = &mut self.content
            && is_wanted
            && bytes.len() >= WORTH_IT
        {
            *bytes = Bytes::from(gzip(bytes));
            self.tag = self.tag.map(|tag| format!("{}-gzip\"", tag.trim_end_matches('"')));
            self.is_encoded = true;
        }
        self
    }

    pub(super) fn fault(status: StatusCode, title: &str, errors: &[Diagnostic], reading: &Reading) -> Self {
        Self::new(status, content_type(".html"), fault_page(title, errors, reading))
    }
}

pub(super) fn quoted(hash: ContentHash) -> String {
    format!("\"{hash}\"")
}

pub(super) fn plain(status: StatusCode, text: &'static str) -> Response<Reply> {
    let mut response = Response::new(Reply::Bytes(Bytes::from_static(text.as_bytes())));
    *response.status_mut() = status;
    if !text.is_empty() {
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    }
    response
}

pub(super) fn allowing(mut response: Response<Reply>) -> Response<Reply> {
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD, OPTIONS"));
    response
}

/// The answer to conditions, then the part that is asked for (RFC 9110 §13.2.2).
pub(super) fn conditional(made: Made, request: &Request<Incoming>) -> Response<Reply> {
    let is_head = *request.method() == Method::HEAD;
    let asked = request.headers();
    let tag = made.tag.as_deref();
    let mut response = Response::new(Reply::Bytes(Bytes::new()));
    let headers = response.headers_mut();
    let put = |headers: &mut HeaderMap, name: HeaderName, text: &str| {
        // Whatever is no header value is left out; ours all are.
        _ = HeaderValue::from_str(text).map(|value| headers.insert(name, value));
    };
    if let Some(tag) = tag {
        put(headers, header::ETAG, tag);
    }
    if is_text(made.kind) {
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
    if let Content::Elsewhere(place) = &made.content {
        let query = request.uri().query().map_or_else(String::new, |query| format!("?{query}"));
        put(headers, header::LOCATION, &format!("{place}{query}"));
        *response.status_mut() = made.status;
        return response;
    }
    if made.status == StatusCode::OK {
        if joined(asked, header::IF_MATCH).is_some_and(|list| !lists_strongly(&list, tag)) {
            *response.status_mut() = StatusCode::PRECONDITION_FAILED;
            return response;
        }
        let none = joined(asked, header::IF_NONE_MATCH);
        if none.is_some_and(|list| list.trim() == "*" || tag.is_some_and(|tag| lists_weakly(&list, tag))) {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return response;
        }
        put(headers, header::ACCEPT_RANGES, "bytes");
    }
    put(headers, header::CONTENT_TYPE, made.kind);
    if made.is_encoded {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    let len = match &made.content {
        Content::Bytes(bytes) => bytes.len() as u64,
        Content::File(_, len) => *len,
        Content::Elsewhere(_) => 0,
    };
    let range = asked.get(header::RANGE).filter(|_| !is_head && made.status == StatusCode::OK);
    let fits = asked.get(header::IF_RANGE).is_none_or(|one| tag.is_some_and(|tag| one.as_bytes() == tag.as_bytes()));
    let range = range.filter(|_| fits).and_then(|range| range.to_str().ok());
    let (status, first, n) = match range.map_or(Ranged::Whole, |range| ranged(range, len)) {
        Ranged::Whole => (made.status, 0, len),
        Ranged::Part(first, last) => {
            put(headers, header::CONTENT_RANGE, &format!("bytes {first}-{last}/{len}"));
            (StatusCode::PARTIAL_CONTENT, first, last - first + 1)
        }
        Ranged::Unsatisfiable => {
            put(headers, header::CONTENT_RANGE, &format!("bytes */{len}"));
            headers.remove(header::CONTENT_TYPE);
            (StatusCode::RANGE_NOT_SATISFIABLE, 0, 0)
        }
    };
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(n));
    *response.status_mut() = status;
    if !is_head {
        *response.body_mut() = match made.content {
            Content::Bytes(bytes) => {
                let start = usize::try_from(first).unwrap_or(bytes.len());
                let end = usize::try_from(first + n).unwrap_or(bytes.len());
                Reply::Bytes(bytes.slice(start..end))
            }
            Content::File(file, _) => streamed(file, first, n),
            Content::Elsewhere(_) => Reply::Bytes(Bytes::new()),
        };
    }
    response
}

/// All lines of a header as one list.
fn joined(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    let all: Vec<&str> = headers.get_all(name).iter().map(|value| value.to_str().unwrap_or_default()).collect();
    (!all.is_empty()).then(|| all.join(","))
}

/// A part of a file, read as fast as it is taken.
fn streamed(file: File, first: u64, n: u64) -> Reply {
    let (sender, receiver) = mpsc::channel(2);
    let file = Arc::new(file);
    tokio::spawn(async move {
        let (mut at, end) = (first, first + n);
        while at < end {
            let file = Arc::clone(&file);
            let size = usize::try_from(end - at).unwrap_or(CHUNK).min(CHUNK);
            let read = tokio::task::spawn_blocking(move || {
                let mut bytes = vec![0; size];
                file.read_exact_at(&mut bytes, at).map(|()| Bytes::from(bytes))
            });
            let chunk = read.await.unwrap_or_else(|_| Err(std::io::Error::other("the program ends")));
            at += size as u64;
            // A file that became shorter ends the connection: the client must not take it for whole.
            let is_end = chunk.is_err();
            if sender.send(chunk).await.is_err() || is_end {
                return;
            }
        }
    });
    Reply::Stream(receiver, Some(n))
}
