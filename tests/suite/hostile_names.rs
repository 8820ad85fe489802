//! Bad and absurd names of files, and bad addresses, as whole builds: reliability matrix B.

use crate::built::{Built, FINE};
use crate::html::{check_links, pages, words};

fn episode(settings: &str) -> String {
    format!("+++\n{settings}\n+++\n{FINE}")
}

#[test]
fn b27_addresses_that_leave_the_site_are_errors_and_write_nothing() {
    let site = Built::good();
    for (setting, code, column) in [
        ("slug = '../../x'", "bad-slug", 8),
        ("slug = '..'", "bad-slug", 8),
        ("slug = '/etc/x'", "bad-slug", 8),
        ("slug = 'a\\b'", "bad-slug", 8),
        ("aliases = ['../x/']", "bad-alias", 12),
        ("aliases = ['/a/../../x/']", "bad-alias", 12),
        ("aliases = ['https://example.org/x']", "bad-alias", 12),
        ("audio = '../../x.mp3'", "bad-path", 9),
        ("audio = '/../x.mp3'", "bad-path", 9),
        ("image = '../../x.jpg'", "bad-path", 9),
    ] {
        let parts = [&*format!("error[{code}]"), &format!("--> content/a/x.md:2:{column}")];
        site.check_refused("content/a/x.md", episode(setting), 1, &parts);
    }
    for (setting, code, column) in
        [("slug = '../../x'", "bad-slug", 8), ("slug = '..'", "bad-slug", 8), ("image = '../x.jpg'", "bad-path", 9)]
    {
        let parts = [&*format!("error[{code}]"), &format!("--> content/a/show.toml:1:{column}")];
        site.check_refused("content/a/show.toml", setting, 1, &parts);
    }
    site.check_refused("content/pages/x.md", episode("slug = '../x'"), 1, &["bad-slug", "content/pages/x.md:2:8"]);
    assert!(site.outside().is_empty(), "{:?}", site.outside());
}

#[test]
fn b27_an_address_of_another_generator_does_nothing_but_warn() {
    let site = Built::of(&[("content/a/x.md", &episode("url = '/../../x'"))]);
    assert!(site.publish().said.contains("content/a/x.md:2:1"));
    assert!(site.output().contains_key("a/x/index.html") && site.outside().is_empty());
}

#[test]
fn b28_two_pages_with_one_address_are_an_error_that_names_both() {
    let site = Built::of(&[
        ("content/a/one.md", &episode("season = 1")),
        ("content/b/one.md", FINE),
        ("content/pages/about.md", "About."),
    ]);
    for (file, text, names) in [
        ("content/a/two.md", episode("slug = 'one'"), ["content/a/one.md", "content/a/two.md"]),
        ("content/a/two.md", episode("slug = 'season-1'"), ["content/a/one.md", "content/a/two.md"]),
        ("content/pages/two.md", episode("slug = 'about'"), ["content/pages/about.md", "content/pages/two.md"]),
        ("content/pages/b.md", "Text.".to_owned(), ["content/b/one.md", "content/pages/b.md"]),
        ("content/b/show.toml", "slug = 'a'".to_owned(), ["content/a/one.md", "content/b/one.md"]),
        ("content/a/two.md", episode("slug = 'One'"), ["content/a/one.md", "content/a/two.md"]),
    ] {
        let run = site.check_refused(file, text, 1, &names);
        assert!(run.said.contains("error[same-address]"), "{}", run.said);
    }
    site.put("content/a/one.txt", FINE.replace("**", ""));
    site.publish();
}

#[test]
fn b28_an_episode_may_have_the_name_of_its_show() {
    let site = Built::of(&[("content/echo/echo.md", FINE), ("content/echo/echo/echo.mp3", "sound")]);
    site.publish();
    assert!(site.output().contains_key("echo/echo/index.html") && site.output().contains_key("echo/echo/echo.mp3"));
}

#[test]
fn b28_topics_that_differ_in_signs_only_have_addresses_of_their_own() {
    let site =
        Built::of(&[("content/a/x.md", &episode("tags = ['C', 'C++', 'C#', '灯', '塔']\nseries = ['C', 'C++']"))]);
    site.publish();
    let output = site.output();
    let is_page = |file: &&String, folder: &str| file.starts_with(folder) && file.ends_with(".html");
    let n_pages = |folder: &str| output.keys().filter(|file| is_page(file, folder)).count();
    assert_eq!((n_pages("topics/"), n_pages("series/")), (6, 2), "{:?}", output.keys());
    assert!(site.page("topics/c/index.html").contains("<h1>C</h1>"));
    check_links(&output);
}

#[test]
fn b29_a_static_file_at_the_address_of_a_page_is_an_error_that_names_both() {
    let site = Built::good();
    for file in ["static/a/good/index.html", "static/404.html", "static/index.html", "static/A/Good"] {
        let run = site.check_refused(file, "mine", 1, &[file]);
        assert!(run.said.contains("error[same-address]"), "{}", run.said);
    }
    let parts = ["content/a/good.md", "static/a/good/index.html"];
    site.check_refused("static/a/good/index.html", "mine", 1, &parts);
}

#[test]
fn b30_b31_names_that_are_one_elsewhere_are_an_error() {
    let site = Built::of(&[("content/a/caf\u{e9}.md", FINE), ("content/a/one.md", FINE)]);
    for (file, known) in [("content/a/One.md", "one.md"), ("content/a/cafe\u{301}.md", "caf\u{e9}.md")] {
        site.check_refused(file, FINE, 1, &["error[same-name]", known]);
    }
}

