//! Content types by the names of files.

use crate::feed::host;
use crate::media;

/// The `Content-Type` of a file, with the charset of what is text.
pub fn content_type(name: &str) -> &'static str {
    if let Some(kind) = host::media_type(name) {
        return kind;
    }
    let extension = name.rsplit('/').next().and_then(|name| name.rsplit_once('.')).map_or("", |(_, after)| after);
    match extension.to_ascii_lowercase().as_str() {
        "html" | "htm" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "txt" => "text/plain; charset=utf-8",
        "md" | "markdown" => "text/markdown; charset=utf-8",
        "csv" => "text/csv; charset=utf-8",
        "vtt" => "text/vtt; charset=utf-8",
        "srt" => "application/x-subrip; charset=utf-8",
        "ics" => "text/calendar; charset=utf-8",
        "xml" | "xsl" => "application/xml; charset=utf-8",
        "rss" => "application/rss+xml; charset=utf-8",
        "atom" => "application/atom+xml; charset=utf-8",
        "json" | "map" => "application/json; charset=utf-8",
        "jsonl" => "application/jsonl; charset=utf-8",
        "webmanifest" => "application/manifest+json; charset=utf-8",
        "opml" => "text/x-opml; charset=utf-8",
        "svg" => "image/svg+xml; charset=utf-8",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "woff" => "font/woff",
        "ttf" => "font/ttf",
        "otf" => "font/otf",
        "pdf" => "application/pdf",
        "epub" => "application/epub+zip",
        "zip" => "application/zip",
        "gz" => "application/gzip",
        "wasm" => "application/wasm",
        _ => media::media_type(name).unwrap_or("application/octet-stream"),
    }
}

/// Whether files of a type are text, which is worth compressing.
pub fn is_text(kind: &str) -> bool {
    kind.ends_with("; charset=utf-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_has_a_charset() {
        assert_eq!(content_type("index.html"), "text/html; charset=utf-8");
        assert_eq!(content_type("a.b/c.MP3"), "audio/mpeg");
        assert_eq!(content_type("a.b/c"), "application/octet-stream");
        assert_eq!(content_type("night/feed.xml"), "application/rss+xml; charset=utf-8");
    }
}
