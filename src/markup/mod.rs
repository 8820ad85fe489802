//! Markdown to HTML that cannot do anything: no raw HTML, no link but `http`, `https`, `mailto` and relative ones.

use pulldown_cmark::{CowStr, Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd, html};

pub mod typography;

/// A plain page or the foot as HTML.
///
/// Tables and strikethrough are on; raw HTML is shown as text, comments are dropped; a first-level heading becomes a
/// second-level one, since the page has its own.
pub fn document_html(text: &str) -> String {
    document(text).0
}

/// [`document_html`], and the number of links and pictures whose address was refused.
pub fn document(text: &str) -> (String, usize) {
    let mut out = String::with_capacity(text.len() + text.len() / 4);
    if depth_bound(text) > MAX_NESTING {
        out.push_str("<pre>");
        escape_html(text, &mut out);
        out.push_str("</pre>\n");
        return (out, 0);
    }
    let mut filter = DocumentFilter::default();
    let events = Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH);
    html::push_html(&mut out, events.filter_map(|event| filter.safe(event)));
    (out, filter.n_refused)
}

/// Block markers on one line, or levels of indentation, past which a document is shown as it is:
/// nothing that people write is nested so deeply.
const MAX_NESTING: usize = 200;

fn depth_bound(text: &str) -> usize {
    let depth = |line: &str| {
        let lead = line.len() - line.trim_start_matches([' ', '\t', '>', '-', '*', '+']).len();
        line[..lead].bytes().filter(|b| !matches!(b, b' ')).count().max(lead / 4)
    };
    text.lines()
        .filter(|line| line.bytes().any(|b| b.is_ascii_alphanumeric()) || line.contains('>'))
        .map(depth)
        .max()
        .unwrap_or(0)
}

#[derive(Default)]
struct DocumentFilter {
    /// For each open link or picture whether it is kept.
    open: Vec<bool>,
    n_refused: usize,
}

impl DocumentFilter {
    fn safe<'e>(&mut self, event: Event<'e>) -> Option<Event<'e>> {
        Some(match event {
            Event::Html(html) | Event::InlineHtml(html) if html.trim_start().starts_with("<!--") => return None,
            Event::Html(html) | Event::InlineHtml(html) => Event::Text(html),
            Event::Start(Tag::HtmlBlock) => Event::Start(Tag::Paragraph),
            Event::End(TagEnd::HtmlBlock) => Event::End(TagEnd::Paragraph),
            Event::Start(Tag::Heading { level, classes, attrs, .. }) => {
                Event::Start(Tag::Heading { level: below_title(level), id: None, classes, attrs })
            }
            Event::End(TagEnd::Heading(level)) => Event::End(TagEnd::Heading(below_title(level))),
            Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
                let dest_url = self.address(&dest_url)?;
                Event::Start(Tag::Link { link_type, dest_url, title, id })
            }
            Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
                let dest_url = self.address(&dest_url)?;
                Event::Start(Tag::Image { link_type, dest_url, title, id })
            }
            Event::End(TagEnd::Link | TagEnd::Image) if self.open.pop() == Some(false) => return None,
            other => other,
        })
    }

    fn address<'e>(&mut self, url: &str) -> Option<CowStr<'e>> {
        let safe = safe_url(url);
        self.open.push(safe.is_some());
        self.n_refused += usize::from(safe.is_none());
        safe.map(CowStr::from)
    }
}

fn below_title(level: HeadingLevel) -> HeadingLevel {
    if level == HeadingLevel::H1 { HeadingLevel::H2 } else { level }
}

/// The address without control characters and white space, or `None` unless it is `http`, `https`, `mailto` or relative.
pub fn safe_url(url: &str) -> Option<String> {
    let clean: String = url.chars().filter(|c| !c.is_control() && !c.is_whitespace()).collect();
    let head = clean.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let safe = match head.split_once(':') {
        None => true,
        Some((scheme, _)) => ["http", "https", "mailto"].iter().any(|known| scheme.eq_ignore_ascii_case(known)),
    };
    safe.then_some(clean)
}

