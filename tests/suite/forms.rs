//! Files for apps and machines: every form has the words of the page, and is read back as what it was made from.
//!
//! `tests/forms` has each form of a timed English and a timed Chinese episode. After a change:
//! `INSTA_UPDATE=always cargo test --test suite forms`, then read the difference.

use std::fs;

use podleaf::hash::ContentHash;
use podleaf::memo::Memo;
use podleaf::parse::timed::{TimedText, parse_timed};
use podleaf::path::{Route, SitePath};
use podleaf::site::{Request, Site};
use podleaf::source::SourceFile;
use scraper::{ElementRef, Html, Selector};
use serde_json::Value;
use walkdir::WalkDir;

use crate::golden;
use crate::html::words;
use crate::world::Files;

/// A part of a page's transcript, in its order. Times as the page shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    /// Number and title.
    Section(String, String),
    /// A name and when they begin.
    Speaker(String, String),
    /// Words and when they begin.
    Words(String, String),
    /// Words that are nobody's.
    Nobody(String, String),
    /// A sound and when it is heard.
    Sound(String, String),
}

fn open(world: &Files) -> Site {
    let request = Request { base_url: Some("https://a.example/b/".to_owned()), ..Request::default() };
    Site::open(world, &request, Memo::default()).0.unwrap()
}

/// A site of one file.
fn single(name: &str, bytes: impl Into<Vec<u8>>) -> Files {
    let mut world = Files::default();
    world.put(name, bytes);
    world
}

fn sample_archive() -> Files {
    let mut world = Files::default();
    let files = WalkDir::new("content").sort_by_file_name().into_iter().map(Result::unwrap);
    for file in files.filter(|entry| entry.file_type().is_file()) {
        world.put(file.path().to_str().unwrap(), fs::read(file.path()).unwrap());
    }
    ["podleaf.toml", "people.toml"].into_iter().for_each(|name| world.put(name, fs::read(name).unwrap()));
    world
}

/// The sample archive, and a site of each sample of a notation.
fn worlds() -> Vec<(String, Files)> {
    let mut worlds = vec![("content".to_owned(), sample_archive())];
    for folder in ["notations", "notations/timed"] {
        for path in golden::samples(folder).into_iter().filter(|path| path.is_file()) {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let world = single(&name, fs::read(&path).unwrap());
            worlds.push((name, world));
        }
    }
    worlds
}

/// The routes of a site's episodes.
fn episodes(site: &Site) -> Vec<Route> {
    let of_episode = |route: &&Route| route.as_str().ends_with("/turns.json");
    let routes = site.routes().into_iter().filter(of_episode);
    routes.map(|route| Route::new(route.as_str().trim_end_matches("turns.json")).unwrap()).collect()
}

fn all<'p>(within: ElementRef<'p>, selector: &str) -> Vec<ElementRef<'p>> {
    within.select(&Selector::parse(selector).unwrap()).collect()
}

fn text(within: ElementRef<'_>, selector: &str) -> String {
    all(within, selector).first().map(|element| words(*element)).unwrap_or_default()
}

/// The words of an element without those of its times.
fn without_times(element: ElementRef<'_>) -> String {
    words(element).replacen(&text(element, "time"), "", 1).trim().to_owned()
}

/// The transcript of a page.
fn parts(page: &str) -> Vec<Part> {
    let html = Html::parse_document(page);
    let mut parts = Vec::new();
    let mut time = String::new();
    for element in
        all(html.root_element(), ".sect > h2, .sect > p, .sect > a.time, .turn > header, .turn > p, .turn > a.time")
    {
        match element.value().name() {
            "h2" => parts.push(Part::Section(text(element, ".no"), text(element, ".t"))),
            "header" => parts.push(Part::Speaker(text(element, ".speaker"), text(element, "time"))),
            "a" => time = words(element),
            _ if element.value().attr("class") == Some("cue") => {
                parts.push(Part::Sound(without_times(element), text(element, "time")));
            }
            _ if element.value().attr("class") == Some("unattributed") => {
                parts.push(Part::Nobody(words(element), std::mem::take(&mut time)));
            }
            _ => parts.push(Part::Words(words(element), std::mem::take(&mut time))),
        }
    }
    parts
}

