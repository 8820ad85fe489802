//! YAML as a tree.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{Location, Spanned as YamlSpanned};

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{SourceFile, Span, Spanned};
use crate::tree::toml::{duplicate, one_line};
use crate::tree::{Entry, Node, Value};

/// Reads a stretch of a file as YAML. With an error the tree is empty.
///
/// Size, nesting and the use of aliases are limited, so that no input costs more than its length.
pub fn parse(file: &SourceFile, block: Span) -> (Node, Diagnostics) {
    let text = block.of(&file.text);
    let empty = Node { value: Value::Table(Vec::new()), span: block };
    if text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')) {
        return (empty, Diagnostics::new());
    }
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_nodes: 20_000, max_depth: 16, flow_nesting_limit: 16, max_aliases: 1_000 },
        with_snippet: false,
    };
    match serde_saphyr::from_str_with_options::<YamlSpanned<Yaml>>(text, options) {
        Ok(yaml) => (Tree { text, base: block.start as usize }.node(yaml), Diagnostics::new()),
        Err(error) => (empty, Diagnostics::from_iter([syntax_error(file, block, &error)])),
    }
}

fn syntax_error(file: &SourceFile, block: Span, error: &serde_saphyr::Error) -> Diagnostic {
    let base = block.start as usize;
    let message = one_line(&error.without_snippet().to_string());
    let (message, place) = match message.rsplit_once(" at line ") {
        Some((words, place)) => (words.to_owned(), offset(block.of(&file.text), place)),
        None => (message, None),
    };
    let range = error.location().and_then(|location| byte_range(&location)).filter(|range| *range != (0, 0));
    let range = range.or(place.map(|at| (at, at + 1))).unwrap_or((0, 0));
    let span = Span::new(base + range.0, (base + range.1).min(block.end as usize).max(base + range.0));
    if message.contains("duplicate") && message.contains("key") {
        return duplicate(file, span, span.of(&file.text).trim());
    }
    let diagnostic = Diagnostic::error("syntax", "the YAML cannot be read").at(file, span, message.clone());
    if message.contains("mapping values are not allowed") {
        return diagnostic.help("put text with a colon in quotes: `title: \"Part 1: the bridge\"`");
    }
    diagnostic
}

/// The byte of `1, column 8`, both from 1.
fn offset(text: &str, place: &str) -> Option<usize> {
    let (line, column) = place.split_once(", column ")?;
    let (line, column): (usize, usize) = (line.parse().ok()?, column.trim_end_matches('.').parse().ok()?);
    let start: usize = text.split_inclusive('\n').take(line.checked_sub(1)?).map(str::len).sum();
    let (at, _) = text.get(start..)?.char_indices().nth(column.checked_sub(1)?)?;
    Some(start + at)
}

fn byte_range(location: &Location) -> Option<(usize, usize)> {
    let span = location.span();
    let start = usize::try_from(span.byte_offset()?).ok()?;
    Some((start, start + usize::try_from(span.byte_len().unwrap_or(0)).unwrap_or(0)))
}

/// A value before its place is known in the file.
enum Yaml {
    Null,
    /// A word that YAML would take for a number or a truth value; its spelling is in the file.
    Word(String),
    Text(String),
    List(Vec<YamlSpanned<Yaml>>),
    Table(Vec<(YamlSpanned<String>, YamlSpanned<Yaml>)>),
}

impl<'de> Deserialize<'de> for Yaml {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(YamlVisitor)
    }
}

struct YamlVisitor;

