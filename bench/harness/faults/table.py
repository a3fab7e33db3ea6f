"""Markdown tables of outcomes: a row for each fault, in each cell the proxies' figures side by side."""

from faults.trial import NEVER
from report import align


def table(faults, names, outcomes):
    """outcomes: by fault name and proxy name; a missing one is a dash."""
    order = " / ".join(names)
    rows = [["fault", "what happens", f"error share %: {order}", "not repeatable", "until out, s", "until back, s"]]
    for fault in faults:
        of_proxy = [outcomes.get((fault.name, name)) for name in names]
        rows.append([f"`{fault.name}`", fault.says, *(
            " / ".join("–" if outcome is None else cell(outcome) for outcome in of_proxy)
            for cell in (error_share, not_repeatable, out, back))])
    return align(rows)


def error_share(outcome):
    return "0" if outcome.errors == 0 else f"{outcome.error_percent:.2f}"


def not_repeatable(outcome):
    return str(outcome.not_repeatable)


def out(outcome):
    return seconds(outcome.out_seconds)


def back(outcome):
    return seconds(outcome.back_seconds)


def seconds(value):
    return "never" if value == NEVER else "0" if value == 0 else f"{value:.1f}"


def doubts(outcomes):
    """A line for each claim that did not hold."""
    return [f"- {fault}, {name}: {doubt}" for (fault, name), outcome in outcomes.items() for doubt in outcome.doubts]
