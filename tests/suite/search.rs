//! Search finds what a plain scan of the published pages finds: nothing more, nothing less.
//!
//! The encoder and the decoder in the browser's language are held to the same files in `tests/search`. After a change
//! of the format: `INSTA_UPDATE=always cargo test --test suite search`, a new version, and a look at the difference.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::Command;

use flate2::read::GzDecoder;
use podleaf::search::directory::{self, Listed, Names};
use podleaf::search::fold::folded;
use podleaf::search::index::{merge, merge_range};
use podleaf::search::run::{PARTS, RunBuilder};
use podleaf::search::terms::terms;
use scraper::{ElementRef, Html, Selector};
use serde_json::{Value, json};
use unicode_normalization::UnicodeNormalization;
use walkdir::WalkDir;

use crate::built::{Built, FINE};
use crate::command::{podleaf, spread};
use crate::preview::{Server, TWO};

const FOLDER: &str = "tests/search";

/// Runs a script of `tests/search`; what it says is shown where it fails.
#[track_caller]
fn node(script: &str, arguments: &[&Path]) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(FOLDER).join(script);
    let output = Command::new("node").arg(script).args(arguments).output().expect("node is installed");
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}");
    said
}

/// A file that says what is expected.
#[track_caller]
fn check_golden(name: &str, bytes: &[u8]) {
    let path = Path::new(FOLDER).join(name);
    if std::env::var_os("INSTA_UPDATE").is_some_and(|update| update == "always") {
        fs::write(&path, bytes).unwrap();
    }
    assert!(fs::read(&path).unwrap() == bytes, "{name} is another");
}

#[test]
fn both_fold_as_the_table_says() {
    let table = fs::read_to_string(Path::new(FOLDER).join("folded.tsv")).unwrap();
    for line in table.lines() {
        let (written, expected) = line.split_once('\t').unwrap();
        assert_eq!(folded(written), expected, "{written}");
    }
    node("folds.mjs", &[]);
}

#[test]
fn files_are_as_they_were_and_are_read_as_they_were_written() {
    let texts: [&[(u32, &str)]; 3] = [
        &[(0, "Tide tables, 潮汐表"), (3, "The tide’s café."), (300, "tide tides tidal 潮")],
        &[(2, "潮汐表 漲潮 ひらがな 한국어"), (3, "Straße 3.14 ﬁn")],
        &[(0, "tide"), (70_000, "tide 表")],
    ];
    let numbers = [7, 300, 100_000];
    let runs: Vec<Vec<Vec<u8>>> = [&[0_usize, 1] as &[usize], &[2]]
        .iter()
        .map(|episodes| {
            let mut run = RunBuilder::default();
            for &idx in *episodes {
                texts[idx].iter().for_each(|(unit, text)| run.add(numbers[idx], *unit, text));
            }
            run.finish()
        })
        .collect();
    let mut expected: BTreeMap<String, Units> = BTreeMap::new();
    for (idx, units) in texts.iter().enumerate() {
        for (unit, text) in *units {
            terms(text, |term| {
                let term = String::from_utf8(term.to_vec()).unwrap();
                expected.entry(term).or_default().entry(numbers[idx]).or_default().insert(*unit);
            });
        }
    }
    let mut files = Vec::new();
    let mut ranges = Vec::new();
    for part in 0..PARTS.len() {
        let parts: Vec<&[u8]> = runs.iter().map(|run| run[part].as_slice()).collect();
        merge(&parts, 3, |file| files.push(file));
        ranges.push(merge_range(&parts, 3, (b"", None)));
    }
    assert_eq!(
        files.iter().map(|file| &file.bytes).collect::<Vec<_>>(),
        ranges.iter().filter(|one| one.len() > 1).collect::<Vec<_>>()
    );
    let mut found = BTreeMap::new();
    for file in &files {
        for (term, _, postings) in decoded(&file.bytes) {
            assert!(term >= file.first);
            found.insert(term, postings.unwrap());
        }
    }
    assert_eq!(found, expected);
    let bytes: Vec<u8> =
        files.iter().flat_map(|file| [&(file.bytes.len() as u32).to_le_bytes(), &file.bytes[..]].concat()).collect();
    check_golden("terms.bin", &bytes);
    let rows: Vec<Value> = expected.iter().map(|(term, of)| json!([term, of.iter().collect::<Vec<_>>()])).collect();
    check_golden("terms.json", serde_json::to_string_pretty(&rows).unwrap().as_bytes());

    let listed = |slot, route, title, day, people| Listed { slot, route, title, language: 0, show: 1, day, people };
    let episodes = [
        listed(7, "/a/tides/", "Tide tables", Some(20_526), &[1][..]),
        listed(300, "/b/潮/", "潮汐表", None, &[0, 1]),
        listed(4_000, "/b/last/", "<i>\"Last\"", Some(-1), &[]),
    ];
    let mut tables = directory::chunks(&episodes, &["en", "zh-Hans"], 4_096);
    tables.push(directory::facets(&episodes, &["A", "B"], &["en", "zh-Hans"]));
    tables.push(directory::people(&episodes, &[("bo", "Bo", false), ("ann", "Ann", true), ("nobody", "Nobody", true)]));
    let terms = vec![("tide".to_owned(), "x.bin".to_owned()), ("潮".to_owned(), "y.bin".to_owned())];
    let names =
        Names { terms, chunks: vec!["c.bin".to_owned()], facets: "f.bin".to_owned(), people: "p.bin".to_owned() };
    tables.push(directory::directory(&names, 4_096, 3));
    check_golden("tables.jsonl", &tables.join(&b'\n'));
    node("reads.mjs", &[]);
}

