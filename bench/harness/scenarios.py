"""The scenarios. A new one is one entry here.

A new protocol is a field of Setup that the configurations in proxies.py heed, and a load of load.py that speaks it.
"""

from dataclasses import dataclass, field
from typing import Callable

from load import H2load, WebSocket, Wrk
from measure import idle, reload, start_up, throughput
from proxies import Setup


@dataclass(frozen=True)
class Scenario:
    name: str
    says: str
    load: object
    setup: Setup = field(default_factory=Setup)
    measure: Callable = throughput
    floor: bool = True  # whether the relay takes part; it knows neither routes nor pools
    usual: bool = True  # whether it runs when no scenario is named


IDLE = 10_000
NAMES = 5000  # that the load asks for in turn, whatever the number of routes: then only that differs
KIB = 1024

SCENARIOS = [
    Scenario("keep-alive-64", "64 connections, small response", Wrk(64)),
    Scenario("keep-alive-1", "one connection, small response", Wrk(1)),
    Scenario("keep-alive-1000", "1,000 connections, small response", Wrk(1000)),
    Scenario("connection-per-request", "64 clients, a new connection for each request", Wrk(64, close=True),
             floor=False),
    Scenario("response-16k", "64 connections, 16 KiB responses", Wrk(64, path=f"/hello?bytes={16 * KIB}")),
    Scenario("response-1m", "16 connections, 1 MiB responses", Wrk(16, path=f"/hello?bytes={KIB * KIB}")),
    Scenario("upload-64k", "64 connections, 64 KiB uploads", Wrk(64, upload=64 * KIB)),
    *(
        Scenario(f"backends-{n}", f"64 connections, {n:,} backends", Wrk(64), Setup(backends=n), floor=False)
        for n in (2, 10, 100, 1000)
    ),
    *(
        Scenario(f"hosts-{n}", f"64 connections asking {NAMES:,} hosts, {n:,} routes: hosts and one for all others",
                 Wrk(64, hosts=NAMES), Setup(hosts=n - 1), floor=False)
        for n in (1, 100, NAMES)
    ),
    *(
        Scenario(f"prefixes-{n}", f"64 connections asking {NAMES:,} paths, {n:,} routes: prefixes and one for all"
                 " others", Wrk(64, prefixes=NAMES), Setup(prefixes=n - 1), floor=False)
        for n in (1, 100, NAMES)
    ),
    Scenario("idle", f"{IDLE:,} idle connections, memory of each", Wrk(64), Setup(clients=IDLE + 200),
             lambda *stage: idle(*stage, connections=IDLE), floor=False),
    Scenario("start-up", "from start to the first proxied response, every core", None,
             measure=lambda *stage: start_up(*stage, pinned=False), floor=False),
    Scenario("start-up-one-core", "the same, pinned to one core", None,
             measure=lambda *stage: start_up(*stage, pinned=True), floor=False),
    Scenario("reload", "reload under load of 64 connections, one route", Wrk(64), Setup(version=1), reload,
             floor=False),
    Scenario("reload-5000", "reload under load of 64 connections, 5,000 hosts", Wrk(64, hosts=5000),
             Setup(hosts=5000, version=1), reload, floor=False),
    Scenario("tls-keep-alive-64", "TLS 1.3, 64 connections, small response", Wrk(64, tls=True), Setup(tls=True),
             floor=False),
    Scenario("tls-response-1m", "TLS 1.3, 16 connections, 1 MiB responses",
             Wrk(16, path=f"/hello?bytes={KIB * KIB}", tls=True), Setup(tls=True), floor=False),
    Scenario("tls-handshakes", "TLS 1.3, 64 clients, a new connection and a whole handshake for each request",
             Wrk(64, close=True, tls=True), Setup(tls=True), floor=False),
    Scenario("http2", "HTTP/2 over TLS, 16 connections of 32 streams, small response", H2load(16, 32, "h2"),
             Setup(tls=True, http2=True), floor=False),
    Scenario("grpc-unary", "gRPC in the clear, 16 connections of 32 calls", H2load(16, 32, "grpc"), Setup(grpc=True),
             floor=False),
    Scenario("tcp-relay", "TCP, 64 connections of HTTP requests, small response", Wrk(64), Setup(tcp=True)),
    Scenario("websocket-echo", "WebSocket, 64 connections, messages of 64 bytes", WebSocket(64),
             Setup(websocket=True)),
    Scenario("keep-alive-64-h2load", "64 connections, small response, by h2load", H2load(64), usual=False),
]


def named(names):
    """The scenarios of these names, in this order; all the usual ones for none."""
    if not names:
        return [scenario for scenario in SCENARIOS if scenario.usual]
    known = {scenario.name: scenario for scenario in SCENARIOS}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ValueError(f"no such scenario: {', '.join(unknown)} (--list names them)")
    return [known[name] for name in names]
