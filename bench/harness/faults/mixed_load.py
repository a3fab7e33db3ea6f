"""The clients of a soak besides those of client.py: HTTP/2, WebSocket, and clients that break off."""

import asyncio
import itertools
import random
import socket
import struct
import time
from collections import Counter

from faults.client import BODY
from faults.ground import HOST
from faults.http2_client import Http2Client, tls

RESET = struct.pack("ii", 1, 0)
WEBSOCKETS = 16
LARGE = b"GET /x?size=2000000 HTTP/1.1\r\nhost: t.local\r\nx-id: a\r\n\r\n"


class MixedLoad:
    """Counts what it sent by kind, and what went wrong."""

    def __init__(self, port, tls_port):
        self.port, self.tls_port = port, tls_port
        self.on = True
        self.sent, self.wrong = Counter(), Counter()
        self.ids = itertools.count(1)

    def clients(self):
        """The coroutines to run."""
        return [self.http2(8), self.http2(8), self.breaking_off(2), *[self.websocket(i % 2) for i in range(WEBSOCKETS)]]

    async def http2(self, rate):
        """Connections that last 10 to 40 s, one after another."""
        while self.on:
            try:
                client = await Http2Client(self.tls_port).open()
            except OSError as failure:
                self.wrong[f"HTTP/2: no connection: {type(failure).__name__}"] += 1
                await asyncio.sleep(1)
                continue
            end, tasks = time.time() + random.uniform(10, 40), set()
            while self.on and time.time() < end and not client.dead:
                task = asyncio.create_task(self.http2_request(client))
                tasks.add(task)
                task.add_done_callback(tasks.discard)
                await asyncio.sleep(random.expovariate(rate))
            if tasks:
                await asyncio.wait(tasks, timeout=13)
            await client.close()

    async def http2_request(self, client):
        method, name = "POST" if random.random() < 0.3 else "GET", f"h2-{next(self.ids)}"
        path = "/x" + random.choice(["", "", "?size=20000"])
        self.sent["http2"] += 1
        try:
            fields, body = await asyncio.wait_for(
                client.request(method, path, name, BODY if method == "POST" else b""), 12)
            if fields[":status"] != "200" or not body.startswith(name.encode() + b" "):
                self.wrong[f"HTTP/2: {method} {fields[':status']}"] += 1
        except (OSError, asyncio.TimeoutError) as failure:
            self.wrong[f"HTTP/2: {method} {failure!r}"[:60]] += 1

    async def websocket(self, over_tls):
        """Tunnels of 5 to 40 echoed messages, one after another."""
        import websockets  # of python3-websockets, which is installed when a soak is asked for
        options = {"ssl": tls("http/1.1"), "server_hostname": "t.local"} if over_tls else {}
        address = f"wss://{HOST}:{self.tls_port}/ws" if over_tls else f"ws://{HOST}:{self.port}/ws"
        while self.on:
            self.sent["websocket"] += 1
            try:
                async with websockets.connect(address, open_timeout=5, **options) as tunnel:
                    for _ in range(random.randint(5, 40)):
                        if not self.on:
                            break
                        message = "m" * random.choice([5, 500, 20_000])
                        await tunnel.send(message)
                        if await asyncio.wait_for(tunnel.recv(), 5) != message:
                            self.wrong["WebSocket: another message"] += 1
                        await asyncio.sleep(0.5)
            except (OSError, asyncio.TimeoutError, websockets.WebSocketException) as failure:
                self.wrong[f"WebSocket: {failure!r}"[:60]] += 1
                await asyncio.sleep(1)

    async def breaking_off(self, rate):
        """Asks for a large response, reads its beginning and resets. Each is a request that Weir has seen."""
        while self.on:
            await asyncio.sleep(random.expovariate(rate))
            try:
                reader, writer = await asyncio.open_connection(HOST, self.port)
                writer.write(LARGE)
                self.sent["broken off"] += 1
                begun = await asyncio.wait_for(reader.read(1000), 10)
                if not begun.startswith(b"HTTP/1.1 200"):
                    self.wrong[f"broken off: {begun[:30]!r}"] += 1
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                writer.transport.abort()
            except (OSError, asyncio.TimeoutError) as failure:
                self.wrong[f"broken off: {type(failure).__name__}"] += 1


async def echo_server():
    """The backend of the tunnels: a server and its port."""
    import websockets

    async def echo(tunnel):
        try:
            async for message in tunnel:
                await tunnel.send(message)
        except websockets.WebSocketException:
            pass  # the client or Weir is gone

    server = await websockets.serve(echo, HOST, 0, max_size=1 << 20)
    return server, server.sockets[0].getsockname()[1]
