use std::collections::BTreeSet;

use super::*;
use crate::hash::ContentHash;
use crate::parse::timed::parse_timed;
use crate::parse::transcript::{Hints, parse_transcript};
use crate::parse::words::Words;
use crate::path::SitePath;
use crate::source::SourceFile;

/// What three people say: 300 words, 20 to a turn, few of them rare.
fn talk() -> Vec<String> {
    let word = |n: usize| match n % 5 {
        0 => format!("tide{}", n / 5),
        1 => "and".to_owned(),
        2 => format!("boat{}", n % 35),
        3 => "the".to_owned(),
        _ => format!("rope{}", n % 45),
    };
    (0..300).map(word).collect()
}

const NAMES: [&str; 3] = ["Ann Li", "Bo Ek", "Cleo Marsh"];
const TURN: usize = 20;

/// A written transcript of turns of words.
fn written(turns: &[Vec<String>]) -> String {
    let turn = |(n, words): (usize, &Vec<String>)| format!("**{}:** {}.\n\n", NAMES[n % 3], words.join(" "));
    turns.iter().enumerate().map(turn).collect()
}

/// Captions of ten words each, half a second for each word.
fn captions(words: &[String]) -> String {
    let clock = |n: usize| format!("{:02}:{:02}.{:03}", n / 120, n / 2 % 60, n % 2 * 500);
    let cue = |(n, words): (usize, &[String])| {
        format!("{} --> {}\n{}\n\n", clock(n * 10), clock(n * 10 + words.len()), words.join(" "))
    };
    format!("WEBVTT\n\n{}", words.chunks(10).enumerate().map(cue).collect::<String>())
}

fn file(name: &str, text: String) -> SourceFile {
    SourceFile { path: SitePath::new(name).unwrap(), text, hash: ContentHash::of(b"") }
}

/// Coverage, and the start of each turn in milliseconds.
fn aligned(text: String, captions: String) -> (u32, Vec<Option<u64>>) {
    let (words, names) = (Words::new(&[]), BTreeSet::new());
    let file_of_text = file("a.md", text);
    let mut transcript = parse_transcript(&file_of_text, 0, &Hints { words: &words, names: &names, labels: true });
    let timed = parse_timed(&file("a.vtt", captions)).0.unwrap();
    let coverage = match align(&file_of_text.text, &mut transcript, &timed, &words) {
        Outcome::Timed(coverage) | Outcome::Unlike(coverage) => coverage,
        Outcome::Apart(n_apart, n_both) => panic!("{n_apart} of {n_both}"),
    };
    let starts: Vec<Option<u64>> = transcript.turns().map(|turn| turn.start.map(|start| start.0)).collect();
    assert!(starts.iter().flatten().is_sorted(), "{starts:?}");
    (coverage, starts)
}

fn turns(words: &[String]) -> Vec<Vec<String>> {
    words.chunks(TURN).map(<[String]>::to_vec).collect()
}

/// When each turn of the talk is heard.
fn heard_at(n: usize) -> Option<u64> {
    Some(n as u64 * TURN as u64 * 500)
}

/// Whether times are right to a second.
#[track_caller]
fn check_near(starts: &[Option<u64>], expected: &[Option<u64>]) {
    let is_near = |(one, other): (&Option<u64>, &Option<u64>)| match (one, other) {
        (Some(one), Some(other)) => one.abs_diff(*other) <= 1000,
        (one, other) => one == other,
    };
    assert_eq!(starts.len(), expected.len());
    assert!(starts.iter().zip(expected).all(is_near), "{starts:?}\n{expected:?}");
}

#[test]
fn the_same_words_have_the_times_of_their_captions() {
    let talk = talk();
    let (coverage, starts) = aligned(written(&turns(&talk)), captions(&talk));
    assert_eq!(coverage, 100);
    check_near(&starts, &(0..15).map(heard_at).collect::<Vec<_>>());
}

