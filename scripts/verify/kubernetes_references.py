"""Whether everything that Kubernetes objects name exists: the references no schema knows."""

import re

from programs import OURS, seconds

WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob")
CLUSTER_WIDE = ("Namespace", "ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition")
FIELDS = ("metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName",
          "spec.serviceAccountName", "status.podIP", "status.hostIP")
# As Kubernetes' API reads them: 250m, 1.5, 2Gi, 1e3.
QUANTITY = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)?")
# People start these pods; no object here makes them.
STARTED_BY_HAND = {"app.kubernetes.io/name": "eodservice"}


class Cluster:
    """The objects of one overlay."""

    def __init__(self, objects, programs):
        self.objects = objects
        self.programs = programs
        self.problems = []
        self.by_name = {}
        for o in objects:
            key = (o["kind"], o["metadata"]["name"])
            if key in self.by_name:
                self.say(o, "is there twice")
            self.by_name[key] = o
        self.pods = [(o, self.template(o)) for o in objects if o["kind"] in WORKLOADS]
        self.settings = {}
        for o in objects:
            if o["kind"] == "ConfigMap":
                self.settings.update(o.get("data") or {})

    def say(self, o, problem):
        self.problems.append(f"{o['kind']}/{o['metadata']['name']}: {problem}")

    def has(self, kind, name):
        return (kind, name) in self.by_name

    @staticmethod
    def template(o):
        spec = o["spec"]
        return spec["jobTemplate"]["spec"]["template"] if o["kind"] == "CronJob" else spec["template"]

    def check(self):
        self.check_namespaces()
        self.check_texts()
        for o, template in self.pods:
            self.check_pod(o, template)
        for o in self.objects:
            check = getattr(self, "check_" + o["kind"].lower(), None)
            if check:
                check(o)
        return self.problems

    # ---- All objects

    def check_namespaces(self):
        for o in self.objects:
            namespace = o["metadata"].get("namespace")
            if o["kind"] in CLUSTER_WIDE:
                continue
            if not namespace or not self.has("Namespace", namespace):
                self.say(o, f"is in namespace {namespace}, which is not there")

    def check_texts(self):
        for o in self.objects:
            for where in ("labels", "annotations"):
                self.texts(o, where, o["metadata"].get(where))
            if o["kind"] == "ConfigMap":
                self.texts(o, "data", o.get("data"))
                for problem in self.programs.problems_of_variables(o.get("data") or {}):
                    self.say(o, problem)

    def texts(self, o, where, values):
        for name, value in (values or {}).items():
            if not isinstance(value, str):
                self.say(o, f"{where}.{name} is {value!r}, not text: put it in quotes")

    # ---- Pods

    def check_pod(self, o, template):
        spec = template["spec"]
        labels = template.get("metadata", {}).get("labels", {})
        self.texts(o, "template labels", labels)
        self.texts(o, "template annotations", template["metadata"].get("annotations"))
        account = spec.get("serviceAccountName")
        if not account or not self.has("ServiceAccount", account):
            self.say(o, f"ServiceAccount {account} is not there")
        if spec.get("enableServiceLinks") is not False:
            self.say(o, "enableServiceLinks is not false")
        selector = o["spec"].get("selector", {}).get("matchLabels", {})
        if o["kind"] != "Job" and (not selector or not matches(selector, labels)):
            self.say(o, f"its selector {selector} does not select its own pods")
        for spread in spec.get("topologySpreadConstraints", []):
            if not matches(spread["labelSelector"]["matchLabels"], labels):
                self.say(o, "topologySpreadConstraints select other pods")
        volumes = {v["name"]: v for v in spec.get("volumes", [])}
        claims = [c["metadata"]["name"] for c in o["spec"].get("volumeClaimTemplates", [])]
        for volume in volumes.values():
            self.check_volume(o, volume)
        used = set()
        for container in spec.get("initContainers", []) + spec["containers"]:
            used |= self.check_container(o, spec, container, [*volumes, *claims])
        for name in {*volumes, *claims} - used:
            self.say(o, f"volume {name} is mounted nowhere")
        port = template["metadata"].get("annotations", {}).get("prometheus.io/port")
        ports = [str(p["containerPort"]) for c in spec["containers"] for p in c.get("ports", [])]
        if port and port not in ports:
            self.say(o, f"prometheus.io/port {port} is no port of it")
        if o["kind"] == "StatefulSet":
            service = self.by_name.get(("Service", o["spec"]["serviceName"]))
            if not service or service["spec"].get("clusterIP") != "None":
                self.say(o, f"there is no headless Service {o['spec']['serviceName']}")

    def check_volume(self, o, volume):
        for kind, key, name in (("ConfigMap", "configMap", "name"), ("Secret", "secret", "secretName"),
                                ("PersistentVolumeClaim", "persistentVolumeClaim", "claimName")):
            source = volume.get(key)
            if source and not source.get("optional") and not self.has(kind, source[name]):
                self.say(o, f"volume {volume['name']}: {kind} {source[name]} is not there")
        provider = volume.get("csi", {}).get("volumeAttributes", {}).get("secretProviderClass")
        if provider and not self.has("SecretProviderClass", provider):
            self.say(o, f"volume {volume['name']}: SecretProviderClass {provider} is not there")

    def check_container(self, o, spec, c, volumes):
        is_ours = bool(OURS.search(c.get("image", "")))
        words = [*c.get("command", []), *c.get("args", [])]
        environment = self.environment(o, c, words if is_ours else None)
        mounts = {m["name"]: m for m in c.get("volumeMounts", [])}
        for name in set(mounts) - set(volumes):
            self.say(o, f"mounts volume {name}, which is not there")
        security = c.get("securityContext", {})
        pod_security = spec.get("securityContext", {})
        for is_so, problem in (
            (pod_security.get("runAsNonRoot") or security.get("runAsNonRoot"), "may run as root"),
            (security.get("allowPrivilegeEscalation") is False, "allows privilege escalation"),
            ("ALL" in security.get("capabilities", {}).get("drop", []), "keeps capabilities"),
            (pod_security.get("seccompProfile"), "has no seccomp profile"),
            (not is_ours or security.get("readOnlyRootFilesystem"), "writes to its root file system"),
        ):
            if not is_so:
                self.say(o, f"container {c['name']} {problem}")
        for what in ("requests", "limits"):
            for resource, quantity in c.get("resources", {}).get(what, {}).items():
                if not QUANTITY.fullmatch(str(quantity)):
                    self.say(o, f"{resource} of container {c['name']}: {quantity} is no quantity")
            for resource in ("cpu", "memory"):
                if resource not in c.get("resources", {}).get(what, {}):
                    self.say(o, f"container {c['name']} has no {what}.{resource}")
        self.check_ports(o, c, environment if is_ours else {})
        if is_ours:
            self.check_program(o, spec, c, words, environment, mounts)
        return set(mounts)

    def environment(self, o, c, words):
        """The container's variables; those that are not written down are None."""
        environment = {}
        for source in c.get("envFrom", []):
            for kind, key in (("ConfigMap", "configMapRef"), ("Secret", "secretRef")):
                reference = source.get(key)
                if not reference:
                    continue
                found = self.by_name.get((kind, reference["name"]))
                if not found and not reference.get("optional"):
                    self.say(o, f"{kind} {reference['name']} is not there")
                environment.update((found or {}).get("data") or {})
        names = [e["name"] for e in c.get("env", [])]
        for name in {n for n in names if names.count(n) > 1}:
            self.say(o, f"variable {name} is there twice")
        for e in c.get("env", []):
            if "value" in e and not isinstance(e["value"], str):
                self.say(o, f"variable {e['name']} is {e['value']!r}, not text: put it in quotes")
            environment[e["name"]] = e.get("value")
            for key, reference in (e.get("valueFrom") or {}).items():
                self.check_source(o, c, e["name"], key, reference)
        if words:
            own = [e["name"] for e in c.get("env", [])]
            for problem in self.programs.problems_of_variables(own, words):
                self.say(o, problem)
        return environment

    def check_source(self, o, c, name, key, reference):
        if key == "fieldRef" and reference["fieldPath"] not in FIELDS:
            self.say(o, f"variable {name}: there is no field {reference['fieldPath']}")
        if key == "resourceFieldRef":
            kind, resource = reference["resource"].split(".", 1)
            if resource not in c.get("resources", {}).get(kind, {}):
                self.say(o, f"variable {name}: the container has no {reference['resource']}")
        for kind, key_name in (("ConfigMap", "configMapKeyRef"), ("Secret", "secretKeyRef")):
            if key != key_name or reference.get("optional"):
                continue
            found = self.by_name.get((kind, reference["name"]))
            if not found:
                self.say(o, f"variable {name}: {kind} {reference['name']} is not there")
            elif reference["key"] not in {**(found.get("data") or {}), **found.get("stringData", {})}:
                self.say(o, f"variable {name}: {kind} {reference['name']} has no key {reference['key']}")

    def check_ports(self, o, c, environment):
        names = [p.get("name") for p in c.get("ports", [])]
        numbers = [p["containerPort"] for p in c.get("ports", [])]
        hooks = c.get("lifecycle", {}).values()
        probes = [c[p] for p in ("startupProbe", "readinessProbe", "livenessProbe") if p in c]
        for handler in [*probes, *hooks]:
            for kind in ("httpGet", "tcpSocket"):
                port = handler.get(kind, {}).get("port")
                if port is not None and port not in names and port not in numbers:
                    self.say(o, f"a probe of {c['name']} asks port {port}, which it does not have")
            path = handler.get("httpGet", {}).get("path")
            if environment and path and path not in ("/livez", "/readyz"):
                self.say(o, f"a probe of {c['name']} asks {path}")
        served = environment.get("VALGRID_HTTP_PORT")
        if environment.get("VALGRID_LISTEN"):
            served = environment["VALGRID_LISTEN"].rsplit(":", 1)[-1]
        if numbers and served and int(served) not in numbers:
            self.say(o, f"{c['name']} listens at {served}, but has ports {numbers}")

    def check_program(self, o, spec, c, words, environment, mounts):
        for problem in self.programs.problems_of(words):
            self.say(o, f"container {c['name']}: {problem}")
        commands = [h.get("exec", {}).get("command") for h in c.get("lifecycle", {}).values()]
        delay = 0
        for command in filter(None, commands):
            for problem in self.programs.problems_of(command):
                self.say(o, f"container {c['name']}: hook: {problem}")
            if "--delay" in command:
                delay = seconds(command[command.index("--delay") + 1]) or 0
        if "valengine" in words:
            drain = seconds(environment.get("VALGRID_DRAIN_LIMIT") or "25s")
            grace = spec.get("terminationGracePeriodSeconds", 30)
            if grace < delay + drain + 35:
                self.say(o, f"{grace} s of grace are less than {delay:g} + {drain:g} + 35")
        writable = {m["mountPath"] for m in mounts.values() if not m.get("readOnly")}
        readable = {m["mountPath"] for m in mounts.values()}
        if "aggregator" in words and not below(environment.get("VALGRID_LEDGER"), writable):
            self.say(o, f"the ledger {environment.get('VALGRID_LEDGER')} is on no volume")
        if "compute-manager" in words:
            if environment.get("VALGRID_DATA") not in writable:
                self.say(o, f"its data {environment.get('VALGRID_DATA')} are on no volume")
            if not environment.get("VALGRID_BEHIND_TLS_PROXY") and not (
                below(environment.get("VALGRID_TLS_CERTIFICATE"), readable)
                and below(environment.get("VALGRID_TLS_KEY"), readable)
            ):
                self.say(o, "has neither a certificate nor a proxy that has one")
            if spec.get("automountServiceAccountToken") is not True:
                self.say(o, "has no token to ask the Kubernetes API with")
        elif spec.get("automountServiceAccountToken") is not False:
            self.say(o, "gets a token of the Kubernetes API, which it never asks")
        for name, value in environment.items():
            if name.endswith("_FILE") and name.startswith("VALGRID_") and not below(value, readable):
                self.say(o, f"{name} is {value}, on no volume")

    # ---- Kinds

    def select(self, selector):
        """The workloads whose pods a selector selects."""
        wanted = selector.get("matchLabels", {}) if "matchLabels" in selector or (
            "matchExpressions" in selector) else selector
        found = []
        for o, template in self.pods:
            labels = template["metadata"].get("labels", {})
            if matches(wanted, labels) and all(
                labels.get(e["key"]) in e.get("values", [])
                for e in (selector.get("matchExpressions") or [])
            ):
                found.append((o, template))
        return found

    def names_of_ports(self, workloads):
        return {p.get("name") for _, t in workloads for c in t["spec"]["containers"]
                for p in c.get("ports", [])}

    def check_service(self, o):
        pods = self.select(o["spec"].get("selector", {}))
        if not pods:
            self.say(o, f"its selector {o['spec'].get('selector')} selects no pod")
        for port in o["spec"]["ports"]:
            target = port.get("targetPort", port["port"])
            if isinstance(target, str) and target not in self.names_of_ports(pods):
                self.say(o, f"no pod of it has a port named {target}")

    def check_poddisruptionbudget(self, o):
        if not self.select(o["spec"]["selector"]):
            self.say(o, "selects no pod")

    def check_networkpolicy(self, o):
        own = o["spec"]["podSelector"]
        own_pods = self.select(own) if own else self.pods
        if own.get("matchLabels") != STARTED_BY_HAND and not own_pods:
            self.say(o, f"selects no pod: {own}")
        for rule in o["spec"].get("ingress", []) + o["spec"].get("egress", []):
            peers = rule.get("from", []) + rule.get("to", [])
            there = []
            for peer in peers:
                selector = peer.get("podSelector")
                if selector is None or "namespaceSelector" in peer:
                    continue
                pods = self.select(selector)
                there += pods
                if selector.get("matchLabels") != STARTED_BY_HAND and not pods:
                    self.say(o, f"a rule names pods that are not there: {selector}")
            asked = there if "to" in rule else own_pods
            for port in rule.get("ports", []):
                name = port.get("port")
                if isinstance(name, str) and name not in self.names_of_ports(asked):
                    self.say(o, f"a rule names a port that no pod of it has: {name}")

    def check_horizontalpodautoscaler(self, o):
        spec = o["spec"]
        self.check_bounds(o, spec.get("minReplicas", 1), spec["maxReplicas"])
        target = self.check_target(o, spec["scaleTargetRef"])
        for metric in spec.get("metrics", []):
            resource = metric.get("resource", {}).get("name")
            for c in self.template(target)["spec"]["containers"] if target and resource else []:
                if resource not in c.get("resources", {}).get("requests", {}):
                    self.say(o, f"container {c['name']} asks for no {resource}: no use can be told")

    def check_scaledobject(self, o):
        spec = o["spec"]
        self.check_bounds(o, spec.get("minReplicaCount", 0), spec.get("maxReplicaCount", 100))
        self.check_target(o, {"kind": "Deployment", **spec["scaleTargetRef"]})
        for other in self.objects:
            if other["kind"] == "HorizontalPodAutoscaler" and (
                other["spec"]["scaleTargetRef"]["name"] == spec["scaleTargetRef"]["name"]
            ):
                self.say(o, "a HorizontalPodAutoscaler has the same target")
        partitions = int(self.settings.get("VALGRID_PARTITIONS", 24))
        if spec.get("maxReplicaCount", 100) > partitions:
            self.say(o, f"more engines than the {partitions} partitions")
        prefix = self.settings.get("VALGRID_TOPIC_PREFIX", "valgrid.")
        for trigger in spec["triggers"]:
            self.texts(o, f"trigger {trigger.get('name')}", trigger["metadata"])
            if trigger["type"] != "kafka":
                continue
            group = self.settings.get("VALGRID_GROUP", "valgrid-engines")
            if trigger["metadata"].get("consumerGroup") != group:
                self.say(o, f"the engines' group is {group}")
            if not trigger["metadata"].get("topic", "").startswith(prefix + "batches"):
                self.say(o, f"the batches' topics begin with {prefix}batches")

    def check_bounds(self, o, least, most):
        if least > most:
            self.say(o, f"at least {least} and at most {most}")

    def check_target(self, o, reference):
        target = self.by_name.get((reference["kind"], reference["name"]))
        if not target:
            self.say(o, f"{reference['kind']} {reference['name']} is not there")
        elif "replicas" in target["spec"]:
            self.say(o, f"{reference['kind']} {reference['name']} has replicas of its own")
        return target

    def check_clusterrolebinding(self, o):
        self.check_rolebinding(o)

    def check_clusterrole(self, o):
        self.check_role(o)

    def check_rolebinding(self, o):
        if not self.has(o["roleRef"]["kind"], o["roleRef"]["name"]):
            self.say(o, f"{o['roleRef']['kind']} {o['roleRef']['name']} is not there")
        for subject in o["subjects"]:
            if subject["kind"] == "ServiceAccount" and not self.has("ServiceAccount", subject["name"]):
                self.say(o, f"ServiceAccount {subject['name']} is not there")
            if subject["kind"] == "ServiceAccount" and not self.has("Namespace", subject.get("namespace")):
                self.say(o, f"ServiceAccount {subject['name']} is of no namespace that is there")

    def check_role(self, o):
        kinds = {"deployments/scale": "Deployment", "horizontalpodautoscalers": "HorizontalPodAutoscaler",
                 "scaledobjects": "ScaledObject"}
        for rule in o["rules"]:
            if "*" in rule.get("verbs", []) + rule.get("resources", []):
                self.say(o, "allows everything")
            for resource in rule["resources"]:
                for name in rule.get("resourceNames", []):
                    if resource in kinds and not self.has(kinds[resource], name):
                        self.say(o, f"names {resource} {name}, which is not there")

    def check_configmap(self, o):
        """The addresses among the settings are Services', where they are in this namespace."""
        for name in ("VALGRID_AGGREGATOR", "VALGRID_BROKERS"):
            value = (o.get("data") or {}).get(name, "")
            host = re.sub(r"^https?://", "", value).split(",")[0].split("/")[0].split(":")[0]
            if host and "." not in host and not self.has("Service", host):
                # Where no Kafka is in the cluster, its name is the site's to give.
                if name != "VALGRID_BROKERS" or self.has("StatefulSet", "kafka"):
                    self.say(o, f"{name}: there is no Service {host}")


def matches(wanted, labels):
    return all(labels.get(key) == value for key, value in wanted.items())


def below(path, directories):
    return bool(path) and any(path.startswith(d.rstrip("/") + "/") for d in directories)
