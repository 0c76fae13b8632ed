"""Runs the deployed state machine in moto's interpreter: 50 items, some of which fail.

No service is called and nothing sleeps: a stand-in for the function fails as listed below, and waits are recorded. With
the arguments `URL JOB ITEMS`, successful calls are passed to the real function at the URL: `tests/api` uses this for a
job whose items are listed in a file.
"""

import collections
import json
import logging
import pathlib
import sys
import threading
import time
import types
import urllib.request

import boto3
from moto import mock_aws
from moto.awslambda_simple.models import LambdaSimpleBackend
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.component.state.exec.state_map.result_writer.resource_eval import resource_eval_s3

INFRA = pathlib.Path(__file__).parent.parent
ITEMS = 50
FIRST = 3
# Item -> the errors of its first calls; the call after the last one succeeds.
FAILURES = {
    7: ["Fault"] * 9,  # never succeeds: three calls, then given up
    19: ["Lambda.TooManyRequestsException"] * 4,  # throttled more often than errors are retried
    33: ["Fault"],  # succeeds at the second call
}
LOST = 7
BUCKET = "results"


class Function:
    """A stand-in for the augment function, or a proxy to it, that records its calls."""

    def __init__(self, failures, address, again):
        self.calls = []
        self.again = again
        self.address = address
        self.left = {item: list(errors) for item, errors in failures.items()}
        self.lock = threading.Lock()

    def ended(self):
        """The answer of the last step: after an optional rerun, ready."""
        again, self.again = self.again, False
        return {"state": "running" if again else "ready", "again": again}

    def invoke(self, _backend, _name, _qualifier, body, _headers, response_headers):
        event = json.loads(body)
        with self.lock:
            self.calls.append(event)
            errors = self.left.get("assemble" if event.get("assemble") else event.get("item"), [])
            error = errors.pop(0) if errors else None
        if error is None and self.address:
            with urllib.request.urlopen(self.address, data=body.encode() if isinstance(body, str) else body) as answer:
                return answer.read()
        if error is None:
            return json.dumps(self.ended() if event.get("assemble") else True).encode()
        response_headers["x-amz-function-error"] = "Unhandled"
        return json.dumps({"errorType": error, "errorMessage": "injected by the test"}).encode()


def definition():
    """The definition with the template's substitutions."""
    text = (INFRA / "state-machine.asl.json").read_text()
    return text.replace("${ResultsBucket}", BUCKET).replace("${AugmentFunction}", "augment")


def keep_results(results):
    """Captures the map's results, which the emulator discards."""
    write = resource_eval_s3.ResourceEvalS3._handle_put_object
    write = getattr(write, "plain", write)

    def kept(env, *more):
        results.extend(env.stack[-2])
        write(env, *more)

    kept.plain = write
    resource_eval_s3.ResourceEvalS3._handle_put_object = staticmethod(kept)


