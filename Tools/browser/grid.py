"""A grid with its page, as a desk starts it: `valgrid up` in a folder of its own."""
import pathlib
import queue
import signal
import subprocess
import threading
import time


class Grid:
    """`valgrid up` with two engines, whose pricers do what files in a folder tell them.

    - While `kill` exists, trade 3 of each batch kills its pricer: that makes dead letters.
    - While `hold` exists, no batch is finished.
    - While `slow` exists, a batch takes 200 ms.
    """

    def __init__(self, programs, folder, *arguments):
        self.programs = pathlib.Path(programs)
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.arguments = arguments
        self.process = None
        self.url = None
        self.password = None
        rules = [("trade 3 die ABRT", "kill"), ("all hang", "hold"), ("all after 200ms", "slow")]
        self.script = self.folder / "script"
        self.script.write_text("".join(f"{rule} while {self.folder / name}\n" for rule, name in rules))

    def start(self, port=0):
        """Starts the grid; returns when its page answers."""
        errors = open(self.folder / "errors", "ab")
        self.process = subprocess.Popen(
            # A browser and a grid on one machine: what a desk would have apart, the browser, goes first.
            ["nice", "-n", "10", self.programs / "valgrid", "up", "--listen", f"127.0.0.1:{port}", "--data", self.folder / "data",
             "--engines", "2", "--log-level", "info", "--allow-test-trades", "--pricer-script", self.script,
             "--batch-base-limit", "200s", *self.arguments],
            stdout=subprocess.PIPE, stderr=errors, text=True)
        is_new = not (self.folder / "data" / "manager" / "users.json").exists()
        lines = queue.Queue()
        threading.Thread(target=lambda: [lines.put(line) for line in self.process.stdout] + [lines.put("")], daemon=True).start()
        end = time.monotonic() + 60
        while self.url is None or (is_new and self.password is None):
            try:
                line = lines.get(timeout=max(0.1, end - time.monotonic()))
            except queue.Empty:
                line = ""
            if not line:
                raise RuntimeError(f"valgrid up did not come up: {(self.folder / 'errors').read_text()[-2000:]}")
            if line.startswith("page: "):
                self.url = line.split()[1].rstrip("/")
            if line.startswith("admin password: "):
                self.password = line.split()[-1]
        return self

    def tell(self, name, is_on=True):
        """Switches what pricers do."""
        if is_on:
            (self.folder / name).touch()
        else:
            (self.folder / name).unlink(missing_ok=True)

    def stop(self):
        """Ends the grid as Ctrl-C does; one that does not end within a minute is killed."""
        for name in ("kill", "hold", "slow"):
            self.tell(name, False)
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
