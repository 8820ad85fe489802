//! Site settings: `podleaf.toml`, all of it optional.

use serde::Serialize;

use crate::model::language::Language;
use crate::model::slug::Slugs;

/// What the site's config says, with defaults for what it does not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Config {
    /// The site's title; without one the only show's title, or the folder's words.
    pub title: Option<String>,
    /// What the site is.
    pub description: Option<String>,
    /// Where it will be: `http(s)://host/path/`, ending in `/`.
    pub base_url: Option<String>,
    /// Language of the interface and of what is not said to be in another.
    pub language: Option<Language>,
    /// IANA name of the time zone in which days begin; UTC where nothing is said.
    pub timezone: String,
    /// Further links of the menu, after the built-in ones: title and URL or site path.
    pub menu: Vec<(String, String)>,
    /// Text in the foot, Markdown.
    pub foot: Option<String>,
    /// Markup for the head of every page, as it is.
    pub head: Option<String>,
    /// Where to subscribe, for shows that say nothing themselves: title and URL.
    pub subscribe: Vec<(String, String)>,
    /// Episodes on a page of a list, 10 to 500.
    pub page_size: usize,
    /// How addresses are made from names that are not ASCII.
    pub slugs: Slugs,
    /// Where media are published, when not beside their pages.
    pub media_base_url: Option<String>,
    /// Whether half-width punctuation in Chinese text is mended: `None` where each file decides.
    pub mend_punctuation: Option<bool>,
    /// Further heading words and page leftovers, by language and kind: (`zh`, `key_points`, `划重点`).
    pub words: Vec<(String, String, String)>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            title: None,
            description: None,
            base_url: None,
            language: None,
            timezone: "UTC".to_owned(),
            menu: Vec::new(),
            foot: None,
            head: None,
            subscribe: Vec::new(),
            page_size: 50,
            slugs: Slugs::Ascii,
            media_base_url: None,
            mend_punctuation: None,
            words: Vec::new(),
        }
    }
}
