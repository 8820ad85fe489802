//! Names of things: a file that people wrote, and an address that readers open.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A source file, relative to the site's root: UTF-8, `/` between the parts, no `.` or `..`, no leading slash.
///
/// Ordered by bytes, so that every list of files has one order on every machine.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SitePath(String);

impl SitePath {
    /// Returns the path, or `None` where `text` is empty, absolute, or has an empty, `.` or `..` part.
    ///
    /// ```
    /// use podleaf::path::SitePath;
    /// assert!(SitePath::new("show/042.md").is_some());
    /// assert!(SitePath::new("../etc/passwd").is_none());
    /// ```
    pub fn new(text: impl Into<String>) -> Option<Self> {
        let text = text.into();
        let ok = text.split('/').all(|part| !matches!(part, "" | "." | "..")) && !text.contains('\0');
        ok.then_some(Self(text))
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last part: the file's name.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// The folder that the file lies in, `""` for the root.
    pub fn parent(&self) -> &str {
        self.0.rsplit_once('/').map_or("", |(parent, _)| parent)
    }

    /// The file's name up to its last dot; a leading dot does not count.
    pub fn stem(&self) -> &str {
        split_name(self.file_name()).0
    }

    /// What follows the last dot of the file's name, `""` where there is none.
    pub fn extension(&self) -> &str {
        split_name(self.file_name()).1
    }

    /// The path below `folder` (which is given without a closing slash; `""` is the root), if it lies there.
    pub fn below(&self, folder: &str) -> Option<&str> {
        if folder.is_empty() {
            return Some(&self.0);
        }
        self.0.strip_prefix(folder)?.strip_prefix('/')
    }
}

fn split_name(name: &str) -> (&str, &str) {
    match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() => (stem, extension),
        _ => (name, ""),
    }
}

impl fmt::Display for SitePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The address of one thing in the site, from its root: `/`, `/show/042/`, `/robots.txt`.
///
/// Text is as people read it; [`Route::href`] percent-encodes. A page's route ends in `/`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Route(String);

impl Route {
    /// Returns the route, or `None` where `text` does not begin with `/` or has an empty, `.` or `..` part,
    /// a backslash or a control character.
    ///
    /// ```
    /// use podleaf::path::Route;
    /// assert!(Route::new("/show/042/").is_some());
    /// assert!(Route::new("/a/../b/").is_none());
    /// ```
    pub fn new(text: impl Into<String>) -> Option<Self> {
        let text = text.into();
        let inner = text.strip_prefix('/')?;
        let inner = inner.strip_suffix('/').unwrap_or(inner);
        let parts_ok = text == "/" || inner.split('/').all(|part| !matches!(part, "" | "." | ".."));
        let chars_ok = !text.chars().any(|c| c.is_control() || c == '\\');
        (parts_ok && chars_ok).then_some(Self(text))
    }

    /// The route of the home page.
    pub fn home() -> Self {
        Self("/".to_owned())
    }

    /// The route as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The file below the output folder that holds this route: `/show/` is `show/index.html`.
    pub fn file(&self) -> String {
        let inner = &self.0[1..];
        if inner.is_empty() || inner.ends_with('/') { format!("{inner}index.html") } else { inner.to_owned() }
    }

    /// A route below this page; `name` may end in `/`. `None` where the result would not be a route.
    pub fn join(&self, name: &str) -> Option<Self> {
        Self::new(format!("{}{name}", self.folder()))
    }

    /// The way from `self` to the site's root: `""` for the home page, `../../` for `/show/042/`.
    pub fn to_root(&self) -> String {
        "../".repeat(self.folder().matches('/').count() - 1)
    }

    /// The relative, percent-encoded link from this page to `target`. `./` is the page itself.
    ///
    /// ```
    /// use podleaf::path::Route;
    /// let page = Route::new("/show/042/").unwrap();
    /// assert_eq!(page.link_to(&Route::new("/show/").unwrap()), "../");
    /// assert_eq!(page.link_to(&Route::new("/people/li/").unwrap()), "../../people/li/");
    /// ```
    pub fn link_to(&self, target: &Route) -> String {
        let from = self.folder();
        let to = target.as_str();
        let mut shared = 0;
        for (idx, byte) in from.bytes().enumerate() {
            if to.as_bytes().get(idx) != Some(&byte) {
                break;
            }
            if byte == b'/' {
                shared = idx + 1;
            }
        }
        let up = from[shared..].matches('/').count();
        let mut link = "../".repeat(up);
        link.push_str(&percent_encoded(&to[shared..]));
        if link.is_empty() { "./".to_owned() } else { link }
    }

