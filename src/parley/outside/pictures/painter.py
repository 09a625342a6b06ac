"""The one who asks for pictures: keeps a worker process while it is needed, and what was drawn, by content."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections import OrderedDict
from types import TracebackType

import msgspec

from parley.outside.pictures.map import world_map
from parley.outside.pictures.problems import PictureProblem
from parley.precedents.drawing import Drawing

KEPT = 64
"""Pictures that are kept, by a digest of all that they show: a changed record has other rows, so none is ever stale."""
_encode = msgspec.msgpack.Encoder().encode


class Painter:
    """Draws; the worker begins with the first chart and ends with `close`, or after a failure."""

    def __init__(self) -> None:
        self._worker: subprocess.Popen[bytes] | None = None
        self._kept: OrderedDict[bytes, bytes] = OrderedDict()

    def paint(self, drawing: Drawing) -> bytes:
        """The picture as SVG (UTF-8); raises PictureProblem ``not_installed``, ``not_drawn``."""
        digest = hashlib.sha256(_encode(drawing)).digest()
        if digest not in self._kept:
            self._kept[digest] = world_map(drawing) if drawing.kind == "map" else self._chart(drawing)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(digest)
        return self._kept[digest]

    def close(self) -> None:
        """End the worker."""
        if self._worker is not None:
            self._worker.kill()
            self._worker.communicate()
            self._worker = None

    def _chart(self, drawing: Drawing) -> bytes:
        body = _encode(drawing)
        try:
            worker = self._started()
            assert worker.stdin is not None  # both are pipes
            assert worker.stdout is not None
            worker.stdin.write(len(body).to_bytes(4, "big") + body)
            worker.stdin.flush()
            head = worker.stdout.read(5)
            answer = worker.stdout.read(int.from_bytes(head[1:], "big")) if len(head) == 5 else b""
        except OSError as error:
            self.close()
            raise PictureProblem("not_drawn", reason=error.strerror or "the worker ended") from None
        if head[:1] == b"+":
            return answer
        self.close()
        said = answer.decode(errors="replace")[:200]
        raise PictureProblem("not_installed" if head[:1] == b"?" else "not_drawn", reason=said or "the worker ended")

    def _started(self) -> subprocess.Popen[bytes]:
        if self._worker is None or self._worker.poll() is not None:
            command = [sys.executable, "-m", "parley.outside.pictures.worker"]
            self._worker = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        return self._worker

    def __enter__(self) -> Painter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
