//! Loads what a build remembers, as the command does, and no more: `cargo bench --bench memo -- SITE/.podleaf`.
//!
//! What is of interest is the memory that this process takes: `benches/compare.py` asks the system for it.

#![allow(clippy::print_stdout, reason = "it is a program of its own")]

use std::path::PathBuf;

use podleaf::memo::{self, Memo};
use rayon::prelude::*;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    // `cargo test` and `cargo bench` run it without a folder, or with options of theirs.
    let Some(folder) = std::env::args().skip(1).find(|word| !word.starts_with('-')) else { return };
    let entries = std::fs::read_dir(folder).expect("a folder that a build left").filter_map(Result::ok);
    let is_shard = |path: &PathBuf| {
        path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with("episodes-"))
    };
    let shards: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(is_shard).collect();
    let load = |path: PathBuf| memo::decode(&std::fs::read(path).ok()?);
    let memo = Memo::new(shards.into_par_iter().filter_map(load).collect::<Vec<_>>());
    println!("{} episodes", memo.left().count());
    // The command goes on with it: to free it piece by piece is not what it costs.
    std::mem::forget(memo);
}
