"""Makes albumentations.json: where Albumentations 2.0.8 takes real boxes and keypoints, given the project's maps.

usage: python make.py DATA        DATA: the folder that holds bccd-voc/ and coco-keypoints/

Needs: pip install "albumentations==2.0.8" "opencv-python-headless<5" "numpy<2.4"

The table names files and objects and holds numbers only. All numbers are continuous pixels: pixel (x, y) covers
[x, x+1) by [y, y+1). Three ways lead to Albumentations' answer, the most independent that fits is taken:

compose    Its transform class, with our numbers, inside its own Compose. Keypoints are pixel indices there, so half a
           pixel goes off before and comes back after; boxes are continuous there as they are here.
functional Its functions for boxes and keypoints (bboxes_affine, keypoints_affine, perspective_bboxes,
           perspective_keypoints) with our matrix, where its class draws the matrix itself (Perspective), builds it in
           another order (Affine slants after it turns, ours before) or rounds moves to whole pixels (Affine again).
scale      Its keypoints_scale on continuous numbers, for resizing: Resize and LongestMaxSize apply it to pixel
           indices, which moves every keypoint by half a pixel times (scale - 1) against the resized picture.
"""

import json
import os
import sys
from pathlib import Path
from xml.etree import ElementTree

os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"
import albumentations as A
import cv2
import numpy as np
from albumentations.augmentations.geometric import functional as F
from albumentations.core.bbox_utils import clip_bboxes, denormalize_bboxes, normalize_bboxes

# Every case takes its share of the micrographs, the next case the next share: all are used, the table stays small.
MICROGRAPHS_A_CASE = 4
# Steps that a recipe cannot fix: the table has the numbers that a manifest would.
DRAWN = {"crop", "perspective"}
CONSTANT = cv2.BORDER_CONSTANT


# --- The three ways ---------------------------------------------------------------------------------------------


def compose(*transforms):
    pipeline = A.Compose(
        list(transforms),
        bbox_params=A.BboxParams("pascal_voc", label_fields=["index"], clip=True),
        keypoint_params=A.KeypointParams("xy", remove_invisible=False),
    )

    def judge(boxes, points, size):
        out = pipeline(
            image=np.zeros((size[1], size[0], 1), np.uint8),
            bboxes=np.asarray(boxes, np.float64).reshape(-1, 4),
            index=np.arange(len(boxes)),
            keypoints=np.asarray(points, np.float64).reshape(-1, 2) - 0.5,
        )
        placed = dict(zip((int(i) for i in out["index"]), out["bboxes"]))
        height, width = out["image"].shape[:2]
        return (width, height), placed, np.asarray(out["keypoints"]).reshape(-1, 2) + 0.5

    return judge


def functional(map_of):
    """`map_of(width, height)` gives the matrix from input to output in continuous pixels and the output's size."""

    def judge(boxes, points, size):
        matrix, (width, height) = map_of(*size)
        frame_in, frame_out = (size[1], size[0]), (height, width)
        numbered = np.column_stack([np.asarray(boxes, np.float64).reshape(-1, 4), np.arange(len(boxes))])
        numbered[:, :4] = normalize_bboxes(numbered[:, :4], frame_in)
        indices = np.column_stack([np.asarray(points).reshape(-1, 2) - 0.5, np.zeros((len(points), 3))])
        on_indices = move(-0.5, -0.5) @ matrix @ move(0.5, 0.5)
        if np.array_equal(matrix[2], [0, 0, 1]):
            moved = F.bboxes_affine(numbered, matrix, "largest_box", frame_in, CONSTANT, frame_out)
            at = F.keypoints_affine(indices, on_indices, frame_in, {"x": 1, "y": 1}, CONSTANT)
        else:
            moved = F.perspective_bboxes(numbered, frame_in, matrix, width, height, False)
            at = F.perspective_keypoints(indices, frame_in, on_indices, width, height, False)
        moved = denormalize_bboxes(clip_bboxes(moved, {"height": height, "width": width}), frame_out)
        return (width, height), {int(row[4]): row[:4] for row in moved}, at[:, :2] + 0.5

    return judge


def scaled(size_of, then=()):
    """A resize of the picture to `size_of(width, height)`, then transforms."""

    def judge(boxes, points, size):
        to = size_of(*size)
        factors = (to[0] / size[0], to[1] / size[1])
        boxes_to = compose(A.Resize(to[1], to[0]), *then)
        _, placed, _ = boxes_to(boxes, [], size)
        rows = np.column_stack([np.asarray(points).reshape(-1, 2), np.zeros((len(points), 3))])
        points = F.keypoints_scale(rows, *factors)[:, :2] if len(points) else []
        out, _, at = compose(A.NoOp(), *then)([], points, to)
        return out, placed, at

    return judge


