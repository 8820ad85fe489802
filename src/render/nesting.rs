//! How deep templates go, before they are loaded: the engine follows `elif`, `include` and `extends` by recursion.

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::SourceFile;

/// Templates that may hold each other. With the engine's own limit of 20 nested components, what is on the stack of a
/// thread has a bound.
const MAX_CHAIN: usize = 20;
/// Branches of one `if` at most, counted over a whole file.
const MAX_BRANCHES: usize = 1_000;

/// What is too deep in the site's own templates. Cycles are left to the engine, which names them.
pub(crate) fn too_deep(own: &BTreeMap<String, SourceFile>) -> Diagnostics {
    let links: BTreeMap<&str, Vec<&str>> = own.iter().map(|(name, file)| (name.as_str(), held(&file.text))).collect();
    let error = |file: &SourceFile, message: String, help: &str| {
        Diagnostic::error("template-nesting", message).in_file(&file.path).help(help)
    };
    let mut found = Diagnostics::new();
    let mut walk = Walk { links: &links, seen: BTreeMap::new() };
    for (name, file) in own {
        if file.text.matches("elif").count() > MAX_BRANCHES {
            let message = format!("the template has more than {MAX_BRANCHES} `elif`");
            found.push(error(file, message, "look the value up in a table instead"));
        }
        if walk.is_too_deep(name, &mut Vec::new()) {
            let message = format!("templates hold each other more than {MAX_CHAIN} deep from here");
            found.push(error(file, message, "put the parts of one page into fewer files"));
            break;
        }
    }
    found
}

struct Walk<'w> {
    links: &'w BTreeMap<&'w str, Vec<&'w str>>,
    /// The greatest depth at which a template was found to be fine.
    seen: BTreeMap<&'w str, usize>,
}

impl<'w> Walk<'w> {
    fn is_too_deep(&mut self, name: &str, above: &mut Vec<&'w str>) -> bool {
        let Some((&name, links)) = self.links.get_key_value(name) else { return false };
        if above.contains(&name) || self.seen.get(name).is_some_and(|seen| *seen >= above.len()) {
            return false;
        }
        if above.len() >= MAX_CHAIN {
            return true;
        }
        above.push(name);
        let found = links.iter().any(|link| self.is_too_deep(link, above));
        above.pop();
        self.seen.insert(name, above.len());
        found
    }
}

/// The templates that a text includes or extends.
fn held(text: &str) -> Vec<&str> {
    let name = |tag: &'_ str| -> Option<usize> {
        let inner = tag.trim_start_matches('-').trim_start();
        let rest = inner.strip_prefix("include").or_else(|| inner.strip_prefix("extends"))?.trim_start();
        rest.starts_with(['"', '\'', '`']).then(|| tag.len() - rest.len())
    };
    let mut names = Vec::new();
    for tag in text.split("{%").skip(1) {
        let Some(at) = name(tag) else { continue };
        let (quote, rest) = tag[at..].split_at(1);
        names.extend(rest.split_once(quote).map(|(name, _)| name));
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn held_templates_are_found() {
        let text = "{% extends \"a.html\" %}{%- include 'b' -%}{% if x %}{{ include }}{% include c %}{% include \"";
        assert_eq!(held(text), ["a.html", "b"]);
    }
}
