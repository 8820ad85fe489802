//! Settings as a tree of values that know their places, whether they were written in TOML or in YAML.
//!
//! The files that hold settings (front matter, `podleaf.toml`, `show.toml`, `people.toml`) are read into [`Node`]s;
//! a [`Reader`] turns these into typed values and collects what is wrong with them.

use std::ops::RangeInclusive;

use uuid::Uuid;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::podcast::Category;
use crate::source::{SourceFile, Span, Spanned};

pub mod toml;
pub mod yaml;

/// A value and where it is written.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Its place in the file, quotes and brackets included.
    pub span: Span,
}

/// What a setting can be.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing: a YAML key without a value.
    Null,
    /// A truth value of TOML.
    Boolean(bool),
    /// An integer of TOML.
    Integer(i64),
    /// A number with a fraction of TOML.
    Float(f64),
    /// A date of TOML, as written.
    Date(String),
    /// Text.
    Text(String),
    /// A word of YAML without quotes, which is what the key asks for: text, number, date or truth value.
    Plain(String),
    /// Values in order.
    List(Vec<Node>),
    /// Named values, in the order of the file.
    Table(Vec<Entry>),
}

/// A named value.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The name.
    pub key: Spanned<String>,
    /// The value.
    pub node: Node,
}

impl Node {
    /// The entries of a table; none where the value is something else.
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Table(entries) => entries,
            _ => &[],
        }
    }

    /// What the value is, for messages.
    pub fn kind(&self) -> &'static str {
        match &self.value {
            Value::Null => "nothing",
            Value::Boolean(_) => "true or false",
            Value::Integer(_) | Value::Float(_) => "a number",
            Value::Date(_) => "a date",
            Value::Text(_) | Value::Plain(_) => "text",
            Value::List(_) => "a list",
            Value::Table(_) => "a table",
        }
    }
}

/// Turns nodes into typed values; what does not fit is reported and left out.
#[derive(Debug)]
pub struct Reader<'f> {
    /// The file that the nodes are from.
    pub file: &'f SourceFile,
    /// What was found wrong so far.
    pub diagnostics: Diagnostics,
}

impl<'f> Reader<'f> {
    /// A reader that has found nothing yet.
    pub fn new(file: &'f SourceFile) -> Self {
        Self { file, diagnostics: Diagnostics::new() }
    }

    /// Reports an error at a place.
    pub fn error(&mut self, code: &'static str, message: impl Into<String>, span: Span, label: impl Into<String>) {
        self.diagnostics.push(Diagnostic::error(code, message).at(self.file, span, label));
    }

    /// Reports that a value is not what its key takes.
    pub fn wrong_type(&mut self, key: &str, node: &Node, expected: &str) {
        let label = format!("this is {}", node.kind());
        self.error("wrong-type", format!("`{key}` takes {expected}"), node.span, label);
    }

    /// Text, trimmed, without control characters, which only escapes can bring in. `None` where it is empty.
    pub fn text(&mut self, key: &str, node: &Node) -> Option<String> {
        match &node.value {
            Value::Text(text) | Value::Plain(text) => Some(printable(text)).filter(|text| !text.is_empty()),
            Value::Null => None,
            _ => {
                self.wrong_type(key, node, "text");
                None
            }
        }
    }

    /// Text with its place.
    pub fn spanned(&mut self, key: &str, node: &Node) -> Option<Spanned<String>> {
        self.text(key, node).map(|value| Spanned { value, span: node.span })
    }

    /// A list of texts. One text is split at commas.
    pub fn texts(&mut self, key: &str, node: &Node) -> Vec<Spanned<String>> {
        match &node.value {
            Value::List(nodes) => nodes.iter().filter_map(|node| self.spanned(key, node)).collect(),
            Value::Text(text) | Value::Plain(text) => {
                let parts = text.split([',', '，', '、']).map(str::trim).filter(|part| !part.is_empty());
                parts.map(|part| Spanned { value: part.to_owned(), span: node.span }).collect()
            }
            Value::Null => Vec::new(),
            _ => {
                self.wrong_type(key, node, "a list of texts");
                Vec::new()
            }
        }
    }

