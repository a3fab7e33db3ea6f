"""bench/run: measures Weir beside nginx, HAProxy and a relay that parses nothing."""

import argparse
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import proxies
import report
import scenarios
import tools
from load import LoadFailed
from processes import Processes
from stage import ProxyFailed, Stage, Timing

PROXIES = ["weir", "weir-jar", "nginx", "nginx-direct", "haproxy", "relay"]
USUAL = "weir,nginx,haproxy,relay"


class OutOfTime(Exception):
    """The whole run took longer than it may."""


def arguments():
    parser = argparse.ArgumentParser(
        prog="bench/run",
        description="Measures Weir beside nginx, HAProxy and a relay that parses nothing (the floor), each pinned to "
                    "one core, load and backends to another. Prints requests/s, CPU per request, latencies, memory "
                    "and ratios taken round by round.")
    parser.add_argument("--list", action="store_true", help="name the scenarios and end")
    parser.add_argument("--scenario", default="", metavar="NAME,...", help="which ones (default: all the usual ones)")
    parser.add_argument("--proxies", default=USUAL, metavar="NAME,...",
                        help=f"of {', '.join(PROXIES)} and variants (default: {USUAL})")
    parser.add_argument("--variant", nargs="+", action="append", default=[], metavar="WORD",
                        help="one more Weir: NAME, then tree=CHECKOUT java=JAVA_HOME opts='JVM FLAGS' "
                             "launcher=bin|jar format=LOG-FORMAT, each if wanted")
    parser.add_argument("--rounds", type=int, help="rounds of each scenario (default 5)")
    parser.add_argument("--seconds", type=int, help="seconds of load in a round (default 5)")
    parser.add_argument("--warm-up", type=int, help="seconds a fresh Weir is warmed up (default 20)")
    parser.add_argument("--settle", type=int, help="seconds of load before each scenario (default 2)")
    parser.add_argument("--quick", action="store_true", help="2 rounds of 2 seconds, warm-up 4: a look, not a figure")
    parser.add_argument("--json", metavar="FILE", help="write everything that was measured there as well")
    parser.add_argument("--cores", default="1,0", metavar="PROXY,LOAD", help="which cores (default 1,0)")
    parser.add_argument("--first-port", type=int, default=21000, help="2,000 ports are used from here (default 21000)")
    parser.add_argument("--limit", type=int, default=180, metavar="MINUTES", help="give up after that (default 180)")
    parser.add_argument("--keep", action="store_true", help="leave configurations and error logs for a look")
    return parser.parse_args()


def timing_of(options):
    usual = Timing(2, 2, 4, 0) if options.quick else Timing(5, 5, 20, 2)
    given = (options.rounds, options.seconds, options.warm_up, options.settle)
    usual = (usual.rounds, usual.seconds, usual.warm_up, usual.settle)
    return Timing(*(default if value is None else value for value, default in zip(given, usual)))


def wanted_proxies(options, directory):
    known = {
        "weir": proxies.weir,
        "weir-jar": lambda: proxies.weir("weir-jar", launcher="jar"),
        "nginx": lambda: proxies.nginx(buffered=True),
        "nginx-direct": lambda: proxies.nginx(buffered=False),
        "haproxy": proxies.haproxy,
        "relay": lambda: proxies.relay(tools.compile_native("relay", directory)),
    }
    names = [name for name in options.proxies.split(",") if name]
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ValueError(f"no such proxy: {', '.join(unknown)} (expected: {', '.join(known)})")
    return [known[name]() for name in names] + [proxies.variant(words) for words in options.variant]


def interrupt_on_signals(limit_minutes):
    stops = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def interrupted(*_):
        for stop in stops:
            signal.signal(stop, signal.SIG_IGN)  # the clean-up takes seconds and is not to be cut short
        raise KeyboardInterrupt

    def out_of_time(*_):
        raise OutOfTime(f"took longer than {limit_minutes} minutes (--limit)")

    for stop in stops:
        signal.signal(stop, interrupted)
    signal.signal(signal.SIGALRM, out_of_time)
    signal.alarm(limit_minutes * 60)


def in_scratch(prefix, limit_minutes, body, keep=False, in_memory=True):
    """Runs body with a scratch directory, which is removed at the end; returns the exit code, also of what failed."""
    interrupt_on_signals(limit_minutes)
    memory = "/dev/shm" if in_memory and os.access("/dev/shm", os.W_OK) else None
    directory = Path(tempfile.mkdtemp(prefix=prefix, dir=memory))
    try:
        return body(directory)
    except (ValueError, tools.Missing, ProxyFailed, LoadFailed, OutOfTime) as failure:
        print(f"bench: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("bench: interrupted", file=sys.stderr)
        return 130
    finally:
        if keep:
            print(f"bench: files are in {directory}", file=sys.stderr)
        else:
            shutil.rmtree(directory, ignore_errors=True)


def cores_of(options):
    cores = tuple(int(core) for core in options.cores.split(","))
    allowed = os.sched_getaffinity(0)
    if len(cores) != 2 or cores[0] == cores[1] or not set(cores) <= allowed:
        raise ValueError(f"--cores: {options.cores} (expected: two different ones of {sorted(allowed)})")
    return cores


def run(options, directory):
    chosen = scenarios.named([name for name in options.scenario.split(",") if name])
    timing = timing_of(options)
    cores = cores_of(options)
    names = options.proxies.split(",")
    needed = ["wrk", "h2load", "gcc"]
    needed += [name for name in ("nginx", "haproxy") if any(wanted.startswith(name) for wanted in names)]
    needed += sorted({need for scenario in chosen for need in scenario.setup.needs()})
    tools.need(needed)
    tested = wanted_proxies(options, directory)
    for proxy in tested:
        if proxy.prepare:
            # May fail: a variant of a former checkout, or one whose flags want no cache.
            subprocess.run(proxy.prepare, env=proxy.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    about = report.machine()
    print("\n".join(f"{key}: {value}" for key, value in about.items()), flush=True)
    print(f"{timing.rounds} rounds of {timing.seconds} s; warm-up {timing.warm_up} s\n", flush=True)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    results = {}
    failed = False
    with Processes() as processes:
        backend = tools.compile_native("backend", directory)
        stage = Stage(processes, directory, cores, options.first_port, backend, timing)
        os.sched_setaffinity(0, {cores[1]})
        for scenario in chosen:
            taking_part = [proxy for proxy in tested if scenario.floor or not proxy.floor]
            try:
                done = report.summary(scenario.measure(stage, scenario, taking_part))
            except (ProxyFailed, LoadFailed) as failure:
                print(f"### {scenario.name}\n\nFAILED: {failure}\n", flush=True)
                failed = True
                stage.clear()
                continue
            results[scenario.name] = {"says": scenario.says, **done}
            print(report.table(scenario, done), flush=True)
            if options.json:
                report.write_json(options.json, about, asdict(timing), results)
    return 1 if failed else 0


def main():
    options = arguments()
    if options.list:
        for scenario in scenarios.SCENARIOS:
            print(f"{scenario.name:24} {scenario.says}{'' if scenario.usual else ' (only when named)'}")
        return 0
    return in_scratch("weir-bench-", options.limit, lambda directory: run(options, directory), options.keep)


if __name__ == "__main__":
    sys.exit(main())
