//! The block of settings at the top of an episode, its notes or a plain page.

use jiff::tz::TimeZone;

use self::keys::{KEYS, canonical, is_expiry, is_ignored};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::episode::{EpisodeMeta, EpisodeType};
use crate::model::language::Language;
use crate::model::person::{Credit, Role};
use crate::model::time::{MediaTime, Published};
use crate::parse::{dates, podcast};
use crate::path::{Route, SitePath};
use crate::source::{SourceFile, Span, Spanned};
use crate::tree::{self, Entry, Node, Reader, Relative, Value};

mod keys;

/// Where a file's front matter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrontMatter {
    /// How it is written.
    pub notation: Notation,
    /// What stands between the fences.
    pub block: Span,
    /// Where the body begins.
    pub body: usize,
    /// Whether the closing fence is there. Without it `block` is empty and the body begins below the first fence.
    pub closed: bool,
}

/// How front matter is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notation {
    /// Between lines of `+++`.
    Toml,
    /// Between lines of `---`.
    Yaml,
}

/// The front matter of a text, if it begins with one.
///
/// A `---` is a rule, not a fence, unless keys follow it.
///
/// ```
/// use podleaf::parse::front_matter::front_matter;
/// assert_eq!(front_matter("+++\ndraft = true\n+++\nHello").unwrap().body, 21);
/// assert!(front_matter("---\n\nHello").is_none());
/// ```
pub fn front_matter(text: &str) -> Option<FrontMatter> {
    let first = text.split_inclusive('\n').next()?;
    let notation = match first.trim_end() {
        "+++" => Notation::Toml,
        "---" => Notation::Yaml,
        _ => return None,
    };
    let start = first.len();
    let Some((end, body)) = closing_fence(text, start, notation) else {
        let is_rule = notation == Notation::Yaml && !begins_with_key(&text[start..]);
        let open = FrontMatter { notation, block: Span::new(start, start), body: start, closed: false };
        return (!is_rule).then_some(open);
    };
    let block = &text[start..end];
    if notation == Notation::Yaml && !block.trim().is_empty() && !begins_with_key(block) {
        return None;
    }
    Some(FrontMatter { notation, block: Span::new(start, end), body, closed: true })
}

/// Where the body of a file begins: behind the front matter, 0 where there is none.
pub fn front_matter_end(file: &SourceFile) -> usize {
    front_matter(&file.text).map_or(0, |front| front.body)
}

fn closing_fence(text: &str, start: usize, notation: Notation) -> Option<(usize, usize)> {
    let mut at = start;
    for line in text[start..].split_inclusive('\n') {
        let fence = line.trim_end();
        let closes = match notation {
            Notation::Toml => fence == "+++",
            Notation::Yaml => fence == "---" || fence == "...",
        };
        if closes {
            return Some((at, at + line.len()));
        }
        at += line.len();
    }
    None
}

/// Whether the first line that says something is a key: a name that is known or all lower case, then a colon; or any
/// name, if `title`, `date` or `draft` follows it before an empty line.
fn begins_with_key(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim_end).skip_while(|line| line.is_empty() || line.starts_with('#'));
    let Some((key, rest)) = lines.next().and_then(|line| line.split_once(':')) else { return false };
    let is_sure = |line: &str| ["title:", "date:", "draft:"].iter().any(|key| line.starts_with(key));
    let key = key.trim_matches(['"', '\'']);
    let is_name = key.starts_with(|c: char| c.is_ascii_alphabetic())
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
    let lower = key.to_ascii_lowercase();
    is_name
        && (rest.is_empty() || rest.starts_with([' ', '\t']))
        && (lower == key
            || canonical(&lower).is_some()
            || is_ignored(&lower)
            || lines.take_while(|line| !line.is_empty()).any(is_sure))
}

