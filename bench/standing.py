"""The figures of a run of bench/run beside what was asked for, as a table in Markdown."""
import statistics

MAIN = "portcullis"  # the name of the thread on an order's way
LEAST_IDLE_SHARE = 0.05  # of generator and broker; below, they were the bottleneck


class Comparison:
    """The runs that `portcullis bench --json` wrote: ratios are of two runs of one repetition."""

    def __init__(self, document):
        self.runs = {(run["subject"], run["load"], run["repetition"]): run for run in document["runs"]}

    def ratios(self, subject, load, value, other_subject=None, other_load=None, unbound=False):
        """value(run) / value(the other run of that repetition), for each repetition that has both; `unbound`: where neither
        was as slow as generator or broker."""
        found = []
        for (name, under, repetition), run in self.runs.items():
            other = self.runs.get((other_subject or subject, other_load or load, repetition))
            if unbound and other is not None and (bound_by_peers(run) or bound_by_peers(other)):
                continue
            if (name, under) == (subject, load) and other is not None and value(other) > 0:
                found.append(value(run) / value(other))
        return found

    def above_relay_in_syncs(self, load):
        """By how many fdatasyncs of the same run the median at level `disk` is above the relay's."""
        found = []
        for (name, under, repetition), run in self.runs.items():
            relay = self.runs.get(("relay", load, repetition))
            if (name, under) == ("disk", load) and relay is not None and run.get("fdatasync_p50_ns"):
                found.append((run["p50_ns"] - relay["p50_ns"]) / run["fdatasync_p50_ns"])
        return found


def bound_by_peers(run):
    return min(run["idle_share"], run["broker_idle_share"]) < LEAST_IDLE_SHARE


def cpu(run):
    return run["cpu_ns_per_order"]


def main_thread(run):
    # A peer has one thread, which is all that it has.
    threads = run["cpu_ns_per_order_by_thread"]
    return threads[MAIN] if MAIN in threads else sum(threads.values())


def throughput(run):
    return run["answered"] / run["elapsed_ns"]


def p50(run):
    return run["p50_ns"]


def p99(run):
    return run["p99_ns"]


def row(what, asked, aim, values, form, met):
    """One line; no values: not measured in this run."""
    if not values:
        return f"| {what} | {asked} | {aim} | not measured | |"
    shown = " / ".join(form(v) for v in (min(values), statistics.median(values), max(values)))
    if len(values) == 1:
        shown = form(values[0])
    return f"| {what} | {asked} | {aim} | {shown} | {'yes' if met(statistics.median(values)) else 'no'} |"


