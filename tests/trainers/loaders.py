"""What the field's own loaders read of a written dataset: counts by split. What they complain of is an error."""

import contextlib
import io
import json
import logging
import shutil
import tempfile
import warnings
from pathlib import Path

import datumaro
import supervision
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval


class Complaints(logging.Handler):
    """Gathers what is logged as a warning or worse."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.lines = []

    def emit(self, record):
        self.lines.append(record.getMessage())


@contextlib.contextmanager
def no_complaint():
    """Runs a loader so that a warning is an error, and what it only prints is not seen."""
    complaints = Complaints()
    logging.getLogger().addHandler(complaints)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("error")
            # Of its own use of numpy, in a compiled module: no matter of the data that it reads.
            warnings.filterwarnings("ignore", "__array__ implementation", DeprecationWarning)
            yield
    finally:
        logging.getLogger().removeHandler(complaints)
    if complaints.lines:
        raise ValueError("; ".join(complaints.lines))


def splits(folder):
    return sorted(path.name for path in (folder / "images").iterdir() if path.is_dir())


def boxes(dataset):
    return sum(len(detections) for _, _, detections in dataset)


def supervision_yolo(folder, turned=False):
    def read(split):
        images, labels = folder / "images" / split, folder / "labels" / split
        yaml = str(folder / "data.yaml")
        return supervision.DetectionDataset.from_yolo(str(images), str(labels), yaml, is_obb=turned)

    return {split: boxes(read(split)) for split in splits(folder)}


def supervision_turned(folder):
    return supervision_yolo(folder, turned=True)


def supervision_coco(folder):
    def read(split):
        annotations = folder / "annotations" / f"instances_{split}.json"
        return supervision.DetectionDataset.from_coco(str(folder / "images" / split), str(annotations))

    return {split: boxes(read(split)) for split in splits(folder)}


def supervision_voc(folder):
    def read(split):
        return supervision.DetectionDataset.from_pascal_voc(
            str(folder / "images" / split), str(folder / "labels" / split)
        )

    return {split: boxes(read(split)) for split in splits(folder)}


def supervision_labelme(folder):
    def read(split):
        return supervision.DetectionDataset.from_labelme(
            str(folder / "images" / split), str(folder / "labels" / split)
        )

    return {split: boxes(read(split)) for split in splits(folder)}


def supervision_classes(folder):
    def read(split):
        return supervision.ClassificationDataset.from_folder_structure(str(folder / "images" / split))

    return {split: len(read(split)) for split in splits(folder)}


def pycocotools(folder):
    """Reads, fills every mask, and scores the truth by itself, which must be perfect."""

    def read(split):
        truth = COCO(str(folder / "annotations" / f"instances_{split}.json"))
        annotations = truth.loadAnns(truth.getAnnIds())
        shaped = [a for a in annotations if a["segmentation"]]
        if any(not truth.annToMask(a).any() for a in shaped):
            raise ValueError(f"{split}: a mask is empty")
        scored = truth.loadRes([{**a, "score": 1.0} for a in annotations])
        kinds = ["bbox"] + (["segm"] if len(shaped) == len(annotations) else [])
        kinds += ["keypoints"] if any(a.get("num_keypoints") for a in annotations) else []
        for kind in kinds:
            evaluation = COCOeval(truth, scored, kind)
            if kind == "keypoints":
                evaluation.params.catIds = sorted({a["category_id"] for a in annotations if "num_keypoints" in a})
            evaluation.evaluate()
            evaluation.accumulate()
            evaluation.summarize()
            if evaluation.stats[0] < 0.999:
                raise ValueError(f"{split}: {kind} score {evaluation.stats[0]:.3f} against themselves")
        return len(annotations)

    return {split: read(split) for split in splits(folder)}


def datumaro_labels(folder, form, kinds, key=id):
    """What datumaro reads: annotations of some kinds by split, those of one key once."""
    dataset = datumaro.Dataset.import_from(str(folder), form)
    counts = {}
    for item in dataset:
        item.media.data  # Decodes the picture.
        found = {key(annotation) for annotation in item.annotations if annotation.type.name in kinds}
        counts[item.subset] = counts.get(item.subset, 0) + len(found)
    return counts


def datumaro_coco(folder):
    """It reads the box and each polygon of an entry as annotations of the entry's id."""
    return datumaro_labels(folder, "coco_instances", {"bbox", "polygon", "mask"}, lambda entry: entry.id)


def datumaro_yolo(folder):
    return datumaro_labels(folder, "yolo", {"bbox"})


def datumaro_classes(folder):
    return datumaro_labels(folder / "images", "imagenet_with_subset_dirs", {"label"})


def datumaro_voc(folder):
    """Its reader wants the devkit's folders, and follows no links out of them."""
    with tempfile.TemporaryDirectory() as view:
        view = Path(view)
        shutil.copytree(folder / "ImageSets", view / "ImageSets")
        shutil.copy(folder / "labelmap.txt", view)
        for name, source in (("JPEGImages", "images"), ("Annotations", "labels")):
            (view / name).mkdir()
            for file in (folder / source).glob("*/*"):
                shutil.copy(file, view / name / file.name)
        return datumaro_labels(view, "voc_detection", {"bbox"})


def hugging_face(folder):
    """The rule of an image folder with `metadata.jsonl`: a line an image beside the images, lists of equal length."""

    def read(split):
        images = folder / "images" / split
        lines = [json.loads(line) for line in (images / "metadata.jsonl").read_text().splitlines()]
        if sorted(line["file_name"] for line in lines) != sorted(p.name for p in images.iterdir() if p.suffix != ".jsonl"):
            raise ValueError(f"{split}: metadata.jsonl is not about the images beside it")
        if any(len(line["objects"]["bbox"]) != len(line["objects"]["categories"]) for line in lines):
            raise ValueError(f"{split}: as many categories as boxes")
        return sum(len(line["objects"]["bbox"]) for line in lines)

    return {split: read(split) for split in splits(folder)}
