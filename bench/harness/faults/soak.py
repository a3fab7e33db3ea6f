"""A long moderate load on Weir: HTTP/1.1, TLS, HTTP/2, WebSocket, clients that break off; backends end, reloads happen.

Memory and descriptors every 30 s; at the end what clients sent = lines of the access log = metrics.
"""

import asyncio
import time
from collections import Counter

from faults.backends import Backends
from faults.client import Load, summary
from faults.http2_client import tls
from faults.mixed_load import MixedLoad, echo_server
from faults.proxy import Settings, address
from faults.weir import Weir, metric_of
from report import align
from tools import make_certificate

FLAGS = ("-XX:+UseParallelGC -XX:ParallelGCThreads=1 -Xms24m -Xmn8m -Xmx256m -XX:MaxDirectMemorySize=256m "
         "-XX:+ExitOnOutOfMemoryError")
EVERY = 30  # seconds
COLUMNS = ["s", "RSS MiB", "heap MiB", "direct MiB", "descriptors", "threads", "connections", "tunnels",
           "to backends", "requests", "CPU s"]
COUNTED = ["jvm_threads", "weir_connections_open", "weir_tunnels_open", "weir_backend_connections",
           "weir_requests_total"]
GAUGES = ["weir_requests_in_flight", "weir_tunnels_open", "weir_connections_open", "weir_direct_memory_bytes"]
UNREADABLE = ("LEAK", "ERROR", "Exception")


def weir(ground, backends, tls_port, echo_port, paranoid):
    certificate = make_certificate(ground.directory)
    flags = FLAGS + (" -Dio.netty.leakDetection.level=PARANOID" if paranoid else "")
    more = {
        "listeners": {"tls": {"address": address(tls_port),
                              "tls": {"certificates": [{"certificate": str(certificate)}]}}},
        "routes": [{"path": "/ws", "service": "ws"}, {"path": "/", "service": "app"}],
        "services": {"ws": {"backends": [address(echo_port)]}},
    }
    return Weir(ground, backends.list(), Settings(
        more=more, environment={"WEIR_JAVA_OPTS": flags, "WEIR_CACHE": "off"}))


async def run(seconds, paranoid, ground):
    """Prints what was seen; returns the claims that did not hold."""
    echo, echo_port = await echo_server()
    backends = proxy = None
    try:
        backends = await asyncio.to_thread(Backends, ground, 3)
        tls_port = ground.ports.take()
        proxy = weir(ground, backends, tls_port, echo_port, paranoid)
        await asyncio.to_thread(proxy.start)
        loads = {"HTTP/1.1": Load(proxy.port, 50, churn=0.03),
                 "TLS": Load(tls_port, 20, churn=0.03, path="/x?size=3000", tls=tls("http/1.1"))}
        mixed = MixedLoad(proxy.port, tls_port)
        tasks = [asyncio.create_task(one) for one in (
            *[load.run() for load in loads.values()], *mixed.clients(), unrest(proxy, backends, mixed))]
        await watch(proxy, seconds)
        mixed.on = False
        for load in loads.values():
            load.on = False
        _, late = await asyncio.wait(tasks, timeout=45)
        await asyncio.sleep(3)
        failed = [repr(task.exception()) for task in tasks if task.done() and task.exception()]
        return failed + [f"{len(late)} clients did not end"] * bool(late) + await account(proxy, loads, mixed)
    finally:
        for part in (proxy, backends):
            if part is not None:
                part.stop()
        echo.close()


async def unrest(proxy, backends, mixed):
    """Every 15 s a backend ends by SIGKILL or SIGTERM for 3 s, or the configuration is read again."""
    turn = 0
    while mixed.on:
        for _ in range(15):
            await asyncio.sleep(1)
            if not mixed.on:
                return
        name = f"b{1 + turn % 3}"
        if turn % 3 == 2:
            proxy.settings.requests_per_backend = 1000 + turn
            await asyncio.to_thread(proxy.reload)
        else:
            await asyncio.to_thread(backends.kill if turn % 2 else backends.terminate, name)
            await asyncio.sleep(3)
            await asyncio.to_thread(backends.start, name)
        turn += 1


async def watch(proxy, seconds):
    begun, rows = time.time(), [COLUMNS]
    while time.time() < begun + seconds:
        text = await asyncio.to_thread(proxy.call, "/metrics")
        rows.append([
            f"{time.time() - begun:.0f}", str(proxy.rss()),
            mib(metric_of(text, "jvm_memory_used_bytes", 'area="heap"')),
            mib(metric_of(text, "weir_direct_memory_bytes")), str(proxy.descriptors()),
            *[f"{metric_of(text, name):.0f}" for name in COUNTED],
            f"{proxy.cpu():.1f}"])
        await asyncio.sleep(min(EVERY, seconds))
    print(align(rows), flush=True)


def mib(size):
    return f"{size / 2 ** 20:.1f}"


async def account(proxy, loads, mixed):
    """Compares what was sent with the log and the metrics; returns what differs."""
    text = proxy.call("/metrics")
    lines = proxy.lines()
    written = sum(load.written for load in loads.values()) + sum(mixed.sent.values())
    unheard = sum(load.unheard for load in loads.values())
    requests = int(metric_of(text, "weir_requests_total"))
    counted = int(metric_of(text, "weir_access_log_lines_total"))
    ids = Counter(line["request_id"] for line in lines if line.get("request_id"))
    print(f"- sent {written} ({unheard} unheard on closing connections; {dict(mixed.sent)}), lines {len(lines)}, "
          f"weir_requests_total {requests}, weir_access_log_lines_total {counted}", flush=True)
    for name, load in loads.items():
        print(f"- {name}: {summary(load.samples)}", flush=True)
    print(f"- others that failed: {dict(mixed.wrong)}\n- in Weir's words: {proxy.reasons()}", flush=True)
    print(f"- idle: { {name: metric_of(text, name) for name in GAUGES} }, RSS {proxy.rss()} MiB, "
          f"descriptors {proxy.descriptors()}", flush=True)
    proxy.stop()
    said = proxy.output.read_text(errors="replace").splitlines()
    bad = [line for line in said if any(word in line for word in UNREADABLE)]
    failures = [f"log: {line}" for line in bad[:10]]
    if not written - unheard <= len(lines) <= written:
        failures.append(f"{written} requests sent, {len(lines)} lines")
    if not len(lines) == requests == counted:
        failures.append(f"{len(lines)} lines, {requests} requests and {counted} lines by the metrics")
    if any(count > 1 for count in ids.values()):
        failures.append("request ids twice")
    if proxy.process.returncode != 0:
        failures.append(f"exit code {proxy.process.returncode}")
    print("\n".join(f"- DIFFERS: {failure}" for failure in failures) or "- everything adds up", flush=True)
    return failures
