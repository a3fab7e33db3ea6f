"""bench/profile: where Weir's time, memory and system calls go under a scenario of bench/run."""

import argparse
import os
import re
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

import jfr
import proxies
import scenarios
import tools
from load import LoadFailed
from processes import Processes, cpu_seconds, descendants
from run import OutOfTime, cores_of, interrupt_on_signals
from stage import ProxyFailed, Stage, Timing


def arguments():
    parser = argparse.ArgumentParser(
        prog="bench/profile",
        description="Runs Weir under a scenario of bench/run and says where its time goes. jfr: hot frames, "
                    "allocation by class and by place, bytes allocated per request, stacks for a flame graph. "
                    "syscalls: system calls per request, by strace, which slows what it watches.")
    parser.add_argument("what", choices=["jfr", "syscalls"])
    parser.add_argument("scenario", nargs="?", default="keep-alive-64")
    parser.add_argument("--variant", nargs="+", metavar="WORD", help="another Weir, as for bench/run")
    parser.add_argument("--proxy", choices=["weir", "nginx", "haproxy"], default="weir",
                        help="whose system calls (default weir; jfr knows Weir only)")
    parser.add_argument("--seconds", type=int, default=15, help="how long to watch (default 15)")
    parser.add_argument("--warm-up", type=int, default=20, help="seconds of load before (default 20)")
    parser.add_argument("--top", type=int, default=25, help="lines of each table (default 25)")
    parser.add_argument("--output", type=Path, metavar="DIRECTORY",
                        help="keep the recording and the collapsed stacks (for flamegraph.pl) there")
    parser.add_argument("--cores", default="1,0", metavar="PROXY,LOAD", help="which cores (default 1,0)")
    parser.add_argument("--first-port", type=int, default=21000, help="2,000 ports are used from here (default 21000)")
    parser.add_argument("--limit", type=int, default=15, metavar="MINUTES", help="give up after that (default 15)")
    return parser.parse_args()


def profile(options, directory):
    scenario = scenarios.named([options.scenario])[0]
    if scenario.load is None:
        raise ValueError(f"{scenario.name} has no load to profile under")
    cores = cores_of(options)
    needed = ["wrk", "h2load", "gcc", *scenario.setup.needs()] + (["strace"] if options.what == "syscalls" else [])
    needed += [options.proxy] if options.proxy != "weir" else []
    tools.need(needed)
    tested = {"weir": lambda: proxies.variant(options.variant) if options.variant else proxies.weir(),
              "nginx": lambda: proxies.nginx(buffered=True), "haproxy": proxies.haproxy}[options.proxy]()
    if options.what == "jfr" and not tested.jvm:
        raise ValueError("jfr knows Weir only")
    with Processes() as processes:
        backend = tools.compile_native("backend", directory)
        timing = Timing(1, options.seconds, options.warm_up, 1)
        stage = Stage(processes, directory, cores, options.first_port, backend, timing)
        os.sched_setaffinity(0, {cores[1]})
        one = stage.use(scenario.setup, [tested])[0]
        stage.warm([one], scenario.load)
        print(f"{tested.name}, {scenario.name}: {scenario.says}; {options.seconds} s\n", flush=True)
        if options.what == "jfr":
            record(stage, one, scenario.load, options, directory)
        else:
            count_calls(stage, one, scenario.load, options, directory)


def under_load(stage, one, load, seconds):
    cpu = cpu_seconds(one.process.pid)
    result = stage.run_load(one, load, seconds)
    cpu = cpu_seconds(one.process.pid) - cpu
    stage.forget_log(one)
    print(f"{result.requests:,} requests, {result.requests / result.seconds:,.0f}/s, "
          f"{cpu * 1e6 / max(1, result.requests):.2f} CPU µs/request while watched\n", flush=True)
    return result


def record(stage, one, load, options, directory):
    file = directory / "weir.jfr"
    settings = tools.BENCH / "harness" / "profile.jfc"
    jfr.command(one.process.pid, "JFR.start", "name=bench", f"settings={settings}")
    result = under_load(stage, one, load, options.seconds)
    jfr.command(one.process.pid, "JFR.stop", "name=bench", f"filename={file}")
    recording = jfr.read(file)
    print(jfr.report(recording, result.requests, options.top))
    if options.output:
        options.output.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, options.output / "weir.jfr")
        (options.output / "cpu.collapsed").write_text(jfr.collapsed(recording["cpu"]))
        (options.output / "allocation.collapsed").write_text(jfr.collapsed(recording["allocation"]))
        print(f"recording and collapsed stacks are in {options.output}")


def count_calls(stage, one, load, options, directory):
    out = directory / "strace.out"
    command = [tools.find("strace"), "-c", "-f", "-S", "calls", "-o", out, "-p", one.process.pid]
    for child in descendants(one.process.pid):
        command += ["-p", child]
    strace = stage.processes.start(command, stage.load_core)
    time.sleep(1)
    result = under_load(stage, one, load, options.seconds)
    strace.send_signal(signal.SIGINT)
    strace.wait(30)
    print(calls_table(out.read_text(), result.requests, options.top))


def calls_table(text, requests, top):
    rows = []
    for line in text.splitlines():
        found = re.match(r"\s*([\d.]+)\s+([\d.]+)\s+(\d+)\s+(\d+)\s+(?:(\d+)\s+)?(\w+)$", line)
        if found and found.group(6) != "total":
            rows.append((int(found.group(4)), found.group(6), int(found.group(5) or 0)))
    rows.sort(reverse=True)
    total = sum(calls for calls, _, _ in rows)
    lines = [f"{'per request':>11} {'calls':>12} {'errors':>10}  system call"]
    for calls, name, errors in [(total, "total", sum(row[2] for row in rows)), *rows[:top]]:
        lines.append(f"{calls / max(1, requests):11.3f} {calls:12,} {errors:10,}  {name}")
    return "\n".join(lines) + "\n"


def main():
    options = arguments()
    interrupt_on_signals(options.limit)
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    directory = Path(tempfile.mkdtemp(prefix="weir-profile-", dir=memory))
    try:
        profile(options, directory)
        return 0
    except (ValueError, tools.Missing, ProxyFailed, LoadFailed, jfr.JfrFailed, OutOfTime) as failure:
        print(f"profile: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("profile: interrupted", file=sys.stderr)
        return 130
    finally:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
