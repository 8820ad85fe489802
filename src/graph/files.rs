//! Which files belong together: shows by folder, episodes by stem, and what lies beside them.

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::media;
use crate::model::slug::without_language;
use crate::parse::chapters::is_chapters_name;
use crate::parse::timed::{is_timed_name, timed_rank};
use crate::path::SitePath;

/// The files of one episode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EpisodeFiles {
    /// The show's folder below the content root, `""` for the root itself.
    pub show: String,
    /// The stem that all files share; the folder's name for `stem/index.md`.
    pub stem: String,
    /// The file that the episode is named for: a written text, or where there is none a timed one.
    pub main: SitePath,
    /// Notes: front matter, summary, key points.
    pub notes: Vec<SitePath>,
    /// Further files that may be timed transcripts, in the order in which they are tried.
    pub timed: Vec<SitePath>,
    /// Files of chapters.
    pub chapters: Vec<SitePath>,
    /// Audio and pictures.
    pub media: Vec<SitePath>,
}

/// All content files, sorted into what they are.
#[derive(Debug, Default)]
pub struct ContentFiles {
    /// `show.toml` and pictures by show folder.
    pub shows: BTreeMap<String, Vec<SitePath>>,
    /// `show.lock` of each folder that has one.
    pub locks: Vec<SitePath>,
    /// Episodes in the order of their paths.
    pub episodes: Vec<EpisodeFiles>,
    /// `pages/*.md`.
    pub pages: Vec<SitePath>,
}

/// A file of an episode: `042.md`, or something in the folder `042`.
struct Part {
    path: SitePath,
    is_in_folder: bool,
}

impl Part {
    /// Whether it is a file of chapters: in an episode's folder by its name alone, beside it with the episode's name.
    fn is_of_chapters(&self) -> bool {
        is_chapters_name(&self.path) && (self.is_in_folder || self.path.stem() != "chapters")
    }
}

const TEXT: [&str; 3] = ["md", "markdown", "txt"];
const SETTINGS: [&str; 4] = ["podleaf.toml", "people.toml", "glossary.toml", "show.toml"];

/// Sorts the files below the content root. Files that are none of it are left alone.
pub fn content_files<'f>(content_root: &str, files: impl Iterator<Item = &'f SitePath>) -> (ContentFiles, Diagnostics) {
    let mut found = ContentFiles::default();
    let mut stems: BTreeMap<(String, String), Vec<Part>> = BTreeMap::new();
    for path in files {
        let Some(below) = path.below(content_root) else { continue };
        if content_root.is_empty() && (below.starts_with("templates/") || below.starts_with("static/")) {
            continue;
        }
        let (show, rest) = below.split_once('/').unwrap_or(("", below));
        if show == "pages" {
            if TEXT.contains(&path.extension()) && !rest.contains('/') {
                found.pages.push(path.clone());
            }
        } else if rest == "show.toml" {
            found.shows.entry(show.to_owned()).or_default().push(path.clone());
        } else if rest == "show.lock" {
            found.locks.push(path.clone());
        } else if !SETTINGS.contains(&rest) {
            let part = Part { path: path.clone(), is_in_folder: rest.contains('/') };
            stems.entry((show.to_owned(), stem(rest))).or_default().push(part);
        }
    }
    join_languages(&mut stems);
    let mut diagnostics = Diagnostics::new();
    for ((show, stem), parts) in stems {
        if let Some(episode) = episode_files(show, stem, parts, &mut diagnostics) {
            found.shows.entry(episode.show.clone()).or_default();
            found.episodes.push(episode);
        }
    }
    (found, diagnostics)
}

/// `042-title` of `042-title.md`, `042-title.summary.md`, `042-title.chapters.json`, `042-title/index.md` and
/// `042-title/photo.jpg`.
fn stem(rest: &str) -> String {
    if let Some((folder, _)) = rest.split_once('/') {
        return folder.to_owned();
    }
    let stem = rest.rsplit_once('.').map_or(rest, |(stem, _)| stem);
    [".summary", ".chapters"].into_iter().find_map(|end| stem.strip_suffix(end)).unwrap_or(stem).to_owned()
}

/// `042.en.vtt` belongs to `042.md`, where there is one.
fn join_languages(stems: &mut BTreeMap<(String, String), Vec<Part>>) {
    let is_timed = |part: &Part| is_timed_name(part.path.extension());
    let tagged = stems.iter().filter(|(_, parts)| parts.iter().all(is_timed)).filter_map(|((show, stem), _)| {
        let base = (show.clone(), without_language(stem)?.to_owned());
        stems.contains_key(&base).then(|| ((show.clone(), stem.clone()), base))
    });
    for (own, base) in tagged.collect::<Vec<_>>() {
        let parts = stems.remove(&own).unwrap_or_default();
        stems.entry(base).or_default().extend(parts);
    }
}

