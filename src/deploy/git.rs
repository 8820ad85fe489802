//! A branch of a git repository, which a host serves: one commit for each deploy, on top of what is there.
//!
//! The system's git does all of it, in a bare repository beside what builds remember; the repository of the sources is
//! only asked for the address of a remote. What is sent, added and deleted is said to git's index, so that files of the
//! branch which are not ours stay.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::local::Local;
use super::manifest::{SITE_MANIFEST, SiteManifest};
use super::patience::patiently;
use super::plan::Plan;
use super::scratch::Scratch;
use super::secrets::redacted;
use super::store::Place;
use crate::diagnostic::io::reason;

/// Where the commit that the branch was at is kept.
const TIP: &str = "refs/podleaf/tip";
const NO_OBJECT: &str = "0000000000000000000000000000000000000000";
/// What git and ssh say of faults that another try may change: the connection, and servers that are busy.
const PASSING: [&str; 9] = [
    "Could not resolve host",
    "Failed to connect",
    "Connection refused",
    "Connection reset",
    "timed out",
    "early EOF",
    "unexpected disconnect",
    "returned error: 5",
    "returned error: 429",
];

/// A branch, as it was fetched.
#[derive(Debug)]
pub struct Branch {
    git_dir: PathBuf,
    /// The repository of the sources, for its settings.
    root: PathBuf,
    url: String,
    branch: String,
    /// The commit that the branch is at; `None` where there is no branch yet.
    tip: Option<String>,
}

/// Why a branch did not take a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// Somebody else wrote to it meanwhile.
    Moved,
    /// Something else, in words.
    Failed(String),
}

impl Branch {
    /// Fetches the newest commit of a branch into a repository of our own at `git_dir`.
    ///
    /// # Errors
    /// What git says.
    pub fn fetch(git_dir: PathBuf, root: &Path, remote: &str, branch: &str) -> Result<Self, String> {
        let is_address = remote.contains([':', '/']);
        let url = if !is_address {
            let found = words(Command::new("git").arg("-C").arg(root).args(["remote", "get-url", "--push", remote]))?;
            found.trim().to_owned()
        } else {
            remote.to_owned()
        };
        // A path is relative to the folder of the site, as it is for git itself.
        let url = if url.contains(':') { url } else { root.join(url).to_string_lossy().into_owned() };
        let mut this = Self { git_dir, root: root.to_owned(), url, branch: branch.to_owned(), tip: None };
        if !this.git_dir.join("HEAD").exists() {
            words(Command::new("git").args(["init", "--quiet", "--bare"]).arg(&this.git_dir))?;
        }
        if this.there()?.is_some() {
            let to = format!("+refs/heads/{branch}:{TIP}");
            answer(&this.asked(&["fetch", "--quiet", "--depth=1", "--no-tags", "podleaf", &to])?)?;
            this.tip = Some(words(this.git().args(["rev-parse", TIP]))?.trim().to_owned());
        }
        Ok(this)
    }

