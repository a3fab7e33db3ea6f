"""A backend whose misbehaviour is switched at run time; a program of its own, started by backends.py.

GET /__mode?m=MODE&... switches it and is always answered. The modes:

  ok         answers 200, after `delay` seconds
  hang       reads the request and never answers
  hangbody   sends a head and 10 of 1,000 bytes, then nothing; hangchunk: the same, chunked
  resethead  sends a head and 10 of 1,000 bytes, then a reset
  reset      sends a reset in place of an answer; eof: a FIN
  fail       answers with `status` with probability `p`, at once
  idleclose  closes an idle connection unannounced, after 0.3 t to t seconds
  aftermax   closes a connection unannounced 0 to 2 ms after every n-th response

/health follows `health`: ok, fail or hang. Every other request that arrives is one line of the log: time, id,
method, mode. With --workers and --work it is a pool of workers with a queue: a request occupies one of them for so many
seconds.
"""

import argparse
import asyncio
import os
import random
import signal
import socket
import struct
import time
import urllib.parse

RESET = struct.pack("ii", 1, 0)  # SO_LINGER of zero seconds: a close is a reset
PART = b"0123456789"  # of the bodies that do not end
IDLE_AFTER_TERM = 1.0  # seconds that a backend told to end gives what it is answering


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--name", required=True)
    parser.add_argument("--log", required=True)
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--work", type=float, default=0.0, help="seconds that a request occupies a worker")
    return parser.parse_args()


class Backend:
    """What all connections of one backend share."""

    def __init__(self, options):
        self.name = options.name
        self.log = open(options.log, "a", buffering=1)  # a line is written at once: a SIGKILL loses none
        self.mode = {"m": "ok", "delay": "0.005", "health": "ok"}
        self.connections = set()
        self.stopping = False
        self.workers = asyncio.Semaphore(options.workers) if options.workers else None
        self.work = options.work

    def record(self, request):
        self.log.write(f"{time.time():.4f} {request.id} {request.method} {self.mode['m']}\n")

    def stop(self, done):
        """As a server that ends gracefully: closes what is idle, answers the rest with Connection: close."""
        self.stopping = True
        for connection in list(self.connections):
            if not connection.busy:
                connection.transport.close()
        asyncio.get_running_loop().call_later(IDLE_AFTER_TERM, done.set)


class Request:
    """A whole request at the beginning of some bytes; `rest` is what follows."""

    def __init__(self, head, rest):
        lines = head.decode("latin1").split("\r\n")
        self.method, self.path = lines[0].split(" ")[:2]
        self.id, self.length, self.chunked, self.rest = "-", 0, False, rest
        for line in lines[1:]:
            name, _, value = line.partition(":")
            name, value = name.lower(), value.strip()
            if name == "content-length":
                self.length = int(value)
            elif name == "x-id":
                self.id = value or "-"
            elif name == "transfer-encoding":
                self.chunked = True

    @staticmethod
    def take(received):
        """The first request of these bytes, or None while it is not whole."""
        head, end, rest = received.partition(b"\r\n\r\n")
        if not end:
            return None
        request = Request(head, rest)
        if request.chunked:
            _, end, request.rest = rest.partition(b"0\r\n\r\n")
            return request if end else None
        if len(rest) < request.length:
            return None
        request.rest = rest[request.length:]
        return request

    def asked(self):
        """The fields of the query."""
        return dict(urllib.parse.parse_qsl(self.path.partition("?")[2]))


class Connection(asyncio.Protocol):
    """One connection; requests on it are answered one after another."""

    def __init__(self, backend):
        self.backend = backend
        self.transport = self.timer = None
        self.received = b""
        self.busy = False
        self.answers = 0

    def connection_made(self, transport):
        self.transport = transport
        self.backend.connections.add(self)

    def connection_lost(self, failure):
        self.backend.connections.discard(self)
        self.stop_timer()

    def data_received(self, data):
        self.received += data
        if not self.busy:
            self.next()

    def stop_timer(self):
        if self.timer:
            self.timer.cancel()
            self.timer = None

    def idle(self):
        self.stop_timer()
        if self.backend.mode["m"] == "idleclose" and self.answers:
            seconds = float(self.backend.mode["t"]) * random.uniform(0.3, 1)
            self.timer = asyncio.get_running_loop().call_later(seconds, self.transport.close)

    def next(self):
        request = Request.take(self.received)
        if request is None:
            return
        self.received = request.rest
        self.busy = True
        self.answers += 1
        self.stop_timer()
        asyncio.get_running_loop().create_task(self.answer(request))

    async def answer(self, request):
        mode = self.backend.mode
        if request.path.startswith("/__mode"):
            mode.update(request.asked())
            self.send(200, b"ok")
        elif request.path.startswith("/health"):
            if mode["health"] != "hang":
                self.send(200 if mode["health"] == "ok" else 503, b"health")
        else:
            self.backend.record(request)
            await self.misbehave_or_serve(mode["m"], request)

    async def misbehave_or_serve(self, mode, request):
        if mode == "hang":
            return
        if mode == "reset":
            self.reset()
        elif mode == "eof":
            self.transport.close()
        elif mode in ("hangbody", "resethead"):
            self.transport.write(self.head(200, b"content-length: 1000\r\n") + PART)
            if mode == "resethead":
                await asyncio.sleep(0.02)
                self.reset()
        elif mode == "hangchunk":
            self.transport.write(self.head(200, b"transfer-encoding: chunked\r\n") + b"a\r\n" + PART + b"\r\n")
        elif mode == "fail" and random.random() < float(self.backend.mode["p"]):
            self.send(int(self.backend.mode["status"]), b"fail " + request.id.encode())
        else:
            await self.serve(request)

    async def serve(self, request):
        if self.backend.workers:
            async with self.backend.workers:
                await asyncio.sleep(self.backend.work)
        else:
            await asyncio.sleep(float(self.backend.mode["delay"]))
        if not self.transport.is_closing():
            size = int(request.asked().get("size", 0))
            self.send(200, f"{request.id} {self.backend.name}\n".encode() + b"x" * size)

    def head(self, status, fields):
        name = self.backend.name.encode()
        return b"HTTP/1.1 %d X\r\ncontent-type: text/plain\r\nx-backend: %s\r\n%s\r\n" % (status, name, fields)

    def send(self, status, body):
        fields = b"content-length: %d\r\n" % len(body)
        if self.backend.stopping:
            self.transport.write(self.head(status, b"connection: close\r\n" + fields) + body)
            self.transport.close()
            return
        self.transport.write(self.head(status, fields) + body)
        self.busy = False
        mode = self.backend.mode
        if mode["m"] == "aftermax" and self.answers % int(mode["n"]) == 0:
            asyncio.get_running_loop().call_later(random.random() * 0.002, self.transport.close)
            return
        self.idle()
        if self.received:
            self.next()

    def reset(self):
        self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self.transport.abort()


async def main():
    options = arguments()
    backend = Backend(options)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Connection(backend), options.host, options.port, backlog=1024, reuse_address=True)
    done = asyncio.Event()

    def terminate():
        server.close()
        backend.stop(done)

    loop.add_signal_handler(signal.SIGTERM, terminate)
    await done.wait()
    os._exit(0)  # tasks of requests that never end are of no interest


if __name__ == "__main__":
    asyncio.run(main())