#[test]
fn a_tenth_of_the_words_may_be_others() {
    let talk = talk();
    let edited: Vec<String> = talk
        .iter()
        .enumerate()
        .map(|(n, word)| if n % 10 == 3 { format!("edited{n}") } else { word.clone() })
        .collect();
    let (coverage, starts) = aligned(written(&turns(&edited)), captions(&talk));
    assert_eq!(coverage, 90);
    check_near(&starts, &(0..15).map(heard_at).collect::<Vec<_>>());
    // First words that are others cost nothing while the next ones are the same.
    let edited: Vec<String> =
        talk.iter().enumerate().map(|(n, word)| if n % 20 < 2 { format!("edited{n}") } else { word.clone() }).collect();
    let (coverage, starts) = aligned(written(&turns(&edited)), captions(&talk));
    assert_eq!(coverage, 90);
    check_near(&starts, &(0..15).map(heard_at).collect::<Vec<_>>());
}

#[test]
fn words_that_were_left_out_and_put_in_move_nothing() {
    let talk = talk();
    let spoken: Vec<String> = talk
        .iter()
        .flat_map(|word| {
            let um = word.starts_with("tide").then(|| "um".to_owned());
            um.into_iter().chain([word.clone()])
        })
        .collect();
    let (coverage, starts) = aligned(written(&turns(&talk)), captions(&spoken));
    assert_eq!(coverage, 100);
    // Each turn of 20 words has four times `um` in it.
    check_near(&starts, &(0..15).map(|n| Some(n * 24 * 500)).collect::<Vec<_>>());
}

#[test]
fn a_paragraph_that_was_not_heard_has_no_time() {
    let talk = talk();
    let heard: Vec<String> = [&talk[..120], &talk[140..]].concat();
    let (coverage, starts) = aligned(written(&turns(&talk)), captions(&heard));
    assert_eq!(coverage, 93);
    assert_eq!(starts[6], None);
    let expected = (0..15).map(|n| if n < 6 { heard_at(n) } else { heard_at(n - 1) });
    let mut expected: Vec<_> = expected.collect();
    expected[6] = None;
    check_near(&starts, &expected);
}

#[test]
fn a_paragraph_that_was_not_written_moves_nothing() {
    let talk = talk();
    let kept: Vec<String> = [&talk[..120], &talk[140..]].concat();
    let (coverage, starts) = aligned(written(&turns(&kept)), captions(&talk));
    assert_eq!(coverage, 100);
    check_near(&starts, &(0..14).map(|n| if n < 6 { heard_at(n) } else { heard_at(n + 1) }).collect::<Vec<_>>());
}

#[test]
fn of_two_turns_that_were_swapped_one_has_a_time() {
    let talk = talk();
    let mut swapped = turns(&talk);
    swapped.swap(6, 7);
    let (coverage, starts) = aligned(written(&swapped), captions(&talk));
    assert!((92..=95).contains(&coverage), "{coverage}");
    let mut expected: Vec<_> = (0..15).map(heard_at).collect();
    (expected[6], expected[7]) = (heard_at(7), heard_at(6));
    let n_missing = [6, 7].into_iter().filter(|&n| starts[n].is_none()).count();
    assert_eq!(n_missing, 1, "{starts:?}");
    (6..8).filter(|&n| starts[n].is_none()).for_each(|n| expected[n] = None);
    check_near(&starts, &expected);
}

#[test]
fn the_names_of_two_speakers_may_be_swapped() {
    let talk = talk();
    let text = written(&turns(&talk)).replace("Ann Li", "X").replace("Bo Ek", "Ann Li").replace("X:", "Bo Ek:");
    let (coverage, starts) = aligned(text, captions(&talk));
    assert_eq!(coverage, 100);
    check_near(&starts, &(0..15).map(heard_at).collect::<Vec<_>>());
}

#[test]
fn two_unrelated_texts_have_no_times() {
    let other: Vec<String> = talk().iter().map(|word| word.replace("tide", "coal").replace("boat", "mine")).collect();
    let (coverage, starts) = aligned(written(&turns(&talk())), captions(&other));
    assert!((20..80).contains(&coverage), "{coverage}");
    assert!(starts.iter().all(Option::is_none));
    let (coverage, _) = aligned(written(&turns(&talk())), captions(&["Something".to_owned(), "else".to_owned()]));
    assert_eq!(coverage, 0);
}

