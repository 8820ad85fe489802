//! Diagnostics as a terminal shows them.

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use crate::diagnostic::{Diagnostic, Diagnostics, Place, Severity};

/// All findings in their order, each followed by an empty line: what is wrong, the place, the source line, the advice.
///
/// Control characters in names and messages are written as `\u{1b}`, so that no file can send orders to the terminal.
pub fn render(diagnostics: &Diagnostics, color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let mut out = String::new();
    for diagnostic in diagnostics.iter() {
        out.push_str(&one(diagnostic, &renderer));
        out.push_str("\n\n");
    }
    out
}

/// How many findings of each severity there are: `2 errors, 1 warning`. Empty where there are none.
pub fn summary(diagnostics: &Diagnostics) -> String {
    let names = [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Note, "note")];
    let counts = names.into_iter().map(|(severity, name)| (diagnostics.count(severity), name));
    let parts: Vec<String> = counts
        .filter(|(count, _)| *count > 0)
        .map(|(count, name)| format!("{count} {name}{}", if count == 1 { "" } else { "s" }))
        .collect();
    parts.join(", ")
}

/// The text with control and direction characters in a visible form.
pub fn visible(text: &str) -> String {
    let is_unsafe = |c: char| {
        c.is_control() || matches!(c, '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    };
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_unsafe(c) { out.extend(c.escape_default()) } else { out.push(c) }
    }
    out
}

fn one(diagnostic: &Diagnostic, renderer: &Renderer) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = level.primary_title(visible(&diagnostic.message)).id(diagnostic.code);
    let path = diagnostic.path.as_ref().map(|path| visible(path.as_str()));
    let mut group = Group::with_title(title);
    let mut columns = None;
    match (path, &diagnostic.place) {
        (Some(path), Some(place)) if place.line > 0 => {
            let (snippet, column) = snippet(place);
            let head = format!("{path}:{}:", place.line);
            columns = Some((format!("{head}{column}"), format!("{head}{}", place.column)));
            group = group.element(snippet.path(path));
        }
        (Some(path), _) => group = group.element(Origin::path(path)),
        (None, _) => {}
    }
    for help in &diagnostic.help {
        group = group.element(Level::HELP.message(visible(help)));
    }
    let shown = renderer.render(&[group]);
    match columns {
        // The renderer counts in what it is given, which may be a part of the line.
        Some((counted, column)) if counted != column => shown.replacen(&counted, &column, 1),
        _ => shown,
    }
}

/// The source line, and the column of the place in it, from 1.
fn snippet(place: &Place) -> (Snippet<'static, Annotation<'static>>, usize) {
    let line = &place.source_line;
    let (start, end) = place.range;
    let part = |range: std::ops::Range<usize>| visible_line(line.get(range).unwrap_or_default());
    let (before, marked, after) = (part(0..start), part(start..end), part(end..line.len()));
    let column = before.chars().count() + 1;
    let span = before.len()..before.len() + marked.len();
    let label = visible(&place.label);
    let annotation = AnnotationKind::Primary.span(span).label(Some(label).filter(|label| !label.is_empty()));
    let snippet = Snippet::source(before + &marked + &after).line_start(place.line as usize).annotation(annotation);
    (snippet, column)
}

/// A source line; its tabs are kept, since the renderer knows them.
fn visible_line(text: &str) -> String {
    text.split('\t').map(visible).collect::<Vec<_>>().join("\t")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::ContentHash;
    use crate::path::SitePath;
    use crate::source::{SourceFile, Span};

    fn file(text: &str) -> SourceFile {
        let path = SitePath::new("content/night-shift/042.md").unwrap();
        SourceFile { path, text: text.to_owned(), hash: ContentHash::of(b"") }
    }

    fn rendered(diagnostic: Diagnostic) -> String {
        render(&Diagnostics::from_iter([diagnostic]), false)
    }

    #[test]
    fn a_place_is_shown_with_its_line() {
        let file = file("+++\n\n\n\n\n\nhosts = [\"jane-dow\"]\n");
        let error = Diagnostic::error("unknown-person", "no person is called `jane-dow`")
            .at(&file, Span::new(18, 28), "not among the site's people")
            .help("did you mean `jane-doe`?");
        insta::assert_snapshot!(rendered(error), @r#"
        error[unknown-person]: no person is called `jane-dow`
         --> content/night-shift/042.md:7:10
          |
        7 | hosts = ["jane-dow"]
          |          ^^^^^^^^^^ not among the site's people
          |
          = help: did you mean `jane-doe`?
        "#);
    }

    #[test]
    fn columns_are_right_with_wide_characters_and_long_lines() {
        let long = file(&format!("{}标题 = 错误", "好".repeat(300)));
        let at = 900 + "标题 = ".len();
        insta::assert_snapshot!(rendered(Diagnostic::warning("w", "m").at(&long, Span::new(at, at + 6), "here")), @r#"
        warning[w]: m
         --> content/night-shift/042.md:1:306
          |
        1 | ... 好好好好好好好好好好好好好好好好好好好好好好好好好好标题 = 错误
          |                                                                ^^^^ here
        "#);
    }

    #[test]
    fn names_cannot_send_orders() {
        let path = SitePath::new("a\u{1b}[31m\nb\u{202E}.md").unwrap();
        let shown = rendered(Diagnostic::note("n", "say \u{1b}[0m").in_file(&path).help("x\r\ny"));
        insta::assert_snapshot!(shown, @r#"
        note[n]: say \u{1b}[0m
        --> a\u{1b}[31m\nb\u{202e}.md
         = help: x\r\ny
        "#);
        let file = file("a\u{202E}b\tc");
        let shown = rendered(Diagnostic::error("e", "m").at(&file, Span::new(6, 7), "x\u{7}"));
        insta::assert_snapshot!(shown, @r#"
        error[e]: m
         --> content/night-shift/042.md:1:5
          |
        1 | a\u{202e}b    c
          |               ^ x\u{7}
        "#);
    }

    #[test]
    fn the_summary_counts() {
        assert_eq!(summary(&Diagnostics::new()), "");
        let error = || Diagnostic::error("e", "m");
        let found = Diagnostics::from_iter([error(), error(), Diagnostic::warning("w", "m")]);
        assert_eq!(summary(&found), "2 errors, 1 warning");
        assert_eq!(summary(&Diagnostics::from_iter([Diagnostic::note("n", "m")])), "1 note");
    }
}
