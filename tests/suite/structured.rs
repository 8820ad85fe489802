//! Structured data of the sample archive, read again and held against its sources.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use podleaf::path::percent_decoded;
use serde_json::{Value, json};

use crate::built::Built;
use crate::html::{Page, pages};
use crate::preview::sample;
use crate::tree::folder;

const BASE: &str = "https://example.org/pods/";

/// The published files of the sample archive.
fn published() -> BTreeMap<String, String> {
    let (site, out) = (sample(), folder());
    let out = out.path().join("out");
    let run = std::process::Command::new(env!("CARGO_BIN_EXE_podleaf"))
        .args(["build", "-q", "--base-url", BASE, "-o"])
        .args([out.as_path(), site.path()])
        .output()
        .unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let files = walkdir::WalkDir::new(&out).into_iter().map(Result::unwrap).filter(|entry| entry.file_type().is_file());
    let name = |path: &Path| path.strip_prefix(&out).unwrap().to_str().unwrap().to_owned();
    files
        .map(|entry| (name(entry.path()), String::from_utf8_lossy(&fs::read(entry.path()).unwrap()).into_owned()))
        .collect()
}

fn kinds(things: &[Value]) -> Vec<&str> {
    things.iter().map(|thing| thing["@type"].as_str().unwrap()).collect()
}

#[test]
fn each_page_says_what_it_is() {
    let output = published();
    for (file, page) in pages(&output) {
        let things = page.structured();
        let kinds = kinds(&things);
        let parts: Vec<&str> = file.split('/').collect();
        let expected: &[&str] = match parts.as_slice() {
            ["404.html"] | [.., "transcript.html"] => &[],
            ["index.html"] => &["WebSite", "CollectionPage"],
            ["search", _] => &["BreadcrumbList"],
            ["about", _] => &["WebPage", "BreadcrumbList"],
            ["people", _, _] => &["Person", "BreadcrumbList"],
            ["people" | "topics", ..] | ["series" | "archive", _, _] => &["CollectionPage", "BreadcrumbList"],
            [_, "index.html"] => &["PodcastSeries", "CollectionPage", "BreadcrumbList"],
            [_, season, _] if season.starts_with("season-") => &["PodcastSeason", "CollectionPage", "BreadcrumbList"],
            [_, _, _] => &["PodcastEpisode", "BreadcrumbList"],
            _ => panic!("{file}: no kind of page"),
        };
        assert_eq!(kinds, expected, "{file}");
    }
}

#[test]
fn every_address_leads_to_a_page_and_an_anchor() {
    let output = published();
    let pages = pages(&output);
    let ids: BTreeMap<&str, BTreeSet<&str>> =
        pages.iter().map(|(file, page)| (*file, page.values("id").collect())).collect();
    let mut n_addresses = 0;
    for (file, page) in &pages {
        for address in page.structured().iter().flat_map(addresses) {
            let Some(below) = address.strip_prefix(BASE) else {
                assert!(address.starts_with("https://example.com/"), "{file}: {address}");
                continue;
            };
            let (path, anchor) = below.split_once('#').unwrap_or((below, ""));
            let path = percent_decoded(path).unwrap();
            let target = if path.is_empty() || path.ends_with('/') { format!("{path}index.html") } else { path };
            assert!(output.contains_key(&target), "{file}: {address} is not there");
            assert!(anchor.is_empty() || ids[&*target].contains(anchor), "{file}: {address} has no such anchor");
            n_addresses += 1;
        }
    }
    assert!(n_addresses > 300, "{n_addresses}");
}

/// The addresses in structured data, wherever they stand.
fn addresses(value: &Value) -> Vec<&str> {
    match value {
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(key, value)| match (key.as_str(), value) {
                ("@id" | "url" | "item" | "image" | "contentUrl" | "webFeed" | "transcript", Value::String(text)) => {
                    vec![text.as_str()]
                }
                ("sameAs", Value::Array(all)) => all.iter().map(|url| url.as_str().unwrap()).collect(),
                _ => addresses(value),
            })
            .collect(),
        Value::Array(all) => all.iter().flat_map(addresses).collect(),
        _ => Vec::new(),
    }
}

/// The front matter of a source, as TOML, and its headings.
fn source(file: &str) -> (toml::Table, Vec<String>) {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("content").join(file)).unwrap();
    let mut parts = text.split("+++\n").skip(1);
    let front = parts.next().unwrap().parse().unwrap();
    let headings = parts.next().unwrap().lines().filter_map(|line| line.strip_prefix("## "));
    (front, headings.map(str::to_owned).collect())
}