#[test]
fn a_few_times_of_the_text_stay_and_the_rest_is_heard() {
    let talk = talk();
    let text = written(&turns(&talk)).replacen("**Bo Ek:** ", "**Bo Ek:** [00:12] ", 1);
    let (coverage, starts) = aligned(text, captions(&talk));
    assert_eq!(coverage, 100);
    let mut expected: Vec<_> = (0..15).map(heard_at).collect();
    expected[1] = Some(12_000);
    check_near(&starts, &expected);
    assert_eq!(starts[1], Some(12_000), "its own, not that of its words");
}

#[test]
fn another_cut_of_the_recording_gives_no_times() {
    let (talk, words, names) = (talk(), Words::new(&[]), BTreeSet::new());
    let text = written(&turns(&talk)).replacen("**Bo Ek:** ", "**Bo Ek:** [02:12] ", 1);
    let text = file("a.md", text);
    let mut transcript = parse_transcript(&text, 0, &Hints { words: &words, names: &names, labels: true });
    let timed = parse_timed(&file("a.vtt", captions(&talk))).0.unwrap();
    let before = transcript.clone();
    assert_eq!(align(&text.text, &mut transcript, &timed, &words), Outcome::Apart(1, 1));
    assert_eq!(transcript, before);
}

#[test]
fn wide_characters_are_words() {
    let text = "主持人：欢迎来到海边，今天我们说说盐和茶。\n\n嘉宾：谢谢。盐从海水里来，茶从山上来，两样都要等。\n\n主持人：要等多久？\n\n嘉宾：盐要等一个夏天，茶要等一场雨。\n";
    let vtt = "WEBVTT\n\n00:00.000 --> 00:08.000\n欢迎来到海边今天我们说说盐和茶\n\n00:08.000 --> 00:20.000\n嗯谢谢盐从海水里来茶从山上来\n\n00:20.000 --> 00:23.000\n两样都要等要等多久\n\n00:24.000 --> 00:30.000\n盐要等一个夏天茶要等一场雨\n";
    let (coverage, starts) = aligned(text.to_owned(), vtt.to_owned());
    assert_eq!(coverage, 100);
    // `嗯` is one of fourteen characters in twelve seconds; `要等多久` the last four of nine in three.
    check_near(&starts, &[Some(0), Some(8_857), Some(21_666), Some(24_000)]);
}

#[test]
fn words_of_a_cue_without_a_time_give_none() {
    let talk = talk();
    let text = captions(&talk).replace("01:00.000 --> ", "99:99:99.000 --> ");
    let (coverage, starts) = aligned(written(&turns(&talk)), text);
    assert_eq!(coverage, 100);
    let expected = (0..15).map(|n| heard_at(n).filter(|_| n != 6));
    check_near(&starts, &expected.collect::<Vec<_>>());
}

#[test]
fn sounds_part_nothing() {
    let text = "**Ann Li:** It is like wood.\n\n**Bo Ek:** It was wood for a month.\n\n**Ann Li:** So.\n";
    let vtt = "WEBVTT\n\n00:01.000 --> 00:02.000\nIt's like wood\n\n00:02.000 --> 00:03.000\n[laughter]\n\n00:03.000 --> 00:05.000\nIt was wood for a month so\n";
    let (coverage, starts) = aligned(text.to_owned(), vtt.to_owned());
    assert_eq!(coverage, 81);
    check_near(&starts, &[Some(1000), Some(3000), Some(4800)]);
}

#[test]
fn words_are_folded() {
    let hashes = |text: &str| {
        let mut words = Vec::new();
        push_words(text, crate::source::Span::new(0, text.len()), &mut words);
        words.iter().map(|word| word.hash).collect::<Vec<_>>()
    };
    assert_eq!(hashes("Don’t  STOP, *now*!"), hashes("don't stop now"));
    assert_eq!(hashes("用iPhone 拍。"), hashes("用 iphone，拍"));
    assert_eq!(hashes("rock-n-roll").len(), 3);
    assert_eq!(hashes("一二 three4").len(), 3);
}

#[test]
fn ten_thousand_equal_words_end() {
    let words: Vec<String> = (0..10_000).map(|n| format!("la{}", n % 3)).collect();
    let (coverage, _) = aligned(written(&turns(&words)), captions(&words[1..]));
    assert!(coverage <= 100);
}
