//! Compression of answers, where a client asks for it (RFC 9110 §12.5.3).

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use hyper::header::{self, HeaderMap};

/// How the content of an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// As it is.
    Identity,
    /// With gzip.
    Gzip,
}

impl Encoding {
    /// What a client wants. A range is always one of the content as it is.
    pub(super) fn wanted(asked: &HeaderMap) -> Self {
        let lines = asked.get_all(header::ACCEPT_ENCODING).iter().filter_map(|line| line.to_str().ok());
        let list = lines.collect::<Vec<_>>().join(",");
        if accepts_gzip(&list) && !asked.contains_key(header::RANGE) { Self::Gzip } else { Self::Identity }
    }
}

fn accepts_gzip(list: &str) -> bool {
    let quality = |name: &str| {
        let mut all = list.split(',').map(|one| one.split(';').map(str::trim));
        all.find_map(|mut one| {
            one.next().filter(|found| found.eq_ignore_ascii_case(name))?;
            let quality = one.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")));
            Some(quality.map_or(1.0, |quality| quality.parse::<f32>().unwrap_or(0.0)))
        })
    };
    quality("gzip").or_else(|| quality("x-gzip")).or_else(|| quality("*")).is_some_and(|quality| quality > 0.0)
}

/// The bytes as gzip writes them, quickly.
pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 3), Compression::fast());
    // Memory takes what it is given.
    _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_say_what_they_take() {
        for list in
            ["gzip", "br, gzip", "GZIP;q=0.1", "*", "identity, x-gzip", "gzip;q=1.0,*;q=0", "br;q=1 , gzip ; q=0.5"]
        {
            assert!(accepts_gzip(list), "{list}");
        }
        for list in ["", "br", "gzip;q=0", "gzip;q=0.0, *", "*;q=0", "identity", "gzipped", "gzip;q=x"] {
            assert!(!accepts_gzip(list), "{list}");
        }
    }
}
