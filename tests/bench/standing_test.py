"""What bench/run writes: the table of what is met, the README's figures, and the counts that the document shows."""
import importlib.machinery
import importlib.util
import pathlib
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "bench"))
import standing  # noqa: E402


def load_run():
    loader = importlib.machinery.SourceFileLoader("bench_run", str(ROOT / "bench" / "run"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("bench_run", loader))
    loader.exec_module(module)
    return module


def run(subject, load, repetition, **values):
    threads = {"portcullis": 7_000, "projector": 11_000} if subject in ("process", "disk") else {"relay": 500}
    return {"subject": subject, "load": load, "repetition": repetition, "cpu_ns_per_order": sum(threads.values()),
            "cpu_ns_per_order_by_thread": threads, "answered": 100, "elapsed_ns": 1_000_000, "p50_ns": 100_000,
            "p99_ns": 200_000, "idle_share": 0.8, "broker_idle_share": 0.7, **values}


class Standing(unittest.TestCase):
    def line(self, figures, what):
        return next(line for line in standing.standing(figures).splitlines() if line.startswith(f"| {what}"))

    def test_ratios_are_of_one_repetition(self):
        document = {"runs": [run("relay", "1,000/s", 1), run("process", "1,000/s", 1, p50_ns=105_000),
                             run("relay", "1,000/s", 2, p50_ns=200_000), run("process", "1,000/s", 2, p50_ns=240_000)]}
        self.assertEqual(self.line({"comparison": document}, "`process`, 1,000/s: p50"),
                         "| `process`, 1,000/s: p50, relay = 1 | ≤ 1.1 | ≤ 1.05 | 1.05 / 1.12 / 1.20 | no |")

    def test_the_median_decides_whether_it_is_met(self):
        figures = {"blotter": {"SQLite": [10_000, 30_000, 40_000]}}
        self.assertTrue(self.line(figures, "the blotter keeps up with orders/s, SQLite").endswith("10,000 / 30,000 / 40,000 | yes |"))
        figures = {"blotter": {"SQLite": [10_000, 19_000, 40_000]}}
        self.assertTrue(self.line(figures, "the blotter keeps up with orders/s, SQLite").endswith("| no |"))

    def test_cpu_is_of_all_threads_and_of_the_one_on_an_orders_way(self):
        closed = "1,024 in flight"
        document = {"runs": [run("relay", closed, 1), run("process", closed, 1)]}
        self.assertIn("| 36.0 | no |", self.line({"comparison": document}, "`process`, saturated: CPU an order"))
        self.assertIn("| 14.0 | no |", self.line({"comparison": document}, "the same of the thread"))

    def test_a_throughput_that_generator_or_broker_bounds_is_compared_with_none(self):
        closed = "1,024 in flight"
        for busy in ({}, {"idle_share": 0.04}, {"broker_idle_share": 0.04}):
            document = {"runs": [run("relay", closed, 1, **busy), run("process", closed, 1, elapsed_ns=2_000_000)]}
            line = self.line({"comparison": document}, "`process`, saturated: orders/s, relay")
            self.assertIn("not measured" if busy else "| 0.50 | no |", line)

    def test_disk_is_told_in_its_own_syncs(self):
        document = {"runs": [run("relay", "1,000/s", 1), run("disk", "1,000/s", 1, p50_ns=300_000, fdatasync_p50_ns=100_000)]}
        self.assertIn("| 2.0 | yes |", self.line({"comparison": document}, "`disk`, 1,000/s"))

    def test_what_was_not_measured_is_met_by_nothing(self):
        for line in standing.standing({}).splitlines()[2:]:
            self.assertTrue("a test: " in line or line.endswith("| not measured | |"), line)


class Document(unittest.TestCase):
    def test_shows_the_counts_that_were_recorded(self):
        bench = load_run()
        part = bench.DOCUMENT.read_text().split("<!-- counts: begin -->\n", 1)[1].split("\n<!-- counts: end -->", 1)[0]
        self.assertEqual(part, bench.counts(), "bench/run --counts-only writes it")

    def test_a_scale_table_is_read_as_it_is_written(self):
        numbers = load_run().numbers
        self.assertEqual(numbers("| with the newest snapshot | 0 | 3,333,333 | 1.16 / 1.97 / 2.78 | 0 | 2,077 |"),
                         [[], [0], [3333333], [1.16, 1.97, 2.78], [0], [2077]])

    def test_the_readme_shows_medians(self):
        document = {"runs": [run("process", load, 1) for load in ("1,000/s", "1,024 in flight")]}
        self.assertIn("| 100,000 | 0 | 0 |", standing.fast(document))
        self.assertIn("| 100, 200 µs | 0, 0 µs |", standing.fast(document))


if __name__ == "__main__":
    unittest.main()