    /// The route percent-encoded, from the root.
    pub fn href(&self) -> String {
        percent_encoded(&self.0)
    }

    /// The full address of the route in a site below `base_url`, which is `http(s)://host/path/`.
    ///
    /// ```
    /// use podleaf::path::Route;
    /// let page = Route::new("/show/一/").unwrap();
    /// assert_eq!(page.absolute("https://example.org/pods/"), "https://example.org/pods/show/%E4%B8%80/");
    /// ```
    pub fn absolute(&self, base_url: &str) -> String {
        let mut url = String::with_capacity(base_url.len() + self.0.len());
        url.push_str(base_url.trim_end_matches('/'));
        push_percent_encoded(&self.0, &mut url);
        url
    }

    fn folder(&self) -> &str {
        let end = self.0.rfind('/').map_or(0, |idx| idx + 1);
        &self.0[..end]
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Bytes of a URL path that stand for themselves. A table: nearly all links of an archive are looked up in it.
const UNRESERVED: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < table.len() {
        let letter = byte as u8;
        table[byte] = letter.is_ascii_alphanumeric() || matches!(letter, b'-' | b'.' | b'_' | b'~' | b'/');
        byte += 1;
    }
    table
};

/// A URL path in which all but unreserved characters and `/` are percent-encoded (RFC 3986 §2.3).
pub fn percent_encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    push_percent_encoded(text, &mut out);
    out
}

/// Appends [`percent_encoded`].
pub fn push_percent_encoded(text: &str, out: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| !UNRESERVED[usize::from(byte)]) {
        out.push_str(&rest[..at]);
        let encoded = rest[at..].chars().next().map_or(1, char::len_utf8);
        for byte in rest[at..at + encoded].bytes() {
            out.push('%');
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
        rest = &rest[at + encoded..];
    }
    out.push_str(rest);
}

/// The text of a percent-encoded URL path; `None` where that is no UTF-8.
pub fn percent_decoded(text: &str) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_owned());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        let value = hex.filter(|_| byte == b'%').and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(value.unwrap_or(byte));
        rest = if value.is_some() { &after[2..] } else { after };
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(from: &str, to: &str) -> String {
        Route::new(from).unwrap().link_to(&Route::new(to).unwrap())
    }

    #[test]
    fn links_between_pages_are_relative() {
        assert_eq!(link("/", "/show/"), "show/");
        assert_eq!(link("/show/042/", "/show/043/"), "../043/");
        assert_eq!(link("/show/", "/"), "../");
        assert_eq!(link("/show/", "/show/"), "./");
        assert_eq!(link("/show/042/", "/show/042/a.mp3"), "a.mp3");
        assert_eq!(link("/", "/"), "./");
        assert_eq!(link("/a/", "/ab/"), "../ab/");
        assert_eq!(link("/a/", "/一 二/"), "../%E4%B8%80%20%E4%BA%8C/");
    }

    #[test]
    fn decoding_undoes_encoding() {
        for text in ["一 二/a.md", "100%", "%zz", "a%"] {
            assert_eq!(percent_decoded(&percent_encoded(text)).as_deref(), Some(text));
        }
        assert_eq!(percent_decoded("%zz%").as_deref(), Some("%zz%"));
        assert_eq!(percent_decoded("%ff"), None);
    }

    #[test]
    fn a_route_names_its_file() {
        assert_eq!(Route::home().file(), "index.html");
        assert_eq!(Route::new("/a/b/").unwrap().file(), "a/b/index.html");
        assert_eq!(Route::new("/robots.txt").unwrap().file(), "robots.txt");
        assert_eq!(Route::new("/a/b/").unwrap().to_root(), "../../");
    }

    #[test]
    fn unsafe_names_are_no_routes() {
        for bad in ["", "a/", "//", "/a//b", "/./", "/a/..", "/a\\b/", "/a\n/"] {
            assert!(Route::new(bad).is_none(), "{bad:?}");
        }
        for bad in ["", "/a", "a/", "a//b", "./a", "a/../b"] {
            assert!(SitePath::new(bad).is_none(), "{bad:?}");
        }
    }
}
