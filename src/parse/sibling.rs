//! What the files beside a transcript give it: times, and chapters as its sections.

use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::model::chapter::Chapter;
use crate::model::episode::EpisodeMeta;
use crate::model::language::Language;
use crate::model::media::MediaFile;
use crate::model::slug::without_language;
use crate::model::transcript::Transcript;
use crate::parse::align::{LEAST_COVERAGE, Outcome, align};
use crate::parse::chapters::parse_chapters;
use crate::parse::chapters::sections::{Placed, give_sections};
use crate::parse::read::ReadTranscript;
use crate::parse::timed::parse_timed;
use crate::parse::timeline::is_timed;
use crate::parse::words::Words;
use crate::path::SitePath;
use crate::source::SourceFile;

/// Gives a written transcript the times of the first file beside it that has nearly the same words.
///
/// One that says of most turns when they begin keeps its times, and needs no others. A file whose name says another
/// language is passed over.
pub(super) fn take_times(
    main: &mut ReadTranscript,
    siblings: &[SourceFile],
    (meta, language): (&EpisodeMeta, &Language),
    words: &Words,
    diagnostics: &mut Diagnostics,
) {
    let mut best: Option<(u32, &SitePath)> = None;
    for file in siblings.iter().filter(|file| is_of(&file.path, language)) {
        let (timed, found) = parse_timed(file);
        let Some(mut timed) = timed else {
            // The transcript is there without it.
            diagnostics.extend(found.iter().cloned().map(as_warning));
            continue;
        };
        let note = |code, message: String| Diagnostic::note(code, message).in_file(&main.file.path);
        if has_times(&main.transcript) {
            let message = format!("`{}` is not used: the transcript has times of its own", file.path);
            return diagnostics
                .push(note("own-times", message).help("take its times out, and it gets those of the file"));
        }
        diagnostics.append(found);
        if let Some(end) = meta.duration.as_ref().map(|end| end.value) {
            diagnostics.append(timed.cut_at(end, file));
        }
        match align(&main.file.text, &mut main.transcript, &timed, words) {
            Outcome::Timed(coverage) => {
                let message = format!("the times are those of `{}`, which has {coverage} % of the words", file.path);
                return diagnostics
                    .push(note("aligned", message).help("a turn whose first words it does not have has no time"));
            }
            Outcome::Unlike(coverage) if best.is_none_or(|(most, _)| coverage > most) => {
                best = Some((coverage, &file.path));
            }
            Outcome::Unlike(_) => {}
            Outcome::Apart(n_apart, n_both) => {
                let message = format!("`{}` is not used: its words are heard at other times", file.path);
                let help = format!(
                    "{n_apart} of {n_both} times of the transcript are more than 10 s away: is it of another cut?"
                );
                return diagnostics
                    .push(Diagnostic::warning("other-times", message).in_file(&main.file.path).help(help));
            }
        }
    }
    let Some((coverage, path)) = best else { return };
    let message = format!("no times are given: `{path}` has {coverage} % of the words");
    diagnostics.push(Diagnostic::warning("not-aligned", message).in_file(&main.file.path).help(format!(
        "{LEAST_COVERAGE} % are needed to be sure that both are of one recording: put the right file there, or take it away"
    )));
}

fn as_warning(diagnostic: Diagnostic) -> Diagnostic {
    if diagnostic.severity == Severity::Error { diagnostic.into_warning() } else { diagnostic }
}

/// Whether a file is of a language, as far as its name says: `042.en.vtt`.
fn is_of(path: &SitePath, language: &Language) -> bool {
    let stem = path.stem();
    let tag = without_language(stem).and_then(|rest| Language::new(&stem[rest.len() + 1..]));
    tag.is_none_or(|tag| tag.primary() == language.primary())
}

/// Whether most turns have times; where nobody speaks, whether any paragraph has one.
fn has_times(transcript: &Transcript) -> bool {
    let n_timed = transcript.turns().filter(|turn| turn.start.is_some()).count();
    match transcript.turns().count() {
        0 => !transcript.marks.is_empty(),
        n_turns => is_timed(n_timed, n_turns),
    }
}

/// Makes the chapters of the first file that has some, or else of a list in the notes or the text, or else of the
/// recording, the sections of a transcript. The index of a file whose chapters have no place in it, which is notes then.
pub(super) fn take_chapters(
    main: &mut ReadTranscript,
    files: &[SourceFile],
    notes: &[ReadTranscript],
    recording: Option<&MediaFile>,
    diagnostics: &mut Diagnostics,
) -> Option<usize> {
    let file = first_file(files, diagnostics);
    let listed = notes.iter().chain([&*main]).find(|read| !read.transcript.chapters.is_empty());
    let heard = recording.and_then(|file| Some((file.recording()?, &file.path)));
    let (chapters, path, is_told): (_, _, fn(Placed) -> bool) = match (&file, listed) {
        (Some((idx, chapters)), _) => (chapters.clone(), files[*idx].path.clone(), |_| true),
        // A list stays where it is written, beside the sections of the text.
        (None, Some(read)) => {
            (read.transcript.chapters.clone(), read.file.path.clone(), |placed| placed != Placed::HasSections)
        }
        (None, None) => {
            let (recording, path) = heard.filter(|(recording, _)| !recording.chapters.is_empty())?;
            (recording.chapters.clone(), path.clone(), |placed| matches!(placed, Placed::Sections(_)))
        }
    };
    let placed = give_sections(&mut main.transcript, &main.file.text, &chapters);
    let said = unplaced(placed, chapters.len()).map(|diagnostic| diagnostic.in_file(&path));
    diagnostics.extend(said.filter(|_| is_told(placed)));
    file.filter(|_| placed == Placed::HasNoTimes).map(|(idx, _)| idx)
}

/// The first file that has chapters, and these.
fn first_file(files: &[SourceFile], diagnostics: &mut Diagnostics) -> Option<(usize, Vec<Chapter>)> {
    let mut first: Option<(usize, Vec<Chapter>)> = None;
    for (idx, file) in files.iter().enumerate() {
        let (own, said) = parse_chapters(file);
        diagnostics.append(said);
        match &first {
            _ if own.chapters.is_empty() => {}
            None => first = Some((idx, own.chapters)),
            Some((used, _)) => {
                let message = format!("the chapters are not used: those of `{}` are", files[*used].path);
                diagnostics.push(Diagnostic::note("chapters-unused", message).in_file(&file.path).help("delete one"));
            }
        }
    }
    first
}

/// What is to be said of chapters that are no sections.
fn unplaced(placed: Placed, n_chapters: usize) -> Option<Diagnostic> {
    match placed {
        Placed::Sections(0) => None,
        Placed::Sections(n_left) => {
            let verb = if n_left == 1 { "is" } else { "are" };
            let message = format!("{n_left} of {n_chapters} chapters {verb} left out: nothing is heard so late");
            let help = "correct their times, or those of the transcript";
            Some(Diagnostic::warning("chapters-past-the-end", message).help(help))
        }
        Placed::HasSections => {
            let message = "the chapters are not used: the transcript has sections of its own";
            Some(
                Diagnostic::note("chapters-unused", message)
                    .help("take its headings out, and the chapters are its sections"),
            )
        }
        Placed::HasNoTimes => {
            let message = "the chapters are kept as notes: no turn of the transcript has a time";
            let help = "captions beside the transcript (`.vtt`, `.srt`) give it times";
            Some(Diagnostic::note("chapters-unused", message).help(help))
        }
    }
}
