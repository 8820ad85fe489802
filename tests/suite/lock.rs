//! What is promised holds through edits: guids, addresses and turn ids, by the lock.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use podleaf::diagnostic::Diagnostics;
use podleaf::memo::Memo;
use podleaf::path::SitePath;
use podleaf::site::{Request, Site};
use proptest::prelude::*;

use crate::built::{Built, FINE};
use crate::tree::{again_as_nobody, folder, given_folder, put};
use crate::world::{Files, Remembered};

/// A site in memory with what its last build knows.
struct Author {
    files: Files,
    remembered: Remembered,
    request: Request,
}

impl Author {
    fn of(files: &[(&str, &str)]) -> Self {
        let request = Request { base_url: Some("https://example.org/".to_owned()), ..Request::default() };
        let mut author = Self { files: Files::default(), remembered: Remembered::default(), request };
        author.files.put("podleaf.toml", "cards = false\n");
        files.iter().for_each(|(name, text)| author.put(name, text));
        author
    }

    fn put(&mut self, name: &str, text: &str) {
        self.files.put(&format!("content/{name}"), text);
    }

    fn remove(&mut self, name: &str) -> Vec<u8> {
        self.files.remove(&format!("content/{name}"))
    }

    fn rename(&mut self, from: &str, to: &str) {
        self.files.rename(&format!("content/{from}"), &format!("content/{to}"));
    }

    fn edit(&mut self, name: &str, from: &str, to: &str) {
        let text = self.text(name);
        assert!(text.contains(from), "{from} is not in {text}");
        self.put(name, &text.replace(from, to));
    }

    fn text(&self, name: &str) -> String {
        self.files.text(&format!("content/{name}"))
    }

    fn open(&self, memo: Memo) -> (Site, Diagnostics) {
        let (site, diagnostics) = Site::open(&self.files, &self.request, memo);
        (site.unwrap(), diagnostics)
    }

    /// Opens the site as a build does, writes its locks, and sees that a second build changes nothing.
    #[track_caller]
    fn build(&mut self) -> (Site, Diagnostics) {
        let (site, diagnostics) = self.open(self.remembered.memo());
        self.files.write_locks(&site);
        self.remembered.renew(&site);
        for memo in [self.remembered.memo(), Memo::default()] {
            let (again, _) = self.open(memo);
            assert!(again.locks().is_empty(), "{:?}", again.locks()[0].difference());
            assert_eq!(again.routes(), site.routes());
            for route in site.routes() {
                let page = |site: &Site| site.render(&self.files, route).unwrap();
                assert_eq!(page(&again), page(&site), "a second build has the same ids: {route}");
            }
        }
        (site, diagnostics)
    }

    /// Builds a site that nothing is wrong with.
    #[track_caller]
    fn publish(&mut self) -> Site {
        let (site, diagnostics) = self.build();
        let doubts: Vec<_> = diagnostics.iter().filter(|d| d.code != "doubtful-label").collect();
        assert!(doubts.is_empty(), "{doubts:?}");
        site
    }

    fn page(&self, site: &Site, route: &str) -> Option<String> {
        self.files.page(site, route)
    }

    /// The words and id of each turn of a page, and where its links to turns lead.
    #[track_caller]
    fn turns(&self, site: &Site, route: &str) -> Vec<(String, String)> {
        let html = self.page(site, route).unwrap();
        let turn = |part: &str| {
            let id = part.split("id=\"").nth(1).unwrap().split('"').next().unwrap();
            let words = part.split("<p>").nth(1).unwrap().split("</p>").next().unwrap();
            (words.to_owned(), id.to_owned())
        };
        let turns: Vec<(String, String)> = html.split("<article class=\"turn\"").skip(1).map(turn).collect();
        let ids: BTreeSet<&str> = turns.iter().map(|(_, id)| id.as_str()).collect();
        assert_eq!(ids.len(), turns.len(), "each id is there once");
        for link in html.split("href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            assert!(html.contains(&format!("id=\"{link}\"")), "#{link} leads somewhere");
        }
        turns
    }

    #[track_caller]
    fn ids(&self, site: &Site, route: &str) -> Vec<String> {
        self.turns(site, route).into_iter().map(|(_, id)| id).collect()
    }

    /// How many turns of the show have a line.
    fn n_turn_lines(&self, lock: &str) -> usize {
        self.text(lock).lines().filter(|line| line.split(' ').nth(1) == Some("turn")).count()
    }

    /// The guid and present route of each line of a lock, by path.
    fn lines(&self, lock: &str) -> BTreeMap<String, (String, String)> {
        let text = self.text(lock);
        let episodes =
            text.lines().map(|line| line.split(' ').collect::<Vec<_>>()).filter(|words| words[1] == "episode");
        episodes.map(|words| (words[2].to_owned(), (words[0].to_owned(), words[5].to_owned()))).collect()
    }
}

