//! A baseline JPEG out of rows, byte for byte as libjpeg-turbo writes it, a row of units in memory at a time.

use libjpeg_turbo_rs::encode::marker_writer as marker;
use libjpeg_turbo_rs::encode::tables;

use crate::codec::Format;
use crate::codec::{Subsampling, too_large};
use crate::error::Result;
use crate::image::{Channels, Fill, Rows};
use crate::kernels::blocks::{AREA, Block, COLUMNS, Quantizer, SIDE, transform};
use crate::kernels::huffman::{Codes, Component, HuffmanScan};
use crate::kernels::ycc::{self, Planes};

/// Bytes that a row may be read beyond its end.
const SPARE: usize = 4;

static LUMA: Codes = Codes::new(
    (&tables::DC_LUMINANCE_BITS, &tables::DC_LUMINANCE_VALUES),
    (&tables::AC_LUMINANCE_BITS, &tables::AC_LUMINANCE_VALUES),
);
static CHROMA: Codes = Codes::new(
    (&tables::DC_CHROMINANCE_BITS, &tables::DC_CHROMINANCE_VALUES),
    (&tables::AC_CHROMINANCE_BITS, &tables::AC_CHROMINANCE_VALUES),
);

/// One component of the rows of a row of units: its samples, and what becomes of them.
struct Plane {
    samples: Vec<u8>,
    /// Samples from row to row.
    stride: usize,
    blocks: Vec<Block>,
    /// Blocks of a unit, across and down.
    unit: (usize, usize),
    /// Blocks across that show something.
    shown: usize,
}

impl Plane {
    /// Of rows of a stride, a multiple of a vector's samples, in which so many samples count.
    fn new(stride: usize, width: usize, unit: (usize, usize)) -> Self {
        let across = stride / SIDE;
        let (samples, blocks) = (vec![0; SIDE * unit.1 * stride], vec![Block::ZERO; unit.1 * across]);
        Self { samples, stride, blocks, unit, shown: width.div_ceil(SIDE) }
    }

    /// Some rows from one on.
    fn rows(&mut self, from: usize, count: usize) -> &mut [u8] {
        &mut self.samples[from * self.stride..(from + count) * self.stride]
    }

    /// Fills the rows from one on with the one before it.
    fn repeat_below(&mut self, from: usize) {
        for y in from..SIDE * self.unit.1 {
            self.samples.copy_within((from - 1) * self.stride..from * self.stride, y * self.stride);
        }
    }

    /// Transforms those of its rows of blocks that show something.
    fn transform(&mut self, quantizer: &Quantizer, down: usize) {
        let across = self.stride / SIDE;
        for (y, blocks) in self.blocks.chunks_exact_mut(across).take(down).enumerate() {
            // An even number, which registers have room for.
            let blocks = &mut blocks[..self.shown.next_multiple_of(2)];
            transform(&self.samples[y * SIDE * self.stride..][..SIDE * self.stride], self.stride, quantizer, blocks);
        }
    }

    fn component<'a>(&'a self, down: usize, codes: &'a Codes) -> Component<'a> {
        let stride = self.stride / SIDE;
        Component { blocks: &self.blocks, stride, unit: self.unit, shown: (self.shown, down), codes }
    }
}

/// Luma and chroma, or luma alone, of a row of units.
struct Units {
    y: Plane,
    chroma: Option<[Plane; 2]>,
    /// Two rows of samples as they come, RGB or gray, filled up with their last pixel.
    lines: [Vec<u8>; 2],
    /// Chroma of a row before it is halved across.
    whole: [Vec<u8>; 2],
    width: usize,
}

impl Units {
    fn new(width: usize, gray: bool, unit: (usize, usize)) -> Self {
        let stride = width.next_multiple_of(COLUMNS);
        let line = vec![0; 3 * stride + SPARE];
        let chroma = || Plane::new(stride / unit.0, width.div_ceil(unit.0), (1, 1));
        let chroma = (!gray).then(|| [chroma(), chroma()]);
        let whole = vec![0; if unit == (2, 1) { stride } else { 0 }];
        Self {
            y: Plane::new(stride, width, unit),
            chroma,
            lines: [line.clone(), line],
            whole: [whole.clone(), whole],
            width,
        }
    }

    /// Rows of a row of units.
    fn height(&self) -> usize {
        SIDE * self.y.unit.1
    }