/// Reads the front matter of a file: what it declares, and where the body begins.
///
/// Days are those of `timezone`, an IANA name; an unknown one is the config's to report and counts as UTC.
pub fn parse_front_matter(file: &SourceFile, timezone: &str) -> (EpisodeMeta, usize, Diagnostics) {
    let Some(front) = front_matter(&file.text) else { return (EpisodeMeta::default(), 0, Diagnostics::new()) };
    if !front.closed {
        return (EpisodeMeta::default(), front.body, Diagnostics::from_iter([unclosed(file, front)]));
    }
    let (node, diagnostics) = match front.notation {
        Notation::Toml => tree::toml::parse(file, front.block),
        Notation::Yaml => tree::yaml::parse(file, front.block),
    };
    let zone = dates::time_zone(timezone).unwrap_or(TimeZone::UTC);
    let mut reader = MetaReader::new(Reader::new(file), &zone);
    reader.entries(&node);
    let (meta, found) = reader.finish();
    // After a syntax error what follows from it would only repeat it.
    let diagnostics = if diagnostics.is_empty() { found } else { diagnostics };
    (meta, front.body, diagnostics)
}

fn unclosed(file: &SourceFile, front: FrontMatter) -> Diagnostic {
    let fence = if front.notation == Notation::Toml { "+++" } else { "---" };
    Diagnostic::error("unclosed-front-matter", "the front matter has no end")
        .at(file, Span::new(0, 3), "opened here")
        .help(format!("put a line `{fence}` below the last setting"))
}

struct MetaReader<'f> {
    reader: Reader<'f>,
    zone: &'f TimeZone,
    meta: EpisodeMeta,
    hosts: Vec<Credit>,
    guests: Vec<Credit>,
    speakers: Vec<Credit>,
}

impl<'f> MetaReader<'f> {
    fn new(reader: Reader<'f>, zone: &'f TimeZone) -> Self {
        let meta = EpisodeMeta::default();
        Self { reader, zone, meta, hosts: Vec::new(), guests: Vec::new(), speakers: Vec::new() }
    }

    fn finish(mut self) -> (EpisodeMeta, Diagnostics) {
        for credit in self.hosts.into_iter().chain(self.guests).chain(self.speakers) {
            if !self.meta.people.iter().any(|known| known.name.value == credit.name.value) {
                self.meta.people.push(credit);
            }
        }
        (self.meta, self.reader.diagnostics)
    }

    /// Nested tables first, then other spellings, then our own keys, so that the plainest one wins.
    fn entries(&mut self, node: &Node) {
        let entries = node.entries();
        for entry in entries {
            if matches!(lower(entry).as_str(), "extra" | "params" | "taxonomies" | "taxonomy") {
                self.known(entry.node.entries());
            }
        }
        self.known(entries);
        for entry in entries {
            let name = lower(entry);
            let is_nested = matches!(name.as_str(), "extra" | "params" | "taxonomies" | "taxonomy");
            if !is_nested && canonical(&name).is_none() && (!is_ignored(&name) || is_expiry(&name)) {
                self.unknown(entry, &name);
            }
        }
    }

    fn unknown(&mut self, entry: &Entry, name: &str) {
        let (why, help) = match name {
            "url" | "permalink" | "path" => {
                ("set the address", "use `slug` for the last part of the address, `aliases` for earlier ones")
            }
            _ if is_expiry(name) => ("take an episode off the site", "set `draft = true` once it is to go"),
            _ => return self.reader.unknown(&entry.key, KEYS),
        };
        let warning = Diagnostic::warning("unknown-key", format!("`{}` does not {why}", entry.key.value));
        let warning = warning.at(self.reader.file, entry.key.span, "not read by anything").help(help);
        self.reader.diagnostics.push(warning);
    }

    fn known(&mut self, entries: &[Entry]) {
        for is_own_name in [false, true] {
            for entry in entries {
                let name = lower(entry);
                match canonical(&name) {
                    Some(key) if (key == name) == is_own_name => self.key(key, &entry.key.value, &entry.node),
                    _ => {}
                }
            }
        }
    }

