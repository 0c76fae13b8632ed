//! What the label targets share: one image, one label file, and the way from its bytes to every format and back.

use augment_core::files::InMemory;
use augment_core::formats::{Frame, LabelChoice, LabelFormat, LabelWriter, open};
use augment_core::geometry::Size;
use augment_core::limits::Limits;

/// Reads labels, places them on an image as stored and turned, and writes them in every format. What was written is
/// read without a problem and without dropping an object.
pub fn through_all(files: &[(&str, &[u8])]) {
    let limits = Limits { max_objects: 1000, max_pixels: 1 << 20, ..Limits::default() };
    let memory: InMemory = files.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec())).collect();
    let dataset = open(&memory, LabelChoice::Auto, &limits).expect("what fails is a problem");
    let (wide, tall) = (Size::new(64, 48), Size::new(48, 64));
    for item in &dataset.items {
        for frame in [Frame::plain(wide), Frame { stored: wide, upright: tall, orientation: 6 }] {
            let Ok(placed) = item.place(&frame, None) else { continue };
            assert_eq!(placed.read, placed.labels.objects.len() + placed.dropped.len(), "nothing goes missing");
            for format in LabelFormat::WRITTEN {
                let writer = LabelWriter::new(format, &dataset);
                let output = writer.render("images/a.jpg", None, frame.upright, &placed.labels).expect("labels are written");
                let mut entries = output.entries;
                entries.extend(writer.finish(output.fragment.as_slice()).expect("the rest is written"));
                entries.push(("images/a.jpg".to_owned(), Vec::new()));
                let written: InMemory = entries.into_iter().collect();
                let again = open(&written, LabelChoice::Auto, &limits).expect("what fails is a problem");
                assert!(again.problems.is_empty(), "{:?}", again.problems);
                let again = again.items[0].place(&Frame::plain(frame.upright), None).expect("what was written is read");
                assert!(again.read <= placed.labels.objects.len(), "no object comes from nowhere");
            }
        }
    }
}