    /// Takes the rows of a row of units, of which the last one may have fewer.
    fn take(&mut self, band: &[u8], channels: Channels, background: Fill) {
        let stride = self.width * channels.count();
        let rows = band.len() / stride;
        let row = |y: usize| &band[y * stride..(y + 1) * stride];
        let Self { y: plane, chroma, lines, whole, width } = self;
        let Some([cb, cr]) = chroma else {
            for y in 0..rows {
                let line = plane.rows(y, 1);
                line[..*width].copy_from_slice(row(y));
                let last = line[*width - 1];
                line[*width..].fill(last);
            }
            plane.repeat_below(rows);
            return;
        };
        if plane.unit.1 == 1 {
            for y in 0..rows {
                fill_line(&mut lines[0], row(y), channels, background);
                let halved = plane.unit.0 == 2;
                let (luma, chroma) = (plane.rows(y, 1), [cb.rows(y, 1), cr.rows(y, 1)]);
                if halved {
                    ycc::halved_across(&lines[0], luma, chroma, whole);
                } else {
                    let [cb, cr] = chroma;
                    ycc::full(&lines[0], luma, cb, cr);
                }
            }
            plane.repeat_below(rows);
            cb.repeat_below(rows);
            cr.repeat_below(rows);
            return;
        }
        for y in (0..rows).step_by(2) {
            fill_line(&mut lines[0], row(y), channels, background);
            // A last row alone makes its chroma with itself.
            fill_line(&mut lines[1], row((y + 1).min(rows - 1)), channels, background);
            let stride = plane.stride;
            let (upper, lower) = plane.rows(y, 2).split_at_mut(stride);
            let to = Planes { y: [upper, lower], cb: cb.rows(y / 2, 1), cr: cr.rows(y / 2, 1) };
            ycc::halved(&lines[0], &lines[1], to);
        }
        plane.repeat_below(rows);
        cb.repeat_below(rows.div_ceil(2));
        cr.repeat_below(rows.div_ceil(2));
    }
}

/// Puts a row of pixels into a line as RGB, over a background where it has alpha, and repeats its last pixel.
fn fill_line(line: &mut [u8], row: &[u8], channels: Channels, background: Fill) {
    let width = row.len() / channels.count();
    if channels == Channels::Rgba {
        for (to, from) in line.as_chunks_mut::<3>().0.iter_mut().zip(row.as_chunks::<4>().0) {
            let alpha = u32::from(from[3]);
            for (level, (over, under)) in to.iter_mut().zip(from.iter().zip(background.0)) {
                *level = ((u32::from(*over) * alpha + u32::from(under) * (255 - alpha) + 127) / 255) as u8;
            }
        }
    } else {
        line[..3 * width].copy_from_slice(row);
    }
    let (shown, beyond) = line.as_chunks_mut::<3>().0.split_at_mut(width);
    beyond.fill(shown[width - 1]);
}

/// The file of rows of at least one pixel; RGB and RGBA as colors, RGBA over a background.
pub(super) fn encode(rows: &mut dyn Rows, quality: u8, subsampling: Subsampling, background: Fill) -> Result<Vec<u8>> {
    let (size, channels) = (rows.size(), rows.channels());
    let (width, height) = (size.width as usize, size.height as usize);
    let gray = channels == Channels::Gray;
    let unit = if gray { (1, 1) } else { subsampling.factors() };
    // Levels over 255, which baseline decoders refuse, end there.
    let steps = [&tables::STD_LUMINANCE_QUANT_TABLE, &tables::STD_CHROMINANCE_QUANT_TABLE]
        .map(|table| tables::quality_scale_quant_table(table, quality));
    let components = if gray { 1 } else { 3 };
    let quantizers = steps.map(|steps| Quantizer::new(&steps));

    let mut units = Units::new(width, gray, unit);
    let mut band = Vec::new();
    let bytes = width * channels.count() * units.height();
    band.try_reserve_exact(bytes).map_err(|_| too_large(Format::Jpeg))?;
    let mut file = Vec::with_capacity(usual_bytes(width * height));
    head(&mut file, (width, height), &steps, components, unit);
    let mut scan = HuffmanScan::new(file);
    let across = width.div_ceil(SIDE * units.y.unit.0);
    for top in (0..height).step_by(units.height()) {
        let end = (top + units.height()).min(height);
        band.resize((end - top) * width * channels.count(), 0);
        rows.read(top as u32..end as u32, &mut band)?;
        units.take(&band, channels, background);
        let down = (end - top).div_ceil(SIDE);
        units.y.transform(&quantizers[0], down);
        let luma = units.y.component(down, &LUMA);
        match &mut units.chroma {
            None => scan.put(&[luma], across),
            Some([cb, cr]) => {
                cb.transform(&quantizers[1], 1);
                cr.transform(&quantizers[1], 1);
                scan.put(&[luma, cb.component(1, &CHROMA), cr.component(1, &CHROMA)], across);
            }
        }
    }
    let mut file = scan.finish();
    marker::write_eoi(&mut file);
    Ok(file)
}

/// Room for the file of so many pixels that mostly suffices, noise included; what is not used of it takes no memory yet.
const fn usual_bytes(pixels: usize) -> usize {
    pixels / 2 + 1024
}

