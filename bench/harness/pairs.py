"""bench/pairs: what a change costs, by alternating pairs of fresh processes of two checkouts under the same load."""

import argparse
import math
import os
import resource
import statistics
import sys
from pathlib import Path

import proxies
import report
import scenarios
import tools
from measure import loaded_round
from processes import Processes
from run import cores_of, in_scratch
from stage import Stage, Timing

MOST = 1.04  # an upper end that counts as no cost, when the interval has 1.00 in it
# Student's t, two-sided 95 %, by degrees of freedom; beyond those, the normal distribution's.
T = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120,
     2.110, 2.101, 2.093, 2.086]


def arguments():
    parser = argparse.ArgumentParser(
        prog="bench/pairs",
        description="Starts a process of each checkout in turn, warms it up, measures the CPU time of a request in each "
                    "scenario, and ends it; then the other; the next pair in the other order. Prints the ratio after / "
                    "before with its 95 % interval (Student's t of the logarithms). Both need target/weir.jar.")
    parser.add_argument("before", type=Path, help="a checkout")
    parser.add_argument("after", type=Path, help="the other")
    parser.add_argument("--scenario", default="keep-alive-64,keep-alive-1000", metavar="NAME,...")
    parser.add_argument("--pairs", type=int, default=10)
    parser.add_argument("--seconds", type=int, default=5, help="seconds of load in each scenario (default 5)")
    parser.add_argument("--warm-up", type=int, default=20, help="seconds (default 20)")
    parser.add_argument("--java", default="", metavar="HOME")
    parser.add_argument("--cores", default="1,0", metavar="PROXY,LOAD", help="which cores (default 1,0)")
    parser.add_argument("--first-port", type=int, default=21000, help="2,000 ports are used from here (default 21000)")
    return parser.parse_args()


def interval(ratios):
    """The geometric mean and the two ends of its 95 % interval."""
    logs = [math.log(ratio) for ratio in ratios]
    mean = statistics.fmean(logs)
    if len(logs) < 2:
        return math.exp(mean), 0.0, math.inf
    freedom = len(logs) - 1
    wide = (T[freedom - 1] if freedom <= len(T) else 1.96) * statistics.stdev(logs) / math.sqrt(len(logs))
    return math.exp(mean), math.exp(mean - wide), math.exp(mean + wide)


def measured(stage, proxy, chosen):
    """CPU microseconds of a request in each scenario, with one fresh process for those of the same setup."""
    costs = {}
    for scenario in chosen:
        running = stage.use(scenario.setup, [proxy])
        stage.warm(running, scenario.load)
        costs[scenario.name] = loaded_round(stage, running[0], scenario.load)["cpu_micros"]
    stage.clear()
    return costs


def run(options, directory):
    chosen = scenarios.named([name for name in options.scenario.split(",") if name])
    needed = ["wrk", "h2load", "gcc"] + sorted({need for scenario in chosen for need in scenario.setup.needs()})
    tools.need(needed)
    java = options.java or None
    before = proxies.weir("before", tree=str(options.before.resolve()), java=java)
    after = proxies.weir("after", tree=str(options.after.resolve()), java=java)
    print("\n".join(f"{key}: {value}" for key, value in report.machine().items()), flush=True)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    cores = cores_of(options)
    costs = {"before": [], "after": []}
    with Processes() as processes:
        backend = tools.compile_native("backend", directory)
        stage = Stage(processes, directory, cores, options.first_port, backend, Timing(1, options.seconds, options.warm_up, 3))
        os.sched_setaffinity(0, {cores[1]})
        for pair in range(options.pairs):
            for proxy in (before, after) if pair % 2 == 0 else (after, before):
                costs[proxy.name].append(measured(stage, proxy, chosen))
            print(f"pair {pair + 1}: " + "; ".join(
                f"{s.name} {costs['before'][-1][s.name]:.2f} -> {costs['after'][-1][s.name]:.2f} us" for s in chosen), flush=True)
    costly = False
    for scenario in chosen:
        ratios = [mine[scenario.name] / its[scenario.name] for its, mine in zip(costs["before"], costs["after"])]
        mean, low, high = interval(ratios)
        none = low <= 1.0 and high <= MOST
        costly |= not none and high > 1.0
        print(f"{scenario.name}: before {statistics.median(one[scenario.name] for one in costs['before']):.2f} us, after "
              f"{statistics.median(one[scenario.name] for one in costs['after']):.2f} us; ratio {mean:.3f} [{low:.3f}, {high:.3f}]"
              f"{', no measurable cost' if none else ', cheaper' if high < 1 else ''}", flush=True)
    return 1 if costly else 0


def main():
    options = arguments()
    return in_scratch("weir-pairs-", 180, lambda directory: run(options, directory))


if __name__ == "__main__":
    sys.exit(main())
