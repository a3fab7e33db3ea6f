"""Hostile clients, while 40 requests a second of a good one at another address are watched."""

import asyncio
import socket
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Callable

from faults import attacks_http1, attacks_http2
from faults.backends import Backends
from faults.client import Load, summary, warm
from faults.ground import EVIL, GOOD
from faults.proxy import Settings
from faults.raw import connect_many
from faults.trial import PROXIES
from faults.weir import Weir
from report import align

LONGEST = 120  # seconds of one attack
ESTABLISHED = "01"
EVIL_IN_TABLE = socket.inet_aton(EVIL)[::-1].hex().upper()  # as the kernel of a little-endian machine writes it
STATES = {ESTABLISHED: "ESTABLISHED", "04": "FIN-WAIT-1", "05": "FIN-WAIT-2", "08": "CLOSE-WAIT", "09": "LAST-ACK"}


@dataclass(frozen=True)
class Kind:
    name: str
    attack: Callable
    settings: dict = field(default_factory=dict)

    @property
    def says(self):
        return self.attack.__doc__


def kinds(module, *names):
    return [Kind(name.replace("_", "-"), getattr(module, name)) for name in names]


ATTACKS = [
    *kinds(attacks_http1, "slow_heads", "slow_bodies", "slow_readers", "stalled_sockets", "idle", "large_heads",
           "pipeline_unread"),
    *kinds(attacks_http2, "rapid_reset", "made_reset", "continuation", "empty_continuation", "hpack_bomb",
           "ping_flood", "settings_flood", "empty_data", "stalled_windows", "open_windows"),
    Kind("flood", attacks_http1.flood, {"connections_per_address": 100}),
]


class Attack:
    """An attack under way: the proxy, the attacker's sockets, and what the proxy spends on it."""

    def __init__(self, proxy, backends):
        self.proxy, self.backends = proxy, backends
        self.http2_port = proxy.settings.http2_port
        self.sockets = []
        self.refused = 0
        self.cpu_before = proxy.cpu()

    async def open(self, count, **options):
        """Opens connections to the HTTP/1.1 port."""
        clients, refused = await connect_many(count, self.proxy.port, **options)
        self.sockets += clients
        self.refused += refused
        return clients

    def cpu(self):
        return self.proxy.cpu() - self.cpu_before

    def direct(self):
        """Weir's direct memory in MiB; None for the others."""
        if not isinstance(self.proxy, Weir):
            return None
        try:
            return round(self.proxy.metric("weir_direct_memory_bytes") / 2 ** 20, 1)
        except OSError as failure:
            return f"admin API: {failure}"

    async def memory(self, times):
        """RSS and direct memory every 2 s."""
        begun, history = time.time(), []
        for _ in range(times):
            await asyncio.sleep(2)
            history.append((round(time.time() - begun), self.proxy.rss(), await asyncio.to_thread(self.direct)))
        return history

    def backend_connections(self):
        ports = {port for _, port in self.backends.list()}
        return sum(1 for local, _, state, _ in tcp_table() if local in ports and state == ESTABLISHED)

    def kernel(self):
        """The proxy's sockets to the attacker by state, and the bytes that wait in them."""
        mine = [row for row in tcp_table() if row[0] == self.proxy.port and row[1].endswith(EVIL_IN_TABLE)]
        states = Counter(STATES.get(state, state) for _, _, state, _ in mine)
        return dict(states), sum(unsent for _, _, _, unsent in mine)


def tcp_table():
    """Local port, remote address, state and unsent bytes of every connection."""
    for table in ("tcp", "tcp6"):  # what Java opens is of the second kind
        with open(f"/proc/net/{table}") as lines:
            next(lines)
            for line in lines:
                fields = line.split()
                local, remote = fields[1].split(":"), fields[2].split(":")
                yield int(local[1], 16), remote[0], fields[3], int(fields[4].split(":")[0], 16)


async def run(chosen, proxies, ground):
    """Runs attacks on each proxy and prints a table; returns what could not be run."""
    rows = [["attack", "proxy", "good client: failed of", "p99 ms", "RSS MiB before, under, after", "CPU s", "alive",
             "what came of it"]]
    failures = []
    for kind in chosen:
        for name in proxies:
            try:
                rows.append([f"`{kind.name}`", name, *await one(kind, name, ground.below(f"{kind.name}-{name}"))])
                print(f"bench: {kind.name}, {name}: {rows[-1][-1]}", file=sys.stderr, flush=True)
            except (OSError, ValueError, asyncio.TimeoutError) as failure:
                failures.append(f"{kind.name}, {name}: {failure!r}")
                print(f"bench: {kind.name}, {name}: not run: {failure!r}", file=sys.stderr, flush=True)
    print(align(rows), flush=True)
    return failures


async def one(kind, name, ground):
    backends = proxy = attack = None
    try:
        backends = await asyncio.to_thread(Backends, ground, 2)
        proxy = PROXIES[name](ground, backends.list(), Settings(http2_port=ground.ports.take(), **kind.settings))
        await asyncio.to_thread(proxy.start)
        await warm(proxy.port)
        load = Load(proxy.port, 40, timeout=5, churn=0.1, local=GOOD)
        running = asyncio.create_task(load.run())
        await asyncio.sleep(2)
        begun, before = time.time(), proxy.rss()
        attack = Attack(proxy, backends)
        said = await asyncio.wait_for(kind.attack(attack), LONGEST)
        ended, under, cost = time.time(), proxy.rss(), attack.cpu()
        close(attack)
        await asyncio.sleep(1.5)
        load.on = False
        await running
        good = summary(load.between(begun, ended))
        failed = f"{good['errors']} of {good['requests']} {good['kinds'] or ''}".strip()
        return [failed, str(good["p99_ms"]), f"{before}, {under}, {proxy.rss()}", f"{cost:.1f}",
                "yes" if proxy.running() else "NO", said + (complaint(proxy) if isinstance(proxy, Weir) else "")]
    finally:
        if attack:
            close(attack)
        for part in (proxy, backends):
            if part is not None:
                part.stop()


def complaint(weir):
    lines = weir.complaints(3)
    return f"; log: {lines}" if lines else ""


def close(attack):
    for client in attack.sockets:
        client.close()
    attack.sockets.clear()
