#!/usr/bin/env python3
"""Checks KEDA's objects against the models of cloudcoil-models-keda: fields that KEDA does not know, and
values of another type, are failures.

usage: keda.py FILE ...      a JSON object a line; others than KEDA's are skipped
"""

import importlib
import json
import sys

from pydantic import ValidationError


def problems(document):
    """What is wrong with an object, a line each."""
    group, _, version = document["apiVersion"].partition("/")
    package = "cloudcoil.models.keda" + (".eventing" if group.startswith("eventing.") else "")
    try:
        module = importlib.import_module(f"{package}.{version}")
        model = getattr(module, document["kind"])
    except (ImportError, AttributeError):
        return [f"no such kind: {document['apiVersion']} {document['kind']}"]
    try:
        model.model_validate(document, extra="forbid", strict=True)
    except ValidationError as error:
        return [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
    return []


def main():
    count = failures = 0
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as file:
            documents = [json.loads(line) for line in file if line.strip()]
        for document in documents:
            if not document.get("apiVersion", "").split("/")[0].endswith("keda.sh"):
                continue
            count += 1
            for problem in problems(document):
                failures += 1
                print(f"{document['kind']}/{document['metadata'].get('name')}: {problem}")
    if failures:
        sys.exit(1)
    print(f"{count} objects")


main()
