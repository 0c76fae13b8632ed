//! Packs an output for its way between workers: the image, and a block of bytes with everything else, which the page
//! passes on without reading.

use augment_core::error::{Error, ErrorKind, Result};
use augment_core::formats::{Fragment, OutputLabels};
use augment_core::labels::Labels;
use augment_core::output::Line;
use augment_core::output::contact_sheet::{Tile, TileParts};
use augment_core::pipeline::Output;
use serde::{Deserialize, Serialize};

/// The head of a block, as JSON after its length in four bytes, little-endian.
#[derive(Serialize, Deserialize)]
struct Head {
    line: Line,
    /// Names and lengths of the label files and the mask; their contents follow in this order.
    entries: Vec<(String, usize)>,
    fragment: Option<Fragment>,
    /// The tile of the contact sheet; its pixels come last.
    tile: Option<TileParts>,
}

/// Packs an output into its image and block.
pub(crate) fn pack(output: Output, tile: Option<Tile>) -> Result<(Vec<u8>, Vec<u8>)> {
    let Output { line, image, labels, .. } = output;
    let OutputLabels { entries, fragment } = labels;
    let (tile, pixels) = tile.map(Tile::into_parts).unzip();
    let lengths = entries.iter().map(|(name, bytes)| (name.clone(), bytes.len())).collect();
    let head = Head { line, entries: lengths, fragment, tile };
    let head = serde_json::to_vec(&head).map_err(|error| Error::new(ErrorKind::Encode, error.to_string()))?;
    let mut block = Vec::with_capacity(4 + head.len() + entries.iter().map(|(_, bytes)| bytes.len()).sum::<usize>());
    block.extend((head.len() as u32).to_le_bytes());
    block.extend(head);
    for (_, bytes) in entries {
        block.extend(bytes);
    }
    block.extend(pixels.unwrap_or_default());
    Ok((image, block))
}

/// Unpacks an output.
pub(crate) fn unpack(image: Vec<u8>, block: &[u8]) -> Result<(Output, Option<Tile>)> {
    let broken = || Error::new(ErrorKind::Archive, "an output was damaged on its way between workers");
    let (length, rest) = block.split_first_chunk::<4>().ok_or_else(broken)?;
    let (head, mut rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize).ok_or_else(broken)?;
    let Head { line, entries: lengths, fragment, tile } = serde_json::from_slice(head).map_err(|_| broken())?;
    let mut entries = Vec::with_capacity(lengths.len());
    for (name, length) in lengths {
        let (bytes, after) = rest.split_at_checked(length).ok_or_else(broken)?;
        entries.push((name, bytes.to_vec()));
        rest = after;
    }
    let tile = tile.map(|parts| Tile::from_parts(parts, rest.to_vec())).transpose()?;
    let labels = OutputLabels { entries, fragment };
    Ok((Output { line, image, labels, placed: Labels::default() }, tile))
}

#[cfg(test)]
mod tests {
    use augment_core::files::InMemory;
    use augment_core::formats::{LabelChoice, LabelFormat};
    use augment_core::limits::Limits;
    use augment_core::output::{Assembler, Sink};
    use augment_core::pipeline::RunSpec;
    use augment_core::plan::Recipe;
    use augment_core::run::{InputDataset, Partners, Workload};

    use super::*;

    /// A sink that stores everything.
    #[derive(Default)]
    struct Memory(Vec<(String, Vec<u8>)>);

    impl Sink for Memory {
        fn add(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
            self.0.push((name.to_owned(), bytes.to_vec()));
            Ok(())
        }
    }

    #[test]
    fn packing_and_unpacking_changes_no_byte() {
        for format in [LabelFormat::Voc, LabelFormat::Coco, LabelFormat::Yolo] {
            let files: InMemory = augment_sample::dataset(3, format).map(std::result::Result::unwrap).collect();
            let found = InputDataset::open(files, false, LabelChoice::Auto, Limits::default()).unwrap();
            let recipe = r#"{"version": 1, "count": 2, "output": {"include_original": true},
                "steps": [{"op": "rotate", "degrees": [-33, 33]}, {"op": "mosaic", "p": 0.5}]}"#;
            let job = || {
                let job = RunSpec::new(Recipe::parse(recipe).unwrap(), 7, &found.dataset, format, Limits::default());
                job.with_partners(digests(&found).into_iter().map(|(digest, _)| digest).collect())
            };
            let partners = Partners::new(digests(&found));
            let run = job();
            let work = Workload::new(&found, &run, true);
            let (mut straight, mut carried) = (Assembler::new(Memory::default()), Assembler::new(Memory::default()));
            for item in 0..found.dataset.items.len() {
                let prepared = found.prepare(&run, item, found.read(item).unwrap().0).unwrap();
                for copy in 0..work.copies_of(item) {
                    let render = || work.render(&found, &run, &partners, (item, &prepared), copy).unwrap();
                    let (output, tile) = render();
                    let (image, block) = pack(output, tile.clone()).unwrap();
                    let (output, arrived) = unpack(image, &block).unwrap();
                    let pixels = |tile: Option<Tile>| tile.map(Tile::into_parts);
                    assert_eq!(pixels(arrived), pixels(tile), "the tile");
                    carried.push(output).unwrap();
                    straight.push(render().0).unwrap();
                }
            }
            let finish = |assembler: Assembler<Memory>| {
                assembler.finish(job().label_writer(), Some(&run.recipe_json())).unwrap().0.0
            };
            assert!(finish(straight) == finish(carried), "{format:?}: a byte changed on the way");
        }
    }

    fn digests(found: &InputDataset<InMemory>) -> Vec<(augment_core::digest::Digest, usize)> {
        (0..found.dataset.items.len())
            .map(|item| (augment_core::digest::Digest::of(&found.read(item).unwrap().0.image), item))
            .collect()
    }

    #[test]
    fn a_truncated_block_is_refused() {
        for block in [&b""[..], b"\x05\0\0\0ab", b"\xff\xff\xff\xff{}"] {
            assert!(unpack(Vec::new(), block).is_err(), "{block:?}");
        }
    }
}
