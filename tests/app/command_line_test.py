"""The command line as its users meet it: exit codes, help, and check-config's answers.

Usage: command_line_test.py PORTCULLIS SOURCE_DIR
"""

import os
import subprocess
import sys
import tempfile
import unittest

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


class CommandLine(unittest.TestCase):
    def test_each_command_has_help(self):
        done = run("--help")
        self.assertEqual(done.returncode, 0)
        for command in (["check-config"], ["demo"], ["broker"], ["client"], ["journal"], ["journal", "verify"],
                        ["journal", "dump"], ["journal", "replay"], ["blotter"], ["blotter", "migrate"],
                        ["blotter", "rebuild"],
                        ["user"], ["user", "hash"]):
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
        self.assertIn("warning: the limit max_daily_loss", done.stderr)

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


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