/// Letters and digits alone, so that white space and punctuation between parts do not matter.
fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// The letters of what is said.
fn said(parts: &[Part]) -> String {
    let words = parts.iter().filter_map(|part| match part {
        Part::Words(words, _) | Part::Nobody(words, _) | Part::Sound(words, _) => Some(letters(words)),
        Part::Section(..) | Part::Speaker(..) => None,
    });
    words.collect()
}

/// Names where another speaker begins, before what is said.
fn said_with_names(parts: &[Part]) -> String {
    let (mut out, mut last, mut now, mut is_said) = (String::new(), None, None, true);
    for part in parts {
        match part {
            Part::Section(..) => {}
            Part::Speaker(name, _) => (now, is_said) = (Some(name), false),
            Part::Words(words, _) => {
                if !is_said && last != now {
                    out.push_str(&letters(now.unwrap()));
                }
                (last, is_said) = (now, true);
                out.push_str(&letters(words));
            }
            Part::Nobody(words, _) | Part::Sound(words, _) => {
                (last, now) = (None, None);
                out.push_str(&letters(words));
            }
        }
    }
    out
}

/// All of a page's transcript in the order of plain text: number and title, time, name, words.
fn told(parts: &[Part]) -> String {
    let part = |part: &Part| match part {
        Part::Section(number, title) => letters(&format!("{number}{title}")),
        Part::Speaker(name, time) => letters(&format!("{time}{name}")),
        Part::Words(words, time) | Part::Nobody(words, time) | Part::Sound(words, time) => {
            letters(&format!("{time}{words}"))
        }
    };
    parts.iter().map(part).collect()
}

fn timed(name: &str, text: String) -> TimedText {
    let file = SourceFile { path: SitePath::new(name).unwrap(), text, hash: ContentHash::of(b"") };
    parse_timed(&file).0.unwrap_or_default()
}

fn said_in_html(text: &str) -> String {
    let html = Html::parse_document(text);
    all(html.root_element(), "p").into_iter().map(|p| letters(&words(p))).collect()
}

fn said_in_turns(text: &str) -> String {
    let value: Value = serde_json::from_str(text).unwrap();
    let texts = value["turns"].as_array().unwrap().iter().flat_map(|turn| turn["text"].as_array().unwrap());
    texts.map(|text| letters(text.as_str().unwrap())).collect()
}

fn said_in_json(text: &str) -> String {
    let value: Value = serde_json::from_str(text).unwrap();
    let segments = value["segments"].as_array().unwrap().iter();
    segments.map(|segment| letters(segment["body"].as_str().unwrap())).collect()
}

fn said_in_srt(text: &str) -> String {
    let blocks = text.split("\n\n").flat_map(|block| block.lines().skip(2));
    blocks.map(letters).collect()
}

/// The text at a file of an episode, if there is one.
fn file(site: &Site, world: &Files, page: &Route, name: &str) -> Option<String> {
    world.page(site, page.join(name).unwrap().as_str())
}

#[test]
fn every_form_has_the_words_of_the_page() {
    let (mut n_episodes, mut n_timed) = (0, 0);
    for (name, world) in worlds() {
        let site = open(&world);
        for route in episodes(&site) {
            let name = format!("{name} {route}");
            let parts = parts(&world.page(&site, route.as_str()).unwrap());
            let form = |form| file(&site, &world, &route, form);
            let text = form("transcript.txt").unwrap();
            let body: String = text.lines().skip(2).collect();
            assert_eq!(letters(&body), told(&parts), "{name}");
            assert_eq!(said_in_html(&form("transcript.html").unwrap()), said(&parts), "{name}");
            assert_eq!(said_in_turns(&form("turns.json").unwrap()), said(&parts), "{name}");
            n_episodes += 1;
            let Some(vtt) = form("transcript.vtt") else { continue };
            let captions = timed("a.vtt", vtt);
            assert_eq!(letters(&captions.text), said(&parts), "{name}");
            assert_eq!(said_in_json(&form("transcript.json").unwrap()), said(&parts), "{name}");
            assert_eq!(said_in_srt(&form("transcript.srt").unwrap()), said_with_names(&parts), "{name}");
            n_timed += 1;
        }
    }
    assert!(n_episodes > 60 && n_timed > 35, "{n_episodes} {n_timed}");
}

