//! Tera with the theme's templates, each file of which a site can override by the same name.

use std::collections::BTreeMap;
use std::io::{self, Write};

use tera::{Context, ErrorKind, Tera};

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::hash::{ContentHash, Hasher};
use crate::path::SitePath;
use crate::render::nesting::too_deep;
use crate::source::{SourceFile, Span};

/// The longest page that is made, in bytes: a template that repeats itself must not take all memory.
const MAX_PAGE: usize = 64 << 20;

/// Templates ready to render.
#[derive(Debug, Clone)]
pub struct Engine {
    tera: Tera,
    files: BTreeMap<String, SourceFile>,
    /// Hash of all templates: part of every page's key.
    pub hash: ContentHash,
    /// Hash of those that pictures are made with, and of the components: part of every picture's key.
    pub pictures: ContentHash,
}

impl Engine {
    /// Loads the built-in templates (as `builtin/NAME`) and the site's own (as `NAME`).
    ///
    /// # Errors
    /// Faults of syntax, missing includes and parents, cycles, too many levels: each at its place.
    pub fn new(builtin: &BTreeMap<String, String>, own: BTreeMap<String, SourceFile>) -> Result<Self, Diagnostics> {
        let too_deep = too_deep(&own);
        if too_deep.has_errors() {
            return Err(too_deep);
        }
        let hash = |is_part: fn(&str) -> bool| {
            let builtin = builtin.iter().map(|(name, text)| (name, text.as_str()));
            let all = builtin.chain(own.iter().map(|(name, file)| (name, file.text.as_str())));
            let mut hasher = Hasher::new();
            all.filter(|(name, _)| is_part(name)).for_each(|(name, text)| {
                hasher.part(name.as_bytes()).part(text.as_bytes());
            });
            hasher.finish()
        };
        let pictures = hash(|name| name.ends_with(".svg") || name.starts_with("components/card"));
        let mut tera = Tera::new();
        let engine = |tera| Self { tera, files: own.clone(), hash: hash(|_| true), pictures };
        let loaded = tera.set_fallback_prefixes(["builtin/"]).and_then(|()| {
            tera.autoescape_on([".html", ".svg", ".xml"]);
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

    /// Renders a template, and puts the stretches into their places.
    ///
    /// # Errors
    /// What the template does wrong, at its place where Tera names it.
    pub fn render(&self, template: &str, context: &Context, stretches: &Stretches) -> Result<Vec<u8>, Diagnostic> {
        let mut out = Capped { bytes: Vec::with_capacity(48 << 10), is_full: false };
        match self.tera.render_to(template, context, &mut out) {
            Ok(()) => stretches.fill(&out.bytes).ok_or_else(|| self.too_large(template)),
            Err(_) if out.is_full => Err(self.too_large(template)),
            Err(error) => Err(self.diagnostic(&error, template)),
        }
    }

    /// A picture that cannot be drawn: the template of it is no SVG.
    pub fn no_picture(&self, template: &str, why: &str) -> Diagnostic {
        let error = Diagnostic::error("no-picture", format!("the template `{template}` makes no picture: {why}"));
        let error = self.files.get(template).map(|file| file.path.clone()).iter().fold(error, Diagnostic::in_file);
        error.help("take the template of the default theme as a pattern; or write `cards = false` into podleaf.toml")
    }

    fn too_large(&self, template: &str) -> Diagnostic {
        let error =
            Diagnostic::error("page-too-large", format!("a page passed {} MiB and was cut off", MAX_PAGE >> 20));
        let path = self.files.get(template).map(|file| file.path.clone());
        let error = match path.or_else(|| SitePath::new(format!("templates/{template}"))) {
            Some(path) => error.in_file(&path),
            None => error,
        };
        error.help("look for a loop without end in the templates, or part the text into several episodes")
    }

    /// A fault that the engine tells in words only: a missing template, filter or component, a cycle.
    fn unplaced(&self, text: &str, template: &str) -> Diagnostic {
        let message = text.lines().next().unwrap_or_default();
        let diagnostic = Diagnostic::error("template-fault", message.trim_start_matches("error: "));
        if let Some((file, line, column)) =
            named_place(text).and_then(|(name, line, column)| Some((self.files.get(name)?, line, column)))
        {
            let start: usize = file.text.split_inclusive('\n').take(line).map(str::len).sum();
            let on_line = file.text[start..].lines().next().unwrap_or_default();
            let before: usize = on_line.chars().take(column).map(char::len_utf8).sum();
            return diagnostic.at(file, Span::new(start + before, start + on_line.len()), "");
        }
        let named = self.files.iter().find(|(name, _)| text.contains(&format!("'{name}'")) || *name == template);
        match named {
            Some((_, file)) => diagnostic.in_file(&file.path),
            None => diagnostic.help(format!("in the template `{template}`")),
        }
    }

    fn diagnostic(&self, error: &tera::Error, template: &str) -> Diagnostic {
        let (report, code) = match error.kind() {
            ErrorKind::SyntaxError(report) => (report, "template-syntax"),
            ErrorKind::RenderingError(report) => (report, "template-fault"),
            _ => return self.unplaced(&error.to_string(), template),
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

/// The first place that a message names, as `--> episode.html:2:4`: the template, the line and the column, from 0.
fn named_place(text: &str) -> Option<(&str, usize, usize)> {
    let place = text.lines().find_map(|line| line.trim_start().strip_prefix("--> "))?;
    let mut parts = place.trim_end().rsplitn(3, ':');
    let (column, line, name) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?);
    Some((name, usize::checked_sub(line, 1)?, usize::checked_sub(column, 1)?))
}

/// Long HTML that a template places and does not look at: the engine would copy it three times.
///
/// A template is given a placeholder, a number between two NUL characters. No text of a site has one: decoding leaves
/// them out.
#[derive(Debug, Default)]
pub struct Stretches(Vec<String>);

impl Stretches {
    /// Takes the HTML and leaves its placeholder.
    pub fn keep(&mut self, html: &mut String) {
        let placeholder = format!("\0{}\0", self.0.len());
        self.0.push(std::mem::replace(html, placeholder));
    }

    /// A page with the HTML in place of its placeholders. `None` where that is too large.
    fn fill(&self, page: &[u8]) -> Option<Vec<u8>> {
        let room = page.len() + self.0.iter().map(String::len).sum::<usize>();
        let mut out = Vec::with_capacity(room.min(MAX_PAGE));
        let mut rest = page;
        while let Some(at) = memchr::memchr(0, rest) {
            out.extend_from_slice(&rest[..at]);
            rest = &rest[at + 1..];
            let Some(end) = memchr::memchr(0, rest) else { continue };
            let number = std::str::from_utf8(&rest[..end]).ok().and_then(|number| number.parse::<usize>().ok());
            if let Some(html) = number.and_then(|number| self.0.get(number)) {
                out.extend_from_slice(html.as_bytes());
                rest = &rest[end + 1..];
            }
            if out.len() > MAX_PAGE {
                return None;
            }
        }
        out.extend_from_slice(rest);
        (out.len() <= MAX_PAGE).then_some(out)
    }
}

/// A page as it grows.
struct Capped {
    bytes: Vec<u8>,
    is_full: bool,
}

impl Write for Capped {
    fn write(&mut self, part: &[u8]) -> io::Result<usize> {
        self.write_all(part).map(|()| part.len())
    }

    fn write_all(&mut self, part: &[u8]) -> io::Result<()> {
        if self.bytes.len() + part.len() > MAX_PAGE {
            self.is_full = true;
            return Err(io::Error::other("the page is too large"));
        }
        self.bytes.extend_from_slice(part);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
