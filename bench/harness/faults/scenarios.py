"""The table of faults. A new one is a coroutine and one entry of FAULTS.

A coroutine gets a Trial (trial.py), does harm, waits for `trial.hold` seconds, calls `trial.undo()`, and mends it.
"""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Callable

from faults.backends import BlackHole


@dataclass(frozen=True)
class Fault:
    name: str
    says: str
    inject: Callable
    backends: int = 3
    hold: float = 10  # seconds
    after: float = 10  # seconds of load behind it
    settings: dict = field(default_factory=dict)


async def kill(trial, *names):
    """SIGKILL, then a restart."""
    for name in names:
        await trial.do(trial.backends.kill, name)
    await asyncio.sleep(trial.hold)
    trial.undo()
    for name in names:
        await trial.do(trial.backends.start, name)


async def kill_all(trial):
    await kill(trial, *trial.backends.names())


async def kill_then_other(trial):
    """b1 is away for 3 s; 10 s later b2 goes."""
    await trial.do(trial.backends.kill, "b1")
    await asyncio.sleep(3)
    await trial.do(trial.backends.start, "b1")
    await asyncio.sleep(10)
    await trial.do(trial.backends.kill, "b2")
    await asyncio.sleep(7)
    trial.undo("b2")
    await trial.do(trial.backends.start, "b2")


async def roll(trial):
    """Each backend in turn ends by SIGTERM and is back after 3.5 s."""
    for name in trial.backends.names():
        await trial.do(trial.backends.terminate, name)
        await asyncio.sleep(3.5)
        await trial.do(trial.backends.start, name)
        await asyncio.sleep(5.5)
    trial.undo()


async def mode(trial, *names, mend=None, **fields):
    """A mode of these backends, for none of all, until it is undone."""
    names = names or trial.backends.names()
    for name in names:
        await trial.do(trial.backends.mode, name, **fields)
    await asyncio.sleep(trial.hold)
    trial.undo()
    for name in names:
        await trial.do(trial.backends.mode, name, **(mend or {}))


async def freeze(trial):
    trial.backends.freeze("b1")
    await asyncio.sleep(trial.hold)
    trial.undo()
    trial.backends.thaw("b1")


async def sink(trial, status):
    """b1 fails at once while the others take 30 ms: by the fewest requests in flight it looks best."""
    for name in trial.backends.names():
        await trial.do(trial.backends.mode, name, delay=0.03)
    trial.inject()
    await mode(trial, "b1", m="fail", p=1, status=status)


async def vanish(trial):
    """b1's port answers no connect, as a machine without power."""
    await trial.do(trial.backends.kill, "b1")
    hole = BlackHole(trial.backends.ports["b1"])
    await asyncio.sleep(trial.hold)
    trial.undo()
    hole.close()
    await trial.do(trial.backends.start, "b1")


async def flap(trial):
    end = time.time() + trial.hold
    while time.time() < end:
        await trial.do(trial.backends.kill, "b1")
        await asyncio.sleep(2)
        await trial.do(trial.backends.start, "b1")
        await asyncio.sleep(2)
    trial.undo()


async def reload_often(trial):
    for i in range(20):
        trial.proxy.settings.requests_per_backend = 500 + i
        await trial.do(trial.proxy.reload)
        await asyncio.sleep(0.6)
    trial.undo()


async def add_and_remove(trial):
    """A fourth and a fifth backend come and go by reload."""
    for i in range(10):
        name = f"b{4 + i % 2}"
        await trial.do(trial.backends.start, name)
        trial.proxy.backends.append((name, trial.backends.ports[name]))
        await trial.do(trial.proxy.reload)
        await asyncio.sleep(1)
        trial.proxy.backends.pop()
        await trial.do(trial.proxy.reload)
        await asyncio.sleep(0.6)
        await trial.do(trial.backends.terminate, name)
    trial.undo()


def act(function, *names, **fields):
    """That function with these arguments, as a function of the trial alone."""
    return lambda trial: function(trial, *names, **fields)


