//! What the names of masks say besides whose they are: `a_mask.png`, `a_gtFine_instanceIds.png`, `mask_7.png`.

/// Last words of stems, and the role that each says; nothing for the mask of the classes. Of two that fit the longer comes
/// first.
const ENDS: [(&str, &str); 54] = [
    ("instancetrainids", "instance_train_ids"),
    ("labeltrainids", "train_ids"),
    ("instanceids", "instances"),
    ("labelids", ""),
    ("instancelevel3ids", "level3_instances"),
    ("labellevel3ids", "level3_ids"),
    ("instance_color_rgb", "instance_colors"),
    ("instance_id_rgb", "instances"),
    ("instance_masks", "instances"),
    ("instance_mask", "instances"),
    ("instances", "instances"),
    ("instance", "instances"),
    ("panoptic", "panoptic"),
    ("color_mask", "color"),
    ("semantic_mask", ""),
    ("binary_mask", ""),
    ("gt_mask", ""),
    ("cp_masks", ""),
    ("ground_truth", ""),
    ("groundtruth", ""),
    ("segmentation", ""),
    ("annotation", ""),
    ("semantic", ""),
    ("train_color", "color"),
    ("train_ids", ""),
    ("train_id", ""),
    ("manual1", ""),
    ("manual2", "second"),
    ("1stho", ""),
    ("2ndho", "second"),
    ("label_viz", "visualization"),
    ("labels", ""),
    ("label", ""),
    ("masks", ""),
    ("mask", ""),
    ("matte", ""),
    ("alpha", ""),
    ("trimap", ""),
    ("target", ""),
    ("class", ""),
    ("segm", ""),
    ("anno", ""),
    ("pred", ""),
    ("road", ""),
    ("ann", ""),
    ("msk", ""),
    ("seg", ""),
    ("bw", ""),
    ("gt", ""),
    ("manual", ""),
    ("truth", ""),
    ("roi", ""),
    ("l", ""),
    ("m", ""),
];
/// What stands before a last word; before one of a single letter only the first.
const SEPARATORS: [char; 4] = ['_', '-', '.', ' '];
/// Words before the number of one of several masks.
const NUMBERED: [&str; 3] = ["mask", "object", "parts"];
/// Whole stems of masks in a folder of an image's own, and the role that each says.
const WHOLE: [(&str, &str); 12] = [
    ("mask", ""),
    ("masks", ""),
    ("label", ""),
    ("labels", ""),
    ("gt", ""),
    ("seg", ""),
    ("segmentation", ""),
    ("annotation", ""),
    ("groundtruth", ""),
    ("ground_truth", ""),
    ("instances", "instances"),
    ("label_viz", "visualization"),
];
/// Whole stems of the images beside these.
const WHOLE_IMAGES: [&str; 6] = ["image", "img", "photo", "rgb", "input", "original"];
/// Ends of Cityscapes that stand before the kind: fine and coarse masks of one image are two.
const GRADES: [(&str, &str); 2] = [("_gtfine", ""), ("_gtcoarse", "coarse")];
/// Words that stems of masks begin with where those of their images begin with another.
const STARTS: [&str; 6] = ["mask", "masks", "label", "labels", "seg", "gt"];
const IMAGE_STARTS: [&str; 4] = ["image", "images", "img", "im"];

/// Words of folders of masks, beside others that say nothing.
const HINTS: [&str; 20] = [
    "mask",
    "masks",
    "gt",
    "groundtruth",
    "truth",
    "label",
    "labels",
    "annotation",
    "annotations",
    "anno",
    "annos",
    "annot",
    "seg",
    "segmentation",
    "segmentations",
    "semantic",
    "matte",
    "mattes",
    "trimap",
    "trimaps",
];

/// Whether the name of a folder has the word of masks among others: `CelebAMask-HQ-mask-anno`, and `with_mask`.
pub(super) fn hints_at_masks(folder: &str) -> bool {
    let lower = folder.to_lowercase();
    lower.split(['_', '-', ' ', '.']).any(|word| HINTS.contains(&word))
}

/// What a stem says of a mask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MaskName {
    /// Stems that its image may have.
    pub(super) bare: Vec<String>,
    /// What it shows; nothing for the classes.
    pub(super) role: String,
}

/// What a stem in lower case says, where it is one of a mask.
pub(super) fn mask_name(stem: &str) -> Option<MaskName> {
    by_whole(stem).or_else(|| by_end(stem)).or_else(|| by_start(stem))
}