fn episode_files(show: String, stem: String, parts: Vec<Part>, diagnostics: &mut Diagnostics) -> Option<EpisodeFiles> {
    let lower = |path: &SitePath| path.extension().to_ascii_lowercase();
    let is_media = |part: &&Part| media::kind(part.path.file_name()).is_some();
    let (of_chapters, parts): (Vec<_>, Vec<_>) = parts.into_iter().partition(Part::is_of_chapters);
    let is_text = |part: &&Part| TEXT.contains(&lower(&part.path).as_str());
    let is_read = |part: &&Part| !part.is_in_folder || part.path.stem() == "index";
    let media = parts.iter().filter(is_media).map(|part| part.path.clone()).collect();
    diagnostics.extend(parts.iter().filter(is_text).find(|part| !is_read(part)).map(|part| not_read(&part.path)));
    let has_text = parts.iter().any(|part| is_text(&part) && is_read(&part));
    let may_be_timed = |part: &&Part| is_timed_name(part.path.extension()) && (has_text || is_read(part));
    let mut timed: Vec<SitePath> = parts.iter().filter(may_be_timed).map(|part| part.path.clone()).collect();
    timed.sort_by_key(|path| timed_rank(path.extension()));
    let texts = parts.iter().filter(is_text).filter(is_read).map(|part| part.path.clone());
    let (notes, mut mains): (Vec<_>, Vec<_>) = texts.partition(|path| path.stem().ends_with(".summary"));
    let is_plain = |path: &SitePath| path.extension() == "txt";
    let n_plain = mains.iter().filter(|path| is_plain(path)).count();
    if n_plain > 1 || (n_plain == 0 && mains.len() > 1) {
        let names: Vec<String> = mains.iter().map(|path| format!("`{path}`")).collect();
        let message = format!("two files hold the text of one episode: {}", names.join(" and "));
        diagnostics
            .push(Diagnostic::error("two-texts", message).in_file(&mains[1]).help("rename or delete one of them"));
        return None;
    }
    let main = match mains.iter().position(is_plain) {
        Some(plain) => mains.remove(plain),
        None if !mains.is_empty() => mains.remove(0),
        None if !timed.is_empty() => timed.remove(0),
        None => {
            diagnostics.extend(of_chapters.iter().map(|part| alone(&part.path)));
            return None;
        }
    };
    mains.extend(notes);
    let chapters = of_chapters.into_iter().map(|part| part.path).collect();
    Some(EpisodeFiles { show, stem, main, notes: mains, timed, chapters, media })
}

fn alone(path: &SitePath) -> Diagnostic {
    Diagnostic::note("chapters-unused", "these chapters belong to no episode")
        .in_file(path)
        .help("give the file the name of its episode: `042.chapters.json` beside `042.md`")
}

fn not_read(path: &SitePath) -> Diagnostic {
    let message = format!("the folder `{}` is no episode: its text is not read", path.parent());
    Diagnostic::warning("not-read", message)
        .in_file(path)
        .help("name the text `index.md`, or put each episode's text into the folder of its show")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(root: &str, files: &[&str], expected: &[(&str, &str, &str, usize, usize)]) {
        let paths: Vec<SitePath> = files.iter().map(|name| SitePath::new(*name).unwrap()).collect();
        let (found, diagnostics) = content_files(root, paths.iter());
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        let found: Vec<_> = found
            .episodes
            .iter()
            .map(|e| (e.show.as_str(), e.stem.as_str(), e.main.as_str(), e.notes.len(), e.media.len()))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn one_stem_is_one_episode() {
        check("", &["000_c2.txt"], &[("", "000_c2", "000_c2.txt", 0, 0)]);
        check(
            "content",
            &[
                "content/a/1.md",
                "content/a/1.mp3",
                "content/a/1.txt",
                "content/a/2/cover.png",
                "content/a/2/index.md",
                "content/a/show.toml",
                "static/x.md",
            ],
            &[("a", "1", "content/a/1.txt", 1, 1), ("a", "2", "content/a/2/index.md", 0, 1)],
        );
        check("content", &["content/a/1.summary.md", "content/a/1.txt"], &[("a", "1", "content/a/1.txt", 1, 0)]);
    }

    #[test]
    fn timed_files_are_episodes_or_belong_to_one() {
        let sorted = |files: &[&str]| {
            let paths: Vec<SitePath> = files.iter().map(|name| SitePath::new(*name).unwrap()).collect();
            let (found, diagnostics) = content_files("", paths.iter());
            assert!(diagnostics.is_empty(), "{diagnostics:?}");
            let names = |paths: &[SitePath]| paths.iter().map(|path| path.to_string()).collect::<Vec<_>>().join(" ");
            let shown = |e: &EpisodeFiles| format!("{} + {} | {}", e.main, names(&e.notes), names(&e.timed));
            found.episodes.iter().map(shown).collect::<Vec<_>>()
        };
        assert_eq!(sorted(&["a/1.srt"]), ["a/1.srt +  | "]);
        assert_eq!(sorted(&["a/1.json", "a/1.srt", "a/1.vtt"]), ["a/1.vtt +  | a/1.srt a/1.json"]);
        assert_eq!(sorted(&["a/1.md", "a/1.vtt", "a/1.en.srt"]), ["a/1.md +  | a/1.vtt a/1.en.srt"]);
        assert_eq!(sorted(&["a/1.summary.md", "a/1.html"]), ["a/1.html + a/1.summary.md | "]);
        assert_eq!(sorted(&["a/1.md", "a/1.txt", "a/1.VTT"]), ["a/1.txt + a/1.md | a/1.VTT"]);
        assert_eq!(sorted(&["a/1/data.json", "a/1/photo.jpg"]), [""; 0]);
        assert_eq!(sorted(&["a/1/index.md", "a/1/talk.vtt"]), ["a/1/index.md +  | a/1/talk.vtt"]);
    }

    #[test]
    fn two_texts_of_one_episode_are_an_error() {
        let paths = [SitePath::new("a.markdown").unwrap(), SitePath::new("a.md").unwrap()];
        let (found, diagnostics) = content_files("", paths.iter());
        assert!(found.episodes.is_empty() && diagnostics.has_errors());
    }
}
