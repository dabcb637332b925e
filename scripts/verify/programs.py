"""What the programs are and take, from docs/configuration.md and the Dockerfile."""

import re

OURS = re.compile(r"(^|/)valgrid([:@]|$)")


class Programs:
    """The options of each program and each of its commands."""

    def __init__(self, page, dockerfile):
        self.options = {}  # "eodservice topics" -> {"--brokers": "VALGRID_BROKERS"}
        self.defaults = {}  # VALGRID_BROKERS -> 127.0.0.1:9092, the first told
        command = None
        for line in page.splitlines():
            title = re.match(r"#+ `([^`]+)`$", line)
            if title:
                command = title.group(1)
                self.options[command] = {}
            row = re.match(r"\| `(--\S+)[^|]*` \| `(VALGRID_\w+)` \| ([^|]*) \|", line)
            if row and command:
                self.options[command][row.group(1)] = row.group(2)
                self.defaults.setdefault(row.group(2), row.group(3).strip("` "))
        installed = re.search(r"for program in ([^;]+);", dockerfile)
        self.installed = installed.group(1).split() if installed else []

    def command(self, words):
        """The longest known command that the words begin with, or None."""
        for count in range(len(words), 0, -1):
            name = " ".join(words[:count])
            if name in self.options:
                return name
        return None

    def problems_of(self, words):
        """Why a container cannot run these words."""
        words = [str(w) for w in words]
        if not words:
            return ["it runs nothing"]
        program = words[0].rsplit("/", 1)[-1]
        if program not in self.installed:
            return [f"`{words[0]}` is not in the image ({', '.join(self.installed)})"]
        command = self.command([program, *words[1:]])
        if command is None:
            return [f"docs/configuration.md does not know `{program}`"]
        problems = []
        children = [c for c in self.options if c.startswith(command + " ")]
        rest = words[len(command.split()):]
        if children and not (rest and rest[0] in ("--help", "--version")):
            given = f"`{rest[0]}` is none" if rest else "none is given"
            return [f"`{command}` needs a command, and {given}"]
        known = {"--help", "--version", *self.options[command]}
        for word in rest:
            flag = word.split("=", 1)[0]
            if flag.startswith("--") and flag not in known:
                problems.append(f"`{command}` has no option {flag}")
        return problems

    def variables(self, words=None):
        """The variables that a command, or any, takes."""
        if words:
            program = str(words[0]).rsplit("/", 1)[-1]
            command = self.command([program, *map(str, words[1:])])
            names = [command] if command else []
        else:
            names = list(self.options)
        return {v for name in names for v in self.options[name].values()}

    def problems_of_variables(self, names, words=None):
        """Which of these variables no program, or not this command, takes."""
        known = self.variables(words)
        who = f"`{' '.join(map(str, words))}`" if words else "any program"
        problems = []
        for name in names:
            base = name[: -len("_FILE")] if name.endswith("_FILE") else name
            if name.startswith("VALGRID_") and name not in known and base not in known:
                problems.append(f"{name} is no option of {who}")
        return problems


def seconds(text):
    """A time as options write it: 250ms, 30s, 5m; 30 is seconds."""
    match = re.fullmatch(r"([\d.]+)(ms|s|m|min|h|d)?", str(text))
    if not match:
        return None
    unit = {"ms": 0.001, None: 1, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}
    return float(match.group(1)) * unit[match.group(2)]
