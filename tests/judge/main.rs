//! Where boxes and keypoints go, judged by Albumentations: `make.py` made the table, `albumentations.json`.
//!
//! The table names real files in `../shared/data`; where that folder is absent, the test says so and passes.
#![expect(clippy::unwrap_used, reason = "a test says where it fails")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use augment_core::codec::probe;
use augment_core::digest::Digest;
use augment_core::files::Files;
use augment_core::formats::{Dataset, Frame, LabelChoice, open};
use augment_core::geometry::Size;
use augment_core::image::{Channels, Image};
use augment_core::labels::{BoxMode, Classes, LabelPolicy, Labels, Visibility, keep_or_drop};
use augment_core::limits::Limits;
use augment_core::plan::{DrawContext, Plan, Recipe, draw_plan};
use augment_core::{Error, ErrorKind};
use augment_render::engine::{RenderContext, Sample, execute};
use serde::Deserialize;
use serde_json::{Value, json};

const TOLERANCE_PX: f64 = 0.01;

#[derive(Deserialize)]
struct Table {
    judge: String,
    cases: Vec<Case>,
}

/// A step as a recipe has it, or as a manifest has it where a recipe cannot fix its numbers.
#[derive(Deserialize)]
struct Case {
    step: Option<Value>,
    drawn: Option<Value>,
    images: Vec<Judged>,
}

/// What the judge says on one image: a box for every object and a point for every labeled keypoint, or null outside.
#[derive(Deserialize)]
struct Judged {
    file: String,
    size: [u32; 2],
    boxes: Places<4>,
    keypoints: Places<2>,
}

/// A folder of the real data.
struct Folder {
    at: PathBuf,
    names: Vec<String>,
}

impl Folder {
    fn new(at: PathBuf) -> Self {
        let mut names = Vec::new();
        let mut folders = vec![at.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    names.push(path.strip_prefix(&at).unwrap().to_str().unwrap().replace('\\', "/"));
                }
            }
        }
        names.sort();
        Self { at, names }
    }
}

impl Files for Folder {
    fn names(&self) -> &[String] {
        &self.names
    }

    fn read(&self, name: &str) -> augment_core::Result<Vec<u8>> {
        std::fs::read(self.at.join(name)).map_err(|error| Error::new(ErrorKind::Io, error.to_string()))
    }

    fn size(&self, name: &str) -> Option<u64> {
        std::fs::metadata(self.at.join(name)).ok().map(|data| data.len())
    }
}

/// The labels of every image as the project reads them, by folder and file name.
fn real_labels(data: &Path) -> BTreeMap<String, (Size, Labels)> {
    let limits = Limits::default();
    let mut all = BTreeMap::new();
    for set in ["bccd-voc", "coco-keypoints"] {
        let folder = Folder::new(data.join(set));
        let Dataset { items, problems, .. } = open(&folder, LabelChoice::Auto, &limits).unwrap();
        assert!(problems.is_empty(), "{problems:?}");
        for item in items {
            let header = probe(&folder.read(&item.name).unwrap(), &limits).unwrap();
            let frame = Frame { stored: header.stored, upright: header.upright(), orientation: header.orientation };
            let placed = item.place(&frame, None).unwrap();
            assert!(placed.dropped.is_empty(), "{}: {:?}", item.name, placed.dropped);
            all.insert(format!("{set}/{}", item.name), (frame.upright, placed.labels));
        }
    }
    all
}

/// A box or a point for every one that was read; none where it lies outside.
type Places<const N: usize> = Vec<Option<[f64; N]>>;