/// Units by episode.
type Units = BTreeMap<u32, BTreeSet<u32>>;

/// A term, how many episodes have it, and where.
type Term = (String, u32, Option<Units>);

/// The terms of a file, read in the plainest way.
fn decoded(bytes: &[u8]) -> Vec<Term> {
    fn number(bytes: &[u8], at: &mut usize) -> u32 {
        let (mut number, mut shift) = (0, 0);
        loop {
            let byte = bytes[*at];
            *at += 1;
            number |= u32::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                return number;
            }
        }
    }
    assert_eq!(bytes[0], 1, "the version");
    let (mut at, mut term, mut found) = (1, Vec::new(), Vec::new());
    while at < bytes.len() {
        let (shared, len) = (number(bytes, &mut at) as usize, number(bytes, &mut at) as usize);
        term.truncate(shared);
        term.extend_from_slice(&bytes[at..at + len]);
        at += len;
        let head = number(bytes, &mut at);
        let postings = (head % 2 == 1).then(|| {
            let end = number(bytes, &mut at) as usize + at;
            let (mut episode, mut of) = (0, Units::new());
            while at < end {
                episode += number(bytes, &mut at);
                let mut unit = 0;
                loop {
                    let code = number(bytes, &mut at);
                    unit += code / 2;
                    of.entry(episode).or_default().insert(unit);
                    if code.is_multiple_of(2) {
                        break;
                    }
                }
            }
            of
        });
        found.push((String::from_utf8(term.clone()).unwrap(), head / 2, postings));
    }
    found
}

/// A published page: what is said in it, by units.
struct Page {
    route: String,
    /// Texts of each unit: as they are, and their tokens.
    units: Vec<Vec<(String, Vec<Token>)>>,
}

/// A word, or a run of characters of a script without spaces.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Token {
    text: String,
    is_run: bool,
}

/// The plain scan's own folding: of a text as a whole, by the rules of the manual.
struct Scan {
    simplified: BTreeMap<char, char>,
}

impl Scan {
    fn new() -> Self {
        let table: Vec<char> = fs::read_to_string("static/search/simplified.txt").unwrap().trim_end().chars().collect();
        Self { simplified: table.chunks(2).map(|pair| (pair[0], pair[1])).collect() }
    }

