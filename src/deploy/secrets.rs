//! What other programs and servers say, without what nobody else may see.

use std::ffi::OsString;

use crate::diagnostic::io::escaped;
use crate::path::percent_encoded;

/// Words in the names of variables that hold credentials.
const SECRET: [&str; 6] = ["SECRET", "TOKEN", "PASSWORD", "PASSWD", "_KEY", "CREDENTIAL"];
/// Shorter values are no secrets, and would be found everywhere.
const MIN_LEN: usize = 6;
/// What is shown of a long message.
const MAX_LEN: usize = 600;

/// Text from outside, ready to print: the values of credentials in the environment and names and passwords in addresses
/// are left out.
pub fn redacted(text: &str) -> String {
    escaped(&without(text, std::env::vars_os()))
}

fn without(text: &str, environment: impl Iterator<Item = (OsString, OsString)>) -> String {
    let is_secret = |name: &OsString| {
        let name = name.to_string_lossy().to_ascii_uppercase();
        SECRET.iter().any(|word| name.contains(word))
    };
    let mut text = without_logins(text);
    for (_, value) in environment.filter(|(name, _)| is_secret(name)) {
        let value = value.to_string_lossy().trim().to_owned();
        if value.len() < MIN_LEN {
            continue;
        }
        for form in [percent_encoded(&value), base64(value.as_bytes()), value] {
            text = text.replace(&form, "…").replace(form.trim_end_matches('='), "…");
        }
    }
    text.trim().chars().take(MAX_LEN).collect()
}

/// Addresses without what stands before their host: `https://name:password@host` is `https://host`.
fn without_logins(text: &str) -> String {
    let mut parts = text.split("://");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| c == '/' || c.is_whitespace() || "'\"`<>".contains(c)).unwrap_or(part.len());
        let start = part[..end].rfind('@').map_or(0, |at| at + 1);
        out.push_str("://");
        out.push_str(&part[start..]);
    }
    out
}

/// RFC 4648 §4.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let number = chunk.iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for idx in 0..4 {
            let letter = LETTERS[(number >> (18 - 6 * idx) & 63) as usize];
            out.push(if idx <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_standard() {
        for (text, expected) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(text.as_bytes()), expected);
        }
    }

    #[test]
    fn credentials_are_left_out_in_each_form() {
        let secret = "wJalr/XUt+nFEMI K7";
        let environment = [("AWS_SECRET_ACCESS_KEY", secret), ("PATH", "/usr/bin"), ("API_KEY", "abc")];
        let environment = || environment.into_iter().map(|(name, value)| (name.into(), value.into()));
        let (encoded, percent) = (base64(secret.as_bytes()), percent_encoded(secret));
        let text = format!("a {secret} b {encoded} c {percent} d /usr/bin abc https://me:pass@example.org/x@y");
        assert_eq!(without(&text, environment()), "a … b … c … d /usr/bin abc https://example.org/x@y");
    }
}
