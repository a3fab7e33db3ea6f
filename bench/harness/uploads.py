#!/usr/bin/env python3
"""How long 8 MB take over a long way: HTTP/2 beside HTTP/1.1.

  uploads.py [--delays 20,100,200] [--megabytes 8] [--runs 3] [--java HOME] [--transport io_uring|epoll|nio]

The way is a relay that holds every byte back for half of the round trip in each direction and has as much under way as
TCP would have without loss, slow start included; it is between the client and
Weir for uploads, and between Weir and its backend for what is sent to and comes from the backend. The client is curl, the backends are nghttpd
for HTTP/2 and a small server of this program for HTTP/1.1. Prints the best of the runs. Exit code 1 when an upload over HTTP/2 takes
more than 1.2 times what it takes over HTTP/1.1; responses are shown beside them, on a backend connection that is open already.
"""
import argparse
import asyncio
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import time

import tools

HERE = pathlib.Path(__file__).resolve().parents[2]
HOST = "127.0.37.1"
WEB, ADMIN, PLAIN, H2, NEAR, FAR_PLAIN, FAR_H2 = 35510, 35511, 35512, 35513, 35520, 35521, 35522
MOST_RATIO = 1.2
PIECE = 256 * 1024
FIRST_WINDOW = 10 * 1448  # RFC 6928
LARGEST_WINDOW = 16 << 20


class Relay:
    """TCP relays whose bytes arrive later."""

    half = 0.0

    def __init__(self, ways):
        self.loop = asyncio.new_event_loop()
        ready = threading.Event()
        threading.Thread(target=self.run, args=(ways, ready), daemon=True).start()
        ready.wait()

    def run(self, ways, ready):
        asyncio.set_event_loop(self.loop)
        for port, to in ways.items():
            async def serve(reader, writer, to=to):
                try:
                    there, back = await asyncio.open_connection(HOST, to, limit=1 << 18)
                except OSError:
                    writer.close()
                    return
                await asyncio.gather(self.carry(reader, back), self.carry(there, writer))
            self.loop.run_until_complete(asyncio.start_server(serve, HOST, port, limit=1 << 18))
        ready.set()
        self.loop.run_forever()

    async def carry(self, reader, writer):
        """Passes bytes on as TCP does over a way without loss: slow start, whose window doubles in each round trip."""
        queue = asyncio.Queue()
        window, under_way, room = FIRST_WINDOW, 0, asyncio.Event()

        def acknowledged(n):
            nonlocal window, under_way
            under_way -= n
            window = min(window + n, LARGEST_WINDOW)
            room.set()

        async def send():
            while True:
                due, data = await queue.get()
                await asyncio.sleep(max(0, due - self.loop.time()))
                if not data:
                    break
                writer.write(data)
                await writer.drain()
                self.loop.call_later(self.half, acknowledged, len(data))
            writer.close()
        sending = asyncio.ensure_future(send())
        try:
            while True:
                while under_way >= window:
                    room.clear()
                    await room.wait()
                data = await reader.read(min(PIECE, window - under_way))
                if not data:
                    break
                under_way += len(data)
                queue.put_nowait((self.loop.time() + self.half, data))
        except OSError:
            pass
        queue.put_nowait((self.loop.time() + self.half, b""))
        try:
            await sending
        except OSError:
            pass


class Plain:
    """HTTP/1.1: takes a body and says ok; for a GET sends one."""

    def __init__(self, size):
        self.body = b"b" * size
        self.listener = socket.create_server((HOST, PLAIN), backlog=64)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _address = self.listener.accept()
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        data = b""
        try:
            while True:
                while b"\r\n\r\n" not in data:
                    got = client.recv(1 << 16)
                    if not got:
                        return
                    data += got
                head, data = data.split(b"\r\n\r\n", 1)
                if head.startswith(b"GET"):
                    client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(self.body) + self.body)
                    continue
                length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
                left = length - len(data)
                while left > 0:
                    got = client.recv(1 << 18)
                    if not got:
                        return
                    left -= len(got)
                data = b""
                client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        except OSError:
            pass
        finally:
            client.close()


