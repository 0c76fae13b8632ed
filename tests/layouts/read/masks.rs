//! Masks of a written dataset: PNG files of levels, of a palette's positions, or of colors.

use png::{ColorType, Transformations};

use super::without_extension;
use crate::run::Written;

/// Endings that tell a mask from its image, and an image from its mask.
const ENDINGS: [&str; 5] = ["_mask", "_gtFine_labelIds", "_labelIds", "_leftImg8bit", "_segmentation"];
/// Folders and endings of what is beside the classes of pixels: numbers of objects, colors for the eye.
const OTHERS: [&str; 3] = ["SegmentationObject", "instanceIds", "_color"];

/// The pixels of a mask.
#[derive(Debug, PartialEq)]
pub(crate) struct Mask {
    pub(crate) width: usize,
    /// A level or a position in the palette; none where the mask is one of colors.
    pub(crate) levels: Vec<Option<u8>>,
    /// The color of every pixel; none where the mask is one of levels.
    pub(crate) colors: Vec<Option<[u8; 3]>>,
    /// The palette as the file has it.
    pub(crate) palette: Option<Vec<u8>>,
}

/// The mask of an image: the file outside `images/` that has its path, but for the ending.
pub(super) fn of(written: &Written, image: &str) -> Result<Mask, String> {
    let key = |name: &str| name.split_once('/').map(|(_, rest)| plain_stem(rest).to_owned());
    let wanted = key(image);
    let is_mask = |name: &&String| {
        name.ends_with(".png") && !name.starts_with("images/") && is_of_classes(name) && key(name) == wanted
    };
    let name = written.files.keys().find(is_mask).ok_or("there is no mask")?;
    Mask::read(&written.files[name]).map_err(|error| format!("{name}: {error}"))
}

/// A name without its extension, and without what tells masks from images.
pub(crate) fn plain_stem(name: &str) -> &str {
    let stem = without_extension(name);
    ENDINGS.iter().fold(stem, |stem, ending| stem.strip_suffix(ending).unwrap_or(stem))
}

/// Whether a mask of a name is one of classes, not of objects or for the eye.
pub(crate) fn is_of_classes(name: &str) -> bool {
    !OTHERS.iter().any(|other| name.contains(other))
}

impl Mask {
    /// Reads a PNG of 8 bits or less a sample.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, String> {
        let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes));
        decoder.set_transformations(Transformations::IDENTITY);
        let mut reader = decoder.read_info().map_err(|error| error.to_string())?;
        let (color, depth) = reader.output_color_type();
        let palette = reader.info().palette.as_ref().map(|palette| palette.to_vec());
        let mut samples = vec![0; reader.output_buffer_size().ok_or("too large")?];
        let frame = reader.next_frame(&mut samples).map_err(|error| error.to_string())?;
        let width = frame.width as usize;
        let bits = depth as usize;
        if bits > 8 {
            return Err("it has 16 bits".into());
        }
        let level = |row: &[u8], x: usize| row[x * bits / 8] >> (8 - bits - x * bits % 8) & (255 >> (8 - bits));
        let (mut levels, mut colors) = (Vec::new(), Vec::new());
        for row in samples.chunks_exact(frame.line_size) {
            for x in 0..width {
                let (value, rgb) = match color {
                    ColorType::Grayscale => (Some(level(row, x)), None),
                    ColorType::Indexed => (Some(level(row, x)), palette_color(palette.as_deref(), level(row, x))),
                    ColorType::Rgb => (None, Some([row[x * 3], row[x * 3 + 1], row[x * 3 + 2]])),
                    other => return Err(format!("it is one of {other:?}")),
                };
                levels.push(value);
                colors.push(rgb);
            }
        }
        Ok(Self { width, levels, colors, palette })
    }
}

fn palette_color(palette: Option<&[u8]>, at: u8) -> Option<[u8; 3]> {
    palette?.chunks_exact(3).nth(usize::from(at))?.try_into().ok()
}
