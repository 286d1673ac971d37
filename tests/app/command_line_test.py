"""The command line as its users meet it: exit codes, help, and check-config's answers.

Usage: command_line_test.py PORTCULLIS SOURCE_DIR
"""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.error
import urllib.request

PROGRAM = sys.argv[1]
SOURCE = sys.argv[2]
REFERENCE = os.path.join(SOURCE, "config", "gateway.yaml")
TOKENS = {
    f"PORTCULLIS_{name}_TOKEN": f"{name.lower()}-0123456789"
    for name in ("VIEWER", "OPERATOR", "RISK1", "RISK2", "ADMIN")
}


def run(*arguments, stdin=""):
    return subprocess.run(
        [PROGRAM, *arguments], input=stdin, capture_output=True, text=True, timeout=60,
        env={**os.environ, **TOKENS}, check=False)


class RunningGateway:
    """`portcullis run` with the reference configuration on free ports; its brokers refuse every connection."""

    def __init__(self, directory):
        with open(REFERENCE, encoding="utf-8") as file:
            text = file.read()
        text = re.sub(r"127\.0\.0\.1:(9880|8080)", "127.0.0.1:0", text)
        text = re.sub(r"127\.0\.0\.1:990\d", "127.0.0.1:1", text)
        self.config = os.path.join(directory, "gateway.yaml")
        self.data = os.path.join(directory, "data")
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(text)
        self.lines = []
        self.seen = threading.Condition()
        self.process = subprocess.Popen(
            [PROGRAM, "run", "--config", self.config], stderr=subprocess.PIPE, text=True, env={**os.environ, **TOKENS})
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        for line in self.process.stderr:
            with self.seen:
                self.lines.append(line)
                self.seen.notify_all()

    def events(self):
        return [json.loads(line) for line in self.lines]

    def wait_for(self, event, **fields):
        def find():
            return next((line for line in self.events()
                         if line["event"] == event and all(line.get(key) == value for key, value in fields.items())), None)
        with self.seen:
            if not self.seen.wait_for(find, timeout=60):
                raise AssertionError(f"no log line {event} {fields} in:\n" + "".join(self.lines))
            return find()

    def get(self, path, user=None):
        address = self.wait_for("listening", **{"for": "operators"})["address"].rstrip("/")
        request = urllib.request.Request(address + path)
        if user:
            request.add_header("Authorization", "Bearer " + TOKENS[f"PORTCULLIS_{user}_TOKEN"])
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.read().decode()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=60)
        self.reader.join()
        self.process.stderr.close()
        return code


