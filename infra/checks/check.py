"""`cargo xtask infra`: translates and lints the template, checks the rules, and breaks each rule to see it fail."""

import json
import logging
import sys

import mutations
import rules
import translate
from facts import facts


def copy(value):
    """A deep copy through JSON, which also separates YAML aliases."""
    return json.loads(json.dumps(value))


def main():
    # Silences warnings of the translator.
    logging.disable(logging.WARNING)
    source, known = copy(translate.template()), facts()
    plain = translate.translated(source)
    problems = [f"lint: {problem}" for problem in translate.lints(plain)]
    for rule in rules.RULES:
        problems += [f"{rule.__name__}: {problem}" for problem in rule(plain, known)]
    for problem in problems:
        print(problem)
    if problems:
        sys.exit(1)

    seen = 0
    for rule in rules.RULES:
        broken = mutations.BROKEN.get(rule.__name__, [])
        if not broken and rule.__name__ not in mutations.MOVED:
            problems.append(f"no mutation breaks {rule.__name__}")
        for path, value in broken:
            changed = copy(source)
            mutations.broken(changed["Resources"], path, value)
            if not list(rule(translate.translated(changed), known)):
                problems.append(f"{rule.__name__} does not see {'/'.join(map(str, path))}")
            seen += 1
        for name, value in mutations.MOVED.get(rule.__name__, []):
            if not list(rule(plain, {**known, name: value})):
                problems.append(f"{rule.__name__} does not see a change of the code's {name}")
            seen += 1
    for problem in problems:
        print(problem)
    if problems:
        sys.exit(1)
    print(f"the template: {len(plain['Resources'])} resources, no linter findings, {len(rules.RULES)} rules hold")
    print(f"{seen} mutations: each is caught by its rule")


if __name__ == "__main__":
    main()
