"""One fault through one proxy: load before, during and after it, and what the clients saw."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass

from faults.backends import Backends
from faults.client import Load, summary, warm
from faults.haproxy import HAProxy
from faults.nginx import Nginx
from faults.proxy import Settings
from faults.weir import Weir

PROXIES = {"weir": Weir, "haproxy": HAProxy, "nginx": Nginx}
BEFORE = 4.0  # seconds of load ahead of a fault
NEVER = float("inf")


class Trial:
    """What a fault has at hand."""

    def __init__(self, proxy, backends, hold):
        self.proxy, self.backends, self.hold = proxy, backends, hold
        self.injected = self.undone = 0.0
        self.returning = "b1"
        self.states = []

    def inject(self):
        self.injected = time.time()

    def undo(self, returning="b1"):
        """Notes that the harm ends now; that backend is the one whose return is timed."""
        self.undone = time.time()
        self.returning = returning

    @staticmethod
    async def do(blocking, *arguments, **fields):
        return await asyncio.to_thread(blocking, *arguments, **fields)

    async def watch(self):
        """Notes every change of what the proxy says of its backends."""
        last = None
        while True:
            try:
                now = await self.do(self.proxy.states)
            except (OSError, ValueError, KeyError) as failure:
                now = {"?": repr(failure)[:60]}
            if now != last:
                self.states.append((time.time(), {name: state for name, state in now.items() if state != "available"}))
                last = now
            await asyncio.sleep(0.2)


@dataclass(frozen=True)
class Outcome:
    """What clients saw of a fault, from its beginning to the end of the load."""

    requests: int
    errors: int  # without those of the next line
    not_repeatable: int  # errors of POSTs that had reached a backend: no proxy may send them again
    out_seconds: float  # from the fault to the last request that failed of it; NEVER: to its end
    back_seconds: float  # from its end to the first response of the backend that is well again; NEVER: none came
    doubts: list  # claims of the bench that did not hold
    details: dict

    @property
    def error_percent(self):
        return 100 * self.errors / max(1, self.requests)


async def measure(fault, name, ground, rate, shortened):
    """Runs a fault through the proxy of that name."""
    hold, after = (min(fault.hold, shortened[0]), min(fault.after, shortened[1])) if shortened else (
        fault.hold, fault.after)
    backends, proxy = None, None
    try:
        backends = await asyncio.to_thread(Backends, ground, fault.backends)
        proxy = PROXIES[name](ground, backends.list(), Settings(**fault.settings))
        await asyncio.to_thread(proxy.start)
        await warm(proxy.port)
        load, trial = Load(proxy.port, rate), Trial(proxy, backends, hold)
        running, watching = asyncio.create_task(load.run()), asyncio.create_task(trial.watch())
        await asyncio.sleep(BEFORE)
        trial.inject()
        await fault.inject(trial)
        await asyncio.sleep(after)
        load.on = False
        await running
        watching.cancel()
        await asyncio.to_thread(proxy.stop)
        return outcome(trial, load)
    finally:
        for part in (proxy, backends):
            if part is not None:
                part.stop()


def outcome(trial, load):
    during = load.between(trial.injected, trial.undone)
    behind = load.between(trial.undone, NEVER)
    bad = [sample for sample in during + behind if not sample.good]
    arrivals = trial.backends.all_arrivals()
    reached = {arrival.id for arrival in arrivals if arrival.method == "POST"}
    lost = [sample for sample in bad if sample.method == "POST" and sample.id in reached]
    details = {
        "before": summary(load.between(0, trial.injected)), "during": summary(during), "after": summary(behind),
        "states": [(round(when - trial.injected, 1), state) for when, state in trial.states][:20],
        "reasons": trial.proxy.reasons(), "stale": load.stale,
    }
    return Outcome(len(during) + len(behind), len(bad) - len(lost), len(lost), out_seconds(trial, during),
                   back_seconds(trial, behind), doubts(trial, load, arrivals), details)


def out_seconds(trial, during):
    last = max((sample.begun for sample in during if not sample.good), default=trial.injected)
    took = last - trial.injected
    return NEVER if took > 0.9 * (trial.undone - trial.injected) else took


def back_seconds(trial, behind):
    back = [sample.begun for sample in behind if sample.good and sample.backend == trial.returning]
    return back[0] - trial.undone if back else NEVER


def doubts(trial, load, arrivals):
    """What makes the figures wrong, or a proxy worse than the table shows."""
    found = []
    posts = Counter(arrival.id for arrival in arrivals if arrival.method == "POST" and arrival.id != "-")
    twice = sum(1 for count in posts.values() if count > 1)
    if twice:
        found.append(f"{twice} POSTs reached a backend twice")
    wrong = sum(1 for sample in load.samples if sample.kind == "WRONG ANSWER")
    if wrong:
        found.append(f"{wrong} answers belonged to other requests")
    if not trial.proxy.running() and trial.proxy.process.returncode != 0 and isinstance(trial.proxy, Weir):
        found.append(f"exit code {trial.proxy.process.returncode}")
    if isinstance(trial.proxy, Weir):
        lines = sum(1 for line in trial.proxy.lines() if line["path"] == load.path)
        # What was written to a connection that was being closed may not have been read.
        if not load.written - load.unheard <= lines <= load.written:
            found.append(f"clients wrote {load.written} requests, {load.unheard} of them unheard, "
                         f"but the access log has {lines} lines")
    return found
