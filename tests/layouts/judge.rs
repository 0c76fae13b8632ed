//! The judge: runs a set and says everything that is wrong with what comes of it.

use std::collections::BTreeMap;

use augment_core::codec::decode;
use augment_core::formats::LabelFormat;
use augment_core::limits::Limits;
use serde_json::{Value, json};

use crate::follow;
use crate::paint::Paint;
use crate::read::{self, Mark};
use crate::run::{Line, Written, run};
use crate::scene::{Kind, OUTSIDE};
use crate::set::{Layout, Set, Source};
use crate::truth::{self, Holds};

/// Copies of every image that is moved.
const COPIES: usize = 2;

/// What is wrong, a line each.
pub(crate) type Wrong = Vec<String>;

/// Copies without a step: the objects, classes and splits that were laid out, and the same images.
pub(crate) fn as_it_is(layout: &Layout, set: &Set) -> Wrong {
    judge(layout, set, &unchanged(), formats(layout), &|_| false)
}

/// One image and what belongs to it: its objects or its mask, and no other image.
pub(crate) fn one_image(layout: &Layout, set: &Set) -> Wrong {
    let format = layout.objects.then_some(LabelFormat::Coco);
    judge(layout, set, &unchanged(), &[format], &|_| false)
}

fn unchanged() -> Value {
    json!({ "version": 1, "output": { "format": "keep" }, "steps": [] })
}

/// Copies that were moved: labels lie on the pixels; what is not for training is as it was.
pub(crate) fn moved(layout: &Layout, set: &Set) -> Wrong {
    let border = |mut step: Value| {
        step["border"] = "constant".into();
        step["fill"] = json!(OUTSIDE);
        step
    };
    let recipe = json!({
        "version": 1, "count": COPIES, "output": { "format": "png" },
        "labels": { "min_visibility": 0.0, "min_area": 1.0, "box_mode": "corners" },
        "steps": [
            border(json!({ "op": "rotate", "degrees": [-25, 25] })),
            { "op": "flip_horizontal", "p": 0.5 },
            { "op": "quarter_turn", "p": 0.3, "turns": [1, 3] },
            { "op": "perspective", "p": 0.5, "strength": 0.08 },
            border(json!({ "op": "scale", "factor": [0.85, 1.1] })),
        ],
    });
    // What follows the pixels in one conversion does so in all.
    let formats = formats(layout);
    let formats = &formats[..formats.len().min(2)];
    judge(layout, set, &recipe, formats, &|source| !layout.told || source.picture.split == "train")
}

/// Runs a recipe and looks at what is written in each of some formats. `moves` says which images it moves.
fn judge(
    layout: &Layout,
    set: &Set,
    recipe: &Value,
    formats: &[Option<LabelFormat>],
    moves: &dyn Fn(&Source) -> bool,
) -> Wrong {
    let mut wrong = Wrong::new();
    for format in formats {
        let title = format.map_or("as it came", LabelFormat::title);
        let found = match run(&set.files, set.sources.len() == 1, recipe, *format) {
            Ok(written) => look(&Case { layout, set, written: &written, format: *format }, moves),
            Err(error) => vec![error.to_string()],
        };
        wrong.extend(found.into_iter().map(|what| format!("{title}: {what}")));
    }
    wrong
}

/// The formats to write in: as the labels came, and what objects are converted to.
fn formats(layout: &Layout) -> &'static [Option<LabelFormat>] {
    const UPRIGHT: [Option<LabelFormat>; 4] =
        [None, Some(LabelFormat::Coco), Some(LabelFormat::Yolo), Some(LabelFormat::Voc)];
    const TURNED: [Option<LabelFormat>; 3] = [None, Some(LabelFormat::Coco), Some(LabelFormat::YoloObb)];
    match (layout.objects, layout.kind) {
        (false, _) => &UPRIGHT[..1],
        (true, Kind::Turned) => &TURNED,
        (true, _) => &UPRIGHT,
    }
}

/// A run of a set, and the format that was asked for.
struct Case<'a> {
    layout: &'a Layout,
    set: &'a Set,
    written: &'a Written,
    format: Option<LabelFormat>,
}

