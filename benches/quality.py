"""Measures what geometry costs in quality, for the program and for its peers, and prints one JSON line.

usage: quality.py DELTA PHOTOGRAPHS SCRATCH

Each photograph is turned and scaled by fixed amounts, written without loss, and compared with the same map of the same
photograph taken from a finer picture: the source grown four times by a Lanczos filter, of which every output pixel is
the mean of 4 by 4 bilinear samples (8 by 8 where the map shrinks it). PSNR and SSIM (Wang et al. 2004: Gaussian window
of 11 pixels, sigma 1.5) are those of the luma of the middle four fifths, so that borders do not count; medians over
photographs. The program runs twice: with its steps fused into one sampling, and step by step through lossless files.
"""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from statistics import median

import cv2
import numpy as np

CASES = [
    {"name": "turned by 12.5°, then grown 1.15 times", "degrees": 12.5, "scale": 1.15},
    {"name": "turned by 12.5°, then shrunk to 0.8", "degrees": 12.5, "scale": 0.8},
    {"name": "shrunk to 0.4", "degrees": 0, "scale": 0.4},
]
FINER = 4
PHOTOGRAPHS = 8


def truth(source, degrees, scale):
    """The picture after the map, from the finer source."""
    height, width = source.shape[:2]
    finer = cv2.resize(source, None, fx=FINER, fy=FINER, interpolation=cv2.INTER_LANCZOS4).astype(np.float32)
    samples = 8 if scale < 1 else 4
    sums = np.zeros(source.shape, np.float64)
    turn = np.deg2rad(degrees)
    cos, sin = np.cos(turn) / scale, np.sin(turn) / scale
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    for i in range(samples):
        for j in range(samples):
            # Continuous coordinates about the center; pixel centers of the finer picture lie at whole numbers for remap.
            u, v = x + (i + 0.5) / samples - width / 2, y + (j + 0.5) / samples - height / 2
            from_x = ((cos * u + sin * v) + width / 2) * FINER - 0.5
            from_y = ((-sin * u + cos * v) + height / 2) * FINER - 0.5
            at = (from_x.astype(np.float32), from_y.astype(np.float32))
            sums += cv2.remap(finer, *at, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    return sums / samples**2


def luma(image):
    return image[..., 0] * 0.114 + image[..., 1] * 0.587 + image[..., 2] * 0.299


def middle(image):
    height, width = image.shape[:2]
    return image[height // 10 : height - height // 10, width // 10 : width - width // 10]


def compare(made, wanted, scale):
    """PSNR and SSIM of two pictures' middles; a shrunk picture's middle is smaller."""
    made, wanted = luma(made.astype(np.float64)), luma(wanted)
    if scale < 1:
        height, width = (int(side * (1 - scale) / 2) + 1 for side in made.shape)
        made, wanted = (image[height:-height, width:-width] for image in (made, wanted))
    made, wanted = middle(made), middle(wanted)
    error = np.mean((made - wanted) ** 2)
    blur = lambda image: cv2.GaussianBlur(image, (11, 11), 1.5)
    a, b = blur(made), blur(wanted)
    aa, bb, ab = blur(made * made) - a * a, blur(wanted * wanted) - b * b, blur(made * wanted) - a * b
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    ssim = ((2 * a * b + c1) * (2 * ab + c2)) / ((a * a + b * b + c1) * (aa + bb + c2))
    return 10 * np.log10(255**2 / max(error, 1e-9)), ssim.mean()


def delta(program, scratch, source, steps):
    """The program's picture after each list of steps in turn."""
    picture = scratch / "quality-in.png"
    cv2.imwrite(str(picture), source)
    for run in steps:
        recipe, out = scratch / "quality.json", scratch / "quality.zip"
        recipe.write_text(json.dumps({"version": 1, "count": 1, "output": {"format": "png"}, "steps": run}))
        command = [program, "augment", picture, "-o", out, "--recipe", recipe, "--seed", "1", "--labels", "none"]
        subprocess.run(command, check=True, capture_output=True)
        with zipfile.ZipFile(out) as archive:
            name = next(name for name in archive.namelist() if name.startswith("images/"))
            picture.write_bytes(archive.read(name))
    return cv2.imread(str(picture))


def steps_of(case):
    """Steps one after the other, each as the program's recipes have it."""
    turn = {"op": "rotate", "degrees": case["degrees"], "border": "reflect"}
    scale = {"op": "scale", "factor": case["scale"], "border": "reflect"}
    return ([turn] if case["degrees"] else []) + [scale]


def with_library(library, source, case):
    border = {"border_mode": cv2.BORDER_REFLECT}
    steps = [library.Affine(scale=(case["scale"],) * 2, p=1, **border)]
    if case["degrees"]:
        # Its positive angles turn the other way.
        steps.insert(0, library.Rotate(limit=(-case["degrees"],) * 2, p=1, **border))
    return library.Compose(steps, seed=1)(image=source)["image"]


def contenders(program, scratch):
    made = {
        "Delta Augment, one sampling": lambda source, case: delta(program, scratch, source, [steps_of(case)]),
        "Delta Augment, step by step": lambda source, case: delta(
            program, scratch, source, [[step] for step in steps_of(case)]
        ),
    }
    os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"
    for name, module in (("Albumentations + OpenCV", "albumentations"), ("augrs", "augrs")):
        try:
            library = __import__(module)
        except ImportError:
            continue
        made[name] = lambda source, case, library=library: with_library(library, source, case)
    return made


def main():
    program, photographs, scratch = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    cv2.setNumThreads(1)
    paths = sorted(photographs.iterdir())
    sources = [cv2.imread(str(path)) for path in paths[:: max(1, len(paths) // PHOTOGRAPHS)][:PHOTOGRAPHS]]
    results = []
    for case in CASES:
        wanted = [truth(source, case["degrees"], case["scale"]) for source in sources]
        for name, make in contenders(program, scratch).items():
            try:
                scores = [compare(make(source, case), w, case["scale"]) for source, w in zip(sources, wanted)]
            except Exception as error:  # A peer that cannot do a case is named, and the others go on.
                results.append({"case": case["name"], "name": name, "missing": str(error).splitlines()[0]})
                continue
            psnr, ssim = (median(score[i] for score in scores) for i in (0, 1))
            results.append({"case": case["name"], "name": name, "psnr": psnr, "ssim": ssim})
    print(json.dumps({"photographs": len(sources), "results": results}))


if __name__ == "__main__":
    main()
