"""What the tests of the desk share: a wire between simulated parties on which a test can put whatever bytes it likes.

XA is the peer, honest or not; XB is the desk under test. Every key, signature, seal and receipt is real.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest

from parley.desk import draft, prekeys
from parley.desk.receive import receive
from parley.line.note import Note, Recipient, note_id
from parley.line.parcel import ItemKind, Parcel, read_parcel
from parley.line.reading import note_from_sheet
from parley.line.receipt import Entry, Receipt, Stage, read_receipt
from parley.line.receiving import judge_receipt
from parley.seal import Domain, SigningKey, open_sealed, peek, seal, sign
from parley.terms.problem import Problem
from parley.testing import DAY, FakeClock, SimulatedParty, pair


@dataclass
class Reply:
    """What came back for a parcel: the receipts, opened and verified by the peer, and the rest of the parcel."""

    parcel: Parcel
    receipts: list[Receipt]
    signed: list[bytes]

    @property
    def entries(self) -> list[Entry]:
        return [entry for receipt in self.receipts for entry in receipt.entries]

    @property
    def said(self) -> list[tuple[str, str]]:
        """(stage, reason) of every entry."""
        return [(entry.stage.name, entry.reason) for entry in self.entries]


class Wire:
    """XA and XB that have met, and ways to make and carry items between them."""

    Party, Clock, DAY, FIRST = SimulatedParty, FakeClock, DAY, 4711

    def __init__(self, a: SimulatedParty, b: SimulatedParty) -> None:
        self.a, self.b, self.clock = a, b, a.clock
        self._serial = self.FIRST

    @classmethod
    async def make(cls) -> Wire:
        return cls(*await pair())

    @classmethod
    async def organisations(cls) -> Wire:
        """Two organisations in place of XA and XB: what these write need not be an exercise."""
        clock = FakeClock()
        a, b = SimulatedParty("O-AAA", clock), SimulatedParty("O-BBB", clock)
        await a.start()
        await b.start()
        await a.meet(b)
        return cls(a, b)

    # -- making

    def note(
        self, *, of: SimulatedParty | None = None, to: Any = None, form: int = 1, lines: Any = None, **changes: Any
    ) -> Note:
        """A link check (or another form) of XA to XB with a new serial; `changes` replace fields of the note."""
        of, header = of or self.a, {}
        for name in ("exercise", "precedence", "answer_by", "refers_to", "accusation", "written_in"):
            if name in changes:
                header[name] = changes.pop(name)
        party = to or self.b
        code = party if isinstance(party, str) else party.node.party
        address = code if "/" in code else f"{code}/duty"
        fields: dict[str, Any] = {"written_in": "en", "officer": "officer", "exercise": True} | header
        made = draft.Draft(form=form, office="duty", to=(address,), lines=lines or {10: "timetable"}, **fields)
        sheet = draft.sheet_of(of.node, made, self.clock())
        self._serial += 1
        note = note_from_sheet(
            sheet,
            recipients=[Recipient(one, self._serial) for one in sheet.header.recipients],
            incarnation=of.node.incarnation,
            particulars_version=of.node.our_particulars().version,
        )
        return msgspec.structs.replace(note, **changes)

    def words(self, text: str, **changes: Any) -> Note:
        """A message in own words."""
        return self.note(form=90, lines={10: "other", 11: ["en", text], 12: "nothing"}, **changes)

    def signed(self, note: Note | bytes, *keys: SigningKey, domain: Domain = Domain.NOTE, **options: Any) -> bytes:
        """Signed by XA's office, or by `keys`."""
        payload = note if isinstance(note, bytes) else note.to_payload()
        return sign(payload, keys or [self.a.keys.office], domain, **options)

    def sealed(self, signed: bytes | Note, to: SimulatedParty | None = None) -> bytes:
        """Sealed to the rotating prekey of XB, or of `to`."""
        signed = signed if isinstance(signed, bytes) else self.signed(signed)
        return seal(signed, self.key_of(to or self.b))

    def key_of(self, party: SimulatedParty) -> Any:
        if party.node.vault is None:
            return self.a.node.directory.sealing_key(party.node.party, self.clock()).key
        found = prekeys.current(party.node, self.clock())
        assert found is not None
        return found[0]

    def receipt(self, *entries: Entry, of: SimulatedParty | None = None, **changes: Any) -> bytes:
        """A receipt of XA's node for XB, signed."""
        of = of or self.a
        fields: dict[str, Any] = {"issuer": of.node.party, "incarnation": of.node.incarnation}
        fields["to"] = self.b.node.party
        fields |= {"entries": entries, "particulars_version": 1, "signed_at": self.clock()}
        return sign(Receipt(**fields | changes).to_payload(), [of.keys.node], Domain.RECEIPT)

    def entry(self, stage: Stage, sealed: bytes, **more: Any) -> Entry:
        return Entry(sealed=sealed, stage=stage, at=self.clock(), **more)

    # -- carrying

    async def give(
        self,
        *items: bytes | tuple[int, bytes],
        peer: SimulatedParty | None = None,
        to: SimulatedParty | None = None,
        got: tuple[bytes, ...] = (),
        collect: int = 0,
    ) -> Reply:
        """One parcel from XA (or `peer`) to XB (or `to`) by `receive`; what comes back is opened and verified."""
        peer, to = peer or self.a, to or self.b
        listed = tuple((int(ItemKind.SEALED), item) if isinstance(item, bytes) else item for item in items)
        parcel = Parcel(items=listed, got=got, collect=collect)
        back = read_parcel(await receive(to.node, peer.node.party, parcel.to_bytes()))
        return self.opened(back, peer)

    def opened(self, back: Parcel, peer: SimulatedParty) -> Reply:
        receipts, signed = [], []
        for kind, body in back.items:
            if kind == ItemKind.SEALED:
                signed.append(open_sealed(body, peer.node.open_vault().opening))
                found = judge_receipt(
                    signed[-1], directory=peer.node.directory, us=peer.node.party, now=self.clock()
                ).receipt
                assert found == read_receipt(peek(signed[-1]).payload)
                receipts.append(found)
        return Reply(back, receipts, signed)

    # -- looking

    def refusals(self, of: SimulatedParty | None = None, *, by: str = "XA") -> list[str]:
        """The problem keys recorded for items that `by` brought, oldest first."""
        node = (of or self.b).node
        rows = node.store.look(lambda look: look.records("refusal", f"{by} "))
        return [msgspec.msgpack.decode(value)["key"] for _, value in sorted(rows)]

    def refused_news(self, of: SimulatedParty | None = None, *, by: str = "XA") -> list[str]:
        """The problem keys recorded for public items that `by` brought."""
        rows = (of or self.b).node.store.look(lambda look: look.records("refused-news", f"{by} "))
        return [msgspec.msgpack.decode(value)["key"] for _, value in rows]

    def notes(self, of: SimulatedParty | None = None) -> list[bytes]:
        return [row.note_id for row in (of or self.b).node.store.look(lambda look: look.notes(limit=10_000))]

    def row(self, note: Note, of: SimulatedParty | None = None) -> Any:
        return (of or self.b).node.store.look(lambda look: look.note(note_id(note.to_payload())))

    async def goes_on(self) -> None:
        """The line goes on: a good note passes and is opened, whatever came before it."""
        note = self.note()
        reply = await self.give(self.sealed(note))
        assert reply.said == [("OPENED", "")]
        assert self.row(note) is not None


@pytest.fixture
def play() -> Callable[[Callable[[Wire], Coroutine[Any, Any, Any]]], Any]:
    """Runs a scene on a fresh wire, with a limit so that a hanging test fails."""

    return lambda scene: _play(Wire.make, scene)


@pytest.fixture
def play_for_real() -> Callable[[Callable[[Wire], Coroutine[Any, Any, Any]]], Any]:
    """The same between two organisations."""
    return lambda scene: _play(Wire.organisations, scene)


def _play(make: Callable[[], Coroutine[Any, Any, Wire]], scene: Callable[[Wire], Coroutine[Any, Any, Any]]) -> Any:
    async def main() -> Any:
        return await scene(await make())

    return asyncio.run(asyncio.wait_for(main(), 60))


@pytest.fixture
def refused() -> Callable[[str], Any]:
    """``with refused("line.bad_shape"):`` passes only if exactly this problem is raised."""

    def expect(key: str) -> Any:
        return pytest.raises(Problem, check=lambda problem: problem.key == key and bool(str(problem)))

    return expect
