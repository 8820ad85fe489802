//! Heading words, page leftovers and cue words: data files per language, which a site can extend.

use std::collections::BTreeMap;

use serde::Deserialize;

const BUILT_IN: [&str; 2] = [include_str!("words/en.toml"), include_str!("words/zh.toml")];

/// What a heading word announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Block {
    /// The key points.
    KeyPoints,
    /// The background.
    Background,
    /// Where parts of the recording begin.
    Chapters,
    /// The last section.
    Closing,
    /// Other episodes.
    Related,
    /// The transcript itself.
    Transcript,
}

/// All words of all languages, in one table: a text need not say its language to be read.
#[derive(Debug, Clone)]
pub struct Words {
    headings: BTreeMap<String, Block>,
    listen: Vec<String>,
    leftovers: Vec<String>,
    cues: Vec<String>,
    speakers: Vec<String>,
    host_speakers: Vec<String>,
    part: Vec<String>,
}

#[derive(Deserialize)]
struct WordFile {
    key_points: Vec<String>,
    background: Vec<String>,
    chapters: Vec<String>,
    closing: Vec<String>,
    related: Vec<String>,
    transcript: Vec<String>,
    listen: Vec<String>,
    leftovers: Vec<String>,
    cues: Vec<String>,
    speakers: Vec<String>,
    host_speakers: Vec<String>,
    part: Vec<String>,
}

impl Words {
    /// The built-in words and those of a site: (language, kind, word). Unknown kinds are the config's to report.
    pub fn new(extra: &[(String, String, String)]) -> Self {
        let mut words = Self {
            headings: BTreeMap::new(),
            listen: Vec::new(),
            leftovers: Vec::new(),
            cues: Vec::new(),
            speakers: Vec::new(),
            host_speakers: Vec::new(),
            part: Vec::new(),
        };
        for text in BUILT_IN {
            let file: WordFile = toml::from_str(text).expect("the embedded word files are tested");
            let kinds = [
                ("key_points", file.key_points),
                ("background", file.background),
                ("chapters", file.chapters),
                ("closing", file.closing),
                ("related", file.related),
                ("transcript", file.transcript),
                ("listen", file.listen),
                ("leftovers", file.leftovers),
                ("cues", file.cues),
                ("speakers", file.speakers),
                ("host_speakers", file.host_speakers),
                ("part", file.part),
            ];
            for (kind, list) in kinds {
                list.iter().for_each(|word| words.add(kind, word));
            }
        }
        extra.iter().for_each(|(_, kind, word)| words.add(kind, word));
        words
    }

    /// What a heading word announces; `text` is a whole heading without marks and numbers.
    pub fn block(&self, text: &str) -> Option<Block> {
        if text.len() > 80 {
            return None;
        }
        self.headings.get(text.trim_end_matches([':', '：', ' ']).to_lowercase().as_str()).copied()
    }

    /// Whether the text says where to listen.
    pub fn says_listen(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.listen.iter().any(|word| text.contains(word.as_str()))
    }

    /// Whether a whole line is a leftover of a page.
    pub fn is_leftover(&self, line: &str) -> bool {
        line.len() <= 60 && contains(&self.leftovers, &line.to_lowercase())
    }

    /// Whether a label names a sound.
    pub fn is_cue(&self, label: &str) -> bool {
        let label = label.to_lowercase();
        self.cues.iter().any(|cue| {
            if let Some(end) = cue.strip_prefix('*') {
                label.ends_with(end)
            } else if let Some(start) = cue.strip_suffix('*') {
                label.starts_with(start)
            } else {
                label == *cue
            }
        })
    }

    /// Whether a short text between brackets is a sound: `audience laughs`, `inaudible 00:12`, `众人笑声`.
    pub fn is_sound(&self, text: &str) -> bool {
        const MOST_WORDS: usize = 5;
        const MOST_BYTES: usize = 60;
        let has_wide = || {
            let own = self.cues.iter().filter(|cue| !cue.is_ascii() && !cue.contains('*'));
            own.clone().any(|cue| text.contains(cue.as_str()))
        };
        let has_word = || text.split_whitespace().any(|word| self.is_cue(word.trim_matches([',', '.', '，', '。'])));
        let is_short = text.len() <= MOST_BYTES && text.split_whitespace().count() <= MOST_WORDS;
        self.is_cue(text) || is_short && (has_word() || has_wide())
    }

    /// Whether a label is a speaker by its word alone.
    pub fn is_speaker(&self, label: &str) -> bool {
        let label = label.to_lowercase();
        contains(&self.speakers, &label) || contains(&self.host_speakers, &label)
    }

    /// Whether a label means the host of the show.
    pub fn is_host(&self, label: &str) -> bool {
        contains(&self.host_speakers, &label.to_lowercase())
    }

    /// Whether a word numbers sections, as `Part` does.
    pub fn is_part(&self, word: &str) -> bool {
        contains(&self.part, &word.to_lowercase())
    }

    fn add(&mut self, kind: &str, word: &str) {
        let word = word.trim().to_lowercase();
        let block = match kind {
            "key_points" => Block::KeyPoints,
            "background" => Block::Background,
            "chapters" => Block::Chapters,
            "closing" => Block::Closing,
            "related" => Block::Related,
            "transcript" => Block::Transcript,
            "listen" => return self.listen.push(word),
            "leftovers" => return self.leftovers.push(word),
            "cues" => return self.cues.push(word),
            "speakers" => return self.speakers.push(word),
            "host_speakers" => return self.host_speakers.push(word),
            "part" => return self.part.push(word),
            _ => return,
        };
        self.headings.insert(word, block);
    }
}

fn contains(list: &[String], word: &str) -> bool {
    list.iter().any(|entry| entry == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_both_languages_are_known() {
        let words = Words::new(&[]);
        assert_eq!(words.block("核心要点"), Some(Block::KeyPoints));
        assert_eq!(words.block("Key Points:"), Some(Block::KeyPoints));
        assert_eq!(words.block("背景"), Some(Block::Background));
        assert!(words.is_leftover("Logo"));
        assert!(words.is_cue("Pile-on Song"));
        assert!(words.is_cue("Song of Arrakis"));
        assert!(!words.is_cue("Singsong Lee"));
    }

    #[test]
    fn a_site_adds_words() {
        let extra = [("zh".to_owned(), "key_points".to_owned(), "划重点".to_owned())];
        assert_eq!(Words::new(&[]).block("划重点"), None);
        assert_eq!(Words::new(&extra).block("划重点"), Some(Block::KeyPoints));
    }
}
