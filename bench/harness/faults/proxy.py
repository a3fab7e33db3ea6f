"""What the proxies under faults have in common: settings, start, reload, stop."""

import os
import signal
from dataclasses import dataclass, field
from pathlib import Path

from faults.backends import await_port
from faults.ground import HOST, descriptors, resident_mib
from processes import cpu_seconds
from tools import find


@dataclass
class Settings:
    """What a scenario wants of a proxy, besides what is usual in production. `more` is Weir's own."""

    balance: str = "round-robin"  # or least-connections
    check: bool = True  # active health checks; nginx has none
    response_timeout: str = "5s"
    queue_timeout: str = "5s"
    requests_per_backend: int = 0  # 0: no limit
    connections: int = 8000
    connections_per_address: int = 0
    descriptors: int = 0  # of the process; 0: as many as there are
    http2_port: int = 0  # one more listener, HTTP/2 in the clear
    log: Path = None  # the access log's place, for a file system of its own
    more: dict = field(default_factory=dict)  # sections of Weir's configuration
    service: dict = field(default_factory=dict)  # keys of Weir's service
    environment: dict = field(default_factory=dict)


class Proxy:
    """One running proxy in a folder of its own."""

    name = ""
    reload_signal = None
    drain_signal = signal.SIGTERM
    start_seconds = 60

    def __init__(self, ground, backends, settings):
        self.ground, self.settings = ground, settings
        self.directory = ground.directory
        self.backends = list(backends)  # names and ports
        self.port = ground.ports.take()
        self.process = None

    # Of each proxy

    def configuration(self):
        """The name of its file and its text."""
        raise NotImplementedError

    def command(self):
        raise NotImplementedError

    def states(self):
        """The state of each backend by name, as the proxy says; empty for one that does not."""
        return {}

    def reasons(self):
        """How often what went wrong, in the proxy's own words."""
        return {}

    # Of all

    def file(self, name):
        return self.directory / name

    @property
    def output(self):
        return self.file("output")

    @property
    def access_log(self):
        return self.settings.log or self.file("access.log")

    def write(self):
        name, text = self.configuration()
        fresh = self.file(name + ".new")
        fresh.write_text(text)
        fresh.replace(self.file(name))

    def start(self):
        self.write()
        limit = [find("prlimit"), f"--nofile={self.settings.descriptors}"] if self.settings.descriptors else []
        with open(self.output, "wb") as out:
            self.process = self.ground.processes.start(
                [*limit, *self.command()], stdout=out, stderr=out, cwd=self.directory,
                env={**os.environ, **self.settings.environment})
        try:
            await_port(self.port, self.process, self.start_seconds)
        except OSError as failure:
            raise OSError(f"{self.name} {failure}: {self.output.read_text(errors='replace')[-1500:]}") from None
        return self

    def reload(self):
        self.write()
        self.process.send_signal(self.reload_signal)

    def running(self):
        return self.process.poll() is None

    def stop(self):
        if self.process is not None:
            self.ground.processes.stop(self.process, 10)

    def rss(self):
        return resident_mib(self.process.pid)

    def cpu(self):
        return cpu_seconds(self.process.pid)

    def descriptors(self):
        return descriptors(self.process.pid)

    def complaints(self, most=5):
        """The first warnings and errors of its own log."""
        lines = self.output.read_text(errors="replace").splitlines()
        return [line[:200] for line in lines if "WARN" in line or "ERROR" in line][:most]


def address(port):
    return f"{HOST}:{port}"
