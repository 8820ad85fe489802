//! Site settings: `podleaf.toml`, all of it optional.

use jiff::tz::TimeZone;
use serde::Serialize;
use uuid::Uuid;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::language::Language;
use crate::model::podcast::Category;
use crate::model::slug::Slugs;
use crate::source::SourceFile;
use crate::tree::{self, Node, Reader, Relative};

pub mod deploy;

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
    /// Whether pages have cards: pictures that stand for them where they are shared.
    pub cards: bool,
    /// Whether there is a page to search the archive, and an index for it.
    pub search: bool,
    /// Where media are published, when not beside their pages.
    pub media_base_url: Option<String>,
    /// Whether half-width punctuation in Chinese text is mended: `None` where each file decides.
    pub mend_punctuation: Option<bool>,
    /// Further heading words and page leftovers, by language and kind: (`zh`, `key_points`, `划重点`).
    pub words: Vec<(String, String, String)>,
    /// Who makes the shows, as feeds name them, for shows that say nothing themselves and for the feeds of the site.
    pub author: Option<String>,
    /// Whom directories ask, likewise.
    pub owner: Option<String>,
    /// The owner's address of mail, likewise.
    pub email: Option<String>,
    /// Copyright or licence line, likewise.
    pub copyright: Option<String>,
    /// Categories of directories, likewise.
    pub categories: Vec<Category>,
    /// Whether all is for adults, likewise.
    pub explicit: Option<bool>,
    /// The guid of the feed of the whole site, where it has one already.
    pub guid: Option<Uuid>,
    /// The address that opens the writer's editor from the preview: `vscode://file/{path}:{line}`. In no page.
    #[serde(skip)]
    pub editor: Option<String>,
    /// Where the site is deployed to, in the order of the file. In no page.
    #[serde(skip)]
    pub deploy: Vec<deploy::Target>,
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
            cards: true,
            search: true,
            media_base_url: None,
            mend_punctuation: None,
            words: Vec::new(),
            author: None,
            owner: None,
            email: None,
            copyright: None,
            categories: Vec::new(),
            explicit: None,
            guid: None,
            editor: None,
            deploy: Vec::new(),
        }
    }
}

/// The kinds of words that `[words.LANGUAGE]` can add to.
pub const WORD_KINDS: [&str; 12] = [
    "key_points",
    "background",
    "chapters",
    "closing",
    "related",
    "transcript",
    "listen",
    "leftovers",
    "cues",
    "speakers",
    "host_speakers",
    "part",
];

const KEYS: &[&str] = &[
    "title",
    "description",
    "base_url",
    "language",
    "timezone",
    "menu",
    "foot",
    "head",
    "subscribe",
    "page_size",
    "slugs",
    "cards",
    "search",
    "media_base_url",
    "mend_punctuation",
    "words",
    "author",
    "owner",
    "email",
    "copyright",
    "categories",
    "explicit",
    "guid",
    "editor",
    "deploy",
];

/// Reads `podleaf.toml`. What cannot be read keeps its default.
pub fn parse_config(file: &SourceFile) -> (Config, Diagnostics) {
    let (node, diagnostics) = tree::toml::parse_file(file);
    let mut reader = Reader::new(file);
    let mut config = Config::default();
    for entry in node.entries() {
        let key = entry.key.value.as_str();
        if KEYS.contains(&key) {
            take(&mut config, &mut reader, key, &entry.node);
        } else {
            reader.unknown(&entry.key, KEYS);
        }
    }
    // After a syntax error what follows from it would only repeat it.
    let diagnostics = if diagnostics.is_empty() { reader.diagnostics } else { diagnostics };
    (config, diagnostics)
}