/// HTML of ours with its links changed; those for which there is no other address stay.
pub fn map_links(html: &str, other: impl Fn(&str) -> Option<String>) -> String {
    const HREF: &str = "href=\"";
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find(HREF) {
        let (before, link) = rest.split_at(at + HREF.len());
        out.push_str(before);
        let end = link.find('"').unwrap_or(link.len());
        out.push_str(&other(&link[..end]).unwrap_or_else(|| link[..end].to_owned()));
        rest = &link[end..];
    }
    out.push_str(rest);
    out
}

/// Appends one paragraph of speech as HTML; returns the number of its links.
///
/// Inline Markdown only: emphasis, strong, code, links; a picture is its alternative text. Nothing at the start of a line
/// is markup, so `# 1`, `1. yes` and `- no` stay words. A line break is a space, or nothing between Han characters.
pub fn inline_html(text: &str, out: &mut String) -> usize {
    if !has_markup(text) {
        // What has no markup has neither `&` nor `<`.
        match memchr::memchr2(b'\n', b'>', text.as_bytes()) {
            None => out.push_str(text.trim()),
            Some(_) => escape_plain(text, out),
        }
        return 0;
    }
    let line = one_line(text);
    if is_absurd(&line) {
        escape_plain(text, out);
        return 0;
    }
    let mut writer = InlineWriter { out, links: Vec::new(), n_images: 0, n_links: 0 };
    for event in Parser::new_ext(&line, Options::empty()) {
        writer.event(event);
    }
    writer.n_links
}

/// The words of one paragraph of inline Markdown, without markup.
pub fn plain_text(text: &str) -> String {
    if !has_markup(text) {
        return joined(text);
    }
    let line = one_line(text);
    if is_absurd(&line) {
        return joined(text);
    }
    let mut out = String::with_capacity(text.len());
    for event in Parser::new_ext(&line, Options::empty()) {
        match event {
            Event::Text(words) | Event::Code(words) | Event::InlineHtml(words) | Event::Html(words) => {
                out.extend(words.chars().filter_map(plain_char));
            }
            _ => {}
        }
    }
    out.trim().to_owned()
}

/// Appends one paragraph in which nothing is markup as HTML. Line breaks are as in [`inline_html`].
pub fn escape_plain(text: &str, out: &mut String) {
    for_each_line(text, |words| escape_text(words, out));
}

/// One paragraph in which nothing is markup, on one line. Line breaks are as in [`inline_html`].
pub fn joined(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for_each_line(text, |words| out.push_str(words));
    out
}

/// Calls `push` with each trimmed line of a paragraph, and with a space where two lines join with one.
fn for_each_line(text: &str, mut push: impl FnMut(&str)) {
    let mut rest = text.trim();
    while let Some(newline) = memchr::memchr(b'\n', rest.as_bytes()) {
        let before = rest[..newline].trim_end();
        rest = rest[newline..].trim_start();
        push(before);
        if !joins(before.chars().next_back(), rest.chars().next()) {
            push(" ");
        }
    }
    push(rest);
}

/// Appends text as HTML text or attribute value: `&`, `<`, `>`, `"` and `'` become references.
pub fn escape_html(text: &str, out: &mut String) {
    let bytes = text.as_bytes();
    let (mut copied, mut idx) = (0, 0);
    while idx < bytes.len() {
        idx += clean_prefix(&bytes[idx..], is_escaped);
        let end = bytes.len().min(idx + BLOCK);
        while idx < end {
            if let Some(reference) = reference(bytes[idx]) {
                out.push_str(&text[copied..idx]);
                out.push_str(reference);
                copied = idx + 1;
            }
            idx += 1;
        }
    }
    out.push_str(&text[copied..]);
}

