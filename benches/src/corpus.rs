//! The photographs that everybody augments: real JPEGs in one flat folder, without labels.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use augment_core::codec::{self, Encoding, Subsampling};
use augment_core::image::Fill;
use augment_core::limits::Limits;

/// Folders of the real data and what their photographs are.
const SETS: &[(&str, &str)] = &[
    ("bccd-voc/images", "micrographs of 640x480"),
    ("coco-keypoints", "photographs of about 640x425"),
    ("exif-orientation", "photographs of 1800x1200"),
    ("kodak", "photographs of 768x512, re-encoded from PNG at quality 95, 4:2:0"),
];

/// A folder of JPEGs.
#[derive(Debug)]
pub(crate) struct Corpus {
    /// The folder.
    pub(crate) folder: PathBuf,
    /// Its files, by name.
    pub(crate) files: Vec<PathBuf>,
    /// Pixels of all of them, in millions.
    pub(crate) megapixels: f64,
    sets: Vec<(usize, &'static str)>,
}

impl Corpus {
    /// Of files that were made elsewhere.
    pub(crate) fn of(folder: PathBuf, files: Vec<PathBuf>, megapixels: f64) -> Self {
        Self { folder, files, megapixels, sets: Vec::new() }
    }

    /// One sentence on what is in it.
    pub(crate) fn describe(&self) -> String {
        let sets: Vec<String> = self.sets.iter().map(|(count, what)| format!("{count} {what}")).collect();
        format!("{} JPEGs, {:.1} megapixels: {}", self.files.len(), self.megapixels, sets.join("; "))
    }
}

/// Copies the JPEGs of the real data into one folder and re-encodes the PNGs.
pub(crate) fn make(data: &Path, scratch: &Path) -> anyhow::Result<Corpus> {
    let folder = scratch.join("corpus");
    std::fs::create_dir_all(&folder)?;
    let limits = Limits::default();
    let mut corpus = Corpus { folder, files: Vec::new(), megapixels: 0.0, sets: Vec::new() };
    for (set, what) in SETS {
        let mut sources: Vec<PathBuf> = std::fs::read_dir(data.join(set))
            .with_context(|| format!("the real data has no folder {set}"))?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<_, _>>()?;
        sources.sort();
        let mut count = 0;
        for source in sources {
            let extension = source.extension().unwrap_or_default().to_string_lossy().to_lowercase();
            let bytes = match extension.as_str() {
                "jpg" | "jpeg" => std::fs::read(&source)?,
                "png" => {
                    let image = codec::decode(&std::fs::read(&source)?, &limits)?.image;
                    let jpeg = Encoding::Jpeg { quality: 95, subsampling: Subsampling::Quarter };
                    codec::encode(&image, &jpeg, None, Fill::BLACK)?
                }
                _ => continue,
            };
            let size = codec::probe(&bytes, &limits)?.stored;
            corpus.megapixels += f64::from(size.width) * f64::from(size.height) / 1e6;
            let name = format!("{}.jpg", source.file_stem().unwrap_or_default().to_string_lossy());
            let path = corpus.folder.join(name);
            std::fs::write(&path, bytes)?;
            corpus.files.push(path);
            count += 1;
        }
        corpus.sets.push((count, what));
    }
    corpus.files.sort();
    Ok(corpus)
}