    fn tokens(&self, text: &str) -> Vec<Token> {
        let mut tokens: Vec<Token> = Vec::new();
        let mut is_open = false;
        for c in text.nfkc() {
            let is_run = is_run(c);
            let parts: Vec<char> = if is_run {
                vec![self.simplified.get(&c).copied().unwrap_or(c)]
            } else {
                c.to_lowercase().nfd().filter(|c| !('\u{300}'..='\u{36f}').contains(c)).collect()
            };
            for part in parts {
                let text = match part {
                    'ß' => "ss".to_owned(),
                    'æ' => "ae".to_owned(),
                    'œ' => "oe".to_owned(),
                    'ø' => "o".to_owned(),
                    'đ' => "d".to_owned(),
                    'ł' => "l".to_owned(),
                    'ı' => "i".to_owned(),
                    'ς' => "σ".to_owned(),
                    _ => part.to_string(),
                };
                let is_word = part.is_alphanumeric() || unicode_normalization::char::is_combining_mark(part);
                if !is_run && !is_word {
                    is_open = false;
                    continue;
                }
                match tokens.last_mut().filter(|last| is_open && last.is_run == is_run) {
                    Some(last) => last.text.push_str(&text),
                    None => tokens.push(Token { text, is_run }),
                }
                is_open = true;
            }
        }
        tokens
    }

    /// The parts of a query, each with whether its last word is the head of words.
    fn parts(&self, query: &str) -> Vec<(Vec<Token>, bool)> {
        let mut parts = Vec::new();
        for (number, stretch) in query.split(['"', '“', '”', '„', '«', '»', '「', '」', '『', '』']).enumerate()
        {
            let tokens = self.tokens(stretch);
            if number % 2 == 1 && !tokens.is_empty() {
                parts.push((tokens, false));
            } else if number % 2 == 0 {
                parts.extend(tokens.into_iter().map(|token| (vec![token], false)));
            }
        }
        let ends_in_word = query.nfkc().last().is_some_and(|c| !is_run(c) && c.is_alphanumeric());
        if let Some((tokens, is_head)) = parts.last_mut().filter(|(tokens, _)| tokens.len() == 1) {
            *is_head = ends_in_word && !tokens[0].is_run;
        }
        parts
    }

    fn page(&self, route: &str, html: &str, site: &str) -> Option<Page> {
        let page = Html::parse_document(html);
        let select = |selector: &str| -> Vec<String> {
            page.select(&Selector::parse(selector).unwrap()).map(|element| words(element)).collect()
        };
        page.select(&Selector::parse(".transcript").unwrap()).next()?;
        let title = select("title").remove(0);
        let title = title.strip_suffix(&format!(" · {site}")).unwrap_or(&title).to_owned();
        let names = select("main .people a, main .people b, .after > .facets li a");
        let description = Selector::parse("meta[name=description]").unwrap();
        let description = page.select(&description).filter_map(|meta| meta.attr("content").map(str::to_owned));
        let description: Vec<String> = description.collect();
        let mut notes = description.clone();
        // A key point's opening and the rest are two boxes.
        let points = Selector::parse(".keypoints li > div").unwrap();
        notes.extend(page.select(&points).map(|point| point.child_elements().map(words).collect::<Vec<_>>().join(" ")));
        notes.extend(select(".background > p"));
        notes.extend(select(".sect > h2 > .t"));
        let n_described = description.len();
        let mut units = vec![vec![title], names, notes];
        for item in page.select(&Selector::parse(".sect > .turn, .sect > .unattributed, .sect > .cue").unwrap()) {
            let is_turn = item.value().name() == "article";
            let paragraphs = item.child_elements().filter(|child| child.value().name() == "p").map(words);
            units.push(match item.attr("class") {
                Some("cue") => sounds(item),
                _ if is_turn => paragraphs.collect(),
                _ => vec![words(item)],
            });
        }
        // What only repeats the words of the episode is no hit of its own.
        let repeats = |text: &String| {
            let start = text.trim_end_matches('…');
            units[2][n_described..].iter().chain(units[3..].iter().flatten()).any(|other| other.contains(start))
        };
        let repeated: Vec<String> = description.into_iter().filter(repeats).collect();
        units[2].retain(|text| !repeated.contains(text));
        let of = |texts: Vec<String>| texts.into_iter().map(|text| (text.clone(), self.tokens(&text))).collect();
        Some(Page { route: route.to_owned(), units: units.into_iter().map(of).collect() })
    }
}

