"""Clients that are too fast for their throttle, on real sockets: action reject, delay and disconnect.

Usage: throttle_test.py PORTCULLIS SOURCE_DIR
"""

import datetime
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import unittest
import json

PROGRAM = sys.argv[1]
SOURCE = sys.argv[2]
RATE = 50
BURST = 10
TOKENS = {
    f"PORTCULLIS_{name}_TOKEN": f"{name.lower()}-0123456789"
    for name in ("VIEWER", "OPERATOR", "RISK1", "RISK2", "ADMIN")
}


class Gateway:
    """`portcullis run` on free ports, without brokers: an order that passes risk is refused for want of a route."""

    def __init__(self, directory, action):
        with open(os.path.join(SOURCE, "config", "gateway.yaml"), encoding="utf-8") as file:
            text = file.read()
        text = re.sub(r"127\.0\.0\.1:(9880|8080)", "127.0.0.1:0", text)
        text = re.sub(r"127\.0\.0\.1:990\d", "127.0.0.1:1", text)
        text = text.replace("{messages_per_second: 1000, burst: 2000, action: reject}",
                            f"{{messages_per_second: {RATE}, burst: {BURST}, action: {action}}}")
        assert f"action: {action}" in text
        path = os.path.join(directory, "gateway.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        self.lines = []
        self.seen = threading.Condition()
        self.process = subprocess.Popen([PROGRAM, "run", "--config", path], stderr=subprocess.PIPE, text=True,
                                        env={**os.environ, **TOKENS})
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        for line in self.process.stderr:
            with self.seen:
                self.lines.append(line)
                self.seen.notify_all()

    def wait_for(self, event, **fields):
        def find():
            return next((line for line in map(json.loads, self.lines)
                         if line["event"] == event and all(line.get(key) == value for key, value in fields.items())), None)
        with self.seen:
            if not self.seen.wait_for(find, timeout=60):
                raise AssertionError(f"no log line {event} {fields} in:\n" + "".join(self.lines))
            return find()

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=60)
        self.reader.join()
        self.process.stderr.close()


class Client:
    """A FIX 4.4 client of the reference configuration's session alpha."""

    def __init__(self, gateway):
        address = gateway.wait_for("listening", **{"for": "clients"})["address"]
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=60)
        self.number = 1
        self.buffer = b""
        self.socket.sendall(self.message("A", "98=0|108=30|141=Y|"))
        logon = self.next()
        assert logon[35] == "A", logon

    def message(self, kind, body):
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%d-%H:%M:%S.%f")[:-3]
        text = f"35={kind}|49=ALPHA|56=PORTCULLIS|34={self.number}|52={now}|{body}"
        self.number += 1
        text = f"8=FIX.4.4|9={len(text)}|{text}".replace("|", "\x01")
        return f"{text}10={sum(text.encode()) % 256:03}\x01".encode()

    def order(self, number):
        return self.message("D", f"11=O{number}|1=ALPHA-1|55=EUR/USD|54=1|38={10000 + number}|40=2|44=1.1|"
                                 "60=20260101-00:00:00|")

    def cancel(self, number):
        return self.message("F", f"11=C{number}|41=O{number}|55=EUR/USD|54=1|38={10000 + number}|60=20260101-00:00:00|")

    def next(self):
        """The next message as a map, or None at the end of the connection."""
        while True:
            end = re.search(rb"\x0110=\d{3}\x01", self.buffer)
            if end:
                frame, self.buffer = self.buffer[:end.end()], self.buffer[end.end():]
                fields = {}
                for field in frame.decode().split("\x01")[:-1]:
                    tag, value = field.split("=", 1)
                    fields.setdefault(int(tag), value)
                return fields
            received = self.socket.recv(65536)
            if not received:
                return None
            self.buffer += received

    def reports(self, count):
        """That many ExecutionReports and OrderCancelRejects."""
        found = []
        while len(found) < count:
            message = self.next()
            assert message is not None, f"the connection ended after {found}"
            if message[35] in "89":
                found.append(message)
        return found


def seconds(message):
    return datetime.datetime.strptime(message[52], "%Y%m%d-%H:%M:%S.%f").timestamp()


