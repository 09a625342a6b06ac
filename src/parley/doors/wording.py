"""What every door shows of a wording check: findings as plain values, each with its sentence in a language."""

from __future__ import annotations

from typing import Any

import msgspec

from parley.forms import Finding, Library, heading, said


def wording(findings: tuple[Finding, ...], language: str, library: Library | None = None) -> dict[str, Any]:
    """``heading`` ("" without findings), and ``findings`` with all fields of `Finding` and ``text``, its sentence."""
    listed = [
        {**msgspec.structs.asdict(finding), "text": said(finding, language, library=library)} for finding in findings
    ]
    return {"heading": heading(language, library=library) if listed else "", "findings": listed}
