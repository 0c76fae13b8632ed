"""Labeled sets in three splits, made of the sample that the program draws: one for each kind of label."""

import json
import math
import shutil
import subprocess
from pathlib import Path

from PIL import Image, ImageDraw

COUNT = 12
SPLITS = {"train": range(0, 7), "val": range(7, 10), "test": range(10, 12)}


class Sample:
    """The drawn pictures, and their annotations by picture."""

    def __init__(self, delta, folder):
        command = [delta, "sample", "-o", folder, "--count", str(COUNT), "--labels", "coco"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.folder = Path(folder)
        self.coco = json.loads((self.folder / "annotations.json").read_text())
        self.names = [category["name"] for category in self.coco["categories"]]
        self.class_of = {category["id"]: at for at, category in enumerate(self.coco["categories"])}

    def pictures(self):
        """Split, entry of the picture, its annotations."""
        images = sorted(self.coco["images"], key=lambda image: image["file_name"])
        for split, places in SPLITS.items():
            for image in (images[place] for place in places):
                yield split, image, [a for a in self.coco["annotations"] if a["image_id"] == image["id"]]

    def copy(self, image, target):
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(self.folder / "images" / image["file_name"], target)


def yolo(sample, folder, row, more=""):
    """A set in YOLO's layout; `row` makes the numbers of an annotation, or none."""
    for split, image, annotations in sample.pictures():
        sample.copy(image, folder / "images" / split / image["file_name"])
        label = (folder / "labels" / split / image["file_name"]).with_suffix(".txt")
        label.parent.mkdir(parents=True, exist_ok=True)
        rows = ((sample.class_of[a["category_id"]], row(a, image["width"], image["height"])) for a in annotations)
        lines = [" ".join([str(number), *(f"{value:.6f}" for value in values)]) for number, values in rows if values]
        label.write_text("\n".join(lines) + "\n" if lines else "")
    names = "\n".join(f"  {at}: {name}" for at, name in enumerate(sample.names))
    splits = "\n".join(f"{split}: images/{split}" for split in SPLITS)
    (folder / "data.yaml").write_text(f"{splits}\nnc: {len(sample.names)}\n{more}names:\n{names}\n")


def box(a, width, height):
    x, y, w, h = a["bbox"]
    return [(x + w / 2) / width, (y + h / 2) / height, w / width, h / height]


def outline(a, width, height):
    ring = max(a["segmentation"], key=len)
    return [value / (height if at % 2 else width) for at, value in enumerate(ring)]


def turned(a, width, height):
    """Four corners of a box inside the annotation's own, turned by its id."""
    x, y, w, h = a["bbox"]
    angle, reach = math.radians(a["id"] * 31 % 180), min(w, h) / 2
    sides = (reach * 0.9, reach * 0.4)
    corners = [(-1, -1), (1, -1), (1, 1), (-1, 1)]
    points = [(sx * sides[0], sy * sides[1]) for sx, sy in corners]
    cos, sin = math.cos(angle), math.sin(angle)
    at = [(x + w / 2 + px * cos - py * sin, y + h / 2 + px * sin + py * cos) for px, py in points]
    return [value for px, py in at for value in (px / width, py / height)]


def pose(a, width, height):
    joints = a.get("keypoints")
    if not joints:
        return None
    triples = zip(joints[::3], joints[1::3], joints[2::3])
    placed = [(((x + 0.5) / width, (y + 0.5) / height) if seen else (0, 0)) + (seen,) for x, y, seen in triples]
    return box(a, width, height) + [value for triple in placed for value in triple]


def coco(sample, folder):
    by_split = {split: {**sample.coco, "images": [], "annotations": []} for split in SPLITS}
    for split, image, annotations in sample.pictures():
        sample.copy(image, folder / "images" / split / image["file_name"])
        by_split[split]["images"].append(image)
        by_split[split]["annotations"] += annotations
    (folder / "annotations").mkdir()
    for split, document in by_split.items():
        (folder / "annotations" / f"instances_{split}.json").write_text(json.dumps(document))


def masks(sample, folder):
    for split, image, annotations in sample.pictures():
        sample.copy(image, folder / "images" / split / image["file_name"])
        mask = Image.new("L", (image["width"], image["height"]))
        for a in annotations:
            for ring in a["segmentation"]:
                ImageDraw.Draw(mask).polygon(ring, fill=sample.class_of[a["category_id"]] + 1)
        target = (folder / "masks" / split / image["file_name"]).with_suffix(".png")
        target.parent.mkdir(parents=True, exist_ok=True)
        mask.save(target)


def classes(sample, folder):
    for at, (split, image, _) in enumerate(sample.pictures()):
        sample.copy(image, folder / split / ("street", "park")[at % 2] / image["file_name"])


def draw(delta, folder):
    """Makes all sets; gives their folders by name."""
    sample = Sample(delta, folder / "sample")
    first = next(category for category in sample.coco["categories"] if category.get("keypoints"))
    joints = first["keypoints"]
    other = {name: at for at, name in enumerate(joints)}
    swap = {"left": "right", "right": "left"}
    twin = lambda name: "_".join(swap.get(word, word) for word in name.split("_"))
    flips = [other.get(twin(name), at) for at, name in enumerate(joints)]
    more = f"kpt_shape: [{len(joints)}, 3]\nflip_idx: {flips}\n"
    makers = {
        "boxes": lambda target: yolo(sample, target, box),
        "outlines": lambda target: yolo(sample, target, outline),
        "poses": lambda target: yolo(sample, target, pose, more),
        "turned": lambda target: yolo(sample, target, turned),
        "coco": lambda target: coco(sample, target),
        "masks": lambda target: masks(sample, target),
        "classes": lambda target: classes(sample, target),
    }
    for name, make in makers.items():
        (folder / name).mkdir()
        make(folder / name)
    return {name: folder / name for name in makers}
