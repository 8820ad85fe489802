//! Faults of the machine under the real program: full disks, failing calls, kills. By the scripts of `tests/faults`,
//! which need `unshare` and `strace`.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::built::{Built, FINE};

/// Runs a script on the program. What it needs and does not find makes it fail.
#[track_caller]
fn check(script: &str, needs: &str, arguments: &[&str]) {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let is_there = std::env::split_paths(&path).any(|folder: PathBuf| folder.join(needs).is_file());
    assert!(is_there, "`{needs}` is not installed: this test cannot run without it");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults").join(script);
    let mut command = Command::new("bash");
    command.arg(script).arg(env!("CARGO_BIN_EXE_podleaf")).args(arguments).env_remove("CI");
    let output = command.output().unwrap();
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (said(&output.stdout), said(&output.stderr));
    assert!(output.status.success() && out.ends_with("passed\n"), "{arguments:?}: {}\n{out}{err}", output.status);
}

#[test]
fn d60_d61_d62_a_disk_that_is_full_or_read_only_keeps_the_old_site() {
    let episodes: Vec<(String, String)> = (0..12).map(|n| (format!("content/a/{n}.md"), FINE.repeat(150))).collect();
    let files: Vec<(&str, &str)> = episodes.iter().map(|(file, text)| (file.as_str(), text.as_str())).collect();
    let site = Built::of(&files);
    site.put("podleaf.toml", "cards = false\n");
    check("disk-full.sh", "unshare", &[site.root().to_str().unwrap()]);
}

#[test]
fn d67_a_system_call_that_fails_keeps_the_old_site() {
    check("failing-calls.sh", "strace", &[]);
}

#[test]
fn f78_three_hundred_kills_at_random_leave_a_whole_site() {
    check("kills.sh", "bash", &["random"]);
}

#[test]
fn f78_a_build_killed_at_any_system_call_leaves_a_whole_site() {
    check("kills.sh", "strace", &["calls"]);
}

#[test]
fn f84_what_is_new_is_on_the_disk_before_the_exchange() {
    check("kills.sh", "strace", &["order"]);
}
