//! What a deploy will do: a pure function of what is at the target and what shall be there.

use std::collections::{BTreeMap, BTreeSet};

use super::manifest::{SiteFile, SiteManifest};
use super::promises::Promises;
use crate::hash::ContentHash;
use crate::path::{Route, percent_decoded};

/// The hash of bytes that nobody knows.
const UNCERTAIN: ContentHash = ContentHash::from_bytes([0; 16]);
/// More deletions than this need consent.
const MANY_FILES: usize = 256;
/// Deletions of more than one file in so many, likewise.
const MANY_SHARE: usize = 4;

/// A step of a deploy. In this order no page that readers can reach points at something that is not there: what pages need
/// comes before them, new pages and feeds before what leads to them, the entrances of a new site last, and what lists pages
/// after them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Style sheets, scripts, pictures, media, transcripts and whatever else pages point at.
    Assets,
    /// Pages at new addresses.
    AddedPages,
    /// Feeds at new addresses: pages name them, and they name pages.
    AddedFeeds,
    /// Pages with other bytes than before.
    ChangedPages,
    /// The home page, and the one for addresses that do not exist.
    Entrances,
    /// Feeds with other bytes than before.
    ChangedFeeds,
    /// The sitemap, what changed of the search index, and lists for programs and hosts.
    Lists,
}

impl Phase {
    /// What is sent in it, for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Assets => "assets and media",
            Self::AddedPages => "new pages",
            Self::AddedFeeds => "new feeds",
            Self::ChangedPages => "changed pages",
            Self::Entrances => "the home page",
            Self::ChangedFeeds => "feeds",
            Self::Lists => "sitemap and search",
        }
    }

    /// The phase of a file.
    fn of(file: &str, is_new: bool) -> Self {
        let name = file.rsplit('/').next().unwrap_or(file);
        let is_feed = matches!(name, "feed.xml" | "atom.xml" | "feed.json");
        let is_list = name.starts_with("sitemap")
            || matches!(name, "robots.txt" | "llms.txt" | "archive.jsonl" | "_headers" | "_redirects");
        // What is new of these, nothing leads to before its page is there.
        let is_changed_list = !is_new && (file.starts_with("search/") && name != "index.html" || name == "index.md");
        match () {
            () if is_list || is_changed_list => Self::Lists,
            () if is_feed && is_new => Self::AddedFeeds,
            () if is_feed => Self::ChangedFeeds,
            () if matches!(file, "index.html" | "404.html") => Self::Entrances,
            () if !is_page(file) => Self::Assets,
            () if is_new => Self::AddedPages,
            () => Self::ChangedPages,
        }
    }
}

/// Whether readers see the file as a page.
fn is_page(file: &str) -> bool {
    matches!(file, "404.html" | "index.html") || file.ends_with("/index.html")
}

/// What a deploy will send, keep and delete. Lists are in the order of paths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan<'m> {
    /// Files at new addresses.
    pub added: Vec<&'m SiteFile>,
    /// Files with other bytes, another type or other caching than before.
    pub changed: Vec<&'m SiteFile>,
    /// Files of the site before that are no longer part of it and will be deleted.
    pub removed: Vec<&'m SiteFile>,
    /// Fingerprinted files of the site before, which stay until there is another.
    pub kept: Vec<&'m SiteFile>,
    /// What earlier deploys left to be deleted.
    pub leftover: Vec<&'m str>,
    /// Whether there is another site than before; else deletions are finished at most.
    is_other: bool,
    /// How many files stay as they are.
    pub n_unchanged: usize,
    /// How many files the site had before.
    pub n_before: usize,
}

impl<'m> Plan<'m> {
    /// The way from what is at a target to what shall be there.
    pub fn between(old: &'m SiteManifest, new: &'m SiteManifest) -> Self {
        let (mut added, mut changed, mut n_unchanged) = (Vec::new(), Vec::new(), 0);
        for file in &new.files {
            match old.entry(&file.file) {
                Some(before) if before.is_same_as(file) => n_unchanged += 1,
                Some(_) => changed.push(file),
                None => added.push(file),
            }
        }
        let gone = old.files.iter().filter(|file| new.entry(&file.file).is_none());
        let (gone, removed): (Vec<_>, Vec<_>) = gone.partition(|file| file.is_immutable());
        let is_other = !(added.is_empty() && changed.is_empty() && removed.is_empty() && gone.is_empty());
        let (kept, expired) = if is_other { (gone, &old.kept[..]) } else { (old.kept.iter().collect(), &[][..]) };
        let leftover = expired.iter().map(|file| &file.file).chain(&old.leftover).map(String::as_str).filter(|file| {
            new.entry(file).is_none() && !kept.iter().chain(&removed).any(|listed| listed.file == *file)
        });
        let leftover: BTreeSet<&str> = leftover.collect();
        let leftover = leftover.into_iter().collect();
        Self { added, changed, removed, kept, leftover, is_other, n_unchanged, n_before: old.files.len() }
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        !self.is_other && self.leftover.is_empty()
    }