    /// Takes over one value. `name` is the key as written, for messages.
    fn key(&mut self, key: &str, name: &str, node: &Node) {
        let (reader, meta) = (&mut self.reader, &mut self.meta);
        match key {
            "title" => set(&mut meta.title, reader.text(name, node)),
            "description" => set(&mut meta.description, reader.text(name, node)),
            "draft" => meta.draft |= reader.boolean(name, node) == Some(true),
            "published" => {
                meta.draft |= matches!(&node.value, Value::Boolean(false)) || is_word(node, &["false", "no"])
            }
            "status" => meta.draft |= is_word(node, &["draft", "private", "pending"]),
            "explicit" => set(&mut meta.explicit, explicit(reader, name, node)),
            "menu" => set(&mut meta.menu, menu(reader, name, node)),
            "season" => set(&mut meta.season, small(reader, name, node)),
            "episode" => set(&mut meta.episode, small(reader, name, node)),
            "tags" => extend(&mut meta.tags, reader.texts(name, node)),
            "series" => extend(&mut meta.series, reader.texts(name, node)),
            "guid" => set(&mut meta.guid, reader.spanned(name, node)),
            "audio_type" => set(&mut meta.audio_type, reader.text(name, node)),
            "audio_length" => set(&mut meta.audio_length, length(reader, name, node)),
            "lang" => set(&mut meta.language, language(reader, name, node)),
            "date" => set(&mut meta.date, day(reader, self.zone, name, node)),
            "updated" => set(&mut meta.updated, day(reader, self.zone, name, node)),
            "duration" => set(&mut meta.duration, duration(reader, name, node)),
            "episode_type" => set(&mut meta.episode_type, episode_type(reader, name, node)),
            "slug" => set(&mut meta.slug, slug(reader, name, node)),
            "aliases" => meta.aliases.extend(aliases(reader, name, node)),
            "listen" => set(&mut meta.listen_url, reader.url(name, node, Relative::Allowed)),
            "original" => set(&mut meta.original, original(reader, name, node)),
            "image" => set(&mut meta.image, media(reader, name, node)),
            "synthetic" => set(&mut meta.synthetic, podcast::synthetic(reader, name, node)),
            "block" => meta.block |= reader.boolean(name, node) == Some(true),
            "license" => set(&mut meta.license, podcast::license(reader, name, node)),
            "location" => meta.location.extend(podcast::locations(reader, name, node)),
            "soundbites" => meta.soundbites.extend(podcast::soundbites(reader, name, node)),
            "funding" => meta.funding.extend(podcast::links(reader, name, node)),
            "content_links" => meta.content_links.extend(podcast::links(reader, name, node)),
            "alternate_enclosures" => {
                meta.alternate_enclosures.extend(podcast::alternate_enclosures(reader, name, node));
            }
            "social_interact" => meta.social_interact.extend(podcast::social_interact(reader, name, node)),
            "txt" => meta.txt.extend(podcast::txt(reader, name, node)),
            "audio" => self.audio(name, node),
            "hosts" => self.hosts.extend(credits(reader, name, node, Some(Role::Host))),
            "guests" => self.guests.extend(credits(reader, name, node, Some(Role::Guest))),
            _ if is_label_table(name, node) => self.speaker_names(name, node),
            _ => self.speakers.extend(credits(reader, name, node, None)),
        }
    }

    /// Labels of a timed transcript and whom they stand for.
    fn speaker_names(&mut self, name: &str, node: &Node) {
        for entry in node.entries() {
            let key = format!("{name}.{}", entry.key.value);
            if let Some(person) = self.reader.spanned(&key, &entry.node) {
                self.meta.speaker_names.push((entry.key.value.clone(), person.value.clone()));
                self.speakers.push(Credit { name: person, role: None });
            }
        }
    }

    /// A file name or address, or a table with `url`, `length`, `type` and `duration`.
    fn audio(&mut self, name: &str, node: &Node) {
        if let Value::Table(entries) = &node.value {
            for entry in entries {
                match lower(entry).as_str() {
                    "length" | "bytes" | "size" => self.key("audio_length", &entry.key.value, &entry.node),
                    "type" | "mime" => self.key("audio_type", &entry.key.value, &entry.node),
                    "duration" => self.key("duration", &entry.key.value, &entry.node),
                    _ => {}
                }
            }
        }
        set(&mut self.meta.audio, media(&mut self.reader, name, node));
    }
}