const BELLS: &str = "**Ann Lee:** Who rings the bells out there at night?\n\n**Bo Dahl:** The tide does, twice a day, \
and nobody pays it for the work that it is doing.\n\n**Ann Lee:** And when there is no wind at all?\n\n\
**Bo Dahl:** Then you hear the other ones, the small ones under the pier.\n\n**Ann Lee:** Yes.\n\n\
**Bo Dahl:** They are older than the harbour.\n";

const GULLS: &str = "**Ann Lee:** What do gulls want?\n\n**Cy Ray:** Everything, and before you have it.\n\n\
**Ann Lee:** Even the bread that we throw away?\n\n**Cy Ray:** That first of all.\n\n**Ann Lee:** Do they sleep?\n\n\
**Cy Ray:** Only on the roof of the ferry.\n";

fn author() -> Author {
    Author::of(&[
        ("ferry/001-bells.md", BELLS),
        ("ferry/002-gulls.md", GULLS),
        ("ferry/show.toml", "title = 'Ferry'\n"),
        ("pier/001-ropes.md", &BELLS.replace("bells", "ropes").replace("tide", "rope").replace("Yes", "No")),
        ("pier/show.toml", "title = 'Pier'\n"),
    ])
}

#[test]
fn a_renamed_file_keeps_guid_route_and_ids() {
    let mut author = author();
    let site = author.publish();
    let (ids, lines) = (author.ids(&site, "/ferry/001-bells/"), author.lines("ferry/show.lock"));
    author.rename("ferry/001-bells.md", "ferry/001 bells & tides.md");
    author.edit("ferry/001 bells & tides.md", "small ones", "little ones");
    let site = author.publish();
    assert_eq!(author.ids(&site, "/ferry/001-bells/"), ids);
    let now = author.lines("ferry/show.lock");
    assert_eq!(now["001%20bells%20&%20tides.md"], lines["001-bells.md"]);
    assert!(!now.contains_key("001-bells.md") && now["002-gulls.md"] == lines["002-gulls.md"]);
}

#[test]
fn a_file_in_another_show_keeps_guid_and_ids_and_leaves_a_redirect() {
    let mut author = author();
    let site = author.publish();
    let ids = author.ids(&site, "/ferry/001-bells/");
    let guid = author.lines("ferry/show.lock")["001-bells.md"].0.clone();
    author.rename("ferry/001-bells.md", "pier/007-bells.md");
    let site = author.publish();
    assert_eq!(author.lines("pier/show.lock")["007-bells.md"], (guid, "/pier/001-bells/".to_owned()));
    assert!(!author.text("ferry/show.lock").contains("bells"), "the line moved");
    assert_eq!(author.ids(&site, "/pier/001-bells/"), ids);
    let html = author.page(&site, "/ferry/001-bells/").unwrap();
    for part in [
        "<meta name=\"robots\" content=\"noindex\">",
        "<link rel=\"canonical\" href=\"https://example.org/pier/001-bells/\">",
        "<meta http-equiv=\"refresh\" content=\"0; url=../../pier/001-bells/\">",
        "data-onward=\"../../pier/001-bells/\"></script>",
        "<a href=\"../../pier/001-bells/\">",
    ] {
        assert!(html.contains(part), "{part} is not in {html}");
    }
    let sitemap = author.page(&site, "/sitemap.xml").unwrap();
    assert!(sitemap.contains("/pier/001-bells/") && !sitemap.contains("/ferry/001-bells/"));
    author.rename("pier/007-bells.md", "ferry/001-bells.md");
    let site = author.publish();
    assert_eq!(author.ids(&site, "/ferry/001-bells/"), ids, "and back");
    assert!(author.page(&site, "/pier/001-bells/").unwrap().contains("url=../../ferry/001-bells/"));
}

