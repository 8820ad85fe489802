//! One deploy, from the question of what is at the target to the last deletion.
//!
//! ```text
//! read its manifest ──▶ plan ──▶ consent ──▶ lease ──▶ intent ──▶ send, phase by phase ──▶ manifest ──▶ delete
//!                                  refuses     refuses               a failure ends it: nothing is deleted
//! ```

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use super::folder::Folder;
use super::git::{Branch, Refused};
use super::journal::{Journal, Unopened};
use super::lease::{self, Kept, LEASE};
use super::local::Local;
use super::manifest::{SITE_MANIFEST, SiteFile, SiteManifest};
use super::plan::{Notice, Plan, broken_promises, led_to, removed_addresses};
use super::promises::Promises;
use super::report;
use super::rsync::Rsync;
use super::store::{Failure, Over, Place, Store};
use crate::config::deploy::{Files, Kind, Target};
use crate::diagnostic::io::{machine, reason};
use crate::diagnostic::{Diagnostic, Fault};
use crate::hash::Hasher;

/// Old bytes that are asked for at once, to see what they promised.
const AT_ONCE: usize = 200;
/// Files that a failure names.
const SHOWN: usize = 5;

/// How far a deploy goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// To the plan: nothing is written at the target.
    DryRun,
    /// To the end, unless readers would notice what may not be meant.
    Careful,
    /// To the end.
    Yes,
}

/// What to deploy, and where.
#[derive(Debug)]
pub struct Order<'o> {
    /// Where it goes.
    pub target: &'o Target,
    /// What goes there.
    pub local: Local,
    /// The folder of the site's sources.
    pub root: &'o Path,
    /// The output folder.
    pub output: &'o Path,
    /// The folder of what is remembered.
    pub state: &'o Path,
    /// How far it goes.
    pub mode: Mode,
}

/// Where a deploy says how far it is.
pub trait Listener: Sync {
    /// Some lines for people.
    fn say(&self, text: &str);
    /// So many files are sent next.
    fn sends(&self, n_files: usize);
    /// One of them arrived.
    fn arrived(&self);
}

/// A target, ready to be asked.
enum Opened {
    Store(Box<dyn Store>),
    Branch(Box<Branch>),
    Program(LastSite),
}

impl Opened {
    fn place(&self) -> &dyn Place {
        match self {
            Self::Store(store) => store.as_ref(),
            Self::Branch(branch) => branch.as_ref(),
            Self::Program(last) => last,
        }
    }
}

