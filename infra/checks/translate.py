"""Reads the template, translates it to plain CloudFormation as the service does, and lints the result."""

import json
import os
import pathlib

# The translator wants one; the template names none.
os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")

from cfnlint.api import ManualArgs, lint
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

INFRA = pathlib.Path(__file__).parent.parent
ROOT = INFRA.parent


class NoManagedPolicies:
    """Every role is the template's own: a managed policy that were looked up would be one too many."""

    def load(self):
        return {}


def template():
    """The template as it is written."""
    return yaml_parse((INFRA / "template.yaml").read_text())


def translated(source):
    """The plain template of a written one. Local folders stand where packaging puts addresses in S3."""
    # By way of text, so that nothing is shared between places that were written once.
    source = json.loads(json.dumps(source))
    for resource in source["Resources"].values():
        properties = resource.get("Properties", {})
        for local in ("CodeUri", "DefinitionUri"):
            if local in properties:
                properties[local] = "s3://artifacts/" + pathlib.PurePosixPath(properties[local]).name
    return transform(source, {}, NoManagedPolicies())


def lints(plain):
    """Everything that the linter finds, in words."""
    for match in lint(json.dumps(plain, default=str), config=ManualArgs(regions=["us-east-1", "eu-central-1"])):
        path = "/".join(str(step) for step in (match.path or []))
        yield f"{match.rule.id} at {path}: {match.message}"