#[test]
fn a_declared_slug_changes_the_route_and_what_is_taken_is_an_error() {
    let mut author = author();
    author.publish();
    author.put("ferry/001-bells.md", &format!("+++\nslug = 'tides'\naliases = ['/old/bells']\n+++\n{BELLS}"));
    let site = author.publish();
    for route in ["/ferry/001-bells/", "/old/bells/"] {
        assert!(author.page(&site, route).unwrap().contains("/tides/"), "{route}");
    }
    author.put("ferry/001-bells.md", BELLS);
    let site = author.publish();
    assert!(author.page(&site, "/ferry/tides/").unwrap().contains("<article"), "an address stays");
    author.put("ferry/002-gulls.md", &format!("+++\nslug = '001-bells'\n+++\n{GULLS}"));
    let (_, diagnostics) = author.build();
    let error = diagnostics.iter().find(|d| d.code == "same-address").unwrap();
    assert!(error.message.contains("`content/ferry/001-bells.md`"), "{}", error.message);
    assert!(error.message.contains("`content/ferry/002-gulls.md`"), "{}", error.message);
}

#[test]
fn two_files_that_are_swapped_stay_two_episodes() {
    let mut author = author();
    author.publish();
    let lines = author.lines("ferry/show.lock");
    author.put("ferry/001-bells.md", GULLS);
    author.put("ferry/002-gulls.md", BELLS);
    author.publish();
    let now = author.lines("ferry/show.lock");
    assert_eq!((&now["001-bells.md"], &now["002-gulls.md"]), (&lines["002-gulls.md"], &lines["001-bells.md"]));
}

/// What an edit of the bells does: for each turn of now the turn that it was.
#[track_caller]
fn check_turns(edit: impl Fn(&mut Author), expected: &[Option<usize>]) {
    let mut author = author();
    let site = author.publish();
    let before = author.ids(&site, "/ferry/001-bells/");
    edit(&mut author);
    let site = author.publish();
    let now: Vec<Option<usize>> =
        author.ids(&site, "/ferry/001-bells/").iter().map(|id| before.iter().position(|before| before == id)).collect();
    assert_eq!(now, expected);
}

const FILE: &str = "ferry/001-bells.md";

#[test]
fn edits_of_turns_keep_their_ids() {
    let all = [0, 1, 2, 3, 4, 5].map(Some);
    check_turns(|author| author.edit(FILE, "Who rings", "Do you know who rings"), &all);
    check_turns(|author| author.edit(FILE, "Ann Lee:", "Anna Lee-Ray:"), &all);
    check_turns(
        |author| {
            author.edit(FILE, "Ann Lee:", "Ann Lee-Ray:");
            author.edit(FILE, "Bo Dahl:", "Bo:");
            author.edit(FILE, "no wind", "no wind and no sea");
        },
        &all,
    );
    check_turns(
        |author| author.edit(FILE, "**Ann Lee:** And", "**Cy Ray:** Listen.\n\n**Ann Lee:** And"),
        &[Some(0), Some(1), None, Some(2), Some(3), Some(4), Some(5)],
    );
    check_turns(
        |author| author.edit(FILE, "**Ann Lee:** Yes.\n\n", ""),
        &[Some(0), Some(1), Some(2), Some(3), Some(5)],
    );
    check_turns(
        |author| {
            author.edit(FILE, "The tide does, twice a day, and", "The tide does.\n\n**Bo Dahl:** Twice a day, and")
        },
        &[Some(0), Some(1), None, Some(2), Some(3), Some(4), Some(5)],
    );
    check_turns(
        |author| author.edit(FILE, "**Ann Lee:** Yes.\n\n**Bo Dahl:** They are", "They are"),
        &[Some(0), Some(1), Some(2), Some(3)],
    );
    check_turns(
        |author| {
            let text = author.text(FILE);
            let (first, rest) = text.split_at(text.find("**Ann Lee:** And").unwrap());
            author.put(FILE, &format!("{}\n{first}", rest));
        },
        &[2, 3, 4, 5, 0, 1].map(Some),
    );
}

