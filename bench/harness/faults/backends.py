"""The backends of one scenario, each a process of backend.py, and a port that answers nothing at all."""

import signal
import socket
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from faults.ground import HOST

PROGRAM = Path(__file__).with_name("backend.py")
START_SECONDS = 20


@dataclass(frozen=True)
class Arrival:
    """A request that reached a backend."""

    time: float
    id: str
    method: str
    mode: str


class Backends:
    """Backends b1, b2, ... each on a port that stays its own while it is down. A freezing one is thawed by stop()."""

    def __init__(self, ground, count, *options, host=HOST):
        self.ground, self.options, self.host = ground, options, host
        self.ports, self.processes = {}, {}
        for i in range(count):
            self.start(f"b{i + 1}")

    def list(self):
        """Names and ports of all that were ever started."""
        return list(self.ports.items())

    def names(self):
        return list(self.ports)

    def start(self, name):
        port = self.ports.setdefault(name, None) or self.ground.ports.take()
        self.ports[name] = port
        self.processes[name] = self.ground.processes.start(
            [sys.executable, "-B", PROGRAM, "--port", port, "--host", self.host, "--name", name,
             "--log", self.log(name), *self.options], stderr=sys.stderr)
        await_port(port, self.processes[name])

    def log(self, name):
        return self.ground.directory / f"{name}.log"

    def mode(self, name, m="ok", **fields):
        """Switches a backend's mode; what is not named stays as it is."""
        query = "&".join(f"{key}={value}" for key, value in {"m": m, **fields}.items())
        urllib.request.urlopen(f"http://{HOST}:{self.ports[name]}/__mode?{query}", timeout=10).read()

    def all_modes(self, **fields):
        for name in self.names():
            self.mode(name, **fields)

    def kill(self, name):
        self.end(name, signal.SIGKILL)

    def terminate(self, name):
        self.end(name, signal.SIGTERM)

    def end(self, name, number):
        process = self.processes[name]
        process.send_signal(number)
        process.wait(10)
        self.ground.processes.stop(process)

    def freeze(self, name):
        self.processes[name].send_signal(signal.SIGSTOP)

    def thaw(self, name):
        self.processes[name].send_signal(signal.SIGCONT)

    def stop(self):
        for process in self.processes.values():
            if process.poll() is None:
                process.kill()  # ends a frozen one, too
                self.ground.processes.stop(process)

    def arrivals(self, name):
        if not self.log(name).exists():
            return []
        lines = [line.split() for line in self.log(name).read_text().splitlines()]
        return [Arrival(float(line[0]), *line[1:]) for line in lines if len(line) == 4]

    def all_arrivals(self):
        return [arrival for name in self.names() for arrival in self.arrivals(name)]


def await_port(port, process=None, seconds=START_SECONDS):
    """Returns when the port accepts connections; fails when the process ended or the time is over."""
    end = time.monotonic() + seconds
    while True:
        if process is not None and process.poll() is not None:
            raise OSError(f"ended with exit code {process.returncode}")
        try:
            socket.create_connection((HOST, port), 0.5).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise OSError(f"does not listen on port {port} after {seconds} s") from None
            time.sleep(0.02)


class BlackHole:
    """A port whose connects are never answered: a listening socket whose queue is full."""

    def __init__(self, port):
        self.sockets = [socket.socket()]
        self.sockets[0].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.sockets[0].bind((HOST, port))
        self.sockets[0].listen(0)
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex((HOST, port))
            self.sockets.append(filler)
        time.sleep(0.1)

    def close(self):
        for one in self.sockets[::-1]:
            one.close()
