//! What readers and apps hold on to in a file: the anchors of a page, the guids and recordings of a feed.

use std::collections::{BTreeMap, BTreeSet};

use quick_xml::Reader;
use quick_xml::events::Event;

use crate::hash::{ContentHash, Hasher};

/// The promises of one file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Promises {
    /// Ids in the main part of a page, as they are written.
    pub anchors: BTreeSet<String>,
    /// The link of a page that leads on, relative to itself.
    pub leads_to: Option<String>,
    /// The address of the recording of each item of an RSS feed, by guid.
    pub items: BTreeMap<String, String>,
}

impl Promises {
    /// The promises of a file; `None` where it is of a kind that makes none.
    pub fn of(file: &str, bytes: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(bytes);
        if file.ends_with(".html") {
            let leads_to = attribute_of(&text, "data-onward");
            let main = text.find("<main").map_or("", |start| &text[start..]);
            Some(Self { anchors: ids(main), leads_to, ..Self::default() })
        } else if is_rss(file) {
            Some(Self { items: items(&text), ..Self::default() })
        } else {
            None
        }
    }

    /// Whether a file is of a kind that makes promises.
    pub fn are_made_by(file: &str) -> bool {
        file.ends_with(".html") || is_rss(file)
    }

    /// A digest that is the same where the promises are.
    pub fn digest(&self) -> ContentHash {
        let mut hasher = Hasher::new();
        hasher.part(self.leads_to.as_deref().unwrap_or_default().as_bytes());
        for anchor in &self.anchors {
            hasher.part(anchor.as_bytes());
        }
        hasher.number(self.items.len() as u64);
        for (guid, enclosure) in &self.items {
            hasher.part(guid.as_bytes()).part(enclosure.as_bytes());
        }
        hasher.finish()
    }
}

fn is_rss(file: &str) -> bool {
    file == "feed.xml" || file.ends_with("/feed.xml")
}

/// The values of all `id` attributes of tags.
fn ids(html: &str) -> BTreeSet<String> {
    let tags = html.split('<').skip(1).filter(|tag| tag.starts_with(|c: char| c.is_ascii_alphabetic()));
    tags.filter_map(|tag| attribute_of(tag.split('>').next().unwrap_or_default(), "id")).collect()
}

/// The value of the first attribute of this name that is written with double quotes.
fn attribute_of(tag: &str, name: &str) -> Option<String> {
    let (_, value) = tag.split_once(&format!(" {name}=\""))?;
    value.split_once('"').map(|(value, _)| value.to_owned())
}

/// Guids and recordings of a feed. What cannot be read ends the list.
fn items(xml: &str) -> BTreeMap<String, String> {
    let mut reader = Reader::from_str(xml);
    let mut items = BTreeMap::new();
    let (mut guid, mut enclosure, mut in_guid) = (String::new(), String::new(), false);
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag) | Event::Empty(tag)) => match tag.name().as_ref() {
                "item" => (guid, enclosure) = (String::new(), String::new()),
                "guid" => in_guid = true,
                "enclosure" => {
                    let url = tag.try_get_attribute("url").ok().flatten();
                    enclosure = url.map_or_else(String::new, |url| url.value.into_owned());
                }
                _ => {}
            },
            Ok(Event::Text(text)) if in_guid => guid.push_str(&text),
            Ok(Event::End(tag)) => match tag.name().as_ref() {
                "guid" => in_guid = false,
                "item" if !guid.is_empty() => {
                    items.insert(std::mem::take(&mut guid), std::mem::take(&mut enclosure));
                }
                _ => {}
            },
            Ok(Event::Eof) | Err(_) => return items,
            Ok(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_page_promises_the_ids_of_its_main_part() {
        let page = r#"<body><svg><symbol id="i-link"></svg><main id="main"><section class="sect" id="s-a">
            <article class="turn" id="k3f9qa" data-speaker="1"><p>a &lt;b id="no"&gt; id="neither"</p></article></main>"#;
        let promises = Promises::of("a/index.html", page.as_bytes()).unwrap();
        assert_eq!(promises.anchors.iter().collect::<Vec<_>>(), ["k3f9qa", "main", "s-a"]);
        assert_eq!(promises.leads_to, None);
    }

    #[test]
    fn a_page_may_lead_on() {
        let page = r#"<script src="../early.js" data-onward="../b/"></script>"#;
        let promises = Promises::of("a/index.html", page.as_bytes()).unwrap();
        assert_eq!((promises.leads_to.as_deref(), promises.anchors.len()), (Some("../b/"), 0));
    }

    #[test]
    fn a_feed_promises_guids_and_recordings() {
        let feed = r#"<rss><channel><guid>no</guid><item><title>a</title><guid isPermaLink="false">g1</guid>
            <enclosure url="https://e.org/1.mp3" length="1" type="audio/mpeg"/></item><item><guid>g2</guid></item></channel></rss>"#;
        let items = Promises::of("a/feed.xml", feed.as_bytes()).unwrap().items;
        let expected = [("g1", "https://e.org/1.mp3"), ("g2", "")].map(|(a, b)| (a.to_owned(), b.to_owned()));
        assert_eq!(items, BTreeMap::from(expected));
    }

    #[test]
    fn other_files_promise_nothing() {
        for file in ["a/atom.xml", "sitemap.xml", "a.css", "xfeed.xml"] {
            assert_eq!(Promises::of(file, b"<item><guid>g</guid></item>"), None, "{file}");
            assert!(!Promises::are_made_by(file));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            for file in ["index.html", "feed.xml"] {
                let promises = Promises::of(file, &bytes).unwrap();
                prop_assert_eq!(promises.digest(), Promises::of(file, &bytes).unwrap().digest());
            }
        }
    }
}