#[test]
fn a_turn_that_is_reworded_again_keeps_its_first_id() {
    let mut author = author();
    let site = author.publish();
    let ids = author.ids(&site, "/ferry/001-bells/");
    assert_eq!(author.n_turn_lines("ferry/show.lock"), 0, "nothing is changed, nothing is written");
    for (from, to) in [("Who rings", "Who strikes"), ("Who strikes", "Who moves"), ("Who moves", "Who tolls")] {
        author.edit(FILE, from, to);
        let site = author.publish();
        assert_eq!(author.ids(&site, "/ferry/001-bells/"), ids, "{to}");
        assert_eq!(author.n_turn_lines("ferry/show.lock"), 1, "{to}");
        let person = author.page(&site, "/people/ann-lee/").unwrap();
        assert!(person.contains(&format!("#{}", ids[0])), "first words lead to the turn");
    }
    author.edit(FILE, "Who tolls", "Who rings");
    author.publish();
    assert_eq!(author.n_turn_lines("ferry/show.lock"), 0, "the first words need no line");
}

#[test]
fn ids_are_kept_while_the_lock_cannot_be_written() {
    let mut author = author();
    let site = author.publish();
    let ids = author.ids(&site, "/ferry/001-bells/");
    for words in ["strikes", "strikes", "moves", "moves"] {
        let text = BELLS.replace("Who rings", &format!("Who {words}"));
        author.put(FILE, &text);
        let (site, _) = author.open(author.remembered.memo());
        assert_eq!(author.ids(&site, "/ferry/001-bells/"), ids, "{words}");
        author.remembered.renew(&site);
    }
    let site = author.publish();
    assert_eq!(author.ids(&site, "/ferry/001-bells/"), ids);
}

#[test]
fn a_preview_keeps_the_ids_of_a_file_that_is_unreadable_for_a_moment() {
    let mut author = author();
    let site = author.publish();
    let ids = author.ids(&site, "/ferry/001-bells/");
    author.request.origin = Some("http://127.0.0.1:4000".to_owned());
    for (now, words) in [(FILE, "strikes"), ("ferry/009-tolls.md", "tolls")] {
        author.put(FILE, &"\0".repeat(9));
        let (site, _) = author.open(author.remembered.memo());
        assert!(author.page(&site, "/ferry/001-bells/").is_none());
        author.remembered.renew(&site);
        author.remove(FILE);
        author.put(now, &BELLS.replace("Who rings", &format!("Who {words}")));
        for memo in [site.memo(), author.remembered.memo()] {
            let (site, _) = author.open(memo);
            assert_eq!(author.ids(&site, "/ferry/001-bells/"), ids, "{now}");
        }
    }
}

#[test]
fn the_front_matter_changes_no_line() {
    let mut author = author();
    author.publish();
    let lock = author.text("ferry/show.lock");
    author.put(FILE, &format!("+++\ntitle = 'Bells'\ntags = ['sea']\n+++\n{BELLS}"));
    author.publish();
    assert_eq!(author.text("ferry/show.lock"), lock);
}

#[test]
fn what_is_gone_comes_back_as_it_was() {
    let mut author = author();
    let site = author.publish();
    let ids = author.ids(&site, "/ferry/001-bells/");
    author.edit(FILE, "Who rings", "Who strikes");
    author.publish();
    let (lock, text) = (author.text("ferry/show.lock"), author.remove(FILE));
    let site = author.publish();
    assert_eq!(author.text("ferry/show.lock"), lock, "the line stays");
    assert!(author.page(&site, "/ferry/001-bells/").is_none());
    author.put("ferry/009-back.md", std::str::from_utf8(&text).unwrap());
    let site = author.publish();
    assert_eq!(author.ids(&site, "/ferry/001-bells/"), ids);
    author.remove("ferry/009-back.md");
    author.put(FILE, "**Di Fox:** Something else.\n\n**Ed Roe:** Quite.\n\n**Di Fox:** So.\n\n**Ed Roe:** It is.\n");
    let (_, diagnostics) = author.build();
    assert!(diagnostics.iter().any(|d| d.code == "address-reused"), "{diagnostics:?}");
    assert_eq!(author.lines("ferry/show.lock").len(), 3);
}

