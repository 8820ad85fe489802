//! Tera with the theme's templates, each file of which a site can override by the same name.

use std::collections::BTreeMap;

use tera::{Context, ErrorKind, Tera};

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::hash::{ContentHash, Hasher};
use crate::path::SitePath;
use crate::source::{SourceFile, Span};

/// Templates ready to render.
#[derive(Debug, Clone)]
pub struct Engine {
    tera: Tera,
    files: BTreeMap<String, SourceFile>,
    /// Hash of all templates: part of every page's key.
    pub hash: ContentHash,
}

impl Engine {
    /// Loads the built-in templates (as `builtin/NAME`) and the site's own (as `NAME`).
    ///
    /// # Errors
    /// Faults of syntax, missing includes and parents, cycles: each at its place.
    pub fn new(builtin: &BTreeMap<String, String>, own: BTreeMap<String, SourceFile>) -> Result<Self, Diagnostics> {
        let mut hasher = Hasher::new();
        builtin.iter().for_each(|(name, text)| _ = hasher.part(name.as_bytes()).part(text.as_bytes()));
        own.iter().for_each(|(name, file)| _ = hasher.part(name.as_bytes()).part(file.text.as_bytes()));
        let mut tera = Tera::new();
        let engine = |tera| Self { tera, files: own.clone(), hash: hasher.finish() };
        let loaded = tera.set_fallback_prefixes(["builtin/"]).and_then(|()| {
            tera.autoescape_on([".html", ".xml"]);
            let builtin =
                builtin.iter().filter(|(name, _)| !(own.contains_key(*name) && name.starts_with("components/")));
            let builtin = builtin.map(|(name, text)| (format!("builtin/{name}"), text.clone()));
            let own = own.iter().map(|(name, file)| (name.clone(), file.text.clone()));
            tera.add_raw_templates(builtin.chain(own).collect::<Vec<_>>())
        });
        match loaded {
            Ok(()) => Ok(engine(tera)),
            Err(error) => Err([engine(Tera::new()).diagnostic(&error, "template")].into_iter().collect()),
        }
    }

    /// Renders a template.
    ///
    /// # Errors
    /// What the template does wrong, at its place where Tera names it.
    pub fn render(&self, template: &str, context: &Context) -> Result<Vec<u8>, Diagnostic> {
        let mut out = Vec::with_capacity(64 << 10);
        self.tera.render_to(template, context, &mut out).map_err(|error| self.diagnostic(&error, template))?;
        Ok(out)
    }

    fn diagnostic(&self, error: &tera::Error, template: &str) -> Diagnostic {
        let (report, code) = match error.kind() {
            ErrorKind::SyntaxError(report) => (report, "template-syntax"),
            ErrorKind::RenderingError(report) => (report, "template-fault"),
            _ => {
                let text = error.to_string();
                let diagnostic =
                    Diagnostic::error("template-fault", text.lines().next().unwrap_or_default().to_owned());
                let named = self.files.iter().find(|(name, _)| text.contains(name.as_str()) || *name == template);
                let diagnostic = match named {
                    Some((_, file)) => diagnostic.in_file(&file.path),
                    None => diagnostic.help(format!("in the template `{template}`")),
                };
                return text
                    .lines()
                    .skip(1)
                    .take(12)
                    .filter(|line| !line.trim().is_empty())
                    .fold(diagnostic, |d, line| d.help(line.trim().to_owned()));
            }
        };
        let diagnostic = Diagnostic::error(code, report.message().to_string());
        let diagnostic = if report.message().contains("end of input") {
            diagnostic.help("a tag such as `{% if %}`, `{% for %}` or `{% block %}` lacks its end: `{% endif %}`")
        } else {
            diagnostic
        };
        let name = report.filename().to_string();
        match self.files.get(&name) {
            Some(file) => {
                let range = report.span().range.clone();
                diagnostic.at(file, Span::new(range.start, range.end.max(range.start + 1)), "")
            }
            None => match SitePath::new(format!("templates/{}", name.trim_start_matches("builtin/"))) {
                Some(path) => diagnostic.in_file(&path).help("this is a template of the default theme"),
                None => diagnostic,
            },
        }
    }
}
