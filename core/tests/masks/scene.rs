//! Painted scenes whose colors tell the class of every pixel, their masks in files of every kind, and runs over them.

use augment_core::Error;
use augment_core::codec::{Encoding, Subsampling, decode, encode};
use augment_core::files::InMemory;
use augment_core::formats::{LabelChoice, LabelFormat};
use augment_core::geometry::Size;
use augment_core::image::{Channels, Fill, Image};
use augment_core::labels::{Mask, Value, Values};
use augment_core::limits::Limits;
use augment_core::output::Line;
use augment_core::pipeline::RunSpec;
use augment_core::plan::Recipe;
use augment_core::run::{InputDataset, Partners, Workload};

pub(crate) const SIZE: Size = Size::new(150, 110);

/// The color that each class is painted in; the first is the background, as what a turn uncovers is.
pub(crate) const COLORS: [[u8; 3]; 4] = [[0, 0, 0], [220, 30, 30], [30, 220, 30], [40, 60, 230]];

/// How a mask holds the classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Gray levels.
    Gray,
    /// Indices of a palette in a PNG of 4 bits.
    Palette,
    /// Class × 1000 and a bit for the half of the image, in 16 bits.
    Words,
    /// The colors of the scene.
    Rgb,
    /// Indices of a GIF.
    Gif,
    /// White where there is any class, as JPEG.
    Jpeg,
}

/// The class of every pixel of a scene.
pub(crate) fn classes(scene: usize) -> Vec<u8> {
    let (width, shift) = (SIZE.width as usize, scene * 9);
    let class = |at: usize| {
        let (x, y) = (at % width, at / width);
        let disc = (x + shift).abs_diff(95).pow(2) + y.abs_diff(40).pow(2) < 600;
        match () {
            () if disc => 2,
            () if (20..60).contains(&(x + shift)) && (15..75).contains(&y) => 1,
            () if y > 80 && x + shift > 40 && x < 100 + y / 2 => 3,
            () => 0,
        }
    };
    (0..SIZE.area()).map(class).collect()
}

/// A scene as a PNG.
pub(crate) fn image(scene: usize) -> Vec<u8> {
    let samples = classes(scene).into_iter().flat_map(|class| COLORS[usize::from(class)]).collect();
    let image = Image::from_samples(SIZE, Channels::Rgb, samples).unwrap();
    encode(&image, &Encoding::Png { compression: Default::default() }, None, Fill::BLACK).unwrap()
}

fn png(color: png::ColorType, depth: png::BitDepth, data: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, SIZE.width, SIZE.height);
    encoder.set_color(color);
    encoder.set_depth(depth);
    if color == png::ColorType::Indexed {
        encoder.set_palette(COLORS.as_flattened());
    }
    encoder.write_header().unwrap().write_image_data(data).unwrap();
    bytes
}

/// The mask of a scene.
pub(crate) fn mask(scene: usize, kind: Kind) -> Vec<u8> {
    use png::{BitDepth, ColorType};
    let classes = classes(scene);
    match kind {
        Kind::Gray => png(ColorType::Grayscale, BitDepth::Eight, &classes),
        Kind::Palette => {
            let halves: Vec<u8> = classes.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect();
            png(ColorType::Indexed, BitDepth::Four, &halves)
        }
        Kind::Words => {
            let number = |(at, class): (usize, &u8)| (u16::from(*class) * 1000 + (at % 150 / 75) as u16).to_be_bytes();
            png(
                ColorType::Grayscale,
                BitDepth::Sixteen,
                &classes.iter().enumerate().flat_map(number).collect::<Vec<_>>(),
            )
        }
        Kind::Rgb => image(scene),
        Kind::Gif => {
            let mut bytes = Vec::new();
            let (width, height) = (SIZE.width as u16, SIZE.height as u16);
            let mut encoder = gif::Encoder::new(&mut bytes, width, height, COLORS.as_flattened()).unwrap();
            let frame = gif::Frame { width, height, buffer: classes.into(), ..gif::Frame::default() };
            encoder.write_frame(&frame).unwrap();
            drop(encoder);
            bytes
        }
        Kind::Jpeg => {
            let white = classes.into_iter().map(|class| if class > 0 { 255 } else { 0 }).collect();
            let image = Image::from_samples(SIZE, Channels::Gray, white).unwrap();
            encode(&image, &Encoding::Jpeg { quality: 90, subsampling: Subsampling::Quarter }, None, Fill::BLACK)
                .unwrap()
        }
    }
}