#[test]
fn drafts_and_the_future_are_promised_nothing() {
    let mut author = author();
    author.request.today = Some(podleaf::model::time::Day { year: 2026, month: 1, day: 1 });
    author.put("ferry/003-draft.md", &format!("+++\ndraft = true\n+++\n{FINE}"));
    author.put("ferry/004-later.md", &format!("+++\ndate = 2030-01-01\n+++\nLater. {FINE}"));
    author.request.drafts = true;
    author.request.future = true;
    let site = author.publish();
    assert!(author.page(&site, "/ferry/003-draft/").is_some() && author.page(&site, "/ferry/004-later/").is_some());
    assert_eq!(author.lines("ferry/show.lock").len(), 2);
    author.request.drafts = false;
    let lines = author.lines("ferry/show.lock");
    author.put(FILE, &format!("+++\ndraft = true\n+++\n{BELLS}"));
    author.put("ferry/005-copy.md", BELLS);
    author.publish();
    let now = author.lines("ferry/show.lock");
    assert_eq!(now["001-bells.md"], lines["001-bells.md"], "a draft that was published keeps its line");
    assert_ne!(now["005-copy.md"].0, lines["001-bells.md"].0);
}

#[test]
fn a_draft_that_comes_back_keeps_the_ids_of_reworded_turns() {
    let mut author = author();
    let site = author.publish();
    let ids = author.ids(&site, "/ferry/001-bells/");
    let reworded = BELLS.replace("Who rings", "Who strikes").replace("Yes", "Mostly");
    for text in [BELLS, &reworded, &reworded.replace("strikes", "moves")] {
        author.put(FILE, &format!("+++\ndraft = true\n+++\n{text}"));
        let site = author.publish();
        assert!(author.page(&site, "/ferry/001-bells/").is_none());
    }
    author.put(FILE, &reworded);
    let site = author.publish();
    assert_eq!(author.ids(&site, "/ferry/001-bells/"), ids);
}

#[test]
fn the_lock_stands_above_a_guid_that_is_declared_later() {
    let mut author = author();
    author.publish();
    let lock = author.text("ferry/show.lock");
    author.put(FILE, &format!("+++\nguid = 'mine'\n+++\n{BELLS}"));
    let (_, diagnostics) = author.build();
    let warning = diagnostics.iter().find(|d| d.code == "guid-published").unwrap();
    assert_eq!(warning.path.as_ref().unwrap().as_str(), "content/ferry/001-bells.md");
    assert_eq!(author.text("ferry/show.lock"), lock);
}