    /// True or false; `yes` and `no` in words, too.
    pub fn boolean(&mut self, key: &str, node: &Node) -> Option<bool> {
        match &node.value {
            Value::Boolean(value) => return Some(*value),
            Value::Null => return None,
            Value::Text(text) | Value::Plain(text) => match text.trim().to_ascii_lowercase().as_str() {
                "true" | "yes" | "on" => return Some(true),
                "false" | "no" | "off" => return Some(false),
                _ => {}
            },
            _ => {}
        }
        self.wrong_type(key, node, "`true` or `false`");
        None
    }

    /// A whole number within a range.
    pub fn integer(&mut self, key: &str, node: &Node, range: RangeInclusive<i64>) -> Option<i64> {
        let number = match &node.value {
            Value::Integer(number) => Some(*number),
            Value::Text(text) | Value::Plain(text) => text.trim().parse().ok(),
            Value::Null => return None,
            _ => None,
        };
        match number {
            None => self.wrong_type(key, node, "a whole number"),
            Some(number) if range.contains(&number) => return Some(number),
            Some(_) => {
                let message = format!("`{key}` takes a number from {} to {}", range.start(), range.end());
                self.error("bad-value", message, node.span, "out of range");
            }
        }
        None
    }

    /// The entries of a table.
    pub fn table<'n>(&mut self, key: &str, node: &'n Node) -> &'n [Entry] {
        if !matches!(node.value, Value::Table(_) | Value::Null) {
            self.wrong_type(key, node, "a table");
        }
        node.entries()
    }

    /// Titles and addresses in order: a table of them, or a list of tables with `title` and `url`.
    /// An address is `http`, `https` or `mailto`, or where `relative` allows it a path of the site.
    pub fn links(&mut self, key: &str, node: &Node, relative: Relative) -> Vec<(String, String)> {
        let pairs: Vec<(String, &Node)> = match &node.value {
            Value::Table(entries) => entries.iter().map(|e| (printable(&e.key.value), &e.node)).collect(),
            Value::List(nodes) => nodes.iter().filter_map(|node| self.titled(key, node)).collect(),
            Value::Null => Vec::new(),
            _ => {
                self.wrong_links(key, node, "a table of titles and addresses");
                Vec::new()
            }
        };
        let mut links = Vec::new();
        for (title, node) in pairs {
            if let Some(url) = self.url(&format!("{key}.{title}"), node, relative) {
                links.push((title, url));
            }
        }
        links
    }

    fn titled<'n>(&mut self, key: &str, node: &'n Node) -> Option<(String, &'n Node)> {
        let entries = node.entries();
        let named = |names: &[&str]| entries.iter().find(|entry| names.contains(&entry.key.value.as_str()));
        match (named(&["title", "name", "label"]), named(&["url", "link", "href"])) {
            (Some(title), Some(url)) => Some((self.text("title", &title.node)?, &url.node)),
            _ => {
                self.wrong_links(key, node, "a list of tables with `title` and `url`");
                None
            }
        }
    }

    fn wrong_links(&mut self, key: &str, node: &Node, expected: &str) {
        let label = match node.value {
            Value::Table(_) => "`title` or `url` is missing".to_owned(),
            _ => format!("this is {}", node.kind()),
        };
        let error =
            Diagnostic::error("wrong-type", format!("`{key}` takes {expected}")).at(self.file, node.span, label);
        self.diagnostics.push(error.help(format!("write `{key} = {{ \"Title\" = \"https://example.org/\" }}`")));
    }

    /// An address that is safe to link to.
    pub fn url(&mut self, key: &str, node: &Node, relative: Relative) -> Option<String> {
        let url = self.text(key, node)?;
        let ok = match url.split_once(':') {
            Some((scheme, rest)) if !scheme.contains(['/', '?', '#']) => {
                let known = ["http", "https", "mailto"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
                known && (scheme.eq_ignore_ascii_case("mailto") || rest.starts_with("//") && rest.len() > 2)
            }
            _ => relative == Relative::Allowed,
        };
        let ok = ok && !url.contains(|c: char| c.is_control() || c.is_whitespace() || c == '\\');
        if ok {
            return Some(url);
        }
        let message = format!("`{key}` has an address that pages cannot link to");
        let diagnostic = Diagnostic::error("bad-url", message).at(self.file, node.span, "not a web address");
        self.diagnostics.push(diagnostic.help("write it in full: `https://example.org/path`"));
        None
    }

    /// The guid of a feed: a UUID (`podcast:guid`).
    pub fn uuid(&mut self, key: &str, node: &Node) -> Option<Uuid> {
        let text = self.text(key, node)?;
        let uuid = Uuid::parse_str(&text).ok();
        if uuid.is_none() {
            let message = format!("`{key}` takes a UUID, the `podcast:guid` of a feed");
            self.error("bad-guid", message, node.span, "not a UUID");
        }
        uuid
    }

    /// An address of the form `name@host`; whether somebody reads it is not ours to know.
    pub fn email(&mut self, key: &str, node: &Node) -> Option<String> {
        let text = self.text(key, node)?;
        let is_plain =
            |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || "@<>\"".contains(c));
        if text.split_once('@').is_some_and(|(name, host)| is_plain(name) && is_plain(host) && host.contains('.')) {
            return Some(text);
        }
        let error = Diagnostic::error("bad-email", format!("`{key}` takes an address of mail alone, without a name"))
            .at(self.file, node.span, "not an address of mail")
            .help(format!("write `{key} = \"jane@example.org\"`"));
        self.diagnostics.push(error);
        None
    }

    /// Categories of Apple's list.
    pub fn categories(&mut self, key: &str, node: &Node) -> Vec<Category> {
        let mut categories = Vec::new();
        for text in self.texts(key, node) {
            if let Some(category) = Category::new(&text.value) {
                categories.push(category);
                continue;
            }
            let message = format!("Apple has no category `{}`", text.value);
            let warning = Diagnostic::warning("unknown-category", message).at(self.file, text.span, "left out");
            let last = text.value.rsplit(['/', '>', ':']).next().unwrap_or_default().trim();
            self.diagnostics.push(match nearest(last, &Category::names()) {
                Some(near) => warning.help(format!("did you mean `{near}`?")),
                None => warning.help("write one such as `Arts`, `History` or `Society & Culture / Documentary`"),
            });
        }
        categories
    }

    /// Warns of a key that nothing reads; names the nearest known one.
    pub fn unknown(&mut self, key: &Spanned<String>, known: &[&str]) {
        let message = format!("there is no setting called `{}`", key.value);
        let mut warning = Diagnostic::warning("unknown-key", message).at(self.file, key.span, "not read by anything");
        if let Some(nearest) = nearest(&key.value, known) {
            warning = warning.help(format!("did you mean `{nearest}`?"));
        }
        self.diagnostics.push(warning);
    }
}

fn printable(text: &str) -> String {
    let kept: String = text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    kept.trim().to_owned()
}

/// Whether an address may be a path of the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relative {
    /// A path will do.
    Allowed,
    /// A scheme is needed.
    Refused,
}

/// The known name that is nearest to a misspelt one, if any is near.
pub fn nearest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    let name = name.to_lowercase();
    let distance = |known: &&'k str| (strsim::osa_distance(&name, &known.to_lowercase()), *known);
    let (distance, nearest) = known.iter().map(distance).min()?;
    (distance <= (name.chars().count() / 3).clamp(1, 3)).then_some(nearest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelt_names_are_near() {
        assert_eq!(nearest("titel", &["title", "date"]), Some("title"));
        assert_eq!(nearest("Guest", &["guests", "date"]), Some("guests"));
        assert_eq!(nearest("banana", &["title", "date"]), None);
    }
}