fn is_run(c: char) -> bool {
    matches!(u32::from(c), 0x3005..=0x3007 | 0x3041..=0x3096 | 0x309d..=0x309f | 0x30a1..=0x30fa | 0x30fc..=0x30ff
        | 0x31f0..=0x31ff | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xf900..=0xfaff | 0x1100..=0x11ff | 0xac00..=0xd7ff
        | 0x20000..=0x3ffff)
}

fn words(element: ElementRef<'_>) -> String {
    element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What is heard, without the time that stands within.
fn sounds(cue: ElementRef<'_>) -> Vec<String> {
    let times: String = cue.child_elements().filter(|child| child.value().name() == "time").map(words).collect();
    if times.is_empty() {
        return vec![words(cue)];
    }
    words(cue).split(times.as_str()).map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

fn has((tokens, is_head): &(Vec<Token>, bool), text: &[Token]) -> bool {
    let fits = |wanted: &Token, token: &Token, at: usize| {
        let (is_first, is_last) = (at == 0, at + 1 == tokens.len());
        wanted.is_run == token.is_run
            && match (wanted.is_run, is_first, is_last) {
                (true, true, true) => token.text.contains(&wanted.text),
                (true, true, false) => token.text.ends_with(&wanted.text),
                (true, false, true) => token.text.starts_with(&wanted.text),
                (false, ..) if *is_head => token.text.starts_with(&wanted.text),
                _ => token.text == wanted.text,
            }
    };
    let at =
        |window: &[Token]| window.iter().zip(tokens).enumerate().all(|(at, (token, wanted))| fits(wanted, token, at));
    text.windows(tokens.len()).any(at)
}

impl Page {
    /// The texts that are hits: of units with all parts, else of an episode with all parts whatever has one.
    fn hits(&self, parts: &[(Vec<Token>, bool)]) -> Vec<String> {
        let of_unit = |unit: &[(String, Vec<Token>)]| -> Vec<(String, Vec<usize>)> {
            let of = |(text, tokens): &(String, Vec<Token>)| {
                (text.clone(), (0..parts.len()).filter(|&part| has(&parts[part], tokens)).collect())
            };
            unit.iter().map(of).filter(|(_, found): &(String, Vec<usize>)| !found.is_empty()).collect()
        };
        let covers = |found: &mut dyn Iterator<Item = usize>| found.collect::<BTreeSet<_>>().len() == parts.len();
        let units: Vec<Vec<(String, Vec<usize>)>> = self.units.iter().map(|unit| of_unit(unit)).collect();
        let is_whole =
            |unit: &&Vec<(String, Vec<usize>)>| covers(&mut unit.iter().flat_map(|(_, found)| found.iter().copied()));
        let mut hits: Vec<String> = units.iter().filter(is_whole).flatten().map(|(text, _)| text.clone()).collect();
        if hits.is_empty() && covers(&mut units.iter().flatten().flat_map(|(_, found)| found.iter().copied())) {
            hits = units.iter().flatten().map(|(text, _)| text.clone()).collect();
        }
        hits.sort();
        hits
    }
}

/// Numbers that look like chance and are the same each time (xorshift).
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n.max(1) as u64) as usize
    }
}

