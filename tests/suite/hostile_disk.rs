//! Disks that fail and files that change, as whole builds: reliability matrix D.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, SystemTime};

use rustix::fs::{CWD, FileType, Mode};

use crate::built::{Built, run};
use crate::tree::as_nobody;

#[test]
fn d51_d52_d53_d54_links_are_skipped_and_nothing_outside_is_published() {
    let site = Built::good();
    let secret = site.root().parent().unwrap().join("secret.md");
    fs::write(&secret, "**Ann:** The secret.\n").unwrap();
    site.put("static/a.txt", "text");
    for (target, link) in [
        ("self.md", "content/a/self.md"),
        ("..", "content/a/loop"),
        ("missing.md", "content/a/broken.md"),
        ("/etc/passwd", "content/a/passwd.md"),
        ("/etc/passwd", "static/passwd.txt"),
        (secret.to_str().unwrap(), "content/a/secret.md"),
        (secret.to_str().unwrap(), "templates.md"),
        ("../..", "static/up"),
        ("/etc", "templates"),
        ("/etc/passwd", "people.toml"),
    ] {
        symlink(target, site.root().join(link)).unwrap();
    }
    let said = site.publish().said;
    assert!(said.matches("warning[link-skipped]").count() >= 9, "{said}");
    for (file, text) in site.output() {
        assert!(!text.contains("root:x:") && !text.contains("The secret"), "{file}");
    }
    assert_eq!(site.page("a.txt"), "text");
}

#[test]
fn d55_d56_pipes_sockets_and_devices_do_not_hang_a_build() {
    let site = Built::good();
    site.put("static/a.txt", "text");
    for pipe in ["content/a/pipe.md", "content/a/good.jpg", "static/pipe.css", "podleaf.toml", "people.toml"] {
        rustix::fs::mknodat(CWD, site.root().join(pipe), FileType::Fifo, Mode::from_raw_mode(0o644), 0).unwrap();
    }
    let _socket = UnixListener::bind(site.root().join("content/a/socket.md")).unwrap();
    symlink("/dev/zero", site.root().join("content/a/zero.md")).unwrap();
    symlink("/dev/zero", site.root().join("static/zero.bin")).unwrap();
    let run = site.publish();
    assert_eq!(run.said.matches("warning[not-a-file]").count(), 6, "{}", run.said);
    assert!(run.peak_mib < 256, "{} MiB", run.peak_mib);
}

#[test]
fn d57_an_unreadable_file_is_named_and_the_site_stays() {
    let site = Built::good();
    site.publish();
    for file in ["content/a/closed.md", "podleaf.toml", "templates/episode.html", "static/closed.txt"] {
        site.put(file, "# closed\n");
        fs::set_permissions(site.root().join(file), fs::Permissions::from_mode(0o000)).unwrap();
        open_to_all(&site);
        let before = site.everything();
        let run = build_as_nobody(&site);
        assert_eq!(run.code, Some(3), "{file}: {}", run.said);
        assert!(run.said.contains(&format!("`{file}` cannot be read: permission denied")), "{}", run.said);
        assert!(site.everything() == before, "{file}");
        fs::remove_file(site.root().join(file)).unwrap();
    }
}

#[test]
fn d58_d62_an_output_that_cannot_be_written_is_named_and_the_site_stays() {
    let site = Built::good();
    site.publish();
    fs::set_permissions(site.root(), fs::Permissions::from_mode(0o555)).unwrap();
    let before = site.everything();
    let run = build_as_nobody(&site);
    assert_eq!(run.code, Some(3), "{}", run.said);
    assert!(run.said.contains("permission denied") && run.said.contains("public"), "{}", run.said);
    assert!(site.everything() == before);
    fs::set_permissions(site.root(), fs::Permissions::from_mode(0o755)).unwrap();
    site.publish();
}

/// Everybody may write into the site's folder, so that only the closed file is in the way.
fn open_to_all(site: &Built) {
    fs::set_permissions(site.root(), fs::Permissions::from_mode(0o777)).unwrap();
}

