"""Facts read from the sources, which the template must match."""

import json
import re

from translate import INFRA, ROOT

# The IAM actions of SDK calls; an unknown call is an error.
ACTIONS = {
    "abort_multipart_upload": ["s3:AbortMultipartUpload"],
    "complete_multipart_upload": ["s3:PutObject"],
    "copy_object": ["s3:GetObject", "s3:PutObject"],
    "create_multipart_upload": ["s3:PutObject"],
    "delete_object": ["s3:DeleteObject"],
    # Without permission to list, a missing object looks forbidden.
    "get_object": ["s3:GetObject", "s3:ListBucket"],
    "get_object_tagging": ["s3:GetObjectTagging"],
    "head_object": ["s3:GetObject", "s3:ListBucket"],
    "list_objects_v2": ["s3:ListBucket"],
    "list_parts": ["s3:ListMultipartUploadParts"],
    "put_object": ["s3:PutObject"],
    "put_object_tagging": ["s3:PutObjectTagging"],
    "upload_part": ["s3:PutObject"],
    "upload_part_copy": ["s3:GetObject", "s3:PutObject"],
    "batch_get_item": ["dynamodb:BatchGetItem"],
    "delete_item": ["dynamodb:DeleteItem"],
    "get_item": ["dynamodb:GetItem"],
    "put_item": ["dynamodb:PutItem"],
    "query": ["dynamodb:Query"],
    "update_item": ["dynamodb:UpdateItem"],
    # A transaction needs the actions of its parts.
    "transact_write_items": [],
    "Put::builder": ["dynamodb:PutItem"],
    "Delete::builder": ["dynamodb:DeleteItem"],
    "Update::builder": ["dynamodb:UpdateItem"],
    "ConditionCheck::builder": ["dynamodb:ConditionCheckItem"],
}
# The actions of signed URLs, which run with the signer's permissions.
SIGNED = {"get": ["s3:GetObject"], "put": ["s3:PutObject"], "put_part": ["s3:PutObject"]}
# Sources of each function. The API runs no jobs, and only `delta serve` runs sweeps: AWS has lifecycle rules.
PARTS = {
    "PresignFunction": (
        ["presign-lambda/src", "records/src"],
        {"records/src/jobs.rs", "records/src/dataset/claims.rs", "presign-lambda/src/retention.rs"},
    ),
    "AugmentFunction": (["augment-lambda/src", "records/src"], set()),
}
ENVIRONMENTS = {
    "PresignFunction": ["presign-lambda/src/lambda/environment.rs", "presign-lambda/src/issuer.rs"],
    "AugmentFunction": ["augment-lambda/src/lambda/environment.rs"],
}
# The IAM actions of AWS CLI calls in large.sh.
SCRIPTED = {
    "s3api head-object": ["s3:GetObject"],
    "s3api put-object-tagging": ["s3:PutObjectTagging"],
    's3 cp --only-show-errors "s3:': ["s3:GetObject"],
    "s3 cp --only-show-errors --content-type": ["s3:AbortMultipartUpload", "s3:PutObject"],
    "sqs send-message": ["sqs:SendMessage"],
}
# Only used with emulators.
OF_EMULATORS = {"DELTA_DYNAMODB_ENDPOINT", "DELTA_S3_ENDPOINT"}


def source(path):
    """A source file without its tests."""
    return (ROOT / path).read_text().split("#[cfg(test)]")[0]


def one(pattern, text):
    """The only match of a pattern, or an error."""
    found = re.findall(pattern, text, re.DOTALL)
    if len(found) != 1:
        raise SystemExit(f"{len(found)} places in the sources match {pattern}: update infra/checks/facts.py")
    return found[0]


def functions(text):
    """The bodies of a file's functions by name; equal names are concatenated."""
    bodies = {}
    parts = re.split(r"\n\s*(?:pub(?:\([a-z]+\))? )?(?:const )?(?:async )?fn (\w+)", text)
    for name, body in zip(parts[1::2], parts[2::2]):
        bodies[name] = bodies.get(name, "") + body
    return bodies


def calls():
    """For each method of the ports, by receiver, the IAM actions of the adapter's calls."""
    known = "|".join(re.escape(name) for name in ACTIONS)
    found = {"signer": {name: set(actions) for name, actions in SIGNED.items()}}
    for receiver, files in {"objects": ["objects.rs"], "records": ["records.rs", "counter.rs"]}.items():
        bodies = {}
        for file in files:
            for name, body in functions(source(f"stores/aws/src/{file}")).items():
                bodies[name] = bodies.get(name, "") + body
        unknown = set()
        for body in bodies.values():
            unknown |= set(re.findall(r"client\s*\.(\w+)\(\)", body)) - set(ACTIONS)
        if unknown:
            raise SystemExit(f"stores/aws calls {sorted(unknown)}: add their actions to infra/checks/facts.py")

        def reach(name, seen):
            if name in seen:
                return set()
            seen.add(name)
            body = bodies[name]
            actions = {action for call in re.findall(rf"(?:\.|\b)({known})\(", body) for action in ACTIONS[call]}
            for other in bodies:
                if other != name and re.search(rf"(?:self\s*\.|Self::|\bcounter::){other}\(", body):
                    actions |= reach(other, seen)
            return actions

        found[receiver] = {name: reach(name, set()) for name in bodies}
    return found


