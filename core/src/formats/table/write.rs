//! Writing a table: TensorFlow's of boxes, or one of the classes of images where they have no objects.

use super::corners_box;
use crate::formats::image_classes::CLASSES;
use crate::formats::number::{PIXEL_DECIMALS, push_exact, push_number};
use crate::formats::place::unmoved;
use crate::formats::{Dataset, LabelFormat};
use crate::geometry::Size;
use crate::labels::{Classes, Labels, Shape};

/// What the rows of a table are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::formats) enum TableKind {
    /// Boxes of objects.
    Boxes,
    /// Images, with one class each.
    Classes,
    /// Images, with a column of 0 or 1 for each class.
    Flags,
}

impl TableKind {
    /// What can be written of a dataset.
    pub(in crate::formats) fn of(dataset: &Dataset) -> Self {
        if dataset.format == LabelFormat::Masks || dataset.items.iter().any(|item| item.objects() > 0) {
            Self::Boxes
        } else if dataset.holds.classes > 0 {
            Self::Flags
        } else if dataset.items.iter().any(|item| item.class.is_some()) {
            Self::Classes
        } else {
            Self::Boxes
        }
    }
}

/// The first line.
pub(in crate::formats) fn header(kind: TableKind, classes: &Classes) -> String {
    match kind {
        TableKind::Boxes => row(["filename", "width", "height", "class", "xmin", "ymin", "xmax", "ymax"]),
        TableKind::Classes => row(["filename", "class"]),
        TableKind::Flags => {
            let names = classes.0.iter().map(|class| class.name.as_str());
            row(std::iter::once("filename").chain(names))
        }
    }
}

/// The lines of an image.
pub(in crate::formats) fn render(
    kind: TableKind,
    image_name: &str,
    size: Size,
    labels: &Labels,
    classes: &Classes,
) -> String {
    match kind {
        TableKind::Boxes => boxes(image_name, size, labels, classes),
        TableKind::Classes => labels.class.iter().map(|class| row([image_name, class])).collect(),
        TableKind::Flags => {
            let stated = labels.extra.get(CLASSES).and_then(serde_json::Value::as_array);
            let has = |name: &str| stated.is_some_and(|list| list.iter().any(|class| class == name));
            let flags = classes.0.iter().map(|class| if has(&class.name) { "1" } else { "0" });
            row(std::iter::once(image_name).chain(flags))
        }
    }
}

fn boxes(image_name: &str, size: Size, labels: &Labels, classes: &Classes) -> String {
    let (width, height) = (size.width.to_string(), size.height.to_string());
    let mut rows = String::new();
    for object in &labels.objects {
        let Some(bbox) = object.bbox.or_else(|| object.shape.as_ref().and_then(Shape::bound)) else { continue };
        let stated = unmoved(object, size, corners_box).map(|stated| stated.numbers);
        let numbers = [bbox.x0, bbox.y0, bbox.x1, bbox.y1];
        let corners: [String; 4] = std::array::from_fn(|at| {
            let mut text = String::new();
            match stated {
                Some(stated) => push_exact(&mut text, stated[at]),
                None => push_number(&mut text, numbers[at], PIXEL_DECIMALS),
            }
            text
        });
        let class = classes.0.get(object.class).map_or("", |class| class.name.as_str());
        let [xmin, ymin, xmax, ymax] = &corners;
        rows += &row([image_name, &width, &height, class, xmin, ymin, xmax, ymax]);
    }
    rows
}

/// Cells as a line, in quotes where they need them.
fn row<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let mut line = String::new();
    for (at, cell) in cells.into_iter().enumerate() {
        if at > 0 {
            line.push(',');
        }
        if cell.contains(['"', ',', '\n', '\r']) || cell.trim() != cell {
            line.push('"');
            line.push_str(&cell.replace('"', "\"\""));
            line.push('"');
        } else {
            line.push_str(cell);
        }
    }
    line.push('\n');
    line
}