/// `speakers = { SPEAKER_00 = "Ann Li" }`, and not one person with a `name`.
fn is_label_table(name: &str, node: &Node) -> bool {
    let is_label = |entry: &Entry| !matches!(lower(entry).as_str(), "name" | "title" | "id");
    name == "speakers" && matches!(node.value, Value::Table(_)) && node.entries().iter().all(is_label)
}

fn lower(entry: &Entry) -> String {
    entry.key.value.to_ascii_lowercase().replace('-', "_")
}

/// Other generators' words for what is not to be seen.
fn is_word(node: &Node, words: &[&str]) -> bool {
    match &node.value {
        Value::Text(text) | Value::Plain(text) => words.iter().any(|word| text.trim().eq_ignore_ascii_case(word)),
        _ => false,
    }
}

fn set<T>(slot: &mut Option<T>, value: Option<T>) {
    if value.is_some() {
        *slot = value;
    }
}

fn extend(list: &mut Vec<Spanned<String>>, more: Vec<Spanned<String>>) {
    for item in more {
        if !list.iter().any(|known| known.value == item.value) {
            list.push(item);
        }
    }
}

fn day(reader: &mut Reader<'_>, zone: &TimeZone, name: &str, node: &Node) -> Option<Published> {
    let text = match &node.value {
        Value::Date(text) | Value::Text(text) | Value::Plain(text) => text,
        Value::Null => return None,
        _ => {
            reader.wrong_type(name, node, "a date such as 2026-03-14");
            return None;
        }
    };
    let published = dates::published(text, zone);
    if published.is_none() {
        let message = format!("`{name}` is no date in the calendar");
        let error = Diagnostic::error("bad-date", message).at(reader.file, node.span, "not a date");
        reader.diagnostics.push(error.help("write year, month and day: `2026-03-14`"));
    }
    published
}

fn explicit(reader: &mut Reader<'_>, name: &str, node: &Node) -> Option<bool> {
    match &node.value {
        Value::Text(text) | Value::Plain(text) if text.eq_ignore_ascii_case("clean") => Some(false),
        Value::Text(text) | Value::Plain(text) if text.eq_ignore_ascii_case("explicit") => Some(true),
        _ => reader.boolean(name, node),
    }
}

