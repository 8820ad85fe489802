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
    /// The script that goes there with the rest of the link, such as the id of a turn.
    pub script: String,
    /// Its full address, where the site knows its own.
    pub canonical: Option<String>,
    /// Its language.
    pub lang: String,
    /// The direction of its script.
    pub dir: &'static str,
}

/// What all such pages of a site share.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'f> {
    /// The folder of the theme's assets.
    pub assets: &'f str,
    /// Where the site will be, if that is known.
    pub base_url: Option<&'f str>,
}

/// The view of the page at the first route, which leads to the second.
pub fn view((title, language): (&str, &Language), (from, to): (&Route, &Route), site: &Frame<'_>) -> RedirectView {
    RedirectView {
        title: title.to_owned(),
        href: from.link_to(to),
        script: format!("{}{}early.js", from.to_root(), site.assets.trim_start_matches('/')),
        canonical: site.base_url.map(|base| to.absolute(base)),
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
