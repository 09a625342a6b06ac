"""JSON and XML documents, read with bounds.

XML goes through defusedxml: a document that defines entities of its own is refused before one is expanded. Leaves out
what the documents mean.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element, ParseError

import msgspec
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from parley.outside.sources.files import Given, text_of
from parley.outside.sources.problems import SourceProblem


def read_json(given: Given) -> Any:
    """The value of a JSON file; raises SourceProblem ``not_json``, ``not_text``, ``half``."""
    text, _ = text_of(given)
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        key = "half" if "truncated" in str(error) else "not_json"
        raise SourceProblem(key, file=given.name, why=str(error)[:80]) from None
    except RecursionError:
        raise SourceProblem("not_json", file=given.name, why="nested too deeply") from None


def elements(given: Given, tag: str) -> Iterator[Element]:
    """The elements of a local name, one after the other, each emptied when the next is asked for.

    Raises SourceProblem ``xml_entities``, ``not_xml``, ``half``.
    """
    try:
        for _, element in iterparse(io.BytesIO(given.body), events=("end",), forbid_dtd=True):
            if local(element.tag) == tag:
                yield element
                element.clear()
    except DefusedXmlException:
        raise SourceProblem("xml_entities", file=given.name) from None
    except (ParseError, ValueError, RecursionError) as error:
        cut = "no element found" in str(error) or "unclosed" in str(error)
        raise SourceProblem("half" if cut else "not_xml", file=given.name, why=str(error)[:80]) from None


def local(tag: str) -> str:
    """The name of a tag without its namespace."""
    return tag.rpartition("}")[2]


def compact(value: object) -> str:
    """A JSON value in one line, for the quarantine."""
    return msgspec.json.encode(value).decode()
