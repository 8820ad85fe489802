//! Pictures that stand for pages: where they are, what they say, and when they are made again.

use podleaf::diagnostic::Diagnostics;
use podleaf::memo::Memo;
use podleaf::path::Route;
use podleaf::site::{Request, Site};

use crate::world::Files;

fn site(title: &str, config: &str) -> Files {
    let words = "**Ann Lee:** Hello there.\n\n**Bo:** Good day.\n\n**Ann Lee:** Bye.\n\n**Bo:** Bye.\n";
    let mut files = Files::spread(&format!(
        "-- podleaf.toml --\ntitle = 'T'\nbase_url = 'https://a.example/x/'\n{config}\n\
         -- content/a/1.md --\n---\ntitle: {title}\n---\n{words}-- content/a/2.md --\n---\ntitle: Two\n---\n{words}"
    ));
    files.wait();
    files
}

fn open(files: &Files) -> (Site, Diagnostics) {
    let (site, diagnostics) = Site::open(files, &Request::default(), Memo::default());
    (site.unwrap(), diagnostics)
}

fn card(files: &Files, site: &Site, route: &str) -> image::RgbImage {
    let bytes = files.bytes(site, &Route::new(route).unwrap());
    image::load_from_memory_with_format(&bytes, image::ImageFormat::Png).unwrap().to_rgb8()
}

#[test]
fn a_page_names_its_card() {
    let files = site("One", "");
    let (site, _) = open(&files);
    for (page, card_route) in [("/", "/card.png"), ("/a/", "/a/card.png"), ("/a/1/", "/a/1/card.png")] {
        let html = files.page(&site, page).unwrap();
        let url = format!("<meta property=\"og:image\" content=\"https://a.example/x{card_route}\">");
        assert!(html.contains(&url), "{html}");
        assert!(html.contains("<meta name=\"twitter:card\" content=\"summary_large_image\">"));
        assert_eq!(card(&files, &site, card_route).dimensions(), (1200, 630));
    }
    assert!(files.page(&site, "/people/").unwrap().contains("content=\"https://a.example/x/card.png\""));
}

#[test]
fn there_are_none_where_they_are_switched_off_or_have_no_address() {
    let mut files = site("One", "cards = false");
    let has_cards = |files: &Files| {
        let (site, _) = open(files);
        let named = files.page(&site, "/a/1/").unwrap().contains("og:image");
        (site.has(&Route::new("/a/1/card.png").unwrap()), named)
    };
    assert_eq!(has_cards(&files), (false, false));
    files.put("podleaf.toml", "title = 'T'\n");
    assert_eq!(has_cards(&files), (false, false));
    files.put("podleaf.toml", "base_url = 'https://a.example/'\n");
    assert_eq!(has_cards(&files), (true, true));
}

#[test]
fn any_title_is_drawn_and_none_reaches_the_markup() {
    let plain = site("One", "");
    let one = card(&plain, &open(&plain).0, "/a/1/card.png");
    for title in
        ["'</text><rect width=\"1200\" height=\"630\"/>'", "']]>&amp;&#0;<!--'", "\"\\u0007\\uFFFE\\u202Ex\"", "'茶'"]
    {
        let files = site(title, "");
        let (site, _) = open(&files);
        let own = card(&files, &site, "/a/1/card.png");
        assert_eq!(own.get_pixel(1, 1), one.get_pixel(1, 1), "{title}");
        assert_ne!(own, one, "{title}");
    }
}

#[test]
fn what_the_font_lacks_is_said() {
    let found = |title: &str| {
        let (_, diagnostics) = open(&site(title, ""));
        let notes = diagnostics.iter().filter(|d| d.code == "card-letters");
        notes.map(|d| d.message.clone()).collect::<Vec<_>>()
    };
    assert!(found("Tea 茶").is_empty());
    assert_eq!(found("Tea 🍵"), ["the card of this episode cannot show `🍵`"]);
}

#[test]
fn a_card_is_made_again_when_it_looks_different() {
    let key = |files: &Files| {
        let (site, _) = open(files);
        let route = |route: &str| site.key(files, &Route::new(route).unwrap()).unwrap();
        [route("/a/1/card.png"), route("/a/2/card.png")]
    };
    let mut files = site("One", "");
    let before = key(&files);
    // One word for another of its length changes the page, not the picture.
    files.put("content/a/1.md", files.text("content/a/1.md").replace("Hello", "Salut"));
    files.put("templates/person.html", "{% extends \"builtin/person.html\" %}");
    assert_eq!(key(&files), before);
    files.put("content/a/1.md", files.text("content/a/1.md").replace("One", "Uno"));
    let [one, two] = key(&files);
    assert!(one != before[0] && two == before[1]);
    files.put("templates/card.svg", "<svg xmlns='http://www.w3.org/2000/svg' width='1200' height='630'/>");
    let after = key(&files);
    assert!(after[0] != one && after[1] != two);
    assert!(card(&files, &open(&files).0, "/a/1/card.png").pixels().all(|pixel| pixel.0 == [255; 3]));
}

#[test]
fn a_template_that_makes_no_picture_is_named() {
    let mut files = site("One", "");
    files.put("templates/card.svg", "<html>{{ card.show }}</html>");
    let (site, _) = open(&files);
    let fault = site.render(&files, &Route::new("/card.png").unwrap()).unwrap_err();
    let podleaf::site::Stale::Fault(fault) = fault else { panic!("{fault:?}") };
    assert_eq!(fault.path.as_ref().unwrap().as_str(), "templates/card.svg");
}

#[test]
fn a_picture_of_ones_own_stands_above_the_card() {
    let mut files = site("One", "");
    let own = b"\x89PNG own".to_vec();
    files.put("content/a/1/card.png", own.clone());
    assert_eq!(files.bytes(&open(&files).0, &Route::new("/a/1/card.png").unwrap()), own);
}
