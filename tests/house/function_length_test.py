"""No function has over 60 lines, no source file over 400.

A function runs from the first line of its head to its closing brace. Lambdas and local classes are
lines of the function around them.
"""

import re
import sys

import sources

MAX_FUNCTION_LINES = 60
MAX_FILE_LINES = 400

SCOPE = re.compile(r"\b(?:namespace|class|struct|union|enum|extern)\b")


def outside_brackets(text, opening, closing):
    """`text` without what stands between these brackets."""
    out, depth = [], 0
    for c in text:
        if c == opening:
            depth += 1
        elif c == closing and depth > 0:
            depth -= 1
        elif depth == 0:
            out.append(c)
    return "".join(out)


def kind_of_brace(head):
    """What the { after `head` opens outside of functions: "scope", "function" or "value"."""
    head = re.sub(r"\boperator\s*[^\s\w(]+", "operator", head)
    head = re.sub(r"\boperator\s*\(\s*\)", "operator", head)
    if head.count("(") > head.count(")"):
        return "value"  # a default argument
    plain = outside_brackets(head, "(", ")")
    if plain.lstrip().startswith("template"):
        plain = outside_brackets(plain, "<", ">")
    if "=" in plain:
        return "value"
    if "(" not in head:
        return "scope" if SCOPE.search(plain) else "value"
    # The members that a constructor sets: `: a_(a), b_{b} {`; only the last { opens its body.
    initialisers = re.search(r"\)[^:]*(?<!:):(?!:)", head)
    if initialisers and re.search(r"[\w>]\s*$", head):
        return "value"
    return "function"


class Counter:
    """Finds the functions of one file's text, which holds no comments or strings."""

    def __init__(self, text):
        self.text = text
        self.functions = []  # head, first line, last line
        self.braces = []  # kind, position of the head
        self.head_start = 0

    def in_function(self):
        return any(kind == "function" for kind, _ in self.braces)

    def line_of(self, position):
        return self.text.count("\n", 0, position) + 1

    def open_brace(self, at):
        head = self.text[self.head_start:at]
        start = self.head_start + len(head) - len(head.lstrip())
        kind = "inner" if self.in_function() else kind_of_brace(head)
        self.braces.append((kind, start))
        if kind != "value":
            self.head_start = at + 1

    def close_brace(self, at):
        kind, start = self.braces.pop() if self.braces else ("scope", at)
        if kind == "function":
            head = " ".join(self.text[start:at].split("{")[0].split())
            self.functions.append((head, self.line_of(start), self.line_of(at)))
        if kind != "value":
            self.head_start = at + 1

    def run(self):
        for match in re.finditer(r"[{};]|(?:public|private|protected)\s*:(?!:)", self.text):
            token, at = match.group(0), match.start()
            if token == "{":
                self.open_brace(at)
            elif token == "}":
                self.close_brace(at)
            elif not self.in_value():
                self.head_start = match.end()
        return self.functions

    def in_value(self):
        return bool(self.braces) and self.braces[-1][0] == "value"


def functions_of(text):
    """(head, first line, last line) of each function in a file's text."""
    code = sources.without_comments(text)
    code = re.sub(r"^[ \t]*#(?:\\\n|[^\n])*", lambda m: "\n" * m.group(0).count("\n"), code,
                  flags=re.MULTILINE)
    return Counter(code).run()


def check(root):
    faults = []
    for path in sources.source_files(root):
        name = path.relative_to(root)
        text = sources.read(path)
        lines = text.count("\n")
        if lines > MAX_FILE_LINES:
            faults.append(f"{name}: {lines} lines, at most {MAX_FILE_LINES} are allowed")
        for head, first, last in functions_of(text):
            if last - first + 1 > MAX_FUNCTION_LINES:
                faults.append(f"{name}:{first}: {head[:80]}: {last - first + 1} lines, at most "
                              f"{MAX_FUNCTION_LINES} are allowed")
    return faults


if __name__ == "__main__":
    sys.exit(sources.main(check))
