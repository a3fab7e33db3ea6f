"""What every part of the fault bench needs: processes, a scratch folder, ports, and the cost of a process tree."""

import os
import random
import threading
from dataclasses import dataclass
from pathlib import Path

from processes import Processes, descendants, port_is_free, resident_bytes

HOST = "127.0.0.1"
GOOD = "127.0.0.77"  # a client that keeps to the rules, watched during an attack
EVIL = "127.0.0.66"
MIB = 2 ** 20
# Below the ports that the kernel takes for outgoing connections: one of those could take the place of a backend that
# is down for a while.
LOWEST_PORT, HIGHEST_PORT = 10_000, 32_000


class Ports:
    """Hands out ports that are free, each once, to whatever thread asks."""

    def __init__(self):
        self.next = random.randrange(LOWEST_PORT, HIGHEST_PORT)
        self.lock = threading.Lock()

    def take(self):
        with self.lock:
            for _ in range(HIGHEST_PORT - LOWEST_PORT):
                self.next = self.next + 1 if self.next < HIGHEST_PORT else LOWEST_PORT
                if port_is_free(self.next):
                    return self.next
        raise OSError("no free port")


@dataclass
class Ground:
    """Where one scenario runs with one proxy: nothing of it is shared with another one but the processes' owner."""

    processes: Processes
    directory: Path
    ports: Ports

    def below(self, name):
        """The same with a folder of its own, made anew."""
        directory = self.directory / name
        directory.mkdir(parents=True)
        return Ground(self.processes, directory, self.ports)


def resident_mib(pid):
    return round(resident_bytes(pid) / MIB)


def descriptors(pid):
    """Open descriptors of a process and its children."""
    count = 0
    for member in [pid, *descendants(pid)]:
        try:
            count += len(os.listdir(f"/proc/{member}/fd"))
        except OSError:
            continue
    return count
