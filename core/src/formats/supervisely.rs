//! Supervisely: one JSON file an image in `ann/`, and the project's `meta.json`; coordinates are pixels from the top left,
//! a bitmap lies at the pixel of its origin.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;
use serde_json::value::RawValue;

use super::LabelFormat;
use super::draft::{Fields, check_objects, stated_size};
use super::layout::{base, split_extension};
use super::reader::{Harvest, Head, Reader, Survey, TextFile};
use super::sketch::{
    Drawn, Gathering, Notation, Packed, Record, Sketch, json, name, number, point, points, ring, wide_box,
};
use crate::error::Result;
use crate::geometry::Point;
use crate::labels::{Polygon, Shape, Visibility};
use crate::limits::Limits;

/// Reads Supervisely.
pub(super) struct SuperviselyReader;

/// The notation of a project.
#[derive(Debug, Default)]
struct Supervisely {
    /// The names of the nodes of graphs by their ids.
    nodes: BTreeMap<String, String>,
}

/// Fields of an object that are its shape, its class, or mean something in the tool alone.
const OWN: [&str; 17] = [
    "id",
    "classId",
    "classTitle",
    "geometryType",
    "points",
    "bitmap",
    "nodes",
    "vertices",
    "edges",
    "shape",
    "labelerLogin",
    "createdAt",
    "updatedAt",
    "key",
    "mask",
    "cuboid",
    "faces",
];

impl Reader for SuperviselyReader {
    fn format(&self) -> LabelFormat {
        LabelFormat::Supervisely
    }

    fn claims(&self, file: &TextFile, _: &Survey<'_>) -> bool {
        matches!(file.head, Head::Json { list: false, .. }) && (file.has_keys(&["size", "objects"]) || is_meta(file))
    }

    fn gather(&self, files: Vec<TextFile>, survey: &Survey<'_>) -> Harvest {
        let (metas, files): (Vec<TextFile>, Vec<TextFile>) = files.into_iter().partition(is_meta);
        let mut gathering = Gathering::new(survey);
        let mut nodes = BTreeMap::new();
        for meta in &metas {
            for (class, joints) in classes(&meta.text) {
                let names: Vec<String> = joints.iter().map(|(_, name)| name.clone()).collect();
                gathering.list(&class, &names);
                nodes.extend(joints);
            }
        }
        let notation: Arc<dyn Notation> = Arc::new(Supervisely { nodes });
        let (mut orphans, mut second) = (Vec::new(), Vec::new());
        for file in &files {
            let placed = survey.images_of(&file.name);
            // The whole name of the image stands before the ending: `a.png.json` is not about `a.jpg`.
            let stem = base(split_extension(&file.name).0);
            let named: Vec<usize> =
                placed.iter().copied().filter(|image| base(survey.images[*image]) == stem).collect();
            let images = if named.is_empty() { placed } else { &named };
            if images.is_empty() {
                orphans.push(file.name.as_str());
            }
            for image in images {
                if gathering.has(*image) {
                    second.push(file.name.as_str());
                } else {
                    gathering.add(&file.name, *image, Record::whole(&file.text, &notation));
                }
            }
        }
        let mut harvest = gathering.finish();
        harvest.orphans(&orphans);
        harvest.warn_about(&second, "Supervisely file(s) are about images that have one already, and are left out");
        harvest
    }
}

/// Whether a file is about the project.
fn is_meta(file: &TextFile) -> bool {
    base(&file.name).eq_ignore_ascii_case("meta.json") && file.has_keys(&["classes", "tags"])
}

/// A node of a graph: its id, and its name.
type Node = (String, String);

/// The classes of a project in their order, each with the nodes of its graph.
fn classes(text: &str) -> Vec<(String, Vec<Node>)> {
    let meta: Fields = json(text).unwrap_or_default();
    let list = meta.get("classes").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let nodes = |class: &Value| {
        let nodes = class.get("geometry_config").and_then(|config| config.get("nodes")?.as_object());
        let named = |(id, node): (&String, &Value)| (id.clone(), name(node.get("label")).unwrap_or_else(|| id.clone()));
        nodes.into_iter().flatten().map(named).collect()
    };
    list.iter().filter_map(|class| Some((name(class.get("title"))?, nodes(class)))).collect()
}

impl Notation for Supervisely {
    fn sketch(&self, record: &str, limits: &Limits) -> Result<Sketch> {
        let mut top: BTreeMap<String, &RawValue> = json(record)?;
        let objects: Vec<&RawValue> = top.remove("objects").map_or_else(|| Ok(Vec::new()), |raw| json(raw.get()))?;
        check_objects(objects.len(), limits.max_objects)?;
        let field = |name: &str| top.get(name).and_then(|raw| json::<Value>(raw.get()).ok());
        let size = field("size").unwrap_or_default();
        let size = stated_size(number(size.get("width")), number(size.get("height")));
        let mut sketch = Sketch { size, ..Sketch::default() };
        if let Some(tags) = field("tags").and_then(|list| tags(&list)) {
            sketch.extra.insert("tags".to_owned(), tags);
        }
        if let Some(text) = field("description").filter(|text| name(Some(text)).is_some()) {
            sketch.extra.insert("description".to_owned(), text);
        }
        for raw in objects {
            let fields = serde_json::from_str::<Fields>(raw.get());
            let drawn = match &fields {
                Ok(fields) => self.object(fields, &mut sketch),
                Err(_) => Err("an object is no JSON object".to_owned()),
            };
            sketch.drawn.push(drawn);
        }
        Ok(sketch)
    }
}

