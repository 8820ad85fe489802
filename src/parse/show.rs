//! `show.toml`: what a show's folder says of it.

use uuid::Uuid;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::person::Role;
use crate::model::show::ShowSettings;
use crate::parse::front_matter::{credits, language, slug};
use crate::path::SitePath;
use crate::source::SourceFile;
use crate::tree::{self, Node, Reader, Relative};

const KEYS: &[&str] = &[
    "title",
    "description",
    "language",
    "hosts",
    "subscribe",
    "image",
    "guid",
    "slug",
    "seasons",
    "copyright",
    "frequency",
    "author",
    "email",
    "owner",
    "categories",
    "explicit",
];

/// Reads a show's settings. What cannot be read is as if it were not there.
pub fn parse_show(file: &SourceFile) -> (ShowSettings, Diagnostics) {
    let (node, diagnostics) = tree::toml::parse_file(file);
    let mut reader = Reader::new(file);
    let mut show = ShowSettings::default();
    for entry in node.entries() {
        let key = match entry.key.value.as_str() {
            "lang" => "language",
            "cover" | "artwork" => "image",
            "host" => "hosts",
            "category" => "categories",
            key => key,
        };
        if KEYS.contains(&key) {
            take(&mut show, &mut reader, key, &entry.node);
        } else {
            reader.unknown(&entry.key, KEYS);
        }
    }
    // After a syntax error what follows from it would only repeat it.
    let diagnostics = if diagnostics.is_empty() { reader.diagnostics } else { diagnostics };
    (show, diagnostics)
}

fn take(show: &mut ShowSettings, reader: &mut Reader<'_>, key: &str, node: &Node) {
    match key {
        "title" => show.title = reader.text(key, node),
        "description" => show.description = reader.text(key, node),
        "copyright" => show.copyright = reader.text(key, node),
        "frequency" => show.frequency = reader.text(key, node),
        "author" => show.author = reader.text(key, node),
        "owner" => show.owner = reader.text(key, node),
        "email" => show.email = email(reader, key, node),
        "explicit" => show.explicit = reader.boolean(key, node),
        "categories" => show.categories = reader.texts(key, node).into_iter().map(|text| text.value).collect(),
        "language" => show.language = language(reader, key, node),
        "hosts" => show.hosts = credits(reader, key, node, Some(Role::Host)),
        "subscribe" => show.subscribe = reader.links(key, node, Relative::Refused),
        "image" => show.image = image(reader, key, node),
        "guid" => show.guid = guid(reader, key, node),
        "slug" => show.slug = slug(reader, key, node).map(|slug| slug.value),
        _ => show.seasons = seasons(reader, key, node),
    }
}

/// A file in the show's folder or below it.
fn image(reader: &mut Reader<'_>, key: &str, node: &Node) -> Option<SitePath> {
    let name = reader.text(key, node)?;
    let name = name.strip_prefix("./").unwrap_or(&name);
    let folder = reader.file.path.parent();
    let path = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
    let path = SitePath::new(path).filter(|_| !name.contains([':', '\\']));
    if path.is_none() {
        let error = Diagnostic::error("bad-path", format!("`{key}` takes the name of a file beside `show.toml`"))
            .at(reader.file, node.span, "not a file of the show's folder")
            .help("copy the picture into the folder and write its name: `cover.jpg`");
        reader.diagnostics.push(error);
    }
    path
}

/// An address of the form `name@host`; whether somebody reads it is not ours to know.
fn email(reader: &mut Reader<'_>, key: &str, node: &Node) -> Option<String> {
    let text = reader.text(key, node)?;
    let is_plain = |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || "@<>\"".contains(c));
    if text.split_once('@').is_some_and(|(name, host)| is_plain(name) && is_plain(host) && host.contains('.')) {
        return Some(text);
    }
    let error = Diagnostic::error("bad-email", format!("`{key}` takes an address of mail alone, without a name"))
        .at(reader.file, node.span, "not an address of mail")
        .help(format!("write `{key} = \"jane@example.org\"`"));
    reader.diagnostics.push(error);
    None
}

