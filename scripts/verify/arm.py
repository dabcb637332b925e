#!/usr/bin/env python3
"""Checks an ARM template for what can be known without Azure: its form and its own references.

usage: arm.py FILE
"""

import json
import re
import sys


def texts(value):
    if isinstance(value, dict):
        for item in value.values():
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)
    elif isinstance(value, str):
        yield value


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        template = json.load(file)
    problems = []
    unknown = set(template) - {"$schema", "contentVersion", "metadata", "parameters", "variables",
                               "functions", "resources", "outputs"}
    problems += [f"there is no section {name}" for name in sorted(unknown)]
    expressions = [t for t in texts(template) if t.startswith("[") and not t.startswith("[[")]
    used = {"parameters": set(), "variables": set()}
    for text in expressions:
        if not text.endswith("]") or text.count("(") != text.count(")") or text.count("'") % 2:
            problems.append(f"is no expression: {text}")
        for kind, name in re.findall(r"\b(parameters|variables)\('(\w+)'\)", text):
            used[kind].add(name)
            if name not in template.get(kind, {}):
                problems.append(f"{kind} has no {name}: {text}")
    for kind, names in used.items():
        for name in set(template.get(kind, {})) - names:
            problems.append(f"{kind}: {name} is used nowhere")
    for resource in template["resources"]:
        for field in ("type", "apiVersion", "name"):
            if field not in resource:
                problems.append(f"{resource.get('type', 'a resource')} has no {field}")
        if not re.fullmatch(r"\d{4}-\d\d-\d\d(-preview)?", resource.get("apiVersion", "")):
            problems.append(f"{resource.get('type')}: apiVersion {resource.get('apiVersion')}")
        # A resource's own id is `variables('xId')`: what is depended on is made here.
        for needed in resource.get("dependsOn", []):
            name = re.fullmatch(r"\[variables\('(\w+)'\)\]", needed)
            made = template["variables"].get(name.group(1), "") if name else ""
            kind = re.search(r"resourceId\('([^']+)'", made)
            if not kind or kind.group(1) not in {r["type"] for r in template["resources"]}:
                problems.append(f"{resource['type']} depends on {needed}, which is not made here")
    for problem in problems:
        print(problem)
    if problems:
        sys.exit(1)
    print(f"{len(template['resources'])} resources")


main()
