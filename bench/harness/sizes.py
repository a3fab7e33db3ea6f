#!/usr/bin/env python3
"""What a connection of each kind adds to Weir's memory.

  sizes.py [--java HOME] [--transport io_uring|epoll|nio] [KIND...]

Starts Weir with the flags of bin/weir for each kind, opens so many connections of it, and prints what each adds to the
resident set and to the buffers that Netty has in use; the heap is collected before both looks at it. The byte budget is out
of the way, so that nothing is shed.
"""
import argparse
import os
import resource
import socket
import ssl
import struct
import subprocess
import sys
import time

import attacks
from attacks import HOST, H2, H3, PREFACE, WEB, connect, frame

SLOW_BODY = 1_000_000


def idle(i):
    s = connect(WEB, i)
    s.setblocking(True)
    s.sendall(b"GET /fixed HTTP/1.1\r\nHost: t\r\n\r\n")
    s.recv(4096)
    return s


def busy(i):
    s = connect(WEB, i)
    s.send(b"GET /never HTTP/1.1\r\nHost: t\r\n\r\n")
    return s


def slow(i):
    s = connect(WEB, i, receive=4096)
    s.send(b"GET /%d HTTP/1.1\r\nHost: t\r\n\r\n" % SLOW_BODY)
    return s


def tls(i):
    context = ssl._create_unverified_context()
    s = socket.create_connection((HOST, H3))
    s = context.wrap_socket(s, server_hostname="a.test")
    s.sendall(b"GET /fixed HTTP/1.1\r\nHost: a.test\r\n\r\n")
    s.recv(4096)
    return s


def http2(i):
    s = connect(H2, i)
    s.setblocking(True)
    s.sendall(PREFACE + frame(4, 0, 0) + frame(1, 5, 1, b"\x82\x86\x41\x01t\x04\x06/fixed"))
    s.recv(4096)
    return s


def streams(i):
    """100 streams whose backend does not answer."""
    s = connect(H2, i)
    head = b"\x82\x86\x41\x01t\x04\x06/never"
    s.send(PREFACE + frame(4, 0, 0) + b"".join(frame(1, 5, 2 * n + 1, head) for n in range(100)))
    return s


def stalled(i):
    """100 streams whose response waits for a window."""
    s = connect(H2, i)
    head = b"\x82\x86\x41\x01t\x04\x07/300000"
    s.send(PREFACE + frame(4, 0, 0, struct.pack(">HI", 4, 0)) + b"".join(frame(1, 5, 2 * n + 1, head) for n in range(100)))
    return s


KINDS = {
    "idle": (idle, 5000, 1, "an idle connection (HTTP/1.1, one request served)"),
    "busy": (busy, 2000, 1, "one whose request is at a backend, with the connection to it"),
    "slow": (slow, 500, 1, "one that does not read a response of 1 MB, with the connection to its backend"),
    "tls": (tls, 2000, 1, "an idle connection with TLS"),
    "http2": (http2, 2000, 1, "an idle HTTP/2 connection"),
    "stream": (streams, 40, 100, "an HTTP/2 stream whose request is at a backend, with the connection to it"),
    "stalled": (stalled, 10, 100, "an HTTP/2 stream that does not take a response of 300 kB, with the connection to its backend"),
}


class Roomy(attacks.Weir):
    """Weir with a budget that nothing here reaches."""

    def settle(self, java):
        jcmd = os.path.join(java, "bin/jcmd") if java else "jcmd"
        subprocess.run([jcmd, str(self.process.pid), "GC.run"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(1)
        return self.rss() * 2**20, self.metric("weir_direct_memory_bytes")


def run(kind, java, transport):
    open_one, count, parts, says = KINDS[kind]
    backend = attacks.multiprocessing.Process(target=attacks.serve, daemon=True)
    backend.start()
    weir = Roomy(java, transport, {"memory": "1GiB"})
    held = []
    try:
        held.extend(open_one(i) for i in range(20))  # whatever is allocated once
        time.sleep(2)
        before = weir.settle(java)
        held.extend(open_one(i) for i in range(count))
        time.sleep(5)
        after = weir.settle(java)
        rss, direct = ((b - a) / count / parts / 1024 for a, b in zip(before, after))
        print(f"{kind:8} {rss:7.1f} KiB resident, {direct:7.1f} KiB of buffers: {says}; {count * parts} of them, {after[0] / 2**20:.0f} MiB", flush=True)
    finally:
        for s in held:
            s.close()
        weir.stop()
        backend.terminate()


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--java", default="")
    options.add_argument("--transport", default="io_uring")
    options.add_argument("kinds", nargs="*")
    given = options.parse_args()
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    for kind in given.kinds or KINDS:
        run(kind, given.java, given.transport)
    sys.exit(0)


if __name__ == "__main__":
    main()
