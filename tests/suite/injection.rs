//! Hostile words through every field into every page, read by a browser's parser: reliability matrix I.

use std::collections::BTreeSet;

use crate::built::{Built, FINE};
use crate::html::{Page, check_links, pages};

const PAYLOADS: [&str; 19] = [
    "</script><script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
    "java&#x73;cript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "<svg onload=alert(1)>",
    "</title></style></textarea></template><iframe srcdoc=x>",
    "]]><a xlink:href=javascript:alert(1)>",
    "--><base href=//evil.example/><!--",
    "{{ 7*7 }}{{ site }}",
    "{% include \"base.html\" %}{# x #}",
    "a\u{2028}b\u{2029}c",
    "a\u{202e}b\u{2066}c",
    "&lt;b&gt; &amp;amp; &#0; &",
    "[x](javascript:alert(1)) ![y](data:text/html,z) <javascript:alert(1)>",
    "`</code><script>alert(1)</script>`",
    "<meta http-equiv=refresh content=0;url=//evil.example>",
    "\\\"</textarea>\\u003cscript>",
];

/// The text as a TOML string. Line separators end a line of every source, unless they are escaped.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap().replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}

/// A site in which `word` gives the text of each field by its name.
fn site(word: impl Fn(&str) -> String) -> Built {
    let q = |field: &str| quoted(&word(field));
    let site = Built::good();
    site.put(
        "podleaf.toml",
        format!(
            "title = {}\ndescription = {}\nbase_url = 'https://example.org/x/'\ncards = false\nfoot = {}\n\
             menu = [{{ title = {}, url = 'about/' }}, {{ title = 'Mail', url = 'mailto:a@example.org' }}]\n\
             [subscribe]\n{} = 'https://example.org/s'\n",
            q("site title"),
            q("site description"),
            q("foot"),
            q("menu"),
            q("subscribe")
        ),
    );
    site.put(
        "people.toml",
        format!(
            "[ann]\nname = {}\nbio = {}\nrole = {}\naliases = [{}]\nsort_as = {}\nnames = {{ zh = {} }}\n\
             links = {{ {} = 'https://example.org/ann' }}\n",
            q("person"),
            q("bio"),
            q("role"),
            q("alias"),
            q("sort"),
            q("other name"),
            q("person link")
        ),
    );
    site.put(
        "content/b/show.toml",
        format!(
            "title = {}\ndescription = {}\ncopyright = {}\nfrequency = {}\n\
             hosts = [{}]\nsubscribe = {{ {} = 'https://example.org/b' }}\n",
            q("show"),
            q("show description"),
            q("copyright"),
            q("frequency"),
            q("person"),
            q("show subscribe")
        ),
    );
    let front = format!(
        "+++\ntitle = {}\ndescription = {}\ntags = [{}]\nseries = [{}]\nhosts = [{}]\nguests = [{}]\noriginal = {}\nseason = 1\n\
         episode = 2\ndate = 2024-05-06\nlisten = 'https://example.org/l'\nguid = {}\n+++\n",
        q("title"),
        q("description"),
        q("tag"),
        q("series"),
        q("person"),
        q("guest"),
        q("original"),
        q("guid")
    );
    let line = |field: &str| word(field).replace(['\u{2028}', '\u{2029}'], " ");
    let marked = format!(
        "## Key points\n\n- **{}** {}\n\n## Background\n\n{}\n\n\
         ## {}\n\n**{}:** {}\n\n**Bo Ek:** [{}]\n\n{FINE}\n\n**{}:** {}\n",
        line("md lead"),
        line("md point"),
        line("md background"),
        line("md section"),
        line("md label"),
        line("md turn"),
        line("md cue"),
        line("md label"),
        line("md turn 2")
    );
    site.put("content/b/one.md", format!("{front}{marked}"));
    let bare = format!(
        "核心要点\n\n1、{}\n\n2、要点\n\n背景\n\n{}\n\n\
         01 {}\n\nAnn: {}\n\nBo: Yes.\n\nAnn: No.\n\nBo: {}\n\n02 End\n\nAnn: Bye.\n",
        line("point"),
        line("background"),
        line("section"),
        line("turn"),
        line("turn 2")
    );
    site.put("content/b/two.txt", bare);
    let page = format!("+++\ntitle = {}\ndescription = {}\nmenu = 1\n+++\n", q("page"), q("page description"));
    site.put("content/pages/about.md", format!("{page}{}\n\n# {}\n", line("page text"), line("page heading")));
    site.put("content/b/one/photo.jpg", "picture");
    site
}

