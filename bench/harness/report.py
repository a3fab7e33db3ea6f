"""Turns rounds into medians, ratios and tables."""

import json
import os
import platform
from statistics import median

from tools import find, version

# key, heading, digits
COLUMNS = [
    ("requests_per_second", "requests/s", 0),
    ("cpu_micros", "CPU µs/request", 2),
    ("user_micros", "of it user", 2),
    ("p50_micros", "p50 µs", 0),
    ("p99_micros", "p99 µs", 0),
    ("rss_mb", "RSS MB", 0),
    ("core_percent", "core %", 0),
    ("start_ms", "start ms", 0),
    ("start_cpu_ms", "CPU ms", 0),
    ("bytes_per_connection", "bytes/connection", 0),
    ("reload_ms", "reload ms", 0),
    ("errors", "errors", 0),
]
# what a scenario is judged by: the first of these that was measured
JUDGED = ["cpu_micros", "start_ms", "bytes_per_connection", "reload_ms"]
REFERENCES = ["nginx", "haproxy", "relay"]


def summary(rounds):
    """Medians, and ratios taken round by round, of one scenario."""
    medians = {name: middle(list_of) for name, list_of in rounds.items()}
    ratios = {name: {reference: ratio(rounds, name, reference) for reference in REFERENCES if reference in rounds}
              for name in rounds}
    for name in rounds:
        if "nginx" in rounds and "haproxy" in rounds:
            ratios[name]["better"] = better(rounds, name)
    return {"medians": medians, "ratios": ratios, "rounds": rounds}


def middle(list_of):
    return {key: sum(one[key] for one in list_of) if key == "errors" else median(one[key] for one in list_of)
            for key in list_of[0]}


def ratio(rounds, name, reference):
    """Median over the rounds of this proxy's figure over the reference's in the same round, for every figure."""
    pairs = list(zip(rounds[name], rounds[reference]))
    return {key: median(mine[key] / its[key] for mine, its in pairs)
            for key in pairs[0][0] if key in pairs[0][1] and all(its[key] > 0 for _, its in pairs)}


def better(rounds, name):
    """The same, over whichever of nginx and HAProxy did better in the round."""
    ratios = {}
    for key in JUDGED:
        if key in rounds[name][0]:
            each = zip(rounds[name], rounds["nginx"], rounds["haproxy"])
            pairs = [(mine[key], min(one[key], two[key])) for mine, one, two in each]
            if all(least > 0 for _, least in pairs):
                ratios[key] = median(mine / least for mine, least in pairs)
    return ratios


def table(scenario, done):
    """A Markdown table of one scenario."""
    medians, ratios = done["medians"], done["ratios"]
    measured = {key for one in medians.values() for key in one}
    columns = [column for column in COLUMNS if column[0] in measured]
    judged = next(key for key in JUDGED if key in measured)
    references = [reference for reference in REFERENCES if reference in medians]
    tails = ["nginx"] if "p99_micros" in measured and "cpu_micros" in measured and "nginx" in medians else []
    head = ["proxy", *(heading for _, heading, _ in columns), *(f"× {reference}" for reference in references),
            *(f"{part} × nginx" for _ in tails for part in ("p50", "p99"))]
    rows = [head]
    for name, figures in medians.items():
        row = [name]
        row += [f"{figures[key]:,.{digits}f}" if key in figures else "" for key, _, digits in columns]
        row += [number(ratios[name].get(reference, {}).get(judged)) for reference in references]
        row += [number(ratios[name]["nginx"].get(key)) for _ in tails for key in ("p50_micros", "p99_micros")]
        rows.append(row)
    return f"### {scenario.name}: {scenario.says}\n\n" + align(rows)


def number(ratio):
    return "" if ratio is None else f"{ratio:.2f}"


def align(rows):
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for n, row in enumerate(rows):
        cells = [cell.ljust(width) if i == 0 else cell.rjust(width) for i, (cell, width) in enumerate(zip(row, widths))]
        lines.append("| " + " | ".join(cells) + " |")
        if n == 0:
            rule = ["-" * width if i == 0 else "-" * (width - 1) + ":" for i, width in enumerate(widths)]
            lines.append("| " + " | ".join(rule) + " |")
    return "\n".join(lines) + "\n"


def machine():
    """What the figures depend on, without saying whose machine it is."""
    model = "unknown"
    with open("/proc/cpuinfo") as lines:
        for line in lines:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    with open("/proc/meminfo") as lines:
        memory = int(lines.readline().split()[1]) / 1e6
    java_home = os.environ.get("JAVA_HOME")
    java = f"{java_home}/bin/java" if java_home else "java"
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "memory_gb": round(memory),
        "kernel": platform.release().split("-")[0],
        "java": version([java, "-version"]),
        "nginx": version([find("nginx") or "nginx", "-v"]),
        "haproxy": version([find("haproxy") or "haproxy", "-v"]),
        "wrk": version([find("wrk") or "wrk", "-v"]).split(" Copyright")[0],
    }


def write_json(path, about, timing, results):
    with open(path, "w") as out:
        json.dump({"machine": about, "timing": timing, "scenarios": results}, out, indent=2)
        out.write("\n")
