"""The documented rules of a YOLO dataset on disk: rules.py FOLDER, from whatever folder it is called.

They are what trainers state and check themselves: paths in data.yaml are relative to it, labels lie in labels/ in the
place of images/, a file holds rows of one kind inside the frame. Prints every breach; ends with 1 where there is any.
"""

import sys
from collections import Counter
from pathlib import Path

import yaml

IMAGES = {".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"}
# Trainers let numbers be this much outside the frame.
SLACK = 0.01


def label_of(image):
    """The label file of an image: the last folder `images` becomes `labels`."""
    before, after = str(image).rsplit("/images/", 1)
    return Path(f"{before}/labels/{after}").with_suffix(".txt")


def names_of(config):
    names = config.get("names")
    return dict(enumerate(names)) if isinstance(names, list) else names


def check_config(folder, config):
    """Breaches of data.yaml itself."""
    if "path" in config:
        yield "data.yaml: 'path' is there: versions of the trainer resolve it differently"
    names = names_of(config)
    if not isinstance(names, dict) or sorted(names) != list(range(len(names))):
        yield f"data.yaml: names are {config.get('names')!r}"
    elif config.get("nc") != len(names):
        yield f"data.yaml: nc is {config.get('nc')!r} for {len(names)} names"
    for split in ("train", "val"):
        if split not in config:
            yield f"data.yaml: '{split}' is missing"
    if "kpt_shape" in config:
        count = config["kpt_shape"][0]
        if sorted(config.get("flip_idx", [])) != list(range(count)):
            yield f"data.yaml: flip_idx is {config.get('flip_idx')!r} for {count} keypoints"


def images_of(folder, config):
    """The images of every split by the name of the split."""
    for split in ("train", "val", "test"):
        if split in config:
            yield split, sorted(path for path in (folder / config[split]).glob("**/*") if path.suffix.lower() in IMAGES)


def kind_of(row, config):
    """What a row is: a box, a pose, an outline; `None` where it is none of them."""
    if "kpt_shape" in config:
        count, dims = config["kpt_shape"]
        return "pose" if len(row) == 5 + count * dims else None
    if len(row) == 5:
        return "box"
    return "outline" if len(row) >= 7 and len(row) % 2 else None


def check_row(row, kind, config, classes):
    """Breaches of one row."""
    number = row[0]
    if number != int(number) or not 0 <= number < classes:
        yield f"{number:g} is no class"
    if kind == "outline":
        xs, ys = row[1::2], row[2::2]
        box = [(min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2, max(xs) - min(xs), max(ys) - min(ys)]
    else:
        box = row[1:5]
    if min(box) < -SLACK or max(box) > 1 + SLACK:
        yield f"the box {box} is outside the frame"
    if min(box[2:]) <= 0:
        yield f"the box {box} has no extent"
    if kind == "pose":
        dims = config["kpt_shape"][1]
        joints = [row[at : at + dims] for at in range(5, len(row), dims)]
        if any(not -SLACK <= value <= 1 + SLACK for joint in joints for value in joint[:2]):
            yield "a keypoint is outside the frame"


def check_file(file, config, classes, kinds):
    """Breaches of one label file; its kind is counted."""
    rows = [[float(word) for word in line.split()] for line in file.read_text().splitlines() if line.strip()]
    of_file = {kind_of(row, config) for row in rows}
    if None in of_file:
        yield "a row has a number of columns that no kind has"
    if len(of_file) > 1:
        yield f"rows are of several kinds: {of_file}"
    if len(rows) != len({tuple(row) for row in rows}):
        yield "a row is there twice"
    kinds.update(of_file)
    for row in rows:
        yield from check_row(row, kind_of(row, config), config, classes)


def check(folder):
    """All breaches of a dataset."""
    folder = Path(folder).resolve()
    config = yaml.safe_load((folder / "data.yaml").read_text())
    yield from check_config(folder, config)
    classes, kinds, of_split = len(names_of(config) or {}), Counter(), {}
    for split, images in images_of(folder, config):
        if not images:
            yield f"data.yaml: {split}: no image is in {config[split]}"
        labels = {label_of(image) for image in images}
        if len(labels) < len(images):
            yield f"{split}: two images have one label file"
        of_split[split] = set(images)
        for file in sorted(label for label in labels if label.exists()):
            yield from (f"{file.relative_to(folder)}: {breach}" for breach in check_file(file, config, classes, kinds))
        there = set((folder / config[split].replace("images", "labels", 1)).glob("**/*.txt"))
        yield from (f"{file.relative_to(folder)}: there is no image" for file in sorted(there - labels))
    if len(kinds) > 1:
        yield f"label files are of several kinds: {dict(kinds)}"
    if "test" in of_split or of_split.get("train") != of_split.get("val"):
        for one, other in (("train", "val"), ("train", "test"), ("val", "test")):
            shared = of_split.get(one, set()) & of_split.get(other, set())
            if shared:
                yield f"{len(shared)} images are in {one} and in {other}"


if __name__ == "__main__":
    breaches = list(check(sys.argv[1]))
    print("\n".join(breaches))
    sys.exit(bool(breaches))