/// Who says what when. `None` where words that are nobody's follow those of somebody: Markdown has no form for these.
fn turns(parts: &[Part]) -> Option<Vec<(&Part, Vec<&Part>)>> {
    let (mut turns, mut is_open): (Vec<(&Part, Vec<&Part>)>, bool) = (Vec::new(), false);
    for part in parts {
        match part {
            Part::Speaker(..) => turns.push((part, Vec::new())),
            Part::Words(..) => turns.last_mut().filter(|_| is_open)?.1.push(part),
            Part::Nobody(..) if !turns.is_empty() => return None,
            Part::Nobody(..) | Part::Section(..) | Part::Sound(..) => {}
        }
        is_open = matches!(part, Part::Speaker(..)) || is_open && matches!(part, Part::Words(..));
    }
    Some(turns)
}

#[test]
fn a_twin_is_read_as_the_turns_of_its_page() {
    let mut n_turns = 0;
    for (name, world) in worlds() {
        let site = open(&world);
        for route in episodes(&site) {
            let page = parts(&world.page(&site, route.as_str()).unwrap());
            let twin = file(&site, &world, &route, "index.md").unwrap();
            let read = single("twin.md", twin.clone());
            let (other, found) = Site::open(&read, &Request::default(), Memo::default());
            assert!(!found.has_errors(), "{found:?}");
            let again = parts(&read.page(&other.unwrap(), "/twin/").unwrap());
            if name == "content" && page.iter().any(|part| matches!(part, Part::Speaker(..))) {
                assert_eq!(again, page, "{route}\n{twin}");
            }
            let Some(turns) = turns(&page) else { continue };
            assert_eq!(self::turns(&again), Some(turns.clone()), "{name} {route}\n{twin}");
            n_turns += turns.len();
        }
    }
    assert!(n_turns > 500, "{n_turns}");
}

/// A voice that speaks without a break: label, start in milliseconds where it is known, letters.
type Voice = (Option<String>, Option<u64>, String);

/// The voices of captions; sounds have none.
fn voices(timed: &TimedText) -> Vec<Voice> {
    let mut voices: Vec<Voice> = Vec::new();
    for cue in &timed.cues {
        let label = cue.speaker.map(|speaker| timed.speakers[speaker as usize].label.clone());
        let words = letters(cue.text.of(&timed.text));
        match voices.last_mut().filter(|last| last.0 == label) {
            Some(last) => last.2.push_str(&words),
            None => voices.push((label, cue.start.map(|start| start.0), words)),
        }
    }
    voices
}

/// The starts of captions.
fn starts(timed: &TimedText) -> Vec<u64> {
    timed.cues.iter().filter_map(|cue| Some(cue.start?.0)).collect()
}

/// Captions whose voices are all known.
const SPOKEN: [&str; 6] = [
    "t10_chinese.vtt",
    "t11_chinese.srt",
    "t12_segments.json",
    "t12_words.json",
    "t14_assemblyai.json",
    "t14_deepgram_utterances.json",
];

#[test]
fn captions_are_read_back_with_their_voices_and_times() {
    for name in SPOKEN {
        let bytes = fs::read(format!("tests/notations/timed/{name}")).unwrap();
        let source = timed(name, String::from_utf8(bytes.clone()).unwrap());
        let world = single(name, bytes);
        let site = open(&world);
        let route = &episodes(&site)[0];
        let expected: Vec<Voice> = voices(&source).into_iter().filter(|voice| voice.0.is_some()).collect();
        for form in ["transcript.vtt", "transcript.json", "transcript.html"] {
            let again = timed(form, file(&site, &world, route, form).unwrap());
            let said = |voices: &[Voice]| voices.iter().map(|voice| voice.2.clone()).collect::<String>();
            assert_eq!(said(&voices(&again)), said(&voices(&source)), "{name} {form}");
            let named: Vec<Voice> = voices(&again).into_iter().filter(|voice| voice.0.is_some()).collect();
            // In captions our reader takes words without a label for those of the one who spoke last.
            let is_clear = form != "transcript.vtt" || voices(&source).iter().all(|voice| voice.0.is_some());
            if is_clear && !source.text.contains(['（', '(', '[']) {
                assert_eq!(named, expected, "{name} {form}");
            }
            let known = starts(&source);
            assert!(starts(&again).iter().all(|start| known.contains(start)), "{name} {form}: no time is invented");
        }
        let srt = timed("a.srt", file(&site, &world, route, "transcript.srt").unwrap());
        assert!(starts(&srt).iter().all(|start| starts(&source).contains(start)), "{name}");
    }
}

