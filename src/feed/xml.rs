//! The one way to write XML: every text and every attribute is escaped, and what XML 1.0 forbids is dropped.

use std::borrow::Cow;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

/// An XML document that grows at its end.
pub(super) struct Xml(Writer<Vec<u8>>);

/// Names and values.
pub(super) type Attributes<'a> = &'a [(&'a str, &'a str)];

impl Xml {
    pub(super) fn new() -> Self {
        let mut xml = Self(Writer::new(Vec::with_capacity(1 << 16)));
        xml.event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
        xml.line();
        xml
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.0.into_inner()
    }

    pub(super) fn open(&mut self, name: &str, attributes: Attributes<'_>) {
        self.event(Event::Start(start(name, attributes)));
        self.line();
    }

    pub(super) fn close(&mut self, name: &str) {
        self.event(Event::End(BytesEnd::new(name)));
        self.line();
    }

    /// An element without content.
    pub(super) fn empty(&mut self, name: &str, attributes: Attributes<'_>) {
        self.event(Event::Empty(start(name, attributes)));
        self.line();
    }

    /// An element with a text.
    pub(super) fn text(&mut self, name: &str, text: &str) {
        self.element(name, &[], text);
    }

    /// An element with a text, if there is one.
    pub(super) fn maybe(&mut self, name: &str, text: Option<&str>) {
        text.into_iter().for_each(|text| self.text(name, text));
    }

    /// An element with attributes and a text.
    pub(super) fn element(&mut self, name: &str, attributes: Attributes<'_>, text: &str) {
        self.event(Event::Start(start(name, attributes)));
        self.event(Event::Text(BytesText::new(&allowed(text))));
        self.close(name);
    }

    fn line(&mut self) {
        self.0.get_mut().push(b'\n');
    }

    fn event(&mut self, event: Event<'_>) {
        self.0.write_event(event).expect("a list of bytes takes all that is written");
    }
}

fn start<'a>(name: &'a str, attributes: Attributes<'a>) -> BytesStart<'a> {
    let mut start = BytesStart::new(name);
    attributes.iter().for_each(|(name, value)| start.push_attribute((*name, &*allowed(value))));
    start
}

/// The text without the characters that XML 1.0 forbids even as references (§2.2): control characters but tab and line
/// ends, and the two that are none.
fn allowed(text: &str) -> Cow<'_, str> {
    let is_forbidden =
        |c: char| matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    if text.contains(is_forbidden) { Cow::Owned(text.replace(is_forbidden, "")) } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_written_is_read_again() {
        for (text, read) in [
            ("a ]]> b </script> & \"c\" 'd'", "a ]]> b </script> & \"c\" 'd'"),
            ("line\u{2028}end \u{202e}bidi", "line\u{2028}end \u{202e}bidi"),
            ("\0bell\u{7}\u{b}\u{1f}\u{ffff}", "bell"),
            ("tab\tline\nreturn\r", "tab\tline\nreturn\r"),
            ("&amp;&#0;<!--", "&amp;&#0;<!--"),
        ] {
            let mut xml = Xml::new();
            xml.open("a", &[("b", text)]);
            xml.text("c", text);
            xml.close("a");
            let bytes = String::from_utf8(xml.finish()).unwrap();
            let document = roxmltree::Document::parse(&bytes).unwrap();
            let root = document.root_element();
            assert_eq!(root.attribute("b"), Some(read), "{text:?}");
            assert_eq!(root.first_element_child().unwrap().text(), Some(read), "{text:?}");
        }
    }
}