#[test]
fn b32_names_of_all_scripts_have_addresses_of_their_own() {
    let names = ["灯塔", "等待", "🎧", "🎧🎧", "Привет", "привет мир", "שלום", "مرحبا", "ก", "é", "ß", "\u{202e}abc"];
    for slugs in ["ascii", "unicode", "pinyin"] {
        let site = Built::of(&[("podleaf.toml", &format!("slugs = '{slugs}'"))]);
        for name in names {
            site.put(&format!("content/a/{name}.md"), FINE);
            site.put(&format!("content/{name}/x.md"), FINE);
        }
        site.publish();
        let output = site.output();
        let n_pages = |n_parts| {
            let is_page = |file: &&String| file.ends_with("/index.html") && file.matches('/').count() == n_parts;
            let is_other = |file: &&String| file.starts_with("people/") || file.starts_with("search/");
            output.keys().filter(is_page).filter(|file| !is_other(file)).count()
        };
        assert_eq!((n_pages(1), n_pages(2)), (names.len() + 1, 2 * names.len()), "{slugs}: {:?}", output.keys());
        check_links(&output);
    }
}

#[test]
fn b33_the_longest_names_are_published() {
    let long = "x".repeat(252);
    let wide = "灯".repeat(84);
    let site = Built::of(&[("podleaf.toml", "slugs = 'unicode'")]);
    for name in [&long, &wide] {
        site.put(&format!("content/{}/{name}.md", &name[..240]), FINE);
        site.put(&format!("content/{}/{name}/photo.jpg", &name[..240]), "picture");
        site.put(&format!("content/pages/p{}.md", &name[..249]), "Text.");
    }
    site.put(&format!("content/a/{}x.md", "d/".repeat(200)), FINE);
    site.put(&format!("static/{}x.txt", "d/".repeat(200)), "text");
    assert!(site.publish().said.contains("warning[not-read]"), "a text in folders of folders is no episode");
    check_links(&site.output());
    assert!(site.output().contains_key(&format!("{}x.txt", "d/".repeat(200))));
}

#[test]
fn b34_no_name_and_no_text_sends_orders_to_the_terminal() {
    let site = Built::good();
    site.publish();
    site.put("content/a/x\u{1b}[31m\n.md", FINE);
    site.put("content/a/y\u{202e}.md", "+++\nti\u{202e}tle = 1\n'\u{202e}' = 2\n+++\n");
    site.put("content/\u{9b}2J/z.md", FINE);
    site.put("podleaf.toml", "'a\\u001b[31m' = 1\nbase_url = \"\\u001b]0;x\\u0007\"\n");
    let run = site.build();
    assert_eq!(run.code, Some(1));
    assert!(run.said.contains(r"x\u{1b}[31m\n.md") && run.said.contains(r"y\u{202e}.md"), "{}", run.said);
    let steers = |c: &char| c.is_control() && *c != '\n' || *c == '\u{202e}';
    assert_eq!(run.said.chars().find(steers), None, "{:?}", run.said);
}

#[test]
fn b36_markup_in_names_is_text() {
    let evil = "<img src=x onerror=alert(1)>\"' onload='x";
    for slugs in ["ascii", "unicode"] {
        let site = Built::of(&[("podleaf.toml", &format!("slugs = '{slugs}'"))]);
        for file in ["content/EVIL/EVIL.md", "content/EVIL/EVIL/EVIL.jpg", "content/pages/pEVIL.md", "static/EVIL.txt"]
        {
            site.put(&file.replace("EVIL", evil), FINE);
        }
        site.publish();
        let output = site.output();
        let mut n_pictures = 0;
        for (file, page) in pages(&output) {
            for element in page.elements() {
                assert!(element.value().attrs().all(|(name, _)| !name.starts_with("on")), "{file}");
            }
            n_pictures += page.named("img").inspect(|img| assert!(img.value().attr("src") != Some("x"))).count();
        }
        assert!(n_pictures > 0, "the picture is shown");
        let titles = pages(&output).into_values().flat_map(|page| page.named("h1").map(words).collect::<Vec<_>>());
        assert!(titles.into_iter().any(|title| title.contains("<img src=x onerror=alert(1)>")));
        check_links(&output);
    }
}

#[test]
fn b38_links_to_odd_names_lead_to_their_files() {
    let names =
        ["-dash", "~tilde", "100%2fdone", "what?", "a#b", "a&b;c", "x y", "it's \"so\"", "[u](v)", "d+e=f", "%", "*"];
    for slugs in ["ascii", "unicode"] {
        let site = Built::of(&[("podleaf.toml", &format!("slugs = '{slugs}'"))]);
        for (idx, name) in names.iter().enumerate() {
            site.put(&format!("content/{name}/{idx}.md"), FINE);
            let picture =
                format!("+++\nslug = '''x{name}'''\ntags = ['''{name}''']\nimage = '''{name}.jpg'''\n+++\n{FINE}");
            site.put(&format!("content/a/{name}.md"), picture);
            site.put(&format!("content/a/{name}/{name}.jpg"), "picture");
            site.put(&format!("content/a/{name}/{name}.mp3"), "sound");
            site.put(&format!("content/pages/p{idx}{name}.md"), format!("+++\nmenu = {idx}\n+++\nText."));
        }
        site.publish();
        let output = site.output();
        check_links(&output);
        let media = |ext: &str| output.keys().filter(|file| file.ends_with(ext)).count();
        assert_eq!((media(".jpg"), media(".mp3")), (names.len(), names.len()), "{slugs}");
        let shown: usize = pages(&output).values().map(|page| page.named("img").count()).sum();
        assert!(shown >= names.len(), "{shown}");
        assert!(output.contains_key("a/x100%2fdone/100%2fdone.jpg"));
    }
}