/// Deploys. Returns a line that sums it up.
///
/// # Errors
/// What failed or is refused.
pub fn deploy(mut order: Order<'_>, listener: &dyn Listener) -> Result<String, Diagnostic> {
    let name = order.target.name.as_str();
    let mut journal = Journal::open(order.state, name).map_err(|unopened| match unopened {
        Unopened::InUse => busy(name).help("it runs on this machine: wait until it is done"),
        Unopened::Failed(error) => machine("deploy-failed", "write", order.state, &error),
    })?;
    let failed = |why: String| failed(name, &why);
    let opened = open(&order).map_err(failed)?;
    let mut found = opened.place().read(&[SITE_MANIFEST, LEASE]).map_err(failed)?;
    let (held, found) = (found.pop().flatten(), found.pop().flatten());
    let is_first = found.is_none();
    let old = match found {
        Some(bytes) => SiteManifest::parse(&bytes).ok_or_else(|| unreadable(name))?,
        None => SiteManifest::default(),
    };
    let is_foreign = is_first && held.is_none() && !opened.place().is_empty().map_err(failed)?;
    order.local.note_promises(&old).map_err(failed)?;
    let new = order.local.site.clone();
    let plan = Plan::between(&old, &new);
    let notices = notices(&order, opened.place(), (&old, &plan)).map_err(failed)?;
    if !is_first && journal.last.as_ref().is_some_and(|last| *last != old.deploy) {
        listener.say("  what is there was deployed from elsewhere since the last deploy from here\n");
    }
    if order.mode == Mode::DryRun {
        listener.say(&report::plan(&plan));
    }
    let doubts = doubts(&plan, &notices, is_foreign);
    match order.mode {
        Mode::DryRun => {
            let lines: String = doubts.iter().map(|line| format!("  {line}\n")).collect();
            let lines = if doubts.is_empty() { lines } else { format!("  this needs --yes:\n{lines}") };
            listener.say(&lines);
            return Ok("nothing is sent: this was a dry run".to_owned());
        }
        Mode::Careful if !doubts.is_empty() => {
            let message = format!("`{name}` is not deployed: readers would notice what may not be meant");
            let refusal = Diagnostic::error("needs-yes", message).fault(Fault::Safety);
            let refusal = doubts.into_iter().fold(refusal, Diagnostic::help);
            return Err(refusal.help("if all of that is meant, deploy with --yes"));
        }
        Mode::Careful | Mode::Yes => doubts.iter().for_each(|line| listener.say(&format!("  {line}\n"))),
    }
    if plan.is_empty() {
        if let (Opened::Store(store), Some(_)) = (&opened, held) {
            lease::give_back(store.as_ref(), |id| journal.held(id));
        }
        return Ok(format!("`{name}` has it all: {} files", new.files.len()));
    }
    match &opened {
        Opened::Store(store) => {
            let site = Site { local: &order.local, old: &old, new: &new, plan: &plan };
            carry_out(store.as_ref(), &site, &mut journal, (name, listener))?;
        }
        Opened::Branch(branch) => {
            let id = new_id(name, &journal);
            let outcome = SiteManifest { leftover: Vec::new(), ..plan.outcome(&new, &id) };
            let extra = extra_files(order.target);
            let message = format!("Deploy: {}", report::sums(&plan));
            branch.publish(&order.local, &plan, (&outcome, &extra), &message).map_err(|refused| match refused {
                Refused::Moved => moved(name),
                Refused::Failed(why) => failed(why),
            })?;
            journal.begin(&id).map_err(|error| machine("deploy-failed", "write", order.state, &error))?;
        }
        Opened::Program(last) => {
            let id = new_id(name, &journal);
            last.run(&order).map_err(failed)?;
            let outcome = SiteManifest { leftover: Vec::new(), kept: Vec::new(), ..plan.outcome(&new, &id) };
            fs::write(&last.file, outcome.to_bytes())
                .map_err(|error| machine("deploy-failed", "write", &last.file, &error))?;
            journal.begin(&id).map_err(|error| machine("deploy-failed", "write", order.state, &error))?;
        }
    }
    journal.end();
    Ok(format!("`{name}` is deployed: {}", report::sums(&plan)))
}

fn open(order: &Order<'_>) -> Result<Opened, String> {
    Ok(match &order.target.kind {
        Kind::Folder { path } => {
            Opened::Store(Box::new(Folder::open(&order.root.join(path), order.root, order.output)?))
        }
        Kind::Rsync { destination } => Opened::Store(Box::new(Rsync::new(destination))),
        Kind::Git { remote, branch, .. } => {
            let git_dir = order.state.join(format!("deploy-{}.git", order.target.name));
            Opened::Branch(Box::new(Branch::fetch(git_dir, order.root, remote, branch)?))
        }
        Kind::Command { command } => {
            let file = order.state.join(format!("deploy-{}.site", order.target.name));
            Opened::Program(LastSite { file, command: command.clone() })
        }
        #[cfg(feature = "s3")]
        Kind::S3(bucket) => Opened::Store(Box::new(super::s3::S3::open(bucket)?)),
        #[cfg(not(feature = "s3"))]
        Kind::S3(_) => {
            return Err("this program was built without buckets: build it with `--features s3`".to_owned());
        }
    })
}

/// A site on its way.
struct Site<'s> {
    local: &'s Local,
    old: &'s SiteManifest,
    new: &'s SiteManifest,
    plan: &'s Plan<'s>,
}

