//! What the columns of a table are, by the names above them or, without any, by the first row.

use std::collections::BTreeSet;

use super::records::{Records, cells};
use crate::filled::filled;
use crate::formats::Split;
use crate::formats::address::is_address;
use crate::formats::field_names::is_of_labels;
use crate::formats::layout::has_picture_ending;

/// Names of columns in lower case without what is no letter or digit; the first that a table has counts.
const IMAGE: [&str; 20] = [
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
    "idcode",
    "patientid",
    "id",
];
const CLASS: [&str; 13] = [
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
];
/// Names of columns that could say anything: they are those of classes where these are few.
const CLASS_TOO: [&str; 7] = ["name", "diagnosis", "breed", "species", "variety", "level", "dx"];
const SPLIT: [&str; 6] = ["split", "set", "subset", "partition", "mluse", "usage"];
const RUNS: [&str; 3] = ["encodedpixels", "rle", "rlemask"];
const LIST: [&str; 3] = ["bbox", "box", "boundingbox"];
const QUAD: [&str; 8] = ["x1", "y1", "x2", "y2", "x3", "y3", "x4", "y4"];
const CORNERS: [[&str; 4]; 10] = [
    ["xmin", "ymin", "xmax", "ymax"],
    ["x1", "y1", "x2", "y2"],
    ["x0", "y0", "x1", "y1"],
    ["left", "top", "right", "bottom"],
    ["minx", "miny", "maxx", "maxy"],
    ["startx", "starty", "endx", "endy"],
    ["bboxxmin", "bboxymin", "bboxxmax", "bboxymax"],
    ["bboxx1", "bboxy1", "bboxx2", "bboxy2"],
    ["xtl", "ytl", "xbr", "ybr"],
    ["roix1", "roiy1", "roix2", "roiy2"],
];
/// A width and a height of the image itself may stand beside the short names of those of a box.
const SIZED: [[&str; 4]; 16] = [
    ["x", "y", "w", "h"],
    ["xmin", "ymin", "w", "h"],
    ["left", "top", "w", "h"],
    ["x", "y", "boxwidth", "boxheight"],
    ["xmin", "ymin", "boxwidth", "boxheight"],
    ["x", "y", "bboxwidth", "bboxheight"],
    ["xmin", "ymin", "bboxwidth", "bboxheight"],
    ["bboxx", "bboxy", "bboxwidth", "bboxheight"],
    ["bboxx", "bboxy", "bboxw", "bboxh"],
    ["bboxxmin", "bboxymin", "bboxwidth", "bboxheight"],
    ["bboxleft", "bboxtop", "bboxwidth", "bboxheight"],
    ["x1", "y1", "w", "h"],
    ["x", "y", "width", "height"],
    ["left", "top", "width", "height"],
    ["xmin", "ymin", "width", "height"],
    ["x1", "y1", "width", "height"],
];
const CENTERED: [[&str; 4]; 8] = [
    ["xcenter", "ycenter", "w", "h"],
    ["centerx", "centery", "w", "h"],
    ["cx", "cy", "w", "h"],
    ["xc", "yc", "w", "h"],
    ["xcenter", "ycenter", "boxwidth", "boxheight"],
    ["xcenter", "ycenter", "width", "height"],
    ["centerx", "centery", "width", "height"],
    ["cx", "cy", "width", "height"],
];
const SIZE: [[&str; 2]; 3] = [["width", "height"], ["imagewidth", "imageheight"], ["imgwidth", "imgheight"]];

/// Rows that are looked at to tell what a table holds.
const LOOKED_AT: usize = 1000;

/// Where the boxes of a table are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Left, top, right, bottom.
    Corners([usize; 4]),
    /// Left, top, width, height.
    Sized([usize; 4]),
    /// The middle, width, height.
    Centered([usize; 4]),
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
    /// The columns of a text; `None` where it is no table of labels. `is_image` tells whether a cell names an image.
    pub(super) fn of(text: &str, is_image: &dyn Fn(&str) -> bool) -> Option<Self> {
        let mut records = Records::new(text);
        let first = cells(records.next()?.0);
        without_names(&first).or_else(|| {
            let mut rows = Vec::new();
            while let Some((record, _)) = records.next().filter(|_| rows.len() < LOOKED_AT) {
                rows.push(cells(record));
            }
            named(&first, &rows, is_image)
        })
    }
}

