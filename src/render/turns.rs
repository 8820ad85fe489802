//! The turns of a section as HTML. Their markup is a contract with themes, tests and readers' tools (design, "the
//! page"), and it is nearly all of an archive, so that it is written here and not by a template.

use crate::markup::escape_html;
use crate::model::time::MediaTime;
use crate::model::transcript::{Cue, Item, Paragraph, TimeMark, Title, Turn, TurnId, says_time};
use crate::parse::measure::n_chars;
use crate::parse::read::TextStyle;
use crate::render::view::episode::SpeakerView;

/// A turn of fewer characters is set tighter.
const SHORT_TURN: usize = 60;

/// Writes the turns of one episode, in order.
pub(crate) struct TurnWriter<'w> {
    /// The source's text.
    text: &'w str,
    /// How it becomes HTML.
    style: TextStyle,
    /// Words of the link to a turn.
    permalink: String,
    /// Makes the links of a paragraph lead somewhere.
    linked: &'w dyn Fn(String) -> String,
    heads: Vec<Head>,
    /// Times of paragraphs that are yet to come.
    marks: &'w [TimeMark],
    ids: std::slice::Iter<'w, TurnId>,
}

/// What is the same in all turns of a speaker.
struct Head {
    attributes: String,
    name: String,
    /// Shown in the first turn only; then it is empty.
    role: String,
}

impl Head {
    fn new(speaker: &SpeakerView) -> Self {
        let mut attributes = format!(" data-speaker=\"{}\"", speaker.speaker);
        if speaker.host {
            attributes.push_str(" data-host");
        }
        let mut name = String::new();
        match &speaker.href {
            Some(href) => push(&mut name, "<a class=\"speaker\" href=\"", href),
            None => name.push_str("<span class=\"speaker"),
        }
        if let Some(lang) = &speaker.lang {
            push(&mut name, "\" lang=\"", lang);
        }
        push(&mut name, "\">", &speaker.name);
        name.push_str(if speaker.href.is_some() { "</a>" } else { "</span>" });
        let mut role = String::new();
        if let Some(words) = &speaker.role {
            push(&mut role, " <span class=\"role\">", words);
            role.push_str("</span>");
        }
        Self { attributes, name, role }
    }
}

impl<'w> TurnWriter<'w> {
    pub(crate) fn new(
        (text, style): (&'w str, TextStyle),
        speakers: &[SpeakerView],
        (ids, marks): (&'w [TurnId], &'w [TimeMark]),
        permalink: &str,
        linked: &'w dyn Fn(String) -> String,
    ) -> Self {
        let mut words = String::new();
        escape_html(permalink, &mut words);
        let heads = speakers.iter().map(Head::new).collect();
        Self { text, style, permalink: words, linked, heads, marks, ids: ids.iter() }
    }

    /// The items of the next section.
    pub(crate) fn section(&mut self, items: &[Item]) -> String {
        let spans = items.iter().map(|item| match item {
            Item::Turn(turn) => 240 + turn.paragraphs.iter().map(|p| 16 + p.span.of(self.text).len()).sum::<usize>(),
            Item::Text(paragraph) => 40 + paragraph.span.of(self.text).len(),
            Item::Cue(_) => 80,
        });
        let n_bytes: usize = spans.sum();
        let mut out = String::with_capacity(n_bytes + n_bytes / 32);
        for item in items {
            match item {
                Item::Turn(turn) => self.turn(turn, &mut out),
                Item::Cue(cue) => self.cue(cue, &mut out),
                Item::Text(paragraph) => {
                    if let Some(start) = self.mark(paragraph) {
                        // It has no address of its own, but the player knows its time.
                        out.push('\n');
                        push_link(&format!("t={}", start.0 / 1000), start, &mut out);
                    }
                    out.push_str("\n<p class=\"unattributed\">");
                    self.words(paragraph.span.of(self.text), &mut out);
                    out.push_str("</p>");
                }
            }
        }
        out
    }

    /// A stretch of text.
    pub(crate) fn html(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len() + text.len() / 16);
        self.words(text, &mut out);
        out
    }