# --- Our maps, from input to output in continuous pixels ---------------------------------------------------------


def move(x, y):
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1]], float)


def stretch(x, y):
    return np.diag([x, y, 1.0])


def turn(degrees):
    c, s = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])


def shear(x, y):
    return np.array([[1, np.tan(np.deg2rad(x)), 0], [np.tan(np.deg2rad(y)), 1, 0], [0, 0, 1]])


def centered(matrix):
    """A map about the center of the frame, which stays."""
    return lambda w, h: (move(w / 2, h / 2) @ matrix @ move(-w / 2, -h / 2), (w, h))


def from_view(corners):
    """The quadrangle with these corners, clockwise from the top left in fractions of the frame, fills the frame."""

    def map_of(w, h):
        frame = np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32)
        view = np.array(corners, float) * [w, h]
        return cv2.getPerspectiveTransform(view.astype(np.float32), frame), (w, h)

    return map_of


# --- The cases: a recipe step and who judges it -------------------------------------------------------------------


def rotate(degrees):
    # Its Rotate and Affine count anticlockwise, ours clockwise.
    step = {"op": "rotate", "degrees": degrees, "border": "constant"}
    return step, compose(A.Rotate(limit=(-degrees, -degrees), border_mode=CONSTANT, p=1))


def scale(factor):
    step = {"op": "scale", "factor": factor, "border": "constant"}
    return step, compose(A.Affine(scale=(factor, factor), border_mode=CONSTANT, p=1))


def sheared(x, y):
    # Its Affine turns the signs of shears around.
    step = {"op": "shear", "x": x, "y": y, "border": "constant"}
    return step, compose(A.Affine(shear={"x": (-x, -x), "y": (-y, -y)}, border_mode=CONSTANT, p=1))


def translate(x, y):
    step = {"op": "translate", "x": x, "y": y, "border": "constant"}
    return step, functional(lambda w, h: (move(x * w, y * h), (w, h)))


def affine(factor, degrees, shear_x, shear_y, x, y):
    step = {"op": "affine", "scale": factor, "degrees": degrees, "shear_x": shear_x, "shear_y": shear_y}
    step |= {"translate_x": x, "translate_y": y, "border": "constant"}

    def map_of(w, h):
        about, size = centered(turn(degrees) @ shear(shear_x, shear_y) @ stretch(factor, factor))(w, h)
        return move(x * w, y * h) @ about, size

    return step, functional(map_of)


def perspective(corners):
    return {"op": "perspective", "corners": corners}, functional(from_view(corners))


def crop(x, y, width, height):
    step = {"op": "crop", "x": x, "y": y, "width": width, "height": height}
    return step, compose(A.Crop(x, y, x + width, y + height, p=1))


def center_crop(width, height):
    return {"op": "center_crop", "width": width, "height": height}, compose(A.CenterCrop(height, width, p=1))


def pad(left, top, right, bottom):
    step = {"op": "pad", "left": left, "top": top, "right": right, "bottom": bottom, "multiple": 1}
    return step, compose(A.Pad((left, top, right, bottom), border_mode=CONSTANT, p=1))


def resize(width, height):
    return {"op": "resize", "width": width, "height": height}, scaled(lambda w, h: (width, height))


def longest_side(length):
    return {"op": "longest_side", "length": length}, scaled(fitted(length))


def letterbox(side):
    bars = A.PadIfNeeded(side, side, border_mode=CONSTANT, p=1)
    return {"op": "letterbox", "width": side, "height": side}, scaled(fitted(side), (bars,))


def fitted(length):
    """The size that its LongestMaxSize gives a picture."""

    def size_of(w, h):
        shape = A.LongestMaxSize(length, p=1)(image=np.zeros((h, w, 1), np.uint8))["image"].shape
        return shape[1], shape[0]

    return size_of


