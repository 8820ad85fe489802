//! `show.toml`: what a show's folder says of it.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::person::Role;
use crate::model::show::ShowSettings;
use crate::parse::front_matter::{credits, language, slug};
use crate::parse::podcast;
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
    "type",
    "medium",
    "locked",
    "block",
    "complete",
    "new_feed_url",
    "update_frequency",
    "synthetic",
    "license",
    "location",
    "funding",
    "trailer",
    "txt",
    "podroll",
    "publisher",
    "social_interact",
    "chat",
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
            "licence" => "license",
            "locations" => "location",
            "trailers" => "trailer",
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
        "email" => show.email = reader.email(key, node),
        "explicit" => show.explicit = reader.boolean(key, node),
        "categories" => show.categories = reader.categories(key, node),
        "type" => show.show_type = podcast::show_type(reader, key, node).unwrap_or_default(),
        "medium" => show.medium = podcast::medium(reader, key, node),
        "locked" => show.locked = reader.boolean(key, node),
        "block" => show.block = podcast::block(reader, key, node),
        "complete" => show.complete = reader.boolean(key, node) == Some(true),
        "new_feed_url" => show.new_feed_url = reader.url(key, node, Relative::Refused),
        "update_frequency" => show.update_frequency = podcast::update_frequency(reader, key, node),
        "synthetic" => show.synthetic = podcast::synthetic(reader, key, node).unwrap_or_default(),
        "license" => show.license = podcast::license(reader, key, node),
        "location" => show.location = podcast::locations(reader, key, node),
        "funding" => show.funding = podcast::links(reader, key, node),
        "trailer" => show.trailer = podcast::trailers(reader, key, node),
        "txt" => show.txt = podcast::txt(reader, key, node),
        "podroll" => show.podroll = podcast::remote_items(reader, key, node),
        "publisher" => show.publisher = podcast::remote_items(reader, key, node).into_iter().next(),
        "social_interact" => show.social_interact = podcast::social_interact(reader, key, node),
        "chat" => show.chat = podcast::chat(reader, key, node),
        "language" => show.language = language(reader, key, node),
        "hosts" => show.hosts = credits(reader, key, node, Some(Role::Host)),
        "subscribe" => show.subscribe = reader.links(key, node, Relative::Refused),
        "image" => show.image = image(reader, key, node),
        "guid" => show.guid = reader.uuid(key, node),
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
    use crate::model::podcast::{ShowType, Synthetic};

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
        assert_eq!(show.guid.unwrap().to_string(), "550e8400-e29b-41d4-a716-446655440000");
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
        let categories =
            |show: &ShowSettings| show.categories.iter().map(|own| (own.main, own.sub)).collect::<Vec<_>>();
        assert_eq!(categories(&show), [("Society & Culture", None)]);
        let (show, _) = parsed("categories = ['Arts', 'Society & Culture / Documentary', 'Books']");
        let expected = [("Arts", None), ("Society & Culture", Some("Documentary")), ("Arts", Some("Books"))];
        assert_eq!(categories(&show), expected);
    }

    #[test]
    fn what_only_feeds_say_is_read() {
        let (show, found) = parsed(
            "type = 'serial'\nmedium = 'audiobook'\nlocked = true\nblock = ['youtube']\ncomplete = true\n\
             new_feed_url = 'https://a.b/feed.xml'\nupdate_frequency = { rule = 'FREQ=WEEKLY;COUNT=3', from = 2026-03-14 }\n\
             synthetic = ['voice', 'transcript']\nlicence = 'CC-BY-4.0'\nfunding = { 'Give' = 'https://a.b/give' }\n\
             location = ['Port Aldery', { name = 'Wuhe', geo = 'geo:1,2', rel = 'creator' }]\n\
             trailer = { title = 'Soon', url = 'https://a.b/s.mp3', date = 2026-03-14, length = 9 }\n\
             txt = { verify = 'abc' }\npodroll = [{ guid = '917393e3-1b1e-5cef-ace4-edaa54e1f810' }]\n\
             social_interact = { protocol = 'activitypub', uri = 'https://a.b/1' }\n\
             chat = { server = 'irc.a.b', protocol = 'irc', space = '#show' }\n\
             publisher = { guid = '917393e3-1b1e-5cef-ace4-edaa54e1f810', url = 'https://a.b/p.xml' }\n",
        );
        assert!(found.is_empty(), "{found:?}");
        assert_eq!((show.show_type, show.complete, show.locked), (ShowType::Serial, true, Some(true)));
        assert_eq!(show.block.services, ["youtube"]);
        assert_eq!(show.synthetic, [Synthetic::Transcript, Synthetic::Voice]);
        assert_eq!(show.license.unwrap().name, "cc-by-4.0");
        assert_eq!(show.location.iter().map(|own| own.name.as_str()).collect::<Vec<_>>(), ["Port Aldery", "Wuhe"]);
        assert_eq!((show.trailer[0].length, show.txt[0].purpose.as_str()), (Some(9), "verify"));
        assert_eq!((show.podroll.len(), show.publisher.is_some(), show.chat.is_some()), (1, true, true));
        assert_eq!(show.social_interact[0].protocol, "activitypub");
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
            ("category = 'Histroy'", "unknown-category 1"),
            ("type = 'serail'", "bad-value 1"),
            ("medium = 'podcats'", "bad-value 1"),
            ("synthetic = ['voices']", "bad-value 1"),
            ("update_frequency = 'weekly'", "bad-value 1"),
            ("location = { geo = 'geo:1,2' }", "wrong-type 1"),
            ("location = { name = 'A', goe = 'geo:1,2' }", "unknown-key 1"),
            ("trailer = { title = 'A', url = 'https://a.b/c' }", "wrong-type 1"),
            ("podroll = [{ url = 'https://a.b/c' }]", "wrong-type 1"),
            ("funding = { Give = 'javascript:x' }", "bad-url 1"),
            ("social_interact = { protocol = 'activitypub' }", "wrong-type 1"),
            ("chat = { server = 'a.b' }", "wrong-type 1"),
            ("seasons = { one = 'a' }", "bad-value 1"),
            ("\ntitel = 'a'", "unknown-key 2"),
            ("hosts = 1", "wrong-type 1"),
            ("title = ", "syntax 1"),
        ] {
            assert_eq!(parsed(text).1, [expected], "{text}");
        }
    }
}
