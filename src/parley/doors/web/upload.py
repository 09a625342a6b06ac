"""Upload: a form with a file in it (RFC 7578), parsed once at the edge.

Strict: what a browser does not send is no form. A file's name and media type are its sender's word and used for
nothing: whoever takes a file looks into it.
"""

from __future__ import annotations

from email.errors import MessageError
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import HTTP

from parley.doors.web.problems import WebProblem

MULTIPART = "multipart/form-data"
LONGEST_HEAD = 4096
MOST_PARTS = 100


def parts(media: str, data: bytes) -> tuple[dict[str, tuple[str, ...]], dict[str, bytes]]:
    """Fields and files of a body, by name; of several files under one name the first. `media`: its Content-Type.

    Raises WebProblem("not_a_form").
    """
    fields: dict[str, tuple[str, ...]] = {}
    files: dict[str, bytes] = {}
    for name, is_file, content in _parts(media, data):
        if is_file:
            files.setdefault(name, content)
            continue
        try:
            text = content.decode("utf-8").replace("\r\n", "\n")
        except UnicodeDecodeError:
            raise WebProblem("not_a_form") from None
        fields[name] = (*fields.get(name, ()), text)
    return fields, files


def _parts(media: str, data: bytes) -> list[tuple[str, bool, bytes]]:
    edge = _edge(media)
    pieces = (b"\r\n" + data).split(b"\r\n--" + edge)
    if len(pieces) < 2 or pieces[0] or not pieces[-1].startswith(b"--") or len(pieces) > MOST_PARTS:
        raise WebProblem("not_a_form")
    return [_part(piece) for piece in pieces[1:-1]]


def _edge(media: str) -> bytes:
    edge = str(_head(b"Content-Type: " + media.encode("latin-1", "replace")).get_boundary() or "")
    if not edge.isascii() or not 0 < len(edge) <= 70:  # RFC 2046, 5.1.1
        raise WebProblem("not_a_form")
    return edge.encode()


def _part(piece: bytes) -> tuple[str, bool, bytes]:
    head, gap, content = piece.partition(b"\r\n\r\n")
    if not gap or not head.startswith(b"\r\n") or len(head) > LONGEST_HEAD:
        raise WebProblem("not_a_form")
    said = _head(head[2:])
    name = said.get_param("name", "", header="content-disposition")
    if said.get_content_disposition() != "form-data" or not isinstance(name, str) or not name:
        raise WebProblem("not_a_form")
    return name, said.get_param("filename", None, header="content-disposition") is not None, content


def _head(lines: bytes) -> EmailMessage:
    try:
        return BytesParser(EmailMessage, policy=HTTP).parsebytes(lines + b"\r\n\r\n", headersonly=True)
    except (MessageError, ValueError, LookupError):
        raise WebProblem("not_a_form") from None