fn head(
    file: &mut Vec<u8>,
    (width, height): (usize, usize),
    steps: &[[u16; AREA]; 2],
    components: usize,
    unit: (usize, usize),
) {
    let tables_used = if components == 1 { 1 } else { 2 };
    marker::write_soi(file);
    marker::write_app0_jfif(file);
    for (id, steps) in (0..).zip(&steps[..tables_used]) {
        marker::write_dqt(file, id, steps);
    }
    let frame = [(1, unit.0 as u8, unit.1 as u8, 0), (2, 1, 1, 1), (3, 1, 1, 1)];
    marker::write_sof0(file, width as u16, height as u16, &frame[..components]);
    let huffman: [(&[u8; 17], &[u8]); 4] = [
        (&tables::DC_LUMINANCE_BITS, &tables::DC_LUMINANCE_VALUES),
        (&tables::AC_LUMINANCE_BITS, &tables::AC_LUMINANCE_VALUES),
        (&tables::DC_CHROMINANCE_BITS, &tables::DC_CHROMINANCE_VALUES),
        (&tables::AC_CHROMINANCE_BITS, &tables::AC_CHROMINANCE_VALUES),
    ];
    for (at, (bits, values)) in (0..).zip(&huffman[..2 * tables_used]) {
        marker::write_dht(file, at % 2, at / 2, bits, values);
    }
    let scan = [(1, 0, 0), (2, 1, 1), (3, 1, 1)];
    marker::write_sos(file, &scan[..components]);
}

#[cfg(test)]
mod tests {
    use libjpeg_turbo_rs::encode::pipeline::{CompressParams, compress_with_params};
    use libjpeg_turbo_rs::{PixelFormat, Subsampling as Sampling};

    use super::*;
    use crate::image::Image;
    use crate::kernels::simd::tiers;
    use crate::kernels::testing::picture;

    fn reference(image: &Image, quality: u8, subsampling: Subsampling) -> Vec<u8> {
        let format = match image.channels() {
            Channels::Gray => PixelFormat::Grayscale,
            Channels::Rgb => PixelFormat::Rgb,
            Channels::Rgba => PixelFormat::Rgbx,
        };
        let sampling = match subsampling {
            Subsampling::Quarter => Sampling::S420,
            Subsampling::Half => Sampling::S422,
            Subsampling::Full => Sampling::S444,
        };
        let (width, height) = (image.size().width as usize, image.size().height as usize);
        compress_with_params(&CompressParams::new(image.samples(), width, height, format, quality, sampling)).unwrap()
    }

    fn compare(image: &Image, quality: u8, subsampling: Subsampling) {
        let file = encode(&mut &*image, quality, subsampling, Fill::BLACK).unwrap();
        let reference = reference(image, quality, subsampling);
        let differs = file.iter().zip(&reference).position(|(a, b)| a != b);
        assert!(
            file == reference,
            "{image:?} at {quality}, {subsampling:?}: {} bytes instead of {}, other from {differs:?} on",
            file.len(),
            reference.len()
        );
    }

    #[test]
    fn files_are_those_of_libjpeg_turbo_at_every_size_and_quality() {
        tiers::each(|| {
            for subsampling in [Subsampling::Quarter, Subsampling::Half, Subsampling::Full] {
                for (width, height) in
                    (1..=35).map(|side| (side, 1 + side * 7 % 37)).chain([(64, 16), (61, 97), (200, 3)])
                {
                    for channels in [Channels::Gray, Channels::Rgb] {
                        let image = picture(width, height, channels);
                        for quality in [1, 20, 50, 75, 90, 100] {
                            compare(&image, quality, subsampling);
                        }
                    }
                }
            }
        });
    }

    #[test]
    fn files_of_extremes_are_those_of_libjpeg_turbo() {
        tiers::each(|| {
            for case in 0..60_usize {
                let size = crate::geometry::Size::new(40 + case as u32 % 9, 33 + case as u32 % 17);
                let mut image = Image::zeroed(size, Channels::Rgb);
                for (at, level) in image.samples_mut().iter_mut().enumerate() {
                    *level = match case % 4 {
                        0 => [0, 255][at * (case + 3) / 11 % 2],
                        1 => [0, 255][(at / 3 + at / 120) % 2],
                        2 => (at * at * 31 / 7 + case) as u8,
                        _ => [0, 255][(at * at * at / 97) % 2],
                    };
                }
                compare(
                    &image,
                    [100, 95, 90, 30][case / 4 % 4],
                    [Subsampling::Quarter, Subsampling::Half, Subsampling::Full][case / 16 % 3],
                );
            }
        });
    }

    #[test]
    fn alpha_is_laid_over_the_background() {
        let mut image = picture(37, 21, Channels::Rgba);
        for (at, pixel) in image.samples_mut().as_chunks_mut::<4>().0.iter_mut().enumerate() {
            pixel[3] = if at % 3 == 0 { 0 } else { 255 };
        }
        let over = image.samples().as_chunks::<4>().0.iter();
        let over = over.flat_map(|p| if p[3] == 0 { [9, 8, 7] } else { [p[0], p[1], p[2]] }).collect();
        let over = Image::from_samples(image.size(), Channels::Rgb, over).unwrap();
        let file = encode(&mut &image, 90, Subsampling::Quarter, Fill([9, 8, 7])).unwrap();
        assert_eq!(file, reference(&over, 90, Subsampling::Quarter));
    }
}