class CommandLine(unittest.TestCase):
    def test_each_command_has_help(self):
        done = run("--help")
        self.assertEqual(done.returncode, 0)
        for command in (["run"], ["check-config"], ["demo"], ["broker"], ["client"], ["journal"], ["journal", "verify"],
                        ["journal", "dump"], ["journal", "replay"], ["blotter"], ["blotter", "migrate"],
                        ["blotter", "rebuild"],
                        ["user"], ["user", "hash"], ["kill"], ["drill"], ["status"], ["audit"], ["audit", "verify"]):
            self.assertIn(command[0], done.stdout)
            with self.subTest(command=command):
                self.assertEqual(run(*command, "--help").returncode, 0)

    def test_wrong_use_is_2(self):
        for arguments in ([], ["chekc-config", "x"], ["check-config"], ["broker", "--listen", "x"],
                          ["demo", "--for", "soon"], ["check-config", "a", "b"], ["journal"]):
            with self.subTest(arguments=arguments):
                done = run(*arguments)
                self.assertEqual(done.returncode, 2)
                self.assertNotEqual(done.stderr, "")
                self.assertEqual(done.stdout, "")

    def test_check_config_accepts_the_reference(self):
        done = run("check-config", REFERENCE)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("good", done.stdout)

    def test_check_config_names_every_fault(self):
        with open(REFERENCE, encoding="utf-8") as file:
            text = file.read()
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "broken.yaml")
            with open(path, "w", encoding="utf-8") as file:
                file.write(text.replace("durability: disk", "durabilty: disk").replace("burst: 2000", "burst: lots"))
            done = run("check-config", path)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"broken\.yaml:8:3: unknown key 'durabilty' in gateway, expected 'durability'")
        self.assertRegex(done.stderr, r"broken\.yaml:\d+:\d+: burst is 'lots', expected a whole number")
        self.assertEqual(len(done.stderr.splitlines()), 2, done.stderr)

    def test_check_config_of_a_missing_file_is_no(self):
        self.assertEqual(run("check-config", "/nonexistent.yaml").returncode, 1)

    def test_check_config_refuses_what_a_start_refuses(self):
        with open(REFERENCE, encoding="utf-8") as file:
            text = file.read()
        tls = "  tls: {certificate: server.pem, private_key: server.key}\n"
        broken = {
            "tls": text.replace("  # tls: {certificate: tls/server.pem", tls + "  # tls: {certificate: tls/server.pem"),
            "listens": text.replace("127.0.0.1:8080", "127.0.0.1:9880"),
        }
        expected = {"tls": r"gateway\.yaml:13:3: acceptor: TLS: cannot use certificate .*server\.pem",
                    "listens": r"gateway\.yaml:\d+:11: listen is 127\.0\.0\.1:9880, where clients connect already"}
        for name, changed in broken.items():
            with self.subTest(name), tempfile.TemporaryDirectory() as directory:
                for key in ("server.pem", "server.key"):
                    with open(os.path.join(directory, key), "w", encoding="utf-8") as file:
                        file.write("no certificate")
                path = os.path.join(directory, "gateway.yaml")
                with open(path, "w", encoding="utf-8") as file:
                    file.write(changed)
                done = run("check-config", path)
                self.assertEqual(done.returncode, 1, done.stdout)
                self.assertRegex(done.stderr, expected[name])

    def test_a_misspelt_word_is_named(self):
        for arguments, word in ((["chekc-config", "x"], "chekc-config"), (["--bogus"], "--bogus"), (["run", "--confg", "x"], "--confg")):
            with self.subTest(arguments=arguments):
                done = run(*arguments)
                self.assertEqual(done.returncode, 2)
                self.assertIn("not expected: ", done.stderr)
                self.assertIn(word, done.stderr)

    def test_a_client_that_cannot_log_on_says_so_and_tries_on(self):
        client = subprocess.Popen(
            [PROGRAM, "client", "--connect", "127.0.0.1:1", "--version", "FIX.4.4", "--comp-id", "ALPHA", "--peer-comp-id",
             "PORTCULLIS"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        said = client.stderr.readline()
        client.send_signal(signal.SIGTERM)
        client.communicate(timeout=60)
        self.assertIn("expected a gateway that listens at 127.0.0.1:1 and lets ALPHA log on", said)

    def test_user_hash_reads_standard_input_and_prints_a_hash(self):
        done = run("user", "hash", stdin="correct horse\n")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(done.stdout.startswith("$argon2id$v=19$"), done.stdout)
        self.assertEqual(run("user", "hash", stdin="").returncode, 1)

    def test_journal_verify_of_nothing_is_no(self):
        with tempfile.TemporaryDirectory() as directory:
            done = run("journal", "verify", os.path.join(directory, "missing"))
        self.assertEqual(done.returncode, 1)
        self.assertNotEqual(done.stderr, "")

    def test_run_serves_logs_and_stops(self):
        with tempfile.TemporaryDirectory() as directory:
            gateway = RunningGateway(directory)
            try:
                gateway.wait_for("listening", **{"for": "clients"})
                gateway.get("/health/live")
                with self.assertRaises(urllib.error.HTTPError) as refused:
                    gateway.get("/api/v1/limits")
                refused.exception.close()
                self.assertEqual(refused.exception.code, 401)
                limits = json.loads(gateway.get("/api/v1/limits", "VIEWER"))
                limits = limits if isinstance(limits, list) else limits["limits"]
                firm = next(entry for entry in limits if entry["scope"] == "firm")["limits"]
                self.assertTrue(firm["max_order_quantity"]["enforced"])
                self.assertTrue(firm["max_daily_loss"]["enforced"])

                second = run("run", "--config", gateway.config)
                self.assertEqual(second.returncode, 1)
                self.assertIn("data", second.stderr)

                gateway.process.send_signal(signal.SIGHUP)
                gateway.wait_for("reloaded")
            finally:
                code = gateway.stop()
            self.assertEqual(code, 0, "".join(gateway.lines))
            for line in gateway.events():
                self.assertIn(line["level"], ("debug", "info", "warning", "error"))
                self.assertRegex(line["ts"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$")
            for token in TOKENS.values():
                self.assertNotIn(token, "".join(gateway.lines))

            done = run("journal", "messages", gateway.data, "--session", "alhpa")
            self.assertEqual(done.returncode, 1)
            self.assertIn("no session is called 'alhpa', expected one of: alpha, northbank, southbank", done.stderr)
            self.assertEqual(run("journal", "messages", gateway.data, "--session", "alpha").returncode, 0)

            for what in (["journal", "verify", gateway.data], ["journal", "dump", gateway.data],
                         ["journal", "replay", gateway.data], ["blotter", "rebuild", "--config", gateway.config]):
                with self.subTest(what=what[:2]):
                    done = run(*what)
                    self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                    for token in TOKENS.values():
                        self.assertNotIn(token, done.stdout + done.stderr)

    def test_run_refuses_a_configuration_with_faults(self):
        with open(REFERENCE, encoding="utf-8") as file:
            text = file.read()
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "gateway.yaml")
            with open(path, "w", encoding="utf-8") as file:
                file.write(text.replace("durability: disk", "durability: replicated"))
            done = run("run", "--config", path)
            self.assertFalse(os.path.exists(os.path.join(directory, "data")))
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"gateway\.yaml:\d+:\d+: durability 'replicated' is reserved and not built yet")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
