// Labeled sets in three splits, made of the drawn sample: one for each way that trainers lay out theirs.

import { copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, parse } from "node:path";

import { scratch } from "./browser.mjs";
import { delta } from "./stage.mjs";

/** Images of each split. */
export const SPLITS = { train: 5, val: 3, test: 2 };
export const IMAGES = Object.values(SPLITS).reduce((sum, images) => sum + images, 0);

/** The drawn sample: its folder, its classes by number, and of each image its split and annotations. */
function drawn() {
  const folder = join(scratch("sets"), "drawn");
  delta(["sample", "-o", folder, "--count", `${IMAGES}`, "--labels", "coco"]);
  const coco = JSON.parse(readFileSync(join(folder, "annotations.json"), "utf8"));
  const splits = Object.entries(SPLITS).flatMap(([split, images]) => Array(images).fill(split));
  const images = coco.images.toSorted((a, b) => (a.file_name < b.file_name ? -1 : 1)).map((image, at) => ({
    ...image,
    split: splits[at],
    annotations: coco.annotations.filter(({ image_id }) => image_id === image.id),
  }));
  return { folder, coco, images };
}

function write(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function copy(from, to) {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
}

/** A set in YOLO's layout: `place` says where a split's files lie, `row` gives an object's numbers as fractions. */
function yolo(name, place, row) {
  const { folder, coco, images } = drawn();
  const target = join(scratch(name), name);
  for (const { file_name, split, width, height, annotations } of images) {
    copy(join(folder, "images", file_name), join(target, place(split, "images"), file_name));
    const line = (object) => {
      const number = coco.categories.findIndex(({ id }) => id === object.category_id);
      const numbers = row(object).map((value, at) => (value / (at % 2 ? height : width)).toFixed(6));
      return [number, ...numbers].join(" ");
    };
    write(join(target, place(split, "labels"), `${parse(file_name).name}.txt`), `${annotations.map(line).join("\n")}\n`);
  }
  const roots = Object.keys(SPLITS).map((split) => `${split}: ${place(split, "images")}`);
  write(join(target, "data.yaml"), [...roots, `nc: ${coco.categories.length}`, `names: [${coco.categories.map(({ name }) => name).join(", ")}]`, ""].join("\n"));
  return target;
}

/** Boxes in `train`, `valid` and `test` folders, as annotation services hand them out. */
export const boxes = () =>
  yolo("boxes", (split, kind) => join(split === "val" ? "valid" : split, kind), ({ bbox: [x, y, w, h] }) => [x + w / 2, y + h / 2, w, h]);

/** Oriented boxes: four corners, turned by the object's number. */
export const turned = () =>
  yolo("turned", (split, kind) => join(kind, split), ({ id, bbox: [x, y, w, h] }) => {
    const [angle, reach] = [((id * 31) % 180) * (Math.PI / 180), Math.min(w, h) / 2];
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    return [[-1, -1], [1, -1], [1, 1], [-1, 1]].flatMap(([dx, dy]) => {
      const [px, py] = [dx * reach * 0.8, dy * reach * 0.4];
      return [x + w / 2 + px * cos - py * sin, y + h / 2 + px * sin + py * cos];
    });
  });

/** COCO with a file for each split. */
export const coco = () => split(drawn());

/** The same with keypoints whose names say nothing of left and right. */
export function unpaired() {
  const sample = drawn();
  for (const category of sample.coco.categories) category.keypoints = category.keypoints?.map((_, at) => `joint ${at}`);
  return split(sample);
}

function split({ folder, coco, images }) {
  const target = join(scratch("coco"), "coco");
  for (const split of Object.keys(SPLITS)) {
    const own = images.filter((image) => image.split === split);
    for (const { file_name } of own) copy(join(folder, "images", file_name), join(target, split, file_name));
    const document = {
      ...coco,
      images: own.map(({ split: _, annotations: __, ...image }) => image),
      annotations: own.flatMap(({ annotations }) => annotations),
    };
    write(join(target, "annotations", `instances_${split}.json`), JSON.stringify(document));
  }
  return target;
}

/** Images, and in a folder beside them masks of the same names: a class for every pixel. */
export function masks() {
  const painted = join(scratch("painted"), "painted");
  delta(["augment", coco(), "-o", painted, "--labels", "masks", "--recipe", "none", "--count", "1", "--seed", "1"]);
  const target = join(scratch("masked"), "masked");
  for (const split of Object.keys(SPLITS)) {
    for (const name of readdirSync(join(painted, "masks", split))) {
      copy(join(painted, "masks", split, name), join(target, "masks", split, name.replace("_mask", "")));
    }
    for (const name of readdirSync(join(painted, "images", split))) {
      copy(join(painted, "images", split, name), join(target, "images", split, name));
    }
  }
  return target;
}
