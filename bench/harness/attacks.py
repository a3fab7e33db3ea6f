#!/usr/bin/env python3
"""Clients that try to use up Weir's memory, while a good one is watched.

  attacks.py [--seconds 60] [--java HOME] [--transport io_uring|epoll|nio] [ATTACK...]

Starts bin/weir with its own flags and a small backend for each attack, and prints a line of what was measured: the
largest resident set, the slowest answer to a fresh client, the stages of the byte budget. Exit code 1 when a bound is
missed. Plain Python 3; everything stays on loopback.
"""
import argparse
import json
import multiprocessing
import os
import pathlib
import re
import resource
import selectors
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parents[2]
HOST = "127.0.35.1"
WEB, H2, ADMIN, BACKEND, BACKEND_H2, H3 = 35410, 35411, 35412, 35413, 35414, 35415
FLAGS = "-XX:+UseParallelGC -XX:ParallelGCThreads=1 -Xms24m -Xmn8m -Xmx256m -XX:MaxDirectMemorySize=256m -XX:+ExitOnOutOfMemoryError"
MOST_RSS_MIB = 330
MOST_SECONDS = 1.0
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


class Backend:
    """HTTP/1.1: /n answers n bytes, /never nothing. HTTP/2 (h2c): every stream is answered by data without end, in small frames."""

    def __init__(self):
        self.on = True
        for port, serve in ((BACKEND, self.http1), (BACKEND_H2, self.http2)):
            listener = socket.socket()
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((HOST, port))
            listener.listen(4096)
            threading.Thread(target=serve, args=(listener,), daemon=True).start()

    def http1(self, listener):
        loop = selectors.DefaultSelector()
        listener.setblocking(False)
        loop.register(listener, selectors.EVENT_READ, None)
        bodies = {}
        while self.on:
            for key, events in loop.select(0.5):
                if key.data is None:
                    for _ in range(256):
                        try:
                            client, _address = listener.accept()
                        except BlockingIOError:
                            break
                        client.setblocking(False)
                        loop.register(client, selectors.EVENT_READ, {"in": b"", "out": []})
                    continue
                client, state = key.fileobj, key.data
                try:
                    if events & selectors.EVENT_READ:
                        data = client.recv(65536)
                        if not data:
                            raise OSError("closed")
                        state["in"] += data
                        while b"\r\n\r\n" in state["in"]:
                            head, state["in"] = state["in"].split(b"\r\n\r\n", 1)
                            if b"/never" in head:
                                continue
                            found = re.match(rb"\S+ /(\d+)", head)
                            n = int(found.group(1)) if found else 2
                            if n not in bodies:
                                bodies[n] = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % n + b"b" * n
                            state["out"].append(memoryview(bodies[n]))
                    while state["out"]:
                        sent = client.send(state["out"][0])
                        state["out"][0] = state["out"][0][sent:]
                        if not state["out"][0]:
                            state["out"].pop(0)
                except BlockingIOError:
                    pass
                except OSError:
                    loop.unregister(client)
                    client.close()
                    continue
                wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if state["out"] else 0)
                if key.events != wanted:
                    loop.modify(client, wanted, state)

    def http2(self, listener):
        while self.on:
            try:
                client, _address = listener.accept()
            except OSError:
                return
            threading.Thread(target=self.chatter, args=(client,), daemon=True).start()

    def chatter(self, client):
        piece = frame(0, 0, 1, b"c" * 1200)
        windows, connection, initial, data = {}, 65535, 65535, b""
        try:
            client.sendall(frame(4, 0, 0, struct.pack(">HI", 3, 100)))
            skip = len(PREFACE)
            while self.on:
                client.settimeout(0 if any(w > 1200 for w in windows.values()) and connection > 1200 else 0.5)
                try:
                    got = client.recv(65536)
                    if not got:
                        return
                    data += got
                except (BlockingIOError, socket.timeout):
                    pass
                client.settimeout(5)
                n = min(skip, len(data))
                data, skip = data[n:], skip - n
                while len(data) >= 9:
                    length = int.from_bytes(data[:3], "big")
                    if len(data) < 9 + length:
                        break
                    kind, flags, stream = data[3], data[4], int.from_bytes(data[5:9], "big")
                    payload, data = data[9:9 + length], data[9 + length:]
                    if kind == 1:
                        windows[stream] = initial
                        client.sendall(frame(1, 4, stream, b"\x88"))
                    elif kind == 3:
                        windows.pop(stream, None)
                    elif kind == 4 and not flags & 1:
                        for i in range(0, length, 6):
                            key, value = struct.unpack(">HI", payload[i:i + 6])
                            initial = value if key == 4 else initial
                        client.sendall(frame(4, 1, 0))
                    elif kind == 6 and not flags & 1:
                        client.sendall(frame(6, 1, 0, payload))
                    elif kind == 8:
                        more = int.from_bytes(payload, "big")
                        if stream == 0:
                            connection += more
                        elif stream in windows:
                            windows[stream] += more
                out = []
                for stream, window in windows.items():
                    if window >= 1200 and connection >= 1200:
                        windows[stream] -= 1200
                        connection -= 1200
                        out.append(piece[:5] + struct.pack(">I", stream) + piece[9:])
                if out:
                    client.sendall(b"".join(out))
        except OSError:
            pass
        finally:
            client.close()


