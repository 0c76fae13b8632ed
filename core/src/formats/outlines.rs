//! Objects out of masks: what a format of objects is given where an input has masks alone.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::dataset::{Dataset, THINGS};
use super::format::LabelFormat;
use super::mask_lists::MaskClass;
use super::place::Placed;
use crate::error::{Error, ErrorKind, Result};
use crate::labels::{Bitmap, Class, Classes, Labels, Mask, Object, Shape, Value, Values};

/// Names of what is no object.
const GROUNDS: [&str; 10] =
    ["background", "bg", "unlabeled", "unlabelled", "void", "ignore", "ignored", "unknown", "none", "out of roi"];
/// What trainers ignore, where no list names it: the number, and the border of Pascal VOC.
const IGNORED: [Value; 2] = [Value::Number(255), Value::Color([224, 224, 192])];
/// The class of things that no list names.
const THING: &str = "object";
/// What the values of masks are as objects.
#[derive(Clone, Debug)]
pub(crate) struct Outlines {
    classes: Arc<Classes>,
    /// The values that are named, each with its class; no class for grounds.
    named: Vec<(Value, Option<usize>)>,
}

/// Whether labels in a format are objects.
const fn is_of_objects(format: LabelFormat) -> bool {
    !matches!(format.written_as(), LabelFormat::None | LabelFormat::Masks)
}

fn is_of_thing(role: &str) -> bool {
    role.starts_with(THINGS)
}

impl Outlines {
    /// What is made of the masks of a dataset that has no labels, where the format to write is one of objects and the values
    /// are named, or every thing has a mask of its own.
    pub(crate) fn of(dataset: &Dataset, format: LabelFormat) -> Option<Self> {
        if !is_of_objects(format) || dataset.format != LabelFormat::None || !dataset.has_masks() {
            return None;
        }
        let masks = || dataset.items.iter().flat_map(|item| &item.masks);
        let of_things = masks().all(|mask| is_of_thing(&mask.role));
        if of_things {
            let classes = Arc::new(Classes(vec![Class::named(THING)]));
            return Some(Self { classes, named: Vec::new() });
        }
        let list = &dataset.mask_names.classes;
        (!list.is_empty()).then(|| Self::named(list))
    }

    fn named(list: &[MaskClass]) -> Self {
        let mut classes: Vec<Class> = Vec::new();
        let mut named = Vec::new();
        for MaskClass { name, value } in list {
            let plain = name.trim().trim_matches('_').to_lowercase();
            let class = (!GROUNDS.contains(&plain.as_str())).then(|| {
                classes.iter().position(|class| class.name == *name).unwrap_or_else(|| {
                    classes.push(Class::named(name));
                    classes.len() - 1
                })
            });
            named.push((*value, class));
        }
        Self { classes: Arc::new(Classes(classes)), named }
    }

    /// A dataset as its masks' objects make it; as it is where none are made for the format.
    pub(crate) fn applied(dataset: &Dataset, format: LabelFormat) -> (Cow<'_, Dataset>, Option<Self>) {
        let Some(outlines) = Self::of(dataset, format) else { return (Cow::Borrowed(dataset), None) };
        let mut outlined = dataset.clone();
        outlined.format = LabelFormat::Masks;
        outlined.classes = Arc::clone(&outlines.classes);
        outlined.holds.shapes = true;
        (Cow::Owned(outlined), Some(outlines))
    }

    /// Adds the objects that the masks of an image show.
    ///
    /// # Errors
    /// `Limit` for more objects than an image may have.
    pub(crate) fn add(&self, placed: &mut Placed, max_objects: usize) -> Result<()> {
        let mut strange = BTreeSet::new();
        let shapes = self.shapes(&placed.labels, &mut strange);
        if shapes.len() > max_objects {
            let why = format!("its masks show {} objects, more than {max_objects}", shapes.len());
            return Err(Error::new(ErrorKind::Limit, why));
        }
        for (index, (class, shape)) in shapes.into_iter().enumerate() {
            let bbox = shape.bound();
            placed.labels.objects.push(Object { class, bbox, shape: Some(shape), index, ..Object::default() });
        }
        placed.read = placed.labels.objects.len();
        if !strange.is_empty() {
            let first: Vec<&str> = strange.iter().take(5).map(String::as_str).collect();
            placed.warnings.push(format!(
                "{} value(s) of its masks are in no list of names, and no objects: {}",
                strange.len(),
                first.join(", ")
            ));
        }
        Ok(())
    }

    fn shapes(&self, labels: &Labels, strange: &mut BTreeSet<String>) -> Vec<(usize, Shape)> {
        if self.named.is_empty() {
            let things = labels.masks.iter().filter(|mask| is_of_thing(mask.role()));
            let bitmap = |mask: &Arc<Mask>| {
                let inside: Vec<u8> = mask.each_value().map(|value| u8::from(!value.is_zero())).collect();
                Bitmap::from_samples(mask.size(), &inside)
            };
            let whole = things.map(bitmap).filter(|bitmap| bitmap.area() > 0);
            return whole.map(|bitmap| (0, Shape::Bitmap(bitmap))).collect();
        }
        let Some(classes) = labels.masks.iter().find(|mask| mask.role() == Mask::CLASSES) else { return Vec::new() };
        match labels.masks.iter().find(|mask| mask.role() == "instances") {
            Some(instances) => self.of_instances(classes, instances, strange),
            None => self.of_regions(classes, strange),
        }
    }

