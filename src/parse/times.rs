//! What is wrong with the times of a transcript, in words.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::time::MediaTime;
use crate::model::transcript::{TimeFault, TimeFaultKind, Transcript};
use crate::source::SourceFile;

/// Times that were left out, said once for each reason, and turns that begin after the declared end.
pub(super) fn report_times(
    file: &SourceFile,
    transcript: &Transcript,
    duration: Option<MediaTime>,
    diagnostics: &mut Diagnostics,
) {
    let faults = &transcript.time_faults;
    match faults.first() {
        Some(first) if first.spoils_all => {
            let message = match faults.len() {
                1 => "no time of the file is used: one of its few times cannot be true".to_owned(),
                n => format!("no time of the file is used: {n} of its times cannot be those of one recording"),
            };
            let warning = Diagnostic::warning("doubtful-time", message).at(file, first.span, reason(first.kind));
            diagnostics
                .push(warning.help("write times as `12:34` or `1:02:03` from the start of the recording, in order"));
        }
        _ => {
            for kind in [TimeFaultKind::Impossible, TimeFaultKind::Late, TimeFaultKind::Back] {
                report_kind(file, faults.iter().filter(|fault| fault.kind == kind), diagnostics);
            }
        }
    }
    let Some(duration) = duration else { return };
    let late = |start: Option<MediaTime>| start.is_some_and(|start| start > duration);
    if let Some(turn) = transcript.turns().find(|turn| late(turn.start)) {
        let message = format!("the recording ends at {}, and the text goes on", duration.clock());
        let warning = Diagnostic::warning("doubtful-time", message).at(file, turn.label, "begins after the end");
        diagnostics.push(warning.help("mend the times, or `duration` in the front matter"));
    }
}

fn report_kind<'f>(file: &SourceFile, faults: impl Iterator<Item = &'f TimeFault>, diagnostics: &mut Diagnostics) {
    let faults: Vec<&TimeFault> = faults.collect();
    let Some(first) = faults.first() else { return };
    let written = first.span.of(&file.text);
    let message = match faults.len() {
        1 => format!("the time `{written}` is left out"),
        n => format!("the time `{written}` and {} more are left out", n - 1),
    };
    let warning = Diagnostic::warning("doubtful-time", message).at(file, first.span, reason(first.kind));
    diagnostics.push(warning.help("write the time from the start of the recording, as `12:34` or `1:02:03`"));
}

fn reason(kind: TimeFaultKind) -> &'static str {
    match kind {
        TimeFaultKind::Impossible => "no time on a recording",
        TimeFaultKind::Late => "later than 24 hours",
        TimeFaultKind::Back => "out of order with the times around it",
    }
}
