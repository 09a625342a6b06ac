"""A node is killed between adopting particulars and putting their keys in place: it comes up with what it adopted."""

from __future__ import annotations

import signal

import pytest

from parley import directory
from parley.outside.keys.files import read_node
from parley.outside.keys.office_file import read_office
from parley.rotation import next_of

from .real_node import RealNode

PLACES = {
    "before": False,  # nothing is durable yet: the old particulars, the old keys
    "written": False,
    "after": True,  # the particulars are; no key file was touched
    "replace 1": True,
    "replace 2": True,  # the node's keys are in place, the office's are not
}
"""Where the node is killed, and whether the particulars are adopted then."""


def in_place(node: RealNode) -> bool:
    """Whether exactly the keys that its adopted particulars list are in place: node, certificate, office."""
    found = directory.verify_signed(node.door.call("export_particulars")).particulars
    keys, office = read_node(node.home.node_key), read_office(node.home.office_key("duty"))
    listed = keys.signing.public in found.node_keys and keys.tls_certificate in found.tls
    return listed and office.public in found.office("duty").keys


def waiting(node: RealNode) -> list[bool]:
    """Whether a successor of the node's and of the office's key file waits."""
    return [next_of(path).exists() for path in (node.home.node_key, node.home.office_key("duty"))]


def killed_while_adopting(node: RealNode, place: str) -> None:
    """Start it anew so that it dies there, and let it adopt particulars with new keys of every kind."""
    node.end()
    node.start(place)
    node.await_start()
    with pytest.raises(ConnectionError):
        node.rotate(tls=True)
    assert node.process.wait(timeout=20) == -signal.SIGKILL
    node.end()


def talks(a: RealNode, b: RealNode) -> bool:
    """Whether a note goes through and is opened, both ways, signed with the office's key of now."""
    return a.arrives(a.write(b.code), b.code, 60) and b.arrives(b.write(a.code), a.code, 60)


@pytest.mark.parametrize("place", PLACES)
def test_the_node_comes_up_with_the_keys_of_the_particulars_that_it_has(
    nodes: tuple[RealNode, RealNode], place: str
) -> None:
    a, b = nodes
    killed_while_adopting(a, place)
    a.start()
    a.await_start()
    assert a.door.call("particulars")["version"] == (2 if PLACES[place] else 1)
    assert in_place(a)
    assert waiting(a) == [not PLACES[place]] * 2
    assert talks(a, b)
    assert a.door.call("verify")["entries"] > 0
    if not PLACES[place]:  # the same file is adopted again; the certificate needs a start of its own
        a.adopt((a.folder / "XA.adopted").read_bytes())
        a.end()
        a.start()
        a.await_start()
        assert (a.door.call("particulars")["version"], waiting(a)) == (2, [False, False])
        assert in_place(a)
        assert talks(a, b)


def test_a_node_that_would_not_finish_it_is_found_out(nodes: tuple[RealNode, RealNode]) -> None:
    """The control: without `NextKeys.finish` the office's old key stays in place."""
    a, _ = nodes
    killed_while_adopting(a, "replace 2")
    a.start("careless")
    a.await_start()
    assert not in_place(a)
    assert waiting(a) == [False, True]