/// Elements, and attributes of elements.
fn shapes(page: &Page) -> BTreeSet<(String, String)> {
    let shapes = page.elements().flat_map(|element| {
        let name = element.value().name();
        // A language is told by the script of a text, so that it differs with the words.
        let attributes =
            element.value().attrs().map(|(attribute, _)| attribute).filter(|name| *name != "lang").chain([""]);
        attributes.map(move |attribute| (name.to_owned(), attribute.to_owned()))
    });
    shapes.collect()
}

/// The template that has the site's icon in it, as an address of its own.
const ICON: &str = include_str!("../../templates/base.html");

#[track_caller]
fn check_harmless(file: &str, page: &Page) {
    for element in page.elements() {
        let name = element.value().name();
        for (attribute, value) in element.value().attrs() {
            assert!(
                !attribute.starts_with("on") && attribute != "style" && attribute != "srcdoc",
                "{file}: {attribute}"
            );
            if ["href", "src", "action", "data", "poster", "srcset", "cite"].contains(&attribute) {
                let icon = name == "link" && ICON.contains(&format!("href=\"{value}\""));
                assert!(icon || is_harmless_address(value), "{file}: {name} {attribute} {value:?}");
            }
        }
        let is_ours = |src: &str| src.ends_with("/early.js") && !src.contains(':');
        let is_data = element.value().attrs().eq([("type", "application/ld+json")]);
        let is_script = name == "script" && !is_data;
        assert!(!is_script || element.value().attr("src").is_some_and(is_ours), "{file}: a script");
        assert!(!is_script || element.text().next().is_none(), "{file}: words in a script");
    }
    let n_data = usize::from(!page.structured().is_empty());
    // A transcript for apps has no script at all.
    let is_page = !file.ends_with("transcript.html");
    assert_eq!((page.named("script").count() - n_data, page.n_comments()), (usize::from(is_page), 0), "{file}");
    assert_eq!(n_data, usize::from(is_page && file != "404.html"), "{file}");
}

/// As a browser reads it: white space and control characters in a scheme do not count.
fn is_harmless_address(value: &str) -> bool {
    let bare: String = value.chars().filter(|c| !c.is_control() && !c.is_whitespace()).collect();
    let head = bare.split(['/', '?', '#']).next().unwrap().to_lowercase();
    let scheme = head.split_once(':').map(|(scheme, _)| scheme.to_owned());
    scheme.is_none_or(|scheme| ["http", "https", "mailto"].contains(&&*scheme)) && !bare.contains("evil.example")
}

#[test]
fn i126_no_text_becomes_markup() {
    let plain = site(|field| format!("Words of the {field}"));
    plain.publish();
    let known: BTreeSet<_> = pages(&plain.output()).values().flat_map(shapes).collect();
    // What Markdown makes of its own marks in the texts that may have some.
    let marks = ["code", "em", "strong", "a", "p", "h2", "br"].map(|name| (name.to_owned(), String::new()));
    let known: BTreeSet<_> = known.into_iter().chain(marks).collect();
    for payload in PAYLOADS {
        for prefix in ["", "x "] {
            let site = site(|_| format!("{prefix}{payload}"));
            site.publish();
            let output = site.output();
            for (file, page) in pages(&output) {
                check_harmless(file, &page);
                let new: Vec<_> = shapes(&page).difference(&known).cloned().collect();
                assert!(new.is_empty(), "{payload:?} in {file}: {new:?}");
            }
            check_sitemap(&output["sitemap.xml"]);
            check_links(&output.into_iter().filter(|(file, _)| file != "404.html").collect());
        }
    }
}

#[track_caller]
fn check_sitemap(text: &str) {
    let xml = roxmltree::Document::parse(text).unwrap();
    let names: BTreeSet<&str> = xml.descendants().filter(|n| n.is_element()).map(|n| n.tag_name().name()).collect();
    assert_eq!(names, BTreeSet::from(["loc", "url", "urlset"]));
    let is_ours = |text: &str| text.starts_with("https://example.org/x/") && text.is_ascii();
    assert!(xml.descendants().filter(|n| n.has_tag_name("loc")).all(|n| n.text().is_some_and(is_ours)));
}

