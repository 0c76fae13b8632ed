//! What the names of masks say besides whose they are: `a_mask.png`, `a_gtFine_instanceIds.png`, `mask_7.png`.

/// Ends of stems, and the role that each says; nothing for the mask of the classes. Of two that fit the longer comes first.
const ENDS: [(&str, &str); 26] = [
    ("_instancetrainids", "instance_train_ids"),
    ("_labeltrainids", "train_ids"),
    ("_instanceids", "instances"),
    ("_labelids", ""),
    ("_instance_color_rgb", "instance_colors"),
    ("_instance_id_rgb", "instances"),
    ("_instances", "instances"),
    ("_instance", "instances"),
    ("_panoptic", "panoptic"),
    ("_ground_truth", ""),
    ("_groundtruth", ""),
    ("_segmentation", ""),
    ("_annotation", ""),
    ("_semantic", ""),
    ("_labels", ""),
    ("_label", ""),
    ("_masks", ""),
    ("_mask", ""),
    ("-mask", ""),
    (".mask", ""),
    ("_matte", ""),
    ("_anno", ""),
    ("_seg", ""),
    ("-seg", ""),
    ("_gt", ""),
    ("_l", ""),
];
/// Ends of Cityscapes that stand before the kind: fine and coarse masks of one image are two.
const GRADES: [(&str, &str); 2] = [("_gtfine", ""), ("_gtcoarse", "coarse")];
/// Words that stems of masks begin with where those of their images begin with another.
const STARTS: [&str; 6] = ["mask", "masks", "label", "labels", "seg", "gt"];
const IMAGE_STARTS: [&str; 4] = ["image", "images", "img", "im"];

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
    by_end(stem).or_else(|| by_start(stem))
}

fn by_end(stem: &str) -> Option<MaskName> {
    // `a_mask_2`, a further one of the same image.
    let whole = stem.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches('_');
    let number = stem[whole.len()..].trim_start_matches('_');
    let numbered = Some((whole, number)).filter(|(whole, number)| !number.is_empty() && whole.ends_with("_mask"));
    let (named, number) = numbered.unwrap_or((stem, ""));
    let end = |(end, role): &(&str, &'static str)| Some((named.strip_suffix(end)?, *role));
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
    let number = if number.is_empty() { String::new() } else { format!("mask_{number}") };
    let role = [roles[0], roles[1], &number].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("_");
    (!bare.is_empty()).then(|| MaskName { bare: vec![bare], role })
}

/// `mask_7` is of `image_7`.
fn by_start(stem: &str) -> Option<MaskName> {
    let at = stem.find(['_', '-'])?;
    let (start, rest) = stem.split_at(at);
    if !STARTS.contains(&start) || rest.len() < 2 {
        return None;
    }
    let mut bare: Vec<String> = IMAGE_STARTS.iter().map(|start| format!("{start}{rest}")).collect();
    bare.push(rest[1..].to_owned());
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
        for stem in ["a", "_mask", "mask", "a_color", "masked", "a_mask_x", "mask_", "é_", "a_2", "seg"] {
            assert_eq!(mask_name(stem), None, "{stem}");
        }
    }
}
