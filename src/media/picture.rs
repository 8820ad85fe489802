//! Facts of pictures, from their headers.

use std::io::{BufReader, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::error::ImageError;
use image::{ImageDecoder, ImageFormat, ImageReader};

use super::EMPTY;
use crate::model::media::{Facts, Picture, PictureFormat};
use crate::source::ReadSeek;

pub(super) fn facts(mut file: Box<dyn ReadSeek>) -> Facts {
    match file.seek(SeekFrom::End(0)).and_then(|len| file.rewind().map(|()| len)) {
        Ok(0) => return Facts::Broken(EMPTY.to_owned()),
        Err(error) => return Facts::Broken(error.to_string()),
        Ok(_) => {}
    }
    // The decoders are not ours. They are known to return errors; a panic of one must not end a build.
    catch_unwind(AssertUnwindSafe(|| read(file)))
        .unwrap_or_else(|_| Facts::Broken("its headers cannot be understood".to_owned()))
}

fn read(file: Box<dyn ReadSeek>) -> Facts {
    let reader = match ImageReader::new(BufReader::new(file)).with_guessed_format() {
        Ok(reader) => reader,
        Err(error) => return Facts::Broken(error.to_string()),
    };
    let format = match reader.format() {
        Some(ImageFormat::Jpeg) => PictureFormat::Jpeg,
        Some(ImageFormat::Png) => PictureFormat::Png,
        Some(ImageFormat::WebP) => PictureFormat::Webp,
        Some(ImageFormat::Gif) => PictureFormat::Gif,
        Some(ImageFormat::Avif) => return Facts::Closed,
        _ => return Facts::Broken("it is no JPEG, PNG, WebP or GIF picture".to_owned()),
    };
    match reader.into_decoder() {
        Ok(decoder) => {
            let (width, height) = decoder.dimensions();
            Facts::Picture(Picture { format, width, height, has_alpha: decoder.color_type().has_alpha() })
        }
        Err(ImageError::Limits(_)) => Facts::Broken("it is too large".to_owned()),
        Err(error) => Facts::Broken(format!("it is broken ({error})")),
    }
}
