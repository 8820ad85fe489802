//! Podcasting 2.0 JSON (podcast-namespace, `docs/examples/transcripts/transcripts.md`).

use std::borrow::Cow;

use serde::Serialize;

use crate::export::speaker_names;
use crate::export::transcript::Episode;
use crate::export::transcript::captions::Caption;

#[derive(Serialize)]
struct Segment<'s> {
    #[serde(skip_serializing_if = "Option::is_none")]
    speaker: Option<&'s str>,
    /// In seconds.
    #[serde(rename = "startTime")]
    start_time: f64,
    #[serde(rename = "endTime")]
    end_time: f64,
    body: Cow<'s, str>,
}

/// The captions of an episode, a segment for each voice. Paragraphs are parted by a line break.
pub fn json(episode: &Episode<'_>, captions: &[Caption]) -> String {
    let names = speaker_names(episode.archive, episode.entry);
    let mut out = String::with_capacity(episode.read.file.text.len() * 2);
    out.push_str("{\"version\":\"1.0.0\",\"segments\":[");
    let mut is_first = true;
    for caption in captions {
        for voice in &caption.voices {
            let segment = Segment {
                speaker: voice.speaker.and_then(|speaker| names.get(speaker)).map(String::as_str),
                start_time: caption.start.seconds(),
                end_time: caption.end.seconds(),
                body: match voice.paragraphs.as_slice() {
                    [one] => Cow::Borrowed(one),
                    more => Cow::Owned(more.join("\n")),
                },
            };
            out.push_str(if is_first { "\n" } else { ",\n" });
            is_first = false;
            push_json(&segment, &mut out);
        }
    }
    out.push_str("\n]}\n");
    out
}

/// Appends a value as JSON on one line.
pub(in crate::export) fn push_json(value: &impl Serialize, out: &mut String) {
    // A struct of texts and numbers is always JSON.
    out.push_str(&serde_json::to_string(value).unwrap_or_default());
}