UNCHECKED = {"check": False}
LEAST = {"balance": "least-connections"}
SLOW = act(mode, "b1", delay=0.05, mend={"delay": 0.005})
FAIL_ALL = act(mode, m="fail", p=1, status=503)
KILL_TWO = act(kill, "b1", "b2")


def gray():
    """Backends that fail a part of their requests at once, while their health checks pass."""
    return [
        Fault(f"gray-{percent}-{status}-1-of-{backends}",
              f"one of {backends} answers {percent} % with {status} at once",
              act(mode, "b1", m="fail", p=percent / 100, status=status), backends, hold=12, after=1)
        for backends in (2, 3, 5) for percent in (50, 25) for status in (500, 503)
    ]


FAULTS = [
    Fault("kill", "SIGKILL of one of 3, then a restart", act(kill, "b1"), after=35),
    Fault("kill-unchecked", "the same without health checks", act(kill, "b1"), after=40, settings=UNCHECKED),
    Fault("kill-2-of-3", "SIGKILL of two of 3", KILL_TWO, hold=15),
    Fault("kill-2-of-3-unchecked", "the same without health checks", KILL_TWO, hold=15, settings=UNCHECKED),
    Fault("kill-1-of-2", "SIGKILL of one of 2", act(kill, "b1"), 2),
    Fault("kill-2-of-5", "SIGKILL of two of 5", KILL_TWO, 5, hold=15),
    Fault("kill-then-other", "one is away for 3 s, ten seconds later another for 7 s", kill_then_other, hold=20),
    Fault("rolling-restart", "each in turn ends by SIGTERM, back after 3.5 s", roll, hold=27, after=3),
    Fault("idle-close", "all close idle connections within 50 ms", act(mode, m="idleclose", t=0.05), after=2),
    Fault("close-after-5", "all close a connection after 5 responses", act(mode, m="aftermax", n=5), after=2),
    Fault("hang", "one never answers, its health check neither",
          act(mode, "b1", m="hang", health="hang", mend={"health": "ok"}), hold=25),
    Fault("hang-health-passes", "one never answers, its health check passes", act(mode, "b1", m="hang"), hold=25),
    Fault("frozen", "one is stopped (SIGSTOP)", freeze, hold=25),
    Fault("hang-in-body", "one stops within the body", act(mode, "b1", m="hangbody"), hold=25),
    Fault("hang-in-chunks", "one stops within a chunked body", act(mode, "b1", m="hangchunk"), hold=25),
    Fault("reset-in-body", "one resets within the body", act(mode, "b1", m="resethead")),
    Fault("reset", "one resets in place of an answer", act(mode, "b1", m="reset")),
    Fault("eof", "one closes in place of an answer", act(mode, "b1", m="eof")),
    Fault("slow", "one is ten times as slow", SLOW, after=2),
    Fault("slow-least-connections", "the same, balanced by least connections", SLOW, after=2, settings=LEAST),
    *gray(),
    Fault("sink-503", "one answers 503 at once, least connections", act(sink, 503), after=2, settings=LEAST),
    Fault("sink-500", "one answers 500 at once, least connections", act(sink, 500), after=2, settings=LEAST),
    Fault("black-hole", "one answers no connect", vanish, hold=15),
    Fault("black-hole-unchecked", "the same without health checks", vanish, hold=15, after=3, settings=UNCHECKED),
    Fault("flap", "one is killed and restarted every 2 s", flap, hold=24, after=3),
    Fault("all-down", "SIGKILL of all", kill_all, after=12),
    Fault("all-down-unchecked", "the same without health checks", kill_all, after=12, settings=UNCHECKED),
    Fault("all-503", "all answer 503", FAIL_ALL, after=12),
    Fault("reloads", "twenty reloads in 12 s", reload_often, hold=12, after=2),
    Fault("add-and-remove", "ten backends come and go by reload", add_and_remove, hold=16, after=3),
]
