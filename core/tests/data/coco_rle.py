"""Writes coco_rle.txt: run-length texts by pycocotools and the runs that they stand for, one pair a line.

Run with pycocotools 2.0 and numpy: python coco_rle.py > coco_rle.txt
"""

import numpy as np
from pycocotools import mask


def runs_of(bits):
    """Column-major runs of zeros and ones in turn, zeros first."""
    flat = bits.flatten(order="F")
    ends = np.flatnonzero(np.diff(flat)) + 1
    edges = np.concatenate([[0], ends, [flat.size]])
    runs = np.diff(edges).tolist()
    return ([0] + runs) if flat[0] else runs


random = np.random.default_rng(7)
pictures = [np.zeros((5, 7)), np.ones((5, 7)), np.eye(9), np.zeros((1000, 1000))]
pictures[3][500:, 300:310] = 1
pictures += [random.random((int(h), int(w))) < p for h, w, p in [(3, 40, 0.5), (40, 3, 0.1), (64, 64, 0.9), (100, 80, 0.02)]]
yy, xx = np.mgrid[:300, :400]
pictures.append((xx - 200) ** 2 / 150**2 + (yy - 150) ** 2 / 90**2 < 1)
for picture in pictures:
    bits = np.asfortranarray(picture.astype(np.uint8))
    text = mask.encode(bits)["counts"].decode()
    print(text, ",".join(map(str, runs_of(bits))))
