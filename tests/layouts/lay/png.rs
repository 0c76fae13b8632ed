//! Masks as PNG files of every kind that layouts have: levels of 8 or 16 bits, a palette, colors.

use png::{BitDepth, ColorType, Encoder};

use crate::scene::{Picture, SIZE};

/// What the pixels of a mask are, by the thing that they lie on.
pub(super) enum Pixels<'a> {
    /// A level of 8 bits.
    Gray(Box<dyn Fn(Option<usize>) -> u8 + 'a>),
    /// A level of 16 bits.
    Deep(Box<dyn Fn(Option<usize>) -> u16 + 'a>),
    /// A position in a palette.
    Palette(Box<dyn Fn(Option<usize>) -> u8 + 'a>, &'a [[u8; 3]]),
    /// A color.
    Colors(Box<dyn Fn(Option<usize>) -> [u8; 3] + 'a>),
}

/// The file.
pub(super) fn png(picture: &Picture, pixels: &Pixels<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, SIZE.width, SIZE.height);
    let (color, depth) = match pixels {
        Pixels::Gray(_) => (ColorType::Grayscale, BitDepth::Eight),
        Pixels::Deep(_) => (ColorType::Grayscale, BitDepth::Sixteen),
        Pixels::Palette(..) => (ColorType::Indexed, BitDepth::Eight),
        Pixels::Colors(_) => (ColorType::Rgb, BitDepth::Eight),
    };
    encoder.set_color(color);
    encoder.set_depth(depth);
    if let Pixels::Palette(_, palette) = pixels {
        encoder.set_palette(palette.concat());
    }
    let sample = |thing: Option<usize>| match pixels {
        Pixels::Gray(level) | Pixels::Palette(level, _) => vec![level(thing)],
        Pixels::Deep(level) => level(thing).to_be_bytes().to_vec(),
        Pixels::Colors(color) => color(thing).to_vec(),
    };
    let samples: Vec<u8> = things(picture).flat_map(sample).collect();
    let mut writer = encoder.write_header().expect("a head can be written");
    writer.write_image_data(&samples).expect("a mask can be written");
    writer.finish().expect("a mask can be ended");
    out
}

/// The thing of every pixel, row by row.
pub(super) fn things(picture: &Picture) -> impl Iterator<Item = Option<usize>> {
    let (width, height) = (SIZE.width as usize, SIZE.height as usize);
    (0..width * height).map(move |at| picture.thing_at(at % width, at / width))
}