class Weir:
    def __init__(self, java, transport, limits=None):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="weir-attacks-"))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=a.test",
                        "-addext", "subjectAltName=DNS:a.test", "-keyout", "a.key", "-out", "a.pem"],
                       cwd=self.directory, check=True, stderr=subprocess.DEVNULL)
        config = {
            "listeners": {"web": {"address": f"{HOST}:{WEB}"}, "h2": {"address": f"{HOST}:{H2}"},
                          "h3": {"address": f"{HOST}:{H3}", "http3": True, "tls": {"certificates": [{"certificate": "a.pem", "key": "a.key"}]}}},
            "admin": {"address": f"{HOST}:{ADMIN}"},
            "services": {
                "app": {"backends": [f"{HOST}:{BACKEND}"], "limits": {"connections-per-backend": 100000, "requests-per-backend": 100000}},
                "chatty": {"backends": [f"{HOST}:{BACKEND_H2}"], "protocol": "h2c", "limits": {"connections-per-backend": 1000, "requests-per-backend": 100000}}},
            "routes": [
                {"path": "/fixed", "respond": {"status": 200, "body": "f" * 900}},
                {"path": "/chatty", "service": "chatty"},
                {"service": "app"}],
            "access-log": {"output": "off"}}
        if limits:
            config["limits"] = limits
        (self.directory / "weir.yaml").write_text(json.dumps(config))
        env = dict(os.environ, WEIR_JAVA_OPTS=f"{FLAGS} -Dweir.transport={transport}", WEIR_CACHE="off")
        if java:
            env["JAVA_HOME"] = java
        self.err = open(self.directory / "err", "w")
        self.process = subprocess.Popen(
            [str(HERE / "bin/weir"), "run", "--config", "weir.yaml"], cwd=self.directory, stdout=subprocess.DEVNULL, stderr=self.err, env=env)
        for _ in range(300):
            if "ready in" in self.log():
                return
            time.sleep(0.1)
        raise SystemExit("weir does not start: " + self.log())

    def log(self):
        return (self.directory / "err").read_text()

    def rss(self):
        text = open(f"/proc/{self.process.pid}/status").read()
        return int(re.search(r"VmRSS:\s+(\d+)", text).group(1)) / 1024

    def admin(self, path):
        try:
            with urllib.request.urlopen(f"http://{HOST}:{ADMIN}{path}", timeout=5) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError as refused:  # /healthz says which loop is stuck
            return refused.read().decode()

    def metric(self, name):
        return sum(float(l.rsplit(" ", 1)[1]) for l in self.admin("/metrics").splitlines() if l.startswith(name))

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()