fn take(config: &mut Config, reader: &mut Reader<'_>, key: &str, node: &Node) {
    match key {
        "title" => config.title = reader.text(key, node),
        "description" => config.description = reader.text(key, node),
        "foot" => config.foot = reader.text(key, node),
        "head" => config.head = reader.text(key, node),
        "base_url" => config.base_url = base_url(reader, key, node),
        "media_base_url" => config.media_base_url = base_url(reader, key, node),
        "language" => config.language = language(reader, key, node),
        "timezone" => config.timezone = timezone(reader, key, node).unwrap_or_else(|| "UTC".to_owned()),
        "menu" => config.menu = reader.links(key, node, Relative::Allowed),
        "subscribe" => config.subscribe = reader.links(key, node, Relative::Refused),
        "cards" => config.cards = reader.boolean(key, node).unwrap_or(true),
        "search" => config.search = reader.boolean(key, node).unwrap_or(true),
        "mend_punctuation" => config.mend_punctuation = reader.boolean(key, node),
        "author" => config.author = reader.text(key, node),
        "owner" => config.owner = reader.text(key, node),
        "email" => config.email = reader.email(key, node),
        "copyright" => config.copyright = reader.text(key, node),
        "categories" => config.categories = reader.categories(key, node),
        "explicit" => config.explicit = reader.boolean(key, node),
        "guid" => config.guid = reader.uuid(key, node),
        "editor" => config.editor = editor(reader, key, node),
        "deploy" => config.deploy = deploy::targets(reader, node),
        "slugs" => config.slugs = slugs(reader, key, node).unwrap_or_default(),
        "page_size" => {
            let size = reader.integer(key, node, 10..=500).and_then(|size| usize::try_from(size).ok());
            config.page_size = size.unwrap_or(config.page_size);
        }
        _ => config.words = words(reader, node),
    }
}

/// An address that the site or its media are below, ending in `/`.
fn base_url(reader: &mut Reader<'_>, key: &str, node: &Node) -> Option<String> {
    let mut url = reader.text(key, node)?;
    if is_base_url(&url) {
        if !url.ends_with('/') {
            url.push('/');
        }
        return Some(url);
    }
    let bare = url.rsplit("://").next().unwrap_or_default().trim_start_matches('/');
    let host = bare.split(['?', '#', ' ']).next().unwrap_or_default();
    let fixed = format!("https://{}/", if host.is_empty() { "example.org" } else { host.trim_end_matches('/') });
    let error = Diagnostic::error("bad-base-url", format!("`{key}` must be a full address without query"))
        .at(reader.file, node.span, "no `https://` with a host")
        .help(format!("write `{key} = \"{fixed}\"`"));
    reader.diagnostics.push(error);
    None
}

/// Whether a text is `http(s)://host…` without query, fragment, white space or quotes.
pub fn is_base_url(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let is_plain = |c: char| !c.is_control() && !c.is_whitespace() && !matches!(c, '?' | '#' | '\\' | '"' | '<' | '>');
    rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/') && rest.chars().all(is_plain))
}

/// An address of an editor's own scheme, which names the file; none that could run script in the preview.
fn editor(reader: &mut Reader<'_>, key: &str, node: &Node) -> Option<String> {
    let url = reader.text(key, node)?;
    let scheme = url.split_once(':').map_or("", |(scheme, _)| scheme);
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    let is_script = ["javascript", "data", "vbscript", "blob"].iter().any(|name| scheme.eq_ignore_ascii_case(name));
    if is_scheme && !is_script && url.contains("{path}") && !url.contains(char::is_control) {
        return Some(url);
    }
    let error = Diagnostic::error("bad-value", format!("`{key}` must be the address of a file in your editor"))
        .at(reader.file, node.span, "not such an address")
        .help(format!("write `{key} = \"vscode://file/{{path}}:{{line}}\"`"));
    reader.diagnostics.push(error);
    None
}

fn language(reader: &mut Reader<'_>, key: &str, node: &Node) -> Option<Language> {
    let text = reader.text(key, node)?;
    let language = Language::new(&text);
    if language.is_none() {
        let message = format!("`{key}` takes a language tag such as `en` or `zh-Hans`");
        reader.error("bad-language", message, node.span, "not a language tag");
    }
    language
}

fn timezone(reader: &mut Reader<'_>, key: &str, node: &Node) -> Option<String> {
    let name = reader.text(key, node)?;
    if name.eq_ignore_ascii_case("utc") || TimeZone::get(&name).is_ok() {
        return Some(name);
    }
    let error = Diagnostic::error("bad-timezone", format!("there is no time zone `{name}`"))
        .at(reader.file, node.span, "not in the IANA time zone database")
        .help("write a name such as `Asia/Shanghai` or `Europe/Berlin`");
    reader.diagnostics.push(error);
    None
}

fn slugs(reader: &mut Reader<'_>, key: &str, node: &Node) -> Option<Slugs> {
    match reader.text(key, node)?.as_str() {
        "ascii" => return Some(Slugs::Ascii),
        "unicode" => return Some(Slugs::Unicode),
        "pinyin" => return Some(Slugs::Pinyin),
        _ => {}
    }
    reader.error("bad-value", format!("`{key}` takes `ascii`, `unicode` or `pinyin`"), node.span, "none of these");
    None
}