/// Queries: half are taken from texts and written in another way, half are changed so that few hit.
fn queries(pages: &[Page], scan: &Scan) -> Vec<String> {
    let traditional: BTreeMap<char, char> = scan.simplified.iter().map(|(from, to)| (*to, *from)).collect();
    let texts: Vec<&str> =
        pages.iter().flat_map(|page| page.units.iter().flatten()).map(|(text, _)| text.as_str()).collect();
    let texts: Vec<&str> = texts.into_iter().filter(|text| !text.is_empty()).collect();
    let mut chance = Chance(0x2545_f491_4f6c_dd1d);
    let mut queries = Vec::new();
    while queries.len() < 2_400 {
        let text = texts[chance.below(texts.len())];
        let chars: Vec<char> = text.chars().collect();
        let query: String = if chance.below(2) == 0 {
            let (start, n) = (chance.below(chars.len()), 1 + chance.below(12));
            chars[start..(start + n).min(chars.len())].iter().collect()
        } else {
            let words: Vec<&str> = text.split_whitespace().collect();
            let (start, n) = (chance.below(words.len()), 1 + chance.below(3));
            words[start..(start + n).min(words.len())]
                .iter()
                .flat_map(|word| word.chars().take(12).chain([' ']))
                .collect()
        };
        let query = match chance.below(6) {
            0 => query.to_uppercase(),
            1 => query.chars().map(|c| traditional.get(&c).copied().unwrap_or(c)).collect(),
            2 => format!("“{query}”"),
            3 => query.trim_end().to_owned(),
            _ => query,
        };
        let other = texts[chance.below(texts.len())];
        let query = match (queries.len() % 2, chance.below(4)) {
            (0, _) => query,
            (_, 0) => query.chars().rev().collect(),
            (_, 1) => format!(
                "{query} {}",
                other.split_whitespace().next().unwrap_or_default().chars().take(4).collect::<String>()
            ),
            (_, 2) => query.chars().flat_map(|c| [c, char::from(b'a' + chance.below(26) as u8)]).take(12).collect(),
            _ => format!("{}{query}", other.chars().last().unwrap_or('x')),
        };
        if !scan.parts(&query).is_empty() {
            queries.push(query);
        }
    }
    queries
}

/// An episode with what writing has that is not plain.
const ODD: &str = "---\ntitle: Ünïcode 與 ＷＩＤＴＨ ½\ntopics: [Café, 漢字]\n---\n\n# Key points\n\n- **Naïve** words and 漢語 stand here.\n\n\
**Zoë Ångström:** Der Straßenkönig aß Œufs in Łódź, naïvely — at 3.14 p.m. «Voilà» [a link to *much*](https://a.example/x).\n\n\
**林 静:** 漢語和汉语是一樣的，發展、皇后與後來。ｶﾀｶﾅとひらがな、한국어도 있어요。用AI寫歌，GPT4也行😀𠮷野家。\n\n\
**Zoë Ångström:** 後\n\nA second paragraph, of one turn: İstanbul, ΣΊΣΥΦΟΣ, हिन्दी में, ภาษาไทย, עברית, don’t and don't.\n\n\
**林 静:** 嗯。\n\n[applause]\n\n**Zoë Ångström:** e\u{301}clair, ﬁn, ①②, a\u{300}\u{301}b, x_y `code_here` and C++.\n";

fn searched() -> (Built, String) {
    let mut files = Vec::new();
    for file in WalkDir::new("content").sort_by_file_name().into_iter().map(Result::unwrap) {
        if file.file_type().is_file() {
            files.push((file.path().to_str().unwrap().to_owned(), fs::read(file.path()).unwrap()));
        }
    }
    let site = Built::good();
    files.iter().for_each(|(name, bytes)| site.put(name, bytes));
    site.put("content/odd/unicode.md", ODD);
    site.put("people.toml", fs::read("people.toml").unwrap());
    site.put("podleaf.toml", "title = \"All\"\nlanguage = \"en\"\ncards = false\n");
    (site, "All".to_owned())
}

#[test]
fn search_finds_what_a_plain_scan_of_the_pages_finds() {
    let (site, title) = searched();
    site.publish();
    let output = site.root().join("public");
    let scan = Scan::new();
    let mut pages = Vec::new();
    for file in WalkDir::new(&output).sort_by_file_name().into_iter().map(Result::unwrap) {
        if file.file_name() == "index.html" {
            let folder = file.path().parent().unwrap().strip_prefix(&output).unwrap().to_str().unwrap();
            pages.extend(scan.page(&format!("/{folder}/"), &fs::read_to_string(file.path()).unwrap(), &title));
        }
    }
    assert!(pages.len() >= 8, "{}", pages.len());
    let index = Index::published(&output.join("search/index"));
    let (mut n_with, mut cases, mut misses) = (0, Vec::new(), Vec::new());
    for query in queries(&pages, &scan) {
        let parts = scan.parts(&query);
        let hits: BTreeMap<&str, Vec<String>> = pages
            .iter()
            .map(|page| (page.route.as_str(), page.hits(&parts)))
            .filter(|(_, hits)| !hits.is_empty())
            .collect();
        n_with += usize::from(!hits.is_empty());
        let candidates = index.candidates(&parts);
        misses.extend(
            hits.keys().filter(|route| !candidates.contains(**route)).map(|route| format!("{query} in {route}")),
        );
        cases.push(json!({ "query": query, "hits": hits }));
    }
    assert!(
        cases.len() >= 2_000 && n_with * 3 >= cases.len() && n_with * 4 <= cases.len() * 3,
        "{n_with} of {}",
        cases.len()
    );
    assert!(misses.is_empty(), "{} are missing from the index:\n{}", misses.len(), misses.join("\n"));
    let file = site.root().join("cases.json");
    fs::write(&file, serde_json::to_vec(&cases).unwrap()).unwrap();
    let said = node("finds.mjs", &[&output, &file]);
    assert!(said.contains(&format!("{} queries, {n_with} with hits: none is missing", cases.len())), "{said}");
}

