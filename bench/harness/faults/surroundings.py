"""Events around the backends: a drain, more load than they take, a full disk, rotated logs, no descriptors, Consul."""

import subprocess
import sys
from dataclasses import dataclass
from typing import Callable

from faults import consul_events, process_events
from faults.trial import PROXIES

WEIR = ("weir",)


@dataclass(frozen=True)
class Event:
    name: str
    happen: Callable  # gets the proxy's name and a Ground, returns what was seen
    proxies: tuple = tuple(PROXIES)

    @property
    def says(self):
        return self.happen.__doc__


EVENTS = [
    Event("drain", process_events.drain),
    Event("drain-large", process_events.drain_large),
    Event("overload", process_events.overload),
    Event("overload-limited", process_events.overload_limited),
    Event("full-disk", process_events.full_disk),
    Event("full-disk-pause", process_events.full_disk_pause, WEIR),
    Event("rotate", process_events.rotate, WEIR),
    Event("descriptors", process_events.no_descriptors),
    Event("consul", consul_events.outages, WEIR),
    Event("consul-cluster", consul_events.cluster, WEIR),
    Event("consul-churn", consul_events.churn, WEIR),
]


async def run(chosen, proxies, ground):
    """Prints what was seen of each; returns what could not be run."""
    failures = []
    for event in chosen:
        print(f"### {event.name}: {event.says}\n", flush=True)
        for name in proxies:
            if name not in event.proxies:
                continue
            try:
                seen = await event.happen(name, ground.below(f"{event.name}-{name}"))
                print("\n".join(f"- {name}: {line}" for line in seen), flush=True)
            except (OSError, ValueError, KeyError, subprocess.SubprocessError) as failure:
                failures.append(f"{event.name}, {name}: {failure!r}")
                print(f"bench: {event.name}, {name}: not run: {failure!r}", file=sys.stderr, flush=True)
        print(flush=True)
    return failures
