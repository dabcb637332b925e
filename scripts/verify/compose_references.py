"""Whether what compose files, Prometheus' files and the Dockerfile name exists."""

import re

from programs import OURS, seconds

# Breaks grids on purpose, from outside.
NOT_IN_THE_IMAGE = {"gridfaults"}


def compose_problems(project, programs, environment_file):
    """Problems of what `docker compose config --format json` printed."""
    problems = []
    services = project["services"]
    for name, service in services.items():

        def say(problem, name=name):
            problems.append(f"service {name}: {problem}")

        if not service.get("healthcheck", {}).get("test") and not service.get("healthcheck", {}).get(
            "disable"
        ) and not OURS.search(service["image"]):
            say("has no health check")
        if "limits" not in service.get("deploy", {}).get("resources", {}) and name != "eodservice":
            say("has no limits")
        if name != "eodservice" and not service.get("restart"):
            say("has no restart policy")
        if ":" not in service["image"] and "build" not in service:
            say(f"image {service['image']} has no version")
        if service["image"].endswith(":latest"):
            say("image is of no certain version")
        for other, how in service.get("depends_on", {}).items():
            target = services.get(other)
            if target is None:
                say(f"depends on {other}, which is not there")
            elif how["condition"] == "service_healthy" and not OURS.search(target["image"]) and (
                not target.get("healthcheck", {}).get("test")
            ):
                say(f"waits for {other} to be healthy, and nothing says whether it is")
        if not OURS.search(service["image"]):
            continue
        words = [*(service.get("entrypoint") or []), *(service.get("command") or [])]
        if words[:2] == ["bash", "-euc"]:
            words = service["command"]
        for problem in programs.problems_of(words):
            say(problem)
        environment = service.get("environment", {})
        for problem in programs.problems_of_variables(environment):
            say(problem)
        for is_so, problem in (
            (service.get("read_only"), "writes to its root file system"),
            (re.fullmatch(r"[1-9]\d*(:\d+)?", str(service.get("user", ""))), "has no user's number"),
            (service.get("cap_drop") == ["ALL"], "keeps capabilities"),
            ("no-new-privileges:true" in service.get("security_opt", []), "may gain privileges"),
        ):
            if not is_so:
                say(problem)
        if words[0] == "valengine":
            grace = duration(service.get("stop_grace_period", "10s"))
            drain = seconds(environment.get("VALGRID_DRAIN_LIMIT", "25s"))
            if grace < drain + 35:
                say(f"{grace:g} s of grace are less than {drain:g} + 35")
        if words[0] == "aggregator":
            targets = [v["target"] for v in service.get("volumes", [])]
            if not any(environment["VALGRID_LEDGER"].startswith(t + "/") for t in targets):
                say("the ledger is on no volume")
        if words[0] == "compute-manager":
            targets = [v["target"] for v in service.get("volumes", [])]
            if environment["VALGRID_DATA"] not in targets:
                say("its data are on no volume")
            if any(p.get("host_ip") != "127.0.0.1" for p in service.get("ports", [])):
                say("is published beyond loopback without TLS")
        for variable, separator in (("VALGRID_BROKERS", ","), ("VALGRID_AGGREGATOR", "/jobs")):
            address = re.sub(r"^https?://", "", environment[variable]).split(separator)[0]
            host = address.split(":")[0]
            if not re.match(r"\d", host) and host not in services:
                say(f"{variable}: there is no service {host}")
    documented = set(re.findall(r"^#?\s?(VALGRID_\w+)=", environment_file, re.M))
    for command in ("valengine", "aggregator", "compute-manager", "eodservice topics"):
        bare = {re.sub("_FILE$", "", name) for name in documented}
        for variable in sorted(programs.variables(command.split()) - documented - bare - {"VALGRID_CHECK"}):
            problems.append(f".env: says nothing of {variable}, an option of `{command}`")
    for problem in programs.problems_of_variables(sorted(documented)):
        problems.append(f".env: {problem}")
    used = set(re.findall(r"\$\{(\w+)", project["text"]))
    given = re.findall(r"^#?\s?(\w+)=", environment_file, re.M)
    for name in sorted(used - set(given)):
        problems.append(f"compose.yaml: {name} is not in .env")
    for name in sorted(set(given) - used - documented):
        problems.append(f".env: {name} is used nowhere")
    for name in {n for n in given if given.count(n) > 1}:
        problems.append(f".env: {name} is there twice")
    return problems


