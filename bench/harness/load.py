"""The load generators: each runs for some seconds against a port and says what came back."""

import json
import math
import re
from dataclasses import dataclass

from tools import find

GRACE = 20  # seconds a generator may take beyond its time


class LoadFailed(Exception):
    """A load generator that gave no result."""


@dataclass(frozen=True)
class LoadResult:
    requests: int
    seconds: float
    p50_micros: float
    p99_micros: float
    errors: int


@dataclass(frozen=True)
class Wrk:
    """HTTP/1.1 by wrk: connections that ask again as soon as they are answered.

    hosts and prefixes ask h0.example.com..., /p0/... in turn; that work of wrk's is the same for every proxy.
    """

    connections: int
    path: str = "/hello"
    upload: int = 0
    close: bool = False
    hosts: int = 0
    prefixes: int = 0

    def start(self, processes, core, port, seconds, directory):
        script = directory / "load.lua"
        script.write_text(self.script())
        out = open(directory / "load.out", "wb")
        command = [find("wrk"), "-t1", f"-c{self.connections}", f"-d{seconds}s", "--timeout", "10s", "-s", script,
                   f"http://127.0.0.1:{port}{self.path}"]
        with out:
            return processes.start(command, core, out, out)

    def result(self, process, seconds, directory):
        process.wait(seconds + GRACE)
        text = (directory / "load.out").read_text()
        found = re.search(r"^RESULT (.*)$", text, re.M)
        if not found:
            raise LoadFailed("wrk: " + text.strip()[-300:])
        r = json.loads(found.group(1))
        return LoadResult(r["requests"], r["micros"] / 1e6, r["p50"], r["p99"], r["errors"])

    def script(self):
        lines = []
        if self.close:
            lines.append('wrk.headers["Connection"] = "close"')
        if self.upload:
            lines.append(f'wrk.method = "POST"\nwrk.body = string.rep("x", {self.upload})')
        if self.hosts or self.prefixes:
            lines.append("local asked, turn = {}, 0\nfunction init(args)")
            if self.hosts:
                lines.append(f'  for i = 0, {self.hosts - 1} do\n'
                             '    wrk.headers["Host"] = "h" .. i .. ".example.com"\n'
                             "    asked[i] = wrk.format()\n  end")
            else:
                lines.append(f'  for i = 0, {self.prefixes - 1} do\n'
                             '    asked[i] = wrk.format(nil, "/p" .. i .. "/hello")\n  end')
            count = self.hosts or self.prefixes
            lines.append(f"end\nfunction request()\n  turn = (turn + 1) % {count}\n  return asked[turn]\nend")
        lines.append("""function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format('\\nRESULT {"requests": %d, "micros": %d, "p50": %d, "p99": %d, "errors": %d}\\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    e.connect + e.read + e.write + e.status + e.timeout))
end""")
        return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class H2load:
    """HTTP/1.1 or HTTP/2 by h2load. protocol: "http/1.1", "h2c" or "h2"."""

    connections: int
    streams: int = 1
    protocol: str = "http/1.1"
    path: str = "/hello"

    def start(self, processes, core, port, seconds, directory):
        times = directory / "load.times"
        times.unlink(missing_ok=True)
        scheme = "https" if self.protocol == "h2" else "http"
        options = ["--h1"] if self.protocol == "http/1.1" else [f"-m{self.streams}"]
        command = [find("h2load"), "-t1", f"-c{self.connections}", f"-D{seconds}", f"--log-file={times}", *options,
                   f"{scheme}://127.0.0.1:{port}{self.path}"]
        with open(directory / "load.out", "wb") as out:
            return processes.start(command, core, out, out)

    def result(self, process, seconds, directory):
        process.wait(seconds + GRACE)
        text = (directory / "load.out").read_text()
        counts = re.search(r"(\d+) done, (\d+) succeeded, (\d+) failed", text)
        took = re.search(r"finished in ([\d.]+)(us|ms|s)", text)
        if not counts or not took:
            raise LoadFailed("h2load: " + text.strip()[-300:])
        unit = {"us": 1e-6, "ms": 1e-3, "s": 1}[took.group(2)]
        with open(directory / "load.times") as lines:
            micros = sorted(int(line.split("\t")[2]) for line in lines)
        return LoadResult(int(counts.group(1)), float(took.group(1)) * unit, percentile(micros, 50),
                          percentile(micros, 99), int(counts.group(3)))


def percentile(ascending, percent):
    if not ascending:
        return 0
    return ascending[max(0, math.ceil(len(ascending) * percent / 100) - 1)]
