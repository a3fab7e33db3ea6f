"""An open-loop load of HTTP/1.1 on kept-alive connections; each response is checked to be the one for its request."""

import asyncio
import itertools
import random
import re
import time
from collections import Counter
from dataclasses import dataclass

from faults.ground import HOST

BODY = b"b" * 200  # of every POST
LATEST = 0.5  # seconds: what this program is behind its rate by more is left out, lest it never catch up
WARM_REQUESTS, WARM_CONNECTIONS = 4000, 8


@dataclass(frozen=True)
class Sample:
    """One request of a client and what became of it."""

    begun: float  # seconds since the epoch
    seconds: float
    method: str
    kind: str  # the status, or in words what went wrong
    backend: str
    id: str

    @property
    def good(self):
        return self.kind == "200"


class Broken(Exception):
    """A connection that ended before the response did."""

    def __init__(self, kind, part):
        super().__init__(kind)
        self.kind = kind
        self.part = part  # whether something of the response had come


class Load:
    """Sends `rate` requests a second, a share of them POSTs, from now until `on` is false.

    written: requests written on a connection, so that the proxy should have seen them. unheard: those of them on a
    reused connection that ended without a byte, which the proxy may have closed before it read them. stale: GETs that
    were repeated for that reason, once, as browsers do.
    """

    def __init__(self, port, rate, post=0.3, timeout=12.0, path="/x", churn=0.0, local=None, tls=None):
        self.port, self.rate, self.post, self.timeout, self.path, self.churn = port, rate, post, timeout, path, churn
        self.options = {"local_addr": (local, 0)} if local else {}
        if tls:
            self.options.update(ssl=tls, server_hostname="t.local")
        self.samples, self.idle = [], []
        self.on = True
        self.written = self.unheard = self.stale = 0
        self.ids = itertools.count(1)
        self.tag = f"{random.getrandbits(32):x}"

    async def run(self):
        due, tasks = time.time(), set()
        while self.on:
            due = max(due, time.time() - LATEST)
            while due <= time.time():
                task = asyncio.create_task(self.sample("POST" if random.random() < self.post else "GET"))
                tasks.add(task)
                task.add_done_callback(tasks.discard)
                due += random.expovariate(self.rate)
            await asyncio.sleep(max(0.0, min(0.05, due - time.time())))
        if tasks:
            await asyncio.wait(tasks, timeout=self.timeout + 1)
        for _, writer in self.idle:
            writer.close()

    async def sample(self, method):
        name, begun = f"{self.tag}-{next(self.ids)}", time.time()
        try:
            kind, backend = await asyncio.wait_for(self.ask(method, name), self.timeout)
        except asyncio.TimeoutError:
            kind, backend = "client-timeout", "-"
        self.samples.append(Sample(begun, time.time() - begun, method, kind, backend, name))

    async def connection(self):
        """A connection and whether it was used before; one that the proxy has closed is not used again."""
        while self.idle:
            reader, writer = self.idle.pop()
            if not reader.at_eof():
                return reader, writer, True
            writer.close()
        reader, writer = await asyncio.open_connection(HOST, self.port, **self.options)
        return reader, writer, False

    async def ask(self, method, name):
        """Returns the kind of the answer and the backend that gave it."""
        for turn in range(2):
            try:
                reader, writer, reused = await self.connection()
            except ConnectionRefusedError:
                return "refused", "-"
            except OSError as failure:
                return f"no connection ({type(failure).__name__})", "-"
            self.written += 1
            try:
                return await self.exchange(reader, writer, method, name)
            except Broken as broken:
                if not reused or broken.part:
                    return broken.kind, "-"
                self.unheard += 1
                if method != "GET" or turn:
                    return broken.kind + " when reused", "-"
                self.stale += 1
        raise AssertionError("unreachable")

    async def exchange(self, reader, writer, method, name):
        try:
            writer.write(self.request(method, name))
            status, fields, body = await response(reader)
        except BaseException:
            writer.close()
            raise
        backend = fields.get("x-backend", "-")
        if fields.get("connection", "").lower() == "close" or random.random() < self.churn:
            writer.close()
        else:
            self.idle.append((reader, writer))
        if status == 200 and not body.startswith(name.encode() + b" "):
            return "WRONG ANSWER", backend
        return str(status), backend

    def request(self, method, name):
        body = BODY if method == "POST" else b""
        length = f"content-length: {len(body)}\r\n" if body else ""
        return f"{method} {self.path} HTTP/1.1\r\nhost: t.local\r\nx-id: {name}\r\n{length}\r\n".encode() + body

    def between(self, begin, end):
        return [sample for sample in self.samples if begin <= sample.begun < end]


async def response(reader):
    """Reads a response: its status, its fields by name, its body."""
    head = b""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head.decode("latin1").split("\r\n")
        fields = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            fields[name.lower()] = value.strip()
        return int(lines[0].split(" ")[1]), fields, await body_of(reader, fields)
    except asyncio.IncompleteReadError as ended:
        raise broken("closed", head or ended.partial) from ended
    except (OSError, ValueError, IndexError) as failure:
        raise broken("reset" if isinstance(failure, OSError) else "no HTTP", head) from failure


def broken(kind, part):
    return Broken("truncated" if part else kind, bool(part))


async def body_of(reader, fields):
    if fields.get("transfer-encoding") == "chunked":
        body = b""
        while True:
            size = int((await reader.readline()).split(b";")[0], 16)
            body += (await reader.readexactly(size + 2))[:size]
            if size == 0:
                return body
    if "content-length" in fields:
        return await reader.readexactly(int(fields["content-length"]))
    fields["connection"] = "close"
    return await reader.read()


async def warm(port):
    """Requests one after another on a few connections, so that a JVM is compared warm."""
    async def one():
        reader, writer = await asyncio.open_connection(HOST, port)
        for i in range(WARM_REQUESTS // WARM_CONNECTIONS):
            post = i % 3 == 0
            writer.write(b"%s /warm HTTP/1.1\r\nhost: t.local\r\n%s\r\n" % (
                b"POST" if post else b"GET", b"content-length: 200\r\n" if post else b"") + BODY * post)
            head = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(int(re.search(rb"(?i)content-length: *(\d+)", head).group(1)))
        writer.close()

    await asyncio.gather(*[one() for _ in range(WARM_CONNECTIONS)], return_exceptions=True)


def summary(samples):
    """Counts, kinds of errors and latencies in milliseconds of these samples, and the share of each backend."""
    good = sorted(sample.seconds for sample in samples if sample.good)
    bad = [sample for sample in samples if not sample.good]

    def latency(percent):
        return round(1000 * good[min(len(good) - 1, int(len(good) * percent / 100))], 1) if good else None

    shares = Counter(sample.backend for sample in samples)
    return {
        "requests": len(samples),
        "errors": len(bad),
        "kinds": dict(Counter(f"{sample.method} {sample.kind}" for sample in bad)),
        "p50_ms": latency(50),
        "p99_ms": latency(99),
        "max_ms": latency(100),
        "percent_by_backend": {name: round(100 * count / len(samples), 1) for name, count in sorted(shares.items())},
    }
