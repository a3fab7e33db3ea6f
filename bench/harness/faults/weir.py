"""Weir under faults, by its launcher, with usual settings."""

import json
import signal
import urllib.request
from collections import Counter

from faults.ground import HOST
from faults.proxy import Proxy, address
from tools import BENCH

LAUNCHER = BENCH.parent / "bin" / "weir"
SERVICE = "app"


class Weir(Proxy):
    name = "weir"
    reload_signal = signal.SIGHUP

    def __init__(self, ground, backends, settings):
        super().__init__(ground, backends, settings)
        self.admin = ground.ports.take()

    def command(self):
        return [LAUNCHER, "run", "--config", self.file("weir.yaml")]

    def configuration(self):
        """JSON is YAML."""
        settings = self.settings
        listeners = {"web": {"address": address(self.port)}}
        if settings.http2_port:
            listeners["http2"] = {"address": address(settings.http2_port)}
        whole = {
            "listeners": listeners,
            "routes": [{"path": "/", "service": SERVICE}],
            "services": {SERVICE: self.service()},
            "admin": {"address": address(self.admin)},
            "access-log": {"output": "file", "file": str(self.access_log)},
        }
        if settings.connections_per_address:
            whole["limits"] = {"connections-per-address": settings.connections_per_address}
        for section, value in settings.more.items():
            merged = {**whole.get(section, {}), **value} if isinstance(value, dict) else value
            whole[section] = merged
        return "weir.yaml", json.dumps(whole, indent=1)

    def service(self):
        settings = self.settings
        service = {
            "balance": settings.balance,
            "timeouts": {"connect": "2s", "response-header": settings.response_timeout,
                         "idle": settings.response_timeout},
        }
        if "consul" not in settings.service:
            service["backends"] = [address(port) for _, port in self.backends]
        if settings.check:
            service["health-check"] = {"path": "/health", "interval": "2s", "timeout": "1s"}
        if settings.requests_per_backend:
            service["limits"] = {"requests-per-backend": settings.requests_per_backend}
        return {**service, **settings.service}

    def reload(self):
        """Returns when the configuration is in force."""
        self.write()
        self.call("/api/reload", "POST")

    def call(self, path, method="GET"):
        request = urllib.request.Request(f"http://{HOST}:{self.admin}{path}", method=method)
        return urllib.request.urlopen(request, timeout=10).read().decode()

    def api(self, path):
        return json.loads(self.call(path))

    def metric(self, name, label=""):
        """The sum of a metric's series, of those with that label only."""
        return metric_of(self.call("/metrics"), name, label)

    def states(self):
        names = {port: name for name, port in self.backends}
        states = {}
        for backend in self.api(f"/api/services/{SERVICE}")["backends"]:
            port = int(backend["address"].rsplit(":", 1)[1])
            why = "; ".join(f"{reason['reason']}={reason['why']}" for reason in backend["reasons"])
            states[names.get(port, backend["address"])] = backend["state"] + (f": {why}" if why else "")
        return states

    def lines(self):
        """The access log: a dictionary for each line. Raises ValueError for a torn one."""
        if not self.access_log.exists():
            return []
        return [json.loads(line) for line in self.access_log.read_text(errors="replace").splitlines()]

    def reasons(self):
        count = Counter()
        for line in self.lines():
            attempts = line.get("attempts")
            outcomes = [one["outcome"] for one in attempts] if isinstance(attempts, list) else []
            if line.get("why") or len(outcomes) > 1 or line["status"] >= 500:
                count[f"{line['status']} {line.get('why', '')} {line['method']} {','.join(outcomes)}"] += 1
        return dict(count.most_common(12))


def metric_of(text, name, label=""):
    return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines()
               if line.startswith(name) and line[len(name)] in "{ " and label in line)