/// Appends text as the text of an element: `&`, `<` and `>` become references. Quotes stay, so that it is none for
/// attributes.
pub fn escape_text(text: &str, out: &mut String) {
    let mut copied = 0;
    for idx in memchr::memchr3_iter(b'&', b'<', b'>', text.as_bytes()) {
        out.push_str(&text[copied..idx]);
        out.push_str(reference(text.as_bytes()[idx]).unwrap_or_default());
        copied = idx + 1;
    }
    out.push_str(&text[copied..]);
}

fn reference(byte: u8) -> Option<&'static str> {
    Some(match byte {
        b'&' => "&amp;",
        b'<' => "&lt;",
        b'>' => "&gt;",
        b'"' => "&quot;",
        b'\'' => "&#39;",
        _ => return None,
    })
}

fn is_escaped(byte: u8) -> bool {
    (byte == b'&') | (byte == b'<') | (byte == b'>') | (byte == b'"') | (byte == b'\'')
}

const BLOCK: usize = 64;

/// The length of the blocks at the start in which no byte `is_meant`. Written so that the compiler can use vector
/// instructions: nearly all of hundreds of megabytes of text is no markup.
fn clean_prefix(bytes: &[u8], is_meant: impl Fn(u8) -> bool + Copy) -> usize {
    let is_clean = |block: &&[u8]| block.iter().map(|byte| u8::from(is_meant(*byte))).fold(0, |a, b| a | b) == 0;
    bytes.chunks_exact(BLOCK).take_while(is_clean).count() * BLOCK
}

fn has_markup(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr3(b'*', b'_', b'`', bytes).is_some()
        || memchr::memchr3(b'[', b'<', b'&', bytes).is_some()
        || memchr::memchr(b'\\', bytes).is_some()
}

/// Whether a character belongs to a script that is written without spaces: Han, kana, and their punctuation.
pub fn is_unspaced(c: char) -> bool {
    matches!(u32::from(c),
        0x2E80..=0x2FDF | 0x3000..=0x30FF | 0x31F0..=0x31FF | 0x3400..=0x4DBF | 0x4E00..=0x9FFF
        | 0xF900..=0xFAFF | 0xFE30..=0xFE4F | 0xFF00..=0xFFEF | 0x20000..=0x3FFFF)
}

/// The words of a text with one space between each two.
pub fn one_spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a character is Han.
pub fn is_han(c: char) -> bool {
    matches!(u32::from(c), 0x2E80..=0x2FDF | 0x3005..=0x3007 | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF
        | 0x20000..=0x3FFFF)
}

/// Whether two lines join without a space, by the last character of one and the first of the next.
pub fn joins(before: Option<char>, after: Option<char>) -> bool {
    let is_wide_punctuation = |c: char| {
        matches!(u32::from(c), 0x3000..=0x3002 | 0x3008..=0x301F | 0xFF01..=0xFF0F
        | 0xFF1A..=0xFF20 | 0xFF3B..=0xFF3D | 0xFF5B..=0xFF65)
    };
    match (before, after) {
        (Some(a), Some(b)) if a.is_ascii() && b.is_ascii() => false,
        (Some(a), Some(b)) => (is_unspaced(a) && is_unspaced(b)) || is_wide_punctuation(a) || is_wide_punctuation(b),
        _ => true,
    }
}

// Three characters that no decoded file holds: decoding made line ends of them. All count as white space beside
// emphasis marks, so that the parser sees what it would see at a line break.
const NOTHING: char = '\u{85}';
const SPACE: char = '\u{2028}';
const BREAK: char = '\u{2029}';

