//! A contact sheet: outputs in a grid with their labels drawn over them, to check the labels by eye.

mod overlay;
mod pen;
mod text;

use std::collections::BTreeSet;

pub(crate) use self::overlay::color;
use self::pen::Pen;
use self::text::GAP;
use crate::engine::warp_image;
use crate::error::Result;
use crate::filled::filled;
use crate::geometry::{Matrix3, Rect, Size, Warp};
use crate::image::{Channels, Fill, Image};
use crate::labels::{Classes, Labels};

/// As many outputs as a sheet shows.
pub const MOST: u64 = 48;

const COLUMNS: usize = 8;
const CAPTION: u32 = text::HEIGHT + 4;
/// Small pictures are enlarged, but no more than this.
const MAX_ENLARGED: f64 = 8.0;
const PAPER: Fill = Fill([32; 3]);
const INK: [u8; 3] = [220; 3];

/// The longest side of a picture on a sheet of so many outputs, in pixels: few are shown larger.
#[must_use]
pub const fn side(total: u64) -> u32 {
    match total {
        0..=9 => 480,
        10..=24 => 320,
        _ => 256,
    }
}

/// One output as the sheet shows it.
#[derive(Clone, Debug)]
pub struct Tile {
    caption: String,
    picture: Image,
    /// The classes that are on it.
    classes: BTreeSet<usize>,
}

/// A tile without its pixels.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct TileParts {
    caption: String,
    width: u32,
    height: u32,
    classes: BTreeSet<usize>,
}

impl Tile {
    /// An output, reduced to a longest [`side`], with its labels over it: masks and the insides of shapes tinted, outlines, boxes, skeletons
    /// and joints, each class in its own color. Hidden joints are hollow.
    ///
    /// # Errors
    /// `Recipe` for an image without pixels.
    pub fn new(name: &str, image: &Image, labels: &Labels, classes: &Classes, side: u32) -> Result<Self> {
        let Size { width, height } = image.size();
        let scale = (f64::from(side) / f64::from(width.max(height).max(1))).min(MAX_ENLARGED);
        let side = |extent: u32| ((f64::from(extent) * scale + 0.5).floor() as u32).max(1);
        let size = Size::new(side(width), side(height));
        let (x, y) = (f64::from(size.width) / f64::from(width), f64::from(size.height) / f64::from(height));
        let warp = Warp::matrix(size, Matrix3::scaling(x, y))?;
        let mut picture = opaque(&warp_image(image, &[warp]))?;
        overlay::draw(&mut Pen::new(&mut picture), labels, classes, (x, y));
        let classes = labels.objects.iter().map(|object| object.class).collect();
        let caption = name.strip_prefix("images/").unwrap_or(name).to_owned();
        Ok(Self { caption, picture, classes })
    }

    /// Its pixels and what else makes it, for its way between workers.
    #[must_use]
    pub fn into_parts(self) -> (TileParts, Vec<u8>) {
        let Size { width, height } = self.picture.size();
        (TileParts { caption: self.caption, width, height, classes: self.classes }, self.picture.into_samples())
    }

    /// The tile of some parts.
    ///
    /// # Errors
    /// `Decode` when the pixels are not those of the size.
    pub fn from_parts(parts: TileParts, pixels: Vec<u8>) -> Result<Self> {
        let picture = Image::from_samples(Size::new(parts.width, parts.height), Channels::Rgb, pixels)?;
        Ok(Self { caption: parts.caption, picture, classes: parts.classes })
    }

    /// The bytes of its pixels.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.picture.size().area() as u64 * 3
    }
}

/// Whether the output at a position (from 0) of so many is one of those that a sheet shows: spread evenly.
#[must_use]
pub fn shows(position: u64, total: u64) -> bool {
    let before = |at: u64| u128::from(at) * u128::from(MOST) / u128::from(total.max(1));
    total <= MOST || position == 0 || before(position) != before(position - 1)
}

/// The sheet of some tiles in order, the names of the classes under them.
#[must_use]
pub fn sheet(tiles: &[Tile], classes: &Classes) -> Image {
    let columns = (1..COLUMNS).find(|columns| columns * columns >= tiles.len()).unwrap_or(COLUMNS);
    let side = tiles.iter().map(|tile| tile.picture.size()).map(|size| size.width.max(size.height)).max();
    let side = side.unwrap_or(1).max(text::WIDTH);
    let rows: Vec<&[Tile]> = tiles.chunks(columns).collect();
    let heights: Vec<u32> =
        rows.iter().map(|row| row.iter().map(|tile| tile.picture.size().height).max().unwrap_or(0)).collect();
    let width = columns as u32 * (side + GAP) + GAP;
    let shown: BTreeSet<usize> = filled(tiles.iter().flat_map(|tile| &tile.classes).copied());
    let names: Vec<(usize, String)> = shown.into_iter().map(|class| (class, name_of(classes, class))).collect();
    let legend = text::lines(&names, width - 2 * GAP);
    let legend_height = legend.len() as u32 * (text::HEIGHT + GAP);
    let height = heights.iter().map(|height| height + CAPTION + GAP).sum::<u32>() + GAP + legend_height;
    let mut sheet = Image::filled(Size::new(width, height), Channels::Rgb, PAPER);
    let mut pen = Pen::new(&mut sheet);
    let mut top = GAP;
    for (row, height) in rows.iter().zip(heights) {
        for (column, tile) in row.iter().enumerate() {
            let left = GAP + column as u32 * (side + GAP);
            let size = tile.picture.size();
            pen.paste(&tile.picture, left + (side - size.width) / 2, top + (height - size.height) / 2);
            let caption = shortened(&tile.caption, (side / text::WIDTH) as usize);
            text::write(&mut pen, &caption, left, top + height + 3, INK);
        }
        top += height + CAPTION + GAP;
    }
    for (line, entries) in legend.iter().enumerate() {
        let top = height - legend_height + line as u32 * (text::HEIGHT + GAP);
        let mut left = GAP;
        for (class, name) in entries {
            let (x, y, side) = (f64::from(left), f64::from(top), f64::from(text::HEIGHT));
            pen.fill(Rect::new(x, y, x + side, y + side), overlay::color(*class), 1.0);
            text::write(&mut pen, name, left + text::HEIGHT + 4, top, INK);
            left += text::entry_width(name);
        }
    }
    sheet
}

fn name_of(classes: &Classes, class: usize) -> String {
    classes.0.get(class).map_or_else(|| class.to_string(), |class| shortened(&class.name, 32))
}

/// A text of at most so many letters; the end of a name tells more than its beginning.
fn shortened(text: &str, most: usize) -> String {
    let count = text.chars().count();
    if count <= most {
        text.to_owned()
    } else {
        format!("~{}", text.chars().skip(count + 1 - most).collect::<String>())
    }
}

/// The image in RGB; what is transparent lies on white.
fn opaque(image: &Image) -> Result<Image> {
    let over = |level: u8, alpha: u8| {
        let (level, alpha) = (u32::from(level), u32::from(alpha));
        ((level * alpha + 255 * (255 - alpha) + 127) / 255) as u8
    };
    let pixel = |pixel: &[u8]| match *pixel {
        [r, g, b] => [r, g, b],
        [r, g, b, a] => [over(r, a), over(g, a), over(b, a)],
        _ => [pixel.first().copied().unwrap_or_default(); 3],
    };
    let samples = image.samples().chunks_exact(image.channels().count()).flat_map(pixel).collect();
    Image::from_samples(image.size(), Channels::Rgb, samples)
}

#[cfg(test)]
mod tests;
