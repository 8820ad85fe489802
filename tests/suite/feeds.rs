//! Feeds as other programs read them.

use std::path::Path;

use podleaf::diagnostic::Diagnostics;
use podleaf::memo::Memo;
use podleaf::path::Route;
use podleaf::site::{Request, Site};
use roxmltree::{Document, Node};
use serde_json::Value;

use crate::world::Files;

const ITUNES: &str = "http://www.itunes.com/dtds/podcast-1.0.dtd";
const PODCAST: &str = "https://podcastindex.org/namespace/1.0";
const ATOM: &str = "http://www.w3.org/2005/Atom";

fn open(files: &Files, base_url: &str) -> (Site, Diagnostics) {
    let request = Request { base_url: Some(base_url.to_owned()), ..Request::default() };
    let (site, diagnostics) = Site::open(files, &request, Memo::default());
    (site.unwrap(), diagnostics)
}

fn feed(files: &Files, site: &Site, route: &str) -> String {
    files.page(site, route).unwrap_or_else(|| panic!("no {route} in {:?}", site.routes()))
}

fn codes(diagnostics: &Diagnostics) -> Vec<String> {
    let code = |d: &podleaf::diagnostic::Diagnostic| {
        format!("{} {}", d.code, d.path.as_ref().map_or("", |path| path.as_str()))
    };
    diagnostics.iter().map(code).collect()
}

fn child<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    node.children().find(|child| child.tag_name().name() == name && child.tag_name().namespace().is_none())
}

fn text<'a>(node: Node<'a, '_>, name: &str) -> &'a str {
    child(node, name).and_then(|child| child.text()).unwrap_or_default()
}

fn items<'a, 'i>(document: &'a Document<'i>) -> Vec<Node<'a, 'i>> {
    document.descendants().filter(|node| node.has_tag_name("item")).collect()
}