/// A published index, read in the plainest way.
pub(crate) struct Index {
    terms: BTreeMap<String, Option<Units>>,
    routes: BTreeMap<u32, String>,
}

impl Index {
    fn published(folder: &Path) -> Self {
        Self::packed(|name| fs::read(folder.join(name)).unwrap())
    }

    /// Reads the files of a build, which `packed` gives by their names.
    pub(crate) fn packed(packed: impl Fn(&str) -> Vec<u8>) -> Self {
        Self::read(|name| {
            let mut bytes = Vec::new();
            GzDecoder::new(&packed(name)[..]).read_to_end(&mut bytes).unwrap();
            bytes
        })
    }

    /// Reads all files, which `unpacked` gives by their names.
    pub(crate) fn read(unpacked: impl Fn(&str) -> Vec<u8>) -> Self {
        let parsed = |name: &str| -> Value { serde_json::from_slice(&unpacked(name)).unwrap() };
        let directory = parsed("directory.bin");
        let names = |key: &str| directory[key].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned());
        let files: Vec<String> = names("terms").collect();
        assert!(files.len() < 80, "a head of words must lie in few files here: {}", files.len());
        let mut terms = BTreeMap::new();
        for pair in files.chunks(2) {
            for (term, _, postings) in decoded(&unpacked(&pair[1])) {
                assert!(term >= pair[0] && terms.insert(term, postings).is_none());
            }
        }
        let mut routes = BTreeMap::new();
        for chunk in names("chunks") {
            for row in parsed(&chunk)[1].as_array().unwrap() {
                routes.insert(row[0].as_u64().unwrap() as u32, row[1].as_str().unwrap().to_owned());
            }
        }
        Self { terms, routes }
    }

    /// Terms with the units that have them, whatever the numbers of episodes are.
    pub(crate) fn by_route(&self) -> BTreeMap<&str, BTreeMap<&str, &BTreeSet<u32>>> {
        let of = |units| Units::iter(units).map(|(slot, units)| (self.routes[slot].as_str(), units)).collect();
        let all = self.terms.iter();
        all.map(|(term, units)| (term.as_str(), units.as_ref().map(of).unwrap_or_default())).collect()
    }

    /// The episodes that have a term of each part.
    fn candidates(&self, parts: &[(Vec<Token>, bool)]) -> BTreeSet<&str> {
        let mut slots: BTreeSet<u32> = self.routes.keys().copied().collect();
        for (tokens, is_head) in parts {
            for token in tokens {
                let chars: Vec<char> = token.text.chars().collect();
                let wanted: Vec<String> = if !token.is_run {
                    vec![chars.iter().take(32).collect()]
                } else if chars.len() == 1 {
                    vec![token.text.clone()]
                } else {
                    chars.windows(2).map(|pair| pair.iter().collect()).collect()
                };
                for term in wanted {
                    let is_head = *is_head || token.is_run && chars.len() == 1;
                    let entries = self.terms.range(term.clone()..).take_while(|(other, _)| other.starts_with(&term));
                    let of = entries.filter(|(other, _)| is_head || **other == term).map(|(_, postings)| postings);
                    let of: Vec<_> = of.collect();
                    if of.iter().all(|postings| postings.is_some()) {
                        let found: BTreeSet<u32> =
                            of.into_iter().flatten().flat_map(|units| units.keys().copied()).collect();
                        slots.retain(|slot| found.contains(slot));
                    }
                }
            }
        }
        slots.iter().map(|slot| self.routes[slot].as_str()).collect()
    }
}

