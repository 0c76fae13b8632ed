"""Emails a summary of the last day from existing CloudWatch metrics."""

import datetime
import os

import boto3

# Lines of the email: label, namespace, metric, dimension, variable with the dimension's value, statistic.
LINES = [
    ("requests to the API", "AWS/Lambda", "Invocations", "FunctionName", "PRESIGN", "Sum"),
    ("  of which failed", "AWS/Lambda", "Errors", "FunctionName", "PRESIGN", "Sum"),
    ("jobs", "AWS/Lambda", "Invocations", "FunctionName", "AUGMENT", "Sum"),
    ("  of which failed", "AWS/Lambda", "Errors", "FunctionName", "AUGMENT", "Sum"),
    ("  milliseconds, the longest", "AWS/Lambda", "Duration", "FunctionName", "AUGMENT", "Maximum"),
    ("seconds that a job waited, at most", "AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", "QUEUE", "Maximum"),
    ("dead letters", "AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", "DEAD_LETTERS", "Maximum"),
    ("datasets done", "AWS/States", "ExecutionsSucceeded", "StateMachineArn", "DATASETS", "Sum"),
    ("datasets failed", "AWS/States", "ExecutionsFailed", "StateMachineArn", "DATASETS", "Sum"),
]


def handler(event, _context):
    """Runs once a day with the current time."""
    end = datetime.datetime.fromisoformat(event["time"].replace("Z", "+00:00"))
    queries = [
        {
            "Id": f"m{n}",
            "MetricStat": {
                "Stat": stat,
                "Period": 86400,
                "Metric": {
                    "Namespace": space,
                    "MetricName": name,
                    "Dimensions": [{"Name": dimension, "Value": os.environ[variable]}],
                },
            },
        }
        for n, (_, space, name, dimension, variable, stat) in enumerate(LINES)
    ]
    answer = boto3.client("cloudwatch").get_metric_data(
        MetricDataQueries=queries, StartTime=end - datetime.timedelta(days=1), EndTime=end
    )
    values = {result["Id"]: result["Values"] for result in answer["MetricDataResults"]}
    text = "\n".join(f"{sum(values.get(f'm{n}', [])):12.0f}  {line[0]}" for n, line in enumerate(LINES))
    stack = os.environ["STACK"]
    boto3.client("sns").publish(
        TopicArn=os.environ["TOPIC"],
        Subject=f"{stack}: the last day",
        Message=f"{stack}, 24 hours to {end:%Y-%m-%d %H:%M} UTC\n\n{text}\n",
    )