class Watch(threading.Thread):
    """A fresh client every 100 ms, and what the process holds."""

    def __init__(self, weir):
        super().__init__(daemon=True)
        self.weir, self.on = weir, True
        self.rss, self.slowest, self.failed, self.asked, self.held, self.direct = 0.0, 0.0, 0, 0, 0.0, 0.0

    def ask(self, path):
        began = time.monotonic()
        try:
            with socket.socket() as s:
                s.settimeout(5)
                s.bind(("127.0.35.77", 0))
                s.connect((HOST, WEB))
                s.sendall(b"GET %s HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n" % path)
                ok = s.recv(4096).startswith(b"HTTP/1.1 200")
        except OSError:
            ok = False
        self.asked += 1
        self.failed += 0 if ok else 1
        self.slowest = max(self.slowest, time.monotonic() - began)

    def run(self):
        turn = 0
        while self.on:
            turn += 1
            try:
                self.rss = max(self.rss, self.weir.rss())
                if turn % 5 == 0:
                    self.held = max(self.held, self.weir.metric("weir_memory_held_bytes"))
                    self.direct = max(self.direct, self.weir.metric("weir_direct_memory_bytes"))
            except (OSError, AttributeError):
                pass
            self.ask(b"/fixed" if turn % 2 else b"/10")
            time.sleep(0.1)


def connect(port, i, receive=None):
    s = socket.socket()
    if receive:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
    s.setsockopt(socket.IPPROTO_IP, 24, 1)  # IP_BIND_ADDRESS_NO_PORT
    s.bind((f"127.0.36.{1 + i % 50}", 0))
    s.settimeout(5)
    s.connect((HOST, port))
    s.setblocking(False)
    return s


def alive(s):
    try:
        return struct.unpack("B", s.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)[:1])[0] == 1
    except OSError:
        return False


def hold(count, end, port, first, receive=None, more=None, pace=0.0):
    """Keeps so many connections open until the end: a new one for each that was closed. None reads."""
    open_ = []
    opened = 0
    while time.monotonic() < end:
        while len(open_) < count and time.monotonic() < end:
            try:
                s = connect(port, opened, receive)
                opened += 1
                s.send(first(opened))
                open_.append(s)
            except OSError:
                time.sleep(0.02)
            time.sleep(pace)
        for s in open_:
            if more:
                try:
                    s.send(more)
                except OSError:
                    pass
        time.sleep(0.2)
        open_ = [s for s in open_ if alive(s) or s.close()]
    return f"{opened} connections", open_


def pipelined(path):
    requests = b"GET %s HTTP/1.1\r\nHost: t\r\n\r\n" % path * 2000
    return lambda end: hold(6, end, WEB, lambda i: requests, receive=4096, more=requests)


def slow_readers(end):
    return hold(5000, end, WEB, lambda i: b"GET /1000000 HTTP/1.1\r\nHost: t\r\n\r\n", receive=4096)


def idle(end):
    return hold(20000, end, WEB, lambda i: b"GET /fixed HTTP/1.1\r\nHost: t\r\n\r\n")


def h2_head(path, first):
    """A head of 29 KB: 7 times a field of 3.9 KB, by its index in the table of field compression."""
    block = b"\x82\x86\x41\x01t\x04" + bytes([len(path)]) + path
    if first:
        block += b"\x40\x03x-b\x7f" + bytes([0x80 | (3900 - 127) & 0x7f, (3900 - 127) >> 7]) + b"v" * 3900
    else:
        block += b"\xbe"
    return block + b"\xbe" * 6


def h2_streams(path, window, streams, big):
    def first(_i):
        out = [PREFACE, frame(4, 0, 0, struct.pack(">HI", 4, window)), frame(8, 0, 0, struct.pack(">I", 2**31 - 1 - 65535))]
        small = b"\x82\x86\x41\x01t\x04" + bytes([len(path)]) + path
        for n in range(streams):
            out.append(frame(1, 5, 2 * n + 1, h2_head(path, n == 0) if big else small))
        return b"".join(out)
    return first


def stalled_streams(end):
    return hold(1000, end, H2, h2_streams(b"/60000", 0, 100, True))


