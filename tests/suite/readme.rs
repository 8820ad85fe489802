//! README.md says what the command and the files of settings take: no more, no less.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::command::{podleaf, spread};
use crate::tree::folder;

fn read(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}

/// The part of README.md below a heading, up to the next one of any level.
fn part(heading: &str) -> String {
    let readme = read("README.md");
    let (_, rest) = readme.split_once(&format!("\n{heading}\n")).unwrap();
    let end = rest.find("\n#").unwrap_or(rest.len());
    rest[..end].to_owned()
}

/// Words in backticks in the first column of the tables of a text.
fn first_column(text: &str) -> BTreeSet<String> {
    let cells = text.lines().filter(|line| line.starts_with("| `")).filter_map(|line| line.split('|').nth(1));
    cells.flat_map(quoted).collect()
}

fn quoted(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The keys that a parser lists as `const KEYS`.
fn keys(source: &str) -> BTreeSet<String> {
    let source = read(source);
    let (_, rest) = source.split_once("const KEYS: &[&str] = &[").unwrap();
    let (list, _) = rest.split_once("];").unwrap();
    list.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn every_key_is_in_the_manual() {
    assert_eq!(first_column(&part("### `podleaf.toml`")), keys("src/config.rs"));
    assert_eq!(first_column(&part("## Front matter")), keys("src/parse/front_matter/keys.rs"));
    for (heading, source) in [("### `show.toml`", "src/parse/show.rs"), ("### `people.toml`", "src/parse/people.rs")] {
        let prose = part(heading);
        let prose = prose.split("```").next().unwrap();
        let values = ["host", "guest"].map(str::to_owned);
        let named: BTreeSet<String> = quoted(prose).into_iter().filter(|word| !values.contains(word)).collect();
        assert_eq!(named, keys(source), "{heading}");
    }
}

#[test]
fn every_option_is_in_the_manual() {
    let here = folder();
    let mut options = BTreeSet::new();
    for verb in ["build", "check", "serve"] {
        let help = podleaf(here.path(), &[verb, "--help"]).out;
        let words = help.split([' ', '\n', ',', '[', '=']).filter(|word| word.starts_with("--") && word.len() > 2);
        options.extend(words.map(str::to_owned));
    }
    options.remove("--help");
    let named = first_column(&part("## Your own archive"));
    let named: BTreeSet<String> = named
        .iter()
        .flat_map(|cell| cell.split(' '))
        .filter(|word| word.starts_with("--"))
        .map(str::to_owned)
        .collect();
    assert_eq!(named, options);
}

#[test]
fn every_option_and_key_of_deploys_is_in_their_manual() {
    let manual = read("docs/deploy.md");
    let listed = |start: &str| {
        let (_, rest) = manual.split_once(start).unwrap();
        let rows = rest.lines().take_while(|line| line.starts_with('|'));
        rows.flat_map(quoted).flat_map(|cell| cell.split(' ').map(str::to_owned).collect::<Vec<_>>()).collect()
    };
    let long = |words: BTreeSet<String>| -> BTreeSet<String> {
        words.into_iter().filter(|word| word.starts_with("--") && word.len() > 2).collect()
    };
    let help = podleaf(folder().path(), &["deploy", "--help"]).out;
    let options = help.split([' ', '\n', ',', '[', '=']).map(str::to_owned).collect();
    let elsewhere = ["--help", "--root", "--output-dir", "--base-url", "--quiet", "--color"].map(str::to_owned);
    let options: BTreeSet<String> = &long(options) - &BTreeSet::from(elsewhere);
    let mut in_manual = long(listed("| option | does |\n"));
    in_manual.remove("--kind");
    assert_eq!(in_manual, options);
    let source = read("src/config/deploy.rs");
    let (_, keys) = source.split_once("const KEYS: [&[&str]; 5] = [").unwrap();
    let keys = keys.split("];").next().unwrap().split('"').skip(1).step_by(2);
    let named: BTreeSet<String> = listed("| `kind` | goes to | keys |\n");
    for key in keys {
        assert!(named.contains(key), "{key}");
    }
}

#[test]
fn the_manual_of_deploys_has_good_examples() {
    let manual = read("docs/deploy.md");
    let examples = manual.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    for example in examples {
        let site = spread(&format!("-- podleaf.toml --\n{example}-- show/a.md --\n**Nell Ashgrove:** A.\n"));
        let checked = podleaf(site.path(), &["check", "--base-url", "https://example.org/"]);
        assert_eq!((checked.code, checked.said.contains("podleaf.toml")), (0, false), "{example}{}", checked.said);
    }
}

#[test]
fn examples_of_settings_have_no_faults() {
    let example = |heading: &str| {
        let part = part(heading);
        let (_, rest) = part.split_once("```toml\n").unwrap();
        rest.split("```").next().unwrap().to_owned()
    };
    let site = spread(&format!(
        "-- podleaf.toml --\n{}-- people.toml --\n{}-- show/show.toml --\n{}-- show/a.md --\n**Nell Ashgrove:** A.\n",
        example("### `podleaf.toml`"),
        example("### `people.toml`"),
        example("### `show.toml`"),
    ));
    let checked = podleaf(site.path(), &["check", "--base-url", "https://example.org/"]);
    assert_eq!((checked.code, checked.said.as_str()), (0, ""));
}

#[test]
fn the_site_of_one_show_has_its_title() {
    let one = "-- night/show.toml --\ntitle = 'Night Shift'\n-- night/a.md --\n**Ann:** A.\n\n**Ann:** B.\n";
    let title = |files: &str| {
        let site = spread(files);
        assert_eq!(podleaf(site.path(), &["build"]).code, 0);
        let page = fs::read_to_string(site.path().join("public/index.html")).unwrap();
        page.split("<title>").nth(1).unwrap().split("</title>").next().unwrap().to_owned()
    };
    assert_eq!(title(one), "Night Shift");
    assert_ne!(title(&format!("{one}-- day/b.md --\n**Bo:** A.\n\n**Bo:** B.\n")), "Night Shift");
}
