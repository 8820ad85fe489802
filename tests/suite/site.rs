//! Whole sites from strings: what a folder becomes.

use podleaf::diagnostic::{Diagnostics, Severity};
use podleaf::memo::Memo;
use podleaf::path::{Route, SitePath};
use podleaf::site::{Request, Site};

use crate::world::Files;

fn open(world: &Files) -> (Site, Diagnostics) {
    let (site, diagnostics) =
        Site::open(world, &Request { folder_name: "my-archive".to_owned(), ..Request::default() }, Memo::default());
    (site.unwrap(), diagnostics)
}

fn page(site: &Site, world: &Files, route: &str) -> String {
    world.page(site, route).unwrap()
}

fn errors(diagnostics: &Diagnostics) -> Vec<&'static str> {
    diagnostics.iter().filter(|d| d.severity == Severity::Error).map(|d| d.code).collect()
}

const BARE: &str = "-- 003_9f2c41d87ab0e655.txt --
在小帆 App 上收听本期节目。

核心要点

1、灯塔每七秒亮一次,这是约定。

2、守灯的人最怕的不是风,是安静。


背景

这一期在岬角录音。我们和守灯人谈了一个下午,窗外一直有雾。


01 灯为什么要灭

Mira Oakes
你第一次上塔是什么时候?

顾灯眠
十九岁。师傅说,先学会让灯灭,再学会让它亮。1、2、3,数到七。

Mira Oakes
听起来像反过来的。


02 安静的夜

顾灯眠
最长的一夜,我记了1024 = 2048 这样一行字,自己也看不懂。

Mira Oakes
后来呢?


尾声:天亮之前

顾灯眠
后来天就亮了。

Logo

欢迎订阅,一起看海

更多推荐";

#[test]
fn a_bare_chinese_page_becomes_an_episode() {
    let world = Files::spread(BARE);
    let (site, diagnostics) = open(&world);
    assert!(errors(&diagnostics).is_empty(), "{diagnostics:?}");
    let route = site
        .routes()
        .into_iter()
        .find(|route| route.as_str().len() == 8 && !route.as_str().contains("people"))
        .unwrap()
        .clone();
    let html = page(&site, &world, route.as_str());
    assert_eq!(html.matches("<article class=\"turn\"").count(), 6);
    assert_eq!(html.matches("<section class=\"sect\"").count(), 3);
    assert!(html.contains("Mira Oakes、顾灯眠：灯为什么要灭"), "the title is made of speakers and first section");
    assert!(!html.contains("9f2c41d87ab0e655"), "the file's hash is never shown");
    assert!(html.contains("灯塔每七秒亮一次，这是约定。"), "punctuation is mended");
    assert!(html.contains("欢迎订阅") && !html.contains("Logo"), "the foot is kept, the leftover dropped");
    assert!(html.contains("1024 = 2048"));
    assert!(!html.contains("更多推荐"), "nothing is related in an archive of one");
    let explained = site.explain(&world, &SitePath::new("003_9f2c41d87ab0e655.txt").unwrap()).unwrap();
    assert!(explained.contains("leftover, dropped") && explained.contains("Logo"), "{explained}");
}

#[test]
fn hostile_text_stays_text() {
    let evil = "</script><script>alert(1)</script><img src=x onerror=alert(2)>";
    let files = format!(
        "-- content/a/one.md --\n+++\ntitle = '{evil}'\ndescription = '{evil}'\ntags = ['{evil}']\nguests = ['{evil}']\n+++\n## Key points\n\n- {evil}\n\n## {evil}\n\n**Ann:** {evil} [x](javascript:alert(3)) {{{{ 7*7 }}}}\n\n**Bo {evil}:** hi\n\n**Ann:** yes\n\n**Bo {evil}:** no\n"
    );
    let world = Files::spread(&files);
    let (site, _) = open(&world);
    for route in site.routes() {
        if !(route.as_str().ends_with('/') || route.as_str().ends_with(".html")) {
            continue;
        }
        let html = page(&site, &world, route.as_str());
        let n_scripts = usize::from(!route.as_str().ends_with("/transcript.html"));
        assert_eq!(html.matches("<script").count(), n_scripts, "{route}: only the theme's own script");
        assert!(!html.contains("<img src=x") && !html.contains("href=\"javascript:"), "{route}");
    }
    let html = page(&site, &world, "/a/one/");
    assert!(html.contains("{{ 7*7 }}"));
}

#[test]
fn two_episodes_with_one_address_are_an_error_that_names_both() {
    let world = Files::spread(
        "-- content/a/one.md --\n**A:** x\n\n**B:** y\n-- content/a/two.md --\n+++\nslug = 'one'\n+++\n**A:** x\n\n**B:** y\n",
    );
    let (_, diagnostics) = open(&world);
    let found = diagnostics.iter().find(|d| d.code == "same-address").unwrap();
    assert!(found.message.contains("content/a/one.md"));
    assert_eq!(found.path.as_ref().unwrap().as_str(), "content/a/two.md");
}