/// The rules of the formats: numbers, starts in order, ends behind starts, no empty line in a cue, short lines.
#[test]
fn captions_keep_the_rules_of_their_formats() {
    let mut n_cues = 0;
    for (name, world) in worlds() {
        let site = open(&world);
        for route in episodes(&site) {
            let Some(vtt) = file(&site, &world, &route, "transcript.vtt") else { continue };
            let srt = file(&site, &world, &route, "transcript.srt").unwrap();
            assert!(vtt.starts_with("WEBVTT\n\n"), "{name}");
            let cues = vtt.trim_end().split("\n\n").skip(1).map(|cue| cue.to_owned());
            let numbered = srt.trim_end().split("\n\n").enumerate().map(|(idx, cue)| {
                let (number, cue) = cue.split_once('\n').unwrap();
                assert_eq!(number, (idx + 1).to_string(), "{name}");
                cue.replace(',', ".")
            });
            for (cues, width) in [(cues.collect::<Vec<_>>(), 70), (numbered.collect(), 40)] {
                let mut last = String::new();
                for cue in cues {
                    let (timing, lines) = cue.split_once('\n').unwrap();
                    let (start, end) = timing.split_once(" --> ").unwrap();
                    assert!(last.as_str() < start && start < end, "{name}: {timing} after {last}");
                    last = start.to_owned();
                    for line in lines.lines() {
                        assert!(!line.trim().is_empty() && !line.contains("-->"), "{name}: {cue}");
                        let words = line.rsplit('>').next().unwrap();
                        assert!(words.chars().count() <= width, "{name}: {line}");
                    }
                    n_cues += 1;
                }
            }
        }
    }
    assert!(n_cues > 250, "{n_cues}");
}

#[test]
fn text_without_times_gives_no_captions() {
    let world = single("a.md", "**Ann:** One.\n\n**Bo:** Two.\n\n**Ann:** Three.\n\n**Bo:** [0:12] Four.\n");
    let site = open(&world);
    let names: Vec<String> = site.routes().iter().map(|route| route.as_str().to_owned()).collect();
    assert!(names.contains(&"/a/transcript.txt".to_owned()));
    assert!(
        !names.iter().any(|name| name.contains(".vtt") || name.contains(".srt") || name.contains("transcript.json"))
    );
}

#[test]
fn times_that_come_with_an_edit_give_files() {
    let text = |time| format!("## One\n\n**Ann:** {time} One.\n\n**Bo:** {time} Two.\n\n**Ann:** {time} Three.\n");
    let mut world = single("a.md", text(""));
    let request = Request::default();
    let site = Site::open(&world, &request, Memo::default()).0.unwrap();
    world.wait();
    world.put("a.md", text("[0:12]"));
    assert!(site.edited(&world, &request, &[SitePath::new("a.md").unwrap()]).is_none(), "there are other files");
    world.put("a.md", text("").replace("Two", "Zwei"));
    assert!(site.edited(&world, &request, &[SitePath::new("a.md").unwrap()]).is_some());
}

#[test]
fn lists_for_machines_do_not_change_with_a_word() {
    let key = |word: &str, route: &str| {
        let world = single(
            "a.md",
            format!("**Ann:** The first words.\n\n**Bo:** And {word}.\n\n**Ann:** Yes.\n\n**Bo:** No.\n"),
        );
        open(&world).key(&world, &Route::new(route).unwrap()).unwrap()
    };
    for list in ["/llms.txt", "/archive.jsonl", "/archive.schema.json"] {
        assert_eq!(key("one", list), key("two", list), "{list}");
    }
    for form in ["/a/transcript.txt", "/a/turns.json", "/a/index.md"] {
        assert_ne!(key("one", form), key("two", form), "{form}");
    }
    assert_ne!(key("one", "/archive.jsonl"), key("one two", "/archive.jsonl"), "it counts words");
}

const NAMES: [&str; 4] = ["Ann <b>&amp;\" O'Lee", "</script> --> Bo", "\u{202E}Cid\u{2028}Dee]]>", "{\\an8} <v Eve>"];
const SAYS: [&str; 6] = [
    "1 --> 2, 00:00:01,000 --> 00:00:02,000",
    "</script><script>alert(1)</script> ]]> <b>bold</b> <v Eve>",
    "AT&T & &amp; &#60; \"quoted\" 'too'",
    "one\ntwo\u{2028}three\u{85}four\tfive",
    "\u{202E}backwards\u{202C} {{ 7*7 }} \\ ` * _ # - + ~~a~~",
    "# 1\n- no\n1. yes\n> quote\n---\n[x](javascript:alert(1)) ![y](z) **Ann:** [0:12]",
];

