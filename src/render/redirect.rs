//! Pages at earlier addresses, which lead to the present one.

use serde::Serialize;

use crate::model::language::Language;
use crate::path::Route;

/// What the page of an earlier address shows.
#[derive(Debug, Clone, Serialize)]
pub struct RedirectView {
    /// The title of the page that it leads to.
    pub title: String,
    /// The relative link to it.
    pub href: String,
    /// Its full address, where the site knows its own.
    pub canonical: Option<String>,
    /// Its language.
    pub lang: String,
    /// The direction of its script.
    pub dir: &'static str,
}

/// The view of the page at the first route, which leads to the second.
pub fn view(title: &str, language: &Language, (from, to): (&Route, &Route), base_url: Option<&str>) -> RedirectView {
    RedirectView {
        title: title.to_owned(),
        href: from.link_to(to),
        canonical: base_url.map(|base| format!("{}{}", base.trim_end_matches('/'), to.href())),
        lang: language.to_string(),
        dir: if language.is_right_to_left() { "rtl" } else { "ltr" },
    }
}

/// The route of an alias: that of a page, also without its last slash, unless it is named like a file.
pub fn route(alias: &str) -> Option<Route> {
    let last = alias.rsplit('/').next().unwrap_or_default();
    let is_page = !last.is_empty() && !last.contains('.');
    Route::new(if is_page { format!("{alias}/") } else { alias.to_owned() })
}
