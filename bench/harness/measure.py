"""The ways to measure: each takes a stage, a scenario and proxies, and returns the rounds of each proxy by name."""

import socket
import time
from dataclasses import replace

from processes import cpu_seconds, resident_bytes, user_and_system_seconds
from proxies import VERSION_PATH
from stage import ProxyFailed, ask


def throughput(stage, scenario, proxies):
    """Full load: what a request costs the proxy's process and how long it takes. Proxies take turns in each round."""
    running = stage.use(scenario.setup, proxies)
    stage.warm(running, scenario.load)
    rounds = {proxy.name: [] for proxy in proxies}
    for _ in range(stage.timing.rounds):
        for one in running:
            rounds[one.proxy.name].append(loaded_round(stage, one, scenario.load))
    return rounds


def loaded_round(stage, one, load):
    pid = one.process.pid
    before, begun = user_and_system_seconds(pid), time.monotonic()
    result = stage.run_load(one, load, stage.timing.seconds)
    after, took = user_and_system_seconds(pid), time.monotonic() - begun
    user, system = after[0] - before[0], after[1] - before[1]
    cpu = user + system
    stage.forget_log(one)
    if result.requests == 0:
        raise ProxyFailed(f"{one.proxy.name} completed no request")
    return {
        "requests_per_second": result.requests / result.seconds,
        "cpu_micros": cpu * 1e6 / result.requests,
        "user_micros": user * 1e6 / result.requests,
        "system_micros": system * 1e6 / result.requests,
        "p50_micros": result.p50_micros,
        "p99_micros": result.p99_micros,
        "rss_mb": resident_bytes(pid) / 1e6,
        "core_percent": 100 * cpu / took,
        "requests": result.requests,
        "errors": result.errors,
    }


def start_up(stage, scenario, proxies, pinned):
    """From starting the process to its first proxied response, each time with a fresh process."""
    rounds = {proxy.name: [] for proxy in proxies}
    stage.clear()
    stage.setup = scenario.setup
    for _ in range(stage.timing.rounds):
        for proxy in proxies:
            begun = time.monotonic()
            one = stage.launch(proxy, scenario.setup, pinned)
            stage.await_answer(one)
            took = time.monotonic() - begun
            pid = one.process.pid
            rounds[proxy.name].append({
                "start_ms": took * 1e3,
                "start_cpu_ms": cpu_seconds(pid) * 1e3,
                "rss_mb": resident_bytes(pid) / 1e6,
            })
            stage.stop(one)
    stage.clear()
    return rounds


def idle(stage, scenario, proxies, connections):
    """What an idle connection that has had one response adds to resident memory; a fresh process each round."""
    rounds = {proxy.name: [] for proxy in proxies}
    for _ in range(stage.timing.rounds):
        for proxy in proxies:
            stage.clear()
            one = stage.use(scenario.setup, [proxy])[0]
            stage.warm([one], scenario.load)
            before = resident_bytes(one.process.pid)
            held = []
            try:
                hold(held, one.place.port, connections)
                time.sleep(1)
                after = resident_bytes(one.process.pid)
            finally:
                for connection in held:
                    connection.close()
            rounds[proxy.name].append({
                "bytes_per_connection": (after - before) / len(held),
                "rss_mb": after / 1e6,
                "connections": len(held),
            })
    stage.clear()
    return rounds


def hold(held, port, connections):
    request = f"GET /hello HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
    for _ in range(connections):
        connection = socket.create_connection(("127.0.0.1", port), timeout=5)
        held.append(connection)
        connection.sendall(request)
        if not connection.recv(4096).startswith(b"HTTP/1.1 200"):
            raise ProxyFailed(f"an idle connection, number {len(held)}, was not answered 200")


def reload(stage, scenario, proxies):
    """Under load: from the signal to the first response of the new configuration, and requests that failed."""
    able = [proxy for proxy in proxies if proxy.reload_signal is not None]
    running = stage.use(scenario.setup, able)
    stage.warm(running, scenario.load)
    rounds = {proxy.name: [] for proxy in able}
    for turn in range(stage.timing.rounds):
        for one in running:
            rounds[one.proxy.name].append(reload_round(stage, one, scenario, scenario.setup.version + turn + 1))
    stage.clear()
    return rounds


def reload_round(stage, one, scenario, version):
    seconds = max(3, stage.timing.seconds)
    directory = one.place.directory
    load = scenario.load.start(stage.processes, stage.load_core, one.place.port, seconds, directory)
    try:
        time.sleep(1)
        one.proxy.write(replace(scenario.setup, version=version), one.place)
        begun = time.monotonic()
        one.process.send_signal(one.proxy.reload_signal)
        while ask(one.place.port, VERSION_PATH) != (200, str(version).encode()):
            if time.monotonic() - begun > 30:
                raise ProxyFailed(f"{one.proxy.name} did not take its new configuration within 30 s")
            time.sleep(0.001)
        took = time.monotonic() - begun
        result = scenario.load.result(load, seconds, directory)
    finally:
        stage.processes.stop(load)
    stage.forget_log(one)
    return {
        "reload_ms": took * 1e3,
        "requests_per_second": result.requests / result.seconds,
        "p99_micros": result.p99_micros,
        "errors": result.errors,
        "rss_mb": resident_bytes(one.process.pid) / 1e6,
    }
