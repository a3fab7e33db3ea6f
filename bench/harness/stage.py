"""The stage of a measurement: backends on one core, the proxies of one setup on the other."""

import http.client
import os
import time
from dataclasses import dataclass

from processes import port_is_free
from proxies import Place

BACKEND_PORTS = 1000
PIECE = 4  # seconds of one piece of a warm-up


class ProxyFailed(Exception):
    """A proxy that did not start, or did not answer."""


@dataclass(frozen=True)
class Timing:
    rounds: int
    seconds: int
    warm_up: int  # of a JVM, once for each setup
    settle: int  # of every proxy, before each scenario


@dataclass
class Running:
    proxy: object
    place: Place
    process: object
    warm: bool = False


class Stage:
    """Starts what a scenario needs and keeps it as long as the next scenario needs the same."""

    def __init__(self, processes, directory, cores, first_port, backend_program, timing):
        self.processes = processes
        self.directory = directory
        self.proxy_core, self.load_core = cores
        self.first_port = first_port
        self.timing = timing
        self.setup = None
        self.running = {}
        self.numbers = {}
        self.check_ports()
        self.backend_ports = [first_port + 1000 + i for i in range(BACKEND_PORTS)]
        processes.start([backend_program, self.backend_ports[0], BACKEND_PORTS], self.load_core,
                        stderr=open(directory / "backend.err", "wb"))
        wait_for_answer(self.backend_ports[-1], "/", 10, "the backend")

    def check_ports(self):
        taken = [port for port in range(self.first_port, self.first_port + 2000) if not port_is_free(port)]
        if taken:
            raise ProxyFailed(f"port {taken[0]} is taken: choose others with --first-port")

    def place(self, proxy, number, setup):
        directory = self.directory / proxy.name
        directory.mkdir(exist_ok=True)
        return Place(directory, self.first_port + number, self.backend_ports[:setup.backends])

    def use(self, setup, proxies):
        """Has these proxies running with this setup."""
        if setup != self.setup:
            self.clear()
            self.setup = setup
        for proxy in proxies:
            if proxy.name not in self.running:
                self.running[proxy.name] = self.launch(proxy, setup)
                self.await_answer(self.running[proxy.name])
        return [self.running[proxy.name] for proxy in proxies]

    def launch(self, proxy, setup, pinned=True):
        number = self.numbers.setdefault(proxy.name, len(self.numbers))
        place = self.place(proxy, number, setup)
        proxy.write(setup, place)
        core = self.proxy_core if pinned else None
        with open(place.file("access.log"), "ab") as out, open(place.file("stderr"), "wb") as errors:
            process = self.processes.start(
                proxy.command(place, setup), core, out, errors, proxy.environment(), place.directory)
        return Running(proxy, place, process)

    def await_answer(self, running, patience=30):
        """Seconds until a freshly launched proxy answers."""
        path, host = first_target(self.setup)
        try:
            return wait_for_answer(running.place.port, path, patience, running.proxy.name, host, running.process)
        except ProxyFailed as failure:
            raise ProxyFailed(f"{failure}\n{self.last_words(running)}") from None

    def last_words(self, running):
        lines = running.place.file("stderr").read_text(errors="replace").splitlines()
        return "\n".join("    " + line for line in lines[-8:])

    def run_load(self, running, load, seconds):
        process = load.start(self.processes, self.load_core, running.place.port, seconds, running.place.directory)
        try:
            return load.result(process, seconds, running.place.directory)
        finally:
            self.processes.stop(process)

    def warm(self, runnings, load):
        """Warms each proxy up: a JVM for long when it is fresh."""
        for running in runnings:
            fresh_jvm = running.proxy.jvm and not running.warm
            seconds = self.timing.warm_up if fresh_jvm else self.timing.settle
            # In pieces: connections that come and go are part of what a JVM has to compile.
            for piece in range(0, seconds, PIECE):
                self.run_load(running, load, min(PIECE, seconds - piece))
            running.warm = True
            self.forget_log(running)

    def forget_log(self, running):
        """Keeps the logs, which are in memory, from growing round by round."""
        try:
            os.truncate(running.place.file("access.log"), 0)
        except FileNotFoundError:
            pass

    def stop(self, running):
        self.running.pop(running.proxy.name, None)
        self.processes.stop(running.process)
        self.forget_log(running)

    def clear(self):
        for running in list(self.running.values()):
            self.stop(running)
        self.setup = None


def first_target(setup):
    """A path and host that the first route of a setup takes."""
    if setup.hosts:
        return "/hello", "h0.example.com"
    if setup.prefixes:
        return "/p0/hello", None
    return "/hello", None


def ask(port, path, host=None, timeout=2.0):
    """Status and body of one request on a connection of its own; None when there is no answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("GET", path, headers={"Host": host or f"127.0.0.1:{port}", "Connection": "close"})
        response = connection.getresponse()
        return response.status, response.read()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def wait_for_answer(port, path, patience, who, host=None, process=None):
    """Seconds until a GET is answered 200, asked every millisecond."""
    begun = time.monotonic()
    while time.monotonic() - begun < patience:
        if process is not None and process.poll() is not None:
            raise ProxyFailed(f"{who} ended with exit code {process.returncode}")
        answer = ask(port, path, host)
        if answer is not None and answer[0] == 200:
            return time.monotonic() - begun
        time.sleep(0.001)
    raise ProxyFailed(f"{who} did not answer on port {port} within {patience} s")
