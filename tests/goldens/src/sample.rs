//! The sample's scenes: pixels and labels, drawn without any codec.

use augment_core::geometry::Size;

use crate::Golden;

pub(crate) fn add(goldens: &mut Vec<Golden>) {
    for (index, name) in ["street", "park", "table"].into_iter().enumerate() {
        let scene = augment_sample::scene(index as u32, Size::new(320, 240));
        goldens.push(Golden::of("sample", &format!("{name}/pixels"), scene.image.samples()));
        let labels: String = scene
            .labels
            .objects
            .iter()
            .map(|object| format!("{} {:?} {:?} {:?}\n", object.class, object.bbox, object.shape, object.keypoints))
            .collect();
        goldens.push(Golden::of("sample", &format!("{name}/labels"), labels.as_bytes()));
    }
}
