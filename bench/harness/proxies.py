"""The proxies under test and their configurations, made as equal as they can be.

Each logs every request, sets X-Forwarded-For, -Proto and -Host, keeps up to POOL idle connections to backends for a
minute, checks no backend, has one thread, and never closes a connection for its age.
"""

import os
import signal
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Optional

from tools import BENCH, NGINX_STREAM, find

POOL = 2048
VERSION_PATH = "/bench-version"


@dataclass(frozen=True)
class Setup:
    """What the proxies are configured for. Scenarios of the same setup share running proxies."""

    backends: int = 2
    hosts: int = 0  # routes h0.example.com, h1.example.com, ... ahead of the one for everything
    prefixes: int = 0  # routes /p0, /p1, ... ahead of the one for everything
    clients: int = 1100  # connections to make room for
    version: Optional[int] = None  # what VERSION_PATH answers, to see a reload take effect
    tls: bool = False  # TLS 1.3 to clients
    http2: bool = False  # offered by ALPN besides HTTP/1.1; Weir offers it always
    grpc: bool = False  # HTTP/2 in the clear, to clients and to the one backend
    tcp: bool = False  # connections are passed on as they are
    websocket: bool = False  # upgrades are passed on; nginx must be told

    def needs(self):
        """The programs this takes besides the usual ones."""
        return ["openssl"] * self.tls + ["nghttpd"] * self.grpc + [NGINX_STREAM] * self.tcp


@dataclass(frozen=True)
class Place:
    """Where a proxy listens, finds its backends and keeps its files."""

    directory: Path
    port: int
    backend_ports: list
    certificate: Optional[Path] = None  # PEM, with its key, the same for all

    def file(self, name):
        return self.directory / name


@dataclass(frozen=True)
class Proxy:
    """One proxy: its files by name, its command, and the signal that makes it read its files again."""

    name: str
    files: Callable[[Setup, Place], dict]
    command: Callable[[Place, Setup], list]
    reload_signal: Optional[int] = None
    env: dict = field(default_factory=dict)
    jvm: bool = False  # wants a long warm-up
    prepare: Optional[list] = None  # a command to run once before anything is measured
    floor: bool = False  # no proxy, but what a proxy cannot go below

    def write(self, setup, place):
        for name, text in self.files(setup, place).items():
            fresh = place.file(name + ".new")
            fresh.write_text(text)
            fresh.replace(place.file(name))

    def environment(self):
        return {**os.environ, **self.env}


def nginx(buffered):
    name = "nginx" if buffered else "nginx-direct"
    return Proxy(
        name,
        lambda setup, place: {"nginx.conf": nginx_conf(setup, place, buffered)},
        lambda place, setup: [find("nginx"), "-p", place.directory, "-c", place.file("nginx.conf"),
                              "-e", place.file("nginx.err")],
        signal.SIGHUP,
    )


