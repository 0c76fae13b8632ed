"""`cargo xtask infra`: translates and lints the template, holds it to the rules, and breaks each rule to see it fail."""

import json
import logging
import sys

import mutations
import rules
import translate
from facts import facts


def copy(value):
    """A copy by way of text: nothing is shared between places that aliases made one."""
    return json.loads(json.dumps(value))


def main():
    # The translator has metrics of its own to complain of.
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
            problems.append(f"nothing breaks {rule.__name__}")
        for path, value in broken:
            changed = copy(source)
            mutations.broken(changed["Resources"], path, value)
            if not list(rule(translate.translated(changed), known)):
                problems.append(f"{rule.__name__} does not see {'/'.join(map(str, path))}")
            seen += 1
        for name, value in mutations.MOVED.get(rule.__name__, []):
            if not list(rule(plain, {**known, name: value})):
                problems.append(f"{rule.__name__} does not see that the code's {name} is another")
            seen += 1
    for problem in problems:
        print(problem)
    if problems:
        sys.exit(1)
    print(f"the template: {len(plain['Resources'])} resources, no finding of the linter, {len(rules.RULES)} rules hold")
    print(f"{seen} mutations: each is seen by its rule")


if __name__ == "__main__":
    main()
