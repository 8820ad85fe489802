//! What directories take for a show's picture, and smaller sizes of pictures.

use std::io::BufReader;

use fast_image_resize::Resizer;
use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::U8x3;
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ExtendedColorType, ImageDecoder, ImageEncoder, ImageReader, Limits};

use super::media_type;
use crate::model::media::{MediaFile, Picture, PictureFormat};
use crate::source::ReadSeek;

/// The widths that pages offer of a picture.
pub const WIDTHS: [u32; 3] = [160, 320, 640];
const QUALITY: u8 = 80;
/// The most memory that a picture may take when it is decoded, in bytes.
const MAX_MEMORY: u64 = 256 << 20;
/// What Apple Podcasts takes, in pixels.
const SIDES: std::ops::RangeInclusive<u32> = 1400..=3000;

/// The widths that are made of a picture: those that are less than its own. A picture that moves or is transparent
/// would not be the same as JPEG.
pub fn widths(picture: &Picture) -> impl Iterator<Item = u32> {
    let can_be_jpeg = !picture.has_alpha && picture.format != PictureFormat::Gif;
    let width = picture.width;
    WIDTHS.into_iter().filter(move |&own| can_be_jpeg && own < width)
}

/// What keeps a show's picture out of directories, each as the end of a sentence that begins with the picture.
pub fn faults(file: &MediaFile) -> Vec<String> {
    let Some(picture) = file.picture() else { return Vec::new() };
    let (width, height, name) = (picture.width, picture.height, file.path.file_name());
    let mut faults = Vec::new();
    if width != height {
        faults.push(format!("is not square: {width} × {height} pixels"));
    } else if !SIDES.contains(&width) {
        faults.push(format!("is {width} pixels wide, not {} to {}", SIDES.start(), SIDES.end()));
    }
    if !matches!(picture.format, PictureFormat::Jpeg | PictureFormat::Png) {
        faults.push("is neither JPEG nor PNG".to_owned());
    } else if media_type(name) != Some(picture.format.media_type()) {
        faults.push(format!("is {}, and its name says otherwise", picture.format.media_type()));
    }
    if picture.has_alpha {
        faults.push("may be transparent".to_owned());
    }
    faults
}

/// A picture as JPEG, this wide.
///
/// # Errors
/// It cannot be decoded, or is too large for that; in words.
pub fn resized(file: Box<dyn ReadSeek>, width: u32) -> Result<Vec<u8>, String> {
    let failed = |error: &dyn std::fmt::Display| error.to_string();
    let mut reader = ImageReader::new(BufReader::new(file)).with_guessed_format().map_err(|error| failed(&error))?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| failed(&error))?;
    let orientation = decoder.orientation().map_err(|error| failed(&error))?;
    let mut image = DynamicImage::from_decoder(decoder).map_err(|error| failed(&error))?;
    image.apply_orientation(orientation);
    let image = image.into_rgb8();
    let height = (u64::from(image.height()) * u64::from(width) / u64::from(image.width().max(1))).clamp(1, 10_000);
    // By pixels of one type: for pictures of any type the resizer is compiled for all.
    let source = TypedImageRef::<U8x3>::from_buffer(image.width(), image.height(), image.as_raw());
    let mut small = vec![0; width as usize * height as usize * 3];
    let mut view = TypedImage::<U8x3>::from_buffer(width, height as u32, &mut small).map_err(|error| failed(&error))?;
    let source = source.map_err(|error| failed(&error))?;
    Resizer::new().resize_typed(&source, &mut view, None).map_err(|error| failed(&error))?;
    let mut out = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut out, QUALITY);
    encoder.write_image(&small, width, height as u32, ExtendedColorType::Rgb8).map_err(|error| failed(&error))?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::{ImageFormat, Rgb, RgbImage};

    use super::*;
    use crate::model::media::{Facts, MediaKind};
    use crate::path::SitePath;
    use crate::source::Stamp;

    fn file(name: &str, format: PictureFormat, width: u32, height: u32, has_alpha: bool) -> MediaFile {
        let facts = Facts::Picture(Picture { format, width, height, has_alpha });
        let path = SitePath::new(name).unwrap();
        MediaFile { path, kind: MediaKind::Picture, stamp: Stamp::default(), facts }
    }

    #[test]
    fn what_directories_refuse_is_named() {
        use PictureFormat::{Jpeg, Png, Webp};
        let check = |file: MediaFile, expected: &[&str]| assert_eq!(faults(&file), expected);
        check(file("a.jpg", Jpeg, 1400, 1400, false), &[]);
        check(file("a.PNG", Png, 3000, 3000, false), &[]);
        check(file("a.jpg", Jpeg, 1399, 1399, false), &["is 1399 pixels wide, not 1400 to 3000"]);
        check(file("a.jpg", Jpeg, 1400, 1500, false), &["is not square: 1400 × 1500 pixels"]);
        check(
            file("a.jpg", Png, 3001, 3001, true),
            &[
                "is 3001 pixels wide, not 1400 to 3000",
                "is image/png, and its name says otherwise",
                "may be transparent",
            ],
        );
        check(file("a.webp", Webp, 1400, 1400, false), &["is neither JPEG nor PNG"]);
    }

    #[test]
    fn widths_are_less_than_that_of_the_picture() {
        let all = |width, format, has_alpha| {
            let file = file("a.png", format, width, 10, has_alpha);
            widths(file.picture().unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(all(640, PictureFormat::Png, false), [160, 320]);
        assert_eq!(all(160, PictureFormat::Png, false), [0; 0]);
        assert_eq!(all(3000, PictureFormat::Jpeg, false), WIDTHS);
        assert_eq!(all(3000, PictureFormat::Png, true), [0; 0]);
        assert_eq!(all(3000, PictureFormat::Gif, false), [0; 0]);
    }

    #[test]
    fn a_smaller_picture_looks_the_same() {
        let mut picture = RgbImage::from_pixel(400, 200, Rgb([200, 30, 30]));
        (200..400).for_each(|x| (0..200).for_each(|y| picture.put_pixel(x, y, Rgb([20, 30, 220]))));
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
        let small = resized(Box::new(Cursor::new(bytes.get_ref().clone())), 160).unwrap();
        let small = image::load_from_memory_with_format(&small, ImageFormat::Jpeg).unwrap().into_rgb8();
        assert_eq!(small.dimensions(), (160, 80));
        let [left, right] = [small.get_pixel(40, 40).0, small.get_pixel(120, 40).0];
        assert!(left[0] > 180 && left[2] < 60 && right[0] < 50 && right[2] > 200, "{left:?} {right:?}");
        let torn = bytes.into_inner()[..60].to_vec();
        assert!(resized(Box::new(Cursor::new(torn)), 160).is_err());
    }
}