#[test]
fn an_index_is_the_same_after_edits_as_from_nothing_and_goes_with_the_setting() {
    let (site, _) = searched();
    site.publish();
    let index = |site: &Built| -> BTreeMap<String, Vec<u8>> {
        let files = fs::read_dir(site.root().join("public/search/index")).unwrap().map(Result::unwrap);
        files.map(|file| (file.file_name().into_string().unwrap(), fs::read(file.path()).unwrap())).collect()
    };
    let first = index(&site);
    site.put("content/odd/unicode.md", ODD.replace("applause", "laughter"));
    site.put("content/odd/another.md", FINE);
    site.publish();
    let edited = index(&site);
    assert_ne!(edited, first);
    fs::remove_dir_all(site.root().join(".podleaf")).unwrap();
    site.publish();
    assert!(index(&site) == edited, "memory changes nothing");
    fs::remove_dir_all(site.root().join("public")).unwrap();
    site.publish();
    assert!(index(&site) == edited, "from nothing it is the same");
    site.put("podleaf.toml", "title = \"All\"\ncards = false\nsearch = false\n");
    site.publish();
    assert!(!site.root().join("public/search").exists());
    let home = fs::read_to_string(site.root().join("public/index.html")).unwrap();
    assert!(!home.contains("search/"), "nothing leads there");
}

#[test]
fn a_preview_prepares_to_search_before_anybody_does() {
    let site = spread(TWO);
    let _server = Server::start(site.path(), &[]);
    let prepared = || {
        let files = fs::read_dir(site.path().join(".podleaf")).into_iter().flatten().map_while(Result::ok);
        files.filter(|file| file.file_name().to_str().is_some_and(|name| name.starts_with("terms-") && name.len() == 8))
    };
    let began = std::time::Instant::now();
    while prepared().count() < 2 {
        assert!(began.elapsed().as_secs() < 60, "the words of two episodes are remembered");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

#[test]
fn the_index_of_a_preview_follows_the_files() {
    let site = spread(TWO);
    let server = Server::start(site.path(), &[]);
    let index = || {
        Index::read(|name| {
            let answer = server.get(&format!("/search/index/{name}"));
            assert_eq!(answer.status, 200, "{name}");
            answer.body
        })
    };
    let has = |index: &Index, word: &str| index.terms.contains_key(word);
    let first = index();
    assert!(has(&first, "tide") && has(&first, "gulls") && has(&first, "bo") && !has(&first, "moon"));
    assert_eq!(first.routes.values().collect::<BTreeSet<_>>().len(), 2);
    let directory = server.get("/search/index/directory.bin");
    let before: Value = serde_json::from_slice(&directory.body).unwrap();

    let file = site.path().join("content/ferry/001-bells.md");
    fs::write(&file, fs::read_to_string(&file).unwrap().replace("The tide", "The moon")).unwrap();
    server.until("/ferry/001-bells/", "the edit is shown", |answer| answer.text().contains("The moon"));
    let edited = index();
    assert!(has(&edited, "moon") && !has(&edited, "tide") && has(&edited, "gulls"));
    let gone = before["terms"][1].as_str().unwrap();
    assert_eq!(server.get(&format!("/search/index/{gone}")).status, 404, "a reader asks for the directory again");
    assert_eq!(server.get("/search/index/").status, 404);
    drop(server);

    // Before a site is published its guids follow its address, and so do numbers.
    let again = Server::start(site.path(), &[]);
    let remembered = Index::read(|name| again.get(&format!("/search/index/{name}")).body);
    assert_eq!(remembered.by_route(), edited.by_route());
    drop(again);
    assert_eq!(podleaf(site.path(), &["build", "-q"]).code, 0);
    let built = Index::published(&site.path().join("public/search/index"));
    assert_eq!(built.by_route(), edited.by_route());
}
