//! Deploying: the output folder goes to where readers are, and only what changed is sent.
//!
//! What to do is a [`plan`], a pure function of two manifests: that of the output folder and the one that the last deploy
//! left at the target. [`run`] carries it out, in an order in which no page that readers can reach points at something that
//! is not there; [`store`] says what it needs of a target.

pub mod folder;
pub mod git;
pub mod journal;
pub mod lease;
pub mod local;
#[deny(clippy::disallowed_methods, clippy::disallowed_types)]
pub mod manifest;
mod patience;
#[deny(clippy::disallowed_methods, clippy::disallowed_types)]
pub mod plan;
#[deny(clippy::disallowed_methods, clippy::disallowed_types)]
pub mod promises;
#[deny(clippy::disallowed_methods, clippy::disallowed_types)]
pub mod recipes;
#[deny(clippy::disallowed_methods, clippy::disallowed_types)]
pub mod report;
pub mod rsync;
pub mod run;
#[cfg(feature = "s3")]
pub mod s3;
mod scratch;
pub mod secrets;
pub mod store;
