#!/usr/bin/env python3
"""Checks objects of kinds that are no part of Kubernetes against definitions in crds/, strictly.

usage: crds.py DIRECTORY FILE ...       a JSON object a line; kinds without a definition are skipped
"""

import glob
import json
import sys

import yaml

TYPES = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool}


def problems(value, schema, path):
    wanted = TYPES.get(schema.get("type"), object)
    if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
        yield f"{path}: {value!r} is no {schema['type']}"
        return
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from problems(item, schema.get("items", {}), f"{path}[{index}]")
    if not isinstance(value, dict):
        return
    for name in schema.get("required", []):
        if name not in value:
            yield f"{path}: {name} is missing"
    known = schema.get("properties")
    for name, item in value.items():
        if known and name in known:
            yield from problems(item, known[name], f"{path}.{name}")
        elif "additionalProperties" in schema:
            yield from problems(item, schema["additionalProperties"], f"{path}.{name}")
        elif known is not None:
            yield f"{path}: there is no field {name}"


def main():
    schemas = {}
    for path in glob.glob(f"{sys.argv[1]}/*.yaml"):
        with open(path, encoding="utf-8") as file:
            definition = yaml.safe_load(file)["spec"]
        for version in definition["versions"]:
            key = (f"{definition['group']}/{version['name']}", definition["names"]["kind"])
            schemas[key] = version["schema"]["openAPIV3Schema"]
    count = failures = 0
    for path in sys.argv[2:]:
        with open(path, encoding="utf-8") as file:
            objects = [json.loads(line) for line in file]
        for o in objects:
            schema = schemas.get((o.get("apiVersion"), o.get("kind")))
            if not schema:
                continue
            count += 1
            for problem in problems(o, schema, ""):
                failures += 1
                print(f"{o['kind']}/{o['metadata']['name']}: {problem}")
    if failures:
        sys.exit(1)
    print(f"{count} objects")


main()
