//! From SVG to PNG.

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{DynamicImage, ExtendedColorType, ImageEncoder, RgbaImage};
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{ImageHrefResolver, Options, Tree};

use super::font::{self, FAMILY};

/// The PNG of an SVG document, on white where it is transparent. It sees no file and no font but ours.
///
/// # Errors
/// The document cannot be read, or is none of this size; in words.
pub fn png(svg: &str, (width, height): (u32, u32)) -> Result<Vec<u8>, String> {
    let nothing = ImageHrefResolver { resolve_string: Box::new(|_, _| None), resolve_data: Box::new(|_, _, _| None) };
    let options = Options {
        fontdb: font::database(),
        font_family: FAMILY.to_owned(),
        image_href_resolver: nothing,
        ..Options::default()
    };
    let tree = Tree::from_str(svg, &options).map_err(|error| error.to_string())?;
    let own = tree.size();
    let mut pixels = Pixmap::new(width, height).ok_or("it has no size")?;
    pixels.fill(resvg::tiny_skia::Color::WHITE);
    let scale = Transform::from_scale(width as f32 / own.width(), height as f32 / own.height());
    resvg::render(&tree, scale, &mut pixels.as_mut());
    // On white nothing is transparent.
    let pixels = RgbaImage::from_raw(width, height, pixels.take()).ok_or("it has no size")?;
    let rgb = DynamicImage::ImageRgba8(pixels).into_rgb8();
    let mut out = Vec::new();
    let encoder = PngEncoder::new_with_quality(&mut out, CompressionType::Fast, FilterType::Up);
    encoder.write_image(&rgb, width, height, ExtendedColorType::Rgb8).map_err(|error| error.to_string())?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pixels(body: &str) -> image::RgbImage {
        let svg = format!("<svg xmlns='http://www.w3.org/2000/svg' width='60' height='30'>{body}</svg>");
        image::load_from_memory(&png(&svg, (60, 30)).unwrap()).unwrap().to_rgb8()
    }

    #[test]
    fn text_is_drawn_with_the_embedded_font() {
        let n_dark = |body: &str| pixels(body).pixels().filter(|pixel| pixel.0[0] < 128).count();
        assert!(n_dark("<text x='2' y='24' font-size='24'>灯a</text>") > 50);
        assert_eq!(n_dark(""), 0);
    }

    #[test]
    fn no_file_is_read() {
        let root = env!("CARGO_MANIFEST_DIR");
        let image = format!("{root}/content/slow-train/020-echo-in-the-tunnel/cover.png");
        assert!(std::fs::exists(&image).unwrap());
        let shown = pixels(&format!("<image href='{image}' width='60' height='30'/>"));
        assert!(shown.pixels().all(|pixel| pixel.0 == [255; 3]));
    }

    #[test]
    fn what_is_no_svg_is_refused() {
        for text in ["", "<html/>", "<svg", "<svg xmlns='http://www.w3.org/2000/svg' width='0' height='1'/>"] {
            assert!(png(text, (60, 30)).is_err(), "{text}");
        }
    }
}
