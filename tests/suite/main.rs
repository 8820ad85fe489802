//! All tests that use the library from outside, in one binary.

#[cfg(test)]
mod architecture;
#[cfg(test)]
mod bad;
#[cfg(test)]
mod built;
#[cfg(test)]
mod command;
#[cfg(test)]
mod conservation;
#[cfg(test)]
mod convergence;
#[cfg(test)]
mod disk;
#[cfg(test)]
mod edits;
#[cfg(test)]
mod hostile_content;
#[cfg(test)]
mod hostile_disk;
#[cfg(test)]
mod hostile_names;
#[cfg(test)]
mod hostile_templates;
#[cfg(test)]
mod html;
#[cfg(test)]
mod incremental;
#[cfg(test)]
mod injection;
#[cfg(test)]
mod labels;
#[cfg(test)]
mod lock;
#[cfg(test)]
mod matrix;
#[cfg(test)]
mod notations;
#[cfg(test)]
mod on_disk;
#[cfg(test)]
mod output_safety;
#[cfg(test)]
mod preview;
#[cfg(test)]
mod publishing;
#[cfg(test)]
mod readme;
#[cfg(test)]
mod requests;
#[cfg(test)]
mod scripts;
#[cfg(test)]
mod serve;
#[cfg(test)]
mod site;
#[cfg(test)]
mod timed;
#[cfg(test)]
mod tree;
#[cfg(test)]
mod watching;
#[cfg(test)]
mod world;
