"""Flight recordings: started and stopped by jcmd, read by the jfr tool, boiled down to what a tuner asks."""

import json
import os
import shutil
import subprocess
from collections import Counter
from pathlib import Path

EVENTS = ["jdk.ExecutionSample", "jdk.NativeMethodSample", "jdk.ObjectAllocationSample",
          "jdk.ThreadAllocationStatistics", "jdk.GarbageCollection"]
WAITING = ("epollWait", "epoll_wait", "ioUringEnter", "io_uring_enter", "accept0", "park", "EPoll.wait")
DEPTH = 64


class JfrFailed(Exception):
    """A tool of the JDK that did not do as it was told."""


def tool(name):
    """A tool of the JDK in use, else of any JDK that is installed."""
    places = [Path(os.environ["JAVA_HOME"]) / "bin"] if "JAVA_HOME" in os.environ else []
    java = shutil.which("java")
    places += [Path(java).resolve().parent] if java else []
    places += sorted(Path("/usr/lib/jvm").glob("*/bin"))
    for place in places:
        if (place / name).is_file():
            return str(place / name)
    raise JfrFailed(f"no {name}: a JDK is needed, in JAVA_HOME or on the PATH")


def command(pid, *words):
    done = subprocess.run([tool("jcmd"), str(pid), *words], capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise JfrFailed(f"jcmd {words[0]}: {done.stdout.strip()[-300:]} {done.stderr.strip()[-300:]}")


def read(file):
    """Samples as (thread, stack from the outermost frame, weight), by what they are of; bytes allocated by thread."""
    done = subprocess.run([tool("jfr"), "print", "--json", "--stack-depth", str(DEPTH), "--events", ",".join(EVENTS),
                           str(file)], capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        raise JfrFailed(f"jfr print: {done.stderr.strip()[-300:]}")
    cpu, native, allocation, classes = [], [], [], Counter()
    allocated, collections = {}, 0
    for event in json.loads(done.stdout)["recording"]["events"]:
        values, kind = event["values"], event["type"]
        if kind == "jdk.ExecutionSample":
            cpu.append((name_of(values["sampledThread"]), stack(values), 1))
        elif kind == "jdk.NativeMethodSample":
            native.append((name_of(values["sampledThread"]), stack(values), 1))
        elif kind == "jdk.ObjectAllocationSample":
            allocation.append((name_of(values["eventThread"]), stack(values), values["weight"]))
            classes[class_name(values["objectClass"]["name"])] += values["weight"]
        elif kind == "jdk.ThreadAllocationStatistics":
            thread = values.get("thread") or values.get("eventThread")
            seen = allocated.setdefault(name_of(thread), [values["allocated"], values["allocated"]])
            seen[0] = min(seen[0], values["allocated"])
            seen[1] = max(seen[1], values["allocated"])
        else:
            collections += 1
    return {"cpu": cpu, "native": native, "allocation": allocation, "classes": classes,
            "allocated": {name: most - least for name, (least, most) in allocated.items()},
            "collections": collections}


def name_of(thread):
    return (thread or {}).get("javaName") or (thread or {}).get("osName") or "?"


def class_name(name):
    return name.replace("/", ".")


def stack(values):
    frames = (values.get("stackTrace") or {}).get("frames") or []
    names = [class_name(frame["method"]["type"]["name"]) + "." + frame["method"]["name"] for frame in frames]
    return tuple(reversed(names))


def collapsed(samples):
    """One line for each stack, as flame graph tools read it."""
    counts = Counter()
    for thread, frames, weight in samples:
        counts[";".join((thread, *frames))] += weight
    return "".join(f"{frames} {weight}\n" for frames, weight in counts.most_common())


def report(recording, requests, top):
    parts = [
        table("Java time, by frame on top", own(recording["cpu"]), top),
        table("Java time, by frame of ours that is nearest to the top", nearest(recording["cpu"]), top),
        table("Java time, by frame of ours with all it calls", inclusive(recording["cpu"]), top),
        table("in native code (waiting left out)", own(busy(recording["native"])), top),
        table("Java time, by thread", threads(recording["cpu"]), top),
        table("allocation, by class", recording["classes"], top),
        table("allocation, by frame of ours that is nearest", nearest(recording["allocation"]), top),
    ]
    lines = [f"bytes allocated per request, by thread ({requests:,} requests, first to last second of the recording;"
             f" {recording['collections']} collections)"]
    for name, number in sorted(recording["allocated"].items(), key=lambda item: -item[1])[:8]:
        lines.append(f"  {number / max(1, requests):12.1f}  {name}")
    return "\n".join([*parts, *lines]) + "\n"


def own(samples):
    return count((frames[-1], weight) for _, frames, weight in samples if frames)


def nearest(samples):
    return count((next((frame for frame in reversed(frames) if frame.startswith("weir.")), "(none)"), weight)
                 for _, frames, weight in samples)


def inclusive(samples):
    return count((frame, weight) for _, frames, weight in samples for frame in set(frames) if frame.startswith("weir."))


def threads(samples):
    return count((thread, weight) for thread, _, weight in samples)


def busy(samples):
    return [sample for sample in samples if sample[1] and not sample[1][-1].endswith(WAITING)]


def count(pairs):
    counts = Counter()
    for key, weight in pairs:
        counts[key] += weight
    return counts


def table(title, counts, top):
    total = sum(counts.values()) if "all it calls" not in title else None
    share = total or max(counts.values(), default=1)
    lines = [f"{title} ({total:,})" if total is not None else f"{title} (100 % is the outermost)"]
    lines += [f"  {100 * number / share:5.1f} %  {name}" for name, number in counts.most_common(top)]
    return "\n".join(lines) + "\n"
