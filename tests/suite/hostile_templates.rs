//! Bad settings and bad templates, as whole builds: reliability matrix C.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::built::{Built, FINE, PATIENCE, run};
use crate::html::{Page, check_links};

#[test]
fn c39_a_syntax_error_in_the_settings_is_an_error() {
    let site = Built::good();
    for file in ["podleaf.toml", "people.toml", "content/a/show.toml", "templates/i18n/en.toml"] {
        let parts = ["error[syntax]", &format!("--> {file}:2:")];
        site.check_refused(file, "# settings\ntitle = = 'x'\n", 1, &parts);
    }
}

#[test]
fn c40_a_setting_of_the_wrong_type_is_an_error() {
    let site = Built::good();
    let parts = ["error[wrong-type]: `title` takes text", "--> podleaf.toml:1:9", "this is a number"];
    site.check_refused("podleaf.toml", "title = 1\n", 1, &parts);
    site.check_refused("podleaf.toml", "menu = 'x'\n", 1, &["`menu` takes a table of titles", "--> podleaf.toml:1:8"]);
    site.check_refused("people.toml", "[ann]\nname = []\n", 1, &["`name` takes text", "--> people.toml:2:8"]);
    site.check_refused("content/a/show.toml", "title = {}\n", 1, &["`title` takes text", "show.toml:1:9"]);
}

#[test]
fn c41_an_unknown_setting_is_a_warning_with_a_suggestion() {
    let site = Built::good();
    for (file, text, place) in [
        ("podleaf.toml", "titel = 'x'\n", "1:1"),
        ("people.toml", "[ann]\nlniks = {}\n", "2:1"),
        ("content/a/show.toml", "hsots = []\n", "1:1"),
    ] {
        site.put(file, text);
        let said = site.publish().said;
        let parts = ["warning[unknown-key]", &format!("--> {file}:{place}"), "did you mean"];
        parts.iter().for_each(|part| assert!(said.contains(part), "{said}"));
    }
}

#[test]
fn c42_a_site_without_settings_works_and_says_one_thing() {
    let said = Built::good().publish().said;
    assert!(said.contains("note[no-base-url]") && said.contains("\n1 note\n"), "{said}");
}

#[test]
fn c43_an_address_without_scheme_is_an_error_with_the_right_one() {
    let site = Built::good();
    for url in
        ["example.org", "//example.org/x", "ftp://example.org", "https://", "javascript:alert(1)", "https://a b/"]
    {
        let parts = ["error[bad-base-url]", "--> podleaf.toml:1:12", "write `base_url = \"https://"];
        site.check_refused("podleaf.toml", format!("base_url = '{url}'\n"), 1, &parts);
        let before = site.everything();
        let run = site.build_with(&["--base-url", url]);
        assert!(run.code == Some(2) && run.said.contains("--base-url"), "{url}: {run:?}");
        assert!(site.everything() == before);
    }
}

#[test]
fn c43_an_address_with_a_path_is_in_canonical_links_and_nowhere_else() {
    let site = Built::of(&[("content/a/x.md", FINE), ("podleaf.toml", "base_url = 'https://example.org/pod/casts'\n")]);
    site.publish();
    let page = Page::parse(&site.page("a/x/index.html"));
    let canonical = page.named("link").find(|link| link.value().attr("rel") == Some("canonical")).unwrap();
    assert_eq!(canonical.value().attr("href"), Some("https://example.org/pod/casts/a/x/"));
    assert!(site.page("sitemap.xml").contains("<loc>https://example.org/pod/casts/a/x/</loc>"));
    assert!(site.page("404.html").contains("href=\"/pod/casts/assets/"));
    let pages = site.output().into_iter().filter(|(file, _)| file != "404.html").collect();
    assert!(check_links(&pages) > 20);
}

#[test]
fn c44_a_syntax_error_in_a_template_is_an_error() {
    let site = Built::good();
    for (text, place) in [("<p>\n{{ page.title }\n", "2:"), ("<p>\n{% if page %}\n", "2:"), ("{% endfor %}", "1:")] {
        let parts = ["error[template-syntax]", &format!("--> templates/episode.html:{place}")];
        site.check_refused("templates/episode.html", text, 1, &parts);
    }
}