/// A talk in which names and words are hostile.
fn hostile() -> Files {
    let segment = |n: usize| {
        let (start, end) = (n as f64 * 5.0, n as f64 * 5.0 + 4.5);
        let (speaker, body) = (NAMES[n % NAMES.len()], SAYS[n % SAYS.len()]);
        serde_json::json!({ "speaker": speaker, "startTime": start, "endTime": end, "body": body })
    };
    let segments: Vec<Value> = (0..24).map(segment).collect();
    let json = serde_json::json!({ "version": "1.0.0", "segments": segments }).to_string();
    // As they are, they would be line ends of the file.
    let json = json.replace('\u{2028}', "\\u2028").replace('\u{85}', "\\u0085");
    let mut world = single("talk.json", json);
    let title = "</title><script>alert(1)</script> --> ]]> &amp; \\u2028 \\\"x\\\" [y](z) \\u202E";
    world.put(
        "talk.md",
        format!("---\ntitle: \"{title}\"\ntags: [\"{title}\"]\n---\n\n## Key points\n\n- {}\n", SAYS[1]),
    );
    world.put("podleaf.toml", format!("title = \"{title}\"\ndescription = \"{title}\"\n"));
    world
}

#[test]
fn hostile_names_and_words_stay_what_they_are() {
    let world = hostile();
    let site = open(&world);
    let route = &episodes(&site)[0];
    let page = parts(&world.page(&site, route.as_str()).unwrap());
    let (source, form) =
        (timed("talk.json", world.text("talk.json")), |name| file(&site, &world, route, name).unwrap());
    let found = Site::open(&world, &Request::default(), Memo::default()).1;
    assert_eq!(said(&page), letters(&source.text), "{found:?}");
    let expected = voices(&source);
    assert_eq!(expected.len(), 24);
    for name in ["transcript.vtt", "transcript.json", "transcript.html"] {
        assert_eq!(voices(&timed(name, form(name))), expected, "{name}\n{}", form(name));
    }
    assert_eq!(said_in_srt(&form("transcript.srt")), said_with_names(&page));
    assert!(!form("transcript.srt").contains("<b>") && !form("transcript.srt").contains("{\\an8}"));
    let html = form("transcript.html");
    let elements = Html::parse_document(&html);
    assert!(all(elements.root_element(), "script, b, v, a").is_empty());
    assert_eq!(all(elements.root_element(), "cite").len(), 24);
    let turns: Value = serde_json::from_str(&form("turns.json")).unwrap();
    assert_eq!(turns["turns"].as_array().unwrap().len(), 24);
    assert_eq!(
        turns["title"],
        serde_json::from_str::<Value>(world.page(&site, "/archive.jsonl").unwrap().lines().next().unwrap()).unwrap()["title"]
    );
    let markdown = podleaf::markup::document_html(&form("index.md"));
    assert!(!markdown.contains("<script") && !markdown.contains("javascript:alert(1)\""), "{markdown}");
    for (route, lists) in
        [("/llms.txt", true), ("/index.md", false), ("/people/index.md", false), ("/topics/index.md", false)]
    {
        let text = world.page(&site, route).unwrap();
        let html = podleaf::markup::document_html(&text);
        assert!(!html.contains("<script") && !html.contains("href=\"z\""), "{route}: {html}");
        assert!(!lists || text.lines().all(|line| line.is_empty() || line.starts_with(['#', '>', '-', 'T'])), "{text}");
    }
}

