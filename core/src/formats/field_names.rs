//! What the names of fields say of what these hold, whatever tool wrote them.

/// Last words of the names of fields whose numbers are places in the image.
const PLACES: [&str; 50] = [
    "box",
    "boxes",
    "bbox",
    "bboxes",
    "rect",
    "rects",
    "kpt",
    "kpts",
    "keypoint",
    "keypoints",
    "joint",
    "joints",
    "landmark",
    "landmarks",
    "point",
    "points",
    "polygon",
    "polygons",
    "polyline",
    "polylines",
    "segmentation",
    "segmentations",
    "contour",
    "contours",
    "corner",
    "corners",
    "outline",
    "outlines",
    "vertices",
    "quad",
    "quads",
    "rle",
    "center",
    "centers",
    "centre",
    "centres",
    "centroid",
    "centroids",
    "coord",
    "coords",
    "coordinate",
    "coordinates",
    "position",
    "positions",
    "roi",
    "rois",
    "xy",
    "xyxy",
    "xywh",
    "ltrb",
];
/// Words behind these that say how the numbers are written: `bbox_xyxy`, `keypoints_2d`.
const NOTATIONS: [&str; 7] = ["d", "x", "y", "xy", "xyxy", "xywh", "ltrb"];
/// Names of fields that are one coordinate each, in lower case without what is no letter or digit.
const COORDINATES: [&str; 36] = [
    "xmin", "ymin", "xmax", "ymax", "minx", "miny", "maxx", "maxy", "x", "y", "x0", "y0", "x1", "y1", "x2", "y2", "x3",
    "y3", "x4", "y4", "cx", "cy", "xc", "yc", "xcenter", "ycenter", "centerx", "centery", "xtl", "ytl", "xbr", "ybr",
    "left", "top", "dpx", "dpy",
];
/// What words in the names of columns of labels begin with.
const LABELS: [&str; 26] = [
    "label", "class", "categor", "annot", "object", "target", "tag", "caption", "breed", "species", "variety",
    "diagnos", "bbox", "box", "bound", "polygon", "contour", "segment", "mask", "rle", "encoded", "keypoint",
    "landmark", "xmin", "ymin", "roi",
];

/// The words of a name in lower case: they end where a capital letter or no letter follows.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut small = false;
    for c in name.chars() {
        if !c.is_alphabetic() || small && c.is_uppercase() {
            words.push(String::new());
        }
        small = c.is_lowercase();
        if let Some(word) = words.last_mut().filter(|_| c.is_alphabetic()) {
            word.extend(c.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether the last word of a name means a place: `face_box` does, `box_color` does not.
pub(super) fn is_place(name: &str) -> bool {
    let words = words(name);
    let is_place = |word: &String| PLACES.contains(&word.as_str());
    let last = words.iter().rposition(|word| !NOTATIONS.contains(&word.as_str()));
    words.last().is_some_and(is_place) || last.is_some_and(|last| is_place(&words[last]))
}

/// Whether a name means one coordinate.
pub(super) fn is_coordinate(name: &str) -> bool {
    let plain: String = name.chars().filter(|c| c.is_alphanumeric()).collect();
    COORDINATES.contains(&plain.to_lowercase().as_str())
}

/// Whether the name of a column could be that of labels.
pub(super) fn is_of_labels(name: &str) -> bool {
    let says = |word: &String| LABELS.iter().any(|label| word.starts_with(label)) || matches!(word.as_str(), "x" | "y");
    is_coordinate(name) || words(name).iter().any(says)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_of_a_name_says_whether_it_means_a_place() {
        for name in
            ["face_box", "faceBox", "bbox2", "bbox_xyxy", "keypoints_2d", "points_x", "Center", "rois", "box xywh"]
        {
            assert!(is_place(name), "{name}");
        }
        for name in ["box_color", "points_count", "num_keypoints_valid", "fbox", "dimensions", "2d", "x", ""] {
            assert!(!is_place(name), "{name}");
        }
        assert!(is_coordinate("x_min") && is_coordinate("dp_x") && !is_coordinate("rotation_y"));
    }

    #[test]
    fn columns_of_labels_are_told_from_others() {
        for name in ["Label", "classId", "x1", "pos_x", "annotations", "EncodedPixels", "boundingBox", "tags"] {
            assert!(is_of_labels(name), "{name}");
        }
        for name in ["title", "description", "creation time", "url", "sku", "price", "image", "width", "latitude"] {
            assert!(!is_of_labels(name), "{name}");
        }
    }
}