fn look(case: &Case<'_>, moves: &dyn Fn(&Source) -> bool) -> Wrong {
    let mut wrong: Wrong = case.written.troubles.iter().map(|trouble| format!("it fails: {trouble}")).collect();
    let mut by_source: BTreeMap<&str, Vec<&Line>> = BTreeMap::new();
    for line in &case.written.lines {
        by_source.entry(&line.source).or_default().push(line);
    }
    // What a format of another tool's comes out as is read back in the conversions.
    let objects = case.layout.objects && (case.format.is_some() || case.layout.own.is_some());
    let marks = objects.then(|| read::marks(case.written));
    let marks = marks.transpose().unwrap_or_else(|why| {
        wrong.push(why);
        None
    });
    for (name, source) in &case.set.sources {
        let lines = by_source.remove(name.as_str()).unwrap_or_default();
        let count = if moves(source) { COPIES } else { 1 };
        if lines.len() != count {
            wrong.push(format!("{name}: {} outputs, not {count}", lines.len()));
        }
        for line in lines {
            let marks = marks.as_ref().map(|marks| marks.get(&line.output).map_or(&[][..], Vec::as_slice));
            let moved = moves(source);
            let placed = case.placed(name, source, line, moved);
            let kept =
                if moved { case.follows(source, line, marks) } else { case.is_the_same(name, source, line, marks) };
            let found = [placed, kept].into_iter().filter_map(Result::err);
            wrong.extend(found.map(|why| format!("{}: {why}", line.output)));
        }
    }
    wrong.extend(by_source.keys().map(|name| format!("{name} is no image of the set")));
    wrong
}

impl Case<'_> {
    /// Whether an output is in its split and class, under its name.
    fn placed(&self, name: &str, source: &Source, line: &Line, moved: bool) -> Result<(), String> {
        let file = name.rsplit('/').next().unwrap_or_default();
        let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
        let mut folder = String::from("images/");
        if self.layout.told {
            let split = source.picture.split;
            if line.split.as_deref() != Some(split) {
                return Err(format!("its split is {:?}, not {split}", line.split));
            }
            folder += &format!("{split}/");
        } else if let Some(split) = &line.split {
            folder += &format!("{split}/");
        }
        if let Some(class) = &source.class {
            folder += &format!("{class}/");
        }
        let written = line.output.strip_prefix(&folder).ok_or_else(|| format!("it is not in {folder}"))?;
        let for_training = !self.layout.told || source.picture.split == "train";
        if moved || for_training {
            let named = written.starts_with(&format!("{stem}_")) || (!moved && written == file);
            return if named { Ok(()) } else { Err(format!("it is not named after {stem}")) };
        }
        if written == file { Ok(()) } else { Err(format!("it was {file}")) }
    }

    /// Whether an output that no step changed is what it was.
    fn is_the_same(&self, name: &str, source: &Source, line: &Line, marks: Option<&[Mark]>) -> Result<(), String> {
        let image = self.written.files.get(&line.output).ok_or("there is no such file")?;
        if *image != self.set.files[name] {
            return Err("its bytes are not the source's".into());
        }
        if let Some(marks) = marks {
            truth::compare(self.layout, &source.picture.things, marks, self.holds())?;
        }
        if let Some(numbers) = self.layout.mask {
            let mask = read::mask(self.written, &line.output)?;
            let came = source.mask.as_ref().map(|name| self.set.files[name].as_slice());
            truth::compare_mask(numbers, source, &mask, came)?;
        }
        if self.layout.keeps && line.split.as_deref().is_some_and(|split| split != "train") {
            self.keeps_label_files(source, line)?;
        }
        Ok(())
    }

    /// Whether a text or XML file that labels one image, and is written as it came, has kept its bytes.
    fn keeps_label_files(&self, source: &Source, line: &Line) -> Result<(), String> {
        let extension = if self.layout.own == Some(LabelFormat::Voc) { "xml" } else { "txt" };
        let Some(came) = source.labels.iter().find(|name| name.ends_with(extension)) else { return Ok(()) };
        if self.format.is_some_and(|format| Some(format) != self.layout.own) {
            return Ok(());
        }
        let stem = line.output.rsplit_once('.').map_or("", |(stem, _)| stem);
        let name = format!("labels/{}.{extension}", stem.strip_prefix("images/").unwrap_or(stem));
        let kept = self.written.files.get(&name).ok_or_else(|| format!("there is no {name}"))?;
        if *kept == self.set.files[came] { Ok(()) } else { Err(format!("the bytes of {name} are not the source's")) }
    }

    /// Whether the labels of an output lie on its pixels.
    fn follows(&self, source: &Source, line: &Line, marks: Option<&[Mark]>) -> Result<(), String> {
        let bytes = self.written.files.get(&line.output).ok_or("there is no such file")?;
        let image = decode(bytes, &Limits::default()).map_err(|error| error.to_string())?.image;
        let paint = Paint::new(&image, &source.picture);
        if let Some(marks) = marks {
            follow::compare(self.layout, source, marks, &paint)?;
        }
        if self.layout.mask.is_some() {
            follow::compare_mask(self.layout, source, &read::mask(self.written, &line.output)?, &paint)?;
        }
        Ok(())
    }

    /// What the written format holds of the layout's objects.
    fn holds(&self) -> Holds {
        let format = self.format.or(self.layout.own);
        Holds {
            outlines: format != Some(LabelFormat::Voc),
            joints: matches!(format, Some(LabelFormat::Yolo | LabelFormat::Coco)),
        }
    }
}