#[test]
fn i126_texts_survive_byte_by_byte() {
    const SHOWN: [&str; 24] = [
        "site title",
        "site description",
        "menu",
        "subscribe",
        "person",
        "bio",
        "other name",
        "person link",
        "show",
        "show description",
        "show subscribe",
        "title",
        "description",
        "tag",
        "series",
        "guest",
        "original",
        "page",
        "page description",
        "point",
        "background",
        "section",
        "turn",
        "turn 2",
    ];
    for payload in PAYLOADS {
        let field_text = |field: &str| format!("{field}: {payload}");
        let site = site(field_text);
        site.publish();
        let mut seen = String::new();
        for page in pages(&site.output()).values() {
            page.texts().for_each(|text| seen.extend([text, "\0"]));
            let attributes = page.elements().flat_map(|element| element.value().attrs());
            attributes.for_each(|(_, value)| seen.extend([value, "\0"]));
        }
        for field in SHOWN {
            let mut text = field_text(field);
            if ["point", "background", "section", "turn", "turn 2"].contains(&field) {
                // A line separator ends a line of a transcript.
                text = text.replace(['\u{2028}', '\u{2029}'], " ");
            }
            assert!(seen.contains(&text), "{text:?} is not shown as it is");
        }
        check_structured(&site, field_text);
    }
}

/// Structured data has each text as it was written.
#[track_caller]
fn check_structured(site: &Built, word: impl Fn(&str) -> String) {
    let things = |file: &str| Page::parse(&site.page(file)).structured();
    let episode = &things("b/one/index.html")[0];
    assert_eq!(episode["name"], word("title"));
    assert_eq!(episode["description"], word("description"));
    assert_eq!(episode["identifier"], word("guid"));
    assert_eq!(episode["keywords"], serde_json::json!([word("tag")]));
    assert_eq!(episode["partOfSeries"]["name"], word("show"));
    assert_eq!(episode["translationOfWork"]["name"], word("original"));
    let people = ["actor", "contributor"].map(|key| episode[key].as_array().unwrap().clone()).concat();
    let names: Vec<&str> = people.iter().map(|person| person["name"].as_str().unwrap()).collect();
    assert!(names.contains(&&*word("person")) && names.contains(&&*word("guest")), "{names:?}");
    let home = &things("index.html")[0];
    assert_eq!((&home["name"], &home["description"]), (&word("site title").into(), &word("site description").into()));
    assert_eq!(things("b/index.html")[0]["description"], word("show description"));
    let person = &things("people/ann/index.html")[0];
    assert_eq!((&person["name"], &person["description"]), (&word("person").into(), &word("bio").into()));
    assert_eq!(person["alternateName"], serde_json::json!([word("other name")]));
    assert_eq!(things("about/index.html")[0]["name"], word("page"));
}

#[test]
fn i126_control_characters_are_left_out() {
    let nul = |field: &str| if field == "title" { "\0" } else { "" };
    let site = site(|field| format!("{field}{} a\u{1}b\u{1b}[31mc\u{7f}d\u{9b}e", nul(field)));
    site.publish();
    let is_packed = |file: &str| file.ends_with(".png") || file.ends_with(".bin");
    for (file, text) in site.output().into_iter().filter(|(file, _)| !is_packed(file)) {
        let found = text.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\t'));
        assert_eq!(found, None, "{file}");
    }
    assert!(site.page("b/one/index.html").contains("title ab[31mcde"));
}

#[test]
fn i126_addresses_with_other_schemes_are_refused() {
    let site = Built::good();
    for url in [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "java\\tscript:alert(1)",
        " javascript:alert(1)",
        "\\u0001javascript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "blob:https://example.org/x",
        "https:evil",
        "https://exa mple.org/",
    ] {
        for (file, setting) in [
            ("podleaf.toml", "menu = [{ title = 'x', url = \"URL\" }]"),
            ("podleaf.toml", "subscribe = { x = \"URL\" }"),
            ("people.toml", "ann = { links = { x = \"URL\" } }"),
            ("content/a/show.toml", "subscribe = { x = \"URL\" }"),
            ("content/a/x.md", "+++\nlisten = \"URL\"\n+++\n"),
            ("content/a/x.md", "+++\naudio = \"URL\"\n+++\n"),
            ("content/a/x.md", "+++\nimage = \"URL\"\n+++\n"),
        ] {
            site.check_refused(file, setting.replace("URL", url), 1, &["error[bad-", &format!("--> {file}:")]);
        }
    }
}