fn words(reader: &mut Reader<'_>, node: &Node) -> Vec<(String, String, String)> {
    let mut words = Vec::new();
    for language in reader.table("words", node) {
        for kind in reader.table(&language.key.value, &language.node) {
            if !WORD_KINDS.contains(&kind.key.value.as_str()) {
                reader.unknown(&kind.key, &WORD_KINDS);
                continue;
            }
            for word in reader.texts(&kind.key.value, &kind.node) {
                words.push((language.key.value.clone(), kind.key.value.clone(), word.value));
            }
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::ContentHash;
    use crate::path::SitePath;

    fn parsed(text: &str) -> (Config, Vec<String>) {
        let path = SitePath::new("podleaf.toml").unwrap();
        let file = SourceFile { path, text: text.to_owned(), hash: ContentHash::of(b"") };
        let (config, diagnostics) = parse_config(&file);
        let found = |d: &Diagnostic| {
            let place = d.place.as_ref().unwrap();
            format!("{} {}:{} {}", d.code, place.line, place.column, d.help.join(" "))
        };
        (config, diagnostics.iter().map(found).collect())
    }

    #[test]
    fn all_settings_are_read() {
        let text = r#"
            title = "T"
            description = "D"
            base_url = "https://example.org/podcasts"
            language = "zh"
            timezone = "Asia/Shanghai"
            menu = [{ title = "Blog", url = "https://blog.example.org" }, { title = "A", url = "about/" }]
            foot = "F"
            head = "<meta>"
            page_size = 20
            slugs = "pinyin"
            media_base_url = "https://media.example.org/"
            mend_punctuation = true
            author = "A"
            owner = "O"
            email = "o@example.org"
            copyright = "C"
            categories = ["History"]
            explicit = false
            guid = "917393e3-1b1e-5cef-ace4-edaa54e1f810"
            editor = "vscode://file/{path}:{line}"
            [subscribe]
            "Pocket Casts" = "https://pca.st/x"
            Apple = "https://apple.example/x"
            [words.zh]
            key_points = ["划重点"]
        "#;
        let (config, found) = parsed(text);
        assert!(found.is_empty(), "{found:?}");
        assert_eq!(config.base_url.as_deref(), Some("https://example.org/podcasts/"));
        assert_eq!(config.editor.as_deref(), Some("vscode://file/{path}:{line}"));
        assert_eq!(config.subscribe[0].0, "Pocket Casts");
        assert_eq!((config.author.as_deref(), config.owner.as_deref()), (Some("A"), Some("O")));
        assert_eq!((config.email.as_deref(), config.copyright.as_deref()), (Some("o@example.org"), Some("C")));
        assert_eq!((config.categories[0].main, config.explicit), ("History", Some(false)));
        assert!(config.guid.is_some());
        assert_eq!(config.menu[1], ("A".to_owned(), "about/".to_owned()));
        assert_eq!(config.words, [("zh".to_owned(), "key_points".to_owned(), "划重点".to_owned())]);
        assert_eq!((config.page_size, config.slugs, config.mend_punctuation), (20, Slugs::Pinyin, Some(true)));
    }

    #[test]
    fn faults_have_places_and_fixes() {
        for (text, expected) in [
            ("base_url = 'example.org'", "bad-base-url 1:12 write `base_url = \"https://example.org/\"`"),
            ("base_url = 'ftp://a.b/c'", "bad-base-url 1:12 write `base_url = \"https://a.b/c/\"`"),
            ("\ntitel = 'x'", "unknown-key 2:1 did you mean `title`?"),
            ("title = 1", "wrong-type 1:9 "),
            ("editor = 'javascript:{path}'", "bad-value 1:10 write `editor = \"vscode://file/{path}:{line}\"`"),
            ("page_size = 5", "bad-value 1:13 "),
            ("email = 'Jane'", "bad-email 1:9 write `email = \"jane@example.org\"`"),
            ("categories = 'art'", "unknown-category 1:14 did you mean `Arts`?"),
            ("guid = '1'", "bad-guid 1:8 "),
            ("slugs = 'x'", "bad-value 1:9 "),
            ("timezone = 'Mars/Base'", "bad-timezone 1:12 write a name such as `Asia/Shanghai` or `Europe/Berlin`"),
            ("[words.zh]\nkey_point = ['a']", "unknown-key 2:1 did you mean `key_points`?"),
            ("[subscribe]\na = 'javascript:x'", "bad-url 2:5 write it in full: `https://example.org/path`"),
            ("a = ", "syntax 1:5 "),
        ] {
            assert_eq!(parsed(text).1, [expected], "{text}");
        }
        assert_eq!(parsed("").0, Config::default());
    }
}
