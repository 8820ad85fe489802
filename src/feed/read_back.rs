//! Written feeds read again, by another code than wrote them: what no app could take never leaves a build.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// What an item of RSS has, by Apple's guide and PSP-1.
const OF_ITEM: [&str; 3] = ["title", "guid", "enclosure"];
/// What an entry of Atom has (RFC 4287 §4.1.2).
const OF_ENTRY: [&str; 3] = ["title", "id", "updated"];
/// What an enclosure has (RSS 2.0).
const OF_ENCLOSURE: [&str; 3] = ["url", "length", "type"];

/// What is wrong with a written RSS or Atom feed of so many items, in words.
pub(super) fn fault(bytes: &[u8], n_items: usize) -> Option<String> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => return Some(error.to_string()),
    };
    let mut reader = Reader::from_str(text);
    let (mut open, mut has, mut n_found) = (Vec::new(), [false; 3], 0);
    loop {
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(error) => return Some(format!("{error}, at byte {}", reader.error_position())),
        };
        match event {
            Event::Start(tag) => {
                if needs(tag.name().as_ref()).is_some() {
                    has = [false; 3];
                }
                open.push(tag.name().as_ref().to_owned());
            }
            Event::Empty(tag) if tag.name().as_ref() == "enclosure" => has[2] |= is_enclosure(&tag),
            // Of the children of an item those that say something.
            Event::Text(_) | Event::GeneralRef(_) => {
                if let [.., item, child] = open.as_slice()
                    && let Some(at) = needs(item).and_then(|names| names.iter().position(|name| name == child))
                {
                    has[at] = true;
                }
            }
            Event::End(tag) => {
                open.pop();
                if let Some(names) = needs(tag.name().as_ref()) {
                    n_found += 1;
                    if let Some(at) = has.iter().position(|has| !has) {
                        return Some(format!("item {n_found} has no `{}`", names[at]));
                    }
                }
            }
            Event::Eof if n_found != n_items => return Some(format!("it has {n_found} items in place of {n_items}")),
            Event::Eof => return open.pop().map(|name| format!("`{name}` does not end")),
            _ => {}
        }
    }
}

/// What an element needs to have, if it is an item or an entry.
fn needs(name: &str) -> Option<[&'static str; 3]> {
    match name {
        "item" => Some(OF_ITEM),
        "entry" => Some(OF_ENTRY),
        _ => None,
    }
}

fn is_enclosure(tag: &BytesStart<'_>) -> bool {
    OF_ENCLOSURE.iter().all(|name| tag.try_get_attribute(name).is_ok_and(|value| value.is_some()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ITEM: &str =
        "<item><title>a &amp; b</title><guid>g</guid><enclosure url=\"u\" length=\"1\" type=\"t\"/></item>";

    fn said(inner: &str, n_items: usize) -> String {
        fault(format!("<rss><channel><title>x</title>{inner}</channel></rss>").as_bytes(), n_items).unwrap_or_default()
    }

    #[test]
    fn a_whole_feed_has_no_fault() {
        assert_eq!(said("", 0), "");
        assert_eq!(said(&ITEM.repeat(3), 3), "");
        let entry = "<entry><id>i</id><title>&lt;</title><updated>2020</updated></entry>";
        assert_eq!(fault(format!("<feed>{entry}</feed>").as_bytes(), 1), None);
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(said(ITEM, 2), "it has 1 items in place of 2");
        assert_eq!(said(&ITEM.replace("<guid>g</guid>", "<guid></guid>"), 1), "item 1 has no `guid`");
        assert_eq!(said(&ITEM.replace(" length=\"1\"", ""), 1), "item 1 has no `enclosure`");
        assert_eq!(
            fault(b"<feed><entry><id>i</id><title>t</title></entry></feed>", 1).unwrap(),
            "item 1 has no `updated`"
        );
    }

    #[test]
    fn what_is_torn_is_no_feed() {
        assert!(said(&ITEM.replace("</title>", ""), 1).contains("title"));
        assert!(said("<a b=></a", 0).contains("at byte"));
        assert!(fault(b"<rss><channel>", 0).unwrap().contains("channel"));
        assert!(fault(b"<rss>\xff</rss>", 0).is_some());
    }
}