/// Whether a value is as a schema says, of the words of JSON Schema that ours has.
fn check(value: &Value, schema: &Value, root: &Value) -> Result<(), String> {
    if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
        return check(value, root.pointer(name.trim_start_matches('#')).unwrap(), root);
    }
    if let Some(allowed) = schema.get("enum") {
        return if allowed.as_array().unwrap().contains(value) { Ok(()) } else { Err(format!("{value} of {allowed}")) };
    }
    let fits = match schema["type"].as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64(),
        "number" => value.is_number(),
        other => panic!("{other}"),
    };
    if !fits {
        return Err(format!("{value} is no {}", schema["type"]));
    }
    if schema.get("pattern").is_some() {
        let day = value.as_str().unwrap();
        assert!(
            day.len() == 10
                && day.bytes().enumerate().all(|(idx, b)| if idx == 4 || idx == 7 {
                    b == b'-'
                } else {
                    b.is_ascii_digit()
                })
        );
    }
    for item in value.as_array().into_iter().flatten() {
        check(item, &schema["items"], root)?;
    }
    let Some(object) = value.as_object() else { return Ok(()) };
    for key in schema["required"].as_array().into_iter().flatten() {
        object.get(key.as_str().unwrap()).ok_or(format!("no {key}"))?;
    }
    for (key, value) in object {
        match schema.get("properties").and_then(|known| known.get(key)) {
            Some(own) => check(value, own, root)?,
            None if schema["additionalProperties"].is_object() => check(value, &schema["additionalProperties"], root)?,
            None => return Err(format!("{key} is not known")),
        }
    }
    Ok(())
}

#[test]
fn each_line_of_the_archive_is_as_its_schema_says_and_its_files_are_there() {
    for world in [sample_archive(), hostile()] {
        for base_url in [None, Some("https://a.example/b/".to_owned())] {
            let request = Request { base_url, ..Request::default() };
            let site = Site::open(&world, &request, Memo::default()).0.unwrap();
            let root = site.base_url().unwrap_or_default().to_owned();
            let schema: Value = serde_json::from_str(&world.page(&site, "/archive.schema.json").unwrap()).unwrap();
            let lines = world.page(&site, "/archive.jsonl").unwrap();
            assert_eq!(lines.lines().count(), site.counts().episodes);
            for line in lines.lines() {
                let line: Value = serde_json::from_str(line).unwrap();
                check(&line, &schema, &schema).unwrap();
                let files = line["files"].as_object().unwrap().values();
                for address in files.chain([&line["url"], &line["show"]["url"]]) {
                    let below = address.as_str().unwrap().strip_prefix(&root).unwrap();
                    let route = podleaf::path::percent_decoded(&format!("/{below}")).unwrap();
                    assert!(site.has(&Route::new(route.clone()).unwrap()), "{route}");
                }
            }
        }
    }
}

/// Two episodes with times and chapters.
fn timed_episodes() -> [(&'static str, Files); 2] {
    let mut english = single("the-tide.vtt", fs::read("tests/notations/timed/t10_voices.vtt").unwrap());
    english.put("the-tide.md", "---\ntitle: The Tide\ndate: 2026-03-14\nduration: '2:00:05'\nhosts: [Mara Quill]\n---\n\n## Key points\n\n- The tide is **high**.\n");
    english.put("the-tide.chapters.txt", "00:04 Good morning\n1:40:00 Later\n");
    english.put("podleaf.toml", "title = 'Harbour'\n");
    let mut chinese = single("灯塔.vtt", fs::read("tests/notations/timed/t10_chinese.vtt").unwrap());
    chinese.put(
        "灯塔.md",
        "---\ntitle: 灯塔与潮水\ndate: 2026-03-15\nduration: '0:15'\nslug: tower\n---\n\n## 背景\n\n一次谈话。\n",
    );
    chinese.put("灯塔.chapters.txt", "00:01 潮水\n00:06 灯塔\n");
    chinese.put("podleaf.toml", "title = '港口'\nlanguage = 'zh'\n");
    [("english", english), ("chinese", chinese)]
}

#[test]
fn each_form_is_as_it_was() {
    golden::settings("forms").bind(|| {
        for (name, world) in timed_episodes() {
            let site = open(&world);
            let route = &episodes(&site)[0];
            let forms = [
                "transcript.txt",
                "transcript.html",
                "turns.json",
                "transcript.vtt",
                "transcript.srt",
                "transcript.json",
            ];
            let chapters = ["chapters.json", "chapters.vtt", "chapters.txt", "index.md"];
            for form in forms.into_iter().chain(chapters) {
                insta::assert_snapshot!(format!("{name}.{form}"), file(&site, &world, route, form).unwrap());
            }
            for list in ["llms.txt", "archive.jsonl", "index.md"] {
                insta::assert_snapshot!(format!("{name}.site.{list}"), world.page(&site, &format!("/{list}")).unwrap());
            }
        }
    });
}
