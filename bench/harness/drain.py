"""bench/drain: counts the connections that are reset when a proxy stops under load."""

import argparse
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import proxies
import report
import tools
from processes import Processes
from run import in_scratch
from stage import ProxyFailed, Stage, Timing

REQUEST = b"GET /hello HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n"
STOPS = {"weir": signal.SIGTERM, "nginx": signal.SIGQUIT, "haproxy": signal.SIGUSR1}
OVER = ("refused", "unanswered")  # nobody listens, or a guard drops the first packet


def arguments():
    parser = argparse.ArgumentParser(
        prog="bench/drain",
        description="Clients connect anew for each request while the proxy is told to stop gently, again and again. "
                    "Counts connections that were made and then ended without a whole response. Run by root it "
                    "measures twice: as root, then as an ordinary user, who may not attach a socket filter.")
    parser.add_argument("--proxies", default="weir,nginx,haproxy", metavar="NAME,...")
    parser.add_argument("--drains", type=int, default=50, help="how often each is stopped (default 50)")
    parser.add_argument("--clients", type=int, default=16, help="at the same time (default 16)")
    parser.add_argument("--seconds", type=float, default=1.0, help="load before each stop (default 1)")
    parser.add_argument("--warm-up", type=float, default=4.0, help="seconds more of it for a fresh JVM (default 4)")
    parser.add_argument("--user", default="nobody", help="the ordinary user, for root (default nobody)")
    parser.add_argument("--only", choices=["root", "user"], help="for root: measure as one of the two")
    parser.add_argument("--transport", default="auto", help="Weir's: io_uring, epoll or nio (default auto)")
    parser.add_argument("--first-port", type=int, default=21000, help="2,000 ports are used from here (default 21000)")
    parser.add_argument("--limit", type=int, default=60, metavar="MINUTES", help="give up after that (default 60)")
    return parser.parse_args()


class Clients:
    """Connects for each request until nobody listens, and counts how that went."""

    def __init__(self, port, count):
        self.port = port
        self.outcomes = Counter()
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.go_on, daemon=True) for _ in range(count)]
        for thread in self.threads:
            thread.start()

    def go_on(self):
        mine = Counter()
        outcome = ""
        while outcome not in OVER:
            outcome = self.request()
            mine[outcome] += 1
        with self.lock:
            self.outcomes += mine

    def request(self):
        with socket.socket() as connection:
            connection.settimeout(0.5)
            try:
                connection.connect(("127.0.0.1", self.port))
            except ConnectionRefusedError:
                return "refused"
            except socket.timeout:
                return "unanswered"
            except OSError:
                return "reset"
            connection.settimeout(10)
            try:
                connection.sendall(REQUEST)
                received = b""
                while piece := connection.recv(4096):
                    received += piece
            except socket.timeout:
                return "no response"
            except OSError:
                return "reset"
        return "whole" if received.startswith(b"HTTP/1.1 200 ") else "closed" if not received else "other"

    def join(self, seconds):
        deadline = time.monotonic() + seconds
        for thread in self.threads:
            thread.join(max(0.0, deadline - time.monotonic()))
            if thread.is_alive():
                raise ProxyFailed(f"clients still connect {seconds} s later: {dict(self.outcomes)} in those that ended")


def drain(stage, proxy, options):
    """Stops the proxy once; returns how the connections ended."""
    running = stage.use(proxies.Setup(), [proxy])[0]
    clients = Clients(running.place.port, options.clients)
    time.sleep(options.seconds + (options.warm_up if proxy.jvm else 0))
    running.process.send_signal(STOPS[proxy.name])
    clients.join(60)
    running.process.wait(60)
    stage.stop(running)
    return clients.outcomes


def lost(outcomes):
    return sum(count for outcome, count in outcomes.items() if outcome not in ("whole", *OVER))


def guard(stage):
    """What Weir said in its last drain kept new connections away."""
    said = (stage.directory / "weir" / "stderr").read_text(errors="replace")
    return next((line.split("INFO")[1].strip() for line in said.splitlines() if "listeners are closed" in line), "")


def measure(options, directory):
    names = options.proxies.split(",")
    tools.need(["gcc"] + [name for name in names if name != "weir"])
    opts = os.environ.get("WEIR_JAVA_OPTS", "-Xmx256m -XX:MaxDirectMemorySize=256m")
    known = {"weir": lambda: proxies.weir(opts=f"{opts} -Dweir.transport={options.transport}"),
             "nginx": lambda: proxies.nginx(buffered=True), "haproxy": proxies.haproxy}
    os.environ["WEIR_CACHE"] = str(directory)
    user = pwd.getpwuid(os.geteuid()).pw_name
    rows = [["proxy", "user", "drains", "with losses", "requests", "lost", "how"]]
    with Processes() as processes:
        stage = Stage(processes, directory, (None, None), options.first_port,
                      tools.compile_native("backend", directory), Timing(1, 1, 0, 0))
        for name in names:
            proxy = known[name]()
            if proxy.prepare:
                subprocess.run(proxy.prepare, env=proxy.environment(), stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
            drains = [drain(stage, proxy, options) for _ in range(options.drains)]
            whole = sum(drains, Counter())
            how = ", ".join(f"{outcome} {count}" for outcome, count in sorted(whole.items()) if outcome != "whole")
            rows.append([name, user, str(len(drains)), str(sum(lost(one) > 0 for one in drains)),
                         f"{whole['whole']:,}", str(lost(whole)), how])
            print(*rows[-1], sep="  ", flush=True)
            if name == "weir":
                print(f"{user}: {guard(stage)}", flush=True)
    print("\n" + report.align(rows), flush=True)
    return 0


def as_ordinary_user(options):
    """The same by another process, which is not root's."""
    user = pwd.getpwnam(options.user)
    python = shutil.which("python3", path="/usr/bin:/usr/local/bin") or sys.executable
    with tempfile.TemporaryDirectory(prefix="weir-drain-") as home:
        os.chown(home, user.pw_uid, user.pw_gid)
        command = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--inh-caps=-all",
                   "env", f"HOME={home}", python, "-B", Path(__file__).resolve(), *sys.argv[1:]]
        return subprocess.run(command, cwd="/").returncode


def main():
    options = arguments()
    return in_scratch("weir-drain-", options.limit, lambda directory: both(options, directory), in_memory=False)


def both(options, directory):
    """As root and as an ordinary user, as far as was asked for."""
    if os.geteuid() == 0:
        tools.need([name for name in ("nginx", "haproxy") if name in options.proxies] + ["gcc"])
    status = 0
    if os.geteuid() != 0 or options.only != "user":
        status = measure(options, directory)
    if os.geteuid() == 0 and options.only != "root":
        status = as_ordinary_user(options) or status
    return status


if __name__ == "__main__":
    sys.exit(main())
