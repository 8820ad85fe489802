//! Telling terms: what an episode says again and again. Which of them are rare shows when all episodes are known.

use std::cmp::Reverse;

use crate::hash::ContentHash;
use crate::model::transcript::Item;
use crate::parse::read::ReadTranscript;
use crate::search::fold::is_unspaced;
use crate::swar::{position, within};

/// So many terms are kept of an episode at most.
const KEPT: usize = 32;

/// Characters of words that are in every text. A pair with one of them tells nothing.
const COMMON_HAN: &str = "的一是不了在有我他她它这這那个個们們来來到时時为為你说說着就和要也得里裡以会會可下上而过過去能对對多然么麼之都好看起没沒只如把还還用样樣想种種从從但些所又很给給什两兩次被已其此与與觉覺哪吗嗎吧呢啊哦嗯呀谁誰怎嘛啦您比较較像跟让讓叫做再才更最";

/// Hashes of the terms that an episode has most often, and twice at least, in ascending order: words with a capital
/// within a sentence, which are names mostly, and pairs of Han characters.
pub(super) fn telling_terms(read: &ReadTranscript) -> Vec<u32> {
    let mut said = Vec::new();
    for item in read.transcript.sections.iter().flat_map(|section| &section.items) {
        let paragraphs = match item {
            Item::Turn(turn) => turn.paragraphs.as_slice(),
            Item::Text(paragraph) => std::slice::from_ref(paragraph),
            Item::Cue(_) => &[],
        };
        for paragraph in paragraphs {
            let text = paragraph.span.of(&read.file.text);
            each_term(text, |term| said.push(ContentHash::of(term.as_bytes()).number()));
        }
    }
    said.sort_unstable();
    let mut often: Vec<(Reverse<usize>, u32)> =
        said.chunk_by(|one, next| one == next).filter(|of| of.len() > 1).map(|of| (Reverse(of.len()), of[0])).collect();
    often.sort_unstable();
    let mut kept: Vec<u32> = often.into_iter().take(KEPT).map(|(_, term)| term).collect();
    kept.sort_unstable();
    kept
}

fn each_term<'t>(text: &'t str, mut take: impl FnMut(&'t str)) {
    let mut at = 0;
    // Most of a text is small letters, which nothing is looked at for.
    while let Some(found) = position(&text.as_bytes()[at..], |eight| within(eight, b'A', b'Z') | eight) {
        let start = at + found;
        let mut chars = text[start..].chars();
        let Some(first) = chars.next() else { return };
        at = start + first.len_utf8();
        if is_telling_han(first) {
            if let Some(second) = chars.next().filter(|second| is_telling_han(*second)) {
                take(&text[start..at + second.len_utf8()]);
            }
        } else if first.is_uppercase() {
            at += text[at..].find(|c| !is_of_word(c)).unwrap_or(text.len() - at);
            let is_name = at > start + first.len_utf8() && !text[..start].ends_with(is_of_word);
            if is_name && !begins_sentence(&text[..start]) {
                take(&text[start..at]);
            }
        }
    }
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() && !is_unspaced(c)
}

/// Whether what follows a text begins a sentence.
fn begins_sentence(before: &str) -> bool {
    let before = before.trim_end_matches([' ', '\n', '\t', '*', '_']);
    before.is_empty() || before.ends_with(['.', '!', '?', ':', '。', '！', '？', '：', '“', '"', '「', '—', '-'])
}

fn is_telling_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}') && !COMMON_HAN.contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_pairs_of_telling_characters_are_terms() {
        let terms = |text| {
            let mut found = Vec::new();
            each_term(text, |term| found.push(term));
            found.join(" ")
        };
        assert_eq!(terms("We ran Kubernetes. But I think that AI and Ann's Go are new: See?"), "Kubernetes AI Ann Go");
        assert_eq!(terms("我们在冰芯里找火山灰，用GPU算。"), "冰芯 找火 火山 山灰 GPU");
        assert_eq!(terms(""), "");
    }
}
