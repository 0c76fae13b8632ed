"""Runs another library over the benchmark's photographs and prints one JSON line with what it measured.

usage: peers.py PEER RECIPE FOLDER COPIES OUT.zip PROCESSES

PEER    codec          OpenCV decodes once and encodes COPIES times: no program with that codec can be faster
        albumentations Albumentations with OpenCV
        augrs          augrs-py with OpenCV's codecs
        augmentor      Augmentor with Pillow
RECIPE  classic | strong, as close to the project's recipes of these names as the peer's vocabulary allows

Each reads the files itself, writes JPEGs of quality 90 with 4:2:0 chroma and puts them into one stored zip.
Imports and the start of worker processes come before the clock starts. Exit code 3: the peer cannot do that.
"""

import importlib.metadata
import io
import json
import multiprocessing
import os
import random
import sys
import time
import zipfile
from pathlib import Path

QUALITY = 90
CANNOT = 3


def with_opencv(steps):
    """A worker over OpenCV's codecs: `steps` makes the pipeline, or None for the codec alone."""
    import cv2

    cv2.setNumThreads(1)
    options = [
        cv2.IMWRITE_JPEG_QUALITY,
        QUALITY,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420,
    ]
    pipeline = steps(cv2) if steps else None

    def copies_of(path, count):
        image = cv2.imread(path)
        for _ in range(count):
            made = pipeline(image=image)["image"] if pipeline else image
            yield made.shape[0] * made.shape[1], cv2.imencode(".jpg", made, options)[1].tobytes()

    return copies_of


def compose(library, recipe, cv2):
    """The recipe in the vocabulary that Albumentations and augrs share."""
    border = {"border_mode": cv2.BORDER_REFLECT}
    if recipe == "classic":
        steps = [
            library.Rotate(limit=(-20, 20), p=0.7, **border),
            library.RandomRotate90(p=0.44),
            library.HorizontalFlip(p=0.8),
            library.VerticalFlip(p=0.3),
            library.Affine(scale=(1.1, 1.2), p=0.7, **border),
        ]
    else:
        blur = {"blur_limit": 0} if library.__name__ == "albumentations" else {}
        steps = [
            library.Affine(
                scale=(0.8, 1.2), rotate=(-20, 20), shear=(-8, 8), translate_percent=(-0.1, 0.1), p=0.9, **border
            ),
            library.HorizontalFlip(p=0.5),
            library.ColorJitter(brightness=(0.8, 1.2), contrast=(0.8, 1.2), saturation=(0.8, 1.2), hue=(-0.05, 0.05), p=0.8),
            library.GaussianBlur(sigma_limit=(0.5, 1.5), p=0.3, **blur),
            library.GaussNoise(std_range=(0.02, 0.06), p=0.3),
        ]
    return library.Compose(steps, seed=1)


def albumentations(recipe):
    os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"
    import albumentations as library

    return with_opencv(lambda cv2: compose(library, recipe, cv2))


def augrs(recipe):
    import augrs as library

    return with_opencv(lambda cv2: compose(library, recipe, cv2))


def codec(_):
    return with_opencv(None)


def augmentor(recipe):
    """Augmentor's own operations, each by its own chance, on Pillow images."""
    if recipe != "classic":
        sys.exit(CANNOT)
    from Augmentor import Operations
    from PIL import Image

    random.seed(1)
    operations = [
        Operations.RotateRange(0.7, 20, 20),
        Operations.Rotate(0.22, 90),
        Operations.Rotate(0.22, 270),
        Operations.Flip(0.8, "LEFT_RIGHT"),
        Operations.Flip(0.3, "TOP_BOTTOM"),
        Operations.Zoom(0.7, 1.1, 1.2),
    ]

    def copies_of(path, count):
        image = Image.open(path).convert("RGB")
        for _ in range(count):
            made = [image.copy()]
            for operation in operations:
                if random.random() < operation.probability:
                    made = operation.perform_operation(made)
            encoded = io.BytesIO()
            made[0].save(encoded, "JPEG", quality=QUALITY, subsampling="4:2:0")
            yield made[0].width * made[0].height, encoded.getvalue()

    return copies_of


PEERS = {
    "codec": (codec, ["opencv-python-headless"]),
    "albumentations": (albumentations, ["albumentations", "opencv-python-headless"]),
    "augrs": (augrs, ["augrs-py", "opencv-python-headless"]),
    "augmentor": (augmentor, ["Augmentor", "pillow"]),
}

make_copies = None


def start(peer, recipe):
    global make_copies
    make_copies = PEERS[peer][0](recipe)


def ready(_):
    """Keeps a worker long enough that every worker of the pool takes one."""
    time.sleep(0.2)


def copies_of(task):
    path, count = task
    return path, list(make_copies(path, count))


def main():
    peer, recipe, folder, count, out, processes = sys.argv[1:]
    count, processes = int(count), int(processes)
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PEERS[peer][1])
    tasks = [(str(path), count) for path in sorted(Path(folder).iterdir())]
    start(peer, recipe)
    pool = multiprocessing.Pool(processes, start, (peer, recipe)) if processes > 1 else None
    if pool:
        pool.map(ready, range(processes), chunksize=1)

    began, processor = time.perf_counter(), time.process_time()
    pixels = outputs = 0
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for path, made in pool.imap(copies_of, tasks) if pool else map(copies_of, tasks):
            for number, (area, encoded) in enumerate(made):
                archive.writestr(f"images/{Path(path).stem}_{number}.jpg", encoded)
                pixels += area
                outputs += 1
    measured = {"seconds": time.perf_counter() - began, "pixels": pixels, "outputs": outputs, "versions": versions}
    if processes == 1:
        measured["processor_seconds"] = time.process_time() - processor
    print(json.dumps(measured))


if __name__ == "__main__":
    main()
