//! Pictures of shows and episodes: what is said of them, and in which sizes pages offer them.

use std::io::Cursor;

use image::{ImageFormat, RgbImage, RgbaImage};
use podleaf::diagnostic::Diagnostics;
use podleaf::memo::Memo;
use podleaf::path::{Route, SitePath};
use podleaf::site::{Request, Site};

use crate::world::Files;

fn site() -> Files {
    let words = "**Ann Lee:** Hello there.\n\n**Bo:** Good day.\n\n**Ann Lee:** Bye.\n\n**Bo:** Bye.\n";
    let mut files = Files::spread(&format!(
        "-- podleaf.toml --\nbase_url = 'https://a.example/'\n-- content/a/show.toml --\nimage = 'front.jpg'\n\
         -- content/a/1.md --\n{words}-- content/b/2.md --\n{words}"
    ));
    files.put("content/a/front.jpg", picture(1500, 1500, ImageFormat::Jpeg));
    files.put("content/a/1.png", picture(400, 300, ImageFormat::Png));
    files.wait();
    files
}

/// A black picture.
pub(crate) fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    RgbImage::new(width, height).write_to(&mut out, format).unwrap();
    out.into_inner()
}

fn open(files: &Files) -> (Site, Diagnostics) {
    let (site, diagnostics) = Site::open(files, &Request::default(), Memo::default());
    (site.unwrap(), diagnostics)
}

fn size(files: &Files, site: &Site, route: &str) -> (u32, u32) {
    let bytes = files.bytes(site, &Route::new(route).unwrap());
    let image = image::load_from_memory(&bytes).unwrap();
    (image.width(), image.height())
}

#[test]
fn pages_offer_pictures_in_smaller_sizes() {
    let files = site();
    let (site, _) = open(&files);
    let show = files.page(&site, "/a/").unwrap();
    assert!(show.contains(
        "<img src=\"front.jpg\" srcset=\"front-160.jpg 160w, front-320.jpg 320w, front-640.jpg 640w, front.jpg 1500w\""
    ));
    let episode = files.page(&site, "/a/1/").unwrap();
    assert!(episode.contains("<img src=\"1.png\" srcset=\"1-160.jpg 160w, 1-320.jpg 320w, 1.png 400w\""), "{episode}");
    assert_eq!(size(&files, &site, "/a/front.jpg"), (1500, 1500));
    assert_eq!(size(&files, &site, "/a/front-160.jpg"), (160, 160));
    assert_eq!(size(&files, &site, "/a/1/1-320.jpg"), (320, 240));
    assert!(!site.has(&Route::new("/a/1/1-640.jpg").unwrap()));
}

#[test]
fn a_show_without_a_picture_has_a_drawn_cover_for_feeds() {
    let mut files = site();
    let (first, _) = open(&files);
    let has_cover = |site: &Site, show: &str| site.has(&Route::new(format!("/{show}/cover.png")).unwrap());
    assert_eq!((has_cover(&first, "a"), has_cover(&first, "b")), (false, true));
    assert_eq!(size(&files, &first, "/b/cover.png"), (1400, 1400));
    files.put("podleaf.toml", "");
    assert!(!has_cover(&open(&files).0, "b"));
}

#[test]
fn what_directories_refuse_is_said_of_the_picture_of_a_show() {
    let said = |files: &Files| {
        let (_, diagnostics) = open(files);
        let found = diagnostics.iter().filter(|d| d.code == "artwork");
        found.map(|d| format!("{}: {}", d.path.as_ref().unwrap(), d.message)).collect::<Vec<_>>()
    };
    let mut files = site();
    assert!(said(&files).is_empty());
    files.put("content/a/front.jpg", picture(1500, 1400, ImageFormat::Png));
    assert_eq!(
        said(&files),
        [
            "content/a/front.jpg: the picture of the show is not square: 1500 × 1400 pixels",
            "content/a/front.jpg: the picture of the show is image/png, and its name says otherwise"
        ]
    );
    files.put("content/a/front.jpg", "<html>");
    assert_eq!(said(&files).len(), 1);
    files.remove("content/a/front.jpg");
    assert_eq!(said(&files), ["content/a/show.toml: `content/a/front.jpg`, the `image` of the show, is not there"]);
}

#[test]
fn a_size_is_made_again_when_its_picture_is_another() {
    let mut files = site();
    let key = |files: &Files, route: &str| open(files).0.key(files, &Route::new(route).unwrap());
    let before = key(&files, "/a/1/1-160.jpg");
    assert!(before.is_some());
    files.put("content/a/1.md", files.text("content/a/1.md").replace("Hello", "Welcome"));
    files.wait();
    assert_eq!(key(&files, "/a/1/1-160.jpg"), before);
    files.put("content/a/1.png", picture(500, 300, ImageFormat::Png));
    files.wait();
    assert_ne!(key(&files, "/a/1/1-160.jpg"), before);
}

#[test]
fn a_transparent_or_torn_picture_is_published_as_it_is() {
    let mut files = site();
    let mut out = Cursor::new(Vec::new());
    RgbaImage::new(400, 300).write_to(&mut out, ImageFormat::Png).unwrap();
    files.put("content/a/1.png", out.into_inner());
    assert!(files.page(&open(&files).0, "/a/1/").unwrap().contains("<img src=\"1.png\" alt"));
    let torn = picture(400, 300, ImageFormat::Png)[..100].to_vec();
    files.put("content/a/1.png", torn.clone());
    let (site, _) = open(&files);
    assert_eq!(files.bytes(&site, &Route::new("/a/1/1-160.jpg").unwrap()), torn);
}

#[test]
fn a_preview_gets_the_sizes_of_another_picture() {
    let mut files = site();
    let (before, _) = open(&files);
    files.put("content/a/1.png", picture(100, 100, ImageFormat::Png));
    files.wait();
    let changed = [SitePath::new("content/a/1.png").unwrap()];
    assert!(before.edited(&files, &Request::default(), &changed).is_none(), "other routes need a new reading");
}