def run(text, failures, job="abc", items=None, address=None, again=False):
    """Runs a definition over the items; returns its end, the function's calls, the map's results and the waits."""
    function, results, waits = Function(failures, address, again), [], []
    keep_results(results)
    retrier_decl.time = types.SimpleNamespace(sleep=waits.append)
    LambdaSimpleBackend.invoke = lambda *call: function.invoke(*call)
    simple = {"lambda": {"use_docker": False}, "stepfunctions": {"execute_state_machine": True}}
    with mock_aws(config=simple):
        region = {"region_name": "us-east-1"}
        s3 = boto3.client("s3", **region)
        s3.create_bucket(Bucket=BUCKET)
        # As in a retry: not all items, and not from the first.
        items = items or [{"item": FIRST + item, "first": 20 * (FIRST + item), "images": 20} for item in range(ITEMS)]
        s3.put_object(Bucket=BUCKET, Key=f"jobs/{job}/items.json", Body=json.dumps(items))
        iam = boto3.client("iam")
        role = iam.create_role(RoleName="machine", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        boto3.client("lambda", **region).create_function(
            FunctionName="augment", Runtime="provided.al2023", Role=role, Handler="bootstrap",
            Code={"ZipFile": b"PK\x05\x06" + bytes(18)},
        )
        steps = boto3.client("stepfunctions", **region)
        machine = steps.create_state_machine(name="job", definition=text, roleArn=role)["stateMachineArn"]
        # The input of the pipe.
        execution = steps.start_execution(stateMachineArn=machine, input=json.dumps([{"key": f"dataset/{job}"}]))
        until = time.monotonic() + 120
        while True:
            end = steps.describe_execution(executionArn=execution["executionArn"])
            if end["status"] != "RUNNING":
                break
            if time.monotonic() > until:
                raise SystemExit("the state machine did not end in two minutes")
            time.sleep(0.05)
    return end, function.calls, results, waits


def problems(end, calls, results, waits, job="abc", first=FIRST):
    """Problems of a normal run."""
    counted = collections.Counter(call.get("item") for call in calls if "item" in call)
    wanted = {item: 1 for item in range(first, first + ITEMS)}
    wanted |= {7: 3, 19: 5, 33: 2}
    if end["status"] != "SUCCEEDED":
        yield f"the execution ended {end['status']}: {end.get('error')} {end.get('cause')}"
    if dict(counted) != wanted:
        wrong = {item: counted[item] for item in wanted if counted[item] != wanted[item]}
        yield f"wrong number of calls per item: {wrong}"
    if any(set(call) != {"job", "item"} or call["job"] != job for call in calls if "item" in call):
        yield "an item's call must have exactly the fields job and item"
    assembled = [index for index, call in enumerate(calls) if call == {"job": job, "assemble": True}]
    if assembled != [len(calls) - 1]:
        yield f"the zip is assembled at calls {assembled} of {len(calls)}, not once and last"
    results = [result for result in results if result]
    failed = [result for result in results if "failed" in result]
    if len(results) != ITEMS or failed != [{"item": LOST, "failed": "Fault"}]:
        yield f"{len(results)} items have results, of which these failed: {failed}"
    if len(waits) != 7:
        yield f"{len(waits)} waits before retries instead of 7"
    if end.get("output") and json.loads(end["output"]).get("state") != "ready":
        yield f"the output is not that of the last step: {end['output']}"


def run_twice(end, calls, _results, _waits):
    """Problems of a run whose last step requests all items again."""
    counted = collections.Counter(call.get("item") for call in calls)
    twice = {item: 2 for item in range(FIRST, FIRST + ITEMS)} | {None: 2}
    if end["status"] != "SUCCEEDED" or dict(counted) != twice:
        yield f"rerun items were called {counted} times; {end['status']}"


def never_assembled(end, calls, _results, _waits):
    """Problems of a run whose last step always fails."""
    if end["status"] != "FAILED" or end.get("error") != "Fault":
        yield f"an execution without assembly ended {end['status']}: {end.get('error')}"
    if calls[-1] != {"job": "abc", "stopped": "Fault"}:
        yield f"the record is not updated: the last call is {calls[-1]}"


def without(text, *path):
    """The definition without one of its fields."""
    machine = json.loads(text)
    place = machine["States"]
    for name in path[:-1]:
        place = place[name]
    del place[path[-1]]
    return json.dumps(machine)


ITEM = ("AugmentItems", "ItemProcessor", "States", "AugmentItem")


def real(address, job, file):
    """Runs the definition with the real function: all items, or a retry of some."""
    items = json.loads(pathlib.Path(file).read_text())
    failures = FAILURES if len(items) == ITEMS else {}
    end, calls, results, waits = run(definition(), failures, job, items, address)
    if failures:
        found = list(problems(end, calls, results, waits, job, 0))
    else:
        wanted = [{"job": job, "item": each["item"]} for each in items] + [{"job": job, "assemble": True}]
        found = [] if end["status"] == "SUCCEEDED" and calls == wanted else [f"{end['status']} after {calls}"]
    for problem in found:
        print(problem)
    if found:
        sys.exit(1)
    print(f"the state machine with the real function: {len(items)} items, {len(waits)} waits before retries")


def main():
    # Silences the interpreter's reports of intended failures.
    logging.disable(logging.CRITICAL)
    text = definition()
    found = list(problems(*run(text, FAILURES)))
    # The same checks must fail without each part of the definition.
    for path in [(*ITEM, "Retry"), (*ITEM, "Catch"), ("AugmentItems", "ItemSelector")]:
        if not list(problems(*run(without(text, *path), FAILURES))):
            found.append(f"nothing fails without {path[-1]}")
    found += never_assembled(*run(text, {"assemble": ["Fault"] * 99}))
    found += run_twice(*run(text, {}, again=True))
    if not list(never_assembled(*run(without(text, "Assemble", "Catch"), {"assemble": ["Fault"] * 99}))):
        found.append("nothing fails without Catch of the last step")
    for problem in found:
        print(problem)
    if found:
        sys.exit(1)
    print(f"the state machine: {ITEMS} items, {len(FAILURES)} of them failed and were retried, 1 given up and reported")


if __name__ == "__main__":
    if len(sys.argv) == 4:
        logging.disable(logging.CRITICAL)
        real(*sys.argv[1:])
    else:
        main()
