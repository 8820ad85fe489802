//! Pages: views from the graph, HTML from views by Tera templates.

pub mod view;
