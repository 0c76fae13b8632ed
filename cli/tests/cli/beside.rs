//! Reports as others have kept them in `../shared/cases`, by the names of their folders: where that is absent, the test says
//! so and passes.

use std::path::{Path, PathBuf};

use crate::support::{delta, entries};

/// A folder, arguments within it, the exit code without and with `--strict`, the lines on standard error by a part of
/// each, and the images that are written.
type Case = (&'static str, &'static str, [i32; 2], &'static [&'static str], usize);

const BARE: &str = "1 image(s) have no labels and are taken as showing no object";
const NO_FIELDS: &str = "holds no other fields";
const RANGE: &str = "say which become black and white with --range";

const CASES: &[Case] = &[
    ("datasets/01-two-classes-txt", "in --recipe none", [0, 0], &[], 2),
    ("datasets/02-two-data-yaml", "in/mergeA in/mergeB --recipe none", [0, 0], &[], 6),
    ("layouts", "rf-yolov8-det --recipe detection --count 2", [0, 0], &[], 21),
    ("layouts", "mmseg --recipe detection --count 2", [0, 0], &[], 21),
    ("layouts", "cityscapes --recipe none", [0, 1], &["13 file(s) of polygons are left out"], 13),
    ("layouts", "voc-seg --recipe none", [0, 0], &[], 11),
    ("layouts", "dota --recipe none", [0, 1], &[NO_FIELDS], 13),
    ("datasets/09-yolo-obb-loses-its-four-corners", "in --recipe right.json", [0, 0], &[], 1),
    ("datasets/10-mixed-rows", "in --recipe none", [0, 1], &["1 label file(s) mix boxes and polygons"], 1),
    ("datasets/11-confidence-column", "in --recipe none", [0, 1], &["2 label row(s) have a confidence"], 1),
    ("layouts", "tf-csv --recipe none", [0, 1], &[BARE], 13),
    ("layouts", "openimages-csv --recipe none", [0, 1], &[BARE, NO_FIELDS], 8),
    ("datasets/13-coco-text-and-float-ids", "in/c12b --recipe none", [0, 0], &[], 1),
    ("datasets/13-coco-text-and-float-ids", "in/c12c --recipe none", [0, 0], &[], 1),
    ("datasets/13-coco-text-and-float-ids", "in/c12d --recipe none", [0, 0], &[], 1),
    ("datasets/13-coco-text-and-float-ids", "in/c12e --recipe none", [0, 0], &[], 1),
    ("datasets/14-coco-captions", "in --recipe none", [0, 0], &[], 4),
    ("datasets/15-exif-label-studio", "in --recipe none", [0, 1], &["which alone they fit"], 1),
    ("layouts", "rf-yolov8-det/train --recipe none", [0, 0], &[], 8),
    ("layouts", "ul-det/images/train --recipe none", [0, 1], &[BARE], 8),
    ("layouts", "coco-std/train2017 --recipe none", [0, 0], &[], 8),
    ("layouts", "kitti --recipe none", [0, 1], &["KITTI's 3-D fields", NO_FIELDS], 8),
    ("datasets/18-zips-become-classes", "in --recipe none", [0, 0], &[], 6),
    ("datasets/19-mask-border-is-class-0", "in --recipe rot30.json", [0, 0], &[], 1),
    ("datasets/20-pose-flip-without-flip_idx", "in --recipe hflip.json", [0, 1], &["flips are not drawn"], 1),
    ("datasets/21-coco-subset", "in --recipe none", [1, 1], &["it labels images that are not there (20000)"], 4),
    ("layouts", "labelme --recipe none", [0, 1], &[BARE], 8),
    ("layouts", "cvat-xml --recipe none", [0, 0], &[], 8),
    ("layouts", "ls-json --recipe none", [0, 0], &[], 8),
    ("layouts", "via --recipe none", [0, 0], &[], 8),
    ("images/01-label-conversion-recompresses", "set --recipe none --labels yolo", [0, 0], &[], 2),
    ("images/02-silent-extensions", "set --recipe none", [1, 1], &["d.heic: HEIC", "e.avif: AVIF"], 3),
    ("images/02-silent-extensions", "set/a.jpg set/b.jfif --recipe none", [0, 0], &[], 2),
    ("images/03-duplicates-identical", "set --recipe classification --count 5", [0, 0], &[], 30),
    ("images/04-mirrored-unlabelled", "set --recipe segmentation --count 5", [0, 0], &[], 5),
    ("images/05-tiff-palette", "pal8.tif --recipe none", [0, 0], &[], 1),
    ("images/06-tiff-fillorder2", "bw_fo2.tif --recipe none", [0, 0], &[], 1),
    ("images/06-tiff-fillorder2", "gray4_fo2.tif --recipe none", [0, 0], &[], 1),
    ("images/07-tiff-float", "f32_0_255.tif --recipe none", [2, 2], &[RANGE, "no output could be made"], 0),
    ("images/08-tiff-planar-tiled-panic", "planar_tiled_500x300.tif --recipe none", [0, 0], &[], 1),
    ("images/09-gif-offset-panic", "left16.gif --recipe none", [2, 2], &["lies outside its canvas", "no output"], 0),
    ("images/10-jpeg-420-keep", "lines444.jpg --recipe none --format keep --quality 100", [0, 0], &[], 1),
    ("images/11-tiff-16bit-assoc-alpha", "ramp.tif --recipe none", [0, 1], &["16-bit samples are converted"], 1),
    ("images/12-rotate-constant-rgba", "sprite.png --recipe none", [0, 0], &[], 1),
];

/// Runs a case; gives what is wrong with it.
fn wrong(root: &Path, out: &Path, (folder, arguments, codes, told, images): &Case) -> Vec<String> {
    let mut wrong = Vec::new();
    for (code, strict) in codes.iter().zip([false, true]) {
        let zip = out.join("out.zip");
        let mut command = delta();
        command.current_dir(root.join(folder)).arg("augment").args(arguments.split(' ')).arg("-o").arg(&zip);
        command.args(["--seed", "1"]).args(strict.then_some("--strict"));
        let output = command.output().unwrap();
        let errors = String::from_utf8(output.stderr).unwrap();
        let mut lines: Vec<&str> = errors.lines().collect();
        lines.retain(|line| !line.starts_with("nothing is written") && !line.starts_with("note: "));
        let alike = lines.len() == told.len() && lines.iter().zip(*told).all(|(line, told)| line.contains(told));
        if output.status.code() != Some(*code) || !alike {
            wrong.push(format!("{folder}, {arguments}, strict {strict}: {:?}\n{errors}", output.status.code()));
        }
        if zip.exists() {
            let count = entries(&zip).iter().filter(|(name, _)| name.starts_with("images/")).count();
            if count != *images {
                wrong.push(format!("{folder}, {arguments}: {count} images, not {images}"));
            }
            std::fs::remove_file(&zip).unwrap();
        }
    }
    wrong
}

#[test]
fn reports_that_lie_beside_the_project_come_out_right() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/cases");
    if !root.is_dir() {
        eprintln!("SKIPPED: {} is not there", root.display());
        return;
    }
    let out = tempfile::tempdir().unwrap();
    let there = CASES.iter().filter(|case| root.join(case.0).join(case.1.split(' ').next().unwrap_or("")).exists());
    let wrong: Vec<String> = there.flat_map(|case| wrong(&root, out.path(), case)).collect();
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
}