def prometheus_problems(configuration, rules, tests, services, metrics):
    """Problems of Prometheus' files; `metrics` are the names that programs have."""
    problems = []
    for job in configuration["scrape_configs"]:
        for discovery in job.get("dns_sd_configs", []):
            for name in discovery["names"]:
                if name not in services:
                    problems.append(f"prometheus.yml: there is no service {name}")
                elif str(discovery["port"]) != services[name]["environment"]["VALGRID_HTTP_PORT"]:
                    problems.append(f"prometheus.yml: {name} does not listen at {discovery['port']}")
    fired, silent = set(), set()
    for test in tests["tests"]:
        for case in test["alert_rule_test"]:
            (fired if case.get("exp_alerts") else silent).add(case["alertname"])
    for group in rules["groups"]:
        for rule in group["rules"]:
            name = rule["alert"]
            if name not in fired or name not in silent:
                problems.append(f"rules.yml: {name} is not tested to fire and to be silent")
            expression = re.sub(r"\"[^\"]*\"", "", rule["expr"])
            for metric in set(re.findall(r"\b(?:grid|process|valgrid)_\w+", expression)):
                if metric not in metrics and re.sub(r"_(sum|count|bucket)$", "", metric) not in metrics:
                    problems.append(f"rules.yml: {name}: no program has {metric}")
    return problems


def dockerfile_problems(text, programs, package, deps):
    """Problems of the Dockerfile that no linter knows."""
    problems = []
    lines = re.sub(r"\\\n\s*", " ", text).splitlines()
    instructions = [l.split(None, 1) for l in lines if re.match(r"[A-Z]+ ", l)]
    if text.lstrip().lower().startswith("# syntax"):
        problems.append("a syntax line would be fetched")
    products = set(re.findall(r"^\s*program\(\s*\n?\s*\"([\w-]+)\"", package, re.M)) - NOT_IN_THE_IMAGE
    if products != set(programs.installed):
        problems.append(f"installs {sorted(programs.installed)}, the package has {sorted(products)}")
    stages, arguments = set(), {}
    for name, rest in instructions:
        if name == "ARG":
            key, _, value = rest.partition("=")
            arguments.setdefault(key, value.strip('"'))
        if name == "FROM":
            image = re.sub(r"\$\{(\w+)\}", lambda m: arguments.get(m.group(1), ""), rest.split()[0])
            if ":" not in image or image.endswith(":latest"):
                problems.append(f"image {image} is of no certain version")
            if " AS " in rest:
                stages.add(rest.split(" AS ")[1])
        source = re.search(r"--from=(\S+)", rest) if name == "COPY" else None
        if source and source.group(1) not in stages:
            problems.append(f"there is no stage {source.group(1)}")
    last = text[text.rindex("\nFROM"):]
    user = re.findall(r"^USER (\S+)", last, re.M)
    if not user or not re.fullmatch(r"[1-9]\d*(:\d+)?", user[-1]):
        problems.append("the image's user is no number, or root")
    final = re.sub(r"\\\n\s*", " ", last)
    for instruction in ("CMD", "HEALTHCHECK"):
        words = re.search(rf"^{instruction} (?:.*CMD )?\[(.*)\]$", final, re.M)
        if not words:
            problems.append(f"{instruction} is not there, or wants a shell")
            continue
        for problem in programs.problems_of(re.findall(r'"([^"]*)"', words.group(1))):
            problems.append(f"{instruction}: {problem}")
    for name in re.findall(r"\b(VALGRID_\w+)=", last):
        problems += programs.problems_of_variables([name])
    order = [text.find("COPY " + what) for what in ("scripts/deps", "Package.swift", "Sources")]
    if -1 in order or order != sorted(order):
        problems.append("dependencies and manifest are to be copied before the sources")
    if "libquantlib0-dev" not in deps:
        problems.append("scripts/deps has no QuantLib to build with")
    return problems


def duration(text):
    """Go's duration, as Compose prints it: 1m0s."""
    return sum(seconds(part) for part in re.findall(r"[\d.]+(?:ms|h|m|s)", text))