#[test]
fn a_declared_guid_is_an_episode_whatever_its_file_is() {
    let mut author = author();
    author.put(FILE, &format!("+++\nguid = 'mine'\n+++\n{BELLS}"));
    author.publish();
    author.remove(FILE);
    author.put("pier/new.md", &format!("+++\nguid = 'mine'\n+++\n{FINE}"));
    author.publish();
    assert_eq!(author.lines("pier/show.lock")["new.md"], ("mine".to_owned(), "/pier/001-bells/".to_owned()));
    assert!(!author.text("ferry/show.lock").contains("mine"));
    let gulls = author.lines("ferry/show.lock")["002-gulls.md"].0.clone();
    author.put("pier/thief.md", &format!("+++\nguid = '{gulls}'\n+++\n{}", FINE.replace("Fine", "Mine")));
    let (_, diagnostics) = author.open(Memo::default());
    let error = diagnostics.iter().find(|d| d.code == "same-guid").unwrap();
    assert!(error.message.contains("thief.md") && error.message.contains("002-gulls.md"), "{}", error.message);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_sequence_of_edits_is_applied_once(
        builds in prop::collection::vec(prop::collection::vec((0..9_usize, any::<usize>(), 0..40_u32), 1..4), 1..5),
    ) {
        let mut author = author();
        author.publish();
        let mut trash = Vec::new();
        for edits in builds {
            for (kind, which, number) in edits {
                let texts = author.files.contents().keys().filter(|path| path.extension() == "md");
                let names: Vec<String> = texts.map(|path| path.as_str().to_owned()).collect();
                if names.is_empty() { break }
                let name = names[which % names.len()].clone();
                let other = names[number as usize % names.len()].clone();
                let show = ["ferry", "pier"][which % 2];
                let text = author.files.text(&name);
                match kind {
                    0 => author.files.rename(&name, &format!("content/{show}/{number}.md")),
                    1 => trash.push((name.clone(), author.files.remove(&name))),
                    2 => { if let Some((name, bytes)) = trash.pop() { author.files.put(&name, bytes); } }
                    3 => {
                        let two = author.files.text(&other);
                        author.files.put(&other, text);
                        author.files.put(&name, two);
                    }
                    4 => author.put(&format!("{show}/{number}-copy.md"), &text),
                    5 => author.files.put(&name, text.replacen(":** ", &format!(":** Well {number}, "), 1)),
                    6 => author.files.put(&name, text.replace("Ann Lee", &format!("Ann {number}"))),
                    7 => author.files.put(&name, format!("{text}\n**Ann Lee:** Number {number}.\n")),
                    _ => author.put(&format!("{show}/{number}.md"), &FINE.replace("Fine", &format!("Well {number}"))),
                }
            }
            // `build` sees that the locks and ids of a second build are the same.
            let (site, diagnostics) = author.build();
            prop_assert!(!diagnostics.iter().any(|d| d.code == "same-guid"), "{diagnostics:?}");
            let lines = ["ferry/show.lock", "pier/show.lock"].map(|lock| author.lines(lock));
            let guids: BTreeSet<&String> = lines.iter().flat_map(|lines| lines.values().map(|(guid, _)| guid)).collect();
            prop_assert_eq!(guids.len(), lines[0].len() + lines[1].len(), "every guid is there once");
            let sources: Vec<&str> =
                author.files.contents().keys().map(SitePath::as_str).filter(|path| path.ends_with(".md")).collect();
            prop_assert_eq!(sources.len(), site.counts().episodes);
            for (show, lines) in ["content/ferry/", "content/pier/"].iter().zip(&lines) {
                let missing = sources.iter().find(|path| path.strip_prefix(show).is_some_and(|path| !lines.contains_key(path)));
                prop_assert_eq!(missing, None, "every episode has a line");
            }
        }
    }
}

#[test]
fn a_lock_that_is_deleted_is_forgotten() {
    let mut author = author();
    let site = author.publish();
    let first = author.ids(&site, "/ferry/001-bells/");
    author.edit(FILE, "Who rings", "Who strikes");
    author.publish();
    let lines = author.lines("ferry/show.lock");
    author.remove("ferry/show.lock");
    let site = author.publish();
    let now = author.ids(&site, "/ferry/001-bells/");
    assert!(now[0] != first[0] && now[1..] == first[1..], "the ids are those of the words");
    assert_eq!(author.lines("ferry/show.lock"), lines, "what comes from path and show is the same");
}

#[test]
fn one_line_of_two_locks_is_used() {
    let mut author = author();
    author.publish();
    let line = author.text("ferry/show.lock").lines().find(|line| line.contains("001-bells")).unwrap().to_owned();
    let pier = author.text("pier/show.lock");
    author.put("pier/show.lock", &format!("{pier}{}\n", line.replace("/ferry/", "/pier/")));
    let (site, diagnostics) = author.build();
    assert!(diagnostics.iter().any(|d| d.code == "lock-line-twice"), "{diagnostics:?}");
    assert_eq!(author.text("pier/show.lock"), pier);
    assert!(author.page(&site, "/pier/001-bells/").unwrap().contains("url=../../ferry/001-bells/"));
}

