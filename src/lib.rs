//! Podleaf turns a folder of podcast transcripts and summaries into a browsable archive.
//!
//! The modules are declared in reading order; ARCHITECTURE.md has the picture and the table of layers.

pub mod assets;
pub mod cli;
pub mod config;
pub mod diagnostic;
pub mod disk;
pub mod graph;
pub mod hash;
pub mod markup;
pub mod model;
pub mod output;
pub mod parse;
pub mod path;
pub mod render;
pub mod site;
pub mod source;
pub mod theme;
pub mod tree;
pub mod write;
