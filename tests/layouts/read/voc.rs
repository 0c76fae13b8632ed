//! Pascal VOC by its documentation: an XML file an image, lists of images a split.

use std::collections::BTreeMap;

use super::{Mark, Marks, images, split, text, without_extension};
use crate::run::Written;

pub(super) fn marks(written: &Written) -> Result<Marks, String> {
    let mut marks = BTreeMap::new();
    for (image, size) in images(written) {
        let rest = image.strip_prefix("images/").unwrap_or(image);
        let file = format!("labels/{}.xml", without_extension(rest));
        let xml = text(written, &file)?;
        let stated = ["width", "height"].map(|name| element(xml, name).and_then(|text| text.parse::<f64>().ok()));
        if stated != size.map(Some) {
            return Err(format!("{file}: the size is {stated:?}, the image's {size:?}"));
        }
        let name = image.rsplit('/').next().unwrap_or_default();
        if element(xml, "filename") != Some(name) {
            return Err(format!("{file}: the file name is {:?}", element(xml, "filename")));
        }
        let objects = xml.split("<object>").skip(1).map(mark).collect::<Result<_, String>>();
        marks.insert(image.to_owned(), objects.map_err(|error| format!("{file}: {error}"))?);
        if let Some(split) = split(image) {
            let list = text(written, &format!("ImageSets/Main/{split}.txt"))?;
            if !list.lines().any(|line| line == without_extension(name)) {
                return Err(format!("ImageSets/Main/{split}.txt does not list {name}"));
            }
        }
    }
    Ok(marks)
}

/// The text of the first element of a name.
fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    Some(rest.split_once(&format!("</{name}>"))?.0.trim())
}

/// Pixels count from 1, and both ends are inside.
fn mark(object: &str) -> Result<Mark, String> {
    let number = |name: &str| {
        let text = element(object, name).ok_or_else(|| format!("an object has no {name}"))?;
        text.parse::<f64>().map_err(|_| format!("{name} is '{text}'"))
    };
    let class = element(object, "name").ok_or("an object has no name")?.to_owned();
    let bbox = [number("xmin")? - 1.0, number("ymin")? - 1.0, number("xmax")?, number("ymax")?];
    Ok(Mark { class, bbox: Some(bbox), ..Mark::default() })
}
