//! Languages of texts and of the interface.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A language tag of BCP 47 as far as pages need it: letters, digits and `-`, such as `en`, `zh-Hans`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Language(String);

impl Language {
    /// The tag in its usual spelling (`zh-hans` is `zh-Hans`, `zh` and `zh-CN` are `zh-Hans`, `zh-TW` is `zh-Hant`),
    /// or `None` where the text is no tag.
    pub fn new(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split(['-', '_']).collect();
        let ok = (2..=3).contains(&parts[0].len())
            && parts
                .iter()
                .all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()))
            && parts[0].bytes().all(|b| b.is_ascii_alphabetic());
        if !ok {
            return None;
        }
        let primary = parts[0].to_ascii_lowercase();
        let rest: Vec<String> = parts[1..].iter().map(|part| part.to_ascii_lowercase()).collect();
        if primary == "zh" {
            let hant = rest.iter().any(|part| matches!(part.as_str(), "hant" | "tw" | "hk" | "mo"));
            return Some(Self(if hant { "zh-Hant" } else { "zh-Hans" }.to_owned()));
        }
        let rest = parts[1..].iter().map(|part| match part.len() {
            2 => part.to_ascii_uppercase(),
            4 => part[..1].to_ascii_uppercase() + &part[1..].to_ascii_lowercase(),
            _ => part.to_ascii_lowercase(),
        });
        Some(Self(std::iter::once(primary).chain(rest).collect::<Vec<_>>().join("-")))
    }

    /// English, the language of sites that say nothing and hold nothing.
    pub fn english() -> Self {
        Self("en".to_owned())
    }

    /// The tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the first `-`.
    pub fn primary(&self) -> &str {
        self.0.split('-').next().unwrap_or_default()
    }

    /// Whether lines and cues join without a space (Chinese and Japanese).
    pub fn is_unspaced(&self) -> bool {
        matches!(self.primary(), "zh" | "ja")
    }

    /// Whether it is written from right to left.
    pub fn is_right_to_left(&self) -> bool {
        matches!(self.primary(), "ar" | "fa" | "he" | "ur" | "yi")
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_have_one_spelling() {
        let tag = |text| Language::new(text).map(|language| language.to_string());
        assert_eq!(tag("zh"), Some("zh-Hans".into()));
        assert_eq!(tag("zh_TW"), Some("zh-Hant".into()));
        assert_eq!(tag("EN-gb"), Some("en-GB".into()));
        assert_eq!(tag("sr-latn"), Some("sr-Latn".into()));
        assert_eq!(tag("english please"), None);
        assert_eq!(tag("\"><script>"), None);
    }
}
