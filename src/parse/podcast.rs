//! Values of settings that only feeds need, as `show.toml` and front matter write them. Lengths and words are those of
//! Podcasting 2.0 (`docs/tags/*.md` of `Podcastindex-org/podcast-namespace`).

use jiff::tz::TimeZone;

use crate::diagnostic::Diagnostic;
use crate::model::podcast::{
    AlternateEnclosure, Block, CHAT_PROTOCOLS, Chat, License, Location, MEDIA, RemoteItem, SOCIAL_PROTOCOLS, ShowType,
    SocialInteract, Soundbite, Synthetic, Trailer, Txt, UpdateFrequency,
};
use crate::model::time::{MediaTime, Published};
use crate::parse::dates;
use crate::tree::{Node, Reader, Relative, Value, nearest};

/// Characters of a name or a title.
const MAX_NAME: usize = 128;
/// Characters of a text with a purpose.
const MAX_TEXT: usize = 4000;

/// The entries of a table, each with the key that it is known by. Others are warned of.
struct Fields<'n>(Vec<(&'static str, &'n Node)>);

impl<'n> Fields<'n> {
    fn new(reader: &mut Reader<'_>, key: &str, node: &'n Node, known: &'static [&'static str]) -> Self {
        let mut fields = Vec::new();
        for entry in reader.table(key, node) {
            match known.iter().find(|own| entry.key.value.eq_ignore_ascii_case(own)) {
                Some(own) => fields.push((*own, &entry.node)),
                None => reader.unknown(&entry.key, known),
            }
        }
        Self(fields)
    }

    fn get(&self, key: &str) -> Option<&'n Node> {
        self.0.iter().find(|(own, _)| *own == key).map(|(_, node)| *node)
    }

    fn text(&self, reader: &mut Reader<'_>, key: &str) -> Option<String> {
        short(reader, key, self.get(key)?, MAX_NAME)
    }

    fn url(&self, reader: &mut Reader<'_>, key: &str) -> Option<String> {
        reader.url(key, self.get(key)?, Relative::Refused)
    }

    fn number(&self, reader: &mut Reader<'_>, key: &str) -> Option<u64> {
        reader.integer(key, self.get(key)?, 0..=i64::MAX).and_then(|number| u64::try_from(number).ok())
    }

    fn small(&self, reader: &mut Reader<'_>, key: &str) -> Option<u32> {
        reader.integer(key, self.get(key)?, 0..=1_000_000).and_then(|number| u32::try_from(number).ok())
    }

    fn date(&self, reader: &mut Reader<'_>, key: &str) -> Option<Published> {
        let node = self.get(key)?;
        let text = match &node.value {
            Value::Date(text) | Value::Text(text) | Value::Plain(text) => text,
            _ => {
                reader.wrong_type(key, node, "a date such as 2026-03-14");
                return None;
            }
        };
        let date = dates::published(text, &TimeZone::UTC);
        if date.is_none() {
            reader.error("bad-date", format!("`{key}` is no date in the calendar"), node.span, "not a date");
        }
        date
    }

    fn time(&self, reader: &mut Reader<'_>, key: &str) -> Option<MediaTime> {
        let node = self.get(key)?;
        let text = match &node.value {
            Value::Integer(number) => number.to_string(),
            Value::Float(number) => number.to_string(),
            Value::Date(text) | Value::Text(text) | Value::Plain(text) => text.clone(),
            _ => {
                reader.wrong_type(key, node, "a time such as \"12:34\", or seconds");
                return None;
            }
        };
        let time = dates::duration(&text);
        if time.is_none() {
            reader.error("bad-duration", format!("`{key}` takes a time: \"12:34\" or seconds"), node.span, "no time");
        }
        time
    }
}

/// Text of so many characters at most; a longer one is kept, as apps cut it where they like.
fn short(reader: &mut Reader<'_>, key: &str, node: &Node, max: usize) -> Option<String> {
    let text = reader.text(key, node)?;
    if text.chars().count() > max {
        let message = format!("`{key}` is longer than {max} characters, which apps cut off");
        let warning = Diagnostic::warning("too-long", message).at(reader.file, node.span, "too long");
        reader.diagnostics.push(warning.help("say it in fewer words"));
    }
    Some(text)
}

