"""The stage of a measurement: backends on one core, the proxies of one setup on the other."""

import http.client
import os
import ssl
import subprocess
import tempfile
import time
from dataclasses import dataclass

from load import GRPC_FIELDS, GRPC_MESSAGE, GRPC_PATH
from processes import port_is_free
from proxies import Place
from tools import find, make_certificate

BACKEND_PORTS = 1000
PIECE = 1  # seconds of one piece of a warm-up, as short as a round may be


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
        self.grpc_port = None  # of its backend, once it is needed
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
        ports = [self.grpc_backend()] if setup.grpc else self.backend_ports[:setup.backends]
        certificate = make_certificate(self.directory) if setup.tls else None
        return Place(directory, self.first_port + number, ports, certificate)

    def grpc_backend(self):
        """The port of nghttpd, which answers every call with the same message and a status in trailers."""
        if self.grpc_port is None:
            documents = self.directory / "grpc"
            message = documents / GRPC_PATH[1:]
            message.parent.mkdir(parents=True)
            message.write_bytes(GRPC_MESSAGE)
            types = self.directory / "grpc.types"
            types.write_text("application/grpc grpc\n")
            port = self.first_port + 500
            self.processes.start(
                [find("nghttpd"), "--no-tls", "-a", "127.0.0.1", "-d", documents, f"--mime-types-file={types}",
                 "--trailer=grpc-status: 0", port], self.load_core)
            wait_for_answer(port, GRPC_PATH, 10, "the backend of gRPC", asks=call)
            self.grpc_port = port
        return self.grpc_port

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
        asks = call if self.setup.grpc else ask_tls if self.setup.tls else ask
        try:
            return wait_for_answer(running.place.port, path, patience, running.proxy.name, host, running.process, asks)
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
    return GRPC_PATH if setup.grpc else "/hello", None


def ask(port, path, host=None, timeout=2.0):
    """Status and body of one request on a connection of its own; None when there is no answer."""
    return answer_of(http.client.HTTPConnection("127.0.0.1", port, timeout=timeout), port, path, host)


def ask_tls(port, path, host=None, timeout=2.0):
    """The same over TLS, of a server of any certificate."""
    context = ssl._create_unverified_context()
    return answer_of(http.client.HTTPSConnection("127.0.0.1", port, timeout=timeout, context=context), port, path, host)


def call(port, path, host=None, timeout=2.0):
    """200 and what nghttp printed when a call of gRPC went well, else None."""
    command = [find("nghttp"), "-v", "-d", "/dev/stdin", *GRPC_FIELDS, f"http://127.0.0.1:{port}{path}"]
    with tempfile.TemporaryFile() as message:
        message.write(GRPC_MESSAGE)
        message.flush()
        try:
            done = subprocess.run(command, stdin=message, capture_output=True, timeout=timeout)
        except subprocess.TimeoutExpired:
            return None
    return (200, done.stdout) if b"grpc-status: 0" in done.stdout else None


def answer_of(connection, port, path, host):
    try:
        connection.request("GET", path, headers={"Host": host or f"127.0.0.1:{port}", "Connection": "close"})
        response = connection.getresponse()
        return response.status, response.read()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def wait_for_answer(port, path, patience, who, host=None, process=None, asks=ask):
    """Seconds until a GET is answered 200, asked every millisecond."""
    begun = time.monotonic()
    while time.monotonic() - begun < patience:
        if process is not None and process.poll() is not None:
            raise ProxyFailed(f"{who} ended with exit code {process.returncode}")
        answer = asks(port, path, host)
        if answer is not None and answer[0] == 200:
            return time.monotonic() - begun
        time.sleep(0.001)
    raise ProxyFailed(f"{who} did not answer on port {port} within {patience} s")