/// The paragraph on one line that begins with a character that opens no block, its line breaks as stand-ins.
fn one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    out.push(NOTHING);
    let mut rest = text.trim();
    while let Some(newline) = memchr::memchr(b'\n', rest.as_bytes()) {
        let (line, after) = (&rest[..newline], rest[newline..].trim_start());
        let words = line.trim_end();
        let n_slashes = words.len() - words.trim_end_matches('\\').len();
        let is_hard = line.ends_with("  ") || n_slashes % 2 == 1;
        let words = if n_slashes % 2 == 1 { &words[..words.len() - 1] } else { words };
        push_marks(words, &mut out);
        let before = words.trim_end_matches(['*', '_', '`', ']', ')']).chars().next_back();
        let follows = after.trim_start_matches(['*', '_', '`', '[']).chars().next();
        out.push(if is_hard {
            BREAK
        } else if joins(before, follows) {
            NOTHING
        } else {
            SPACE
        });
        rest = after;
    }
    push_marks(rest, &mut out);
    out
}

/// Appends a line so that emphasis marks beside Chinese punctuation open and close: the rules of CommonMark look for
/// a space there, as in `**甲：**乙`.
fn push_marks(line: &str, out: &mut String) {
    let mut open = [false; 4];
    let mut rest = line;
    while let Some(start) = memchr::memchr(b'*', rest.as_bytes()) {
        let run = rest[start..].len() - rest[start..].trim_start_matches('*').len();
        let before = rest[..start].chars().next_back();
        let after = rest[start + run..].chars().next();
        out.push_str(&rest[..start]);
        let is_open = open.get_mut(run);
        let was_open = is_open.as_ref().is_some_and(|open| **open);
        let closes = was_open && before.is_some_and(is_punctuation) && after.is_some_and(is_unspaced);
        let opens = !was_open && after.is_some_and(is_punctuation) && before.is_some_and(is_unspaced);
        if opens {
            out.push(NOTHING);
        }
        out.push_str(&rest[start..start + run]);
        if closes {
            out.push(NOTHING);
        }
        if let Some(is_open) = is_open {
            *is_open = !was_open;
        }
        rest = &rest[start + run..];
    }
    out.push_str(rest);
}

fn is_punctuation(c: char) -> bool {
    !c.is_alphanumeric() && !c.is_whitespace()
}

/// Whether a paragraph holds so many brackets or marks that it is no text, and is not worth a parser's time.
fn is_absurd(line: &str) -> bool {
    const LIMIT: usize = 20_000;
    line.len() > LIMIT && line.bytes().filter(|byte| matches!(byte, b'[' | b'*' | b'_' | b'`' | b'<')).count() > LIMIT
}

fn plain_char(c: char) -> Option<char> {
    match c {
        NOTHING => None,
        SPACE | BREAK => Some(' '),
        _ => Some(c),
    }
}

struct InlineWriter<'o> {
    out: &'o mut String,
    /// For each open link whether it is kept.
    links: Vec<bool>,
    /// Open pictures: their text is words.
    n_images: usize,
    n_links: usize,
}

impl InlineWriter<'_> {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Text(text) | Event::InlineHtml(text) | Event::Html(text) => self.words(&text),
            Event::Code(text) => {
                self.tag("<code>");
                self.words(&text);
                self.tag("</code>");
            }
            Event::Start(Tag::Emphasis) => self.tag("<em>"),
            Event::End(TagEnd::Emphasis) => self.tag("</em>"),
            Event::Start(Tag::Strong) => self.tag("<strong>"),
            Event::End(TagEnd::Strong) => self.tag("</strong>"),
            Event::Start(Tag::Image { .. }) => self.n_images += 1,
            Event::End(TagEnd::Image) => self.n_images -= 1,
            Event::Start(Tag::Link { link_type: LinkType::Email, dest_url, .. }) => {
                self.open_link(&format!("mailto:{dest_url}"));
            }
            Event::Start(Tag::Link { dest_url, .. }) => self.open_link(&dest_url),
            Event::End(TagEnd::Link) if self.links.pop() == Some(true) => self.out.push_str("</a>"),
            _ => {}
        }
    }

    fn tag(&mut self, tag: &str) {
        if self.n_images == 0 {
            self.out.push_str(tag);
        }
    }

    fn open_link(&mut self, url: &str) {
        let safe = safe_url(url).filter(|_| self.n_images == 0);
        self.links.push(safe.is_some());
        if let Some(url) = safe {
            self.n_links += 1;
            self.out.push_str("<a href=\"");
            push_href(&url, self.out);
            self.out.push_str("\">");
        }
    }

    fn words(&mut self, text: &str) {
        let mut rest = text;
        while let Some(idx) = rest.find([NOTHING, SPACE, BREAK]) {
            escape_text(&rest[..idx], self.out);
            let stand_in = rest[idx..].chars().next().unwrap_or(SPACE);
            match stand_in {
                NOTHING => {}
                BREAK if self.n_images == 0 => self.out.push_str("<br>"),
                _ => self.out.push(' '),
            }
            rest = &rest[idx + stand_in.len_utf8()..];
        }
        escape_text(rest, self.out);
    }
}