/// One of a few words; the nearest one is offered for another.
fn one_of(reader: &mut Reader<'_>, key: &str, node: &Node, known: &[&'static str]) -> Option<&'static str> {
    let text = reader.text(key, node)?;
    let found = known.iter().find(|own| own.eq_ignore_ascii_case(&text)).copied();
    if found.is_none() {
        let message = format!("`{key}` takes one of `{}`", known.join("`, `"));
        let error = Diagnostic::error("bad-value", message).at(reader.file, node.span, "none of these");
        let near = nearest(&text, known).map(|near| format!("did you mean `{near}`?"));
        reader.diagnostics.push(near.into_iter().fold(error, Diagnostic::help));
    }
    found
}

/// What is needed and not there.
fn missing(reader: &mut Reader<'_>, key: &str, node: &Node, needed: &str, example: &str) {
    let error = Diagnostic::error("wrong-type", format!("`{key}` needs {needed}"))
        .at(reader.file, node.span, format!("this is {}", node.kind()))
        .help(format!("write `{key} = {example}`"));
    reader.diagnostics.push(error);
}

/// A value, or a list of such values.
fn each<'n, T>(node: &'n Node, mut one: impl FnMut(&'n Node) -> Option<T>) -> Vec<T> {
    match &node.value {
        Value::List(nodes) => nodes.iter().filter_map(one).collect(),
        Value::Null => Vec::new(),
        _ => one(node).into_iter().collect(),
    }
}

/// Titles and addresses whose titles are of a length that apps show.
pub(super) fn links(reader: &mut Reader<'_>, key: &str, node: &Node) -> Vec<(String, String)> {
    let links = reader.links(key, node, Relative::Refused);
    if links.iter().any(|(title, _)| title.chars().count() > MAX_NAME) {
        let message = format!("`{key}` has a title of more than {MAX_NAME} characters, which apps cut off");
        let warning = Diagnostic::warning("too-long", message).at(reader.file, node.span, "too long");
        reader.diagnostics.push(warning.help("say it in fewer words"));
    }
    links
}

