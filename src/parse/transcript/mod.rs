//! Transcripts as people type them: a name on its own line (T1), a bold label (T2), `Name: text` (T7), each with times
//! or without (T3 to T6, T8, T9), and Markdown with headings. Every line gets a role; nothing is dropped in silence.
//!
//! Two passes over the lines. The first collects what could be a label and counts; a name that occurs twice, or is
//! known from front matter or `people.toml`, is one. The second gives each line its role and builds the sections.
//! A time before a name, behind it, or at the head of a paragraph is a time; one inside a sentence is words.

use std::collections::BTreeSet;

use crate::model::transcript::{Doubt, DoubtKind, Line, LineRole, Transcript};
use crate::parse::chapters::list::note_list;
use crate::parse::transcript::builder::Builder;
use crate::parse::transcript::finder::Finder;
use crate::parse::transcript::line::lines;
use crate::parse::transcript::mark::Mark;
use crate::parse::words::Words;
use crate::source::SourceFile;

mod builder;
pub mod clock;
mod finder;
mod heading;
pub mod ids;
mod label;
mod line;
mod mark;
mod order;
mod stamp;

pub(super) use label::{is_full_name, is_name};
pub use line::is_wide;
pub(super) use order::{LONGEST, longest_row};

/// What a parser knows before it reads: the words of the site's languages and the names of people.
#[derive(Debug, Clone, Copy)]
pub struct Hints<'h> {
    /// Heading words, leftovers, cues.
    pub words: &'h Words,
    /// Names, aliases and ids of people, from `people.toml` and the episode's front matter.
    pub names: &'h BTreeSet<String>,
    /// Whether labels are looked for at all: not in notes beside a transcript.
    pub labels: bool,
}