/// Appends an address as an attribute value; what may not stand in one is percent-encoded.
fn push_href(url: &str, out: &mut String) {
    let mut buffer = [0; 4];
    for c in url.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '\'' => out.push_str("&#39;"),
            '"' | '<' | '>' | '`' | '\\' | '{' | '}' | '^' | '|' => out.push_str(&format!("%{:02X}", u32::from(c))),
            _ if c.is_ascii() => out.push(c),
            _ => c.encode_utf8(&mut buffer).bytes().for_each(|byte| out.push_str(&format!("%{byte:02X}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inline(text: &str) -> String {
        let mut out = String::new();
        inline_html(text, &mut out);
        out
    }

    #[test]
    fn block_marks_are_words() {
        for text in [
            "# 1",
            "1. yes",
            "1、好",
            "- no",
            "+ no",
            "| a | b |",
            "    four",
            "1024 = 2048",
            "===",
            "---",
            "~~~",
            "[a]: http://b",
            "[^1]: x",
            ":-- | --:",
            "a\n# b",
            "a\n===",
            "a\n---",
            "a\n- b",
            "a\n    b",
            "a\n[b]: c",
        ] {
            let words = text.trim().replace('\n', " ");
            assert_eq!(inline(text), one_spaced(&words), "{text:?}");
        }
        assert_eq!(inline("> a\n> b"), "&gt; a &gt; b");
        assert_eq!(inline("``` x"), "``` x");
        assert_eq!(inline("* a\n* b"), "* a * b");
        assert_eq!(inline("_a_ b\n_c_"), "<em>a</em> b <em>c</em>");
    }

    #[test]
    fn emphasis_closes_next_to_chinese_punctuation() {
        assert_eq!(inline("**甲：**乙"), "<strong>甲：</strong>乙");
        assert_eq!(inline("甲**“乙”**丙"), "甲<strong>“乙”</strong>丙");
        assert_eq!(inline("，**乙。**丙，**丁**"), "，<strong>乙。</strong>丙，<strong>丁</strong>");
        assert_eq!(inline("2 * 3 * 4 和 a*b"), "2 * 3 * 4 和 a*b");
    }

    #[test]
    fn line_breaks_are_soft() {
        assert_eq!(inline("你好\n世界"), "你好世界");
        assert_eq!(inline("**你好**\n*世界*"), "<strong>你好</strong><em>世界</em>");
        assert_eq!(inline("hello\nworld *x*"), "hello world <em>x</em>");
        assert_eq!(inline("hard  \nbreak *x*\\\nback"), "hard<br>break <em>x</em><br>back");
        assert_eq!(inline("AI\n时代"), "AI 时代");
        let mut out = String::new();
        escape_plain(" a <b>\n  c*d*\n\n你\n好 ", &mut out);
        assert_eq!(out, "a &lt;b&gt; c*d* 你好");
    }

    #[test]
    fn marks_and_links() {
        assert_eq!(inline(r"so \[unintelligible 00:05:45.20\] yes"), "so [unintelligible 00:05:45.20] yes");
        assert_eq!(inline("[laughter] [00:03:54.10] ok"), "[laughter] [00:03:54.10] ok");
        assert_eq!(inline("a `<b>` & c"), "a <code>&lt;b&gt;</code> &amp; c");
        assert_eq!(inline("[t](https://a.b/?x=1&y='2')"), "<a href=\"https://a.b/?x=1&amp;y=&#39;2&#39;\">t</a>");
        assert_eq!(inline("![alt *x*](a.png) and [r](b/)"), "alt x and <a href=\"b/\">r</a>");
        assert_eq!(inline("<https://a.b>"), "<a href=\"https://a.b\">https://a.b</a>");
        assert_eq!(inline("<mail@a.b>"), "<a href=\"mailto:mail@a.b\">mail@a.b</a>");
    }

    #[test]
    fn nothing_can_run() {
        for bad in [
            "[x](javascript:alert(1))",
            "[x](java&#x73;cript:alert(1))",
            "[x](<java\tscript:a>)",
            "[x](data:text/html,a)",
            "[x](JAVASCRIPT:a)",
            "[x](vbscript:a)",
            "[x](\u{1}javascript:a)",
            "<javascript:alert(1)>",
            "[x](a:b)",
        ] {
            let html = inline(bad);
            assert!(!html.contains("href"), "{bad}: {html}");
            assert!(!document_html(bad).contains("href"), "{bad}");
        }
        assert_eq!(inline_html("[x](javascript:a) [y](b)", &mut String::new()), 1);
        assert_eq!(document("![x](javascript:a)"), ("<p>x</p>\n".to_owned(), 1));
        let hostile = "</script><script>alert(1)</script> \"><img src=x onerror=a> <svg onload=a> ]]> --> {{ 7*7 }}";
        for html in [inline(hostile), document_html(hostile), document_html(&format!("<div>\n{hostile}\n</div>"))] {
            assert!(!html.contains("<s") && !html.contains("<i") && !html.contains("<d"), "{html}");
        }
    }

    #[test]
    fn documents_have_structure() {
        assert_eq!(document_html("# A\n\nb ~~c~~ <!-- d -->\n"), "<h2>A</h2>\n<p>b <del>c</del> </p>\n");
        assert!(document_html("|a|b|\n|-|-|\n|1|2|\n").contains("<table>"));
        assert_eq!(document_html("<!-- x -->\n"), "<p></p>\n");
    }

    #[test]
    fn plain_text_has_the_words() {
        assert_eq!(plain_text("**A** [b](c) `d` &amp; \\[e\\]\nf"), "A b d & [e] f");
        assert_eq!(plain_text("# 一\n二"), "# 一二");
    }

    #[test]
    fn absurd_input_ends() {
        let lists: String = (0..2000).map(|n| format!("{}- a\n", "  ".repeat(n))).collect();
        let definitions: String = (0..20_000).map(|n| format!("[a{n}]: b\n")).collect();
        let uses: String = (0..20_000).map(|n| format!("[a{n}] ")).collect();
        for text in [
            ">".repeat(50_000),
            "> ".repeat(50_000),
            lists,
            "- ".repeat(2000) + "a",
            "[".repeat(100_000),
            "*a **a ".repeat(50_000),
            format!("{definitions}\n{uses}"),
            "`".repeat(50_000) + "a",
            (1..400).map(|n| "`".repeat(n) + "a").collect(),
            "a](".repeat(50_000),
            "![](".repeat(40_000),
            "<a ".repeat(50_000),
            "_a ".repeat(9_000),
            "[a](<b".repeat(19_000),
            "|".repeat(50_000),
        ] {
            assert!(!document_html(&text).is_empty());
            assert!(!inline(&text).is_empty());
            plain_text(&text);
        }
    }
}