/// What a machine made: `transcript`, `translation`, `voice`; `false` or an empty list says that it made nothing.
pub(super) fn synthetic(reader: &mut Reader<'_>, key: &str, node: &Node) -> Option<Vec<Synthetic>> {
    if matches!(node.value, Value::Null) {
        return None;
    }
    if matches!(node.value, Value::Boolean(false)) {
        return Some(Vec::new());
    }
    let names = Synthetic::ALL.map(|(name, _)| name);
    let mut found = Vec::new();
    for text in reader.texts(key, node) {
        let known = Synthetic::ALL.iter().find(|(name, _)| text.value.eq_ignore_ascii_case(name));
        match known {
            Some((_, own)) => found.push(*own),
            None => {
                let message = format!("`{key}` takes `{}`", names.join("`, `"));
                let error = Diagnostic::error("bad-value", message).at(reader.file, text.span, "none of these");
                let near = nearest(&text.value, &names).map(|near| format!("did you mean `{near}`?"));
                reader.diagnostics.push(near.into_iter().fold(error, Diagnostic::help));
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    Some(found)
}

/// A licence by its slug, or a table with `name` and `url`.
pub(super) fn license(reader: &mut Reader<'_>, key: &str, node: &Node) -> Option<License> {
    if !matches!(node.value, Value::Table(_)) {
        return short(reader, key, node, MAX_NAME).map(|name| License { name: name.to_lowercase(), url: None });
    }
    let fields = Fields::new(reader, key, node, &["name", "url"]);
    match (fields.text(reader, "name"), fields.url(reader, "url")) {
        (Some(name), url) => Some(License { name, url }),
        (None, _) => {
            missing(reader, key, node, "a `name`", "{ name = \"Ours\", url = \"https://example.org/licence\" }");
            None
        }
    }
}

/// Places: a name, a table with `name`, or a list of these.
pub(super) fn locations(reader: &mut Reader<'_>, key: &str, node: &Node) -> Vec<Location> {
    each(node, |node| {
        if !matches!(node.value, Value::Table(_)) {
            let name = short(reader, key, node, MAX_NAME)?;
            return Some(Location { name, rel: None, geo: None, osm: None, country: None });
        }
        let fields = Fields::new(reader, key, node, &["name", "rel", "geo", "osm", "country"]);
        let rel = fields.get("rel").and_then(|node| one_of(reader, "rel", node, &["subject", "creator"]));
        let Some(name) = fields.text(reader, "name") else {
            missing(reader, key, node, "a `name`", "{ name = \"Port Aldery\", geo = \"geo:30.27,-97.74\" }");
            return None;
        };
        Some(Location {
            name,
            rel: rel.map(str::to_owned),
            geo: fields.text(reader, "geo"),
            osm: fields.text(reader, "osm"),
            country: fields.text(reader, "country"),
        })
    })
}

/// Trailers: tables with `title`, `url` and `date`. Days are those of UTC.
pub(super) fn trailers(reader: &mut Reader<'_>, key: &str, node: &Node) -> Vec<Trailer> {
    each(node, |node| {
        let fields = Fields::new(reader, key, node, &["title", "url", "date", "length", "type", "season"]);
        let needed = (fields.text(reader, "title"), fields.url(reader, "url"), fields.date(reader, "date"));
        let (Some(title), Some(url), Some(date)) = needed else {
            let example = "{ title = \"Soon\", url = \"https://example.org/soon.mp3\", date = 2026-03-14 }";
            missing(reader, key, node, "`title`, `url` and `date`", example);
            return None;
        };
        let (length, media_type) = (fields.number(reader, "length"), fields.text(reader, "type"));
        Some(Trailer { title, url, date, length, media_type, season: fields.small(reader, "season") })
    })
}

/// Other feeds: tables with `guid`.
pub(super) fn remote_items(reader: &mut Reader<'_>, key: &str, node: &Node) -> Vec<RemoteItem> {
    each(node, |node| {
        let fields = Fields::new(reader, key, node, &["guid", "url", "title", "medium"]);
        let guid = fields.get("guid").and_then(|node| reader.uuid("guid", node));
        let Some(guid) = guid else {
            let example = "{ guid = \"917393e3-1b1e-5cef-ace4-edaa54e1f810\", url = \"https://example.org/feed.xml\" }";
            missing(reader, key, node, "the `guid` of the other feed", example);
            return None;
        };
        let medium = fields.get("medium").and_then(|node| medium(reader, "medium", node));
        let (url, title) = (fields.url(reader, "url"), fields.text(reader, "title"));
        Some(RemoteItem { guid: guid.to_string(), url, title, medium })
    })
}

/// What a show is: a word of `podcast:medium`, with an `L` behind it for a list.
pub(super) fn medium(reader: &mut Reader<'_>, key: &str, node: &Node) -> Option<String> {
    let text = reader.text(key, node)?;
    let bare = text.strip_suffix('L').unwrap_or(&text);
    if text == "mixed" || MEDIA.contains(&bare) {
        return Some(text);
    }
    one_of(reader, key, node, &MEDIA).map(str::to_owned)
}

/// A rule of RFC 5545, or a table with `rule` and `from`.
pub(super) fn update_frequency(reader: &mut Reader<'_>, key: &str, node: &Node) -> Option<UpdateFrequency> {
    let (node, from) = if matches!(node.value, Value::Table(_)) {
        let fields = Fields::new(reader, key, node, &["rule", "from"]);
        (fields.get("rule")?, fields.date(reader, "from"))
    } else {
        (node, None)
    };
    let rule = reader.text(key, node)?;
    let is_part = |part: &str| part.split_once('=').is_some_and(|(name, value)| !name.is_empty() && !value.is_empty());
    if rule.split(';').all(is_part) && rule.contains("FREQ=") {
        return Some(UpdateFrequency { rule: Some(rule), from });
    }
    let error = Diagnostic::error("bad-value", format!("`{key}` takes a rule of RFC 5545"))
        .at(reader.file, node.span, "no such rule")
        .help(format!("write `{key} = \"FREQ=WEEKLY\"`, and in words for people `frequency = \"every week\"`"));
    reader.diagnostics.push(error);
    None
}

/// Places where people talk: tables with `protocol` and `uri`.
pub(super) fn social_interact(reader: &mut Reader<'_>, key: &str, node: &Node) -> Vec<SocialInteract> {
    const KNOWN: &[&str] = &["protocol", "uri", "account_id", "account_url", "priority"];
    each(node, |node| {
        let fields = Fields::new(reader, key, node, KNOWN);
        let protocol = fields.get("protocol").and_then(|node| one_of(reader, "protocol", node, &SOCIAL_PROTOCOLS));
        let uri = fields.url(reader, "uri");
        let Some(protocol) = protocol.filter(|protocol| uri.is_some() || *protocol == "disabled") else {
            let example = "{ protocol = \"activitypub\", uri = \"https://example.org/@show/1\" }";
            missing(reader, key, node, "`protocol` and `uri`", example);
            return None;
        };
        Some(SocialInteract {
            protocol: protocol.to_owned(),
            uri,
            account_id: fields.text(reader, "account_id"),
            account_url: fields.url(reader, "account_url"),
            priority: fields.small(reader, "priority"),
        })
    })
}

/// A room: a table with `server` and `protocol`.
pub(super) fn chat(reader: &mut Reader<'_>, key: &str, node: &Node) -> Option<Chat> {
    let fields = Fields::new(reader, key, node, &["server", "protocol", "account_id", "space"]);
    let protocol = fields.get("protocol").and_then(|node| one_of(reader, "protocol", node, &CHAT_PROTOCOLS));
    let (Some(server), Some(protocol)) = (fields.text(reader, "server"), protocol) else {
        missing(reader, key, node, "`server` and `protocol`", "{ server = \"irc.example.org\", protocol = \"irc\" }");
        return None;
    };
    let (account_id, space) = (fields.text(reader, "account_id"), fields.text(reader, "space"));
    Some(Chat { server, protocol: protocol.to_owned(), account_id, space })
}

/// Stretches of a recording: tables with `start` and `duration`.
pub(super) fn soundbites(reader: &mut Reader<'_>, key: &str, node: &Node) -> Vec<Soundbite> {
    each(node, |node| {
        let fields = Fields::new(reader, key, node, &["start", "duration", "title"]);
        let (start, duration) = (fields.time(reader, "start"), fields.time(reader, "duration"));
        let title = fields.text(reader, "title");
        let (Some(start), Some(duration)) = (start, duration.filter(|time| time.0 > 0)) else {
            missing(reader, key, node, "`start` and `duration`", "{ start = \"12:34\", duration = 60 }");
            return None;
        };
        Some(Soundbite { start, duration, title })
    })
}

/// The recording in other forms: tables with `url` (or a list of these) and `type`.
pub(super) fn alternate_enclosures(reader: &mut Reader<'_>, key: &str, node: &Node) -> Vec<AlternateEnclosure> {
    each(node, |node| {
        let fields = Fields::new(reader, key, node, &["url", "type", "length", "bitrate", "height", "title"]);
        let urls = fields.get("url");
        let sources = urls.map_or_else(Vec::new, |node| each(node, |node| reader.url("url", node, Relative::Refused)));
        let Some(media_type) = fields.text(reader, "type").filter(|_| !sources.is_empty()) else {
            let example = "{ url = \"https://example.org/042.opus\", type = \"audio/opus\" }";
            missing(reader, key, node, "`url` and `type`", example);
            return None;
        };
        Some(AlternateEnclosure {
            sources,
            media_type,
            length: fields.number(reader, "length"),
            bitrate: fields.number(reader, "bitrate"),
            height: fields.small(reader, "height"),
            title: fields.text(reader, "title"),
        })
    })
}

/// Texts by their purpose: a table.
pub(super) fn txt(reader: &mut Reader<'_>, key: &str, node: &Node) -> Vec<Txt> {
    let mut found = Vec::new();
    for entry in reader.table(key, node) {
        let purpose = entry.key.value.trim().to_owned();
        found.extend(short(reader, &purpose, &entry.node, MAX_TEXT).map(|text| Txt { purpose, text }));
    }
    found
}

/// Who shall not list a show: `true`, or the names of services.
pub(super) fn block(reader: &mut Reader<'_>, key: &str, node: &Node) -> Block {
    match node.value {
        Value::List(_) => {
            let services = reader.texts(key, node).into_iter().map(|service| service.value.to_lowercase());
            Block { all: false, services: services.collect() }
        }
        _ => Block { all: reader.boolean(key, node) == Some(true), services: Vec::new() },
    }
}

/// `episodic` or `serial`.
pub(super) fn show_type(reader: &mut Reader<'_>, key: &str, node: &Node) -> Option<ShowType> {
    one_of(reader, key, node, &["episodic", "serial"])
        .map(|name| if name == "serial" { ShowType::Serial } else { ShowType::Episodic })
}
