//! Runs the command, and makes small datasets for it.

use std::fs;
use std::path::Path;
use std::process::Command;

use augment_core::codec::{Encoding, PngCompression, Subsampling, encode};
use augment_core::digest::Digest;
use augment_core::geometry::Size;
use augment_core::image::{Channels, Fill, Image};

/// The command, ready for arguments.
pub(crate) fn delta() -> Command {
    Command::new(env!("CARGO_BIN_EXE_delta"))
}

/// What a finished command said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    /// The JSON object on standard output.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// Runs the command in a folder; arguments are split at spaces.
pub(crate) fn run(folder: &Path, arguments: &str) -> Said {
    let output = delta().current_dir(folder).args(arguments.split(' ')).output().unwrap();
    Said {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Runs the command, which must end well.
pub(crate) fn run_well(folder: &Path, arguments: &str) -> Said {
    let said = run(folder, arguments);
    assert_eq!(said.code, 0, "delta {arguments}: {said:?}");
    said
}

/// A picture with something in it, different for every number.
pub(crate) fn picture(number: u32, width: u32, height: u32) -> Image {
    let samples = (0..height)
        .flat_map(|y| (0..width).map(move |x| (x, y)))
        .flat_map(|(x, y)| {
            let block = ((x / 8 + y / 8 + number) % 5) * 40;
            [(x + number * 31) as u8, (y * 2) as u8, block as u8]
        })
        .collect();
    Image::from_samples(Size::new(width, height), Channels::Rgb, samples).unwrap()
}

pub(crate) fn jpeg(image: &Image) -> Vec<u8> {
    encode(image, &Encoding::Jpeg { quality: 90, subsampling: Subsampling::Quarter }, None, Fill::BLACK).unwrap()
}

pub(crate) fn png(image: &Image) -> Vec<u8> {
    encode(image, &Encoding::Png { compression: PngCompression::Fast }, None, Fill::BLACK).unwrap()
}

/// Writes a file and the folders that it lies in.
pub(crate) fn write(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// A VOC file of boxes.
pub(crate) fn voc(width: u32, height: u32, boxes: &[[u32; 4]]) -> String {
    let object = |[x0, y0, x1, y1]: &[u32; 4]| {
        format!(
            "<object><name>cell</name><bndbox><xmin>{x0}</xmin><ymin>{y0}</ymin><xmax>{x1}</xmax><ymax>{y1}</ymax>\
             </bndbox></object>"
        )
    };
    format!(
        "<annotation><size><width>{width}</width><height>{height}</height><depth>3</depth></size>{}</annotation>",
        boxes.iter().map(object).collect::<String>()
    )
}

/// A VOC dataset of so many pictures in `data/`.
pub(crate) fn dataset(folder: &Path, count: u32) {
    for number in 0..count {
        let (width, height) = (96 + number * 8, 80);
        write(folder, &format!("data/images/p{number}.jpg"), jpeg(&picture(number, width, height)));
        let boxes = [[5, 6, 40 + number, 50], [30, 20, 90, 70]];
        write(folder, &format!("data/annotations/p{number}.xml"), voc(width, height, &boxes));
    }
}

/// The names and hashes of all files in a folder.
pub(crate) fn contents(folder: &Path) -> Vec<(String, Digest)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                found.push((name, Digest::of(&fs::read(path).unwrap())));
            }
        }
    }
    found.sort();
    found
}

/// The names and hashes of all entries of a zip.
pub(crate) fn entries(path: &Path) -> Vec<(String, Digest)> {
    use augment_core::files::Files;
    let bytes = fs::read(path).unwrap();
    let zip = augment_core::archive::ZipFiles::open(std::io::Cursor::new(bytes), Default::default()).unwrap();
    assert!(zip.problems().is_empty(), "{:?}", zip.problems());
    zip.names().iter().map(|name| (name.clone(), Digest::of(&zip.read(name).unwrap()))).collect()
}
