//! What the columns of a table are, by the names above them or, without any, by the first row.

use super::records::{Records, cells};
use crate::formats::Split;
use crate::formats::layout::has_picture_ending;

/// Names of columns in lower case without what is no letter or digit; the first that a table has counts.
const IMAGE: [&str; 18] = [
    "filename",
    "imagefilename",
    "filepath",
    "imagepath",
    "imgpath",
    "image",
    "imagename",
    "imgname",
    "img",
    "imageid",
    "imgid",
    "imagefile",
    "imgfile",
    "file",
    "path",
    "frame",
    "uri",
    "id",
];
const CLASS: [&str; 14] = [
    "class",
    "classname",
    "label",
    "labelname",
    "category",
    "categoryname",
    "object",
    "objectname",
    "labels",
    "classid",
    "labelid",
    "categoryid",
    "target",
    "name",
];
const SPLIT: [&str; 6] = ["split", "set", "subset", "partition", "mluse", "usage"];
const RUNS: [&str; 3] = ["encodedpixels", "rle", "rlemask"];
const LIST: [&str; 3] = ["bbox", "box", "boundingbox"];
const QUAD: [&str; 8] = ["x1", "y1", "x2", "y2", "x3", "y3", "x4", "y4"];
const CORNERS: [[&str; 4]; 8] = [
    ["xmin", "ymin", "xmax", "ymax"],
    ["x1", "y1", "x2", "y2"],
    ["x0", "y0", "x1", "y1"],
    ["left", "top", "right", "bottom"],
    ["minx", "miny", "maxx", "maxy"],
    ["startx", "starty", "endx", "endy"],
    ["bboxxmin", "bboxymin", "bboxxmax", "bboxymax"],
    ["bboxx1", "bboxy1", "bboxx2", "bboxy2"],
];
const SIZED: [[&str; 4]; 7] = [
    ["x", "y", "width", "height"],
    ["x", "y", "w", "h"],
    ["left", "top", "width", "height"],
    ["xmin", "ymin", "width", "height"],
    ["bboxx", "bboxy", "bboxwidth", "bboxheight"],
    ["bboxx", "bboxy", "bboxw", "bboxh"],
    ["bboxleft", "bboxtop", "bboxwidth", "bboxheight"],
];
const SIZE: [[&str; 2]; 3] = [["width", "height"], ["imagewidth", "imageheight"], ["imgwidth", "imgheight"]];

/// Rows that are looked at to tell what a table holds.
const LOOKED_AT: usize = 50;

/// Where the boxes of a table are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Left, top, right, bottom.
    Corners([usize; 4]),
    /// Left, top, width, height.
    Sized([usize; 4]),
    /// The four of `Sized` in one cell.
    List(usize),
    /// Two opposite corners, or all four around, x and y each.
    Quad([usize; 8]),
    /// Runs of pixels, top to bottom then left to right, as pairs of a start from 1 and a length.
    Runs(usize),
}

/// The columns of a table, by position.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) image: usize,
    pub(super) class: Option<usize>,
    pub(super) place: Option<Place>,
    /// Width and height of the image.
    pub(super) size: Option<[usize; 2]>,
    pub(super) split: Option<usize>,
    /// Columns that say with 0 or 1 whether an image is of the class that they are named after.
    pub(super) flags: Vec<(usize, String)>,
    /// Other columns.
    pub(super) others: Vec<(usize, String)>,
    /// Whether the table has a row of names.
    pub(super) header: bool,
    /// Whether its coordinates are known to be fractions of the frame.
    pub(super) fractions: bool,
}

impl Columns {
    /// The columns of a text; `None` where it is no table of labels.
    pub(super) fn of(text: &str) -> Option<Self> {
        let mut records = Records::new(text);
        let first = cells(records.next()?.0);
        without_names(&first).or_else(|| {
            let mut rows = Vec::new();
            while let Some((record, _)) = records.next().filter(|_| rows.len() < LOOKED_AT) {
                rows.push(cells(record));
            }
            named(&first, &rows)
        })
    }
}

/// Columns of a table without names: keras-retinanet's `path,x1,y1,x2,y2,class`, or `AutoML`'s
/// `set,path,class,x1,y1,x2,y2,x3,y3,x4,y4`.
fn without_names(row: &[String]) -> Option<Columns> {
    let is_number = |cell: &String| cell.is_empty() || cell.parse::<f64>().is_ok();
    let is_set = |cell: &str| cell == "UNASSIGNED" || Split::of_word(cell).is_some();
    match row {
        [image, numbers @ .., _] if row.len() == 6 && has_picture_ending(image) && numbers.iter().all(is_number) => {
            let place = Some(Place::Corners([1, 2, 3, 4]));
            Some(Columns { image: 0, class: Some(5), place, ..Columns::default() })
        }
        [set, image, _, numbers @ ..] if is_set(set) && has_picture_ending(image) && numbers.iter().all(is_number) => {
            let place = (row.len() == 11).then_some(Place::Quad([3, 4, 5, 6, 7, 8, 9, 10]));
            if place.is_none() && row.len() != 3 {
                return None;
            }
            Some(Columns { image: 1, class: Some(2), split: Some(0), place, fractions: true, ..Columns::default() })
        }
        _ => None,
    }
}

