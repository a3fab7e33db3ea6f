"""Starts processes pinned to cores, reads what they cost, and ends every one of them whatever happens."""

import ctypes
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True)
ALLOWED_CORES = os.sched_getaffinity(0)  # before any of them is chosen


class Processes:
    """All that was started; close() ends it. Use it in a with statement."""

    def __init__(self):
        self.running = []

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        self.close()

    def start(self, command, core=None, stdout=None, stderr=None, env=None, cwd=None):
        """Starts a command in a session of its own, on one core or on all, that ends when this program does.

        On all: not on those of this program alone, which the command would have by inheritance.
        """

        def prepare():
            LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
            os.sched_setaffinity(0, ALLOWED_CORES if core is None else {core})

        process = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=stdout if stdout is not None else subprocess.DEVNULL,
            stderr=stderr if stderr is not None else subprocess.DEVNULL,
            env=env,
            cwd=cwd,
            start_new_session=True,
            preexec_fn=prepare,
        )
        self.running.append(process)
        return process

    def stop(self, process, patience=5.0):
        """Asks a process and its children to end, then makes them."""
        if process in self.running:
            self.running.remove(process)
        family = descendants(process.pid)
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(patience)
            except subprocess.TimeoutExpired:
                pass
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()
        deadline = time.monotonic() + patience
        while any(alive(pid) for pid in family) and time.monotonic() < deadline:
            time.sleep(0.01)

    def close(self):
        while self.running:
            self.stop(self.running[-1], patience=2.0)


def stat(pid):
    """The fields of /proc/PID/stat from the third on, or None when there is no such process."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return text[text.rindex(")") + 2:].split()


def alive(pid):
    fields = stat(pid)
    return fields is not None and fields[0] != "Z"


def descendants(pid):
    found = []
    for task in Path("/proc").glob(f"{pid}/task/*/children"):
        try:
            children = task.read_text().split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        for child in children:
            found += [int(child), *descendants(int(child))]
    return found


def cpu_seconds(pid):
    """User and system time of a process and its children, those that ended included."""
    return sum(user_and_system_seconds(pid))


def user_and_system_seconds(pid):
    """The same as two figures."""
    user = system = 0
    for member in [pid, *descendants(pid)]:
        fields = stat(member)
        if fields is not None:
            user += int(fields[11])
            system += int(fields[12])
            if member == pid:
                user += int(fields[13])
                system += int(fields[14])
    return user / TICKS, system / TICKS


def resident_bytes(pid):
    """Resident memory, summed over a process and its children."""
    return sum(own_resident_bytes(member) for member in [pid, *descendants(pid)])


def own_resident_bytes(pid):
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
    except (FileNotFoundError, ProcessLookupError):
        return 0


def port_is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