fn carry_out(
    store: &dyn Store,
    site: &Site<'_>,
    journal: &mut Journal,
    (name, listener): (&str, &dyn Listener),
) -> Result<(), Diagnostic> {
    // What has arrived is known where nobody wrote to the target since.
    let is_resumed = !journal.is_done && journal.last.as_deref() == Some(site.old.deploy.as_str());
    let id = journal.last.clone().filter(|_| is_resumed).unwrap_or_else(|| new_id(name, journal));
    lease::take(store, &id, journal).map_err(|kept| match kept {
        Kept::Other(seconds) => {
            let minutes = seconds.div_ceil(60);
            let wait = format!("wait until it is done; if it was killed, its turn ends in {minutes} min at most");
            busy(name).help(wait)
        }
        Kept::Failed(why) => failed(name, &why),
    })?;
    if !is_resumed {
        journal.begin(&id).map_err(|error| failed(name, &reason(&error)))?;
    }
    let sent = lease::during(store, &id, |is_lost| send_all(store, site, (&id, is_lost), (journal, name, listener)));
    lease::give_back(store, |held| held == id);
    sent
}

fn send_all(
    store: &dyn Store,
    site: &Site<'_>,
    (id, is_lost): (&str, &AtomicBool),
    (journal, name, listener): (&Journal, &str, &dyn Listener),
) -> Result<(), Diagnostic> {
    let failed = |why: String| failed(name, &why);
    let put = |manifest: &SiteManifest| store.put(SITE_MANIFEST, &manifest.to_bytes(), Over::Allowed).map_err(failed);
    put(&site.plan.intent(site.old, id))?;
    let phases: Vec<(_, Vec<&SiteFile>)> = site
        .plan
        .phases()
        .into_iter()
        .map(|(phase, files)| (phase, files.into_iter().filter(|file| !journal.has(file)).collect()))
        .collect();
    listener.sends(phases.iter().map(|(_, files)| files.len()).sum());
    for (phase, files) in phases.iter().filter(|(_, files)| !files.is_empty()) {
        let failures = store.send(site.local, files, &|file| {
            journal.note(file);
            listener.arrived();
        });
        if !failures.is_empty() {
            return Err(not_arrived(name, phase.words(), &failures));
        }
        if is_lost.load(Ordering::Relaxed) {
            return Err(moved(name));
        }
    }
    store.settle().map_err(failed)?;
    let there = store.read(&[SITE_MANIFEST]).map_err(failed)?.pop().flatten();
    if there.and_then(|bytes| SiteManifest::parse(&bytes)).is_none_or(|there| there.deploy != id) {
        return Err(moved(name));
    }
    let mut outcome = site.plan.outcome(site.new, id);
    put(&outcome)?;
    let deletions = site.plan.deletions();
    if !deletions.is_empty() {
        let failures = store.delete(&deletions);
        if let Some(Failure { file, why }) = failures.first() {
            let message = format!("`{name}` is deployed, but {} of its old files are there still", failures.len());
            let error = Diagnostic::error("deploy-failed", message).fault(Fault::Machine);
            return Err(error.help(format!("`{file}`: {why}")).help("the next deploy will delete them"));
        }
        outcome.leftover.clear();
        put(&outcome)?;
    }
    store.settle().map_err(failed)
}

