//! Pages that list as Markdown, from the views that templates see.

use crate::export::markdown::{escaped, heading, link, view_link};
use crate::render::view::list::{
    CollectionView, DirectoryView, FacetView, FigureView, HomeView, ListItemView, ListView, PersonView,
};
use crate::render::view::{Link, PaginationView};

/// The home page.
pub fn home(view: &HomeView) -> String {
    let mut out = top(&view.title, &[view.summary.as_str()], view.dek.as_deref());
    if let Some(hero) = &view.hero {
        let date = hero.date.as_ref().map(|date| date.iso.as_str());
        let bits = [date, Some(&hero.show.title), hero.number.as_deref(), hero.dek.as_deref()];
        item(&mut out, &view_link(&hero.link), &bits);
    }
    list(&mut out, &view.list);
    facets(&mut out, &view.facets);
    out
}

/// A show, a season, a year, a topic or a series.
pub fn collection(view: &CollectionView) -> String {
    let mut out = top(&view.title, &texts(&view.kicker), view.dek.as_deref());
    figures(&mut out, &view.figures);
    list(&mut out, &view.list);
    facets(&mut out, &view.facets);
    out
}

/// A person.
pub fn person(view: &PersonView) -> String {
    let mut kicker = texts(&view.kicker);
    kicker.extend(view.other_names.iter().map(|name| name.title.as_str()));
    let mut out = top(&view.name, &kicker, view.dek.as_deref());
    figures(&mut out, &view.figures);
    view.links.iter().for_each(|link| item(&mut out, &view_link(link), &[]));
    out.push('\n');
    for appearance in &view.appearances {
        let date = appearance.date.as_ref().map(|date| date.iso.as_str());
        let bits = [date, Some(appearance.show.as_str()), Some(&appearance.share_text)];
        item(&mut out, &view_link(&appearance.link), &bits);
        if let Some(quote) = &appearance.quote {
            out.extend(["  > ", &escaped(&quote.text), "\n"]);
        }
    }
    pages(&mut out, &view.pagination);
    out
}

/// The list of people or of topics.
pub fn directory(view: &DirectoryView) -> String {
    let mut out = top(&view.title, &[view.summary.as_str()], None);
    facets(&mut out, &view.groups);
    out
}

fn texts(all: &[String]) -> Vec<&str> {
    all.iter().map(String::as_str).collect()
}

/// The title, what stands beside it, and what the page is about.
fn top(title: &str, bits: &[&str], dek: Option<&str>) -> String {
    let mut out = format!("# {}\n\n", escaped(title));
    let bits: Vec<String> = bits.iter().map(|bit| escaped(bit)).filter(|bit| !bit.is_empty()).collect();
    if !bits.is_empty() {
        out.extend([&bits.join(" · "), "\n\n"]);
    }
    dek.into_iter().for_each(|dek| out.extend([&escaped(dek), "\n\n"]));
    out
}

fn item(out: &mut String, words: &str, bits: &[Option<&str>]) {
    out.extend(["- ", words]);
    for bit in bits.iter().flatten().filter(|bit| !bit.is_empty()) {
        out.extend([" · ", &escaped(bit)]);
    }
    out.push('\n');
}

fn list(out: &mut String, view: &ListView) {
    for group in &view.groups {
        heading(out, "##", &escaped(&group.title));
        group.items.iter().for_each(|item| list_item(out, item));
    }
    pages(out, &view.pagination);
}

fn list_item(out: &mut String, view: &ListItemView) {
    let date = view.date.as_ref().map(|date| date.iso.as_str());
    let bits = [date, Some(&view.show), Some(&view.who), Some(&view.size), view.dek.as_deref()];
    item(out, &view_link(&view.link), &bits);
}

fn figures(out: &mut String, views: &[FigureView]) {
    for view in views {
        let links: Vec<String> = view.links.iter().map(view_link).collect();
        let words = if links.is_empty() { escaped(&view.text) } else { links.join(", ") };
        out.extend(["- ", &escaped(&view.title), ": ", &words, "\n"]);
    }
}

fn facets(out: &mut String, views: &[FacetView]) {
    for view in views {
        heading(out, "##", &escaped(&view.title));
        view.links.iter().chain(&view.all).for_each(|link| item(out, &view_link(link), &[]));
    }
}

fn pages(out: &mut String, view: &PaginationView) {
    let links: Vec<&Link> = [&view.newer, &view.older].into_iter().flatten().collect();
    if !links.is_empty() {
        out.push('\n');
    }
    links.into_iter().for_each(|to| item(out, &link(&to.title, &to.href), &[]));
}