/// `mask` is of the `image` in its folder.
fn by_whole(stem: &str) -> Option<MaskName> {
    let (_, role) = WHOLE.iter().find(|(whole, _)| *whole == stem)?;
    Some(MaskName { bare: WHOLE_IMAGES.map(str::to_owned).to_vec(), role: (*role).to_owned() })
}

fn by_end(stem: &str) -> Option<MaskName> {
    // `a_mask_2`, a further one of the same image.
    let whole = stem.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches('_');
    let number = stem[whole.len()..].trim_start_matches('_');
    let kind = NUMBERED.iter().find(|kind| whole.strip_suffix(**kind).is_some_and(|rest| rest.ends_with('_')));
    let (named, number) = match kind.filter(|_| !number.is_empty()) {
        Some(kind) => (&whole[..whole.len() - kind.len() - 1], format!("{kind}_{number}")),
        None => (stem, String::new()),
    };
    if !number.is_empty() {
        return (!named.is_empty()).then(|| MaskName { bare: vec![named.to_owned()], role: number });
    }
    let end = |(end, role): &(&str, &'static str)| {
        let rest = named.strip_suffix(end)?;
        let separators = if end.len() > 1 { &SEPARATORS[..] } else { &SEPARATORS[..1] };
        Some((rest.strip_suffix(separators)?, *role))
    };
    let graded =
        |rest: &'_ str| GRADES.iter().find_map(|(end, grade)| Some((rest.strip_suffix(end)?.to_owned(), *grade)));
    let (bare, roles) = match ENDS.iter().find_map(end) {
        Some((rest, role)) => match graded(rest) {
            Some((bare, grade)) => (bare, [grade, role]),
            None => (rest.to_owned(), ["", role]),
        },
        None => {
            let (bare, grade) = graded(named.strip_suffix("_color")?)?;
            (bare, [grade, "color"])
        }
    };
    let role = roles.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("_");
    (!bare.is_empty()).then(|| MaskName { bare: vec![bare], role })
}

/// `mask_7` and `mask7` are of `image_7` and `img7`.
fn by_start(stem: &str) -> Option<MaskName> {
    let rest = STARTS.iter().find_map(|start| {
        let rest = stem.strip_prefix(start)?;
        rest.starts_with(|c: char| matches!(c, '_' | '-') || c.is_ascii_digit()).then_some(rest)
    })?;
    let plain = rest.trim_start_matches(['_', '-']);
    if plain.is_empty() {
        return None;
    }
    let mut bare: Vec<String> = IMAGE_STARTS.iter().map(|start| format!("{start}{rest}")).collect();
    bare.push(plain.to_owned());
    Some(MaskName { bare, role: String::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stems_of_masks_say_whose_and_of_what_they_are() {
        for (stem, bare, role) in [
            ("a_mask", "a", ""),
            ("a_mask_2", "a", "mask_2"),
            ("a_object_12", "a", "object_12"),
            ("a-label", "a", ""),
            ("a.ann", "a", ""),
            ("a_color_mask", "a", "color"),
            ("a_instance_mask", "a", "instances"),
            ("a_cp_masks", "a", ""),
            ("f0_gtfine_labellevel3ids", "f0", "level3_ids"),
            ("a_parts_1", "a", "parts_1"),
            ("a_1_mask", "a_1", ""),
            ("ulm_0_gtfine_labelids", "ulm_0", ""),
            ("ulm_0_gtfine_labeltrainids", "ulm_0", "train_ids"),
            ("ulm_0_gtfine_instanceids", "ulm_0", "instances"),
            ("ulm_0_gtfine_color", "ulm_0", "color"),
            ("ulm_0_gtcoarse_instanceids", "ulm_0", "coarse_instances"),
            ("isic_7_segmentation", "isic_7", ""),
            ("0001tp_6690_l", "0001tp_6690", ""),
        ] {
            assert_eq!(
                mask_name(stem),
                Some(MaskName { bare: vec![bare.to_owned()], role: role.to_owned() }),
                "{stem}"
            );
        }
        assert!(mask_name("mask_07").unwrap().bare.contains(&"image_07".to_owned()), "one word stands for the other");
        assert!(mask_name("mask7").unwrap().bare.contains(&"img7".to_owned()), "with nothing between, too");
        assert!(mask_name("label").unwrap().bare.contains(&"img".to_owned()), "in a folder of the image's own");
        for stem in ["a", "_mask", "a_color", "masked", "a_mask_x", "mask_", "é_", "a_2", "a-l", "signal"] {
            assert_eq!(mask_name(stem), None, "{stem}");
        }
    }
}
