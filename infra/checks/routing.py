"""Tests the template's event filters with moto's matcher: routing by size, key and kind."""

import json
import sys

import translate
from facts import facts
from moto.events.models import EventPattern

BUCKET = "stack-originals-1-region"


def matches(pattern, event):
    """Whether a filter matches an event."""
    pattern = json.loads(json.dumps(pattern).replace('{"Ref": "Originals"}', json.dumps(BUCKET)))
    return EventPattern(None, pattern).matches_event(event)


def arrival(size, bucket=BUCKET, key="originals/a1/large.tif"):
    """The S3 event of a new object."""
    return {
        "source": "aws.s3",
        "detail-type": "Object Created",
        "detail": {"bucket": {"name": bucket}, "object": {"key": key, "size": size}, "reason": "PutObject"},
    }


def row(pk, event="INSERT"):
    """The stream event of a row."""
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
        ("one byte over the function's limit", large, arrival(most + 1), True),
        ("32 gigabytes", large, arrival(32 << 30), True),
        ("exactly the function's limit", large, arrival(most), False),
        ("a small file", large, arrival(70_000), False),
        ("a large zip of results", large, arrival(32 << 30, bucket="stack-results-1-region"), False),
        ("a large file elsewhere in the bucket", large, arrival(32 << 30, key="other/large.tif"), False),
        ("a new entry in the list of jobs", pipes["JobPipe"], row(jobs), True),
        ("an entry that leaves it", pipes["JobPipe"], row(jobs, "REMOVE"), False),
        ("an entry in another list", pipes["JobPipe"], row(known["list prefix"] + "public"), False),
        ("a record itself", pipes["JobPipe"], row("image/a1", "MODIFY"), False),
        ("a dataset's job", pipes["JobPipe"], row(datasets), False),
        ("a dataset's job to its own pipe", pipes["DatasetPipe"], row(datasets), True),
        ("an image's job to the datasets' pipe", pipes["DatasetPipe"], row(jobs), False),
    ]
    wrong = [what for what, pattern, event, wanted in cases if matches(pattern, event) != wanted]
    for what in wrong:
        print(f"routing: {what} is routed wrong")
    if wrong:
        sys.exit(1)
    print(f"routing: {len(cases)} events are routed correctly")


if __name__ == "__main__":
    main()