/// The `podcast:guid` of Podcasting 2.0, which is a UUID.
fn guid(reader: &mut Reader<'_>, key: &str, node: &Node) -> Option<String> {
    let text = reader.text(key, node)?;
    match Uuid::parse_str(&text) {
        Ok(uuid) => Some(uuid.hyphenated().to_string()),
        Err(_) => {
            let message = format!("`{key}` takes a UUID, the `podcast:guid` of the show's feed");
            reader.error("bad-guid", message, node.span, "not a UUID");
            None
        }
    }
}

fn seasons(reader: &mut Reader<'_>, key: &str, node: &Node) -> Vec<(u32, String)> {
    let mut seasons = Vec::new();
    for entry in reader.table(key, node) {
        match entry.key.value.parse() {
            Ok(number) => seasons.extend(reader.text(key, &entry.node).map(|title| (number, title))),
            Err(_) => {
                let message = format!("`{key}` takes titles by number");
                reader.error("bad-value", message, entry.key.span, "not the number of a season");
            }
        }
    }
    seasons
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::ContentHash;

    fn parsed(text: &str) -> (ShowSettings, Vec<String>) {
        let path = SitePath::new("content/night/show.toml").unwrap();
        let file = SourceFile { path, text: text.to_owned(), hash: ContentHash::of(b"") };
        let (show, diagnostics) = parse_show(&file);
        let found = |d: &Diagnostic| format!("{} {}", d.code, d.place.as_ref().unwrap().line);
        (show, diagnostics.iter().map(found).collect())
    }

    #[test]
    fn all_settings_are_read() {
        let (show, found) = parsed(
            "title = 'Night'\nlanguage = 'en'\nhosts = ['jane']\nimage = 'cover.jpg'\nslug = 'night'\ncopyright = 'c'\n\
             guid = '550E8400-e29b-41d4-a716-446655440000'\nfrequency = 'weekly'\nseasons = { 1 = 'One', 2 = 'Two' }\n\
             [[subscribe]]\ntitle = 'Apple'\nurl = 'https://a.b'\n",
        );
        assert!(found.is_empty(), "{found:?}");
        assert_eq!(show.image.unwrap().as_str(), "content/night/cover.jpg");
        assert_eq!(show.guid.as_deref(), Some("550e8400-e29b-41d4-a716-446655440000"));
        assert_eq!(show.seasons, [(1, "One".to_owned()), (2, "Two".to_owned())]);
        assert_eq!(show.hosts[0].role, Some(Role::Host));
        assert_eq!(show.subscribe, [("Apple".to_owned(), "https://a.b".to_owned())]);
    }

    #[test]
    fn what_feeds_need_is_read() {
        let (show, found) = parsed(
            "author = 'Jane Doe'\nowner = 'Doe Ltd'\nemail = 'jane@example.org'\ncategory = 'Society & Culture'\nexplicit = false\n",
        );
        assert!(found.is_empty(), "{found:?}");
        assert_eq!((show.author.as_deref(), show.owner.as_deref()), (Some("Jane Doe"), Some("Doe Ltd")));
        assert_eq!((show.email.as_deref(), show.explicit), (Some("jane@example.org"), Some(false)));
        assert_eq!(show.categories, ["Society & Culture"]);
        assert_eq!(parsed("categories = ['Arts', 'History']").0.categories, ["Arts", "History"]);
    }

    #[test]
    fn faults_are_named() {
        for (text, expected) in [
            ("image = '../cover.jpg'", "bad-path 1"),
            ("image = 'https://a.b/c.jpg'", "bad-path 1"),
            ("guid = 'x'", "bad-guid 1"),
            ("slug = '../a'", "bad-slug 1"),
            ("email = 'Jane <jane@a.b>'", "bad-email 1"),
            ("explicit = 'rather'", "wrong-type 1"),
            ("category = 3", "wrong-type 1"),
            ("seasons = { one = 'a' }", "bad-value 1"),
            ("\ntitel = 'a'", "unknown-key 2"),
            ("hosts = 1", "wrong-type 1"),
            ("title = ", "syntax 1"),
        ] {
            assert_eq!(parsed(text).1, [expected], "{text}");
        }
    }
}
