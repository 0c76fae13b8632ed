"""Sends events through the template's own filters, in moto's matcher: what goes to whom, by size, place and kind."""

import json
import sys

import translate
from facts import facts
from moto.events.models import EventPattern

BUCKET = "stack-originals-1-region"


def matches(pattern, event):
    """Whether a filter passes an event."""
    pattern = json.loads(json.dumps(pattern).replace('{"Ref": "Originals"}', json.dumps(BUCKET)))
    return EventPattern(None, pattern).matches_event(event)


def arrival(size, bucket=BUCKET, key="originals/a1/large.tif"):
    """What S3 tells of an object that came, as its documentation has it."""
    return {
        "source": "aws.s3",
        "detail-type": "Object Created",
        "detail": {"bucket": {"name": bucket}, "object": {"key": key, "size": size}, "reason": "PutObject"},
    }


def row(pk, event="INSERT"):
    """What the table's stream tells of a row."""
    return {"eventName": event, "dynamodb": {"Keys": {"pk": {"S": pk}, "sk": {"S": "1"}}}}


def main():
    resources, known = translate.translated(translate.template())["Resources"], facts()
    large = resources["LargeDropped"]["Properties"]["EventPattern"]
    most = known["largest image"]
    pipes = {
        name: json.loads(resources[name]["Properties"]["SourceParameters"]["FilterCriteria"]["Filters"][0]["Pattern"])
        for name in ("JobPipe", "DatasetPipe")
    }
    jobs = known["list prefix"] + known["job list"]
    datasets = known["list prefix"] + known["dataset list"]
    cases = [
        ("one byte more than a function takes", large, arrival(most + 1), True),
        ("32 gigabytes", large, arrival(32 << 30), True),
        ("as much as a function takes", large, arrival(most), False),
        ("a small file", large, arrival(70_000), False),
        ("a large zip of results", large, arrival(32 << 30, bucket="stack-results-1-region"), False),
        ("a large file elsewhere in the bucket", large, arrival(32 << 30, key="other/large.tif"), False),
        ("a record that comes into the list of jobs", pipes["JobPipe"], row(jobs), True),
        ("one that leaves it", pipes["JobPipe"], row(jobs, "REMOVE"), False),
        ("one in another list", pipes["JobPipe"], row(known["list prefix"] + "public"), False),
        ("a record itself", pipes["JobPipe"], row("image/a1", "MODIFY"), False),
        ("a dataset's job", pipes["JobPipe"], row(datasets), False),
        ("a dataset's job to its own pipe", pipes["DatasetPipe"], row(datasets), True),
        ("an image's job to the datasets' pipe", pipes["DatasetPipe"], row(jobs), False),
    ]
    wrong = [what for what, pattern, event, wanted in cases if matches(pattern, event) != wanted]
    for what in wrong:
        print(f"routing: {what} goes the wrong way")
    if wrong:
        sys.exit(1)
    print(f"routing: {len(cases)} events go where they should, by size, place and kind")


if __name__ == "__main__":
    main()
