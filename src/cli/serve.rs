//! `podleaf serve`: the site in a browser, while it is being written.

use std::io::IsTerminal;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Args;

use super::build::number;
use super::state::State;
use super::{SiteArguments, Voice, print, request, say};
use crate::memo::Memo;
use crate::runs::RunStore;
use crate::serve::{Change, Options, Shell, Started};
use crate::site::{Request, Site};

#[derive(Debug, Args)]
pub(super) struct ServeArguments {
    #[command(flatten)]
    site: SiteArguments,
    /// The port; without it 4000, or a free one.
    #[arg(short, long)]
    port: Option<u16>,
    /// The interface to listen on, such as 0.0.0.0; without it only this machine sees the site.
    #[arg(short, long, value_name = "HOST")]
    interface: Option<String>,
    /// Look at the files every so many milliseconds, where a network drive reports no changes.
    #[arg(long, value_name = "MS", num_args = 0..=1, require_equals = true, default_missing_value = "500",
          value_parser = clap::value_parser!(u64).range(10..=60_000))]
    poll: Option<u64>,
    /// How many milliseconds to wait for further changes.
    #[arg(long, value_name = "MS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(0..=10_000))]
    debounce: u64,
    /// Open the browser, also where there is no terminal.
    #[arg(short = 'O', long, conflicts_with = "no_open")]
    open: bool,
    /// Do not open the browser.
    #[arg(long)]
    no_open: bool,
}

pub(super) fn serve(arguments: ServeArguments, voice: Voice) -> u8 {
    let root = arguments.site.folder();
    let options = Options {
        output: root.join("public"),
        root,
        interface: arguments.interface.clone(),
        port: arguments.port,
        poll: arguments.poll.map(Duration::from_millis),
        debounce: Duration::from_millis(arguments.debounce),
    };
    if arguments.interface.as_deref().is_some_and(|host| matches!(host, "0.0.0.0" | "::" | "[::]")) && !voice.quiet {
        say("warning: everybody in this network can read the site, drafts included\n");
    }
    let command = Command { arguments, voice, begun: Instant::now() };
    match crate::serve::serve(&options, Arc::new(command)) {
        Ok(()) => 0,
        Err(mut found) => {
            print(&mut found, voice, false);
            found.exit_code()
        }
    }
}

struct Command {
    arguments: ServeArguments,
    voice: Voice,
    begun: Instant,
}

impl Command {
    fn opens_browser(&self) -> bool {
        let is_wanted = std::io::stderr().is_terminal() && std::env::var_os("CI").is_none() && !self.voice.quiet;
        self.arguments.open || is_wanted && !self.arguments.no_open
    }
}

impl Shell for Command {
    fn request(&self, root: &Path, origin: &str) -> Request {
        Request { origin: Some(origin.to_owned()), ..request(&self.arguments.site, root) }
    }

    fn memo(&self, root: &Path) -> Memo {
        State::of(root).memo()
    }

    fn remember(&self, site: &Site, root: &Path) {
        // Where nothing can be remembered, the next start is slower, no more.
        _ = State::of(root).remember(site);
    }

    fn kept(&self, root: &Path) -> Box<dyn RunStore> {
        Box::new(State::of(root))
    }

    fn started(&self, mut started: Started) {
        print(&mut started.found, self.voice, false);
        if !self.voice.quiet {
            let elapsed = self.begun.elapsed().as_millis();
            if let Some(counts) = started.counts {
                say(&format!(
                    "  read   {}: {}, {}\n  ready  {} in {elapsed} ms\n",
                    number(counts.episodes as u64, "episode", "episodes"),
                    number(counts.turns, "turn", "turns"),
                    number(counts.people as u64, "person", "people"),
                    number(started.n_routes as u64, "page and file", "pages and files"),
                ));
            }
            say(&format!("  open   {}     Ctrl+C stops; edits reload by themselves\n", started.address));
        }
        if self.opens_browser()
            && let Err(error) = open::that_detached(&started.address)
        {
            say(&format!("note: no browser could be opened ({error})\n"));
        }
    }

    fn changed(&self, change: &Change<'_>) {
        let has_errors = change.found.has_errors();
        if has_errors {
            print(&mut change.found.clone(), self.voice, false);
        }
        if self.voice.quiet || change.files.is_empty() && !change.had_errors {
            return;
        }
        let what = match change.files {
            [one] => crate::diagnostic::io::escaped(one.as_str()),
            files => number(files.len() as u64, "file", "files"),
        };
        let read = number(change.parsed as u64, "episode", "episodes");
        let end = match (has_errors, change.had_errors) {
            (true, _) => "; pages stay as they were until the errors are mended",
            (false, true) => "; no errors are left",
            (false, false) => "",
        };
        say(&format!("  change {what}: {read} read, {} ms{end}\n", change.elapsed.as_millis()));
    }

    fn note(&self, text: &str) {
        if !self.voice.quiet {
            say(&format!("note: {text}\n"));
        }
    }
}
