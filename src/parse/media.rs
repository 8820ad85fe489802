//! What is wrong with the media beside a text, in words.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::media::{Facts, MediaFile, MediaKind};
use crate::model::time::MediaTime;
use crate::source::{SourceFile, Spanned};

/// The length in bytes and the duration that the front matter of a file declares.
type Declared = (Option<Spanned<u64>>, Option<Spanned<MediaTime>>);

/// A duration is written in whole seconds, and a player or an encoder may count the last one otherwise, in milliseconds.
const NEARLY: u64 = 2000;

/// Files that cannot be used, and what front matter says of the recording that is not so. Of several files that declare
/// the same, the first counts.
pub(super) fn report_media(
    media: &[MediaFile],
    recording: Option<&MediaFile>,
    fronts: &[(&SourceFile, Declared)],
    diagnostics: &mut Diagnostics,
) {
    diagnostics.extend(media.iter().filter_map(broken));
    let Some(recording) = recording.filter(|file| file.stamp.size > 0) else { return };
    let (name, size) = (recording.path.file_name(), recording.stamp.size);
    let length = fronts.iter().find_map(|(file, (length, _))| Some((file, length.as_ref()?)));
    if let Some((file, length)) = length.filter(|(_, length)| length.value != size) {
        let message = format!("`{name}` has {size} bytes, not {}", length.value);
        let warning = Diagnostic::warning("other-length", message).at(file, length.span, "not the length of the file");
        diagnostics.push(warning.help("take the line out: the length is that of the file"));
    }
    let duration = fronts.iter().find_map(|(file, (_, duration))| Some((file, duration.as_ref()?)));
    let heard = recording.recording().and_then(|recording| recording.duration);
    if let (Some((file, declared)), Some(heard)) = (duration, heard)
        && declared.value.0.abs_diff(heard.0) > NEARLY
    {
        let message = format!("`{name}` lasts {}, not {}", heard.clock(), declared.value.clock());
        let warning =
            Diagnostic::warning("other-duration", message).at(file, declared.span, "not the duration of the file");
        diagnostics.push(warning.help("take the line out, or put the right file there: is it another cut?"));
    }
}

fn broken(file: &MediaFile) -> Option<Diagnostic> {
    let Facts::Broken(reason) = &file.facts else { return None };
    let (code, help) = match file.kind {
        MediaKind::Audio | MediaKind::Video => {
            ("broken-audio", "export the recording again: no app can play this file")
        }
        MediaKind::Picture => ("broken-picture", "save the picture again as JPEG or PNG"),
    };
    let message = format!("`{}` cannot be used: {reason}", file.path.file_name());
    Some(Diagnostic::warning(code, message).in_file(&file.path).help(help))
}
