"""Events of the proxy's own process. Each says in lines what was seen."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import time
from collections import Counter
from contextlib import asynccontextmanager

from faults.backends import Backends
from faults.client import Load, summary, warm
from faults.ground import HOST
from faults.proxy import Settings
from faults.trial import PROXIES
from faults.weir import Weir

DESCRIPTORS = 256
LOG_DISK, LARGER_LOG_DISK = "600k", "40m"


@asynccontextmanager
async def stage(name, ground, settings, backends=2, options=(), **load):
    """A proxy with backends, warm and under load; all of it ends with the block."""
    behind = proxy = None
    try:
        behind = await asyncio.to_thread(Backends, ground, backends, *options)
        proxy = PROXIES[name](ground, behind.list(), settings)
        await asyncio.to_thread(proxy.start)
        await warm(proxy.port)
        asked = Load(proxy.port, **load)
        running = asyncio.create_task(asked.run())
        yield proxy, behind, asked, running
        asked.on = False
        await running
    finally:
        for part in (proxy, behind):
            if part is not None:
                part.stop()


def text(samples):
    seen = summary(samples)
    return f"{seen['errors']} errors of {seen['requests']} {seen['kinds'] or ''} p99 {seen['p99_ms']} ms".strip()


async def drain(name, ground):
    """The signal for a graceful end under 150 requests/s: no request fails, new ones are refused."""
    return [await drained(name, ground, "/x")]


async def drain_large(name, ground):
    """The same with responses of 300 kB."""
    return [await drained(name, ground, "/x?size=300000")]


async def drained(name, ground, path):
    async with stage(name, ground, Settings(), 3, rate=150, churn=0.05, path=path) as (proxy, backends, load, running):
        await asyncio.to_thread(backends.all_modes, delay=0.05)
        await asyncio.sleep(5)
        begun, ended = time.time(), None
        proxy.process.send_signal(proxy.drain_signal)
        while time.time() < begun + 20 and ended is None:
            await asyncio.sleep(0.05)
            load.on = load.on and time.time() < begun + 6
            ended = None if proxy.running() else time.time() - begun
        load.on = False
        await running
        seen = load.between(begun - 2, begun + 30)
        refused = [sample.begun - begun for sample in seen if sample.kind == "refused"]
        failed = Counter(f"{one.method} {one.kind}" for one in seen if not one.good and one.kind != "refused")
        return (f"exit code {proxy.process.poll()} after {ended and round(ended, 1)} s; "
                f"{sum(1 for one in seen if one.good and one.begun > begun)} answered behind the signal, the first "
                f"refused after {round(min(refused), 2) if refused else None} s; failed otherwise: {dict(failed)}")


async def overload(name, ground):
    """Ten times the load that the backends take: 800/s for 80/s, clients wait 2 s."""
    return [await overloaded(name, ground, 0)]


async def overload_limited(name, ground):
    """The same with a limit of ten requests at once for each backend."""
    return [await overloaded(name, ground, 10)]


async def overloaded(name, ground, limit):
    settings = Settings(response_timeout="10s", queue_timeout="1s", requests_per_backend=limit)
    workers = ["--workers", 8, "--work", 0.2]
    async with stage(name, ground, settings, 2, workers, rate=60, timeout=2.0) as (proxy, _, load, _):
        await asyncio.sleep(5)
        begun, load.rate, out = time.time(), 800, []
        for _ in range(15):
            await asyncio.sleep(1)
            states = await asyncio.to_thread(proxy.states)
            out.append(sum(1 for state in states.values() if state != "available"))
        ended, load.rate = time.time(), 60
        rss = proxy.rss()
        await asyncio.sleep(12)
        samples = load.between(begun + 3, ended)
        behind = load.between(ended, time.time())
        good = sum(1 for sample in samples if sample.good) / (ended - begun - 3)
        last = max((sample.begun - ended for sample in behind if not sample.good), default=0)
        return (f"{good:.0f}/s of 80/s answered in time; {text(samples)}; backends out each second: {out}; "
                f"last error {last:.1f} s behind the load; RSS {rss} MiB")


async def full_disk(name, ground):
    """The disk of the access log is full, then made larger; Weir drops lines."""
    return [await disk(name, ground, "drop")]


async def full_disk_pause(name, ground):
    """The same with a Weir that waits for the disk."""
    return [await disk(name, ground, "pause")]


async def disk(name, ground, when_full):
    if os.geteuid() != 0:
        raise OSError("a small file system cannot be mounted (expected: to be root)")
    mounted = ground.directory / "disk"
    mounted.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={LOG_DISK}", "tmpfs", mounted], check=True)
    try:
        log = {"when-full": when_full, "rotate": {"size": "100MiB", "keep": 3}} if name == "weir" else {}
        settings = Settings(log=mounted / "access.log", more={"access-log": log} if log else {})
        async with stage(name, ground, settings, rate=250) as (proxy, _, load, running):
            await asyncio.sleep(16)
            subprocess.run(["mount", "-o", f"remount,size={LARGER_LOG_DISK}", mounted], check=True)
            await asyncio.sleep(5)
            load.on = False
            await running
            await asyncio.sleep(2)
            return text(load.samples) + (f"; {lines_of(proxy, [proxy.access_log])}" if name == "weir" else "")
    finally:
        subprocess.run(["umount", "-l", mounted])


def lines_of(weir, files):
    """Counts the lines of Weir's log files, and what its metrics say of them."""
    ids, torn = Counter(), 0
    for file in files:
        for line in file.read_bytes().split(b"\n")[:-1]:
            try:
                ids[json.loads(line)["request_id"]] += 1
            except (ValueError, KeyError):
                torn += 1
    twice = sum(1 for count in ids.values() if count > 1)
    said = {name: int(weir.metric(f"weir_access_log_{name}_total")) for name in ("lines", "dropped", "write_errors")}
    return f"{sum(ids.values())} lines, {torn} torn, {twice} twice; metrics {said}"


