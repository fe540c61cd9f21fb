#!/usr/bin/env python3
"""Writes data/support/: English-German sentences of computer support, a domain that the sample
corpus does not have. Same seed, same bytes.

    scripts/make_domain_corpus.py            write data/support/
    scripts/make_domain_corpus.py --check    compare it with what is there
"""

import argparse
import random
import re
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "data/support"
SIZES = {"train": 200, "dev": 50, "test": 100}

# English | German, gender.
NOUNS = {
    "device": """server|Server m, printer|Drucker m, screen|Bildschirm m, scanner|Scanner m,
        router|Router m, keyboard|Tastatur f, hard drive|Festplatte f, memory card|Speicherkarte f,
        network|Netzwerk n, device|Gerät n""",
    "data": """file|Datei f, folder|Ordner m, database|Datenbank f, document|Dokument n,
        message|Nachricht f, attachment|Anhang m, log file|Protokolldatei f, user account|Benutzerkonto n,
        password|Passwort n, backup|Sicherung f""",
    "program": """program|Programm n, browser|Browser m, driver|Treiber m, update|Aktualisierung f,
        website|Webseite f, app|App f, firewall|Firewall f, operating system|Betriebssystem n""",
}
ARTICLES = {"nom": {"m": "der", "f": "die", "n": "das"}, "acc": {"m": "den", "f": "die", "n": "das"},
            "dat": {"m": "dem", "f": "der", "n": "dem"}}

# Both sides with {class} and {class.case}; a second noun of a sentence is {class2}.
SENTENCES = """
Please restart the {device}. | Bitte starten Sie {device.acc} neu.
Please restart the {program}. | Bitte starten Sie {program.acc} neu.
The {device} does not respond. | {device.nom} antwortet nicht.
The {program} has crashed. | {program.nom} ist abgestürzt.
You can download the {program} here. | Hier können Sie {program.acc} herunterladen.
You can download the {data} here. | Hier können Sie {data.acc} herunterladen.
Click here to open the {data}. | Klicken Sie hier, um {data.acc} zu öffnen.
Delete the {data} before you install the {program}. | Löschen Sie {data.acc}, bevor Sie {program.acc} installieren.
The administrator has blocked the {program}. | Der Administrator hat {program.acc} gesperrt.
The administrator has blocked the {data}. | Der Administrator hat {data.acc} gesperrt.
An error has occurred in the {program}. | In {program.dat} ist ein Fehler aufgetreten.
Connect the {device} to the {device2}. | Verbinden Sie {device.acc} mit {device2.dat}.
The {data} could not be found. | {data.nom} konnte nicht gefunden werden.
The {device} could not be found. | {device.nom} konnte nicht gefunden werden.
Do not switch off the {device} while the {program} is running. | Schalten Sie {device.acc} nicht aus, während {program.nom} läuft.
Is the {data} encrypted? | Ist {data.nom} verschlüsselt?
The {data} is no longer available. | {data.nom} ist nicht mehr verfügbar.
The {program} is no longer available. | {program.nom} ist nicht mehr verfügbar.
Why is the {device} so slow today? | Warum ist {device.nom} heute so langsam?
Check whether the {device} is connected. | Prüfen Sie, ob {device.nom} angeschlossen ist.
Save the {data} on the {device}. | Speichern Sie {data.acc} auf {device.dat}.
The {program} is not compatible with the {device}. | {program.nom} ist nicht mit {device.dat} kompatibel.
"""


def rows(text, mark):
    return [[cell.strip() for cell in row.split(mark)] for row in text.strip().split("\n")]


def nouns_of(text):
    for entry in " ".join(text.split()).split(", "):
        english, german = entry.split("|")
        yield english, *german.rsplit(" ", 1)


def upper_first(text):
    return text[0].upper() + text[1:]


def pairs_of(english, german, nouns):
    """All pairs that one kind of sentence can make."""
    choices = [{}]
    for place in sorted(set(re.findall(r"\{(\w+)\}", english))):
        choices = [{**chosen, place: noun} for chosen in choices
                   for noun in nouns[place.rstrip("2")] if noun not in chosen.values()]
    return [tuple(upper_first(fill(side, chosen)) for side in (english, german))
            for chosen in choices]


def fill(text, chosen):
    def noun(match):
        english, german, gender = chosen[match[1]]
        case = match[2]
        return f"{ARTICLES[case][gender]} {german}" if case else english
    return re.sub(r"\{(\w+)(?:\.(\w+))?\}", noun, text)


def draw(count, seed):
    """Pairs of all kinds of sentence alike: those with two nouns would be most of a plain draw."""
    rng = random.Random(seed)
    nouns = {name: list(nouns_of(text)) for name, text in NOUNS.items()}
    kinds = [pairs_of(english, german, nouns) for english, german in rows(SENTENCES, "|")]
    for pairs in kinds:
        rng.shuffle(pairs)
    drawn = []
    while len(drawn) < count:
        drawn += [pairs.pop() for pairs in kinds if pairs]
    drawn = drawn[:count]
    rng.shuffle(drawn)
    return drawn


def files(seed):
    pairs = draw(sum(SIZES.values()), seed)
    for name, size in SIZES.items():
        part, pairs = pairs[:size], pairs[size:]
        for i, language in enumerate(("en", "de")):
            yield f"{name}.{language}", "".join(pair[i] + "\n" for pair in part)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, content in files(options.seed):
        path = FOLDER / name
        if not options.check:
            path.write_text(content, encoding="utf-8", newline="\n")
        elif not path.exists() or path.read_text(encoding="utf-8") != content:
            sys.exit(f"{path}: not what this program writes")


if __name__ == "__main__":
    main()
