//! One file for apps and machines, from the records and, where it holds a text, from the text that they name.

use super::{Site, Stale};
use crate::graph::outputs::FileSpec;
use crate::path::Route;
use crate::source::World;

impl Site {
    pub(super) fn file(&self, _world: &dyn World, _route: &Route, spec: FileSpec) -> Result<Vec<u8>, Stale> {
        match spec {
            FileSpec::Transcript(..) | FileSpec::Chapters(..) | FileSpec::Markdown(_) => Err(Stale::NoRoute),
            FileSpec::Llms | FileSpec::ArchiveLines | FileSpec::ArchiveSchema => Err(Stale::NoRoute),
            FileSpec::Feed(..) | FileSpec::Headers | FileSpec::Redirects => Err(Stale::NoRoute),
            FileSpec::Card(_) => Err(Stale::NoRoute),
        }
    }
}
