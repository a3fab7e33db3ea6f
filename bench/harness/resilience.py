"""bench/faults: backends that fail, hostile clients and a long mixed load, through Weir, HAProxy and nginx."""

import argparse
import asyncio
import fnmatch
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import report
import tools
from faults import attacks, soak, surroundings, table, trial
from faults.ground import Ground, Ports
from faults.scenarios import FAULTS
from faults.weir import LAUNCHER
from processes import Processes
from run import OutOfTime, interrupt_on_signals

STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
QUICK = (10.0, 12.0)  # the longest hold, the longest time behind it


def arguments():
    parser = argparse.ArgumentParser(
        prog="bench/faults",
        description="Injects faults into the backends of Weir, HAProxy and nginx under a steady load and prints, as a "
                    "Markdown table, what clients saw: the share of errors, the time until the last one, the time "
                    "until the backend is used again. Errors of POSTs that had reached a backend are counted apart: "
                    "no proxy may repeat those. One run is one sample.")
    parser.add_argument("names", nargs="*", metavar="NAME",
                        help="of --list, * and ? allowed (default: the table of faults)")
    parser.add_argument("--list", action="store_true", help="name the faults, attacks and events and end")
    parser.add_argument("-p", "--proxies", default="weir,haproxy,nginx", metavar="NAME,...",
                        help="default: weir,haproxy,nginx")
    parser.add_argument("--attacks", action="store_true", help="hostile clients while a good one is watched")
    parser.add_argument("--surroundings", action="store_true",
                        help="drain, overload, full disk, log rotation, descriptors, Consul")
    parser.add_argument("--soak", type=int, metavar="SECONDS", help="a long mixed load on Weir, everything counted")
    parser.add_argument("--paranoid", action="store_true", help="the soak looks at every buffer for leaks")
    parser.add_argument("--quick", action="store_true",
                        help=f"faults last at most {QUICK[0]:.0f} s: a look, not a figure")
    parser.add_argument("--together", action="store_true",
                        help="the proxies run a fault at the same time: sooner done, but they share the machine")
    parser.add_argument("--rate", type=float, default=250, help="requests a second (default 250)")
    parser.add_argument("--json", metavar="FILE", help="write everything that was seen there as well")
    parser.add_argument("--limit", type=int, default=180, metavar="MINUTES", help="give up after that (default 180)")
    parser.add_argument("--keep", action="store_true", help="leave configurations and logs for a look")
    options = parser.parse_args()
    options.proxies = [name for name in options.proxies.split(",") if name]
    unknown = [name for name in options.proxies if name not in trial.PROXIES]
    if unknown:
        parser.error(f"no such proxy: {', '.join(unknown)} (expected: {', '.join(trial.PROXIES)})")
    return options


def chosen(options):
    """The faults, attacks and events that were asked for."""
    kinds = [FAULTS, attacks.ATTACKS, surroundings.EVENTS]
    if options.names:
        named = [[one for one in kind if any(fnmatch.fnmatch(one.name, name) for name in options.names)]
                 for kind in kinds]
        for name in options.names:
            if not any(fnmatch.fnmatch(one.name, name) for kind in kinds for one in kind):
                raise ValueError(f"no such scenario: {name} (--list names them)")
        return named
    extra = options.attacks or options.surroundings or options.soak
    return [[] if extra else FAULTS, attacks.ATTACKS if options.attacks else [],
            surroundings.EVENTS if options.surroundings else []]


class Outcomes:
    """Collects what was seen and writes it down after each step, so that nothing is lost when the run is cut short."""

    def __init__(self, about, file):
        self.about, self.file = about, file
        self.faults, self.failures = {}, []

    def add(self, fault, name, outcome):
        self.faults[fault.name, name] = outcome
        if self.file:
            seen = {f"{fault} {name}": asdict(one) for (fault, name), one in self.faults.items()}
            Path(self.file).write_text(json.dumps({"machine": self.about, "faults": seen}, indent=2) + "\n")


