//! All tests that use the library from outside, in one binary.

mod disk;
mod output_safety;
mod tree;