CASES = [
    ({"op": "flip_horizontal"}, compose(A.HorizontalFlip(p=1))),
    ({"op": "flip_vertical"}, compose(A.VerticalFlip(p=1))),
    ({"op": "transpose"}, compose(A.Transpose(p=1))),
    # Its RandomRotate90 draws the turns; two mirrors make each of them.
    ({"op": "quarter_turn", "turns": 1}, compose(A.Transpose(p=1), A.HorizontalFlip(p=1))),
    ({"op": "quarter_turn", "turns": 2}, compose(A.HorizontalFlip(p=1), A.VerticalFlip(p=1))),
    ({"op": "quarter_turn", "turns": 3}, compose(A.Transpose(p=1), A.VerticalFlip(p=1))),
    rotate(12.5),
    rotate(-33.0),
    rotate(171.25),
    scale(0.6),
    scale(1.3),
    sheared(14.0, 0.0),
    sheared(-9.0, 21.0),
    translate(0.15, -0.1),
    affine(0.8, 25.0, 0.0, 0.0, 0.1, 0.05),
    affine(1.25, -17.0, 8.0, -6.0, -0.05, 0.2),
    perspective([[0.05, 0.1], [0.92, 0.02], [0.99, 0.85], [0.12, 0.97]]),
    perspective([[0.25, 0.2], [0.8, 0.28], [0.72, 0.75], [0.01, 0.9]]),
    crop(57, 31, 301, 222),
    center_crop(400, 301),
    pad(13, 40, 27, 6),
    resize(333, 500),
    longest_side(416),
    letterbox(512),
    letterbox(900),
]


# --- The data -----------------------------------------------------------------------------------------------------


def clipped(box, w, h):
    return [min(max(box[0], 0), w), min(max(box[1], 0), h), min(max(box[2], 0), w), min(max(box[3], 0), h)]


def micrographs(data):
    """(file, size, boxes, no keypoints); VOC counts pixels from 1 and includes the last."""
    for path in sorted((data / "bccd-voc" / "annotations").glob("*.xml")):
        root = ElementTree.parse(path).getroot()
        size = tuple(int(root.find("size").findtext(side)) for side in ("width", "height"))
        ends = [[float(b.findtext(k)) for k in ("xmin", "ymin", "xmax", "ymax")] for b in root.iter("bndbox")]
        boxes = [clipped([b[0] - 1, b[1] - 1, b[2], b[3]], *size) for b in ends]
        yield {"file": f"bccd-voc/images/{path.stem}.jpg"}, size, boxes, [[] for _ in boxes]


def people(data):
    """(file, size, boxes, labeled keypoints an object); COCO's boxes are continuous, its keypoints pixel indices."""
    stated = json.loads((data / "coco-keypoints" / "test_coco.json").read_text())
    for image in stated["images"]:
        size = (image["width"], image["height"])
        objects = [o for o in stated["annotations"] if o["image_id"] == image["id"]]
        corners = [[b[0], b[1], b[0] + b[2], b[1] + b[3]] for b in (o["bbox"] for o in objects)]
        triples = [zip(*[iter(o["keypoints"])] * 3) for o in objects]
        points = [[(x + 0.5, y + 0.5) for x, y, visible in t if visible] for t in triples]
        yield {"file": f"coco-keypoints/{image['file_name']}"}, size, [clipped(c, *size) for c in corners], points


def judged(reference, size, boxes, points, judge):
    """A row of the table: a box or null for every object, a point or null for every labeled keypoint."""
    flat = [p for of_object in points for p in of_object]
    out, placed, at = judge(boxes, flat, size)
    row = {**reference, "size": list(out)}
    placed = {i: [round(float(v), 3) for v in box] for i, box in placed.items() if box[2] > box[0] and box[3] > box[1]}
    row["boxes"] = [placed.get(i) for i in range(len(boxes))]
    inside = [0 <= x < out[0] and 0 <= y < out[1] for x, y in at]
    row["keypoints"] = [[round(float(v), 3) for v in p] if seen else None for p, seen in zip(at, inside)]
    return row


def main():
    data = Path(sys.argv[1])
    slides, photographs = list(micrographs(data)), list(people(data))
    cases = []
    for number, (step, judge) in enumerate(CASES):
        share = [slides[(number * MICROGRAPHS_A_CASE + i) % len(slides)] for i in range(MICROGRAPHS_A_CASE)]
        kind = "drawn" if step["op"] in DRAWN else "step"
        cases.append({kind: step, "images": [judged(*picture, judge) for picture in share + photographs]})
    table = {"judge": f"albumentations {A.__version__}", "cases": cases}
    text = json.dumps(table, separators=(",", ":")).replace('{"step"', '\n{"step"').replace('{"drawn"', '\n{"drawn"').replace('{"file"', '\n {"file"')
    out = Path(__file__).with_name("albumentations.json")
    out.write_text(text + "\n")
    print(f"{len(cases)} cases, {out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