#[test]
fn episodes_are_what_their_sources_say() {
    let output = published();
    for (file, page) in [
        ("lost-property/012-four-hundred-umbrellas.md", "lost-property/012-four-hundred-umbrellas"),
        ("lost-property/the-four-minutes.md", "lost-property/the-four-minutes"),
        ("slow-train/019-the-clock-mender.md", "slow-train/019-the-clock-mender"),
    ] {
        let (front, headings) = source(file);
        let episode = &Page::parse(&output[&format!("{page}/index.html")]).structured()[0];
        let declared = |key: &str| front.get(key).map_or(Value::Null, |value| json!(value.as_str().unwrap()));
        let number = |key: &str| front.get(key).map_or(Value::Null, |value| json!(value.as_integer().unwrap()));
        assert_eq!(episode["url"], format!("{BASE}{page}/"));
        assert_eq!(episode["name"], declared("title"), "{file}");
        assert_eq!(episode["description"], declared("description"), "{file}");
        assert_eq!(episode["datePublished"], front["date"].to_string(), "{file}");
        assert_eq!(episode["episodeNumber"], number("episode"), "{file}");
        assert_eq!(episode["partOfSeason"]["seasonNumber"], number("season"), "{file}");
        let folded = |tag: &str| tag.to_lowercase();
        let tags = front["tags"].as_array().unwrap().iter().map(|tag| folded(tag.as_str().unwrap()));
        let keywords = episode["keywords"].as_array().unwrap().iter().map(|tag| folded(tag.as_str().unwrap()));
        assert_eq!(keywords.collect::<BTreeSet<_>>(), tags.collect(), "{file}");
        let hosts = front["hosts"].as_array().unwrap().len();
        let guests = front["guests"].as_array().unwrap().len();
        assert_eq!(episode["actor"].as_array().unwrap().len(), hosts + guests, "{file}");
        let blocks = ["Key points", "Background", "核心要点", "背景"];
        let titles: Vec<String> = headings.into_iter().filter(|title| !blocks.contains(&&**title)).collect();
        let parts = episode["hasPart"].as_array().unwrap();
        for (part, title) in parts.iter().zip(&titles) {
            assert!(title.ends_with(part["name"].as_str().unwrap()), "{file}: {part} for {title}");
            assert_eq!((&part["@type"], part.get("startOffset")), (&json!("WebPageElement"), None), "{file}");
        }
        assert_eq!(parts.len(), titles.len(), "{file}");
    }
}

#[test]
fn sections_with_times_are_clips_of_the_recording() {
    let output = published();
    let episode = &Page::parse(&output["lost-property/a-horn-for-nobody/index.html"]).structured()[0];
    assert_eq!(episode["duration"], "PT1M16S");
    let audio = &episode["associatedMedia"];
    assert_eq!(audio["@type"], "AudioObject");
    assert_eq!(audio["encodingFormat"], "audio/mpeg");
    assert_eq!(audio["contentUrl"], format!("{BASE}lost-property/a-horn-for-nobody/a-horn-for-nobody.mp3"));
    let clips = episode["hasPart"].as_array().unwrap();
    let offsets: Vec<_> = clips.iter().map(|clip| (clip["startOffset"].as_f64(), clip["endOffset"].as_f64())).collect();
    assert!(clips.len() > 1 && clips.iter().all(|clip| clip["@type"] == "Clip"), "{clips:?}");
    assert_eq!(offsets[0].0, Some(0.0));
    assert_eq!(offsets.last().unwrap().1, Some(76.0));
    assert!(offsets.windows(2).all(|pair| pair[0].1 == pair[1].0), "{offsets:?}");
}

#[test]
fn a_translation_names_its_original_and_people_are_told_apart() {
    let output = published();
    let of = |page: &str| Page::parse(&output[page]).structured().swap_remove(0);
    let translated = pages(&output)
        .into_values()
        .find_map(|page| page.structured().into_iter().find(|thing| thing.get("translationOfWork").is_some()));
    let original = json!({ "@type": "CreativeWork", "name": "The Wrong Number, The Lost Property Hour" });
    assert_eq!(translated.unwrap()["translationOfWork"], original);
    let nell = of("people/nell-ashgrove/index.html");
    assert_eq!(nell["alternateName"], json!(["内尔·阿什格罗夫"]));
    assert_eq!(nell["sameAs"], json!(["https://example.com/nell"]), "an address of mail is no page of hers");
    let show = of("lost-property/index.html");
    assert_eq!(show["author"][0]["@id"], nell["@id"]);
    assert_eq!((&show["name"], &show["inLanguage"]), (&json!("The Lost Property Hour"), &json!("en")));
}

#[test]
fn a_site_with_one_show_is_that_show() {
    let site = Built::of(&[
        ("podleaf.toml", "title = 'Tea'\nbase_url = 'https://example.org/'\npage_size = 10\n"),
        ("show.toml", "title = 'Tea'\n"),
    ]);
    for n in 0..30 {
        site.put(
            &format!("{n:02}.md"),
            format!("# Cup {n}\n\n**Ann:** Sugar?\n\n**Bo:** {n}.\n\n**Ann:** Oh.\n\n**Bo:** Yes.\n"),
        );
    }
    site.publish();
    let things = |file: &str| Page::parse(&site.page(file)).structured();
    assert_eq!(kinds(&things("index.html")), ["WebSite", "PodcastSeries", "CollectionPage"]);
    let older = things("page/1/index.html");
    assert_eq!(kinds(&older), ["CollectionPage", "BreadcrumbList"]);
    assert_eq!(older[0]["mainEntity"]["itemListElement"].as_array().unwrap().len(), 10);
    let way = |list: &Value| {
        let crumbs = list["itemListElement"].as_array().unwrap().iter();
        crumbs.map(|crumb| crumb["item"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(way(&older[1]), ["https://example.org/", "https://example.org/page/1/"]);
    let episode = things("00/index.html");
    assert_eq!(way(&episode[1]), ["https://example.org/", "https://example.org/00/"]);
}

#[test]
fn without_a_base_url_there_is_none() {
    let site = Built::good();
    site.publish();
    assert!(pages(&site.output()).values().all(|page| page.structured().is_empty()));
}