def nginx_conf(setup, place, buffered):
    buffering = " buffer=64k flush=1s" if buffered else ""
    if setup.tcp:
        return nginx_stream_conf(setup, place, buffering)
    ssl, http2 = " ssl" * setup.tls, " http2" * (setup.http2 or setup.grpc)
    listen = f"listen 127.0.0.1:{place.port}{ssl}{http2}"
    kind = "grpc" if setup.grpc else "proxy"
    go = "grpc_pass grpc://bench;" if setup.grpc else "proxy_pass http://bench;"
    upgrade = "$http_upgrade" if setup.websocket else '""'
    connection = "upgrade" if setup.websocket else '""'
    tls = ""
    if setup.tls:
        tls = f"""  ssl_protocols TLSv1.3;
  ssl_certificate {place.certificate};
  ssl_certificate_key {place.certificate};
"""
    version = f'location = {VERSION_PATH} {{ return 200 "{setup.version}"; }}' if setup.version is not None else ""
    paths = [*(f"/p{i}/" for i in range(setup.prefixes)), "/"]
    locations = "\n".join(f"location {path} {{ {go} }}" for path in paths)
    servers = [f"server {{ {listen} backlog=4096; {version}\n{locations} }}"]  # the first is that of any host
    servers += [f"server {{ {listen}; server_name h{i}.example.com; location / {{ {go} }} }}"
                for i in range(setup.hosts)]
    upstream = "\n".join(f"    server 127.0.0.1:{port};" for port in place.backend_ports)
    temporary = "\n".join(f"  {kind}_temp_path {place.file('temp-' + kind)};"
                          for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    return f"""{nginx_process(setup, place)}
http {{
  access_log {place.file("access.log")} combined{buffering};
  server_names_hash_max_size 32768;
  server_names_hash_bucket_size 128;
  keepalive_timeout 300s;
  keepalive_requests 1000000000;
  client_max_body_size 0;
{temporary}
{tls}  proxy_http_version 1.1;
  proxy_set_header Upgrade {upgrade};
  proxy_set_header Connection {connection};
  {kind}_set_header Host $http_host;
  {kind}_set_header X-Forwarded-For $remote_addr;
  {kind}_set_header X-Forwarded-Proto $scheme;
  {kind}_set_header X-Forwarded-Host $http_host;
  proxy_request_buffering off;
  proxy_max_temp_file_size 0;
  upstream bench {{
{upstream}
    keepalive {POOL};
    keepalive_requests 1000000000;
    keepalive_timeout 60s;
  }}
{chr(10).join(servers)}
}}
"""


def nginx_process(setup, place):
    """What stands before the http or stream block."""
    return f"""{'user root;' if os.geteuid() == 0 else ''}
daemon off;
worker_processes 1;
pid {place.file("nginx.pid")};
error_log {place.file("nginx.err")} error;
events {{ worker_connections {2 * setup.clients + POOL + 100}; }}"""


def nginx_stream_conf(setup, place, buffering):
    upstream = "\n".join(f"    server 127.0.0.1:{port};" for port in place.backend_ports)
    return f"""load_module {find(NGINX_STREAM)};
{nginx_process(setup, place)}
stream {{
  log_format basic '$remote_addr [$time_local] $protocol $status $bytes_sent $bytes_received $session_time '
                   '"$upstream_addr"';
  access_log {place.file("access.log")} basic{buffering};
  upstream bench {{
{upstream}
  }}
  server {{ listen 127.0.0.1:{place.port} backlog=4096; proxy_pass bench; proxy_connect_timeout 2s; }}
}}
"""


def haproxy():
    return Proxy(
        "haproxy",
        haproxy_files,
        lambda place, setup: [find("haproxy"), "-W", "-db", "-f", place.file("haproxy.cfg")],
        signal.SIGUSR2,
    )


def haproxy_files(setup, place):
    version, choice = "", "  default_backend bench"
    if setup.version is not None:
        version = (f'  http-request return status 200 content-type text/plain string "{setup.version}"'
                   f" if {{ path {VERSION_PATH} }}")
    if setup.hosts:
        choice = f"  use_backend %[req.hdr(host),lower,map({place.file('routes.map')},bench)]"
    elif setup.prefixes:
        choice = f"  use_backend %[path,map_beg({place.file('routes.map')},bench)]"
    proto = " proto h2" * setup.grpc
    servers = "\n".join(f"  server b{i} 127.0.0.1:{port}{proto}" for i, port in enumerate(place.backend_ports))
    bind = f"bind 127.0.0.1:{place.port} backlog 4096{proto}"
    if setup.tls:
        offered = "h2,http/1.1" if setup.http2 else "http/1.1"
        bind += f" ssl crt {place.certificate} ssl-min-ver TLSv1.3 alpn {offered}"
    mode = """mode http
  option httplog
  option forwardfor
  http-reuse always"""
    fields = f"""  http-request set-header X-Forwarded-Proto {"https" if setup.tls else "http"}
  http-request set-header X-Forwarded-Host %[req.hdr(host)]"""
    if setup.tcp:
        mode, fields = "mode tcp\n  option tcplog", ""
    keys = [f"h{i}.example.com" for i in range(setup.hosts)] + [f"/p{i}/" for i in range(setup.prefixes)]
    text = f"""global
  nbthread 1
  maxconn {setup.clients}
  no strict-limits
  log stdout format raw local0
defaults
  {mode}
  log global
  option splice-auto
  timeout connect 2s
  timeout client 300s
  timeout http-keep-alive 300s
  timeout server 60s
frontend web
  {bind}
{version}
{fields}
{choice}
backend bench
  balance roundrobin
  default-server pool-max-conn -1 pool-purge-delay 60s
{servers}
"""
    return {"haproxy.cfg": text, "routes.map": "".join(f"{key} bench\n" for key in keys)}


def relay(program):
    return Proxy(
        "relay",
        lambda setup, place: {},
        lambda place, setup: [program, place.port, *place.backend_ports],
        floor=True,
    )


def weir(name="weir", tree=None, java=None, opts=None, launcher="bin", format="json"):
    """Weir of a checkout (tree), on a JDK (java), with JVM flags in place of the launcher's (opts).

    launcher: "bin" is bin/weir, "jar" is bare java -jar. format: of the access log.
    """
    home = Path(tree).resolve() if tree else BENCH.parent
    env = {}
    if java:
        env["JAVA_HOME"] = java
    if opts is not None:
        env["WEIR_JAVA_OPTS"] = opts
    java_home = java or os.environ.get("JAVA_HOME")
    prepare = None
    if launcher == "jar":
        program = [f"{java_home}/bin/java" if java_home else "java", *(opts or "").split()]
        program += ["-jar", home / "target" / "weir.jar"]
    else:
        program = [home / "bin" / "weir"]
        # Else the first run makes the cache, in the middle of a measurement.
        prepare = [*program, "warm-up"]
    return Proxy(
        name,
        lambda setup, place: {"weir.yaml": weir_yaml(setup, place, format)},
        lambda place, setup: [*program, "run", "--config", place.file("weir.yaml")],
        signal.SIGHUP,
        env,
        jvm=True,
        prepare=prepare,
    )


def weir_yaml(setup, place, log_format):
    routes = []
    if setup.version is not None:
        routes.append(f'  - {{exact-path: {VERSION_PATH}, respond: {{status: 200, body: "{setup.version}"}}}}')
    routes += [f"  - {{host: h{i}.example.com, service: bench}}" for i in range(setup.hosts)]
    routes += [f"  - {{path: /p{i}, service: bench}}" for i in range(setup.prefixes)]
    routes.append("  - {path: /, service: bench}")
    backends = "\n".join(f"      - 127.0.0.1:{port}" for port in place.backend_ports)
    listener = f'address: "127.0.0.1:{place.port}"'
    if setup.tls:
        listener += f", tls: {{certificates: {place.certificate}, minimum-version: TLSv1.3}}"
    if setup.tcp:
        listener += ", protocol: tcp, service: bench"
        routes = []
    return f"""listeners:
  web: {{{listener}}}
{chr(10).join(["routes:", *routes] if routes else [])}
services:
  bench:
    {"protocol: h2c" if setup.grpc else ""}
    connection-pool: {{idle-per-loop: {POOL}, idle-timeout: 60s, max-requests: 0}}
    backends:
{backends}
limits: {{idle-timeout: 300s}}
access-log: {{format: {log_format}, output: stdout}}
admin: {{address: "127.0.0.1:{place.port + 100}"}}
"""


KEYS = ("tree", "java", "opts", "launcher", "format")


def variant(words):
    """A Weir from the words of --variant: NAME KEY=VALUE..."""
    settings = dict(word.split("=", 1) for word in words[1:])
    unknown = set(settings) - set(KEYS)
    if unknown:
        raise ValueError(f"--variant: {', '.join(unknown)} (expected: {', '.join(KEYS)})")
    return weir(words[0], **settings)
