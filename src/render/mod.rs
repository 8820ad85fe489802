//! Pages: views from the archive, HTML from views by Tera templates.

pub mod build;
mod drawing;
pub mod drawings;
pub mod engine;
pub mod interface;
mod nesting;
pub mod redirect;
pub mod structured;
mod turns;
pub mod view;