async def run_faults(faults, options, ground, outcomes):
    for fault in faults:
        async def one(name, fault=fault):
            try:
                own = ground.below(f"{fault.name}-{name}")
                shortened = QUICK if options.quick else None
                outcomes.add(fault, name, await trial.measure(fault, name, own, options.rate, shortened))
            except (OSError, ValueError, subprocess.SubprocessError) as failure:
                outcomes.failures.append(f"{fault.name}, {name}: {failure}")
                print(f"bench: {fault.name}, {name}: not measured: {failure}", file=sys.stderr, flush=True)

        if options.together:
            await asyncio.gather(*[one(name) for name in options.proxies])
        else:
            for name in options.proxies:
                await one(name)
        seen = [outcomes.faults.get((fault.name, name)) for name in options.proxies]
        shares = " / ".join("–" if outcome is None else table.error_share(outcome) for outcome in seen)
        print(f"bench: {fault.name}: errors {shares} %", file=sys.stderr, flush=True)


async def run_all(options, ground, outcomes):
    faults, hostile, events = chosen(options)
    if faults:
        await run_faults(faults, options, ground, outcomes)
        print(table.table(faults, options.proxies, outcomes.faults), flush=True)
        print("\n".join(table.doubts(outcomes.faults)), flush=True)
    if hostile:
        outcomes.failures += await attacks.run(hostile, options.proxies, ground)
    if events:
        outcomes.failures += await surroundings.run(events, options.proxies, ground)
    if options.soak:
        outcomes.failures += await soak.run(options.soak, options.paranoid, ground.below("soak"))


def run_to_end(coroutine, limit_minutes):
    """Runs it until it ends, a signal comes or the time is over.

    The signals are the loop's: an exception raised by a handler may fall into a callback that swallows it.
    """
    async def watched():
        task, loop = asyncio.current_task(), asyncio.get_running_loop()
        for number in STOPS:
            loop.add_signal_handler(number, task.cancel)
        await asyncio.wait_for(coroutine, limit_minutes * 60)

    try:
        asyncio.run(watched())
    except asyncio.CancelledError:
        for number in STOPS:
            signal.signal(number, signal.SIG_IGN)  # the clean-up is not to be cut short
        raise KeyboardInterrupt from None
    except asyncio.TimeoutError:
        raise OutOfTime(f"took longer than {limit_minutes} minutes (--limit)") from None


def prepare(options):
    needed = ["prlimit"] + [name for name in ("nginx", "haproxy") if name in options.proxies]
    faults, hostile, events = chosen(options)
    if hostile:
        needed.append("python3-hpack")
    if options.soak:
        needed += ["openssl", "python3-h2", "python3-websockets"]
    tools.need(needed)
    if "weir" in options.proxies or options.soak or events:
        if not (tools.BENCH.parent / "target" / "weir.jar").exists():
            raise ValueError("no target/weir.jar (build it: mvn package)")
        # Else the first run makes the cache, in the middle of a measurement.
        subprocess.run([LAUNCHER, "warm-up"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def run(options, directory):
    prepare(options)
    about = report.machine()
    print("\n".join(f"{key}: {value}" for key, value in about.items() if key != "wrk") + "\n", flush=True)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    outcomes = Outcomes(about, options.json)
    with Processes() as processes:
        run_to_end(run_all(options, Ground(processes, directory, Ports()), outcomes), options.limit)
    doubtful = any(outcome.doubts for outcome in outcomes.faults.values())
    return 1 if outcomes.failures or doubtful else 0


def main():
    options = arguments()
    if options.list:
        for title, kind in (("faults", FAULTS), ("attacks", attacks.ATTACKS), ("events", surroundings.EVENTS)):
            print(f"{title}:")
            for one in kind:
                print(f"  {one.name:24} {one.says}")
        return 0
    interrupt_on_signals(options.limit + 1)
    directory = Path(tempfile.mkdtemp(prefix="weir-faults-"))
    os.chmod(directory, 0o755)  # nginx's workers are of another user
    try:
        return run(options, directory)
    except (ValueError, tools.Missing, OutOfTime) as failure:
        print(f"bench: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("bench: interrupted", file=sys.stderr)
        return 130
    finally:
        if options.keep:
            print(f"bench: files are in {directory}", file=sys.stderr)
        else:
            shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
