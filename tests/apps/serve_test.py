"""heed serve from outside: its interfaces, and clients that are slow, broken, hostile or many."""

import concurrent.futures
import contextlib
import gzip
import http.client
import json
import os
import re
import resource
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time
import unittest
import urllib.parse
import urllib.request

import harness
from harness import HeedTest, heed, sample_lines

PATIENCE = 120  # seconds, a guard against hanging


class Server:
    """A heed serve on a port of its own."""

    def __init__(self, *arguments):
        self.process = harness.start("serve", *arguments, "--port", 0, "--threads", 1,
                                     stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        self.log = []
        for line in self.process.stderr:
            self.log.append(line.decode())
            if match := re.match(r"serving at (\w+)://([^:]+):(\d+)$", self.log[-1]):
                self.scheme, self.host, self.port = match[1], match[2], int(match[3])
                break
        else:
            raise AssertionError("".join(self.log))
        self.reader = threading.Thread(target=self.read_log, daemon=True)
        self.reader.start()

    def read_log(self):
        for line in self.process.stderr:
            self.log.append(line.decode())

    def wait_for_log(self, text):
        deadline = time.monotonic() + PATIENCE
        while not any(text in line for line in self.log):
            if time.monotonic() > deadline:
                raise AssertionError(f"no {text!r} in {self.log}")
            time.sleep(0.02)

    def stop(self, sent=signal.SIGTERM):
        self.process.send_signal(sent)
        code = self.process.wait(timeout=PATIENCE)
        self.end()
        return code

    def end(self):
        """Whatever state it is in."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.reader.join()
        self.process.stderr.close()

    def connect(self):
        return http.client.HTTPConnection(self.host, self.port, timeout=PATIENCE)

    def socket(self):
        return socket.create_connection((self.host, self.port), timeout=PATIENCE)

    def ask(self, method, path, body=None, headers=None):
        """Status, headers and body of one request on a connection of its own."""
        connection = self.connect()
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return response.status, dict(response.getheaders()), response.read()
        finally:
            connection.close()

    def post(self, path, values):
        status, _, body = self.ask("POST", path, json.dumps(values),
                                   {"Content-Type": "application/json"})
        return status, json.loads(body)

    def get(self, path):
        status, _, body = self.ask("GET", path)
        return status, json.loads(body)

    def translate(self, text, **more):
        status, answer = self.post("/translate", {"q": text, "source": "de", "target": "en", **more})
        assert status == 200, answer
        return answer["translatedText"]

    def metric(self, name):
        _, _, body = self.ask("GET", "/metrics")
        return float(re.search(rf"^{name} (\S+)$", body.decode(), re.MULTILINE)[1])

    def wait_for_metric(self, name, value):
        deadline = time.monotonic() + PATIENCE
        while (found := self.metric(name)) != value:
            assert time.monotonic() < deadline, f"{name} stays {found}"
            time.sleep(0.05)

    def wait_until_sentences_wait(self):
        deadline = time.monotonic() + PATIENCE
        while self.metric("heed_waiting_sentences") == 0:
            assert time.monotonic() < deadline, "no sentence waits"
            time.sleep(0.01)


def raw(server, text, end=True):
    """What comes back for these bytes, to the connection's end."""
    with server.socket() as connection:
        connection.sendall(text)
        if not end:
            return connection.recv(65536)
        received = b""
        while part := connection.recv(65536):
            received += part
        return received


class ServeTest(HeedTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.model = cls.learned("trained").model
        cls.lines = sample_lines("test.de", 40)

    def serve(self, *arguments):
        server = Server(self.model, *arguments)
        self.addCleanup(server.end)
        return server

    def expected(self, lines):
        result = heed("translate", self.model, "--threads", 1, "--split-sentences", stdin=harness.text(lines))
        return harness.lines_of(self.ok(result).stdout)


class Interfaces(ServeTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = Server(cls.model)
        cls.addClassCleanup(cls.server.stop)

    def test_translations_are_those_of_translate(self):
        expected = self.expected(self.lines)
        self.assertEqual([self.server.translate(line) for line in self.lines], expected)
        self.assertEqual(self.server.translate(self.lines), expected)
        self.assertEqual(self.server.translate("\n".join(self.lines)), "\n".join(expected))

    def test_many_clients_get_their_own_answers(self):
        lines = sample_lines("train.de", 200)
        expected = dict(zip(lines, self.expected(lines), strict=True))
        with concurrent.futures.ThreadPoolExecutor(32) as pool:
            for line, got in zip(lines, pool.map(self.server.translate, lines), strict=True):
                self.assertEqual(got, expected[line])

    def test_languages_come_from_the_names_of_files(self):
        status, languages = self.server.get("/languages")
        self.assertEqual(status, 200)
        self.assertEqual(languages[0], {"code": "de", "name": "German", "targets": ["en"]})
        self.assertEqual(self.server.get("/health"), (200, {"status": "ok"}))

    def test_directions_are_given_to_several_models(self):
        server = self.serve(self.model, "--direction", "de-en", "--direction", "fr:pt-BR")
        _, languages = server.get("/languages")
        targets = {one["code"]: one["targets"] for one in languages}
        self.assertEqual((targets["de"], targets["fr"]), (["en"], ["pt-br"]))
        self.assertEqual(server.translate(self.lines[0], source="fr", target="pt-BR"),
                         self.expected(self.lines[:1])[0])
        server.stop()
        self.refused(heed("serve", self.model, "--direction", "de-en", "--direction", "en-de"), 2,
                     "--direction comes 2 times for 1 models")

    def test_the_client_of_libretranslate(self):
        try:
            from libretranslatepy import LibreTranslateAPI
        except ImportError:
            self.skipTest("libretranslatepy is not installed")
        client = LibreTranslateAPI(f"http://127.0.0.1:{self.server.port}/", api_key="none")
        self.assertEqual(client.translate(self.lines[0], "de", "en"), self.expected(self.lines)[0])
        self.assertEqual(client.detect("Der Hund ist im Garten.")[0]["language"], "de")
        self.assertEqual(client.languages()[0]["code"], "de")

    def test_wrong_methods_and_paths(self):
        for method, path, expected in (("GET", "/translate", 405), ("PUT", "/detect", 405),
                                       ("DELETE", "/languages", 405), ("POST", "/none", 404),
                                       ("PATCH", "/", 405), ("OPTIONS", "/translate", 200),
                                       ("TRACE", "/", 405)):
            status, headers, _ = self.server.ask(method, path)
            self.assertEqual(status, expected, (method, path))
            self.assertEqual(headers["Access-Control-Allow-Origin"], "*")
        status, headers, body = self.server.ask("HEAD", "/health")
        self.assertEqual((status, body), (200, b""))

    def test_the_page_and_the_interface_described(self):
        status, headers, body = self.server.ask("GET", "/")
        self.assertEqual(status, 200)
        self.assertIn("text/html", headers["Content-Type"])
        for name in re.findall(r'(?:src|href)="([\w.-]+)"', body.decode()):
            self.assertEqual(self.server.ask("GET", "/" + name)[0], 200, name)
        self.assertNotRegex(body.decode(), r'(?:src|href)="https?:')
        self.assertIn("/translate", self.server.get("/spec")[1]["paths"])
        self.assertEqual(self.server.ask("GET", "/docs")[0], 200)

    def test_all_that_the_search_has_seen(self):
        line = self.lines[0]
        status, answer = self.server.post("/v1/translate", {
            "q": line, "source": "auto", "target": "en", "n_best": 3, "attention": True})
        self.assertEqual(status, 200, answer)
        one = answer["translations"][0]
        self.assertEqual(answer["source"], "de")
        self.assertEqual(one["source_words"], line.split())
        self.assertEqual(one["target_words"], one["text"].split())
        self.assertEqual(len(one["n_best"]), 3)
        self.assertEqual(one["n_best"][0]["text"], one["text"])
        self.assertEqual(len(one["attention"]), len(one["target_words"]))
        for row in one["attention"]:
            self.assertEqual(len(row), len(one["source_words"]))
        for source, target in one["alignment"]:
            self.assertEqual(max(one["attention"][target]), one["attention"][target][source])

    def test_prefixes_phrases_and_alternatives(self):
        line = self.lines[0]
        words = self.server.translate(line).split()
        query = {"q": line, "source": "de", "target": "en"}
        status, answer = self.server.post("/v1/translate", {**query, "prefix": "Two dogs"})
        self.assertTrue(answer["translations"][0]["text"].startswith("Two dogs"), answer)
        status, answer = self.server.post("/v1/translate", {**query, "constraints": ["garden"]})
        self.assertIn("garden", answer["translations"][0]["text"])
        term = line.split()[1].strip(".,")
        status, answer = self.server.post("/v1/translate", {**query, "glossary": {term: "window"}})
        self.assertIn("window", answer["translations"][0]["text"])
        prefix = " ".join(words[:2])
        status, answer = self.server.post("/v1/alternatives", {**query, "prefix": prefix})
        self.assertEqual(status, 200, answer)
        found = answer["alternatives"]
        self.assertGreater(len(found), 1)
        self.assertEqual(len({one["word"] for one in found}), len(found))
        for one in found:
            self.assertEqual(one["text"].split()[:3], [*words[:2], one["word"]])
        self.assertEqual(sorted(found, key=lambda one: -one["score"]), found)

    def test_a_stream_tells_each_sentence(self):
        text = " ".join(self.lines[:4])
        connection = self.server.connect()
        connection.request("POST", "/v1/translate", json.dumps(
            {"q": text, "source": "de", "target": "en", "stream": True}),
            {"Content-Type": "application/json"})
        response = connection.getresponse()
        self.assertEqual(response.headers["Content-Type"], "text/event-stream")
        events = [json.loads(line[6:]) for line in response.read().decode().split("\n\n") if line]
        connection.close()
        self.assertEqual([event["done"] for event in events[:-1]], list(range(1, len(events))))
        self.assertEqual(events[-2]["so_far"], events[-1]["translations"][0]["text"])

    def test_deepl(self):
        form = urllib.parse.urlencode([("text", line) for line in self.lines[:2]] +
                                      [("target_lang", "EN-US")])
        status, _, body = self.server.ask("POST", "/v2/translate", form,
                                          {"Content-Type": "application/x-www-form-urlencoded"})
        self.assertEqual(status, 200, body)
        self.assertEqual(json.loads(body)["translations"],
                         [{"detected_source_language": "DE", "text": text}
                          for text in self.expected(self.lines[:2])])
        status, answer = self.server.post("/v2/translate", {"text": ["a"], "target_lang": "XX"})
        self.assertEqual((status, "message" in answer), (400, True))

    def test_html_keeps_its_tags(self):
        html = f"<p>{self.lines[0]} <b>{self.lines[1]}</b></p><pre>der Hund</pre>"
        got = self.server.translate(html, format="html")
        self.assertRegex(got, r"^<p>.*<b>.+</b></p><pre>der Hund</pre>$")

    def translate_file(self, name, content):
        """The parsed address of its translation."""
        body = b""
        for field, value in (("source", "de"), ("target", "en")):
            body += f'--x\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'.encode()
        body += (f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
                 f"{content}\r\n--x--\r\n").encode()
        status, _, answer = self.server.ask("POST", "/translate_file", body,
                                            {"Content-Type": "multipart/form-data; boundary=x"})
        self.assertEqual(status, 200, answer)
        return urllib.parse.urlparse(json.loads(answer)["translatedFileUrl"])

    def test_documents(self):
        url = self.translate_file("a.txt", harness.text(self.lines))
        status, headers, text = self.server.ask("GET", url.path)
        self.assertIn("attachment", headers["Content-Disposition"])
        self.assertEqual(text.decode(), harness.text(self.expected(self.lines)))

    def test_documents_of_any_name_are_fetched(self):
        expected = self.expected(self.lines[:1])[0]
        for name in ("my file", "100%", "100%25", "%u0041+1", "\u00e4\u72ac", "a?b#c;d&e=f", "x" * 5000):
            url = self.translate_file(name + ".txt", self.lines[0])
            status, headers, text = self.server.ask("GET", url.path)
            self.assertEqual((status, text.decode(), url.query), (200, expected, ""), name)
            encoded = headers["Content-Disposition"].partition("filename*=UTF-8''")[2]
            self.assertEqual(urllib.parse.unquote(encoded), name[:200] + "_en.txt")

    def test_connections_are_kept_and_requests_may_queue_in_them(self):
        connection = self.server.connect()
        for _ in range(20):
            connection.request("GET", "/health")
            self.assertEqual(connection.getresponse().read(), b'{"status":"ok"}\n')
        connection.close()
        one = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
        last = b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        self.assertEqual(raw(self.server, one * 5 + last).count(b'{"status":"ok"}'), 6)


class Hostile(ServeTest):
    """Clients that do what they should not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = Server(cls.model, "--server.max_body=100000", "--server.read_timeout=2",
                            "--server.idle_timeout=3", "--server.write_timeout=2")
        cls.addClassCleanup(cls.server.stop)

    def tearDown(self):
        # Whatever a client did, the next one is served.
        self.assertEqual(self.server.get("/health")[0], 200)

    def status_of(self, answer):
        self.assertTrue(answer.startswith(b"HTTP/1.1 "), answer[:200])
        head = answer.partition(b"\r\n\r\n")[0].lower()
        self.assertLessEqual(head.count(b"\ncontent-length:"), 1, head)
        return int(answer.split()[1])

    def test_bodies_that_are_too_large(self):
        status, _, body = self.server.ask("POST", "/translate", b"q=" + b"a" * 200000)
        self.assertEqual(status, 413, body)
        before = self.server.metric("process_resident_memory_bytes")
        # A hundred megabytes, sent by a client that reads the answer only after them.
        status, _, body = self.server.ask("POST", "/translate", b"q=" + b"a" * 100_000_000)
        self.assertEqual(status, 413, body)
        self.assertLess(self.server.metric("process_resident_memory_bytes"), before + 30e6)
        head = b"POST /translate HTTP/1.1\r\nHost: x\r\n"
        chunk = b"8000\r\n" + b"a" * 32768 + b"\r\n"
        self.assertEqual(self.status_of(raw(
            self.server, head + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 8)), 413)
        self.assertEqual(self.status_of(raw(
            self.server, head + b"Expect: 100-continue\r\nContent-Length: 999999999\r\n\r\n")), 413)

    def test_bodies_whose_length_is_said_in_two_ways(self):
        head = b"POST /translate HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        smuggled = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
        for lengths in (b"Content-Length: 4\r\nTransfer-Encoding: chunked", b"Content-Length: 5\r\nContent-Length: 4",
                        b"Transfer-Encoding: xchunked", b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
                        b"Content-Length:", b"content-length: \t", b"Transfer-Encoding: "):
            answer = raw(self.server, head + lengths + b"\r\n\r\n0\r\n\r\n" + smuggled)
            self.assertEqual(self.status_of(answer), 400, lengths)
            self.assertEqual(answer.count(b"HTTP/1.1 "), 1, lengths)  # nothing behind it is read as a request

    def test_headers_whose_names_are_none(self):
        body = b'{"q": "Eins.", "source": "de", "target": "en"}'
        for line in (b"Host : x", b"Content-Length : 5", b"A\tB: x", b"\xc3\xa9: x", b" folded: x"):
            answer = raw(self.server, b"POST /translate HTTP/1.1\r\nHost: x\r\n" + line +
                         b"\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            self.assertEqual(self.status_of(answer), 400, line)
            self.assertIn(b"no header's name", answer, line)
            self.assertEqual(answer.count(b"HTTP/1.1 "), 1, line)

    def test_trailers_are_taken(self):
        fields = b"q=Eins.&source=de&target=en"
        head = b"POST /translate HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        body = b"%x;a=b\r\n%s\r\n0\r\n" % (len(fields), fields)
        last = b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        answer = raw(self.server, head + body + b"Digest: x\r\nOther: y\r\n\r\n" + last)
        self.assertEqual(answer.count(b"HTTP/1.1 200"), 2, answer)
        self.assertIn(b"translatedText", answer)
        answer = raw(self.server, head + body + b"no trailer\r\n\r\n" + last)
        self.assertEqual((self.status_of(answer), answer.count(b"HTTP/1.1 ")), (400, 1))

    def test_nothing_is_read_behind_compressed_chunks(self):
        fields = gzip.compress(b"q=Eins.&source=de&target=en")
        head = b"POST /translate HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
        body = b"%x\r\n%s\r\n0\r\n" % (len(fields), fields)
        for trailer in (b"", b"GET /health HTTP/1.1\r\n"):
            answer = raw(self.server, head + body + trailer + b"\r\n" + b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
            self.assertEqual(answer.count(b"HTTP/1.1 "), 1, answer)
            self.assertIn(b"Connection: close", answer)

    def test_codings_of_a_body(self):
        fields = b"q=Eins.&source=de&target=en"
        packed = gzip.compress(fields)
        for coding, body, expected in (("gzip", packed, 200), ("GZIP", packed, 200), ("x-gzip", packed, 200),
                                       ("identity", fields, 200), ("zstd", fields, 415), ("gzip, br", packed, 415),
                                       ("x", fields, 415), ("gzip", fields, 400)):
            status, _, answer = self.server.ask("POST", "/translate", body, {
                "Content-Type": "application/x-www-form-urlencoded", "Content-Encoding": coding})
            self.assertEqual(status, expected, (coding, answer))
            if expected == 415:
                self.assertIn(f"Content-Encoding {coding} ", json.loads(answer)["error"])

    def test_lines_of_a_head(self):
        long = b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: %s\r\n\r\n"
        self.assertEqual(self.status_of(raw(self.server, long % (b"a" * 8000))), 200)
        answer = raw(self.server, long % (b"a" * 9000))
        self.assertEqual(self.status_of(answer), 431)
        self.assertIn(b"8192 bytes", answer)
        # The library leaves such a line out, where a proxy may not.
        answer = raw(self.server, b"GET /health HTTP/1.1\r\nHost: x\r\nContent-Length: 5\n\r\n\r\n")
        self.assertEqual(self.status_of(answer), 400)
        self.assertIn(b"CR LF", answer)

    def test_addresses_in_full(self):
        for address in (b"http://there:80/languages", b"HTTPS://there:80/languages?x=y"):
            answer = raw(self.server, b"GET " + address + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            self.assertIn(b'"code":"de"', answer)
        answer = raw(self.server, b"GET http://there HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        self.assertIn(b"<html", answer)

    def test_hosts_that_are_missing_or_many(self):
        close = b"Connection: close\r\n\r\n"
        for head, expected in ((b"GET /health HTTP/1.1\r\n", 400), (b"GET /health HTTP/1.0\r\n", 200),
                               (b"GET /health HTTP/1.1\r\nHost: x\r\n", 200), (b"GET /health HTTP/1.1\r\nhost:\r\n", 200),
                               (b"GET /health HTTP/1.1\r\nHost: x\r\nHost: x\r\n", 400),
                               (b"GET /health HTTP/1.1\r\nHost: x\r\nHOST:\r\n", 400),
                               (b"GET /health HTTP/1.0\r\nHost: x\r\nHost: y\r\n", 400)):
            answer = raw(self.server, head + close)
            self.assertEqual(self.status_of(answer), expected, head)
            self.assertIn(b"the header Host" if expected == 400 else b"ok", answer, head)

    def test_names_in_any_case(self):
        form = b"".join(b'--x\r\ncontent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % one for one in (
            (b"q", b"Eins."), (b"source", b"de"), (b"target", b"en"))) + b"--x--\r\n"
        status, _, answer = self.server.ask("POST", "/translate", form,
                                            {"Content-Type": "Multipart/Form-Data; Boundary=x"})
        self.assertEqual(status, 200, answer)

    def test_bodies_that_never_end(self):
        head = b"POST /translate HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"
        self.assertEqual(self.status_of(raw(self.server, head + b"q=half")), 408)
        self.assertEqual(self.status_of(raw(self.server, b"POST /translate HTTP/1.1\r\nHo")), 408)

    def test_senders_of_a_byte_now_and_then_do_not_outlast_the_deadline(self):
        with self.server.socket() as connection:
            start = time.monotonic()
            try:
                for byte in b"GET /" + b"a" * 1000:
                    connection.sendall(bytes([byte]))
                    time.sleep(0.1)
            except OSError:
                pass
            self.assertLess(time.monotonic() - start, 20)

    def test_what_is_no_http(self):
        for text in (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", b"hello\r\n\r\n", b"GET\r\n\r\n",
                     b"GET / HTTP/9.9\r\n\r\n", b"\r\n\r\n\r\n"):
            self.assertEqual(self.status_of(raw(self.server, text)), 400, text)
        self.assertEqual(self.status_of(raw(self.server, b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 50000)), 431)
        self.assertEqual(self.status_of(raw(self.server, b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n\r\n")), 414)
        self.assertEqual(self.status_of(raw(self.server, b"A" * 1000000)), 431)

    def test_methods_and_ranges_that_are_none(self):
        for method in (b"FOO", b"BREW", b"get"):
            answer = raw(self.server, method + b" /translate HTTP/1.1\r\nHost: x\r\n\r\n")
            self.assertEqual(self.status_of(answer), 501, method)
            self.assertIn(b"no method " + method, answer)
        # A range is ignored, whether it is one or not.
        for line in (b"Range: foo", b"range:bytes=5-2", b"RANGE: bytes=0-1, 5-2", b"Range: bytes=0-3", b"Range:"):
            answer = raw(self.server, b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + line + b"\r\n\r\n")
            self.assertEqual(self.status_of(answer), 200, line)
            self.assertIn(b'{"status":"ok"}', answer, line)

    def test_what_is_refused_early_is_counted(self):
        def counted(path, status):
            _, _, body = self.server.ask("GET", "/metrics")
            found = re.search(rf'^heed_requests_total{{path="{path}",status="{status}"}} (\S+)$', body.decode(), re.MULTILINE)
            return float(found[1]) if found else 0

        post = b"POST /translate HTTP/1.1\r\nHost: x\r\n"
        for text, path, status in (
                (post + b"Content-Length: 999999999\r\n\r\n", "/translate", 413),
                (post + b"Expect: 100-continue\r\nContent-Length: 999999999\r\n\r\n", "/translate", 413),
                (post + b"Content-Length: x\r\n\r\n", "/translate", 400),
                (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", "other", 414),
                (b"GET / HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 50000, "other", 431),
                (b"A" * 1000000, "other", 431),
                (b"FOO / HTTP/1.1\r\nHost: x\r\n\r\n", "other", 501),
                (b"hello\r\n\r\n", "other", 400)):
            before = counted(path, status)
            self.assertEqual(self.status_of(raw(self.server, text)), status, text[:80])
            self.assertEqual(counted(path, status), before + 1, text[:80])

    def test_lengths_that_are_none(self):
        for length, expected in ((b"-1", 400), (b"+5", 400), (b"0x5", 400), (b"x", 400), (b"1e9", 400),
                                 (b"5,5", 400), (b"99999999999999999999999", 413)):
            for more in (b"", b"Expect: 100-continue\r\n"):
                answer = raw(self.server, b"POST /translate HTTP/1.1\r\nHost: x\r\n" + more +
                             b"Content-Length: " + length + b"\r\n\r\nq=a")
                self.assertEqual(self.status_of(answer), expected, length)
                self.assertIn(b"Content-Length is a number" if expected == 400 else b"max_body", answer)

    def test_text_that_is_none(self):
        form = "application/x-www-form-urlencoded"
        for body, kind, words in (
                (b'{"q": "\xff", "source": "de", "target": "en"}', "application/json", "byte 8 is not UTF-8"),
                (b'{"q": ', "application/json", "Invalid JSON format"),
                (b"[" * 50000, "application/json", "Invalid JSON format"),
                (b"q=a%FF%FEb&source=de&target=en", form, "byte 2 of q is not UTF-8"),
                (b"q=a\xff&source=de&target=en", form, "byte 2 of q is not UTF-8"),
                (b"q=a&source=de&target=en", form + "; charset=latin1", "charset is latin1")):
            status, _, answer = self.server.ask("POST", "/translate", body, {"Content-Type": kind})
            self.assertEqual(status, 400, answer)
            self.assertIn(words, json.loads(answer)["error"])
        status, _, answer = self.server.ask("POST", "/translate", b"q=b%00&source=de&target=en", {"Content-Type": form})
        self.assertEqual(status, 200, answer)
        json.loads(answer.decode())

    def test_paths_of_all_kinds(self):
        for path in ("/%00", "/%0a", "/../etc/passwd", "/download_file/../../etc/passwd", "//",
                     "/download_file/%2e%2e%2f", "/style.css/..", "/" + "%" * 100):
            self.assertIn(self.server.ask("GET", path)[0], (400, 404), path)

    def test_slow_readers_stall_nobody(self):
        slow = []
        for _ in range(5):
            connection = socket.socket()
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
            connection.connect((self.server.host, self.server.port))
            connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 200)
            slow.append(connection)
        self.assertEqual(self.server.get("/health")[0], 200)
        self.assertTrue(self.server.translate(self.lines[0]))
        # Who takes nothing for write_timeout is let go: then the connections are gone.
        self.server.wait_for_metric("heed_connections", 1)
        for connection in slow:
            connection.close()

    def test_idle_connections_stall_nobody_and_end(self):
        idle = [self.server.socket() for _ in range(300)]
        self.assertLess(self.server.metric("heed_connection_threads"), 100)
        self.assertTrue(self.server.translate(self.lines[0]))
        idle[0].settimeout(PATIENCE)
        self.assertEqual(idle[0].recv(1), b"")  # closed after idle_timeout
        for connection in idle:
            connection.close()

    def test_clients_that_leave_are_not_translated_for(self):
        text = "\n".join(line for line in sample_lines("train.de", 400))
        body = json.dumps({"q": text, "source": "de", "target": "en"}).encode()
        head = (f"POST /translate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(body)}\r\n\r\n").encode()
        for _ in range(5):
            connection = self.server.socket()
            connection.sendall(head + body)
            time.sleep(0.05)
            connection.close()
        self.server.wait_for_metric("heed_waiting_sentences", 0)


class Limits(ServeTest):
    def test_requests_per_minute_and_keys(self):
        keys = harness.write(self.new_folder() / "keys", "fast 1000\nslow 2\n")
        server = self.serve(f"--server.api_keys={keys}", "--server.metrics_key=m")
        query = {"q": "a", "source": "de", "target": "en"}
        self.assertEqual(server.post("/translate", query)[0], 403)
        self.assertEqual(server.post("/translate", {**query, "api_key": "no"})[0], 403)
        for expected in (200, 200, 429):
            self.assertEqual(server.post("/translate", {**query, "api_key": "slow"})[0], expected)
        self.assertEqual(server.post("/translate", {**query, "api_key": "fast"})[0], 200)
        self.assertEqual(server.ask("GET", "/metrics")[0], 401)
        self.assertEqual(server.ask("GET", "/metrics", headers={"Authorization": "Bearer m"})[0], 200)
        self.assertEqual(server.ask("GET", "/metrics", headers={"Authorization": "bearer m"})[0], 200)
        self.assertEqual(server.get("/frontend/settings")[1]["keyRequired"], True)
        self.assertEqual(server.stop(signal.SIGINT), 130)

    def test_keys_are_read_anew(self):
        keys = harness.write(self.new_folder() / "keys", "old\nboth\n")
        server = self.serve(f"--server.api_keys={keys}")

        def status(key):
            return server.post("/translate", {"q": "a", "source": "de", "target": "en",
                                              "api_key": key})[0]

        self.assertEqual([status(key) for key in ("old", "both", "new")], [200, 200, 403])
        keys.write_text("both\nnew\n")
        server.process.send_signal(signal.SIGHUP)
        server.wait_for_metric("heed_reloads_total", 1)
        self.assertEqual([status(key) for key in ("old", "both", "new")], [403, 200, 200])
        keys.write_text("a b c\n")
        server.process.send_signal(signal.SIGHUP)
        server.wait_for_metric("heed_failed_reloads_total", 1)
        server.wait_for_log(f"loading the API keys anew failed, those of before stay: {keys}:1")
        self.assertEqual([status(key) for key in ("old", "both", "new")], [403, 200, 200])
        self.assertEqual(server.stop(), 143)

    def test_a_full_queue_and_a_deadline(self):
        config = harness.write(self.new_folder() / "server.ini",
                               "[server]\nmax_queue = 1\ndeadline = 3\n")
        server = self.serve("--config", config, "--beam-size", 16)
        text = "\n".join(sample_lines("train.de", 12000))
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            long = pool.submit(server.post, "/translate", {"q": text, "source": "de", "target": "en"})
            # Only once the long one waits: a short one before it would have it refused instead.
            server.wait_until_sentences_wait()
            status = 200
            while status == 200 and not long.done():
                status, headers, _ = server.ask("POST", "/translate", "q=a&source=de&target=en", {
                    "Content-Type": "application/x-www-form-urlencoded"})
            self.assertEqual(status, 503)
            self.assertIn("Retry-After", headers)
            self.assertEqual(long.result()[0], 504)
        server.stop()

    def test_a_thousand_idle_connections(self):
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 1200), most))
        server = self.serve()
        before = server.metric("process_resident_memory_bytes")
        idle = [server.socket() for _ in range(1000)]
        server.wait_for_metric("heed_idle_connections", 1000)
        self.assertLess(server.metric("heed_connection_threads"), 10)
        self.assertLess(server.metric("process_resident_memory_bytes"), before + 10e6)
        self.assertEqual(server.translate(self.lines), self.expected(self.lines))
        self.assertEqual(server.metric("heed_idle_connections"), 1000)
        server.stop()
        for connection in idle:
            connection.close()

    def test_the_oldest_idle_connection_makes_room(self):
        server = self.serve("--server.max_connections=5")
        idle = [server.socket() for _ in range(5)]
        time.sleep(0.2)
        self.assertEqual(server.get("/health")[0], 200)
        self.assertEqual(idle[0].recv(1), b"")
        server.stop()
        for connection in idle:
            connection.close()

    def test_what_cannot_be_is_refused(self):
        for arguments, words in (
                (("--server.portt=1",), ["portt", "port"]),
                (("--prot", "1"), ["--prot", "--port"]),
                (("--training.seed=1",), ["--training.seed=1", "--server"]),
                (("--port", "70000"), ["70000", "65535"]),
                (("--host", "256.0.0.1"), ["256.0.0.1", "--host"]),
                (("--host", ""), ["host", "is empty", "0.0.0.0 or :: for all"]),
                (("--server.host=",), ["host", "is empty", "0.0.0.0 or :: for all"]),
                (("--direction", "de"), ["--direction", "de"]),
                (("--direction", "e n-d e"), ["--direction", "e n", "pt-BR"]),
                (("--direction", "en-en"), ["--direction", "the same"]),
                (("--direction", "auto-de"), ["--direction", "auto"]),
                (("--server.certificate=x",), ["certificate", "private_key"]),
                (("--server.api_keys=/no/such",), ["/no/such"])):
            result = heed("serve", self.model, *arguments)
            self.refused(result, 1 if "api_keys" in arguments[0] else 2, *words)
        server = self.serve()
        self.refused(heed("serve", self.model, "--port", server.port), 2, server.port, "in use")
        self.refused(heed("serve", self.model, self.model), 2, "de", "en", "--direction")
        self.refused(heed("serve", self.folder / "none"), 1, "no such model folder")
        server.stop()


class Signals(ServeTest):
    def test_what_is_in_flight_is_answered(self):
        server = self.serve()
        text = "\n".join(sample_lines("train.de", 300))
        body = json.dumps({"q": text, "source": "de", "target": "en"})
        connection = server.connect()
        connection.request("POST", "/translate", body, {"Content-Type": "application/json"})
        server.wait_for_metric("heed_models", 1)
        server.wait_until_sentences_wait()
        idle = server.socket()
        server.process.send_signal(signal.SIGTERM)
        response = connection.getresponse()
        self.assertEqual(response.status, 200)
        answer = json.loads(response.read())["translatedText"]
        self.assertEqual(len(answer.split("\n")), 300)
        self.assertEqual(server.process.wait(timeout=PATIENCE), 143)
        with self.assertRaises(OSError):
            server.socket()
        connection.close()
        idle.close()

    def test_models_are_loaded_anew_without_a_lost_request(self):
        folder = self.new_folder() / "model"
        shutil.copytree(self.model, folder)
        server = Server(folder)
        self.addCleanup(server.end)
        expected = self.expected(self.lines)
        stop = threading.Event()
        wrong = []

        def ask():
            connection = server.connect()
            while not stop.is_set():
                connection.request("POST", "/translate", json.dumps(
                    {"q": self.lines[:3], "source": "de", "target": "en"}),
                    {"Content-Type": "application/json"})
                response = connection.getresponse()
                body = response.read()
                if response.status != 200 or json.loads(body)["translatedText"] != expected[:3]:
                    wrong.append(body)
            connection.close()

        clients = [threading.Thread(target=ask) for _ in range(4)]
        for client in clients:
            client.start()
        for count in range(1, 4):
            server.process.send_signal(signal.SIGHUP)
            server.wait_for_metric("heed_reloads_total", count)
        weights = folder / "model.safetensors"
        os.rename(weights, folder / "away")
        server.process.send_signal(signal.SIGHUP)
        server.wait_for_metric("heed_failed_reloads_total", 1)
        server.wait_for_log("those of before stay")
        stop.set()
        for client in clients:
            client.join()
        self.assertEqual(wrong, [])
        self.assertEqual(server.translate(self.lines[0]), expected[0])
        self.assertEqual(server.stop(), 143)


@unittest.skipIf(shutil.which("openssl") is None, "no openssl command")
class Tls(ServeTest):
    def make_certificate(self, folder):
        key, certificate = folder / "key.pem", folder / "certificate.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-out", certificate,
                        "-days", "1", "-subj", "/CN=localhost", "-addext",
                        "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
        return key, certificate

    def serve_tls(self):
        key, certificate = self.make_certificate(self.new_folder())
        server = self.serve(f"--server.certificate={certificate}", f"--server.private_key={key}",
                            "--server.read_timeout=2")
        self.assertEqual(server.scheme, "https")
        return server, key, certificate

    def connect(self, server, certificate):
        """A connection that trusts this certificate alone."""
        context = ssl.create_default_context(cafile=certificate)
        connection = http.client.HTTPSConnection("127.0.0.1", server.port, context=context,
                                                 timeout=PATIENCE)
        connection.connect()
        return connection

    def health(self, connection):
        connection.request("GET", "/health")
        return json.loads(connection.getresponse().read())["status"]

    def test_a_certificate_is_loaded_anew_without_a_lost_request(self):
        server, key, certificate = self.serve_tls()
        before = self.connect(server, certificate)
        stop = threading.Event()
        wrong = []

        def ask():
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            while not stop.is_set():
                try:
                    connection = http.client.HTTPSConnection("127.0.0.1", server.port,
                                                             context=context, timeout=PATIENCE)
                    if self.health(connection) != "ok":
                        wrong.append("health")
                    connection.close()
                except OSError as error:
                    wrong.append(error)

        clients = [threading.Thread(target=ask) for _ in range(4)]
        for client in clients:
            client.start()
        other = self.new_folder()
        for path in self.make_certificate(other):
            os.replace(path, certificate.parent / path.name)
        server.process.send_signal(signal.SIGHUP)
        server.wait_for_log("loaded the certificate and its key anew")
        after = self.connect(server, certificate)
        self.assertEqual(self.health(after), "ok")
        self.assertEqual(self.health(before), "ok")  # what is open stays so
        key.write_text("no key")
        server.process.send_signal(signal.SIGHUP)
        server.wait_for_log("loading the certificate and its key anew failed")
        again = self.connect(server, certificate)
        self.assertEqual(self.health(again), "ok")
        stop.set()
        for client in clients:
            client.join()
        self.assertEqual(wrong, [])
        for connection in (before, after, again):
            connection.close()
        self.assertEqual(server.stop(), 143)

    def test_files_that_are_no_certificate_or_key(self):
        folder, other = self.new_folder(), self.new_folder()
        key, certificate = self.make_certificate(folder)
        other_key, _ = self.make_certificate(other)
        text = harness.write(folder / "text", "keys\n")
        damaged = harness.write(folder / "damaged", certificate.read_text()[:60] + "\n-----END CERTIFICATE-----\n")
        damaged_key = harness.write(folder / "damaged_key", "-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----\n")
        encrypted = folder / "encrypted"
        subprocess.run(["openssl", "pkcs8", "-topk8", "-in", key, "-out", encrypted, "-passout", "pass:x"],
                       check=True, capture_output=True)
        for one, two, words in ((text, key, ["certificate = ", text, "no PEM certificate in it"]),
                                (key, key, ["no PEM certificate in it"]),
                                (damaged, key, ["the PEM certificate in it is damaged"]),
                                (folder / "none", key, ["certificate = ", folder / "none"]),
                                (certificate, text, ["private_key = ", text, "no PEM private key in it"]),
                                (certificate, certificate, ["no PEM private key in it"]),
                                (certificate, damaged_key, ["the PEM private key in it is damaged"]),
                                (certificate, encrypted, ["has a password"]),
                                (certificate, other_key, ["is not the key of certificate = "])):
            result = heed("serve", self.model, f"--server.certificate={one}", f"--server.private_key={two}")
            self.refused(result, 2, *words)
            self.assertNotIn(b"routines", result.stderr)

    def test_https(self):
        server, _, certificate = self.serve_tls()
        context = ssl.create_default_context(cafile=certificate)
        connection = http.client.HTTPSConnection("127.0.0.1", server.port, context=context,
                                                 timeout=PATIENCE)
        expected = self.expected(self.lines)
        for _ in range(3):
            connection.request("POST", "/translate", json.dumps(
                {"q": self.lines, "source": "de", "target": "en"}),
                {"Content-Type": "application/json"})
            self.assertEqual(json.loads(connection.getresponse().read())["translatedText"], expected)
        # Who speaks no TLS, or does not go on with it, is let go.
        with server.socket() as plain:
            plain.sendall(b"GET / HTTP/1.1\r\n\r\n")
            with contextlib.suppress(OSError):
                plain.recv(100)
        with server.socket() as silent:
            silent.sendall(b"\x16\x03\x01")
            self.assertEqual(silent.recv(100), b"")
        connection.request("GET", "/health")
        self.assertEqual(connection.getresponse().status, 200)
        connection.close()
        self.assertEqual(server.stop(), 143)


if __name__ == "__main__":
    harness.main()