/// A small site that says all there is to say.
fn site() -> Files {
    Files::spread(
        r#"-- podleaf.toml --
title = "Two Shows"
description = "Both."
timezone = "Europe/Berlin"
-- people.toml --
[ann-lark]
name = "Ann Lark"
-- content/night/show.toml --
title = "Night & Day"
description = "About <hours>."
language = "en"
hosts = ["Ann Lark"]
author = "Ann"
owner = "Lark Ltd"
email = "ann@example.org"
categories = ["Society & Culture / Documentary", "Arts"]
explicit = false
copyright = "Ann Lark"
type = "serial"
locked = true
frequency = "Weekly"
update_frequency = "FREQ=WEEKLY"
license = "cc-by-4.0"
location = { name = "Port Aldery", geo = "geo:1,2", rel = "subject" }
funding = { "Give" = "https://example.org/give" }
trailer = { title = "Soon", url = "https://example.org/soon.mp3", date = 2026-01-01, length = 9, type = "audio/mpeg" }
txt = { verify = "abc" }
podroll = [{ guid = "917393e3-1b1e-5cef-ace4-edaa54e1f810", url = "https://example.org/other.xml" }]
publisher = { guid = "9b024349-ccf0-5f69-a609-6b82873eab3c" }
social_interact = { protocol = "activitypub", uri = "https://example.org/@ann/1" }
chat = { server = "irc.example.org", protocol = "irc", space = "night" }
block = ["youtube"]
synthetic = ["transcript"]
seasons = { 1 = "First" }
-- content/night/one.md --
+++
title = "One <b>hour</b>"
date = 2026-03-14T21:00:00+01:00
description = "Tea & time."
tags = ["Tea"]
season = 1
episode = 1
guests = ["Bo Reed"]
audio = "https://media.example.org/one.mp3"
audio_length = 1234
duration = "1:02:03"
explicit = true
soundbites = { start = "0:05", duration = 20, title = "Best" }
content_links = { "Video" = "https://example.org/v" }
alternate_enclosures = { url = "https://media.example.org/one.opus", type = "audio/opus", length = 99 }
+++

## Key points

- **First.** See [two](two.md), [here](#x), [there](/about/) and [away](https://example.org/).

## 1. Start

Ann Lark (00:00)
Good evening, and welcome to the hour.

Bo Reed (00:05)
Thank you, it is late and I am awake.

## 2. End

Ann Lark (00:30)
That was the hour, and now it is over.

Bo Reed (00:40)
Good night to all who heard it.
-- content/night/two.md --
+++
title = "Two"
date = 2026-03-21
episode = 2
synthetic = false
+++

**Ann Lark:** A page without a recording, which only readers get.

**Bo Reed:** Yes.
-- content/day/a.md --
---
title: Solo
date: 2026-02-01
---

**Cid Moss:** Another show, which has no recording at all.

**Cid Moss:** So it has no feed for players.
"#,
    )
}

#[test]
fn three_forms_of_a_small_site() {
    let files = site();
    let (site, diagnostics) = open(&files, "https://example.org/pod/");
    assert_eq!(codes(&diagnostics), [""; 0]);
    for (name, route) in [
        ("rss", "/night/feed.xml"),
        ("atom", "/night/atom.xml"),
        ("json_feed", "/night/feed.json"),
        ("site_rss", "/feed.xml"),
    ] {
        insta::with_settings!({
            snapshot_path => Path::new("../feeds"),
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, {
            insta::assert_snapshot!(name, feed(&files, &site, route));
        });
    }
    for route in ["/day/feed.xml", "/en/feed.xml"] {
        assert!(!site.has(&Route::new(route).unwrap()), "{route}");
    }
    for route in ["/day/atom.xml", "/day/feed.json", "/atom.xml", "/feed.json"] {
        assert!(site.has(&Route::new(route).unwrap()), "{route}");
    }
}

#[test]
fn without_an_address_there_are_no_feeds() {
    let files = site();
    let (site, _) = Site::open(&files, &Request::default(), Memo::default());
    let site = site.unwrap();
    assert!(!site.routes().iter().any(|route| route.as_str().ends_with("feed.xml")));
    assert!(!files.page(&site, "/night/one/").unwrap().contains("rss+xml"));
}

#[test]
fn pages_name_their_feeds() {
    let files = site();
    let (site, _) = open(&files, "https://example.org/");
    let page = files.page(&site, "/night/one/").unwrap();
    let rss = r#"<link rel="alternate" type="application/rss+xml" title="Night &amp; Day" href="https://example.org/night/feed.xml">"#;
    assert!(page.contains(rss), "{page}");
    assert!(page.contains(r#"type="application/atom+xml" title="Two Shows" href="https://example.org/atom.xml""#));
    assert!(page.contains("Made by machine: transcript."));
    assert!(!files.page(&site, "/night/two/").unwrap().contains("Made by machine"));
    assert!(files.page(&site, "/day/").unwrap().contains(r#"<a href="https://example.org/day/atom.xml">Atom</a>"#));
}

#[test]
fn a_show_at_the_root_has_the_feed_of_the_site() {
    let files = Files::spread(
        "-- show.toml --\ntitle = 'One'\n-- a.md --\n+++\naudio = 'https://a.b/a.mp3'\n+++\n**Ann:** A.\n\n**Bo:** B.\n",
    );
    let (site, _) = open(&files, "https://example.org/");
    let routes: Vec<&str> = site.routes().iter().map(|route| route.as_str()).filter(|r| r.contains("feed")).collect();
    assert_eq!(routes, ["/feed.json", "/feed.xml"]);
    let rss = feed(&files, &site, "/feed.xml");
    let guid = podleaf::model::podcast::feed_guid("https://example.org/feed.xml").to_string();
    assert!(rss.contains(&format!("<podcast:guid>{guid}</podcast:guid>")), "{rss}");
}

const HOSTILE: [&str; 7] = [
    "a ]]> b",
    "</script><script>alert(1)</script>",
    "\u{202e}gnirts\u{202c} \u{2066}x\u{2069}",
    "one\u{2028}two\u{2029}three",
    "A & B &amp; C &#0; <!-- --> <?x?>",
    "\"quoted\" and 'quoted'",
    "{{ t.home }} {% raw %}",
];

#[test]
fn hostile_texts_come_back_as_they_went_in() {
    for hostile in HOSTILE {
        // As escapes: what ends a line would end the value.
        let escaped = |c: char| match c {
            '"' => "\\\"".to_owned(),
            c if c.is_ascii() => c.to_string(),
            c => format!("\\u{:04x}", u32::from(c)),
        };
        let quoted = format!("\"{}\"", hostile.chars().map(escaped).collect::<String>());
        let show = format!(
            "title = {quoted}\ndescription = {quoted}\nhosts = [{quoted}]\nauthor = {quoted}\nowner = {quoted}\n\
             copyright = {quoted}\nemail = 'a@b.c'\nfrequency = {quoted}\nlicense = {quoted}\nlocation = [{quoted}]\n\
             funding = {{ {quoted} = 'https://a.b/?x=1&y=2' }}\ntxt = {{ {quoted} = {quoted} }}\n\
             seasons = {{ 1 = {quoted} }}\nchat = {{ server = {quoted}, protocol = 'irc' }}\n"
        );
        let episode = format!(
            "+++\ntitle = {quoted}\ndescription = {quoted}\ntags = [{quoted}]\nguests = [{quoted}]\nguid = {quoted}\n\
             season = 1\naudio = 'https://a.b/a.mp3?x=1&y=2'\nlocation = [{quoted}]\nlicense = {quoted}\n\
             soundbites = {{ start = 1, duration = 20, title = {quoted} }}\naudio_type = {quoted}\n+++\n\n\
             ## {hostile}\n\nAnn (00:00)\nOne word and another.\n\nBo (00:09)\nTwo words and another.\n"
        );
        let mut files = Files::default();
        files.put("content/show/show.toml", show);
        files.put("content/show/a.md", episode);
        let (site, _) = open(&files, "https://example.org/");
        let rss = feed(&files, &site, "/show/feed.xml");
        let document = Document::parse(&rss).unwrap_or_else(|error| panic!("{error} in {rss}"));
        let channel = child(document.root_element(), "channel").unwrap();
        let of = |node: Node<'_, '_>, namespace, name: &str| {
            let found = node.children().find(|child| child.has_tag_name((namespace, name)));
            found.and_then(|found| found.text()).unwrap_or_default().to_owned()
        };
        assert_eq!(text(channel, "title"), hostile);
        assert_eq!(text(channel, "copyright"), hostile);
        for name in ["person", "location", "funding", "txt", "updateFrequency"] {
            assert_eq!(of(channel, PODCAST, name), hostile, "{name}");
        }
        assert_eq!(of(channel, PODCAST, "license"), hostile.to_lowercase());
        assert_eq!(of(channel, ITUNES, "author"), hostile);
        let [item] = items(&document)[..] else { panic!("one item: {rss}") };
        assert_eq!((text(item, "title"), text(item, "guid")), (hostile, hostile));
        assert_eq!(of(item, PODCAST, "soundbite"), hostile);
        let season = item.children().find(|child| child.has_tag_name((PODCAST, "season"))).unwrap();
        assert_eq!(season.attribute("name"), Some(hostile));
        let enclosure = child(item, "enclosure").unwrap();
        assert_eq!(enclosure.attribute("url"), Some("https://a.b/a.mp3?x=1&y=2"));
        assert_eq!(enclosure.attribute("type"), Some(hostile));
        let description = scraper::Html::parse_fragment(text(item, "description"));
        assert_eq!(description.root_element().text().collect::<String>(), hostile);
        assert!(scraper::Selector::parse("script").is_ok_and(|all| description.select(&all).next().is_none()));

        let atom = feed(&files, &site, "/show/atom.xml");
        let document = Document::parse(&atom).unwrap();
        let entry = document.descendants().find(|node| node.has_tag_name((ATOM, "entry"))).unwrap();
        for name in ["title", "summary"] {
            let found = entry.children().find(|child| child.has_tag_name((ATOM, name))).unwrap();
            assert_eq!(found.text(), Some(hostile), "{name}");
        }
        let json: Value = serde_json::from_str(&feed(&files, &site, "/show/feed.json")).unwrap();
        assert_eq!(json["title"], hostile);
        for name in ["id", "title", "summary"] {
            assert_eq!(json["items"][0][name], hostile, "{name}");
        }
        assert_eq!(json["items"][0]["tags"][0], hostile);
    }
}

#[test]
fn control_characters_are_dropped_before_they_are_written() {
    let mut files = Files::default();
    files.put("content/show/show.toml", "title = \"a\\u0000b\\u0007c\\uFFFF\"\n");
    files.put(
        "content/show/a.md",
        "+++\ntitle = \"x\\u000by\"\naudio = 'https://a.b/c.mp3'\n+++\n**A:** B.\n\n**C:** D.\n",
    );
    let (site, _) = open(&files, "https://example.org/");
    for route in ["/show/feed.xml", "/show/atom.xml"] {
        let written = feed(&files, &site, route);
        assert!(Document::parse(&written).is_ok(), "{written}");
        assert!(written.contains("<title>abc</title>") && written.contains("<title>xy</title>"), "{written}");
    }
}

/// Item guids and the guid of the show, as players see them.
fn identity(files: &Files, site: &Site, route: &str) -> (String, Vec<String>) {
    let rss = feed(files, site, route);
    let document = Document::parse(&rss).unwrap();
    let guid = document.descendants().find(|node| node.has_tag_name((PODCAST, "guid"))).unwrap();
    let mut guids: Vec<String> = items(&document).iter().map(|item| text(*item, "guid").to_owned()).collect();
    guids.sort();
    (guid.text().unwrap().to_owned(), guids)
}

#[test]
fn titles_slugs_domains_and_names_of_files_leave_identities() {
    let mut files = site();
    let (first, _) = open(&files, "https://example.org/");
    files.write_locks(&first);
    let before = identity(&files, &first, "/night/feed.xml");
    assert!(files.text("content/night/show.lock").contains(&format!("\n{} show\n", before.0)));

    let settings = files.text("content/night/show.toml").replace("Night & Day", "Dusk") + "slug = 'dusk'\n";
    // A slug after a table would be in it.
    files.put("content/night/show.toml", settings);
    let text = files.text("content/night/one.md").replace("One <b>hour</b>", "Another title");
    files.put("content/night/one.md", text.replacen("+++\n", "+++\nslug = \"other\"\n", 1));
    files.rename("content/night/one.md", "content/night/renamed.md");
    let (second, _) = open(&files, "https://elsewhere.example/sub/");
    files.write_locks(&second);
    assert_eq!(identity(&files, &second, "/dusk/feed.xml"), before);

    for name in ["show.toml", "show.lock", "renamed.md", "two.md"] {
        files.rename(&format!("content/night/{name}"), &format!("content/moved/{name}"));
    }
    let (third, _) = open(&files, "https://example.org/");
    files.write_locks(&third);
    assert_eq!(identity(&files, &third, "/dusk/feed.xml"), before);
    let (again, _) = open(&files, "https://example.net/");
    assert!(again.locks().is_empty());
}

#[test]
fn a_lock_without_the_line_is_read_and_gets_it() {
    let mut files = site();
    let (first, _) = open(&files, "https://example.org/");
    files.write_locks(&first);
    let whole = files.text("content/night/show.lock");
    let lines: Vec<&str> = whole.lines().filter(|line| !line.ends_with(" show")).collect();
    files.put("content/night/show.lock", lines.join("\n") + "\n");
    let (second, diagnostics) = open(&files, "https://example.org/");
    assert_eq!(codes(&diagnostics), [""; 0]);
    files.write_locks(&second);
    assert_eq!(files.text("content/night/show.lock"), whole);
    let configured = "55c1ff24-07a6-5f0e-a0b8-7b3a0d2f7c53";
    files.put("content/night/show.toml", format!("guid = '{configured}'\n{}", files.text("content/night/show.toml")));
    let (third, _) = open(&files, "https://example.org/");
    assert_eq!(identity(&files, &third, "/night/feed.xml").0, configured);
}

#[test]
fn feeds_are_held_against_the_rules() {
    let found = |show: &str, episodes: &[&str]| {
        let mut files = Files::default();
        files.put("content/a/show.toml", show);
        for (idx, front) in episodes.iter().enumerate() {
            let text = format!("+++\n{front}\n+++\n**Ann:** Number {idx} of them.\n\n**Bo:** Yes, {idx}.\n");
            files.put(&format!("content/a/e{idx}.md"), text);
        }
        open(&files, "https://example.org/").1
    };
    let good = "date = 2026-01-01\naudio = 'https://a.b/1.mp3'\naudio_length = 5\nduration = 60";
    let bare = found("", &[good]);
    let mut all: Vec<String> = codes(&bare).into_iter().filter(|code| code.starts_with("feed-")).collect();
    all.sort();
    let file = "content/a/show.toml";
    let expected = ["category", "description", "email", "explicit"];
    assert_eq!(all, expected.map(|rule| format!("feed-{rule} {file}")));
    assert!(bare.iter().filter(|d| d.code.starts_with("feed-")).all(|d| !d.help.is_empty()));

    let show = "description = 'd'\nemail = 'a@b.c'\ncategories = 'Arts'\nexplicit = false\n";
    let of_item = |front: &str| {
        let found = found(show, &[front]);
        let own = |d: &&podleaf::diagnostic::Diagnostic| d.code.starts_with("feed-");
        let line = |d: &podleaf::diagnostic::Diagnostic| {
            let place = d.place.as_ref().map_or(0, |place| place.line);
            format!("{} {}:{place}", d.code, d.path.as_ref().unwrap())
        };
        found.iter().filter(own).map(line).collect::<Vec<_>>()
    };
    assert_eq!(of_item(good), [""; 0]);
    let file = "content/a/e0.md";
    for (front, rules) in [
        ("date = 2026-01-01\nduration = 60\naudio = 'https://a.b/1.mp3'", vec![format!("feed-length {file}:4")]),
        ("audio = 'https://a.b/1.mp3'\naudio_length = 5\nduration = 60", vec![format!("feed-date {file}:0")]),
        (&good.replace("1.mp3", "1.ogg"), vec![format!("feed-type {file}:3")]),
        (&good.replace("1.mp3", "1"), vec![format!("feed-type {file}:3")]),
        (&good.replace("duration = 60", ""), vec![format!("feed-duration {file}:3")]),
        (&format!("{good}\nepisode = 7\ntitle = '7. Tea'"), vec![format!("feed-title {file}:0")]),
        (&format!("{good}\nsoundbites = {{ start = 50, duration = 20 }}"), vec![format!("feed-soundbite {file}:0")]),
    ] {
        assert_eq!(of_item(front), rules, "{front}");
    }
    let many = found(
        show,
        &[&good.replace("audio_length = 5", ""), &good.replace("1.mp3", "2.mp3").replace("audio_length = 5", "")],
    );
    let lengths: Vec<_> = many.iter().filter(|d| d.code == "feed-length").collect();
    assert_eq!(lengths.len(), 1);
    assert!(lengths[0].message.contains("1 more"), "{}", lengths[0].message);
    let twice = found(show, &[good, good]);
    assert!(twice.has_errors() && codes(&twice).contains(&"same-recording content/a/e1.md".to_owned()), "{twice:?}");
}

#[test]
fn another_word_makes_no_feed_again() {
    let mut files = site();
    let keys = |files: &Files| {
        let (site, _) = open(files, "https://example.org/");
        let of = |route: &str| site.key(files, &Route::new(route).unwrap()).unwrap();
        ["/night/feed.xml", "/night/atom.xml", "/feed.json", "/night/one/"].map(of)
    };
    let before = keys(&files);
    let text = files.text("content/night/one.md");
    files.put("content/night/one.md", text.replace("heard it", "listened"));
    let after = keys(&files);
    assert_eq!(after[..3], before[..3]);
    assert_ne!(after[3], before[3]);
    files.put("content/night/one.md", text.replace("Tea & time", "Tea"));
    let after = keys(&files);
    assert!(after.iter().zip(&before).all(|(one, two)| one != two));
}

#[test]
fn hosts_learn_types_and_earlier_addresses() {
    let mut files = site();
    let text = files.text("content/night/two.md");
    files.put("content/night/two.md", text.replacen("+++\n", "+++\naliases = [\"/old x # y/\"]\n", 1));
    let (site, _) = open(&files, "https://example.org/");
    assert_eq!(files.page(&site, "/_redirects"), None, "an address with a fragment is refused by name");
    let text = files.text("content/night/two.md");
    files.put("content/night/two.md", text.replace("/old x # y/", "/old x 301/"));
    let (site, _) = open(&files, "https://example.org/");
    assert_eq!(feed(&files, &site, "/_redirects"), "/old%20x%20301/ /night/two/ 301\n");
    let headers = feed(&files, &site, "/_headers");
    assert!(headers.starts_with(&format!("{}*\n", site.assets_folder())), "{headers}");
}
