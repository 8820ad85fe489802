//! A plan in words.

use super::plan::{Notice, Plan, address};
use crate::diagnostic::io::escaped;

/// Lines of a kind that are shown; the others are a number.
const SHOWN: usize = 10;

/// What a deploy will do: a line for each sum, and the addresses that come, change and go.
pub fn plan(plan: &Plan<'_>) -> String {
    let mut out = String::new();
    let mut group = |verb: &str, files: Vec<&str>| {
        if files.is_empty() {
            return;
        }
        for file in files.iter().take(SHOWN) {
            out.push_str(&format!("  {verb:7} {}\n", escaped(&address(file))));
        }
        if files.len() > SHOWN {
            out.push_str(&format!("  {verb:7} … and {} more\n", files.len() - SHOWN));
        }
    };
    let names = |files: &[&'_ super::manifest::SiteFile]| -> Vec<String> {
        files.iter().map(|file| file.file.clone()).collect()
    };
    for (verb, files) in [("add", &plan.added), ("change", &plan.changed), ("keep", &plan.kept)] {
        group(verb, names(files).iter().map(String::as_str).collect());
    }
    group("delete", plan.deletions());
    out.push_str(&format!("  {}\n", sums(plan)));
    out
}

/// `12 files added, 3 changed, 1 removed, 40 unchanged: 1.2 MB to send`.
pub fn sums(plan: &Plan<'_>) -> String {
    let n_deleted = plan.removed.len() + plan.leftover.len();
    format!(
        "{} added, {} changed, {} deleted, {} unchanged: {} to send",
        files(plan.added.len()),
        plan.changed.len(),
        n_deleted,
        plan.n_unchanged,
        size(plan.bytes())
    )
}

fn files(n: usize) -> String {
    format!("{n} {}", if n == 1 { "file" } else { "files" })
}

/// Bytes in the unit that people read: `999 B`, `1.2 MB`.
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut scaled = bytes as f64 / 1000.0;
    let mut unit = 0;
    while scaled >= 999.95 && unit + 1 < UNITS.len() {
        scaled /= 1000.0;
        unit += 1;
    }
    format!("{scaled:.1} {}", UNITS[unit])
}

/// What readers will notice, a line for each.
pub fn notices(notices: &[Notice]) -> Vec<String> {
    let mut lines: Vec<String> = notices.iter().take(SHOWN).map(notice).collect();
    if notices.len() > SHOWN {
        lines.push(format!("… and {} more", notices.len() - SHOWN));
    }
    lines
}

fn notice(notice: &Notice) -> String {
    let shown = |text: &str| escaped(&text.chars().take(120).collect::<String>());
    match notice {
        Notice::Removed(address) => format!("`{}` is gone, and nothing leads on from there", shown(address)),
        Notice::LostAnchors(page, anchors) => {
            let first: Vec<String> = anchors.iter().take(3).map(|id| format!("`#{}`", shown(id))).collect();
            let more = if anchors.len() > 3 { format!(" and {} more", anchors.len() - 3) } else { String::new() };
            format!(
                "`{}` has no {}{more} any more: links to them lead to the top of the page",
                shown(page),
                first.join(", ")
            )
        }
        Notice::ChangedGuid(feed, before, now) => {
            format!(
                "in `{}` the guid `{}` is `{}` now: apps take it for a new episode",
                shown(feed),
                shown(before),
                shown(now)
            )
        }
        Notice::LostItem(feed, guid) => format!("`{}` has no item `{}` any more", shown(feed), shown(guid)),
        Notice::ChangedRecording(feed, guid, before, now) => {
            format!(
                "in `{}` the recording of `{}` is `{}` now, and was `{}`",
                shown(feed),
                shown(guid),
                shown(now),
                shown(before)
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::manifest::{SiteFile, SiteManifest};
    use super::*;
    use crate::hash::ContentHash;

    #[test]
    fn sizes_are_read_by_people() {
        for (bytes, expected) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (999_949, "999.9 kB"),
            (999_950, "1.0 MB"),
            (3_200_000_000, "3.2 GB"),
        ] {
            assert_eq!(size(bytes), expected);
        }
    }

    #[test]
    fn a_plan_names_addresses_and_sums() {
        let site = |names: &[(&str, &str)]| SiteManifest {
            files: names
                .iter()
                .map(|(name, text)| SiteFile::new((*name).to_owned(), 1200, ContentHash::of(text.as_bytes())))
                .collect(),
            ..SiteManifest::default()
        };
        let old = site(&[("a/index.html", "1"), ("b.txt", "1"), ("index.html", "1")]);
        let new = site(&[("a/index.html", "2"), ("c\u{1b}.txt", "1"), ("index.html", "1")]);
        assert_eq!(
            plan(&Plan::between(&old, &new)),
            "  add     /c\\u{1b}.txt\n  change  /a/\n  delete  /b.txt\n  1 file added, 1 changed, 1 deleted, 1 unchanged: 2.4 kB to send\n"
        );
    }
}