def stalled_large(end):
    return hold(1000, end, H2, h2_streams(b"/1000000", 0, 100, True))


def chatty(end):
    return hold(100, end, H2, h2_streams(b"/chatty", 2**31 - 1, 100, False), receive=4096)


def http3(path, connections, fields, window):
    """By Netty's QUIC client, in a process of its own."""
    def attack(end):
        jar, tests = HERE / "target/weir.jar", HERE / "target/test-classes"
        done = subprocess.run(
            ["java", "-Xmx1g", "-XX:MaxDirectMemorySize=2g", "-Dlogback.configurationFile=child-logback.xml", "-cp", f"{jar}:{tests}",
             "weir.testing.Http3Attack", HOST, str(H3), path, str(connections), "100", str(fields), str(window), str(max(1, round(end - time.monotonic())))],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        return done.stdout.strip() or f"the attack ended with {done.returncode}", []
    return attack


ATTACKS = {
    "pipelining-proxied": pipelined(b"/60000"),
    "pipelining-respond": pipelined(b"/fixed"),
    "slow-readers": slow_readers,
    "h2-stalled-heads": stalled_streams,
    "h2-stalled-large": stalled_large,
    "h2-chatty-backend": chatty,
    "h3-stalled-heads": http3("/60000", 1000, 7, 0),
    "h3-chatty-backend": http3("/chatty", 100, 0, 1 << 20),
    "idle": idle,
}


def serve():
    Backend()
    threading.Event().wait()


def attacking(name, seconds, tells):
    text, sockets = ATTACKS[name](time.monotonic() + seconds)
    tells.send((text, len(sockets)))
    threading.Event().wait()  # they stay open until the process ends


def run(name, seconds, java, transport):
    backend = multiprocessing.Process(target=serve, daemon=True)
    backend.start()
    weir = Weir(java, transport)
    watch = Watch(weir)
    try:
        watch.start()
        time.sleep(2)
        before = watch.rss
        told, tells = multiprocessing.Pipe(False)
        attack = multiprocessing.Process(target=attacking, args=(name, seconds, tells), daemon=True)
        attack.start()
        text, open_ = told.recv()
        health = weir.admin("/healthz").strip()
        stages = {s: weir.metric('weir_memory_actions_total{stage="%s"}' % s) for s in ("60", "75", "85", "95")}
        watch.on = False
        watch.join(10)
        attack.terminate()
        log = weir.log()
        memory = log.count("lack of memory") + log.count("OutOfMemory")
        good = (watch.rss <= MOST_RSS_MIB and watch.slowest <= MOST_SECONDS and not watch.failed and not memory
                and health == "ok" and not stages["95"])
        print(f"{'ok  ' if good else 'MISS'} {name:20} {transport:8} rss {before:.0f} -> {watch.rss:.0f} MiB, held {watch.held / 2**20:.0f} MiB, "
              f"direct {watch.direct / 2**20:.0f} MiB, fresh: {watch.asked} asked, {watch.failed} failed, slowest {watch.slowest:.2f} s; "
              f"stopped {stages['60']:.0f} idle closed {stages['75']:.0f} reset {stages['85']:.0f} refused {stages['95']:.0f}; "
              f"lacks of memory {memory}; {text}, {open_} open, healthz {health}", flush=True)
        return good
    finally:
        weir.stop()
        backend.terminate()


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=float, default=60)
    options.add_argument("--java", default="")
    options.add_argument("--transport", default="io_uring")
    options.add_argument("attacks", nargs="*")
    given = options.parse_args()
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(limit, 65536), max(limit, 65536)))
    except (ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    if len(given.attacks or ATTACKS) > 1:  # each in a process of its own, for its backend has threads
        results = [subprocess.call([sys.executable, __file__, "--seconds", str(given.seconds), "--java", given.java,
                                    "--transport", given.transport, name]) for name in given.attacks or ATTACKS]
        sys.exit(1 if any(results) else 0)
    sys.exit(0 if run(given.attacks[0], given.seconds, given.java, given.transport) else 1)


if __name__ == "__main__":
    main()
