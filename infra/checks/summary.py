"""Runs the daily summary over an emulated CloudWatch and checks its email."""

import datetime
import importlib.util
import json
import os
import sys

import boto3
import translate
from moto import mock_aws

NOW = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)


def function():
    """The function's module, loaded from its file."""
    spec = importlib.util.spec_from_file_location("index", translate.INFRA / "summary/index.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@mock_aws
def main():
    given = translate.template()["Resources"]["SummaryFunction"]["Properties"]["Environment"]["Variables"]
    topic = boto3.client("sns").create_topic(Name="news")["TopicArn"]
    queue = boto3.client("sqs").create_queue(QueueName="mailbox")["QueueUrl"]
    arn = boto3.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    boto3.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    os.environ.update({name: name.lower() for name in given}, TOPIC=topic)

    index, watch = function(), boto3.client("cloudwatch")
    read = {line[4] for line in index.LINES} | {"TOPIC", "STACK"}
    if read != set(given):
        sys.exit(f"the summary reads {sorted(read)} and is given {sorted(given)}")
    for hours, value in ((1, 5), (20, 7), (30, 1000)):
        watch.put_metric_data(
            Namespace="AWS/Lambda",
            MetricData=[
                {
                    "MetricName": "Invocations",
                    "Dimensions": [{"Name": "FunctionName", "Value": "augment"}],
                    "Timestamp": NOW - datetime.timedelta(hours=hours),
                    "Value": value,
                }
            ],
        )
    index.handler({"time": NOW.strftime("%Y-%m-%dT%H:%M:%SZ")}, None)
    (message,) = boto3.client("sqs").receive_message(QueueUrl=queue)["Messages"]
    mail = json.loads(message["Body"])
    lines = {line[14:]: line[:12].strip() for line in mail["Message"].splitlines()[2:]}
    if mail["Subject"] != "stack: the last day" or lines.get("jobs") != "12" or lines.get("requests to the API") != "0":
        sys.exit(f"the summary says {mail}")
    print("the summary: an email with the 12 jobs of the last day only")


if __name__ == "__main__":
    main()
