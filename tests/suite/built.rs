//! A site's folder and the real program on it: what it says, how it ends, what it leaves.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::tree::{folder, snapshot};

/// How long a run may take before it counts as hanging.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// An episode that nothing is wrong with.
pub(crate) const FINE: &str = "**Ann Li:** How are you?\n\n**Bo Ek:** Fine.\n\n**Ann Li:** Good.\n\n**Bo Ek:** Bye.\n";

/// A site below a folder of its own, so that what is written beside it is seen.
pub(crate) struct Built {
    temp: TempDir,
}

/// How a run of the program ended.
#[derive(Debug)]
pub(crate) struct Run {
    /// The exit code; `None` where a signal ended it.
    pub(crate) code: Option<i32>,
    /// What it said.
    pub(crate) said: String,
    /// The most memory that it was seen to use, in MiB.
    pub(crate) peak_mib: u64,
}

impl Built {
    /// A site of these files.
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let site = Self { temp: folder() };
        fs::create_dir(site.root()).unwrap();
        files.iter().for_each(|(name, text)| site.put(name, text));
        site
    }

    /// A site of one good episode.
    pub(crate) fn good() -> Self {
        Self::of(&[("content/a/good.md", FINE)])
    }

    /// The site's folder.
    pub(crate) fn root(&self) -> PathBuf {
        self.temp.path().join("site")
    }

    /// Writes a file of the site.
    pub(crate) fn put(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.root().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// Runs `podleaf build` with further arguments.
    pub(crate) fn build_with(&self, arguments: &[&str]) -> Run {
        let mut command = Command::new(env!("CARGO_BIN_EXE_podleaf"));
        command.arg("build").arg(self.root()).args(arguments);
        run(command)
    }

    /// Runs `podleaf build`.
    pub(crate) fn build(&self) -> Run {
        self.build_with(&[])
    }

    /// Builds a site that must be published.
    #[track_caller]
    pub(crate) fn publish(&self) -> Run {
        let run = self.build();
        assert_eq!(run.code, Some(0), "{}", run.said);
        run
    }

    /// Adds a file to a published site and builds again: that ends with `code`, says all `parts`, and changes nothing.
    #[track_caller]
    pub(crate) fn check_refused(&self, file: &str, bytes: impl AsRef<[u8]>, code: i32, parts: &[&str]) -> Run {
        if !self.root().join("public").exists() {
            self.publish();
        }
        self.put(file, bytes);
        let mut before = self.everything();
        let run = self.build();
        assert_eq!(run.code, Some(code), "{file}: {}", run.said);
        parts.iter().for_each(|part| assert!(run.said.contains(part), "{file}: no {part:?} in {}", run.said));
        let mut now = self.everything();
        if code == 0 {
            // What is published is promised.
            now.retain(|path, _| !path.ends_with("show.lock"));
            before.retain(|path, _| !path.ends_with("show.lock"));
        }
        assert!(now == before, "{file}: the run changed a file");
        fs::remove_file(self.root().join(file)).unwrap();
        run
    }

    /// All files in and beside the site, but for what the program remembers.
    pub(crate) fn everything(&self) -> BTreeMap<PathBuf, String> {
        let memory = self.root().join(".podleaf");
        let mut all = snapshot(self.temp.path());
        all.retain(|path, _| !path.starts_with(&memory));
        all
    }

    /// What stands beside the site's folder.
    pub(crate) fn outside(&self) -> Vec<PathBuf> {
        let root = self.root();
        self.everything().into_keys().filter(|path| !path.starts_with(&root)).collect()
    }

    /// The published files with their text, by their path below the output folder.
    pub(crate) fn output(&self) -> BTreeMap<String, String> {
        let output = self.root().join("public");
        let all = snapshot(&output).into_iter().filter(|(path, _)| path.is_file());
        all.map(|(path, text)| (relative(&path, &output), text[2..].to_owned())).collect()
    }

    /// The text of a published file.
    #[track_caller]
    pub(crate) fn page(&self, file: &str) -> String {
        let path = self.root().join("public").join(file);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }
}

fn relative(path: &Path, root: &Path) -> String {
    path.strip_prefix(root).unwrap().to_str().unwrap().to_owned()
}

/// Runs a command to its end; it must neither hang nor panic nor be ended by a signal.
#[track_caller]
pub(crate) fn run(mut command: Command) -> Run {
    let mut child = command.env_remove("CI").stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stderr = child.stderr.take().unwrap();
    let reader = std::thread::spawn(move || {
        let mut said = Vec::new();
        stderr.read_to_end(&mut said).unwrap();
        String::from_utf8_lossy(&said).into_owned()
    });
    let started = Instant::now();
    let mut peak_mib = 0;
    let status = loop {
        peak_mib = peak_mib.max(peak_memory(child.id()));
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if started.elapsed() > PATIENCE {
            child.kill().unwrap();
            panic!("{command:?} hangs: {}", reader.join().unwrap());
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let said = reader.join().unwrap();
    assert!(status.code().is_some_and(|code| code != 70), "{status}: {said}");
    assert!(!said.contains("panicked at"), "{said}");
    Run { code: status.code(), said, peak_mib }
}

/// The most memory that a process has used so far, in MiB; 0 once it is gone.
fn peak_memory(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()).unwrap_or_default() / 1024
}
