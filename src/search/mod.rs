//! Static search.

pub mod directory;
pub mod fold;
pub mod index;
mod number;
pub mod run;
pub mod slots;
pub mod terms;
