"""judge.py DELTA: writes every kind of label in every format that holds it, and lets the field's loaders read it.

Prints a line for each that is wrong and, last, the count; ends with 1 where anything is wrong.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import loaders
import sets

HERE = Path(__file__).resolve().parent
YOLO = [loaders.supervision_yolo]
COCO = [loaders.supervision_coco, loaders.pycocotools, loaders.datumaro_coco]
VOC = [loaders.supervision_voc, loaders.datumaro_voc]
# A set, the format to write, what reads it.
CASES = [
    ("boxes", "auto", [*YOLO, loaders.datumaro_yolo]),
    ("boxes", "coco", COCO),
    ("boxes", "voc", VOC),
    ("boxes", "labelme", [loaders.supervision_labelme]),
    ("boxes", "hf", [loaders.hugging_face]),
    ("outlines", "auto", YOLO),
    ("outlines", "coco", COCO),
    ("outlines", "voc", VOC),
    ("outlines", "labelme", [loaders.supervision_labelme]),
    ("poses", "auto", YOLO),
    ("poses", "coco", COCO),
    ("turned", "auto", [loaders.supervision_turned]),
    ("turned", "yolo-obb", [loaders.supervision_turned]),
    ("turned", "coco", COCO),
    ("coco", "auto", COCO),
    ("coco", "yolo", YOLO),
    ("coco", "voc", VOC),
    ("classes", "auto", [loaders.supervision_classes, loaders.datumaro_classes]),
]


def augment(delta, source, labels, out):
    """Runs the program; gives the manifest's lines."""
    command = [delta, "augment", source, "-o", out, "--recipe", "detection", "--count", "2", "--seed", "7"]
    run = subprocess.run([*command, "--labels", labels], capture_output=True, text=True)
    if run.returncode:
        raise ValueError(f"it ends with {run.returncode}: {run.stderr.strip()}")
    return [json.loads(line) for line in (out / "manifest.jsonl").read_text().splitlines()]


def wanted(lines, count):
    """The sum of something over the outputs of every split."""
    sums = {}
    for line in lines:
        sums[line.get("split")] = sums.get(line.get("split"), 0) + count(line)
    return sums


def rules(folder, elsewhere):
    """The script of documented rules, run from a folder that has nothing to do with the dataset."""
    run = subprocess.run(
        [sys.executable, HERE / "rules.py", folder], cwd=elsewhere, capture_output=True, text=True
    )
    if run.returncode:
        raise ValueError(run.stdout.strip() or run.stderr.strip())


def judge(delta, source, labels, readers, scratch):
    """What is wrong with one set in one format: names of checks with their reasons."""
    out = scratch / f"{source.name}-{labels}"
    try:
        lines = augment(delta, source, labels, out)
    except (OSError, ValueError) as error:
        yield "delta", error
        return
    checks = [*readers]
    if (out / "data.yaml").exists():
        checks.append(lambda folder: rules(folder, scratch))
    for check in checks:
        name = getattr(check, "__name__", "rules").replace("<lambda>", "rules")
        try:
            with loaders.no_complaint():
                found = check(out)
        except Exception as error:  # Whatever a loader says is its complaint.
            yield name, f"{type(error).__name__}: {error}"
            continue
        classes = "classes" in name
        expected = wanted(lines, lambda line: 1 if classes else line["labels"]["kept"])
        if found is not None and found != expected:
            yield name, f"it reads {found}, and {expected} were written"


def main(delta):
    delta = os.path.abspath(delta)
    wrong = done = 0
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        drawn = sets.draw(delta, scratch)
        for name, labels, readers in CASES:
            done += 1
            found = list(judge(delta, drawn[name], labels, readers, scratch))
            wrong += bool(found)
            for check, why in found:
                print(f"{name} as {labels}: {check}: {str(why)[:300]}")
    print(f"{done - wrong} of {done} are read without a complaint")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