#[test]
fn a_build_writes_the_lock_and_says_so_once() {
    let site = Built::of(&[("content/a/one.md", FINE), ("content/b/two.md", &FINE.replace("Fine", "Well"))]);
    let run = site.publish();
    assert!(
        run.said.ends_with("  `content/a/show.lock` and `content/b/show.lock` are new: commit them\n"),
        "{}",
        run.said
    );
    let before = site.everything();
    assert!(!site.publish().said.contains("show.lock"));
    let mut now = site.everything();
    now.retain(|path, _| !path.starts_with(site.root().join("public")));
    assert!(now.iter().all(|(path, text)| before.get(path) == Some(text)), "nothing else was written");
    fs::rename(site.root().join("content/a/one.md"), site.root().join("content/b/one.md")).unwrap();
    site.publish();
    assert!(site.page("a/one/index.html").contains("url=../../b/one/"));
    assert!(site.page("b/one/index.html").contains("<article"));
}

#[test]
fn locked_builds_publish_nothing_new() {
    let site = Built::good();
    let run = site.build_with(&["--locked"]);
    assert_eq!(run.code, Some(1), "{}", run.said);
    assert!(run.said.contains("error[lock-behind]") && run.said.contains("+ "), "{}", run.said);
    assert!(!site.root().join("public").exists() && !site.root().join("content/a/show.lock").exists());
    site.publish();
    assert_eq!(site.build_with(&["--locked"]).code, Some(0));
    let run = site.check_refused_by(&["--locked"], "content/a/more.md", &FINE.replace("Fine", "Well"));
    assert!(run.contains("episode more.md"), "{run}");
}

impl Built {
    /// Adds a file and builds with arguments: that ends with 1 and changes nothing.
    #[track_caller]
    fn check_refused_by(&self, arguments: &[&str], file: &str, text: &str) -> String {
        self.put(file, text);
        let before = self.everything();
        let run = self.build_with(arguments);
        assert_eq!(run.code, Some(1), "{}", run.said);
        assert!(self.everything() == before, "nothing is written");
        run.said
    }
}

#[test]
fn a_conflict_is_an_error_and_stays_for_people_to_resolve() {
    let site = Built::good();
    site.publish();
    let path = site.root().join("content/a/show.lock");
    let lock = fs::read_to_string(&path).unwrap();
    let conflict = format!("<<<<<<< HEAD\n{lock}=======\n{}>>>>>>> other\n", lock.replace("good.md", "other.md"));
    for arguments in [&[][..], &["--keep-going"]] {
        fs::write(&path, &conflict).unwrap();
        let run = site.build_with(arguments);
        assert_eq!(run.code, Some(1), "{}", run.said);
        assert!(
            run.said.contains("error[lock-conflict]") && run.said.contains("content/a/show.lock:1:1"),
            "{}",
            run.said
        );
        assert_eq!(fs::read_to_string(&path).unwrap(), conflict);
    }
    fs::write(&path, b"\xff\xfe\xff").unwrap();
    assert_eq!(site.build_with(&["--keep-going"]).code, Some(1));
    assert_eq!(fs::read(&path).unwrap(), b"\xff\xfe\xff");
}

#[test]
fn a_server_and_check_only_warn() {
    use crate::command::podleaf;
    let site = folder();
    put(site.path(), "content/a/good.md", FINE);
    let build = |ci: &str| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_podleaf"));
        let output = command.arg("build").current_dir(site.path()).env("CI", ci).output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        String::from_utf8(output.stderr).unwrap()
    };
    let lock = site.path().join("content/a/show.lock");
    assert!(!podleaf(site.path(), &["check"]).said.contains("lock"), "nothing was published yet");
    assert!(build("true").contains("warning[lock-behind]") && !lock.exists());
    assert!(!build("false").contains("warning") && lock.exists());
    put(site.path(), "content/a/more.md", &FINE.replace("Fine", "Well"));
    let before = fs::read(&lock).unwrap();
    let checked = podleaf(site.path(), &["check"]);
    assert_eq!(checked.code, 0, "{}", checked.said);
    assert!(checked.said.contains("warning[lock-behind]") && checked.said.contains("more.md"), "{}", checked.said);
    assert!(build("1").contains("warning[lock-behind]"));
    assert_eq!(fs::read(&lock).unwrap(), before);
    let refused = podleaf(site.path(), &["build", "--locked"]);
    assert_eq!(refused.code, 1, "the build before had nothing else to do: {}", refused.said);
    assert!(!build("").contains("warning") && fs::read(&lock).unwrap() != before);
}