#[test]
fn c45_an_unknown_variable_is_an_error_with_the_known_names() {
    let site = Built::good();
    let parts =
        ["error[template-fault]", "--> templates/episode.html:2:4", "Available variables: drawn, episode, page, "];
    site.check_refused("templates/episode.html", "<p>\n{{ epsode.title }}\n", 1, &parts);
    let parts = ["error[template-fault]", "--> templates/episode.html:2:", "Available fields: address, "];
    site.check_refused("templates/episode.html", "<p>\n{{ episode.title_line }}\n", 1, &parts);
}

#[test]
fn c46_a_template_that_is_not_there_is_an_error() {
    let site = Built::good();
    for (text, place) in [
        ("<p>\n{% include \"banana.html\" %}\n", ":2:12"),
        ("{% extends \"banana.html\" %}", ""),
        ("<p>\n{{<banana/>}}", ":2:3"),
        ("灯\n灯{{ 1 | banana }}", ":2:9"),
    ] {
        let parts = ["error[template-", "banana", &format!("--> templates/episode.html{place}")];
        site.check_refused("templates/episode.html", text, 1, &parts);
    }
}

#[test]
fn c47_templates_that_hold_themselves_are_an_error() {
    let site = Built::good();
    site.put("templates/b.html", "{% include \"episode.html\" %}");
    site.put("templates/c.html", "{% extends \"episode.html\" %}");
    site.put(
        "templates/d.html",
        "{% component one() %}{{<two/>}}{% endcomponent one %}{% component two() %}{{<one/>}}{% endcomponent two %}",
    );
    for text in [
        "{% include \"episode.html\" %}",
        "{% include \"b.html\" %}",
        "{% extends \"episode.html\" %}",
        "{% extends \"c.html\" %}",
        "{% component me() %}{{<me/>}}{% endcomponent me %}{{<me/>}}",
        "{% component me() %}{% set x %}{{<me/>}}{% endset %}{{ x }}{% endcomponent me %}{{<me/>}}",
        "{{<one/>}}",
    ] {
        site.check_refused("templates/episode.html", text, 1, &["error[template-", "templates/"]);
    }
}

#[test]
fn c47_long_chains_of_templates_are_an_error_not_a_crash() {
    for link in ["{% include \"NEXT\" %}", "{% extends \"NEXT\" %}"] {
        let site = Built::good();
        site.publish();
        for n in 0..3_000 {
            site.put(&format!("templates/{n}.html"), link.replace("NEXT", &format!("{}.html", n + 1)));
        }
        site.put("templates/3000.html", "end");
        let parts = ["error[template-nesting]", "templates/", "more than 20 deep"];
        site.check_refused("templates/episode.html", link.replace("NEXT", "0.html"), 1, &parts);
    }
}

#[test]
fn c47_the_deepest_templates_that_are_allowed_fit_the_stack() {
    let site = Built::good();
    site.publish();
    for n in 0..18 {
        let next = format!("{{% set x %}}{{% include \"{}.html\" %}}{{% endset %}}{{{{ x | safe }}}}", n + 1);
        site.put(&format!("templates/{n}.html"), next);
    }
    site.put("templates/18.html", "<p>{{<me/>}}</p>");
    let text = "{% component me() %}{% include \"0.html\" %}{% endcomponent me %}{{<me/>}}";
    let part = "error[template-fault]: Maximum render recursion depth for components exceeded";
    site.check_refused("templates/episode.html", text, 1, &[part]);
}

