//! The archive as plain data: shows, episodes, transcripts, people. No behaviour beyond what the values mean.

pub mod chapter;
pub mod episode;
pub mod language;
pub mod media;
pub mod packed;
pub mod person;
pub mod podcast;
pub mod show;
pub mod slug;
pub mod time;
pub mod transcript;