impl Supervisely {
    fn object(&self, fields: &Fields, sketch: &mut Sketch) -> std::result::Result<Drawn, String> {
        let mut drawn = Drawn { class: name(fields.get("classTitle")), ..Drawn::default() };
        let outline = fields.get("points");
        let exterior = || points(outline.and_then(|outline| outline.get("exterior")));
        match kind(fields) {
            "rectangle" => drawn.object.bbox = Some(wide_box(&exterior()?)?),
            "polygon" => {
                let holes =
                    outline.and_then(|outline| outline.get("interior")?.as_array()).map_or(&[][..], Vec::as_slice);
                let holes =
                    holes.iter().map(|hole| ring(points(Some(hole))?)).collect::<std::result::Result<_, _>>()?;
                drawn.object.shape = Some(Shape::Polygons(vec![Polygon { outer: ring(exterior()?)?, holes }]));
            }
            "bitmap" => {
                let bitmap = fields.get("bitmap").unwrap_or(&Value::Null);
                let data = bitmap.get("data").and_then(Value::as_str).ok_or("its bitmap is not there")?;
                let origin = bitmap.get("origin").and_then(point).ok_or("its bitmap has no origin")?;
                drawn.packed.push(Packed::zipped_png(data, [origin.x.round() as i64, origin.y.round() as i64]));
            }
            "line" | "polyline" => {
                drawn.object.bbox = Some(wide_box(&exterior()?)?);
                sketch.lose("line(s) are kept as the boxes around them");
            }
            "point" => {
                let [at] = exterior()?[..] else { return Err("its point is not one point".to_owned()) };
                drawn.join("point", at, Visibility::Visible);
                sketch.lose("point(s) are objects of one keypoint");
            }
            "graph" | "keypoints" => self.nodes(fields, &mut drawn)?,
            other => return Err(format!("shapes of the kind {other:?} are not read")),
        }
        if let Some(tags) = fields.get("tags").and_then(tags) {
            drawn.object.extra.insert("tags".to_owned(), tags);
        }
        let says =
            |(key, value): &(&String, &Value)| !OWN.contains(&key.as_str()) && *key != "tags" && !is_nothing(value);
        drawn.object.extra.extend(fields.iter().filter(says).map(|(key, value)| (key.clone(), value.clone())));
        Ok(drawn)
    }

    fn nodes(&self, fields: &Fields, drawn: &mut Drawn) -> std::result::Result<(), String> {
        let nodes = fields.get("nodes").or_else(|| fields.get("vertices")).and_then(Value::as_object);
        let nodes = nodes.filter(|nodes| !nodes.is_empty()).ok_or("its graph has no nodes")?;
        let mut named = BTreeSet::new();
        for (id, node) in nodes {
            let at: Point = node.get("loc").and_then(point).ok_or("a node of its graph has no place")?;
            let hidden = node.get("disabled") == Some(&Value::Bool(true));
            let name = self.nodes.get(id).unwrap_or(id);
            if named.insert(name) {
                drawn.join(name, at, if hidden { Visibility::Hidden } else { Visibility::Visible });
            }
        }
        Ok(())
    }
}

/// The kind of a shape; files of old versions do not name it.
fn kind(fields: &Fields) -> &str {
    let said = fields.get("geometryType").or_else(|| fields.get("shape")).and_then(Value::as_str);
    let is_there = |key: &str| fields.get(key).is_some_and(|value| value.is_object());
    let count = || fields.get("points").and_then(|outline| outline.get("exterior")?.as_array()).map_or(0, Vec::len);
    match said {
        Some(kind) => kind,
        None if is_there("bitmap") => "bitmap",
        None if is_there("nodes") || is_there("vertices") => "graph",
        None if count() == 1 => "point",
        None if count() == 2 => "rectangle",
        None => "polygon",
    }
}

/// Whether a field says nothing.
fn is_nothing(value: &Value) -> bool {
    matches!(value, Value::Null) || value.as_str() == Some("") || value.as_array().is_some_and(Vec::is_empty)
}

/// Tags by name, with their values where they have some.
fn tags(list: &Value) -> Option<Value> {
    let tag = |tag: &Value| Some((name(tag.get("name"))?, tag.get("value").cloned().unwrap_or_default()));
    let tags: Fields = list.as_array()?.iter().filter_map(tag).collect();
    (!tags.is_empty()).then(|| Value::Object(tags))
}