#[test]
fn a_folder_that_cannot_be_written_is_a_warning() {
    use std::os::unix::fs::PermissionsExt;
    if let Some(site) = given_folder() {
        let output = site.join("out/public");
        let run = crate::command::podleaf(&site.join("in"), &["build", "-o", output.to_str().unwrap()]);
        assert_eq!(run.code, 0, "{}", run.said);
        assert!(run.said.contains("warning[lock-not-written]"), "{}", run.said);
        assert!(output.join("a/good/index.html").is_file());
        return;
    }
    let site = folder();
    put(site.path(), "in/content/a/good.md", FINE);
    fs::create_dir(site.path().join("out")).unwrap();
    fs::set_permissions(site.path().join("out"), fs::Permissions::from_mode(0o777)).unwrap();
    fs::set_permissions(site.path().join("in/content/a"), fs::Permissions::from_mode(0o555)).unwrap();
    again_as_nobody("lock::a_folder_that_cannot_be_written_is_a_warning", site.path());
    fs::set_permissions(site.path().join("in/content/a"), fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(fs::read_dir(site.path().join("in/content/a")).unwrap().count(), 1, "nothing is left there");
}

#[test]
fn a_folder_of_episodes_alone_has_its_lock() {
    let site = Built::of(&[("one.md", FINE)]);
    assert!(site.publish().said.ends_with("  `show.lock` is new: commit it\n"));
    fs::rename(site.root().join("one.md"), site.root().join("two.md")).unwrap();
    site.publish();
    assert!(site.page("one/index.html").contains("<article"));
    assert!(!site.output().keys().any(|file| file.contains("show.lock") || file.starts_with("two")));
}

#[test]
fn what_has_the_name_of_a_lock_and_is_none_does_no_harm() {
    let site = Built::good();
    let path = site.root().join("content/a/show.lock");
    assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
    assert!(site.publish().said.contains("warning[lock-not-written]"));
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert!(site.publish().said.contains("warning[lock-not-written]"));
    fs::remove_dir(&path).unwrap();
    std::os::unix::fs::symlink("/etc/hostname", &path).unwrap();
    assert!(site.publish().said.contains("warning[lock-not-written]"));
    assert_eq!(fs::read_link(&path).unwrap(), std::path::Path::new("/etc/hostname"));
}

#[test]
fn ids_are_kept_through_an_upgrade_of_the_program() {
    let mut author = author();
    let site = author.publish();
    let ids = author.ids(&site, "/ferry/001-bells/");
    for words in ["strikes", "moves", "tolls"] {
        author.put(FILE, &BELLS.replace("Who rings", &format!("Who {words}")));
        author.remembered.upgrade();
        let site = author.publish();
        assert_eq!(author.ids(&site, "/ferry/001-bells/"), ids, "{words}");
    }
}

#[test]
fn what_another_version_of_the_program_remembered_keeps_ids() {
    let site = Built::of(&[("content/a/one.md", FINE)]);
    site.publish();
    let first_id = |site: &Built| {
        let page = site.page("a/one/index.html");
        page.split("<article class=\"turn\"").nth(1).unwrap().split("id=\"").nth(1).unwrap()[..9].to_owned()
    };
    let id = first_id(&site);
    for words in ["How were you?", "How will you be?"] {
        for entry in fs::read_dir(site.root().join(".podleaf")).unwrap().map(Result::unwrap) {
            if entry.file_name().to_str().unwrap().starts_with("episodes-") {
                let bytes = fs::read(entry.path()).unwrap();
                let end = bytes.iter().position(|byte| *byte == b'\n').unwrap();
                let other = [&bytes[..end - 16], b"0123456789abcdef", &bytes[end..]].concat();
                assert_eq!(bytes.len(), other.len());
                fs::write(entry.path(), other).unwrap();
            }
        }
        site.put("content/a/one.md", FINE.replace("How are you?", words));
        site.publish();
        assert_eq!(first_id(&site), id, "{words}");
    }
}
