//! Published pages as a browser's parser reads them: elements, texts, and where links lead.

use std::collections::{BTreeMap, BTreeSet};

use podleaf::path::percent_decoded;
use scraper::{ElementRef, Html, Node};
use serde_json::Value;

/// A parsed page.
pub(crate) struct Page {
    html: Html,
}

impl Page {
    /// Parses a whole page.
    pub(crate) fn parse(text: &str) -> Self {
        Self { html: Html::parse_document(text) }
    }

    /// All elements, those inside of `template` as well.
    pub(crate) fn elements(&self) -> impl Iterator<Item = ElementRef<'_>> {
        self.html.tree.nodes().filter_map(ElementRef::wrap)
    }

    /// The elements of a name.
    pub(crate) fn named<'p>(&'p self, name: &'p str) -> impl Iterator<Item = ElementRef<'p>> {
        self.elements().filter(move |element| element.value().name() == name)
    }

    /// The values of all attributes of a name.
    pub(crate) fn values<'p>(&'p self, attribute: &'p str) -> impl Iterator<Item = &'p str> {
        self.elements().filter_map(move |element| element.value().attr(attribute))
    }

    /// The things that the page's structured data is about; none where it has no such data.
    #[track_caller]
    pub(crate) fn structured(&self) -> Vec<Value> {
        let mut data = self.named("script").filter(|script| script.value().attr("type") == Some("application/ld+json"));
        let Some(text) = data.next().map(words) else { return Vec::new() };
        assert!(data.next().is_none(), "structured data twice");
        let document: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(document["@context"], "https://schema.org");
        document["@graph"].as_array().unwrap().clone()
    }

    /// All texts between tags.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        self.html.tree.nodes().filter_map(|node| match node.value() {
            Node::Text(text) => Some(&**text),
            _ => None,
        })
    }

    /// How many comments there are.
    pub(crate) fn n_comments(&self) -> usize {
        self.html.tree.nodes().filter(|node| matches!(node.value(), Node::Comment(_))).count()
    }
}

/// The words of an element.
pub(crate) fn words(element: ElementRef<'_>) -> String {
    element.text().collect()
}

/// All pages of an output, parsed.
pub(crate) fn pages(output: &BTreeMap<String, String>) -> BTreeMap<&str, Page> {
    output.iter().filter(|(file, _)| file.ends_with(".html")).map(|(file, text)| (&**file, Page::parse(text))).collect()
}

/// Follows every link within the site: its file is published, and its anchor is on that page. Returns their number.
#[track_caller]
pub(crate) fn check_links(output: &BTreeMap<String, String>) -> usize {
    let pages = pages(output);
    let ids: BTreeMap<&str, BTreeSet<&str>> =
        pages.iter().map(|(file, page)| (*file, page.values("id").collect())).collect();
    let mut n_links = 0;
    for (file, page) in &pages {
        for link in page.values("href").chain(page.values("src")).filter(|link| !link.contains(':')) {
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = target(file, path);
            assert!(output.contains_key(&target), "{file}: {link:?} leads to {target:?}, which is not there");
            let anchor = percent_decoded(anchor).unwrap();
            let found = anchor.is_empty() || ids.get(&*target).is_some_and(|ids| ids.contains(&*anchor));
            assert!(found, "{file}: {link:?} leads to an anchor that is not there");
            n_links += 1;
        }
    }
    n_links
}

/// The published file that a link of a page leads to.
fn target(file: &str, path: &str) -> String {
    let path = path.split('?').next().unwrap();
    if path.is_empty() {
        return file.to_owned();
    }
    let folder = if path.starts_with('/') { "" } else { file.rsplit_once('/').map_or("", |(folder, _)| folder) };
    let mut parts: Vec<String> = folder.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect();
    for part in path.split('/').filter(|part| !part.is_empty() && *part != ".") {
        if part == ".." { _ = parts.pop().unwrap() } else { parts.push(percent_decoded(part).unwrap()) }
    }
    if path.ends_with('/') || matches!(path, "." | "..") {
        parts.push("index.html".to_owned());
    }
    parts.join("/")
}