#[test]
fn c47_deep_templates_are_an_error_not_a_crash() {
    let site = Built::good();
    for text in [
        format!("{}x", "{% if true %}".repeat(20_000)),
        format!("{{% if false %}}{}{{% endif %}}", "{% elif false %}".repeat(20_000)),
        format!("{{{{ {}1 }}}}", "(".repeat(20_000)),
        format!("{{{{ {}1 }}}}", "[".repeat(20_000)),
        format!("{{{{ {}1 }}}}", "not ".repeat(20_000)),
        format!("{{{{ 1{} }}}}", " + 1".repeat(20_000)),
        format!("{{{{ \"a\"{} }}}}", " | upper".repeat(20_000)),
        format!("{{{{ page{} }}}}", ".a".repeat(20_000)),
    ] {
        site.put("templates/episode.html", text);
        let run = site.build();
        assert!(run.code == Some(1) && run.said.contains("--> templates/episode.html"), "{run:?}");
    }
}

#[test]
fn c48_a_page_without_end_is_cut_off_and_named() {
    let site = Built::good();
    let parts = ["error[template-fault]", "100000", "templates/episode.html:1:"];
    site.check_refused("templates/episode.html", "{% for n in range(end=1000000000) %}{{ n }}{% endfor %}", 1, &parts);
    let nested = "{% for n in range(end=100000) %}{% for m in range(end=100000) %}words{% endfor %}{% endfor %}";
    let parts = ["error[page-too-large]", "`/a/good/`", "64 MiB", "templates/episode.html"];
    let run = site.check_refused("templates/episode.html", nested, 1, &parts);
    assert!(run.peak_mib < 400, "{} MiB", run.peak_mib);
}

#[test]
fn c48_a_page_that_takes_long_is_named_while_it_is_made() {
    let site = Built::good();
    let inner = "{% for m in range(end=100000) %}{% endfor %}";
    let silent = format!("{{% for n in range(end=100000) %}}{inner}{{% endfor %}}");
    site.publish();
    site.put("templates/episode.html", silent);
    let before = site.output();
    let mut build = Command::new(env!("CARGO_BIN_EXE_podleaf"));
    let mut build = build.arg("build").arg(site.root()).stderr(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(build.stderr.take().unwrap()).lines().map(Result::unwrap);
    let (send, found) = std::sync::mpsc::channel();
    std::thread::spawn(move || lines.filter(|line| line.contains("`/a/good/`")).try_for_each(|line| send.send(line)));
    let line = found.recv_timeout(PATIENCE);
    let process = rustix::process::Pid::from_child(&build);
    rustix::process::kill_process(process, rustix::process::Signal::INT).unwrap();
    assert!(!build.wait().unwrap().success(), "Ctrl+C ends the build");
    assert!(line.is_ok_and(|line| line.contains("templates")));
    assert!(site.output() == before);
    site.put("templates/episode.html", "fine");
    site.publish();
    assert_eq!(site.page("a/good/index.html"), "fine");
}

#[test]
fn c49_a_template_that_is_no_text_is_an_error() {
    let site = Built::good();
    for file in ["templates/episode.html", "templates/mine.html", "templates/i18n/en.toml"] {
        let parts = ["error[not-text]", "byte 6 ", &format!("--> {file}:2:3")];
        site.check_refused(file, b"# x\nab\xFF\n", 1, &parts);
    }
}

#[test]
fn c50_templates_reach_nothing_outside() {
    let site = Built::good();
    for call in ["load_data(path=\"/etc/passwd\")", "load_data(path=\"../../x\")", "get_env(name=\"HOME\")", "now()"] {
        let parts = ["error[template-", "templates/episode.html:2:"];
        site.check_refused("templates/episode.html", format!("<p>\n{{{{ {call} }}}}"), 1, &parts);
    }
    for name in ["/etc/passwd", "../../content/a/good.md", "../podleaf.toml"] {
        let text = format!("{{% include \"{name}\" %}}");
        site.check_refused("templates/episode.html", text, 1, &["error[template-", "templates/episode.html"]);
    }
}

#[test]
fn a_folder_that_is_not_there_is_wrong_use_of_the_site() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_podleaf"));
    command.args(["build", "/nonexistent/folder"]);
    let run = run(command);
    assert!(run.code == Some(1) && run.said.contains("there is no folder"), "{run:?}");
}