#[test]
fn drafts_and_the_future_wait() {
    let world = Files::spread(
        "-- a.md --\n+++\ndraft = true\n+++\nText.\n-- b.md --\n+++\ndate = 2030-01-01\n+++\nText.\n-- c.md --\nText.\n",
    );
    let today = podleaf::model::time::Day { year: 2026, month: 1, day: 1 };
    let count = |request: &Request| Site::open(&world, request, Memo::default()).0.unwrap().counts().episodes;
    let request = Request { today: Some(today), ..Request::default() };
    assert_eq!(count(&request), 1);
    assert_eq!(count(&Request { drafts: true, ..request.clone() }), 2);
    assert_eq!(count(&Request { drafts: true, future: true, ..request }), 3);
}

#[test]
fn a_page_is_never_made_from_a_file_that_changed() {
    let mut world = Files::spread("-- a.md --\n**A:** x\n\n**B:** y\n");
    let (site, _) = open(&world);
    world.put("a.md", "**A:** other\n");
    assert!(matches!(site.render(&world, &Route::new("/a/").unwrap()), Err(podleaf::site::Stale::Changed(_))));
}

#[test]
fn a_key_changes_with_what_the_page_shows_and_with_nothing_else() {
    let text = |first: &str, other: &str| {
        format!("-- a.md --\n**Ann:** {first}\n\n**Bob:** y\n-- b.md --\n**Cid:** {other}\n\n**Dan:** y\n")
    };
    let key = |first: &str, other: &str| {
        let world = Files::spread(&text(first, other));
        open(&world).0.key(&world, &Route::new("/a/").unwrap())
    };
    assert_eq!(key("one two", "x"), key("one two", "x"));
    assert_ne!(key("one two", "x"), key("one three", "x"));
    assert_eq!(key("one two", "x"), key("one two", "z"), "another episode's words do not matter");
    let with = |extra: &str| {
        let world = Files::spread(&format!("{}{extra}", text("one two", "x")));
        open(&world).0.key(&world, &Route::new("/a/").unwrap())
    };
    for changed in [
        "-- podleaf.toml --\ntitle = 'Other'\n",
        "-- podleaf.toml --\nbase_url = 'https://a.example/'\n",
        "-- people.toml --\n[ann]\nname = 'Ann'\nnames = { fr = 'Ah' }\n",
        "-- show.toml --\ntitle = 'Other'\n",
        "-- a.mp3 --\nsound\n",
        "-- templates/components/legend.html --\n{% component legend(entries: array) %}x{% endcomponent legend %}\n",
        "-- templates/i18n/en.toml --\nwho_speaks = 'Voices'\n",
        "-- static/early.js --\n1\n",
        "-- c.md --\n**Ann:** z\n\n**Dan:** y\n",
        "-- pages/p.md --\n+++\nmenu = 1\n+++\nText.\n",
    ] {
        assert_ne!(with(changed), with(""), "{changed}");
    }
    for same in ["-- static/logo.svg --\n<svg/>\n", "-- pages/p.md --\nText.\n"] {
        assert_eq!(with(same), with(""), "{same}");
    }
}

#[test]
fn template_faults_have_a_place() {
    let world =
        Files::spread("-- a.md --\n**A:** x\n\n**B:** y\n-- templates/episode.html --\n<p>\n{{ episode.tite }}\n");
    let (site, _) = open(&world);
    let Err(podleaf::site::Stale::Fault(fault)) = site.render(&world, &Route::new("/a/").unwrap()) else {
        panic!("a fault")
    };
    assert_eq!((fault.path.unwrap().as_str(), fault.place.unwrap().line), ("templates/episode.html", 2));
}

#[test]
fn names_are_listed_as_their_episode_writes_them() {
    let world = Files::spread(
        "-- podleaf.toml --\nlanguage = 'en'\n-- a.md --\n**Ann Lee:** Hello.\n\n**Bo Dahl:** Good day.\n\
         -- b.md --\n**陈明:** 今天的海很蓝。\n\n**李华:** 是的，很蓝。\n\
         -- c.md --\n**Ann Lee:** Hello again.\n\n**Bo Dahl:** Good day.\n",
    );
    let home = page(&open(&world).0, &world, "/");
    assert!(home.contains("<span>Ann Lee, Bo Dahl</span>"), "{home}");
    assert!(home.contains("<span lang=\"zh-Hans\">陈明、李华</span>"), "{home}");
}

#[test]
fn the_shares_beside_a_ribbon_are_in_its_unit() {
    let talk = |times: [&str; 3]| {
        let [one, two, three] = times;
        format!(
            "-- talk.md --\n---\ntitle: Tide\nduration: '1:00'\n---\n**Ann:** {one} Slow.\n\n**Bo:** {two} A good many \
             quick words.\n\n**Ann:** {three} Slow.\n"
        )
    };
    let shares = |times| {
        let world = Files::spread(&talk(times));
        let html = page(&open(&world).0, &world, "/talk/");
        let legend = html.split("<ul class=\"legend\">").nth(1).unwrap().split("</ul>").next().unwrap().to_owned();
        legend.split('%').map(|part| part.rsplit('>').next().unwrap().to_owned()).take(2).collect::<Vec<_>>()
    };
    // Ann has 50 of 60 seconds, and 10 of 30 characters.
    assert_eq!(shares(["[0:00]", "[0:20]", "[0:30]"]), ["83", "17"]);
    assert_eq!(shares(["", "", ""]), ["33", "67"]);
}