    /// git in our repository. The address is no argument, since it may hold what nobody else may see.
    fn git(&self) -> Command {
        let mut git = Command::new("git");
        git.arg("--git-dir").arg(&self.git_dir).args(["-c", "core.autocrlf=false", "-c", "core.quotePath=false"]);
        git.env("GIT_CONFIG_COUNT", "1").env("GIT_CONFIG_KEY_0", "remote.podleaf.url");
        git.env("GIT_CONFIG_VALUE_0", &self.url).env("GIT_TERMINAL_PROMPT", "0");
        for inherited in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
            git.env_remove(inherited);
        }
        git
    }

    /// The commit that the branch is at now, as the host says.
    fn there(&self) -> Result<Option<String>, String> {
        let found = answer(&self.asked(&["ls-remote", "podleaf", &format!("refs/heads/{}", self.branch)])?)?;
        Ok(found.split_whitespace().next().map(str::to_owned))
    }

    /// Asks the host; tries again where that may help.
    fn asked(&self, arguments: &[&str]) -> Result<Output, String> {
        let run = || self.git().args(arguments).stdin(Stdio::null()).output().map_err(|error| cannot_run(&error));
        patiently(run, |output: &Output| {
            let said = String::from_utf8_lossy(&output.stderr);
            !output.status.success() && PASSING.iter().any(|words| said.contains(words))
        })
    }

    /// Makes the branch what the plan says, in one commit. `extra` are files of the branch that are no part of the site.
    ///
    /// # Errors
    /// See [`Refused`].
    pub fn publish(
        &self,
        local: &Local,
        plan: &Plan<'_>,
        (manifest, extra): (&SiteManifest, &[(&str, String)]),
        message: &str,
    ) -> Result<(), Refused> {
        let failed = Refused::Failed;
        let scratch = Scratch::new().map_err(failed)?;
        let index = scratch.path().join("index");
        if let Some(tip) = &self.tip {
            words(self.git().env("GIT_INDEX_FILE", &index).args(["read-tree", tip])).map_err(failed)?;
        }
        let mut entries = String::new();
        let sent: Vec<_> = plan.added.iter().chain(&plan.changed).collect();
        let mut paths = String::new();
        for file in &sent {
            local.verify(file).map_err(|why| failed(format!("`{}` {why}", file.file)))?;
            _ = writeln!(paths, "{}", local.path(file).display());
        }
        let hash = ["hash-object", "-w", "--no-filters"];
        let hashes = fed(self.git().args(hash).arg("--stdin-paths"), paths.as_bytes()).map_err(failed)?;
        for (file, hash) in sent.iter().zip(hashes.lines()) {
            _ = write!(entries, "100644 {hash}\t{}\0", file.file);
        }
        for file in plan.deletions() {
            _ = write!(entries, "0 {NO_OBJECT}\t{file}\0");
        }
        let own = [(SITE_MANIFEST, manifest.to_bytes())];
        let extra = extra.iter().filter(|(name, _)| manifest.entry(name).is_none());
        let extra = extra.map(|(name, text)| (*name, text.clone().into_bytes()));
        for (name, bytes) in own.into_iter().chain(extra) {
            let hash = fed(self.git().args(hash).arg("--stdin"), &bytes).map_err(failed)?;
            _ = write!(entries, "100644 {}\t{name}\0", hash.trim());
        }
        let update = ["update-index", "--add", "-z", "--index-info"];
        fed(self.git().env("GIT_INDEX_FILE", &index).args(update), entries.as_bytes()).map_err(failed)?;
        let tree = words(self.git().env("GIT_INDEX_FILE", &index).arg("write-tree")).map_err(failed)?;
        let mut commit = self.git();
        commit.envs(self.identity()).args(["commit-tree", tree.trim(), "-m", message]);
        if let Some(tip) = &self.tip {
            commit.args(["-p", tip]);
        }
        let commit = words(&mut commit).map_err(failed)?;
        self.push(commit.trim())
    }

    /// Pushes without force: git refuses where the branch is no longer what was fetched.
    fn push(&self, commit: &str) -> Result<(), Refused> {
        let to = format!("{commit}:refs/heads/{}", self.branch);
        // Where a push arrived whose answer was lost, the next one finds nothing to do.
        let pushed = self.asked(&["push", "--porcelain", "--no-verify", "podleaf", &to]);
        let output = pushed.map_err(Refused::Failed)?;
        if output.status.success() {
            return Ok(());
        }
        match self.there() {
            // It arrived, and what was said about it did not.
            Ok(Some(there)) if there == commit => Ok(()),
            Ok(there) if there != self.tip => Err(Refused::Moved),
            Ok(_) | Err(_) => {
                let out = String::from_utf8_lossy(&output.stdout);
                let remote = out.lines().find(|line| line.starts_with('!')).map(redacted);
                Err(Refused::Failed(remote.unwrap_or_else(|| said(&output))))
            }
        }
    }

    /// Who commits, where git's settings do not say.
    fn identity(&self) -> Vec<(&'static str, &'static str)> {
        let asked = Command::new("git").arg("-C").arg(&self.root).args(["var", "GIT_COMMITTER_IDENT"]).output();
        let known = asked.is_ok_and(|output| output.status.success());
        let own = [
            ("GIT_AUTHOR_NAME", "Podleaf"),
            ("GIT_AUTHOR_EMAIL", "podleaf@localhost"),
            ("GIT_COMMITTER_NAME", "Podleaf"),
            ("GIT_COMMITTER_EMAIL", "podleaf@localhost"),
        ];
        if known { Vec::new() } else { own.to_vec() }
    }
}

impl Place for Branch {
    fn read(&self, files: &[&str]) -> Result<Vec<Option<Vec<u8>>>, String> {
        let Some(tip) = &self.tip else { return Ok(vec![None; files.len()]) };
        let names: String = files.iter().map(|file| format!("{tip}:{file}\n")).collect();
        let output = output_fed(self.git().args(["cat-file", "--batch"]), names.as_bytes())?;
        let mut rest = output.as_slice();
        let mut found = Vec::with_capacity(files.len());
        for _ in files {
            let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
            let head = String::from_utf8_lossy(&rest[..end]).into_owned();
            rest = rest.get(end + 1..).unwrap_or_default();
            let len = head.rsplit(' ').next().and_then(|len| len.parse::<usize>().ok()).filter(|len| *len < rest.len());
            found.push(len.map(|len| rest[..len].to_vec()));
            rest = len.map_or(rest, |len| &rest[len + 1..]);
        }
        Ok(found)
    }

    fn is_empty(&self) -> Result<bool, String> {
        let Some(tip) = &self.tip else { return Ok(true) };
        Ok(words(self.git().args(["ls-tree", tip]))?.trim().is_empty())
    }
}

/// What a run of git printed.
fn words(git: &mut Command) -> Result<String, String> {
    answer(&git.stdin(Stdio::null()).output().map_err(|error| cannot_run(&error))?)
}

fn answer(output: &Output) -> Result<String, String> {
    if output.status.success() { Ok(String::from_utf8_lossy(&output.stdout).into_owned()) } else { Err(said(output)) }
}

fn fed(git: &mut Command, input: &[u8]) -> Result<String, String> {
    output_fed(git, input).map(|output| String::from_utf8_lossy(&output).into_owned())
}

/// What a run of git printed that was given something to read.
fn output_fed(git: &mut Command, input: &[u8]) -> Result<Vec<u8>, String> {
    let piped = git.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = piped.map_err(|error| cannot_run(&error))?;
    let stdin = child.stdin.take();
    let output = std::thread::scope(|scope| {
        // A git that ended early has not read all, which its exit code says.
        scope.spawn(|| stdin.map(|mut pipe| pipe.write_all(input)));
        child.wait_with_output()
    });
    let output = output.map_err(|error| cannot_run(&error))?;
    if output.status.success() { Ok(output.stdout) } else { Err(said(&output)) }
}

fn cannot_run(error: &std::io::Error) -> String {
    format!("cannot run `git`: {}", reason(error))
}

/// The first line that says what is wrong.
fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let line = lines.clone().find(|line| line.starts_with("fatal:") || line.starts_with("error:"));
    redacted(line.or_else(|| lines.next()).unwrap_or("git failed"))
}