/// What readers will notice: what is gone by the manifests, and what changed in pages and feeds by their bytes.
fn notices(
    order: &Order<'_>,
    place: &dyn Place,
    (old, plan): (&SiteManifest, &Plan<'_>),
) -> Result<Vec<Notice>, String> {
    let local = &order.local;
    let mut notices = match order.target.files {
        Files::Site => removed_addresses(plan, &local.site, &local.redirected()),
        Files::Media => plan.removed.iter().map(|file| Notice::Removed(format!("/{}", file.file))).collect(),
    };
    for files in plan.broken(old).chunks(AT_ONCE) {
        let names: Vec<&str> = files.iter().map(|file| file.file.as_str()).collect();
        for (file, bytes) in files.iter().zip(place.read(&names)?) {
            let before = bytes.and_then(|bytes| Promises::of(&file.file, &bytes));
            let (Some(before), Some(mut now)) = (before, local.promises(file)?) else { continue };
            // The anchors of a page that leads on are those of the page that it leads to.
            let led = now.leads_to.take().and_then(|link| led_to(&file.file, &link));
            if let Some(led) = led.and_then(|led| local.site.entry(&led)) {
                now = local.promises(led)?.unwrap_or_default();
            }
            // What an earlier page led to is promised there.
            if before.leads_to.is_none() {
                notices.extend(broken_promises(&file.file, &before, &now));
            }
        }
    }
    Ok(notices)
}

/// Why somebody has to say that the plan is meant.
fn doubts(plan: &Plan<'_>, notices: &[Notice], is_foreign: bool) -> Vec<String> {
    let mut doubts = report::notices(notices);
    if plan.deletes_much() {
        doubts.push(format!("{} of {} files would be deleted", plan.removed.len(), plan.n_before));
    }
    if is_foreign {
        doubts.push(
            "files are there that Podleaf did not deploy; those at the site's addresses would be replaced".to_owned(),
        );
    }
    doubts
}

/// Files of a branch that hosts read: none of them is an address of the site.
fn extra_files(target: &Target) -> Vec<(&'static str, String)> {
    let mut files = vec![(".nojekyll", String::new())];
    if let Kind::Git { cname: Some(cname), .. } = &target.kind {
        files.push(("CNAME", format!("{cname}\n")));
    }
    files
}

/// Names a deploy: nobody else has this name.
fn new_id(target: &str, journal: &Journal) -> String {
    use std::hash::{BuildHasher, RandomState};
    let mut hasher = Hasher::new();
    hasher.part(target.as_bytes()).part(journal.last.as_deref().unwrap_or_default().as_bytes());
    hasher.number(u64::from(std::process::id())).number(RandomState::new().hash_one(target));
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    hasher.number(since.as_secs()).number(u64::from(since.subsec_nanos())).finish().to_string()
}

/// What another program deployed last, as far as we know.
struct LastSite {
    file: PathBuf,
    command: String,
}

impl LastSite {
    fn run(&self, order: &Order<'_>) -> Result<(), String> {
        let output = std::path::absolute(&order.local.folder).map_err(|error| reason(&error))?;
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(&self.command).current_dir(order.root).env("PODLEAF_OUTPUT", output);
        let status = shell.status().map_err(|error| format!("cannot run `sh`: {}", reason(&error)))?;
        if status.success() { Ok(()) } else { Err(format!("its command ended with {status}")) }
    }
}

impl Place for LastSite {
    fn read(&self, files: &[&str]) -> Result<Vec<Option<Vec<u8>>>, String> {
        Ok(files.iter().map(|file| fs::read(&self.file).ok().filter(|_| *file == SITE_MANIFEST)).collect())
    }

    fn is_empty(&self) -> Result<bool, String> {
        Ok(true)
    }
}

fn failed(name: &str, why: &str) -> Diagnostic {
    Diagnostic::error("deploy-failed", format!("`{name}` is not deployed: {why}")).fault(Fault::Machine)
}

fn not_arrived(name: &str, phase: &str, failures: &[Failure]) -> Diagnostic {
    let files = if failures.len() == 1 { "file" } else { "files" };
    let message = format!("`{name}` is not deployed: {} {files} did not arrive ({phase})", failures.len());
    let error = Diagnostic::error("deploy-failed", message).fault(Fault::Machine);
    let shown = failures.iter().take(SHOWN).map(|failure| format!("`{}`: {}", failure.file, failure.why));
    let error = shown.fold(error, Diagnostic::help);
    error.help("nothing was deleted; deploy again, and what arrived is not sent twice")
}

fn busy(name: &str) -> Diagnostic {
    Diagnostic::error("deploy-busy", format!("`{name}` is being deployed by another run")).fault(Fault::Safety)
}

fn moved(name: &str) -> Diagnostic {
    let message = format!("another deploy wrote to `{name}` meanwhile");
    let error = Diagnostic::error("deploy-busy", message).fault(Fault::Safety);
    error.help("nothing was deleted; deploy again")
}

fn unreadable(name: &str) -> Diagnostic {
    let message = format!("`{SITE_MANIFEST}` of `{name}` cannot be read");
    let error = Diagnostic::error("deploy-unreadable", message).fault(Fault::Safety);
    error.help("a newer Podleaf may have written it: use that one. If it is broken, delete it; the next deploy then sends everything")
}
