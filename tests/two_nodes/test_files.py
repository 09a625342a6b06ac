"""Two real nodes over HTTPS: a file that a note names is asked for at the command line's verbs, and comes whole."""

from __future__ import annotations

from hashlib import sha256

from parley.outside.keys.signing_client import OfficeSigner

from .real_node import RealNode, until

LOG = b"2017-05-12T07:44:00Z 192.0.2.7 445/tcp syn\n" * 5_000  # 215 kB, four parts
LINES = {
    10: "stop-traffic", 11: "XB", 12: "from-territory", 13: [550, 800, 5, 1], 15: ["XA"], 16: ["health"],
    17: ["data.encrypted"], 18: [[1494575040000, 5, 2]], 19: "going-on", 23: ["13c", "13h"],
}  # fmt: skip


def test_a_named_file_crosses_the_line_when_it_is_asked_for(nodes: tuple[RealNode, RealNode]) -> None:
    a, b = nodes
    fields = {"form": 11, "lines": LINES, "office": "duty", "to": ("XB/duty",), "written_in": "en",
              "officer": "officer", "precedence": 2, "exercise": True}  # fmt: skip
    kept = a.door.call("draft_save", fields=fields)
    digest = a.door.call("draft_attach", draft_id=kept, name="traffic.txt", data=LOG, officer="officer")["digest"]
    made = a.door.call("compose", draft_id=kept, language="en")
    signer = OfficeSigner(a.home.signer_socket("duty"))
    note = a.door.call("release", signed=signer.release(made["payload"], "officer", "a passphrase"))
    assert a.arrives(note, "XB")

    def listed() -> dict[str, object]:
        (one,) = b.door.call("note_files", note=note)
        return dict(one)

    assert (listed()["kept"], listed()["fetching"]) == (None, None)
    b.door.call("note_file_ask", note=note, digest=digest, officer="officer")
    until(lambda: listed()["kept"] is not None, seconds=60)
    found = b.door.call("note_file", note=note, digest=digest)
    assert (found["data"], sha256(found["data"]).hexdigest()) == (LOG, digest)