impl<'de> Visitor<'de> for YamlVisitor {
    type Value = Yaml;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text, a list or a table")
    }

    fn visit_unit<E>(self) -> Result<Yaml, E> {
        Ok(Yaml::Null)
    }

    fn visit_none<E>(self) -> Result<Yaml, E> {
        Ok(Yaml::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Yaml, E> {
        Ok(Yaml::Word(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Yaml, E> {
        Ok(Yaml::Word(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Yaml, E> {
        Ok(Yaml::Word(value.to_string()))
    }

    fn visit_i128<E>(self, value: i128) -> Result<Yaml, E> {
        Ok(Yaml::Word(value.to_string()))
    }

    fn visit_u128<E>(self, value: u128) -> Result<Yaml, E> {
        Ok(Yaml::Word(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Yaml, E> {
        Ok(Yaml::Word(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Yaml, E> {
        Ok(Yaml::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Yaml, A::Error> {
        let mut nodes = Vec::new();
        while let Some(node) = seq.next_element()? {
            nodes.push(node);
        }
        Ok(Yaml::List(nodes))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Yaml, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Yaml::Table(entries))
    }
}

struct Tree<'t> {
    text: &'t str,
    base: usize,
}

impl Tree<'_> {
    fn node(&self, yaml: YamlSpanned<Yaml>) -> Node {
        let span = self.span(&yaml.referenced);
        // An alias has its text elsewhere.
        let written = self.written(&yaml.defined);
        let is_quoted = written.starts_with(['"', '\'', '|', '>']);
        let value = match yaml.value {
            Yaml::Null => Value::Null,
            Yaml::Word(word) if written.is_empty() || is_quoted => Value::Plain(word),
            Yaml::Word(_) => Value::Plain(written.to_owned()),
            Yaml::Text(text) if is_quoted => Value::Text(text),
            Yaml::Text(text) => Value::Plain(text),
            Yaml::List(nodes) => Value::List(nodes.into_iter().map(|node| self.node(node)).collect()),
            Yaml::Table(entries) => Value::Table(entries.into_iter().map(|entry| self.entry(entry)).collect()),
        };
        Node { value, span }
    }

    fn entry(&self, (key, node): (YamlSpanned<String>, YamlSpanned<Yaml>)) -> Entry {
        Entry { key: Spanned { span: self.span(&key.referenced), value: key.value }, node: self.node(node) }
    }

    fn written(&self, location: &Location) -> &str {
        let range = byte_range(location).unwrap_or((0, 0));
        self.text.get(range.0..range.1).unwrap_or_default().trim()
    }

    fn span(&self, location: &Location) -> Span {
        let (start, end) = byte_range(location).unwrap_or((0, 0));
        let end = start + self.text.get(start..end).map_or(0, |text| text.trim_end().len());
        Span::new(self.base + start, self.base + end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::ContentHash;
    use crate::path::SitePath;

    fn tree(text: &str) -> Result<Vec<(String, String)>, String> {
        let file = SourceFile { path: SitePath::new("a").unwrap(), text: text.to_owned(), hash: ContentHash::of(b"") };
        let (node, diagnostics) = parse(&file, Span::new(0, text.len()));
        if let Some(diagnostic) = diagnostics.iter().next() {
            return Err(format!("{}: {}", diagnostic.code, diagnostic.place.as_ref().unwrap().label));
        }
        let words = |entry: &Entry| (entry.key.span.of(text).to_owned(), entry.node.span.of(text).to_owned());
        Ok(node.entries().iter().map(words).collect())
    }

    #[test]
    fn spans_are_what_is_written() {
        let pairs = tree("title: yes\nn: 010\nq: \"a b\"  # c\nl: [a, 'b']\n").unwrap();
        assert_eq!(pairs[0], ("title".into(), "yes".into()));
        assert_eq!(pairs[1], ("n".into(), "010".into()));
        assert_eq!(pairs[2], ("q".into(), "\"a b\"".into()));
    }

    #[test]
    fn bombs_are_errors() {
        let mut bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for (from, to) in "abcdefgh".chars().zip("bcdefghi".chars()) {
            bomb.push_str(&format!("{to}: &{to} [*{from}, *{from}, *{from}, *{from}, *{from}, *{from}, *{from}]\n"));
        }
        assert!(tree(&bomb).is_err());
        assert!(tree(&format!("a: {}", "[".repeat(50_000))).is_err());
        assert!(tree(&format!("a: {}", "{a: ".repeat(50_000))).is_err());
        assert!(tree(&"- ".repeat(50_000)).is_err());
        let deep: String = (0..3_000).map(|n| format!("{}a:\n", " ".repeat(n))).collect();
        assert!(tree(&deep).is_err());
    }
}
