"""Reads the template, translates it to plain CloudFormation, and lints the result."""

import json
import os
import pathlib

# The translator needs a region.
os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")

from cfnlint.api import ManualArgs, lint
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

INFRA = pathlib.Path(__file__).parent.parent
ROOT = INFRA.parent


class NoManagedPolicies:
    """No managed policies: every role is defined in the template."""

    def load(self):
        return {}


def template():
    """The source template."""
    return yaml_parse((INFRA / "template.yaml").read_text())


def translated(source):
    """The plain template. Local folders are replaced by S3 URLs, as packaging does."""
    # A deep copy without shared YAML aliases.
    source = json.loads(json.dumps(source))
    for resource in source["Resources"].values():
        properties = resource.get("Properties", {})
        for local in ("CodeUri", "DefinitionUri"):
            if local in properties:
                properties[local] = "s3://artifacts/" + pathlib.PurePosixPath(properties[local]).name
    return transform(source, {}, NoManagedPolicies())


def lints(plain):
    """The findings of the linter."""
    for match in lint(json.dumps(plain, default=str), config=ManualArgs(regions=["us-east-1", "eu-central-1"])):
        path = "/".join(str(step) for step in (match.path or []))
        yield f"{match.rule.id} at {path}: {match.message}"
