//! Pages: views from the archive, HTML from views by Tera templates.

pub mod build;
mod cover;
pub mod engine;
pub mod interface;
mod nesting;
pub mod view;
