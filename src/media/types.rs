//! The one table of media types.

use MediaKind::{Audio, Picture, Video};

use crate::model::media::MediaKind;

/// Extension, media type, and what it is. The types are those that Apple's and Spotify's feeds name.
const TYPES: [(&str, &str, MediaKind); 18] = [
    ("mp3", "audio/mpeg", Audio),
    ("m4a", "audio/x-m4a", Audio),
    ("aac", "audio/aac", Audio),
    ("ogg", "audio/ogg", Audio),
    ("oga", "audio/ogg", Audio),
    ("opus", "audio/ogg", Audio),
    ("flac", "audio/flac", Audio),
    ("wav", "audio/wav", Audio),
    ("mp4", "video/mp4", Video),
    ("m4v", "video/x-m4v", Video),
    ("mov", "video/quicktime", Video),
    ("webm", "video/webm", Video),
    ("jpg", "image/jpeg", Picture),
    ("jpeg", "image/jpeg", Picture),
    ("png", "image/png", Picture),
    ("webp", "image/webp", Picture),
    ("gif", "image/gif", Picture),
    ("avif", "image/avif", Picture),
];

/// The media type of a file name or an address, by its extension. `None` for what is no media.
///
/// ```
/// use podleaf::media::media_type;
/// assert_eq!(media_type("https://example.org/042.M4A?x=1#t=2"), Some("audio/x-m4a"));
/// assert_eq!(media_type("042.md"), None);
/// ```
pub fn media_type(name: &str) -> Option<&'static str> {
    row(name).map(|(_, media_type, _)| *media_type)
}

/// What a file name or an address is, by its extension. `None` for what is no media.
pub fn kind(name: &str) -> Option<MediaKind> {
    row(name).map(|(_, _, kind)| *kind)
}

fn row(name: &str) -> Option<&'static (&'static str, &'static str, MediaKind)> {
    let address = name.contains("://");
    let name = if address { name.split(['?', '#']).next().unwrap_or_default() } else { name };
    let (_, extension) = name.rsplit('/').next()?.rsplit_once('.')?;
    TYPES.iter().find(|(own, ..)| extension.eq_ignore_ascii_case(own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses_have_types() {
        let check = |name: &str, expected: Option<&str>| assert_eq!(media_type(name), expected, "{name}");
        check("a.b/c.MP3", Some("audio/mpeg"));
        check("a.mp3/c", None);
        check("mp3", None);
        check("was it?.mp3", Some("audio/mpeg"));
        check("https://example.org/a.mp3?key=b.txt", Some("audio/mpeg"));
        check("https://example.org/play?file=a.mp3", None);
        assert_eq!(kind("x.webm"), Some(Video));
    }
}