def standing(figures):
    """`figures`: what bench/run has measured: comparison (a document), micro {bench: {run: [ns]}}, scale, restart, blotter."""
    compared = Comparison(figures["comparison"]) if "comparison" in figures else Comparison({"runs": []})
    micro, scale = figures.get("micro", {}), figures.get("scale", {})
    restart, blotter = figures.get("restart", {}), figures.get("blotter", {})
    closed, many = "1,024 in flight", "1,024 in flight, 1,000 sessions"
    two = lambda v: f"{v:.2f}"
    one = lambda v: f"{v:.1f}"
    whole = lambda v: f"{v:,.0f}"
    at_most = lambda bound: lambda v: v <= bound
    at_least = lambda bound: lambda v: v >= bound
    lines = ["| | asked | aim | here: minimum / median / maximum | met |", "|---|---|---|---|---|"]
    add = lambda *arguments: lines.append(row(*arguments))
    add("`process`, saturated: CPU an order, relay = 1", "≤ 2", "≤ 1.3", compared.ratios("process", closed, cpu, "relay"), one,
        at_most(2))
    add("the same of the thread on an order's way alone", "", "", compared.ratios("process", closed, main_thread, "relay"), one,
        at_most(2))
    add("`process`, saturated: orders/s, relay = 1", "≥ 0.6", "≥ 0.9", compared.ratios("process", closed, throughput, "relay", unbound=True), two,
        at_least(0.6))
    add("`process`, saturated: orders/s, textbook with FileStore = 1", "≥ 60", "≥ 100",
        compared.ratios("process", closed, throughput, "textbook-file"), one, at_least(60))
    for load in ("1,000/s", "50,000/s"):
        add(f"`process`, {load}: p50, relay = 1", "≤ 1.1", "≤ 1.05", compared.ratios("process", load, p50, "relay"), two,
            at_most(1.1))
        add(f"`process`, {load}: p99, relay = 1", "≤ 1.5", "≤ 1.25", compared.ratios("process", load, p99, "relay"), two,
            at_most(1.5))
    add("`disk`, 1,000/s: p50 above the relay's, in fdatasyncs", "≤ 2.5", "≤ 2.1", compared.above_relay_in_syncs("1,000/s"), one,
        at_most(2.5))
    add("saturated: orders/s of `disk`, `process` = 1", "≥ 0.5", "≥ 0.8", compared.ratios("disk", closed, throughput, "process"),
        two, at_least(0.5))
    core = micro.get("core_bench", {})
    order = core.get("new_order_single/iterations:20000", [])
    report = core.get("execution_report/iterations:20000", [])
    add("in process, an order and a report, µs", "≤ 1", "≤ 0.4", [(a + b) / 1000 for a, b in zip(order, report)], two, at_most(1))
    add("one decision, every control on, ns", "≤ 300", "≤ 120",
        micro.get("risk_bench", {}).get("DecideInALargeFirmWarm", []), whole, at_most(300))
    live = scale.get("ns_by_live_orders", {})
    if live:
        add(f"an order and its acknowledgement beside {max(live):,} live orders, {min(live):,} = 1", "≤ 2", "≤ 1.3",
            [live[max(live)] / live[min(live)]], two, at_most(2))
    add("CPU an order among 1,000 sessions, one = 1", "≤ 2", "≤ 1.3", compared.ratios("process", many, cpu, None, closed), two,
        at_most(2))
    add("bytes a live order", "≤ 1,024", "≤ 400", scale.get("bytes_a_live_order", []), whole, at_most(1024))
    add("a start without a snapshot, records/s", "≥ 1,000,000", "≥ 3,000,000", restart.get("records_a_second", []), whole,
        at_least(1_000_000))
    add(f"a start with a snapshot of {restart.get('orders', 0):,} orders, s" if restart else "a start with a snapshot, s", "≤ 5",
        "≤ 1", restart.get("seconds_with_snapshot", []), two, at_most(5))
    for engine, aim in (("PostgreSQL", 50_000), ("SQLite", 80_000)):
        add(f"the blotter keeps up with orders/s, {engine}", "≥ 20,000", f"≥ {aim:,}", blotter.get(engine, []), whole,
            at_least(20_000))
    lines += ["| allocations an order | 0 | 0 | a test: `order_way_test` | yes |",
              "| system calls a batch | one wait, one read and one write a session | fewer | a test: `batch_test` | yes |"]
    return "\n".join(lines)


def fast(document):
    """The README's few figures: medians by subject."""
    subjects = {"process": "`process`", "disk": "`disk`", "textbook-file": "textbook"}

    def median(subject, load, value):
        values = [value(run) for run in document["runs"] if (run["subject"], run["load"]) == (subject, load)]
        return statistics.median(values) if values else 0

    def latencies(subject):
        both = (median(subject, "1,000/s", percentile) / 1000 for percentile in (p50, p99))
        return ", ".join(f"{v:,.0f}" for v in both) + " µs"

    saturated = (f"{median(subject, '1,024 in flight', throughput) * 1e9:,.0f}" for subject in subjects)
    return "\n".join(["| " + " | ".join(["", *subjects.values()]) + " |", "|---" * (len(subjects) + 1) + "|",
                      "| orders a second, each with its two reports, saturated | " + " | ".join(saturated) + " |",
                      "| round trip at 1,000 orders a second: median, 99th percentile | "
                      + " | ".join(latencies(subject) for subject in subjects) + " |"])
