"""The load generators: each runs for some seconds against a port and says what came back."""

import json
import math
import os
import re
from dataclasses import dataclass

from tools import compile_native, find

GRACE = 20  # seconds a generator may take beyond its time
GRPC_PATH = "/weir.Bench/Unary.grpc"
GRPC_FIELDS = ["-H", "content-type: application/grpc", "-H", "te: trailers"]
GRPC_MESSAGE = b"\0\0\0\0\x0a\x0a\x08weirweir"  # not compressed, 10 bytes: field 1, a string of 8


class LoadFailed(Exception):
    """A load generator that gave no result."""


@dataclass(frozen=True)
class LoadResult:
    requests: int
    seconds: float
    p50_micros: float
    p99_micros: float
    errors: int


def tls_environment(directory):
    """Holds every OpenSSL client to one version, cipher suite and group, so that every proxy encrypts the same."""
    settings = directory / "openssl.cnf"
    settings.write_text("""openssl_conf = settings
[settings]
ssl_conf = contexts
[contexts]
system_default = all
[all]
MinProtocol = TLSv1.3
Ciphersuites = TLS_AES_128_GCM_SHA256
Groups = X25519
""")
    return {**os.environ, "OPENSSL_CONF": str(settings)}


@dataclass(frozen=True)
class Wrk:
    """HTTP/1.1 by wrk: connections that ask again as soon as they are answered.

    With tls, connections are of TLS 1.3; with close as well, each new one is a whole handshake, none resumes a session.
    hosts and prefixes ask h0.example.com..., /p0/... in turn; that work of wrk's is the same for every proxy.
    """

    connections: int
    path: str = "/hello"
    upload: int = 0
    close: bool = False
    hosts: int = 0
    prefixes: int = 0
    tls: bool = False

    def start(self, processes, core, port, seconds, directory):
        script = directory / "load.lua"
        script.write_text(self.script())
        out = open(directory / "load.out", "wb")
        scheme = "https" if self.tls else "http"
        command = [find("wrk"), "-t1", f"-c{self.connections}", f"-d{seconds}s", "--timeout", "10s", "-s", script,
                   f"{scheme}://127.0.0.1:{port}{self.path}"]
        environment = tls_environment(directory) if self.tls else None
        if self.tls and self.close:
            environment["LD_PRELOAD"] = compile_native("whole_handshakes", directory, "-shared", "-fPIC")
        with out:
            return processes.start(command, core, out, out, environment)

    def result(self, process, seconds, directory):
        return result_line("wrk", process, seconds, directory)

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


def result_line(name, process, seconds, directory):
    """What a generator says of itself in one line of JSON."""
    process.wait(seconds + GRACE)
    text = (directory / "load.out").read_text()
    found = re.search(r"^RESULT (.*)$", text, re.M)
    if not found:
        raise LoadFailed(f"{name}: " + text.strip()[-300:])
    r = json.loads(found.group(1))
    return LoadResult(r["requests"], r["micros"] / 1e6, r["p50"], r["p99"], r["errors"])


@dataclass(frozen=True)
class WebSocket:
    """WebSocket over HTTP/1.1 by bench/native/websocket.c: each connection sends a message when it has the last back."""

    connections: int

    def start(self, processes, core, port, seconds, directory):
        program = compile_native("websocket", directory)
        with open(directory / "load.out", "wb") as out:
            return processes.start([program, port, self.connections, seconds], core, out, out)

    def result(self, process, seconds, directory):
        return result_line("websocket", process, seconds, directory)


@dataclass(frozen=True)
class H2load:
    """HTTP/1.1, HTTP/2 or unary gRPC by h2load. protocol: "http/1.1", "h2c", "h2" or "grpc" (by h2c)."""

    connections: int
    streams: int = 1
    protocol: str = "http/1.1"
    path: str = "/hello"

    def start(self, processes, core, port, seconds, directory):
        times = directory / "load.times"
        times.unlink(missing_ok=True)
        scheme = "https" if self.protocol == "h2" else "http"
        options = ["--h1"] if self.protocol == "http/1.1" else [f"-m{self.streams}"]
        path = self.path
        if self.protocol == "grpc":
            message, path = directory / "message", GRPC_PATH
            message.write_bytes(GRPC_MESSAGE)
            options += ["-d", message, *GRPC_FIELDS]
        command = [find("h2load"), "-t1", f"-c{self.connections}", f"-D{seconds}", f"--log-file={times}", *options,
                   f"{scheme}://127.0.0.1:{port}{path}"]
        environment = tls_environment(directory) if scheme == "https" else None
        with open(directory / "load.out", "wb") as out:
            return processes.start(command, core, out, out, environment)

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
        errors = int(counts.group(3))
        if self.protocol == "grpc":
            # A call that failed is a 200 as well, but brings no message.
            messages = int(re.search(r"(\d+)\) data", text).group(1)) // len(GRPC_MESSAGE)
            errors += max(0, int(counts.group(2)) - messages)
        return LoadResult(int(counts.group(1)), float(took.group(1)) * unit, percentile(micros, 50),
                          percentile(micros, 99), errors)


def percentile(ascending, percent):
    if not ascending:
        return 0
    return ascending[max(0, math.ceil(len(ascending) * percent / 100) - 1)]
