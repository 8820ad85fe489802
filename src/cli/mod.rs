//! The command line.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::diagnostic::{Diagnostics, terminal};

mod build;
mod check;
mod deploy;
mod index;
mod lock;
mod progress;
mod serve;
mod slow;
mod state;

/// Turns a folder of podcast transcripts and summaries into a browsable archive.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Say nothing but errors.
    #[arg(short, long, global = true)]
    quiet: bool,
    /// When to use colours.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", value_parser = ["auto", "always", "never"])]
    color: String,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Writes the site to `public/`.
    Build(build::BuildArguments),
    /// Says what is wrong or missing; with --explain, what each line of a file was taken for.
    Check(check::CheckArguments),
    /// Builds, and sends what changed to where readers are: a bucket, a folder, a server, a git branch.
    Deploy(deploy::DeployArguments),
    /// Shows the site in a browser while you write.
    #[command(visible_aliases = ["dev", "preview"])]
    Serve(serve::ServeArguments),
}

/// What a site is made from.
#[derive(Debug, Clone, Args)]
struct SiteArguments {
    /// The site's folder; the present folder where none is given.
    #[arg(value_name = "DIR")]
    dir: Option<PathBuf>,
    /// The same, as an option.
    #[arg(short, long, value_name = "DIR", conflicts_with = "dir")]
    root: Option<PathBuf>,
    /// Show drafts.
    #[arg(long)]
    drafts: bool,
    /// Show episodes of the future.
    #[arg(long)]
    future: bool,
    /// Where the site will be, such as `https://example.org/archive/`.
    #[arg(short = 'u', long, value_name = "URL", value_parser = base_url)]
    base_url: Option<String>,
}

fn base_url(text: &str) -> Result<String, String> {
    let is_url = crate::config::is_base_url(text);
    is_url.then(|| text.to_owned()).ok_or_else(|| "write it in full: `https://example.org/archive/`".to_owned())
}

impl SiteArguments {
    fn folder(&self) -> PathBuf {
        self.dir.clone().or_else(|| self.root.clone()).unwrap_or_else(|| PathBuf::from("."))
    }
}

/// How the command talks.
#[derive(Debug, Clone, Copy)]
struct Voice {
    quiet: bool,
    color: bool,
}

/// Runs the command that the arguments name. A panic is our own bug: exit code 70.
pub fn run() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let code = if error.use_stderr() { 2 } else { 0 };
            _ = error.print();
            return ExitCode::from(code);
        }
    };
    let color = match arguments.color.as_str() {
        "always" => true,
        "never" => false,
        _ => std::io::IsTerminal::is_terminal(&std::io::stderr()) && std::env::var_os("NO_COLOR").is_none(),
    };
    let voice = Voice { quiet: arguments.quiet, color };
    // Templates may hold each other, with components in them, to some depth. Memory is taken only where that happens.
    _ = rayon::ThreadPoolBuilder::new().stack_size(16 << 20).build_global();
    let outcome = std::panic::catch_unwind(|| match arguments.command {
        Command::Build(arguments) => build::build(&arguments, voice),
        Command::Check(arguments) => check::check(&arguments, voice),
        Command::Deploy(arguments) => deploy::deploy(&arguments, voice),
        Command::Serve(arguments) => serve::serve(arguments, voice),
    });
    ExitCode::from(outcome.unwrap_or(70))
}

/// Prints findings: all of them, or errors alone where it is to be quiet; notes past the fifth as a number.
fn print(diagnostics: &mut Diagnostics, voice: Voice, all: bool) {
    use crate::diagnostic::{Diagnostic, Severity};
    const NOTES: usize = 5;
    diagnostics.sort();
    let n_notes = diagnostics.count(Severity::Note);
    let mut shown_notes = 0;
    let keep = |diagnostic: &&Diagnostic| match diagnostic.severity {
        Severity::Error => true,
        Severity::Warning => !voice.quiet,
        Severity::Note => {
            shown_notes += 1;
            !voice.quiet && (all || shown_notes <= NOTES)
        }
    };
    let shown: Diagnostics = diagnostics.iter().filter(keep).cloned().collect();
    let mut text = terminal::render(&shown, voice.color);
    if !voice.quiet && !all && n_notes > NOTES {
        text.push_str(&format!("note: {} more notes; `podleaf check` shows all\n", n_notes - NOTES));
    }
    let summary = terminal::summary(diagnostics);
    if !summary.is_empty() && (!voice.quiet || diagnostics.has_errors()) {
        text.push_str(&format!("{summary}\n"));
    }
    say(&text);
}

/// Talk goes to standard error; a reader that went away is no fault.
fn say(text: &str) {
    use std::io::Write;
    _ = std::io::stderr().write_all(text.as_bytes());
}

/// Today in UTC, or the day of `SOURCE_DATE_EPOCH`.
fn today() -> Option<crate::model::time::Day> {
    let fixed = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|text| text.parse().ok());
    let now = match fixed {
        Some(seconds) => jiff::Timestamp::from_second(seconds).ok()?,
        None => jiff::Timestamp::now(),
    };
    let date = now.to_zoned_datetime(jiff::tz::TimeZone::UTC).date();
    Some(crate::model::time::Day { year: date.year(), month: date.month(), day: date.day() })
}

fn request(arguments: &SiteArguments, root: &Path) -> crate::site::Request {
    let folder_name = root.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
    crate::site::Request {
        base_url: arguments.base_url.clone().map(|url| format!("{}/", url.trim_end_matches('/'))),
        origin: None,
        drafts: arguments.drafts,
        future: arguments.future,
        today: today(),
        folder_name,
    }
}
