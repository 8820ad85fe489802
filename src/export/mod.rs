//! Files for apps and machines that hold an episode's text.

pub mod text;