    /// Bytes to send.
    pub fn bytes(&self) -> u64 {
        self.added.iter().chain(&self.changed).map(|file| file.size).sum()
    }

    /// What is sent, phase by phase; phases in which nothing is sent are left out.
    pub fn phases(&self) -> Vec<(Phase, Vec<&'m SiteFile>)> {
        let mut phases: BTreeMap<Phase, Vec<&'m SiteFile>> = BTreeMap::new();
        let all = self.added.iter().map(|file| (*file, true)).chain(self.changed.iter().map(|file| (*file, false)));
        for (file, is_new) in all {
            phases.entry(Phase::of(&file.file, is_new)).or_default().push(file);
        }
        phases.into_iter().collect()
    }

    /// What is deleted once all is sent: pages first, then what they point at.
    pub fn deletions(&self) -> Vec<&'m str> {
        let all = self.removed.iter().map(|file| file.file.as_str()).chain(self.leftover.iter().copied());
        let (mut pages, others): (Vec<_>, Vec<_>) = all.partition(|file| is_page(file));
        pages.extend(others);
        pages
    }

    /// Whether so much is deleted that it may be a mistake.
    pub fn deletes_much(&self) -> bool {
        let n = self.removed.len();
        n > MANY_FILES || n * MANY_SHARE > self.n_before
    }

    /// Pages and feeds that promise something else than before, whose old bytes say what.
    pub fn broken(&self, old: &SiteManifest) -> Vec<&'m SiteFile> {
        let before = |file: &SiteFile| old.entry(&file.file).and_then(|before| before.promises);
        self.changed.iter().copied().filter(|file| before(file).is_some() && before(file) != file.promises).collect()
    }

    /// The manifest while files are sent: of those that change nothing is certain, those that are added may be there.
    /// Whatever then happens, the next plan sends and deletes what it has to.
    pub fn intent(&self, old: &SiteManifest, deploy: &str) -> SiteManifest {
        let mut there = old.clone();
        let changed: BTreeSet<&str> = self.changed.iter().map(|file| file.file.as_str()).collect();
        for file in there.files.iter_mut().filter(|file| changed.contains(file.file.as_str())) {
            file.hash = UNCERTAIN;
        }
        let added = self.added.iter().map(|file| file.file.clone());
        let leftover: BTreeSet<String> = there.leftover.drain(..).chain(added).collect();
        SiteManifest { leftover: leftover.into_iter().collect(), deploy: deploy.to_owned(), ..there }
    }

    /// The manifest once all is sent and before anything is deleted.
    pub fn outcome(&self, new: &SiteManifest, deploy: &str) -> SiteManifest {
        let leftover: BTreeSet<String> = self.deletions().into_iter().map(str::to_owned).collect();
        SiteManifest {
            files: new.files.clone(),
            kept: self.kept.iter().map(|file| (*file).clone()).collect(),
            leftover: leftover.into_iter().collect(),
            deploy: deploy.to_owned(),
        }
    }
}

/// Something that readers or apps will notice, and that may not be meant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Notice {
    /// A page, or a file without its page, has no address any more.
    Removed(String),
    /// A page has lost the ids that links point at.
    LostAnchors(String, Vec<String>),
    /// An item of a feed has another guid: apps take it for a new episode.
    ChangedGuid(String, String, String),
    /// An item of a feed is gone.
    LostItem(String, String),
    /// An item of a feed has another recording: feed, guid, before, now.
    ChangedRecording(String, String, String, String),
}

/// What `_redirects` says: the decoded paths that lead on.
pub fn redirected(text: &str) -> BTreeSet<String> {
    let from = text.lines().filter_map(|line| line.split_ascii_whitespace().next());
    from.filter(|path| path.starts_with('/')).filter_map(percent_decoded).collect()
}

