"""Sockets and frames of hostile clients: sent as they are, whatever a well-behaved library would say."""

import asyncio
import socket
import struct
import time
from collections import Counter

from faults.ground import EVIL, HOST

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = 0, 1, 3, 4, 6, 7, 8, 9
NAMES = {DATA: "DATA", HEADERS: "HEADERS", RST_STREAM: "RST_STREAM", SETTINGS: "SETTINGS", PING: "PING",
         GOAWAY: "GOAWAY", WINDOW_UPDATE: "WINDOW_UPDATE"}
END_STREAM, END_HEADERS = 1, 4
IP_BIND_ADDRESS_NO_PORT = 24  # a local port is chosen by the connect: more connections from one address
TCP_ESTABLISHED = 1


async def connect(port, receive_buffer=None):
    """A connection from the hostile address."""
    client = socket.socket()
    client.setblocking(False)
    if receive_buffer:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    client.setsockopt(socket.IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
    client.bind((EVIL, 0))
    await asyncio.get_running_loop().sock_connect(client, (HOST, port))
    return client


async def connect_many(count, port, batch=200, **options):
    """Connections, and how many could not be made."""
    made, refused = [], 0
    for begin in range(0, count, batch):
        tries = [connect(port, **options) for _ in range(min(batch, count - begin))]
        for one in await asyncio.gather(*tries, return_exceptions=True):
            if isinstance(one, socket.socket):
                made.append(one)
            else:
                refused += 1
        await asyncio.sleep(0.05)
    return made, refused


async def send(client, data):
    """True when all was taken; False when the peer has closed; None when it does not read."""
    try:
        await asyncio.wait_for(asyncio.get_running_loop().sock_sendall(client, data), 3)
        return True
    except asyncio.TimeoutError:
        return None
    except OSError:
        return False


async def receive(client, seconds=2.0):
    """What came within that time, and whether the peer closed."""
    received, end = b"", time.time() + seconds
    while time.time() < end:
        try:
            left = max(0.01, end - time.time())
            data = await asyncio.wait_for(asyncio.get_running_loop().sock_recv(client, 65536), left)
        except asyncio.TimeoutError:
            break
        except OSError:
            return received, True
        if not data:
            return received, True
        received += data
    return received, False


def gone(client):
    """Reads what is there; whether the peer has closed."""
    while True:
        try:
            if client.recv(65536, socket.MSG_DONTWAIT) == b"":
                return True
        except BlockingIOError:
            return False
        except OSError:
            return True


def cut_off(client):
    """Whether the peer has closed a connection that nobody reads."""
    if client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
        return True
    return client.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)[0] != TCP_ESTABLISHED


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def number(value):
    return struct.pack(">I", value)


def setting(name, value):
    return struct.pack(">HI", name, value)


def frames_in(data):
    """A count of the frames, those that carry an error code by code."""
    count = Counter()
    while len(data) >= 9:
        length, kind = int.from_bytes(data[:3], "big"), data[3]
        payload, data = data[9:9 + length], data[9 + length:]
        name = NAMES.get(kind, str(kind))
        if kind == GOAWAY and len(payload) >= 8:
            name += f" {int.from_bytes(payload[4:8], 'big')}"
        elif kind == RST_STREAM and len(payload) == 4:
            name += f" {int.from_bytes(payload, 'big')}"
        count[name] += 1
    return dict(count)
