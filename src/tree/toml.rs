//! TOML as a tree.

use ::toml::Spanned as TomlSpanned;
use ::toml::de::{DeTable, DeValue, Error};

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{SourceFile, Span, Spanned};
use crate::tree::{Entry, Node, Value};

/// Reads a stretch of a file as TOML. With errors the tree holds what could be read.
///
/// Nesting is limited by the parser (80 levels), so that no input can exhaust the stack.
pub fn parse(file: &SourceFile, block: Span) -> (Node, Diagnostics) {
    let text = block.of(&file.text);
    let base = block.start as usize;
    let (table, errors) = DeTable::parse_recoverable(text);
    const SHOWN: usize = 5;
    let mut diagnostics: Diagnostics =
        errors.iter().take(SHOWN).map(|error| syntax_error(file, block, error)).collect();
    let node = Node { value: table_value(table.get_ref(), text, base, &mut diagnostics, file), span: block };
    (node, diagnostics)
}

/// Reads a whole file as TOML.
pub fn parse_file(file: &SourceFile) -> (Node, Diagnostics) {
    parse(file, Span::new(0, file.text.len()))
}

fn syntax_error(file: &SourceFile, block: Span, error: &Error) -> Diagnostic {
    let base = block.start as usize;
    let range = error.span().unwrap_or_default();
    let span = Span::new(base + range.start, base + range.end);
    let message = one_line(error.message());
    if message.contains("duplicate key") {
        return duplicate(file, span, span.of(&file.text));
    }
    if is_like_a_date(span.of(&file.text)) {
        return Diagnostic::error("bad-date", "there is no such date").at(file, span, "not in the calendar");
    }
    Diagnostic::error("syntax", "the TOML cannot be read").at(file, span, message)
}

fn is_like_a_date(text: &str) -> bool {
    let n_digits = text.bytes().take_while(u8::is_ascii_digit).count();
    n_digits >= 4 && text[n_digits..].starts_with('-')
}

/// A message of a parser as one line of our own style.
pub(super) fn one_line(message: &str) -> String {
    let line = message.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(", ");
    line.chars().take(200).collect()
}

pub(super) fn duplicate(file: &SourceFile, span: Span, key: &str) -> Diagnostic {
    Diagnostic::error("duplicate-key", format!("`{key}` is set twice")).at(file, span, "set before")
}

fn table_value(
    table: &DeTable<'_>,
    text: &str,
    base: usize,
    diagnostics: &mut Diagnostics,
    file: &SourceFile,
) -> Value {
    let mut entries: Vec<Entry> = table
        .iter()
        .map(|(key, value)| Entry {
            key: Spanned { value: key.get_ref().to_string(), span: shifted(key, base) },
            node: node(value, text, base, diagnostics, file),
        })
        .collect();
    entries.sort_by_key(|entry| entry.key.span);
    Value::Table(entries)
}

fn shifted<T>(spanned: &TomlSpanned<T>, base: usize) -> Span {
    Span::new(base + spanned.span().start, base + spanned.span().end)
}

fn node(
    value: &TomlSpanned<DeValue<'_>>,
    text: &str,
    base: usize,
    diagnostics: &mut Diagnostics,
    file: &SourceFile,
) -> Node {
    let span = shifted(value, base);
    let value = match value.get_ref() {
        DeValue::String(string) => Value::Text(string.to_string()),
        DeValue::Boolean(boolean) => Value::Boolean(*boolean),
        DeValue::Datetime(_) => Value::Date(span.of(&file.text).to_owned()),
        DeValue::Integer(integer) => match i64::from_str_radix(integer.as_str(), integer.radix()) {
            Ok(number) => Value::Integer(number),
            Err(_) => {
                diagnostics.push(Diagnostic::error("bad-value", "the number is too large").at(file, span, "this one"));
                Value::Null
            }
        },
        DeValue::Float(float) => Value::Float(float.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Array(array) => {
            Value::List(array.iter().map(|value| node(value, text, base, diagnostics, file)).collect())
        }
        DeValue::Table(table) => table_value(table, text, base, diagnostics, file),
    };
    Node { value, span }
}
