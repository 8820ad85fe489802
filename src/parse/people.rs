//! `people.toml`: who is in the archive, under which names.

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::markup::one_spaced;
use crate::model::person::{PersonEntry, Role};
use crate::source::{SourceFile, Span, Spanned};
use crate::tree::{self, Entry, Node, Reader, Relative, Value};

const KEYS: &[&str] = &["name", "names", "aliases", "bio", "role", "links", "color", "sort_as"];

/// Reads the entries in the order of the file. An entry with an unusable id is left out.
pub fn parse_people(file: &SourceFile) -> (Vec<PersonEntry>, Diagnostics) {
    let (node, diagnostics) = tree::toml::parse_file(file);
    let mut reader = Reader::new(file);
    let mut names = Names::default();
    let mut people = Vec::new();
    for entry in node.entries() {
        if let Some(person) = person(&mut reader, &mut names, entry) {
            people.push(person);
        }
    }
    // After a syntax error what follows from it would only repeat it.
    let diagnostics = if diagnostics.is_empty() { reader.diagnostics } else { diagnostics };
    (people, diagnostics)
}

/// Whether a text can be the id of a person: `[a-z0-9-]+`.
pub fn is_person_id(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

fn person(reader: &mut Reader<'_>, names: &mut Names, entry: &Entry) -> Option<PersonEntry> {
    let id = &entry.key;
    if !is_person_id(&id.value) {
        let error = Diagnostic::error("bad-person-id", format!("`{}` cannot be the id of a person", id.value))
            .at(reader.file, id.span, "part of the person's address")
            .help("use lower-case letters, digits and hyphens: `[jane-doe]`");
        reader.diagnostics.push(error);
        return None;
    }
    let mut person = PersonEntry {
        id: id.clone(),
        name: String::new(),
        names: Vec::new(),
        aliases: Vec::new(),
        bio: None,
        role: None,
        links: Vec::new(),
        color: None,
        sort_as: None,
    };
    names.add(reader, &id.value, &id.value, id.span);
    for entry in reader.table(&id.value, &entry.node) {
        take(reader, names, &mut person, entry);
    }
    if person.name.is_empty() {
        person.name = person.names.first().map_or_else(|| id.value.clone(), |(_, name)| name.clone());
    }
    Some(person)
}

fn take(reader: &mut Reader<'_>, names: &mut Names, person: &mut PersonEntry, entry: &Entry) {
    let (key, node) = (entry.key.value.as_str(), &entry.node);
    match key {
        "name" => {
            if let Some(name) = reader.text(key, node) {
                names.add(reader, &person.id.value, &name, node.span);
                person.name = name;
            }
        }
        "names" => {
            for entry in reader.table(key, node) {
                if let Some(name) = reader.text(&entry.key.value, &entry.node) {
                    names.add(reader, &person.id.value, &name, entry.node.span);
                    person.names.push((entry.key.value.clone(), name));
                }
            }
        }
        "aliases" => {
            for Spanned { value, span } in aliases(reader, key, node) {
                names.add(reader, &person.id.value, &value, span);
                person.aliases.push(value);
            }
        }
        "bio" => person.bio = reader.text(key, node),
        "sort_as" => person.sort_as = reader.text(key, node),
        "role" => person.role = role(reader, key, node),
        "links" => person.links = reader.links(key, node, Relative::Refused),
        "color" | "colour" => {
            person.color = reader.integer("color", node, 1..=8).and_then(|color| u8::try_from(color).ok());
        }
        _ => reader.unknown(&entry.key, KEYS),
    }
}

/// Names are not split at commas: `Doe, Jane` is one.
fn aliases(reader: &mut Reader<'_>, key: &str, node: &Node) -> Vec<Spanned<String>> {
    match node.value {
        Value::Text(_) => reader.spanned(key, node).into_iter().collect(),
        _ => reader.texts(key, node),
    }
}

/// Other roles are allowed, and mean that nothing is known.
fn role(reader: &mut Reader<'_>, key: &str, node: &Node) -> Option<Role> {
    match reader.text(key, node)?.to_lowercase().as_str() {
        "host" | "co-host" | "主持" | "主持人" => Some(Role::Host),
        "guest" | "嘉宾" => Some(Role::Guest),
        _ => None,
    }
}

/// Each name with the person that it is of.
#[derive(Default)]
struct Names(BTreeMap<String, (String, u32)>);

impl Names {
    fn add(&mut self, reader: &mut Reader<'_>, id: &str, name: &str, span: Span) {
        let line = reader.file.line_column(span.start).0;
        let key = one_spaced(&name.to_lowercase());
        let (first, first_line) = self.0.entry(key).or_insert_with(|| (id.to_owned(), line));
        if first != id {
            let error = Diagnostic::error("duplicate-name", format!("`{name}` is a name of both `{first}` and `{id}`"))
                .at(reader.file, span, format!("first given to `{first}` on line {first_line}"))
                .help("keep it in one of the two entries, or make the entries one");
            reader.diagnostics.push(error);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::ContentHash;
    use crate::path::SitePath;

    fn parsed(text: &str) -> (Vec<PersonEntry>, Vec<String>) {
        let path = SitePath::new("people.toml").unwrap();
        let file = SourceFile { path, text: text.to_owned(), hash: ContentHash::of(b"") };
        let (people, diagnostics) = parse_people(&file);
        let found = |d: &Diagnostic| format!("{} {}: {}", d.code, d.place.as_ref().unwrap().line, d.message);
        (people, diagnostics.iter().map(found).collect())
    }

    #[test]
    fn entries_are_read_in_order() {
        let (people, found) = parsed(
            "[li-hong]\nname = '李红'\nnames = { en = 'Li Hong' }\naliases = ['红姐']\nbio = 'b'\nrole = 'Host'\n\
             links = { Site = 'https://a.b', Mail = 'mailto:a@b.c' }\ncolor = 3\nsort_as = 'li hong'\n[adam]\nrole = 'editor'\n",
        );
        assert!(found.is_empty(), "{found:?}");
        assert_eq!((people[0].id.value.as_str(), people[1].name.as_str()), ("li-hong", "adam"));
        assert_eq!((people[0].role, people[0].color, people[1].role), (Some(Role::Host), Some(3), None));
        assert_eq!(people[0].links[1].1, "mailto:a@b.c");
    }

    #[test]
    fn faults_are_named() {
        for (text, expected) in [
            ("[a]\nname = 'X'\n[b]\naliases = ['x']", "duplicate-name 4: `x` is a name of both `a` and `b`"),
            ("['A b']\nname = 'X'", "bad-person-id 1: `A b` cannot be the id of a person"),
            ("[a]\nlinks = { x = 'javascript:a' }", "bad-url 2: `links.x` has an address that pages cannot link to"),
            ("[a]\ncolor = 9", "bad-value 2: `color` takes a number from 1 to 8"),
            ("[a]\nnmae = 'x'", "unknown-key 2: there is no setting called `nmae`"),
            ("a = 'x'", "wrong-type 1: `a` takes a table"),
            ("[a]\n[a]", "duplicate-key 2: `a` is set twice"),
        ] {
            assert_eq!(parsed(text).1, [expected], "{text}");
        }
    }
}