/// The removed addresses that do not lead on. A file beside a page goes with it: the page alone is named.
pub fn removed_addresses(plan: &Plan<'_>, new: &SiteManifest, redirected: &BTreeSet<String>) -> Vec<Notice> {
    let removed: BTreeSet<&str> = plan.removed.iter().map(|file| file.file.as_str()).collect();
    let is_noticed = |file: &&str| {
        let folder = file.rfind('/').map_or("", |end| &file[..=end]);
        let goes_with_its_page = !is_page(file) && removed.contains(format!("{folder}index.html").as_str());
        let leads_on = redirected.contains(&address(file))
            || redirected.contains(&format!("/{folder}")) && new.entry(&format!("{folder}index.html")).is_some();
        !goes_with_its_page && !leads_on && !matches!(Phase::of(file, false), Phase::Lists)
    };
    removed.iter().copied().filter(is_noticed).map(|file| Notice::Removed(address(file))).collect()
}

/// The address of a file: `/a/` for `a/index.html`.
pub fn address(file: &str) -> String {
    let page = file.strip_suffix("index.html").filter(|folder| folder.is_empty() || folder.ends_with('/'));
    format!("/{}", page.unwrap_or(file))
}

/// The file that a relative link of a page leads to; `None` where it leaves the site.
pub fn led_to(file: &str, link: &str) -> Option<String> {
    let path = percent_decoded(link.split(['#', '?']).next().unwrap_or_default())?;
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            ".." => _ = parts.pop()?,
            "." | "" => {}
            part => parts.push(part),
        }
    }
    let folder = path.ends_with('/') || path.ends_with('.') || path.is_empty();
    let path = format!("/{}{}", parts.join("/"), if folder && !parts.is_empty() { "/" } else { "" });
    Route::new(&path).map(|route| route.file())
}

