//! YOLO by the trainers' rules: `data.yaml`, `labels/` in the place of `images/`, a row an object.

use std::collections::BTreeMap;

use super::{Mark, Marks, images, split, text, without_extension};
use crate::run::Written;

/// What a trainer takes from `data.yaml`.
struct Config {
    names: Vec<String>,
    joints: Option<(usize, usize)>,
}

pub(super) fn marks(written: &Written) -> Result<Marks, String> {
    let config = config(written)?;
    let mut marks = BTreeMap::new();
    for (image, size) in images(written) {
        let rest = image.strip_prefix("images/").unwrap_or(image);
        let file = format!("labels/{}.txt", without_extension(rest));
        // An image without a file shows nothing.
        let rows = if written.files.contains_key(&file) { text(written, &file)? } else { "" };
        let rows: Result<Vec<Mark>, String> = rows.lines().map(|row| mark(row, size, &config)).collect();
        let rows = rows.map_err(|error| format!("{file}: {error}"))?;
        if rows.iter().any(|mark| mark.bbox.is_none()) && rows.iter().any(|mark| mark.rings.is_empty()) {
            return Err(format!("{file}: trainers drop a file in which boxes and outlines are mixed"));
        }
        marks.insert(image.to_owned(), rows);
    }
    Ok(marks)
}

fn mark(row: &str, [width, height]: [f64; 2], config: &Config) -> Result<Mark, String> {
    let numbers: Result<Vec<f64>, _> = row.split_whitespace().map(str::parse).collect();
    let numbers = numbers.map_err(|error| format!("'{row}': {error}"))?;
    let Some((class, numbers)) = numbers.split_first() else { return Err("an empty row".into()) };
    let class = config.names.get(*class as usize).ok_or_else(|| format!("'{row}': no such class"))?.clone();
    let boxed = |x: f64, y: f64, w: f64, h: f64| {
        Some([(x - w / 2.0) * width, (y - h / 2.0) * height, (x + w / 2.0) * width, (y + h / 2.0) * height])
    };
    match (numbers, config.joints) {
        (&[x, y, w, h], None) => Ok(Mark { class, bbox: boxed(x, y, w, h), ..Mark::default() }),
        ([x, y, w, h, rest @ ..], Some((count, dims))) if rest.len() == count * dims => {
            let joint = |joint: &[f64]| [joint[0] * width, joint[1] * height, joint.get(2).copied().unwrap_or(2.0)];
            let joints = rest.chunks_exact(dims).map(joint).collect();
            Ok(Mark { class, bbox: boxed(*x, *y, *w, *h), joints, ..Mark::default() })
        }
        (numbers, None) if numbers.len() >= 6 && numbers.len() % 2 == 0 => {
            let ring = numbers.chunks_exact(2).map(|point| [point[0] * width, point[1] * height]).collect();
            Ok(Mark { class, rings: vec![ring], ..Mark::default() })
        }
        _ => Err(format!("'{row}' is no row of this dataset")),
    }
}

/// Reads `data.yaml` and holds its folders to what is there.
fn config(written: &Written) -> Result<Config, String> {
    let yaml = text(written, "data.yaml")?;
    let field = |key: &str| yaml.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':')).map(str::trim);
    if field("path").is_some() {
        return Err("data.yaml has a path, which trainers look for elsewhere".into());
    }
    for key in ["train", "val"] {
        let folder = field(key).ok_or_else(|| format!("data.yaml has no {key}"))?;
        if !written.files.keys().any(|name| name.starts_with(&format!("{folder}/"))) {
            return Err(format!("data.yaml: {key}: there is no folder {folder}"));
        }
    }
    for split in images(written).filter_map(|(image, _)| split(image)) {
        if field(split) != Some(&format!("images/{split}")) {
            return Err(format!("data.yaml: {split} is {:?}, and images are in images/{split}", field(split)));
        }
    }
    let listed = yaml.lines().skip_while(|line| *line != "names:").skip(1);
    let names = listed.map_while(|line| line.strip_prefix("  ")?.split_once(':'));
    let names: Vec<String> = names.map(|(_, name)| name.trim().trim_matches('"').to_owned()).collect();
    if field("nc") != Some(&names.len().to_string()) {
        return Err(format!("data.yaml: nc is {:?} for {} names", field("nc"), names.len()));
    }
    let shape = field("kpt_shape").map(|shape| shape.trim_matches(['[', ']']).split(',').collect::<Vec<_>>());
    let joints = match shape.as_deref() {
        Some([count, dims]) => count.trim().parse().ok().zip(dims.trim().parse().ok()),
        _ => None,
    };
    if joints.is_some() && field("flip_idx").is_none() {
        return Err("data.yaml has no flip_idx".into());
    }
    Ok(Config { names, joints })
}