def start_weir(directory, java, transport):
    config = {
        "listeners": {"web": {"address": f"{HOST}:{WEB}"}},
        "admin": {"address": f"{HOST}:{ADMIN}"},
        "services": {
            "plain": {"backends": [f"{HOST}:{PLAIN}"]},
            "far": {"backends": [f"{HOST}:{FAR_PLAIN}"]},
            "far-h2": {"backends": [f"{HOST}:{FAR_H2}"], "protocol": "h2c"}},
        "routes": [{"path": "/far", "service": "far"}, {"path": "/far-h2", "service": "far-h2"}, {"service": "plain"}],
        "access-log": {"output": "off"}}
    (directory / "weir.yaml").write_text(json.dumps(config))
    env = dict(os.environ, WEIR_CACHE="off", WEIR_JAVA_OPTS=f"-Xmx256m -XX:MaxDirectMemorySize=256m -Dweir.transport={transport}")
    if java:
        env["JAVA_HOME"] = java
    err = open(directory / "err", "w")
    process = subprocess.Popen([str(HERE / "bin/weir"), "run", "--config", "weir.yaml"], cwd=directory, stdout=subprocess.DEVNULL, stderr=err, env=env)
    for _ in range(300):
        if "ready in" in (directory / "err").read_text():
            return process
        time.sleep(0.1)
    raise SystemExit("weir does not start: " + (directory / "err").read_text())


def curl(words, url, runs):
    best = None
    for _ in range(runs):
        done = subprocess.run(["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code} %{time_total}", *words, url], stdout=subprocess.PIPE, text=True)
        code, seconds = done.stdout.split()
        if code != "200":
            raise SystemExit(f"{url}: {code}")
        best = float(seconds) if best is None else min(best, float(seconds))
    return best


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--delays", default="20,100,200")
    options.add_argument("--megabytes", type=float, default=8)
    options.add_argument("--runs", type=int, default=3)
    options.add_argument("--java", default="")
    options.add_argument("--transport", default="io_uring")
    given = options.parse_args()
    size = round(given.megabytes * 1e6)
    need = tools.need(["nghttpd"])
    missed = False
    with tempfile.TemporaryDirectory(prefix="weir-uploads-") as name:
        directory = pathlib.Path(name)
        body = directory / "body"
        (directory / "far-h2").mkdir()
        body.write_bytes(b"u" * size)
        (directory / "far-h2" / "body").write_bytes(b"u" * size)
        (directory / "far-h2" / "small").write_bytes(b"ok")
        Plain(size)
        nghttpd = subprocess.Popen([need["nghttpd"], "--no-tls", "-a", HOST, "-d", str(directory), "-w", "23", "-W", "24",
                                    str(H2)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        weir = start_weir(directory, given.java, given.transport)
        try:
            put = ["-H", "Expect:", "-X", "POST", "--data-binary", f"@{body}"]
            cases = [
                ("client to Weir", [*put, "--http1.1"], f"http://{HOST}:{NEAR}/", [*put, "--http2-prior-knowledge"], f"http://{HOST}:{NEAR}/"),
                ("Weir to backend", [*put, "--http1.1"], f"http://{HOST}:{WEB}/far/x", [*put, "--http1.1"], f"http://{HOST}:{WEB}/far-h2/small"),
                ("backend to Weir", ["--http1.1"], f"http://{HOST}:{WEB}/far/x", ["--http1.1"], f"http://{HOST}:{WEB}/far-h2/body"),
            ]
            relay = Relay({NEAR: WEB, FAR_PLAIN: PLAIN, FAR_H2: H2})
            for delay in map(float, given.delays.split(",")):
                relay.half = delay / 2000
                for what, first, first_url, second, second_url in cases:
                    one = curl(first, first_url, given.runs)
                    two = curl(second, second_url, given.runs)
                    ok = two <= MOST_RATIO * one
                    missed |= not ok and second[0] == "-H"
                    print(f"{'ok  ' if ok else 'MISS'} {delay:4.0f} ms  {what:16} HTTP/1.1 {one:.2f} s, HTTP/2 {two:.2f} s, ratio {two / one:.2f}", flush=True)
        finally:
            weir.terminate()
            nghttpd.terminate()
            weir.wait(20)
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