/// Hugo has names and tables of menus here; a number is the place in ours.
fn menu(reader: &mut Reader<'_>, name: &str, node: &Node) -> Option<i64> {
    match &node.value {
        Value::Integer(_) => reader.integer(name, node, -1_000_000..=1_000_000),
        Value::Plain(text) | Value::Text(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn small(reader: &mut Reader<'_>, name: &str, node: &Node) -> Option<u32> {
    reader.integer(name, node, 0..=1_000_000).and_then(|number| u32::try_from(number).ok())
}

fn length(reader: &mut Reader<'_>, name: &str, node: &Node) -> Option<Spanned<u64>> {
    let number = reader.integer(name, node, 0..=i64::MAX)?;
    Some(Spanned { value: u64::try_from(number).ok()?, span: node.span })
}

fn duration(reader: &mut Reader<'_>, name: &str, node: &Node) -> Option<Spanned<MediaTime>> {
    let text = match &node.value {
        Value::Null => return None,
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        // TOML reads `01:02:03` as a time of day.
        Value::Date(text) | Value::Text(text) | Value::Plain(text) => text.clone(),
        _ => {
            reader.wrong_type(name, node, "a length of time such as \"1:02:03\"");
            return None;
        }
    };
    let duration = dates::duration(&text);
    if duration.is_none() {
        let message = format!("`{name}` takes a length of time: \"1:02:03\", \"02:03\", seconds or \"PT1H2M3S\"");
        reader.error("bad-duration", message, node.span, "not a length of time");
    }
    duration.map(|value| Spanned { value, span: node.span })
}

pub(super) fn language(reader: &mut Reader<'_>, name: &str, node: &Node) -> Option<Language> {
    let text = reader.text(name, node)?;
    let language = Language::new(&text);
    if language.is_none() {
        let message = format!("`{name}` takes a language tag such as `en` or `zh-Hans`");
        reader.error("bad-language", message, node.span, "not a language tag");
    }
    language
}

fn episode_type(reader: &mut Reader<'_>, name: &str, node: &Node) -> Option<EpisodeType> {
    match reader.text(name, node)?.to_ascii_lowercase().as_str() {
        "full" => return Some(EpisodeType::Full),
        "trailer" => return Some(EpisodeType::Trailer),
        "bonus" => return Some(EpisodeType::Bonus),
        _ => {}
    }
    reader.error("bad-value", format!("`{name}` takes `full`, `trailer` or `bonus`"), node.span, "none of these");
    None
}

pub(super) fn slug(reader: &mut Reader<'_>, name: &str, node: &Node) -> Option<Spanned<String>> {
    let text = match &node.value {
        Value::Null => return None,
        Value::Text(text) | Value::Plain(text) => text.trim(),
        _ => {
            reader.wrong_type(name, node, "text");
            return None;
        }
    };
    let ok = !text.is_empty() && text.len() <= 200 && !text.starts_with('.') && !text.contains(['/', '\\']);
    if ok && !text.chars().any(char::is_control) {
        return Some(Spanned { value: text.to_owned(), span: node.span });
    }
    let message = format!("`{name}` must be one part of an address");
    let error = Diagnostic::error("bad-slug", message).at(reader.file, node.span, "not usable in an address");
    reader.diagnostics.push(error.help("no `/` or `\\`, no dot at its start; `aliases` can hold whole paths"));
    None
}

fn aliases(reader: &mut Reader<'_>, name: &str, node: &Node) -> Vec<Spanned<String>> {
    let mut aliases = Vec::new();
    for Spanned { value, span } in reader.texts(name, node) {
        let route = if value.starts_with('/') { value.clone() } else { format!("/{value}") };
        if Route::new(route.clone()).is_some() && !value.contains(['?', '#', ':']) {
            aliases.push(Spanned { value: route, span });
            continue;
        }
        let message = format!("`{name}` has a path that cannot be an address of this site");
        let error = Diagnostic::error("bad-alias", message).at(reader.file, span, "not a path within the site");
        reader.diagnostics.push(error.help("write it from the site's root, without `..`: `/old/name/`"));
    }
    aliases
}

fn original(reader: &mut Reader<'_>, name: &str, node: &Node) -> Option<String> {
    let named = |entry: &&Entry| matches!(lower(entry).as_str(), "url" | "link" | "title" | "name");
    match node.entries().iter().find(named) {
        Some(entry) => reader.text(&entry.key.value, &entry.node),
        None => reader.text(name, node),
    }
}

/// A file name or address, or a table that holds one.
fn media(reader: &mut Reader<'_>, name: &str, node: &Node) -> Option<Spanned<String>> {
    let node = match &node.value {
        Value::Table(entries) => {
            let named = |e: &&Entry| matches!(lower(e).as_str(), "url" | "src" | "file" | "path" | "image" | "href");
            &entries.iter().find(named)?.node
        }
        _ => node,
    };
    let text = reader.spanned(name, node)?;
    if text.value.contains("://") || text.value.contains(':') && !text.value.contains('.') {
        return reader.url(name, node, Relative::Refused).map(|value| Spanned { value, span: text.span });
    }
    if SitePath::new(text.value.trim_start_matches("./").trim_start_matches('/')).is_none() || text.value.contains('\\')
    {
        let message = format!("`{name}` takes the name of a file of the site or a full address");
        reader.error("bad-path", message, node.span, "not a path within the site");
        return None;
    }
    Some(text)
}

/// People by name, or as tables with `name`.
pub(super) fn credits(reader: &mut Reader<'_>, name: &str, node: &Node, role: Option<Role>) -> Vec<Credit> {
    let (nodes, is_list) = match &node.value {
        Value::List(nodes) => (nodes.as_slice(), true),
        _ => (std::slice::from_ref(node), false),
    };
    let mut credits = Vec::new();
    for node in nodes {
        let named = node.entries().iter().find(|entry| matches!(lower(entry).as_str(), "name" | "title" | "id"));
        let names = match named {
            Some(entry) => reader.spanned(&entry.key.value, &entry.node).into_iter().collect(),
            // A name in a list is one name: `["Sam Doe, Jr."]`.
            None if is_list => reader.spanned(name, node).into_iter().collect(),
            None => reader.texts(name, node),
        };
        credits.extend(names.into_iter().map(|name| Credit { name, role }));
    }
    credits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::ContentHash;

    fn parsed(text: &str) -> (EpisodeMeta, Vec<String>) {
        let file = SourceFile { path: SitePath::new("a.md").unwrap(), text: text.into(), hash: ContentHash::of(b"") };
        let (meta, body, diagnostics) = parse_front_matter(&file, "UTC");
        assert_eq!(body, front_matter_end(&file));
        let found = |d: &Diagnostic| {
            let place = d.place.as_ref().unwrap();
            format!("{} {}:{} {}", d.code, place.line, place.column, &place.source_line[place.range.0..place.range.1])
        };
        (meta, diagnostics.iter().map(found).collect())
    }

    fn toml(block: &str) -> (EpisodeMeta, Vec<String>) {
        parsed(&format!("+++\n{block}\n+++\nBody"))
    }

    fn yaml(block: &str) -> (EpisodeMeta, Vec<String>) {
        parsed(&format!("---\n{block}\n---\nBody"))
    }

    #[test]
    fn fences_need_keys() {
        let body = |text: &'static str| front_matter(text).map_or(text, |front| &text[front.body..]);
        assert_eq!(body("+++\n+++\nA"), "A");
        assert_eq!(body("---\n---\nA"), "A");
        assert_eq!(body("---\ntitle: x\n...\nA"), "A");
        assert_eq!(body("---\n# c\nTitle: x\n---"), "");
        for text in
            ["---\n\nA\n\n---\nB", "---\nJohn: hello\n\n---\n", "---\nA", "----\na: b\n---\n", "", "A\n---\na: b\n---"]
        {
            assert_eq!(body(text), text);
        }
    }

    #[test]
    fn an_open_fence_is_an_error() {
        assert_eq!(parsed("+++\ntitle = 'x'\n").1, ["unclosed-front-matter 1:1 +++"]);
        assert_eq!(parsed("---\ntitle: x\n").1, ["unclosed-front-matter 1:1 ---"]);
        assert!(parsed("---\nHello there\n").1.is_empty());
    }

    #[test]
    fn both_notations_say_the_same() {
        let (one, found) = toml(
            "title = 'A'\ndate = 2026-03-14\ndraft = true\nslug = 's'\ndescription = 'd'\ntags = ['a', 'b']\nseason = 1\n\
             episode = 42\nepisode_type = 'bonus'\naudio = 'a.mp3'\nduration = '1:02:03'\nhosts = ['H']\nguests = ['G']\n\
             explicit = false\nlang = 'zh-CN'\naliases = ['/old/']\nguid = 'g'\nlisten = 'https://a.b'\nmenu = 2",
        );
        assert_eq!(found, [""; 0]);
        let (two, found) = yaml(
            "title: A\ndate: 2026-03-14\ndraft: true\nslug: s\nsummary: d\ntags: a, b\nseason: 1\nepisode_number: 42\n\
             episode_type: Bonus\nmedia: {url: a.mp3}\npodcast_duration: 3723\nhosts: [H]\nguests: G\nexplicit: clean\n\
             language: zh-CN\naliases: [old/]\nguid: g\nlisten: https://a.b\nmenu: 2",
        );
        assert_eq!(found, [""; 0]);
        // The two are written in different places: their spans are put aside.
        fn without_spans(value: &mut serde_json::Value) {
            match value {
                serde_json::Value::Object(fields) => {
                    fields.remove("span");
                    fields.values_mut().for_each(without_spans);
                }
                serde_json::Value::Array(items) => items.iter_mut().for_each(without_spans),
                _ => {}
            }
        }
        let plain = |meta: &EpisodeMeta| {
            let mut json = serde_json::to_value(meta).unwrap();
            without_spans(&mut json);
            json
        };
        assert_eq!(plain(&one), plain(&two));
        assert_eq!((one.menu, one.episode, one.people.len()), (Some(2), Some(42), 2));
    }

    #[test]
    fn words_stay_as_written() {
        for word in ["yes", "010", "1.10", "null x", "2026-03-14", "0x10"] {
            let (meta, found) = yaml(&format!("title: {word}\ntags: [no, 007]"));
            assert_eq!((meta.title.as_deref(), found), (Some(word), vec![]));
            assert_eq!(meta.tags.iter().map(|tag| tag.value.as_str()).collect::<Vec<_>>(), ["no", "007"]);
        }
    }

    #[test]
    fn wrong_types_are_errors_at_the_value() {
        assert_eq!(toml("title = ['a', 1]").1, ["wrong-type 2:9 ['a', 1]"]);
        assert_eq!(
            yaml(
                "draft: no
title: [a, 1]"
            )
            .1,
            ["wrong-type 3:8 ["]
        );
        assert_eq!(toml("draft = 'maybe'").1, ["wrong-type 2:9 'maybe'"]);
        assert_eq!(toml("episode = 'x'").1, ["wrong-type 2:11 'x'"]);
        assert_eq!(yaml("title: x\nseason: many").1, ["wrong-type 3:9 many"]);
    }

    #[test]
    fn bad_values_have_names() {
        assert_eq!(yaml("date: 2024-02-30").1, ["bad-date 2:7 2024-02-30"]);
        assert_eq!(toml("date = '99999-01-01'").1, ["bad-date 2:8 '99999-01-01'"]);
        assert_eq!(toml("date = 2024-02-30").1, ["bad-date 2:8 2024-02-30"]);
        assert_eq!(toml("date = 99999-01-01").1.len(), 1);
        assert_eq!(toml("duration = 'long'").1, ["bad-duration 2:12 'long'"]);
        for slug in ["../a", "a/b", "", ".", ".a", "a\\\\b"] {
            assert_eq!(toml(&format!("slug = \"{slug}\"")).1.len(), 1, "{slug}");
        }
        for alias in ["../a", "/a/../b", "https://a.b/c", "a//b"] {
            assert!(toml(&format!("aliases = ['{alias}']")).1[0].starts_with("bad-alias"), "{alias}");
        }
        assert!(toml("listen = 'javascript:a'").1[0].starts_with("bad-url"));
        assert!(toml("audio = '../a.mp3'").1[0].starts_with("bad-path"));
        assert!(toml("audio = 'ftp://a.b/c.mp3'").1[0].starts_with("bad-url"));
        assert!(toml("lang = 'english please'").1[0].starts_with("bad-language"));
    }

    #[test]
    fn keys_that_nobody_reads_are_named() {
        assert_eq!(toml("titel = 'a'").1, ["unknown-key 2:1 titel"]);
        assert_eq!(toml("url = '/a'").1, ["unknown-key 2:1 url"]);
        assert!(toml("weight = 1\nlayout = 'x'\n[extra]\nfoo = 1\n[params]\nbar = 2").1.is_empty());
        let (meta, found) = toml("[taxonomies]\ntags = ['a']\n[extra]\nguests = ['G']\nepisode = 3");
        assert_eq!((meta.tags.len(), meta.people.len(), meta.episode, found.len()), (1, 1, Some(3), 0));
        let (meta, _) =
            yaml("summary: one\ndescription: two\nextra:\n  description: three\nauthors:\n  - name: Jane\n  - Joe");
        assert_eq!(meta.description.as_deref(), Some("two"));
        assert_eq!(meta.people.iter().map(|c| c.name.value.as_str()).collect::<Vec<_>>(), ["Jane", "Joe"]);
    }

    #[test]
    fn faults_of_the_notation_count_lines_in_the_file() {
        assert!(toml("title = 'a'\nb = = 1").1[0].starts_with("syntax 3:"));
        assert!(yaml("title: Ep: 2").1[0].starts_with("syntax 2:"));
        assert!(toml("title = 'a'\ntitle = 'b'").1[0].starts_with("duplicate-key 3:1"));
        assert!(yaml("title: a\ntitle: b").1[0].starts_with("duplicate-key 3:1"));
        assert!(!toml(&format!("a = {}", "[".repeat(50_000))).1.is_empty());
        assert!(!toml(&format!("a = {}", "{a=".repeat(50_000))).1.is_empty());
        assert!(!toml(&format!("[{}a]", "a.".repeat(50_000))).1.is_empty());
    }
}
