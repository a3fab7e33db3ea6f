"""HAProxy under faults, with usual settings: retries of what may be repeated, active checks, observed responses."""

import re
import signal
import socket
from collections import Counter

from faults.proxy import Proxy, address
from tools import find

CHECK = "check inter 2s fall 3 rise 2 observe layer7 error-limit 10 on-error mark-down"
PER_ADDRESS = """
  stick-table type ip size 100k store conn_cur
  tcp-request connection track-sc0 src
  tcp-request connection reject if {{ sc0_conn_cur gt {most} }}"""
OUTCOME = re.compile(r"app/(\S+) \S+ (\d+|-1) \S+ \S+ \S+ (\S{4}) \S+ \S+ ")


class HAProxy(Proxy):
    name = "haproxy"
    reload_signal = signal.SIGUSR2
    drain_signal = signal.SIGUSR1

    def command(self):
        return [find("haproxy"), "-W", "-f", self.file("haproxy.cfg")]

    def configuration(self):
        settings = self.settings
        balance = {"round-robin": "roundrobin", "least-connections": "leastconn"}[settings.balance]
        server = CHECK if settings.check else ""
        if settings.requests_per_backend:
            server += f" maxconn {settings.requests_per_backend}"
        servers = "\n".join(f"  server {name} {address(port)} {server}" for name, port in self.backends)
        front = f"  bind {address(settings.http2_port)} proto h2" if settings.http2_port else ""
        if settings.connections_per_address:
            front += PER_ADDRESS.format(most=settings.connections_per_address)
        return "haproxy.cfg", f"""global
  maxconn {settings.connections}
  nbthread 2
  hard-stop-after 30s
  stats socket {self.file("socket")} mode 600 level admin expose-fd listeners
  log stdout format raw local0
defaults
  mode http
  log global
  option httplog
  timeout connect 2s
  timeout client 60s
  timeout http-request 10s
  timeout server {settings.response_timeout}
  timeout queue {settings.queue_timeout}
  retries 3
  option redispatch 1
  retry-on conn-failure empty-response junk-response 502 503 504
  {"option httpchk GET /health" if settings.check else ""}
  {"timeout check 1s" if settings.check else ""}
frontend web
  bind {address(self.port)}
{front}
  http-request disable-l7-retry unless METH_GET
  default_backend app
backend app
  balance {balance}
{servers}
"""

    def states(self):
        with socket.socket(socket.AF_UNIX) as control:
            control.settimeout(2)
            control.connect(str(self.file("socket")))
            control.sendall(b"show stat\n")
            said = b"".join(iter(lambda: control.recv(65536), b""))
        rows = [line.split(",") for line in said.decode().splitlines() if line]
        status, check = rows[0].index("status"), rows[0].index("check_status")
        return {row[1]: "available" if row[status].startswith(("UP", "no check")) else f"{row[status]} {row[check]}"
                for row in rows[1:] if row[0] == "app" and row[1] != "BACKEND"}

    def reasons(self):
        count = Counter()
        for line in self.output.read_text(errors="replace").splitlines():
            found = OUTCOME.search(line)
            if found and (found.group(3) != "----" or int(found.group(2)) >= 500):
                count[f"{found.group(2)} {found.group(3)}"] += 1
        return dict(count.most_common(12))