/// Whether a table that is not read could be one of labels all the same: it has no names of columns, one of these could be
/// that of labels, or it says one thing of each image that may be its class. `is_image` tells whether a cell names an image.
pub(in crate::formats) fn could_label(text: &str, is_image: impl Fn(&str) -> bool) -> bool {
    let mut records = Records::new(text);
    let Some((first, _)) = records.next() else { return false };
    let header = cells(first);
    let is_number = |cell: &String| cell.parse::<f64>().is_ok();
    let is_value = |cell: &String| is_number(cell) || has_picture_ending(cell) || is_image(cell);
    if header.iter().any(|cell| is_value(cell) || is_of_labels(cell)) {
        return true;
    }
    let mut rows = Vec::new();
    while let Some((record, _)) = records.next().filter(|_| rows.len() < LOOKED_AT) {
        rows.push(cells(record));
    }
    // Measures and addresses are no classes.
    let is_other = |cell: &String| is_address(cell) || cell.contains('.') && is_number(cell);
    let says_other = |column: usize| rows.iter().filter_map(|row| row.get(column)).all(is_other);
    header.len() <= 2 && !(0..header.len()).any(says_other)
}

/// Columns of a table without names: keras-retinanet's `path,x1,y1,x2,y2,class`, `AutoML`'s
/// `set,path,class,x1,y1,x2,y2,x3,y3,x4,y4`, or Make Sense's `class,x,y,width,height,path,width,height`.
fn without_names(row: &[String]) -> Option<Columns> {
    let is_number = |cell: &String| cell.is_empty() || cell.parse::<f64>().is_ok();
    let is_set = |cell: &str| cell == "UNASSIGNED" || Split::of_word(cell).is_some();
    match row {
        [image, numbers @ .., _] if row.len() == 6 && has_picture_ending(image) && numbers.iter().all(is_number) => {
            let place = Some(Place::Corners([1, 2, 3, 4]));
            Some(Columns { image: 0, class: Some(5), place, ..Columns::default() })
        }
        [_, x, y, w, h, image, width, height]
            if has_picture_ending(image) && [x, y, w, h, width, height].into_iter().all(is_number) =>
        {
            let (place, size) = (Some(Place::Sized([1, 2, 3, 4])), Some([6, 7]));
            Some(Columns { image: 5, class: Some(0), place, size, ..Columns::default() })
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
fn named(header: &[String], rows: &[Vec<String>], is_image: &dyn Fn(&str) -> bool) -> Option<Columns> {
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
    let cells = |column: usize| rows.iter().filter_map(move |row| row.get(column)).filter(|cell| !cell.is_empty());
    // A few names of absent images do not matter.
    let of_images = |column: &usize| {
        let (mut count, mut found) = (0, 0);
        for cell in cells(*column) {
            count += 1;
            found += usize::from(is_image(cell));
        }
        found > 0 && found * 10 >= count * 9
    };
    let image = IMAGE.iter().filter_map(|name| at(name)).find(of_images).or_else(|| first(&IMAGE));
    let image = image.or_else(|| (0..header.len()).find(of_images))?;
    let quad = || all(QUAD, at).map(Place::Quad);
    let corners = || CORNERS.iter().find_map(|names| all(*names, at)).map(Place::Corners);
    let sized = || SIZED.iter().find_map(|names| all(*names, at)).map(Place::Sized);
    let centered = || CENTERED.iter().find_map(|names| all(*names, at)).map(Place::Centered);
    let list = || first(&LIST).map(Place::List);
    let runs = || first(&RUNS).map(Place::Runs);
    let place = quad().or_else(corners).or_else(sized).or_else(centered).or_else(list).or_else(runs);
    let mut used: Vec<usize> = match place {
        Some(Place::Corners(columns) | Place::Sized(columns) | Place::Centered(columns)) => columns.to_vec(),
        Some(Place::Quad(columns)) => columns.to_vec(),
        Some(Place::List(column) | Place::Runs(column)) => vec![column],
        None => Vec::new(),
    };
    used.push(image);
    let free = |column: &usize| !used.contains(column);
    let size = SIZE.iter().find_map(|names| all(*names, at)).filter(|columns| columns.iter().all(free));
    let distinct = |column: &usize| filled::<BTreeSet<&String>, _>(cells(*column)).len();
    let repeats = |column: &usize| distinct(column) > 0 && distinct(column) < cells(*column).count();
    let few = |column: &usize| repeats(column) && distinct(column) * 2 <= cells(*column).count();
    let class = CLASS.iter().filter_map(|name| at(name)).find(free).or_else(|| {
        let mut may = CLASS_TOO.iter().filter_map(|name| at(name)).filter(free);
        may.find(|column| place.is_some() && names[*column] == "name" || repeats(column))
    });
    // Of an image and one other thing, as `Id` of a whale, the other is a class where there are few.
    let other = || (0..header.len()).find(|column| header.len() == 2 && free(column) && few(column));
    let is_fraction = |column: &usize| cells(*column).any(|cell| cell.contains('.') && cell.parse::<f64>().is_ok());
    let is_flag = |column: usize| {
        let mut cells = rows.iter().filter_map(|row| row.get(column)).peekable();
        cells.peek().is_some() && cells.all(|cell| flag(cell).is_some())
    };
    let only = || other().filter(|column| !is_fraction(column) && !is_flag(*column));
    let class = class.or_else(|| only().filter(|_| place.is_none()));
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
    // Coordinates that are called in a way of their own are no classes of images.
    let is_coordinate = |(at, _): &(usize, String)| {
        let name = &names[*at];
        let is_twin = |(at, _): (usize, &str)| names.contains(&format!("{}y{}", &name[..at], &name[at + 1..]));
        name.match_indices('x').any(is_twin) || name == "left" && names.iter().any(|n| n == "top")
    };
    if place.is_none() && columns.others.iter().any(is_coordinate) {
        return None;
    }
    if place.is_none() && class.is_none() {
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
        Columns::of(text, &|_| false).unwrap_or_else(|| panic!("{text} is a table"))
    }

    #[test]
    fn tables_of_every_tool_are_known_by_their_columns() {
        for (text, image, class, place) in [
            ("filename,width,height,class,xmin,ymin,xmax,ymax\n", 0, Some(3), Place::Corners([4, 5, 6, 7])),
            ("ImageID,Source,LabelName,Confidence,XMin,XMax,YMin,YMax\n", 0, Some(2), Place::Corners([4, 6, 5, 7])),
            ("image_id,width,height,bbox,source\n", 0, None, Place::List(3)),
            ("frame;x_min;y_min;x_max;y_max;class_id\n", 0, Some(5), Place::Corners([1, 2, 3, 4])),
            ("Image Path,x,y,width,height,label\n", 0, Some(5), Place::Sized([1, 2, 3, 4])),
            ("image,x_center,y_center,width,height,class\n", 0, Some(5), Place::Centered([1, 2, 3, 4])),
            ("filename,width,height,xmin,ymin,w,h,class\n", 0, Some(7), Place::Sized([3, 4, 5, 6])),
            ("img_name,label,x_min,y_min,box_width,box_height\n", 0, Some(1), Place::Sized([2, 3, 4, 5])),
            ("filename,label,xtl,ytl,xbr,ybr\n", 0, Some(1), Place::Corners([2, 3, 4, 5])),
            (
                "Filename,Width,Height,Roi.X1,Roi.Y1,Roi.X2,Roi.Y2,ClassId,Path\n",
                0,
                Some(7),
                Place::Corners([3, 4, 5, 6]),
            ),
            ("patientId,x,y,width,height,Target\n", 0, Some(5), Place::Sized([1, 2, 3, 4])),
            ("cat,1,2,3,4,a.jpg,90,80\n", 5, Some(0), Place::Sized([1, 2, 3, 4])),
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
    fn few_words_beside_images_are_classes() {
        let rows = "a,pug\nb,boxer\nc,pug\nd,boxer\n";
        for names in ["id,breed", "id_code,diagnosis", "image,level", "Image,Id", "photo,which"] {
            let columns = Columns::of(&format!("{names}\n{rows}"), &|cell| cell.len() == 1).unwrap();
            assert_eq!((columns.image, columns.class), (0, Some(1)), "{names}");
        }
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
            "image,label,pos_x,pos_y\na.jpg,cat,1,2\n",
            "image,label,bbox_x,bbox_y\na.jpg,cat,1,2\n",
            "sku,name,price,image\n1,Cup,3.5,a.jpg\n2,Mug,4.5,b.jpg\n",
            "image,age\na,7.5\nb,7.5\n",
            "a.jpg,1,2,3,x,cat\n",
            "TRAIN,a.jpg,cat,0.1\n",
        ] {
            assert_eq!(Columns::of(text, &|cell| cell == "a"), None, "{text}");
        }
    }
}