/// Columns by their names.
fn named(header: &[String], rows: &[Vec<String>]) -> Option<Columns> {
    let plain = |name: &String| name.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
    let names: Vec<String> = header.iter().map(plain).collect();
    let at = |wanted: &str| names.iter().position(|name| name == wanted);
    let first = |wanted: &[&str]| wanted.iter().find_map(|name| at(name));
    fn all<const N: usize>(wanted: [&str; N], at: impl Fn(&str) -> Option<usize>) -> Option<[usize; N]> {
        let mut found = [0; N];
        for (place, name) in found.iter_mut().zip(wanted) {
            *place = at(name)?;
        }
        Some(found)
    }
    let image = first(&IMAGE)?;
    let quad = || all(QUAD, at).map(Place::Quad);
    let corners = || CORNERS.iter().find_map(|names| all(*names, at)).map(Place::Corners);
    let sized = || SIZED.iter().find_map(|names| all(*names, at)).map(Place::Sized);
    let list = || first(&LIST).map(Place::List);
    let runs = || first(&RUNS).map(Place::Runs);
    let place = quad().or_else(corners).or_else(sized).or_else(list).or_else(runs);
    let mut used: Vec<usize> = match place {
        Some(Place::Corners(columns) | Place::Sized(columns)) => columns.to_vec(),
        Some(Place::Quad(columns)) => columns.to_vec(),
        Some(Place::List(column) | Place::Runs(column)) => vec![column],
        None => Vec::new(),
    };
    used.push(image);
    let free = |column: &usize| !used.contains(column);
    let size = SIZE.iter().find_map(|names| all(*names, at)).filter(|columns| columns.iter().all(free));
    let class = CLASS.iter().filter_map(|name| at(name)).find(free);
    let split = first(&SPLIT).filter(free);
    let fractions = at("imageid").is_some() && at("labelname").is_some();
    used.extend(size.into_iter().flatten().chain(class).chain(split));
    let others = header.iter().cloned().enumerate().filter(|(column, name)| !used.contains(column) && !name.is_empty());
    let mut columns = Columns {
        image,
        class,
        place,
        size,
        split,
        others: others.collect(),
        header: true,
        fractions,
        ..Columns::default()
    };
    if place.is_none() && class.is_none() {
        let is_flag = |column: usize| {
            let mut cells = rows.iter().filter_map(|row| row.get(column)).peekable();
            cells.peek().is_some() && cells.all(|cell| flag(cell).is_some())
        };
        let all_flags = columns.others.iter().all(|(column, _)| is_flag(*column));
        if columns.others.is_empty() || !all_flags {
            return None;
        }
        columns.flags = std::mem::take(&mut columns.others);
    }
    Some(columns)
}

/// Whether a cell says yes or no.
pub(super) fn flag(cell: &str) -> Option<bool> {
    match cell {
        "1" | "1.0" => Some(true),
        "0" | "0.0" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Columns {
        Columns::of(text).unwrap_or_else(|| panic!("{text} is a table"))
    }

    #[test]
    fn tables_of_every_tool_are_known_by_their_columns() {
        for (text, image, class, place) in [
            ("filename,width,height,class,xmin,ymin,xmax,ymax\n", 0, Some(3), Place::Corners([4, 5, 6, 7])),
            ("ImageID,Source,LabelName,Confidence,XMin,XMax,YMin,YMax\n", 0, Some(2), Place::Corners([4, 6, 5, 7])),
            ("image_id,width,height,bbox,source\n", 0, None, Place::List(3)),
            ("frame;x_min;y_min;x_max;y_max;class_id\n", 0, Some(5), Place::Corners([1, 2, 3, 4])),
            ("Image Path,x,y,width,height,label\n", 0, Some(5), Place::Sized([1, 2, 3, 4])),
            ("a/b.jpg,1,2,3,4,cat\n", 0, Some(5), Place::Corners([1, 2, 3, 4])),
            ("b.jpg,,,,,\n", 0, Some(5), Place::Corners([1, 2, 3, 4])),
            ("TRAIN,gs://b/a.jpg,car,0.1,0.1,,,0.3,0.3,,\n", 1, Some(2), Place::Quad([3, 4, 5, 6, 7, 8, 9, 10])),
            ("set,path,label,x1,y1,x2,y2,x3,y3,x4,y4\n", 1, Some(2), Place::Quad([3, 4, 5, 6, 7, 8, 9, 10])),
            ("ImageId,EncodedPixels\n", 0, None, Place::Runs(1)),
        ] {
            let columns = of(text);
            assert_eq!((columns.image, columns.class, columns.place), (image, class, Some(place)), "{text}");
        }
        assert_eq!(of("image_id,width,height,bbox,source\n").size, Some([1, 2]));
        assert_eq!(of("image,x,y,width,height,label\n").size, None, "the box has the only width");
        assert_eq!(of("split,path,label\n").split, Some(0));
        assert_eq!(of("TRAIN,gs://b/a.jpg,cat\n").place, None, "AutoML without boxes");
    }

    #[test]
    fn columns_of_zeros_and_ones_are_classes() {
        let flags = of("filename, cat, dog\na.jpg, 1, 0\nb.jpg, 0, 1\n").flags;
        assert_eq!(flags, [(1, "cat".to_owned()), (2, "dog".to_owned())]);
    }

    #[test]
    fn other_tables_are_none() {
        for text in [
            "",
            "\n",
            "Pixel Value, Class\n0, background\n",
            "epoch,loss\n1,0.5\n",
            "/m/00,cat\n",
            "image,age\na.jpg,7\n",
            "image\na.jpg\n",
            "image,cat\n",
            "a.jpg,1,2,3,x,cat\n",
            "TRAIN,a.jpg,cat,0.1\n",
        ] {
            assert_eq!(Columns::of(text), None, "{text}");
        }
    }
}