def actions(function):
    """The IAM actions on the stores that a function's code needs."""
    folders, skipped = PARTS[function]
    methods, needed = calls(), set()
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.rs")):
            path = path.relative_to(ROOT)
            if path.as_posix() in skipped:
                continue
            text = source(path)
            for receiver, method in re.findall(r"\b(objects|records|signer)\s*\.\s*(\w+)\(", text):
                needed |= methods[receiver].get(method, set())
    return needed


def environment(function):
    """The names of variables that a function's code reads."""
    text = "".join(source(path) for path in ENVIRONMENTS[function])
    if "StoreEnvironment::read" in text:
        text += source("stores/aws/src/environment.rs")
    return set(re.findall(r'"(DELTA_\w+)"', text)) - OF_EMULATORS


def scripted(script):
    """The IAM actions of a script; an unknown call is an error."""
    calls = re.findall(r"\baws ((?:s3|s3api|sqs) .*)", script)
    known = {call: actions for call in calls for start, actions in SCRIPTED.items() if call.startswith(start)}
    if set(known) != set(calls):
        raise SystemExit(f"large.sh calls {sorted(set(calls) - set(known))}: add their actions to infra/checks/facts.py")
    return {action for actions in known.values() for action in actions}


def facts():
    """All facts as plain values, which mutations can change."""
    table, item = source("stores/aws/src/table.rs"), source("stores/aws/src/row.rs")
    rules, sigv4 = source("api/src/rules.rs"), source("stores/port/src/sigv4.rs")
    sign = source("stores/port/src/sign.rs")
    headers = set(re.findall(r'"([a-z0-9-]+)"\.to_owned\(\)', one(r"fn upload_headers(.*?)\n}\n", sign)))
    headers.add("x-amz-meta-" + one(r'ANNOUNCED: &str = "(\w+)"', sign))
    words = dict(re.findall(r'(\w+) = "(\w+)"', one(r"\n    Retention \{(.*?)\n    }\n", rules)))
    days = dict(re.findall(r"Self::(\w+) => (\d+)", one(r"fn days(.*?)\n    }\n", rules)))
    script = (INFRA / "large.sh").read_text()
    objects = source("records/src/dataset/objects.rs")
    steps = one(r"fn of_dataset\(event(.*?)\n}\n", source("augment-lambda/src/event.rs"))
    bytes_, shift = one(r"max_image_bytes: (\d+) << (\d+)", source("api/src/limits.rs"))
    return {
        "actions": {function: actions(function) for function in PARTS},
        "environment": {function: environment(function) for function in ENVIRONMENTS},
        # Browsers set the length themselves and forbid pages to set it.
        "signed headers": headers - {"content-length"},
        "signed methods": set(re.findall(r'self\.sign\(\s*"([A-Z]+)"', sigv4)),
        "retention tag": one(r'RETENTION: &str = "(\w+)"', source("stores/aws/src/objects.rs")),
        "retention days": {word: int(days[name]) for name, word in words.items()},
        "uncompleted": re.search(r'UNCOMPLETED: \(&str, &str\) = \("(\w+)", "(\w+)"\)', sign).groups(),
        "attempts": int(one(r"MAX_ATTEMPTS: u32 = (\d+)", source("records/src/jobs.rs"))),
        "keys": re.findall(r'schema\("(\w+)", "(\w+)"\)', table),
        "attributes": dict(re.findall(r'attribute\("(\w+)", ScalarAttributeType::(\w)\)', table)),
        "index": one(r'EXPIRY: &str = "(\w+)"', source("stores/aws/src/records.rs")),
        "time to live": one(r'\.attribute_name\("(\w+)"\)\.build\(\)', table),
        "list prefix": one(r'format!\("(\w+#)\{list\}"\)', item),
        "dataset list": one(r'DATASET_LIST: &str = "(\w+)"', source("records/src/lists.rs")),
        # The key prefix of job records, and the list of a job's items.
        "dataset key": one(r'for JobRecord \{\s+const KEYS: &str = "(\w+)/"', source("records/src/document.rs")),
        "items": "{}/{{}}/{}".format(one(r'\["(\w+)", self\.id', objects), one(r'self\.id\.as_str\(\), "(items\.json)"\]', objects)),
        "item": one(r"pub struct DatasetItem \{[^}]*?pub (\w+):", objects),
        # The fields of job steps: the job's id and one more.
        "job field": one(r'let Some\(id\) = text\(event, "(\w+)"\)', source("augment-lambda/src/event.rs")),
        "steps": set(re.findall(r'(?:event\[|text\(event, )"(\w+)"', steps)),
        "job list": one(r'JOB_LIST: &str = "(\w+)"', source("records/src/lists.rs")),
        "routes": re.findall(r'\.route\("([^"]+)"', source("presign-lambda/src/router.rs")),
        "large actions": scripted(script),
        "large environment": set(re.findall(r"\$([A-Z_]+)", script)),
        "large tag": one(r"Key=(\w+),Value=(\w+)", script),
        "largest image": int(bytes_) << int(shift),
        "page": one(r'Content-Security-Policy" content="([^"]+)"', (ROOT / "index.html").read_text()),
        "estimate": {
            **{name: float(value) for name, value in re.findall(r"const (\w+): f64 = ([\d.]+)[; ]", source("cli/src/estimate/model.rs"))},
            **{
                name: float(days[word])
                for name, word in re.findall(r"const (\w+): f64 = Retention::(\w+)\.days\(\)", source("cli/src/estimate/model.rs"))
            },
        },
        "machine": json.loads((INFRA / "state-machine.asl.json").read_text()),
    }