class Throttle(unittest.TestCase):
    def run_with(self, action, conversation):
        with tempfile.TemporaryDirectory() as directory:
            gateway = Gateway(directory, action)
            try:
                client = Client(gateway)
                try:
                    conversation(gateway, client)
                finally:
                    client.socket.close()
            finally:
                gateway.stop()

    def test_reject_refuses_what_is_too_fast_and_never_a_cancel(self):
        def conversation(_, client):
            client.socket.sendall(b"".join(client.order(i) for i in range(400)))
            reports = client.reports(400)
            refused = [report for report in reports if report[58].startswith("RISK-14 C1")]
            self.assertGreater(len(refused), 0)
            self.assertFalse(reports[0][58].startswith("RISK-14"))
            client.socket.sendall(client.cancel(0))
            self.assertEqual(client.reports(1)[0][102], "0", "the order is over; its cancel is not refused by C1")
        self.run_with("reject", conversation)

    def test_delay_reads_no_faster_than_the_throttle_and_refuses_nothing(self):
        def conversation(_, client):
            count = BURST + 2 * RATE
            client.socket.sendall(b"".join(client.order(i) for i in range(count)))
            reports = client.reports(count)
            self.assertEqual([report[11] for report in reports], [f"O{i}" for i in range(count)])
            self.assertEqual([report[58] for report in reports if report[58].startswith("RISK-14")], [])
            # The burst at once; the rest took as long as its tokens, which come back at RATE and no faster.
            self.assertGreaterEqual(seconds(reports[-1]) - seconds(reports[0]), (count - BURST - 1) / RATE - 0.1)
        self.run_with("delay", conversation)

    def test_disconnect_says_why_and_closes(self):
        def conversation(gateway, client):
            client.socket.sendall(b"".join(client.order(i) for i in range(400)))
            logout = None
            while True:
                message = client.next()
                if message is None:
                    break
                if message[35] == "5":
                    logout = message
            self.assertIsNotNone(logout)
            self.assertEqual(logout[58], f"RISK-14 C1: more than {RATE} messages per second")
            gateway.wait_for("alert", code="too_fast")
        self.run_with("disconnect", conversation)

    def test_what_the_session_level_has_to_answer_is_counted_too(self):
        def conversation(gateway, client):
            def malformed():
                return client.message("D", "11=X|")

            # As many as a client's own tests may send at once are rejected, each by number, and the session goes on.
            client.socket.sendall(b"".join(malformed() for _ in range(600)))
            for number in range(600):
                reject = client.next()
                self.assertEqual((reject[35], reject[45]), ("3", str(number + 2)))
            client.socket.sendall(client.message("1", "112=STILL|"))
            self.assertEqual(client.next()[112], "STILL")
            # Many more end it, with the reason and an alert, however slowly they are handled here; so do TestRequests.
            flood = b"".join(malformed() if i % 2 else client.message("1", "112=T|") for i in range(20000))

            def send():
                try:
                    client.socket.sendall(flood)
                except OSError:
                    pass  # the gateway has closed the connection

            sender = threading.Thread(target=send)
            sender.start()
            answers = 0
            logout = None
            while logout is None and (message := client.next()) is not None:
                answers += message[35] in ("0", "3")
                if message[35] == "5":
                    logout = message
            sender.join()  # what it still sends is read and ignored, or the connection closes on it
            self.assertIsNotNone(logout)
            self.assertTrue(logout[58].startswith("RISK-14 C1: too many messages that the session level"), logout[58])
            self.assertGreaterEqual(answers, 300)
            self.assertLess(answers, 20000)
            gateway.wait_for("alert", code="too_fast")
        for action in ("reject", "delay"):
            with self.subTest(action=action):
                self.run_with(action, conversation)

    def test_status_requests_are_answered_no_faster_than_the_session_level_answers(self):
        def conversation(_, client):
            at_once, rate, more = 1000, 100, 150
            client.socket.sendall(client.order(0))
            client.reports(1)
            client.socket.sendall(b"".join(client.message("H", "11=O0|55=EUR/USD|54=1|") for _ in range(at_once + more)))
            reports = client.reports(at_once + more)
            self.assertEqual({report[150] for report in reports}, {"I"})
            self.assertGreaterEqual(seconds(reports[-1]) - seconds(reports[0]), more / rate - 0.1)
            # None of it was a fault, and none of it took what orders are counted by.
            client.socket.sendall(client.order(1))
            self.assertFalse(client.reports(1)[0][58].startswith("RISK-14"))
        for action in ("reject", "disconnect"):
            with self.subTest(action=action):
                self.run_with(action, conversation)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
