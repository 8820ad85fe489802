//! All tests that use the library from outside, in one binary.

#![cfg(test)]

mod architecture;
mod bad;
mod beside;
mod built;
mod cards;
mod command;
mod conservation;
mod convergence;
mod disk;
mod edits;
mod feeds;
mod forms;
mod fuzz;
mod golden;
mod hostile_content;
mod hostile_disk;
mod hostile_names;
mod hostile_templates;
mod html;
mod incremental;
mod injection;
mod labels;
mod lock;
mod matrix;
mod media;
mod notations;
mod on_disk;
mod output_safety;
mod pictures;
mod preview;
mod publishing;
mod readme;
mod requests;
mod scripts;
mod search;
mod serve;
mod site;
mod structured;
mod timed;
mod tree;
mod watching;
mod world;
