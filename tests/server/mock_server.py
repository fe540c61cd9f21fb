#!/usr/bin/env python3
"""A stand-in for `heed serve`, to work on its page and to test it without a model.

    tests/server/mock_server.py [PORT]     # then open http://127.0.0.1:5000/

It translates word by word from a small list. The word "slow" takes it a second, "fault" is answered
with 500, and "busy" with 429 at the first time.
"""

import json
import re
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "src/server/page"
TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript"}
NAMES = {"en": "English", "de": "German", "ar": "Arabic"}
TARGETS = {"en": ["de", "ar"], "de": ["en"]}
# English: German, the likeliest first.
WORDS = {
    "the": ["das", "der", "die"], "house": ["Haus", "Gebäude", "Heim"], "is": ["ist", "steht"],
    "old": ["alt", "betagt"], "small": ["klein", "gering"], "dog": ["Hund", "Köter"],
    "sees": ["sieht", "erblickt"], "a": ["ein", "eine"], "man": ["Mann", "Mensch"],
    "reads": ["liest", "las"], "book": ["Buch", "Band"], "and": ["und"], "very": ["sehr", "ganz"],
    "good": ["gut", "schön"], "morning": ["Morgen", "Vormittag"],
}
BACK = {german[0].lower(): [english] for english, german in WORDS.items()}
ARABIC = {"the": "ال", "house": "بيت", "book": "كتاب", "good": "جيد", "morning": "صباح"}


class Refused(Exception):
    def __init__(self, status, text, headers=()):
        super().__init__(text)
        self.status, self.headers = status, headers


def choices(word, target):
    bare = word.strip(".,!?").lower()
    tail = word[len(word.rstrip(".,!?")):]
    if target == "ar":
        found = [ARABIC.get(bare, bare)]
    else:
        found = (WORDS if target == "de" else BACK).get(bare, [bare.upper() if bare else ""])
    return [other + tail for other in found]


def attention(source, count):
    """Each target word attends to its source word, and a little to the neighbours."""
    rows = []
    for t in range(count):
        row = [0.0] * len(source)
        for s, weight in ((t - 1, 0.08), (t, 0.8), (t + 1, 0.12)):
            if 0 <= s < len(source):
                row[s] = weight
        rows.append(row)
    return rows


def translation(line, target, prefix=""):
    source = line.split()
    forced = prefix.split()
    words = [forced[i] if i < len(forced) else choices(word, target)[0]
             for i, word in enumerate(source)]
    if len(forced) > len(source):
        words = forced
    n_best = [{"text": " ".join(words), "score": -0.1}]
    for i in range(len(forced), len(source)):
        for other in choices(source[i], target)[1:]:
            n_best.append({"text": " ".join(words[:i] + [other] + words[i + 1:]),
                           "score": -0.2 * len(n_best)})
    return {"text": " ".join(words), "score": -0.1, "source_words": source, "target_words": words,
            "alignment": [[i, i] for i in range(min(len(source), len(words)))],
            "attention": attention(source, len(words)), "n_best": n_best[:4]}


def alternatives(line, target, prefix):
    at = len(prefix.split())
    source = line.split()
    found = choices(source[at], target) if at < len(source) else []
    return [{"word": word, "score": -0.1 * i,
             "text": translation(line, target, f"{prefix} {word}".strip())["text"]}
            for i, word in enumerate(found)]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    was_busy = False
    files = {}
    requests = []  # (path, fields), for tests

    def log_message(self, *arguments):
        pass

    def answer(self, body, status=200, kind="application/json", headers=()):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        try:
            self.wfile.write(body)
        except BrokenPipeError:
            pass  # a stale request, given up

    def do_GET(self):
        path = self.path.split("?")[0]
        name = "index.html" if path == "/" else path.lstrip("/")
        if path == "/languages":
            self.answer([{"code": code, "name": name, "targets": TARGETS.get(code, [])}
                         for code, name in NAMES.items()])
        elif path == "/frontend/settings":
            self.answer({"charLimit": -1, "apiKeys": False, "keyRequired": False,
                         "filesTranslation": True, "supportedFilesFormat": [".txt", ".srt"]})
        elif path == "/health":
            self.answer({"status": "ok"})
        elif path.startswith("/download_file/"):
            self.answer(self.files[path.rsplit("/", 1)[1]], kind="text/plain; charset=utf-8")
        elif "/" not in name and (PAGE / name).is_file():
            self.answer((PAGE / name).read_bytes(), kind=TYPES[Path(name).suffix])
        else:
            self.answer({"error": "not found"}, 404)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            if self.path == "/translate_file":
                self.answer(self.translated_file(body))
                return
            fields = json.loads(body)
            self.requests.append((self.path, fields))
            actions = {"/v1/translate": self.translate, "/v1/alternatives": self.alternatives,
                       "/translate": self.plain}
            self.answer(actions[self.path](fields))
        except Refused as refusal:
            self.answer({"error": str(refusal)}, refusal.status, headers=refusal.headers)

    def translate(self, fields):
        lines = fields["q"] if isinstance(fields["q"], list) else [fields["q"]]
        text = " ".join(lines)
        if "slow" in text:
            time.sleep(1)
        if "fault" in text:
            raise Refused(500, "the model met a fault")
        if "busy" in text and not Handler.was_busy:
            Handler.was_busy = True
            raise Refused(429, "Slowdown: too many requests", [("Retry-After", "1")])
        found = {}
        if fields["source"] == "auto":
            german = set(re.findall(r"\w+", text.lower())) & set(BACK)
            found = {"detected": {"language": "de" if german else "en", "confidence": 90}}
        source = found["detected"]["language"] if found else fields["source"]
        if fields["target"] not in TARGETS.get(source, []):
            names = [f"{NAMES[code]} ({code})" for code in (fields["target"], source)]
            raise Refused(400, f"{names[0]} is not available as a target language from {names[1]}")
        return {"translations": [translation(line, fields["target"], fields.get("prefix", ""))
                                 for line in lines],
                "source": source, "target": fields["target"], **found}

    def plain(self, fields):
        return {"translatedText": translation(fields["q"], fields["target"])["text"]}

    def alternatives(self, fields):
        return {"alternatives": alternatives(fields["q"], fields["target"], fields["prefix"])}

    def translated_file(self, body):
        part = re.search(rb'filename="([^"]+)"\r\n(?:[^\r]+\r\n)*\r\n(.*?)\r\n--', body, re.DOTALL)
        target = re.search(rb'name="target"\r\n\r\n(\w+)', body).group(1).decode()
        name, text = part.group(1).decode(), part.group(2).decode()
        if "fault" in text:
            raise Refused(400, "the document cannot be read")
        lines = [translation(line, target)["text"] for line in text.split("\n")]
        self.files[name] = "\n".join(lines).encode()
        return {"translatedFileUrl": f"http://elsewhere.invalid/download_file/{name}"}


def start(port=0):
    """A server on a thread of its own; its address is server.server_address."""
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


if __name__ == "__main__":
    PORT = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    start(PORT)
    print(f"http://127.0.0.1:{PORT}/")
    threading.Event().wait()
