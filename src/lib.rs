//! Podleaf turns a folder of podcast transcripts and summaries into a browsable archive.
//!
//! The modules are declared in reading order; ARCHITECTURE.md has the picture and the table of layers.

#[deny(clippy::disallowed_methods, clippy::disallowed_types)]
pub mod assets;
#[deny(clippy::disallowed_methods, clippy::disallowed_types)]
pub mod card;
pub mod cli;
#[deny(clippy::disallowed_methods, clippy::disallowed_types)]
pub mod config;
#[deny(clippy::disallowed_methods, clippy::disallowed_types)]
pub mod content_type;
pub mod deploy;
#[deny(clippy::disallowed_methods, clippy::disallowed_types)]
pub mod diagnostic;
pub mod disk;
#[deny(clippy::disallowed_methods, clippy::disallowed_types)]
pub mod export;
#[deny(clippy::disallowed_methods, clippy::disallowed_types)]
pub mod feed;
#[deny(clippy::disallowed_methods, clippy::disallowed_types)]
pub mod graph;
#[deny(clippy::disallowed_methods, clippy::disallowed_types)]
pub mod hash;
#[deny(clippy::disallowed_methods, clippy::disallowed_types)]
pub mod lock;
#[deny(clippy::disallowed_methods, clippy::disallowed_types)]
pub mod markup;
#[deny(clippy::disallowed_methods, clippy::disallowed_types)]
pub mod media;
#[deny(clippy::disallowed_methods, clippy::disallowed_types)]
pub mod memo;
#[deny(clippy::disallowed_methods, clippy::disallowed_types)]
pub mod model;
#[deny(clippy::disallowed_methods, clippy::disallowed_types)]
pub mod output;
#[deny(clippy::disallowed_methods, clippy::disallowed_types)]
pub mod parse;
#[deny(clippy::disallowed_methods, clippy::disallowed_types)]
pub mod path;
#[deny(clippy::disallowed_methods, clippy::disallowed_types)]
pub mod render;
pub mod runs;
#[deny(clippy::disallowed_methods, clippy::disallowed_types)]
pub mod search;
pub mod serve;
#[deny(clippy::disallowed_methods, clippy::disallowed_types)]
pub mod site;
#[deny(clippy::disallowed_methods, clippy::disallowed_types)]
pub mod source;
#[deny(clippy::disallowed_methods, clippy::disallowed_types)]
pub mod swar;
#[deny(clippy::disallowed_methods, clippy::disallowed_types)]
pub mod theme;
#[deny(clippy::disallowed_methods, clippy::disallowed_types)]
pub mod tree;
pub mod write;