impl Kind {
    /// The class that a value stands for.
    fn class(self, value: Value) -> u8 {
        match value {
            Value::Number(number) if self == Self::Words => (number / 1000) as u8,
            Value::Number(number) if self == Self::Jpeg => u8::from(number > 0),
            Value::Number(number) => number as u8,
            Value::Color(color) => COLORS.iter().position(|known| *known == color).map_or(9, |class| class as u8),
        }
    }

    /// Whether values are held as they are in files of this kind.
    pub(crate) fn is_of(self, values: &Values) -> bool {
        match (self, values) {
            (Self::Palette | Self::Gif, Values::Indices(palette)) => palette.colors[..4] == COLORS,
            (Self::Gray | Self::Jpeg, Values::Bytes) | (Self::Words, Values::Words) | (Self::Rgb, Values::Rgb) => true,
            _ => false,
        }
    }
}

/// The share of pixels whose class by the mask is the class that the image is painted in; edges, where colors blend, do
/// not count.
pub(crate) fn agreement(image: &[u8], mask: &Mask, kind: Kind) -> f64 {
    let image = decode(image, &Limits::default()).unwrap().image;
    assert_eq!(image.size(), mask.size(), "a mask is as large as its image");
    let shown = |pixel: &[u8]| {
        let near = |color: &[u8; 3]| color.iter().zip(pixel).all(|(a, b)| a.abs_diff(*b) < 12);
        let class = COLORS.iter().position(near)? as u8;
        Some(if kind == Kind::Jpeg { u8::from(class > 0) } else { class })
    };
    let n = image.channels().count();
    let pixels = image.samples().chunks_exact(n).zip(mask.each_value());
    let pairs: Vec<(u8, u8)> = pixels.filter_map(|(pixel, value)| Some((shown(pixel)?, kind.class(value)))).collect();
    assert!(pairs.len() * 10 > image.size().area() * 9, "most of the picture is of one class");
    pairs.iter().filter(|(shown, value)| shown == value).count() as f64 / pairs.len() as f64
}

/// Everything that a run makes.
pub(crate) struct Made {
    pub(crate) found: InputDataset<InMemory>,
    pub(crate) lines: Vec<Line>,
    pub(crate) files: Vec<(String, Vec<u8>)>,
}

impl Made {
    pub(crate) fn bytes(&self, name: &str) -> &[u8] {
        let file = self.files.iter().find(|(known, _)| known == name);
        let names = || self.files.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>();
        &file.unwrap_or_else(|| panic!("no {name}: {:?}", names())).1
    }

    pub(crate) fn names(&self) -> Vec<&str> {
        self.files.iter().map(|(name, _)| name.as_str()).collect()
    }
}

pub(crate) fn open(files: Vec<(String, Vec<u8>)>) -> InputDataset<InMemory> {
    InputDataset::open(files.into_iter().collect(), false, LabelChoice::Auto, Limits::default()).unwrap()
}

/// Runs a recipe over files.
pub(crate) fn run(files: Vec<(String, Vec<u8>)>, recipe: &str, labels: Option<LabelFormat>) -> Result<Made, Error> {
    let found = open(files);
    let format = labels.unwrap_or(found.dataset.format);
    let recipe = Recipe::parse(recipe).unwrap();
    let mut job = RunSpec::new(recipe, 5, &found.dataset, format, Limits::default());
    let mut digests = Vec::new();
    for (at, item) in found.dataset.items.iter().enumerate() {
        use augment_core::files::Files as _;
        digests.push((augment_core::digest::Digest::of(&found.inputs.read(&item.name)?), at));
    }
    job = job.with_partners(digests.iter().map(|(digest, _)| *digest).collect());
    let (work, partners) = (Workload::new(&found, &job, false), Partners::new(digests));
    let (mut lines, mut files, mut fragments) = (Vec::new(), Vec::new(), Vec::new());
    for source in 0..work.sources() {
        let prepared = found.prepare(&job, source, found.read(source)?.0)?;
        for copy in 0..work.copies_of(source) {
            let (output, _) = work.render(&found, &job, &partners, (source, &prepared), copy)?;
            files.push((output.line.output.clone(), output.image));
            files.extend(output.labels.entries);
            fragments.extend(output.labels.fragment);
            lines.push(output.line);
        }
    }
    files.extend(job.label_writer().finish(&fragments)?);
    Ok(Made { found, lines, files })
}