fn build_as_nobody(site: &Built) -> crate::built::Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_podleaf"));
    command.arg("build").arg(site.root()).current_dir("/").env_remove("HOME");
    as_nobody(&mut command);
    run(command)
}

#[test]
fn d59_a_site_that_changes_while_it_is_built_is_whole_or_refused() {
    let site = Built::of(&[]);
    let text = |version: usize| format!("**Ann:** version {version}\n\n**Bo:** version {version}\n").repeat(500);
    for n in 0..20 {
        site.put(&format!("content/a/{n}.md"), text(0));
    }
    site.publish();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            for version in 1.. {
                let file = site.root().join(format!("content/a/{}.md", version % 20));
                if version % 7 == 0 {
                    fs::remove_file(&file).unwrap();
                }
                site.put(".new", text(version));
                fs::rename(site.root().join(".new"), file).unwrap();
                if done.load(Ordering::Relaxed) {
                    return;
                }
            }
        });
        let _ends = Ends(&done);
        for _ in 0..6 {
            let before = site.output();
            let run = site.build();
            if run.code == Some(3) {
                assert!(run.said.contains("changed while") || run.said.contains("cannot be read"), "{}", run.said);
                assert!(site.output() == before);
            } else {
                assert_eq!(run.code, Some(0), "{}", run.said);
            }
            check_whole(&site);
        }
    });
    site.publish();
    check_whole(&site);
}

/// Ends the writer, also where the test fails.
struct Ends<'a>(&'a AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Each page holds one version of its text.
#[track_caller]
fn check_whole(site: &Built) {
    let is_episode = |file: &str| file.starts_with("a/") && file.matches('/').count() == 2 && file.ends_with(".html");
    for (file, text) in site.output().iter().filter(|(file, _)| is_episode(file)) {
        let versions: std::collections::BTreeSet<&str> =
            text.split("<p>version ").skip(1).map(|rest| rest.split('<').next().unwrap()).collect();
        assert_eq!((versions.len(), text.matches("<p>version ").count()), (1, 1_000), "{file}: {versions:?}");
    }
}

#[test]
fn d66_clocks_and_times_of_files_do_not_matter() {
    let site = Built::of(&[]);
    let path = site.root().join("content/a/x.md");
    let hour = Duration::from_secs(3_600);
    let now = SystemTime::now();
    for (version, time) in
        [now, now + 24 * hour, now - 9_000 * hour, SystemTime::UNIX_EPOCH, now].into_iter().enumerate()
    {
        site.put("content/a/x.md", format!("**Ann:** version {version}\n\n**Bo:** a\n\n**Ann:** b\n\n**Bo:** c\n"));
        fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
        site.publish();
        assert!(site.page("a/x/index.html").contains(&format!("<p>version {version}</p>")));
    }
}

/// What the full case of a hundred thousand files costs is in tests/MATRIX.md.
#[test]
fn d63_many_files_cost_little_memory() {
    let site = Built::good();
    for n in 0..10_000 {
        site.put(&format!("static/{}/{n}.txt", n % 100), n.to_string());
    }
    let first = site.publish();
    let again = site.publish();
    assert!(first.peak_mib < 128 && again.peak_mib < 128, "{} MiB, {} MiB", first.peak_mib, again.peak_mib);
    assert_eq!(site.page("99/9999.txt"), "9999");
}

/// What the full case of five GiB costs is in tests/MATRIX.md.
#[test]
fn d64_long_media_are_streamed() {
    let site = Built::good();
    site.put("content/a/good.mp3", "");
    let media = site.root().join("content/a/good.mp3");
    let len = 300 << 20;
    fs::File::options().write(true).open(&media).unwrap().set_len(len).unwrap();
    let run = site.publish();
    assert!(run.peak_mib < 128, "{} MiB", run.peak_mib);
    assert_eq!(fs::metadata(site.root().join("public/a/good/good.mp3")).unwrap().len(), len);
}