    /// The class of a value of a mask; `None` for the background, and for what no list names, which is noted.
    fn class(&self, value: Value, mask: &Mask, strange: &mut BTreeSet<String>) -> Option<usize> {
        let color = match (value, mask.values()) {
            (Value::Number(number), Values::Indices(palette)) => {
                palette.colors.get(usize::from(number)).map(|color| Value::Color(*color))
            }
            _ => None,
        };
        let is = |stated: Value| stated == value || Some(stated) == color;
        if let Some((_, class)) = self.named.iter().find(|(stated, _)| is(*stated)) {
            return *class;
        }
        // A list of colors beside masks of plain numbers has the numbers' names in their order.
        let by_place = match value {
            Value::Number(number) if self.named.iter().all(|(stated, _)| matches!(stated, Value::Color(_))) => {
                self.named.get(usize::from(number))
            }
            _ => None,
        };
        if let Some((_, class)) = by_place {
            return *class;
        }
        if !value.is_zero() && !IGNORED.iter().any(|ignored| is(*ignored)) {
            strange.insert(match value {
                Value::Number(number) => number.to_string(),
                Value::Color(color) => format!("{color:?}"),
            });
        }
        None
    }

    /// The connected regions of every value that is named.
    fn of_regions(&self, mask: &Mask, strange: &mut BTreeSet<String>) -> Vec<(usize, Shape)> {
        let mut shapes = Vec::new();
        for (value, bitmap) in bitmaps(mask) {
            if let Some(class) = self.class(value, mask, strange) {
                shapes.extend(bitmap.polygons().into_iter().map(|part| (class, Shape::Polygons(vec![part]))));
            }
        }
        shapes
    }

    /// The things that a mask numbers, each of the class that most of its pixels have.
    fn of_instances(&self, classes: &Mask, instances: &Mask, strange: &mut BTreeSet<String>) -> Vec<(usize, Shape)> {
        let mut counts: BTreeMap<Value, BTreeMap<Value, usize>> = BTreeMap::new();
        for (thing, class) in instances.each_value().zip(classes.each_value()) {
            *counts.entry(thing).or_default().entry(class).or_default() += 1;
        }
        let mut shapes = Vec::new();
        for (thing, bitmap) in bitmaps(instances) {
            let most = counts.get(&thing).and_then(|of| of.iter().max_by_key(|(value, count)| (**count, **value)));
            let class = most.and_then(|(value, _)| self.class(*value, classes, strange));
            shapes.extend(class.map(|class| (class, Shape::Bitmap(bitmap))));
        }
        shapes
    }
}

/// The pixels of every value.
fn bitmaps(mask: &Mask) -> Vec<(Value, Bitmap)> {
    let size = mask.size();
    let (width, height) = (size.width as usize, size.height as usize);
    // Runs down the columns, as bitmaps have them: starts and lengths by value.
    let mut runs: BTreeMap<Value, Vec<(usize, usize)>> = BTreeMap::new();
    for x in 0..width {
        let mut y = 0;
        while y < height {
            let value = mask.value(x, y);
            let start = y;
            while y < height && mask.value(x, y) == value {
                y += 1;
            }
            runs.entry(value).or_default().push((x * height + start, y - start));
        }
    }
    let bitmap = |runs: Vec<(usize, usize)>| {
        let (mut lengths, mut at): (Vec<u32>, usize) = (Vec::new(), 0);
        for (start, length) in runs {
            if start == at && !lengths.is_empty() {
                if let Some(last) = lengths.last_mut() {
                    *last += length as u32;
                }
            } else {
                lengths.extend([(start - at) as u32, length as u32]);
            }
            at = start + length;
        }
        lengths.push((size.area() - at) as u32);
        Bitmap { size, runs: lengths }
    };
    runs.into_iter().map(|(value, runs)| (value, bitmap(runs))).collect()
}

impl Dataset {
    /// Whether its labels can be written in a format at all.
    ///
    /// # Errors
    /// `Label` for masks of objects that have no outlines, and for objects of masks whose values have no names.
    pub fn check_writable(&self, format: LabelFormat) -> Result<()> {
        let outlined = self.holds.shapes || self.holds.oriented || self.has_masks();
        if format == LabelFormat::Masks && !outlined {
            let why = "masks cannot be written: the input has no masks, and no polygons or bitmaps to paint them from; write \
                       its labels in another format";
            return Err(Error::new(ErrorKind::Label, why));
        }
        self.check_outlined(format)
    }

    /// Refuses a format of objects where there are masks alone and nothing says what their values are.
    pub(super) fn check_outlined(&self, format: LabelFormat) -> Result<()> {
        let classified = self.holds.classes > 0 || self.items.iter().any(|item| item.class.is_some());
        let masks_alone = self.format == LabelFormat::None && self.has_masks() && !classified;
        if !is_of_objects(format) || !masks_alone || Outlines::of(self, format).is_some() {
            return Ok(());
        }
        let title = format.title();
        let why = format!(
            "the input has masks alone, and no list says which of their values are objects: to write them as {title}, add a \
             file _classes.csv beside them (a first line 'Pixel Value, Class', then lines such as '0, background' and \
             '255, cat'), or labelmap.txt for masks in colors ('cat:128,0,0::'); or write --labels masks"
        );
        Err(Error::new(ErrorKind::Label, why))
    }
}
