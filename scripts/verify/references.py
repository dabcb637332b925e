#!/usr/bin/env python3
"""Whether everything that the deployment's files name exists, from ConfigMaps to options.

usage: references.py ROOT compose FILE     what `docker compose config --format json` printed
       references.py ROOT kubernetes FILE  a rendered overlay
       references.py ROOT objects FILE     prints its objects, a JSON object a line
"""

import glob
import json
import os
import re
import sys

import yaml

from compose_references import compose_problems, dockerfile_problems, prometheus_problems
from kubernetes_references import Cluster
from programs import Programs


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return file.read()


def objects_in(path):
    objects = [o for o in yaml.safe_load_all(read(path)) if o]
    if not objects:
        sys.exit(f"{path}: no object")
    return objects


def metric_names(root):
    """The metrics that programs have, as their sources spell them."""
    names = set()
    for path in glob.glob(os.path.join(root, "Sources", "**", "*.swift"), recursive=True):
        names.update(re.findall(r"\"((?:grid|process|valgrid)_[a-z_]+)\"", read(path)))
    return names


def main():
    root, mode, path = sys.argv[1:]
    if mode == "objects":
        for o in objects_in(path):
            print(json.dumps(o, default=str))
        return
    dockerfile = read(root, "Dockerfile")
    programs = Programs(read(root, "docs", "configuration.md"), dockerfile)
    if mode == "kubernetes":
        problems = Cluster(objects_in(path), programs).check()
    else:
        project = json.loads(read(path))
        project["text"] = read(root, "compose", "compose.yaml")
        problems = [f"Dockerfile: {p}" for p in dockerfile_problems(
            dockerfile, programs, read(root, "Package.swift"), read(root, "scripts", "deps"))]
        problems += compose_problems(project, programs, read(root, "compose", ".env"))
        directory = os.path.join(root, "compose", "prometheus")
        problems += prometheus_problems(
            yaml.safe_load(read(directory, "prometheus.yml")),
            yaml.safe_load(read(directory, "rules.yml")),
            yaml.safe_load(read(directory, "rules-test.yml")),
            project["services"],
            metric_names(root),
        )
    for problem in problems:
        print(problem)
    sys.exit(1 if problems else 0)


main()