/// Reads the text of `file` from byte `from` (past the front matter) on.
///
/// Never fails: text that no rule explains is kept as unattributed text.
///
/// ```
/// use std::collections::BTreeSet;
/// use podleaf::{hash::ContentHash, parse::{transcript::{Hints, parse_transcript}, words::Words}, path::SitePath, source::SourceFile};
///
/// let text = "Ann: Hello.\n\nBo: Good day.\n\nAnn: Bye.\n".to_owned();
/// let file = SourceFile { path: SitePath::new("a.txt").unwrap(), text, hash: ContentHash::of(b"") };
/// let (words, names) = (Words::new(&[]), BTreeSet::new());
/// let transcript = parse_transcript(&file, 0, &Hints { words: &words, names: &names, labels: true });
/// assert_eq!(transcript.turns().count(), 3);
/// assert_eq!(transcript.speakers[1].label, "Bo");
/// ```
pub fn parse_transcript(file: &SourceFile, from: usize, hints: &Hints<'_>) -> Transcript {
    let text = &file.text;
    let raw = lines(text, from);
    let markdown = file.is_markdown();
    let finder = Finder::new(text, &raw, hints, markdown);
    let mut marks = finder.marks();
    let time_faults = finder.judge_times(&mut marks);
    let mut builder = Builder::new(text, &raw, &marks, hints);
    for line in lines(&text[..from], 0) {
        builder.transcript.lines.push(Line { start: line.start, role: LineRole::FrontMatter });
    }
    builder.run();
    builder.transcript.time_faults = time_faults;
    let is_words = |idx: &usize| marks[*idx] == Mark::Words;
    let unread = (0..raw.len()).filter(is_words).filter_map(|idx| finder.unread_at(idx)?.doubt);
    builder.transcript.doubts.extend(unread.map(|doubt| Doubt { kind: DoubtKind::Unread, ..doubt }));
    let mut transcript = builder.finish();
    note_list(text, &mut transcript);
    transcript
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::ContentHash;
    use crate::model::time::MediaTime;
    use crate::model::transcript::{Item, Paragraph};
    use crate::path::SitePath;

    fn read(name: &str, text: &str) -> (SourceFile, Transcript) {
        let path = SitePath::new(name).unwrap();
        let file = SourceFile { path, text: text.to_owned(), hash: ContentHash::of(b"") };
        let (words, names) = (Words::new(&[]), BTreeSet::new());
        let transcript = parse_transcript(&file, 0, &Hints { words: &words, names: &names, labels: true });
        (file, transcript)
    }

    /// The structure in short: `# title`, `Name: words | words`, `(cue)`, `? text`, `! foot`, each with its time.
    fn check(name: &str, text: &str, expected: &str) {
        let (file, transcript) = read(name, text);
        let text = &file.text;
        let words = |paragraph: &Paragraph| paragraph.span.of(text).replace('\n', "/");
        let clock = |time: MediaTime| format!("{} ", time.clock());
        let mut out = Vec::new();
        out.extend(transcript.title.map(|title| format!("= {}", title.of(text))));
        out.extend(transcript.listen.iter().map(|p| format!("listen {}", words(p))));
        out.extend(transcript.key_points.iter().map(|p| format!("* {}", words(p))));
        out.extend(transcript.background.iter().map(|p| format!("background {}", words(p))));
        for section in &transcript.sections {
            let number = section.number.map(|n| format!("{n} ")).unwrap_or_default();
            out.extend(section.title.as_ref().map(|title| format!("# {number}{}", title.of(text))));
            for item in &section.items {
                out.push(match item {
                    Item::Turn(turn) => {
                        let start = |p: &Paragraph| transcript.marks.iter().find(|mark| mark.at == p.span.start);
                        let said = |p| format!("{}{}", start(p).map_or(String::new(), |m| clock(m.start)), words(p));
                        let said: Vec<String> = turn.paragraphs.iter().map(said).collect();
                        let label = &transcript.speakers[turn.speaker as usize].label;
                        format!("{}{label}: {}", turn.start.map_or(String::new(), clock), said.join(" | "))
                    }
                    Item::Cue(cue) => {
                        let rest = cue.text.map(|span| format!(" {}", span.of(text))).unwrap_or_default();
                        format!("({}{}{rest})", cue.start.map_or(String::new(), clock), cue.label.of(text))
                    }
                    Item::Text(paragraph) => format!("? {}", words(paragraph)),
                });
            }
        }
        out.extend(transcript.foot.iter().map(|p| format!("! {}", words(p))));
        assert_eq!(out.join("\n"), expected.trim(), "\n{name}:\n{text}");
        let n_lines = lines(text, 0).len();
        assert_eq!(transcript.lines.len(), n_lines, "every line has a role");
        assert!(transcript.lines.is_sorted_by_key(|line| line.start));
    }

    #[test]
    fn a_plain_page_has_blocks_sections_and_turns() {
        check(
            "a.txt",
            "你可以在 App 上收听。\n\n核心要点\n\n1、甲说：海是蓝的。\n\n2、乙说不是。\n\n\n背景\n\n这一期谈海。\n\n\n01 海:两种看法\n\n甲乙\n海是蓝的。\n\nAnn Li\n不是。\n\n续一段,1024 = 2048\n\n\n尾声:再见\n\n甲乙\n再见。\n\nAnn Li\n好。\n\nLogo\n\n欢迎大家加入\n\n更多推荐",
            "
listen 你可以在 App 上收听。
* 甲说：海是蓝的。
* 乙说不是。
background 这一期谈海。
# 1 海:两种看法
甲乙: 海是蓝的。
Ann Li: 不是。 | 续一段,1024 = 2048
# 尾声:再见
甲乙: 再见。
Ann Li: 好。
! 欢迎大家加入",
        );
    }

    #[test]
    fn bold_labels_cues_and_continuations() {
        check(
            "a.md",
            "**Ann:** One.\n\nStill Ann.\n\n**Break:** \\[31:02\\]\n\n**Bo**: Two\nlines.\n\n\\[laughter\\]\n\n**Ann:** - yes\n\n# 1\n\n1. words",
            "
Ann: One. | Still Ann.
(31:02 Break)
Bo: Two/lines.
(\\[laughter\\])
Ann: - yes | # 1 | 1. words",
        );
    }

    #[test]
    fn colon_labels_with_counted_sections() {
        check(
            "a.md",
            "# Title\n\n一、开头\n\n主持人：欢迎\n\n嘉宾：谢谢，我说一句：好。\n\n二、结尾\n\n主持人：再见",
            "
= Title
# 1 开头
主持人: 欢迎
嘉宾: 谢谢，我说一句：好。
# 2 结尾
主持人: 再见",
        );
        check("b.txt", "Ann: a\nBo: b\nAnn: c\nmore", "Ann: a\nBo: b\nAnn: c/more");
    }

    #[test]
    fn times_of_turns_paragraphs_and_cues() {
        check(
            "a.md",
            "**Ann:** \\[00:12\\] One.\n\n\\[00:20\\] Still Ann.\n\nShe said [inaudible 00:30] so.\n\n**Bo:** Two.\n\n\\[00:45\\]\n\nThree.\n\n[laughter 00:50]\n\n**Break:** \\[00:55\\] to \\[01:02\\]\n\n**Ann:** [1:10]\n\nFour.",
            "
0:12 Ann: One. | 0:20 Still Ann. | She said [inaudible 00:30] so.
Bo: Two. | 0:45 Three.
(0:50 [laughter 00:50])
(0:55 Break \\[00:55\\] to \\[01:02\\])
1:10 Ann: Four.",
        );
    }

    #[test]
    fn names_with_times_and_nothing_else() {
        let expected = "0:00 Ann Li: One. | 0:25 Two.\n0:43 Bo: Three.\n1:02 Ann Li: Four.";
        for text in [
            "Ann Li (00:00)\nOne.\n\n(00:25)\nTwo.\n\nBo (0:43)\nThree.\n\nAnn Li (1:02)\nFour.\n",
            "Ann Li (00:00):\nOne.\n\n(00:25):\nTwo.\n\nBo (00:43):\nThree.\n\nAnn Li (01:02):\nFour.\n",
            "Ann Li (00:00):\nOne.\n(00:25):\nTwo.\nBo (00:43):\nThree.\nAnn Li (01:02):\nFour.\n",
            "Ann Li\n(00:00)\nOne.\n(00:25)\nTwo.\n\nBo\n(00:43)\nThree.\n\nAnn Li\n(01:02)\nFour.\n",
            "Ann Li\n00:00\nOne.\n\n00:25\nTwo.\n\nBo\n00:43\nThree.\n\nAnn Li\n01:02\nFour.\n",
        ] {
            check("a.txt", text, expected);
        }
    }

    #[test]
    fn chapters_are_no_turns() {
        check(
            "a.txt",
            "00:00 Start\n02:00 The bridge\n05:00 End\n\nText.",
            "? 00:00 Start/02:00 The bridge/05:00 End\n? Text.",
        );
        check(
            "a.txt",
            "00:00 Start\nWe meet.\n\n02:00 The Bridge\nIt hums.\n\n05:00 End\nWe part.",
            "? 00:00 Start/We meet.\n? 02:00 The Bridge/It hums.\n? 05:00 End/We part.",
        );
    }

    #[test]
    fn times_that_cannot_be_are_kept_as_words() {
        check(
            "a.txt",
            "Ann: [0:10] One.\n\nBo: [0:05] Two.\n\nAnn: [0:20] Three.\n\nBo: [0:30] Four.\n\nAnn: [0:40] Five.",
            "0:10 Ann: One.\nBo: [0:05] Two.\n0:20 Ann: Three.\n0:30 Bo: Four.\n0:40 Ann: Five.",
        );
        check(
            "a.txt",
            "Ann: [3:16] One.\n\nBo: [3:10] Two.\n\nAnn: Three.",
            "Ann: [3:16] One.\nBo: [3:10] Two.\nAnn: Three.",
        );
    }

    #[test]
    fn text_without_labels_is_nobodys() {
        check("a.txt", "First.\n\nNote: this.\n\nLast.", "? First.\n? Note: this.\n? Last.");
        check("a.txt", "", "");
        check("a.md", "## Only\n\ntext", "# Only\n? text");
    }

    #[test]
    fn a_name_seen_once_is_no_name() {
        check("a.txt", "Ann\nhello\n\nBo\nhi\n\nAnn\nbye\n\nOnce\nupon", "Ann: hello | Bo/hi\nAnn: bye | Once/upon");
    }

    #[test]
    fn a_key_points_list_may_be_numbered_like_sections() {
        check(
            "a.md",
            "## Key points\n\n1. **One.** a\n2. Two b\n\n## 1. Start\n\n**Ann:** x\n\n**Bo:** y\n",
            "* **One.** a\n* Two b\n# 1 Start\nAnn: x\nBo: y",
        );
    }
}
