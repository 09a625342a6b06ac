"""Writes the texts of this folder. The expected outcome stands in front of each text, where a carrier's letter would.

python vectors/bearers/make.py
"""

from __future__ import annotations

from pathlib import Path

from parley.outside.bearers import Label, armour

HERE = Path(__file__).parent
PARCEL = bytes(range(256)) * 2
TEXT = armour(PARCEL, Label("XA", "XB", 2))
LINES = TEXT.splitlines()


def without(at: int) -> str:
    return "\n".join(LINES[:at] + LINES[at + 1 :]) + "\n"


CASES = {
    "plain": ("reads", TEXT),
    "nothing-inside": ("reads, empty", armour(b"", Label("XA", "XB", 0))),
    "quoted": ("reads", "".join(f"> {line}\n" for line in LINES)),
    "other-line-ends": ("reads", TEXT.replace("\n", "\r\n")),
    "double-spaced": ("reads", TEXT.replace("\n", "\n\n")),
    "header-lies": ("reads", TEXT.replace("From: XA", "From: XC").replace("Bytes: 512", "Bytes: 9")),
    "letter-misread": ("damaged_line 3", TEXT.replace("0003 W", "0003 w")),
    "line-lost": ("damaged_line 4", without(10)),
    "lines-exchanged": ("damaged_line 2", "\n".join([*LINES[:8], LINES[9], LINES[8], *LINES[10:]]) + "\n"),
    "last-line-lost": ("damaged", without(-2)),
    "other-checksum": ("damaged", TEXT.replace("SHA-256: ", "SHA-256: 0")),
    "no-end": ("not_a_parcel", TEXT.replace("END PARLEY", "END OTHER")),
    "no-beginning": ("not_a_parcel", TEXT.replace("BEGIN PARLEY", "BEGIN OTHER")),
}

if __name__ == "__main__":
    for name, (expected, text) in CASES.items():
        (HERE / f"{name}.txt").write_text(f"expected: {expected}\n\n{text}", newline="")