/// What was promised and is not kept. For a page that leads on, `now` is what the page promises that it leads to.
pub fn broken_promises(file: &str, before: &Promises, now: &Promises) -> Vec<Notice> {
    let mut notices = Vec::new();
    let lost: Vec<String> = before.anchors.difference(&now.anchors).cloned().collect();
    if !lost.is_empty() {
        notices.push(Notice::LostAnchors(address(file), lost));
    }
    let by_recording: BTreeMap<&str, &str> = now
        .items
        .iter()
        .filter(|(guid, _)| !before.items.contains_key(*guid))
        .map(|(guid, url)| (url.as_str(), guid.as_str()))
        .collect();
    for (guid, url) in &before.items {
        let is_empty = url.is_empty();
        match (now.items.get(guid), by_recording.get(url.as_str())) {
            (Some(same), _) if same == url => {}
            (Some(other), _) => {
                notices.push(Notice::ChangedRecording(address(file), guid.clone(), url.clone(), other.clone()));
            }
            (None, Some(other)) if !is_empty => {
                notices.push(Notice::ChangedGuid(address(file), guid.clone(), (*other).to_owned()));
            }
            (None, _) => notices.push(Notice::LostItem(address(file), guid.clone())),
        }
    }
    notices
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::manifest::tests::any_manifest;
    use super::*;

    fn site(files: &[(&str, &str)]) -> SiteManifest {
        let file = |(name, text): &(&str, &str)| {
            SiteFile::new((*name).to_owned(), text.len() as u64, ContentHash::of(text.as_bytes()))
        };
        let mut files: Vec<_> = files.iter().map(file).collect();
        files.sort_by(|one, other| one.file.cmp(&other.file));
        SiteManifest { files, ..SiteManifest::default() }
    }

    fn names(files: &[&SiteFile]) -> Vec<String> {
        files.iter().map(|file| file.file.clone()).collect()
    }

    const BEFORE: [(&str, &str); 7] = [
        ("index.html", "1"),
        ("a/index.html", "1"),
        ("a/turns.json", "1"),
        ("b/index.html", "1"),
        ("assets/aaaaaaaaaa/x.css", "1"),
        ("feed.xml", "1"),
        ("robots.txt", "1"),
    ];

    #[test]
    fn only_what_differs_is_sent_in_the_order_of_its_phases() {
        let old = site(&BEFORE);
        let new = site(&[
            ("index.html", "2"),
            ("a/index.html", "2"),
            ("a/turns.json", "2"),
            ("c/index.html", "1"),
            ("assets/bbbbbbbbbb/x.css", "1"),
            ("feed.xml", "2"),
            ("robots.txt", "1"),
            ("sitemap.xml", "1"),
        ]);
        let plan = Plan::between(&old, &new);
        let phases: Vec<_> = plan.phases().into_iter().map(|(phase, files)| (phase, names(&files).join(" "))).collect();
        let expected = [
            (Phase::Assets, "assets/bbbbbbbbbb/x.css a/turns.json"),
            (Phase::AddedPages, "c/index.html"),
            (Phase::ChangedPages, "a/index.html"),
            (Phase::Entrances, "index.html"),
            (Phase::ChangedFeeds, "feed.xml"),
            (Phase::Lists, "sitemap.xml"),
        ];
        assert_eq!(phases, expected.map(|(phase, files)| (phase, files.to_owned())));
        assert_eq!((names(&plan.removed), plan.n_unchanged, plan.bytes()), (vec!["b/index.html".to_owned()], 1, 7));
        assert_eq!(plan.deletions(), ["b/index.html"]);
    }

    #[test]
    fn old_assets_stay_one_deploy_longer() {
        let (one, two) = (site(&[("assets/aaaaaaaaaa/x.css", "1")]), site(&[("assets/bbbbbbbbbb/x.css", "1")]));
        let plan = Plan::between(&one, &two);
        assert_eq!((plan.removed.len(), names(&plan.kept)), (0, vec!["assets/aaaaaaaaaa/x.css".to_owned()]));
        let there = plan.outcome(&two, "");
        assert!(Plan::between(&there, &two).is_empty(), "nothing else happens, so they stay");
        let three = site(&[("assets/cccccccccc/x.css", "1")]);
        let plan = Plan::between(&there, &three);
        assert_eq!(
            (plan.deletions(), names(&plan.kept)),
            (vec!["assets/aaaaaaaaaa/x.css"], vec!["assets/bbbbbbbbbb/x.css".to_owned()])
        );
        let mut cut_short = plan.outcome(&three, "");
        let rest = Plan::between(&cut_short, &three);
        assert_eq!(rest.deletions(), ["assets/aaaaaaaaaa/x.css"], "deletions that were cut short are no other deploy");
        let outcome = rest.outcome(&three, "");
        cut_short.leftover.clear();
        assert_eq!(SiteManifest { leftover: Vec::new(), ..outcome }, cut_short);
        let back = Plan::between(&there, &one);
        assert!(back.deletions().is_empty(), "what is part of the site again stays");
    }

    #[test]
    fn a_type_or_caching_that_differs_is_a_change() {
        let (old, mut new) = (site(&[("a.txt", "1")]), site(&[("a.txt", "1")]));
        new.files[0].cache = "no-store".to_owned();
        assert_eq!(Plan::between(&old, &new).changed.len(), 1);
    }

    #[test]
    fn much_deleted_needs_consent() {
        let many = |n: usize| {
            let names: Vec<String> = (0..n).map(|idx| format!("{idx:05}/index.html")).collect();
            site(&names.iter().map(|name| (name.as_str(), "")).collect::<Vec<_>>())
        };
        for (before, now, expected) in
            [(4, 3, false), (4, 2, true), (2000, 1744, false), (2000, 1743, true), (3, 3, false)]
        {
            assert_eq!(Plan::between(&many(before), &many(now)).deletes_much(), expected, "{before} {now}");
        }
    }

    #[test]
    fn removed_addresses_are_named_once_and_not_where_they_lead_on() {
        let old = site(&[
            ("a/index.html", ""),
            ("a/turns.json", ""),
            ("b/index.html", ""),
            ("b/turns.json", ""),
            ("c/talk.vtt", ""),
            ("c/index.html", ""),
            ("d/index.html", ""),
        ]);
        let new = site(&[("b/index.html", "leads on"), ("c/index.html", "")]);
        let redirects = redirected("/b/ /x/ 301\n/d/ /y/ 301\n");
        let notices = removed_addresses(&Plan::between(&old, &new), &new, &redirects);
        assert_eq!(notices, ["/a/", "/c/talk.vtt"].map(|file| Notice::Removed(file.to_owned())));
    }

    #[test]
    fn broken_promises_are_found() {
        let promises = |anchors: &[&str], items: &[(&str, &str)]| Promises {
            anchors: anchors.iter().map(|&id| id.to_owned()).collect(),
            items: items.iter().map(|(guid, url)| ((*guid).to_owned(), (*url).to_owned())).collect(),
            leads_to: None,
        };
        let before = promises(&["x", "y"], &[("g1", "1.mp3"), ("g2", "2.mp3"), ("g3", "3.mp3"), ("g4", "4.mp3")]);
        let now = promises(&["y", "z"], &[("g1", "1.mp3"), ("g2", "2b.mp3"), ("g9", "3.mp3")]);
        let text = |text: &str| text.to_owned();
        let feed = || text("/a/");
        let expected = [
            Notice::LostAnchors(feed(), vec![text("x")]),
            Notice::ChangedRecording(feed(), text("g2"), text("2.mp3"), text("2b.mp3")),
            Notice::ChangedGuid(feed(), text("g3"), text("g9")),
            Notice::LostItem(feed(), text("g4")),
        ];
        assert_eq!(broken_promises("a/index.html", &before, &now), expected);
        assert_eq!(broken_promises("a/index.html", &before, &before), []);
    }

    #[test]
    fn links_of_pages_are_followed() {
        for (file, link, expected) in [
            ("a/1/index.html", "../../b/2/", Some("b/2/index.html")),
            ("a/index.html", "../", Some("index.html")),
            ("a/index.html", "%E4%B8%80/#x", Some("a/一/index.html")),
            ("a/index.html", "x.html", Some("a/x.html")),
            ("a/index.html", "../../x", None),
        ] {
            assert_eq!(led_to(file, link).as_deref(), expected, "{file} {link}");
        }
    }

    proptest! {
        #[test]
        fn a_plan_leads_from_one_site_to_the_other(mut old in any_manifest(), new in any_manifest(), kept in any_manifest()) {
            old.kept = kept.files.into_iter().filter(|file| old.entry(&file.file).is_none()).collect();
            let plan = Plan::between(&old, &new);
            let mut there: BTreeMap<&str, &SiteFile> =
                old.files.iter().chain(&old.kept).map(|file| (file.file.as_str(), file)).collect();
            let mut last = None;
            for (phase, files) in plan.phases() {
                prop_assert!(last < Some(phase));
                last = Some(phase);
                for file in files {
                    there.insert(&file.file, file);
                }
            }
            for file in plan.deletions() {
                prop_assert!(new.entry(file).is_none(), "nothing of the site is deleted");
                there.remove(file);
            }
            for file in &new.files {
                let found = there.remove(file.file.as_str());
                prop_assert!(found.is_some_and(|found| found.is_same_as(file)));
            }
            let outcome = plan.outcome(&new, "");
            prop_assert!(there.keys().all(|file| old.kept.iter().chain(&outcome.kept).any(|kept| kept.file == *file)));
            let mut after = outcome.clone();
            after.leftover.clear();
            prop_assert!(Plan::between(&after, &new).is_empty(), "then there is nothing to do");
            prop_assert_eq!(SiteManifest::parse(&outcome.to_bytes()), Some(outcome));
        }

        #[test]
        fn an_interrupted_deploy_is_made_good_by_the_next(
            old in any_manifest(), new in any_manifest(), next in any_manifest(), sent in 0_usize..20,
        ) {
            let plan = Plan::between(&old, &new);
            let all = old.files.iter().chain(plan.added.iter().chain(&plan.changed).copied().take(sent));
            let mut there: BTreeMap<&str, &SiteFile> = all.map(|file| (file.file.as_str(), file)).collect();
            let intent = SiteManifest::parse(&plan.intent(&old, "").to_bytes()).unwrap();
            let plan = Plan::between(&intent, &next);
            for file in plan.added.iter().chain(&plan.changed) {
                there.insert(&file.file, file);
            }
            for file in plan.deletions() {
                there.remove(file);
            }
            for file in &next.files {
                prop_assert!(there.remove(file.file.as_str()).is_some_and(|found| found.is_same_as(file)));
            }
            prop_assert!(there.keys().all(|file| plan.kept.iter().any(|kept| kept.file == *file)));
        }

        #[test]
        fn a_site_that_is_there_needs_nothing(site in any_manifest()) {
            prop_assert!(Plan::between(&site, &site).is_empty());
        }
    }
}
