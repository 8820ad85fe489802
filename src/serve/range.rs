//! Byte ranges and conditions of requests: RFC 9110 §13 and §14, for one strong validator.

/// What of a body is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ranged {
    /// All of it. Also for what is no range, another unit, and several ranges, which a server may ignore.
    Whole,
    /// From the first to the last byte, both included.
    Part(u64, u64),
    /// Nothing that is there.
    Unsatisfiable,
}

/// Reads a `Range` header for a body of `len` bytes.
pub(super) fn ranged(header: &str, len: u64) -> Ranged {
    parsed(header, len).unwrap_or(Ranged::Whole)
}

fn parsed(header: &str, len: u64) -> Option<Ranged> {
    let (unit, set) = header.split_once('=')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    let (first, last) = set.trim().split_once('-')?;
    if first.is_empty() {
        let suffix = number(last)?;
        return Some(if suffix == 0 || len == 0 {
            Ranged::Unsatisfiable
        } else {
            Ranged::Part(len.saturating_sub(suffix), len - 1)
        });
    }
    let first = number(first)?;
    let last = if last.is_empty() { u64::MAX } else { number(last)? };
    if last < first {
        return None;
    }
    Some(if first >= len { Ranged::Unsatisfiable } else { Ranged::Part(first, last.min(len - 1)) })
}

/// Digits; a number that does not fit is as good as the largest.
fn number(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u64::MAX))
}

/// Whether a list of entity tags (`If-None-Match`) has `tag`, by weak comparison.
pub(super) fn lists_weakly(header: &str, tag: &str) -> bool {
    header.trim() == "*" || header.split(',').map(str::trim).any(|one| one.strip_prefix("W/").unwrap_or(one) == tag)
}

/// Whether a list of entity tags (`If-Match`) has `tag`, by strong comparison.
pub(super) fn lists_strongly(header: &str, tag: Option<&str>) -> bool {
    header.trim() == "*" || tag.is_some_and(|tag| header.split(',').map(str::trim).any(|one| one == tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_the_standard_says() {
        use Ranged::{Part, Unsatisfiable, Whole};
        for (header, len, expected) in [
            ("bytes=0-0", 10, Part(0, 0)),
            ("bytes=9-", 10, Part(9, 9)),
            ("BYTES=2-5", 10, Part(2, 5)),
            ("bytes=2-99", 10, Part(2, 9)),
            ("bytes=-3", 10, Part(7, 9)),
            ("bytes=-99", 10, Part(0, 9)),
            ("bytes=-0", 10, Unsatisfiable),
            ("bytes=10-", 10, Unsatisfiable),
            ("bytes=0-", 0, Unsatisfiable),
            ("bytes=-1", 0, Unsatisfiable),
            ("bytes=99999999999999999999-", 10, Unsatisfiable),
            ("bytes=1-99999999999999999999", 10, Part(1, 9)),
            ("bytes=5-2", 10, Whole),
            ("bytes=0-1,3-4", 10, Whole),
            ("bytes=a-b", 10, Whole),
            ("bytes=-", 10, Whole),
            ("bytes=+1-2", 10, Whole),
            ("lines=0-1", 10, Whole),
            ("bytes", 10, Whole),
            ("", 10, Whole),
        ] {
            assert_eq!(ranged(header, len), expected, "{header:?} of {len}");
        }
    }

    #[test]
    fn tags_are_compared() {
        assert!(lists_weakly("\"a\", W/\"b\"", "\"b\"") && lists_weakly("*", "\"b\"") && !lists_weakly("b", "\"b\""));
        assert!(!lists_strongly("W/\"b\"", Some("\"b\"")) && lists_strongly("\"a\",\"b\"", Some("\"b\"")));
        assert!(!lists_strongly("\"b\"", None) && lists_strongly("*", None));
    }
}