async def rotate(name, ground):
    """The log is moved away eight times, four times with SIGUSR1, and rotates by size: no line is lost."""
    log = {"access-log": {"rotate": {"size": "200KiB", "keep": 1000}}}
    async with stage(name, ground, Settings(more=log), rate=250) as (proxy, _, load, running):
        for i in range(8):
            await asyncio.sleep(1.5)
            os.rename(proxy.access_log, proxy.file(f"moved.{i}"))
            if i % 2:
                proxy.process.send_signal(signal.SIGUSR1)
        await asyncio.sleep(2)
        load.on = False
        await running
        await asyncio.sleep(0.5)
        files = [file for file in proxy.directory.iterdir() if file.name.startswith(("access.log", "moved."))]
        return [f"clients wrote {load.written} requests, {load.unheard} unheard, and 4,000 before; "
                f"{lines_of(proxy, files)} in {len(files)} files; {text(load.samples)}"]


async def no_descriptors(name, ground):
    """400 idle connections to a process of 256 descriptors, under 60 requests/s."""
    settings = Settings(descriptors=DESCRIPTORS, connections=100 if name == "haproxy" else 120)
    async with stage(name, ground, settings, rate=60, timeout=5, churn=0.2) as (proxy, _, load, _):
        await asyncio.sleep(4)
        begun, before, clients = time.time(), proxy.descriptors(), []
        for _ in range(400):
            client = socket.socket()
            client.setblocking(False)
            client.connect_ex((HOST, proxy.port))
            clients.append(client)
            await asyncio.sleep(0.002)
        await asyncio.sleep(8)
        under, cpu = proxy.descriptors(), proxy.cpu()
        await asyncio.sleep(2)
        cpu = proxy.cpu() - cpu
        ended = time.time()
        for client in clients:
            client.close()
        await asyncio.sleep(8)
        states = await asyncio.to_thread(proxy.states)
        said = f"; log: {proxy.complaints()}" if isinstance(proxy, Weir) else ""
        return [f"descriptors {before}, then {under}; meanwhile {text(load.between(begun, ended))}, CPU {cpu / 2:.2f} "
                f"of a core; behind it {text(load.between(ended + 1, time.time()))}; "
                f"{'alive' if proxy.running() else 'DEAD'}; backends {states}{said}"]