    /// The title of a section.
    pub(crate) fn title(&self, title: &Title) -> String {
        match title {
            Title::Written(span) => self.html(span.of(self.text)),
            Title::Chapter(title) => {
                let mut out = String::with_capacity(title.len());
                escape_html(title, &mut out);
                out
            }
        }
    }

    fn cue(&self, cue: &Cue, out: &mut String) {
        let (label, text) = (cue.label.of(self.text), cue.text.map(|span| span.of(self.text)));
        out.push_str("\n<p class=\"cue\">");
        self.words(label, out);
        if let Some(start) = cue.start.filter(|_| !says_time(label) && !text.is_some_and(says_time)) {
            out.push(' ');
            push_time(start, out);
        }
        if let Some(text) = text {
            out.push(' ');
            self.words(text, out);
        }
        out.push_str("</p>");
    }

    fn turn(&mut self, turn: &Turn, out: &mut String) {
        let paragraphs = turn.paragraphs.as_slice();
        let id = self.ids.next().map_or("", TurnId::as_str);
        out.push_str("\n<article class=\"turn\" id=\"");
        out.push_str(id);
        out.push('"');
        let speaker = turn.speaker as usize;
        let head = self.heads.get(speaker);
        out.push_str(head.map_or("", |head| &head.attributes));
        if is_short(self.text, paragraphs) {
            out.push_str(" data-short");
        }
        out.push_str(">\n<header>");
        if let Some(head) = self.heads.get_mut(speaker) {
            out.push_str(&head.name);
            out.push_str(&std::mem::take(&mut head.role));
        }
        match turn.start {
            Some(start) => {
                out.push(' ');
                push_link(id, start, out);
                out.push_str("</header>");
            }
            None => {
                out.push_str(" <a class=\"time hash\" aria-label=\"");
                out.push_str(&self.permalink);
                out.push_str("\" href=\"#");
                out.push_str(id);
                out.push_str("\">#</a></header>");
            }
        }
        for paragraph in paragraphs {
            if let Some(start) = self.mark(paragraph) {
                out.push('\n');
                push_link(id, start, out);
            }
            out.push_str("\n<p>");
            self.words(paragraph.span.of(self.text), out);
            out.push_str("</p>");
        }
        out.push_str("\n</article>");
    }

    /// The time of the next paragraph, if it has one.
    fn mark(&mut self, paragraph: &Paragraph) -> Option<MediaTime> {
        let (mark, rest) = self.marks.split_first().filter(|(mark, _)| mark.at == paragraph.span.start)?;
        self.marks = rest;
        Some(mark.start)
    }

    fn words(&self, text: &str, out: &mut String) {
        let start = out.len();
        if self.style.push_html(text, out) > 0 {
            let html = out.split_off(start);
            out.push_str(&(self.linked)(html));
        }
    }
}

/// A time that leads to its turn.
fn push_link(id: &str, start: MediaTime, out: &mut String) {
    out.push_str("<a class=\"time\" href=\"#");
    out.push_str(id);
    out.push_str("\">");
    push_time(start, out);
    out.push_str("</a>");
}

fn push_time(time: MediaTime, out: &mut String) {
    out.push_str("<time datetime=\"");
    time.push_iso(out);
    out.push_str("\">");
    time.push_clock(out);
    out.push_str("</time>");
}

fn push(out: &mut String, before: &str, text: &str) {
    out.push_str(before);
    escape_html(text, out);
}

/// Whether a turn has fewer than [`SHORT_TURN`] characters.
fn is_short(text: &str, paragraphs: &[Paragraph]) -> bool {
    let spans = || paragraphs.iter().map(|paragraph| paragraph.span.of(text));
    let n_bytes: usize = spans().map(str::len).sum();
    // A character has at most four bytes, and nobody writes more white space than that.
    n_bytes < SHORT_TURN || n_bytes < 6 * SHORT_TURN && spans().map(n_chars).sum::<usize>() < SHORT_TURN
}
