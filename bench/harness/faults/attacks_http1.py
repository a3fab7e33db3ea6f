"""Attacks by connections and by HTTP/1.1. Each gets an Attack under way (attacks.py) and says what came of it."""

import asyncio
import time
from collections import Counter

from faults.raw import connect, connect_many, cut_off, gone, receive, send

HEAD = b"GET /x HTTP/1.1\r\nhost: t.local\r\nx-id: q\r\n\r\n"
LARGE = b"GET /x?size=4000000 HTTP/1.1\r\nhost: t.local\r\nx-id: q\r\n\r\n"
UNFINISHED = b"GET / HTTP/1.1\r\nhost: t.local\r\n"
UPLOAD = b"POST /x HTTP/1.1\r\nhost: t.local\r\nx-id: q\r\ncontent-length: 100000\r\n\r\n"
DRIP = b"a: b\r\n"


async def slow_heads(attack):
    """1,500 heads, one byte every 2 s."""
    left = await attack.open(1500)
    for client in left:
        await send(client, UNFINISHED)
    begun, history = time.time(), []
    for i in range(14):
        await asyncio.sleep(2)
        left = [client for client in left if not gone(client) and drip(client, DRIP[i % 6:i % 6 + 1])]
        history.append((round(time.time() - begun), len(left)))
        if not left:
            break
    return f"still open after seconds: {history}"


def drip(client, data):
    try:
        client.send(data)
        return True
    except OSError:
        return False


async def slow_bodies(attack):
    """300 uploads, one byte every 2.5 s."""
    left = await attack.open(300)
    for client in left:
        await send(client, UPLOAD)
    begun, history = time.time(), []
    for _ in range(12):
        await asyncio.sleep(2.5)
        left = [client for client in left if not gone(client)]
        for client in left:
            drip(client, b"b")
        history.append((round(time.time() - begun), len(left), attack.backend_connections()))
    return f"(seconds, open, connections to backends): {history[::3]} {history[-1]}"


async def slow_readers(attack):
    """200 clients ask for 4 MB and read nothing."""
    clients = await attack.open(200, receive_buffer=4096)
    for client in clients:
        await send(client, LARGE)
    history = await attack.memory(10)
    closed = sum(1 for client in clients if cut_off(client))
    return f"(seconds, RSS, direct MiB): {history[::3]} {history[-1]}; closed by then: {closed} of {len(clients)}"


async def stalled_sockets(attack):
    """60 clients ask for 4 MB and read nothing: what the kernel still holds."""
    clients = await attack.open(60, receive_buffer=4096)
    for client in clients:
        await send(client, LARGE)
    rows, begun = [], time.time()
    for _ in range(8):
        await asyncio.sleep(2.5)
        states, unsent = attack.kernel()
        closed = sum(1 for client in clients if cut_off(client))
        rows.append(f"after {time.time() - begun:.0f} s {states}, unsent {unsent / 1e6:.1f} MB, {closed} cut off")
    return "; ".join([*rows[::3], rows[-1]])


async def idle(attack):
    """5,000 connections, silent, then with one request each."""
    before = attack.proxy.rss()
    clients = await attack.open(5000)
    await asyncio.sleep(3)
    silent = attack.proxy.rss()
    for client in clients:
        await send(client, HEAD)
    await asyncio.sleep(4)
    used = attack.proxy.rss()
    alive = sum(1 for client in clients if not gone(client))
    each = 1024 / max(1, len(clients))
    return (f"opened {len(clients)}, refused {attack.refused}; RSS {before}, silent {silent}, used {used} "
            f"({alive} open), KiB per connection {(silent - before) * each:.1f} and {(used - before) * each:.1f}")


async def large_heads(attack):
    """1,000 unfinished heads of 29 kB, then 200 kB more."""
    clients = await attack.open(1000)
    head = UNFINISHED + b"".join(b"x-%d: %s\r\n" % (i, b"v" * 300) for i in range(95))
    for client in clients:
        await send(client, head)
    await asyncio.sleep(1)
    rss, direct = attack.proxy.rss(), attack.direct()
    for client in clients[:100]:
        await send(client, b"y: " + b"z" * 200_000)
    answers = Counter()
    for client in clients[:20]:
        answer, closed = await receive(client, 0.5)
        answers[f"{answer[:12].decode('latin1')!r}{' and closed' * closed}"] += 1
    return f"heads of {len(head)} bytes: RSS {rss}, direct {direct}; then 20 of them: {dict(answers)}"


async def flood(attack):
    """Connections as fast as they come, 600 kept; 100 from one address are allowed."""
    end, kept, opened, failed = time.time() + 8, [], 0, 0
    while time.time() < end:
        try:
            kept.append(await asyncio.wait_for(connect(attack.proxy.port), 1))
            opened += 1
        except (OSError, asyncio.TimeoutError):
            failed += 1
        if len(kept) > 600:
            for client in kept[:300]:
                client.close()
            kept = kept[300:]
        await asyncio.sleep(0.001)
    attack.sockets += kept
    await asyncio.sleep(0.5)
    alive = sum(1 for client in kept if not gone(client))
    return f"opened {opened}, failed {failed}, of the last {len(kept)} alive {alive}"


async def pipeline_unread(attack):
    """6 connections pipeline GETs of 60 kB for 8 s and read nothing."""
    clients, _ = await connect_many(6, attack.proxy.port, receive_buffer=4096)
    attack.sockets += clients
    request = b"GET /x?size=60000 HTTP/1.1\r\nhost: t.local\r\nx-id: q\r\n\r\n" * 200
    end, taken = time.time() + 8, 0
    while time.time() < end:
        for client in clients:
            if drip(client, request):
                taken += 1
        await asyncio.sleep(0.02)
    closed = sum(1 for client in clients if cut_off(client))
    return f"{taken} writes taken; RSS {attack.proxy.rss()}, direct {attack.direct()}; closed {closed} of 6"
