//! Character references of HTML and WebVTT.

/// Reads a reference at the head of a text that begins with `&`: the characters it stands for, and its length.
///
/// Knows the names that captions and exports use, and all numbers. Control characters and white space of all kinds are a space.
/// `None` for an `&` that is none.
pub(super) fn reference(text: &str) -> Option<(Option<char>, usize)> {
    let window = &text.as_bytes()[..text.len().min(12)];
    let end = memchr::memchr(b';', window)?;
    let name = text.get(1..end)?;
    let character = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "lrm" | "rlm" | "shy" => return Some((None, end + 1)),
        "hellip" => '…',
        "mdash" => '—',
        "ndash" => '–',
        "lsquo" => '‘',
        "rsquo" => '’',
        "ldquo" => '“',
        "rdquo" => '”',
        _ => number(name.strip_prefix('#')?)?,
    };
    Some((Some(character), end + 1))
}

fn number(text: &str) -> Option<char> {
    let code = match text.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => text.parse().ok()?,
    };
    let character = char::from_u32(code)?;
    Some(if character.is_control() || character.is_whitespace() { ' ' } else { character })
}

/// Appends text with its references resolved.
pub(in crate::parse) fn push_decoded(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'&', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        let (character, len) = reference(&rest[at..]).unwrap_or((Some('&'), 1));
        out.extend(character);
        rest = &rest[at + len..];
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_resolved_once() {
        let check = |text, expected| {
            let mut out = String::new();
            push_decoded(text, &mut out);
            assert_eq!(out, expected, "{text}");
        };
        check("Q&amp;A &lt;3 &#39;yes&#x27;", "Q&A <3 'yes'");
        check("&amp;lt; a&nbsp;b&#0;c &lrm;d", "&lt; a b c d");
        check("AT&T & co; &unknown; &", "AT&T & co; &unknown; &");
        check("&#1114112; &#xD800; &é;", "&#1114112; &#xD800; &é;");
    }
}