/// Size, boxes and keypoints after one step. The pixels are blank: the way of the labels does not look at them.
fn after(case: &Case, size: Size, labels: &Labels) -> (Size, Places<4>, Places<2>) {
    let image = Arc::new(Image::zeroed(size, Channels::Gray));
    let sample = Sample::new(image, labels);
    // Without classes no mirror swaps left and right: the judge knows no skeletons.
    let classes = Classes::default();
    let plan = match (&case.step, &case.drawn) {
        (Some(step), None) => {
            let recipe = Recipe::from_value(json!({"version": 1, "steps": [step]})).unwrap();
            let objects = &sample.objects;
            let subject = DrawContext { source: Digest::of(b""), size, objects, classes: &classes, partners: &[] };
            draw_plan(&recipe, 0, 0, &subject).unwrap()
        }
        (None, Some(drawn)) => Plan::from_json(&json!([drawn])).unwrap(),
        _ => panic!("a case has either 'step' or 'drawn'"),
    };
    let policy =
        LabelPolicy { min_visibility: 0.0, min_area: 0.0, box_mode: BoxMode::Corners, ..LabelPolicy::default() };
    let partner = |_| unreachable!("no step of the table mixes");
    let around = RenderContext { classes: &classes, policy: &policy, limits: &Limits::default(), partner: &partner };
    let sample = execute(&plan, sample, &around).unwrap();
    let size = sample.image.size();
    let mut points = Vec::new();
    for (tracked, read) in sample.objects.iter().zip(&labels.objects) {
        let labeled =
            read.keypoints.iter().zip(tracked.keypoints()).filter(|(k, _)| k.visibility != Visibility::Absent);
        points.extend(labeled.map(|(_, k)| (k.visibility != Visibility::Absent).then_some([k.point.x, k.point.y])));
    }
    let kept = sample.objects.into_iter().map(|tracked| keep_or_drop(tracked, &policy, size).ok());
    let boxes = kept.map(|object| object.and_then(|o| o.bbox).map(|b| [b.x0, b.y0, b.x1, b.y1]));
    (size, boxes.collect(), points)
}

fn apart<const N: usize>(ours: &[Option<[f64; N]>], judged: &[Option<[f64; N]>]) -> Vec<(usize, String)> {
    let agree = |a: &Option<[f64; N]>, b: &Option<[f64; N]>| match (a, b) {
        (Some(a), Some(b)) => a.iter().zip(b).all(|(a, b)| (a - b).abs() <= TOLERANCE_PX),
        (None, None) => true,
        _ => false,
    };
    assert_eq!(ours.len(), judged.len(), "another number of objects or keypoints");
    let pairs = ours.iter().zip(judged).enumerate().filter(|(_, (a, b))| !agree(a, b));
    pairs.map(|(i, (a, b))| (i, format!("{a:?}, judged {b:?}"))).collect()
}

#[test]
fn boxes_and_keypoints_go_where_albumentations_takes_them() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let data = root.join("../../shared/data");
    if !data.is_dir() {
        eprintln!("SKIPPED: the real data is not in {}", data.display());
        return;
    }
    let table: Table = serde_json::from_slice(&std::fs::read(root.join("judge/albumentations.json")).unwrap()).unwrap();
    let mut real = real_labels(&data);
    for (_, labels) in real.values_mut() {
        // The judge turns boxes alone: an object with a shape would take its box from the shape.
        labels.objects.iter_mut().for_each(|object| object.shape = None);
    }
    let (mut boxes_seen, mut points_seen, mut wrong) = (0, 0, Vec::new());
    for case in &table.cases {
        let step = case.step.as_ref().or(case.drawn.as_ref()).unwrap();
        for judged in &case.images {
            let (size, labels) = &real[&judged.file];
            let (size, boxes, points) = after(case, *size, labels);
            assert_eq!([size.width, size.height], judged.size, "{step}: {}", judged.file);
            boxes_seen += boxes.len();
            points_seen += points.len();
            let boxes_apart = apart(&boxes, &judged.boxes).into_iter().map(|(i, text)| format!("box {i}: {text}"));
            let points_apart =
                apart(&points, &judged.keypoints).into_iter().map(|(i, text)| format!("point {i}: {text}"));
            wrong.extend(boxes_apart.chain(points_apart).map(|text| format!("{step}: {}: {text}", judged.file)));
        }
    }
    let first = wrong.iter().take(20).cloned().collect::<Vec<_>>().join("\n");
    assert!(wrong.is_empty(), "{} apart from {}, the first of them:\n{first}", wrong.len(), table.judge);
    assert!(boxes_seen > 2000 && points_seen > 4000, "only {boxes_seen} boxes and {points_seen} keypoints compared");
}
