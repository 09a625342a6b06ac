"""One message, from form to proof, as a user of the library: run with `python examples/one_message.py`.

Two fictional states with nodes in memory. Every step is one call from one room or one desk verb; over HTTPS only
the bearer differs.
"""

from __future__ import annotations

import asyncio

from parley.desk import answer, archive, compose, draft, read, read_back, release, witness
from parley.desk.fill import fill
from parley.desk.inbox import entry
from parley.directory import signed_root_digest
from parley.forms import load, right_answer
from parley.journal import verify_archive
from parley.line.note import Precedence
from parley.line.reading import to_sheet
from parley.testing import SimulatedParty, pair

HOUR = 3_600_000


async def main() -> None:
    """Almara (XA) asks Beltova (XB) for help, is misread on line 6, clarifies, and is understood."""
    almara, beltova = await pair()

    # form: the officer names codes; what the note says in six languages is in the catalogue
    request = load().form(11)
    codes = [(10, "stop-traffic"), (11, "XB"), (12, "from-territory"), (13, "icd_203.likely"), (15, "XA")]
    codes += [
        (16, "health"),
        (17, "data.encrypted"),
        (18, "began 2017-05-12T07:44Z"),
        (19, "going-on"),
        (23, "13c"),
        (23, "13h"),
    ]
    written = draft.Draft(
        form=request.number,
        office="duty",
        to=("XB/duty",),
        lines=fill(request, codes),
        written_in="en",
        officer="amal",
        precedence=Precedence.FLASH,
        exercise=True,
        answer_by=almara.clock() + 2 * HOUR,
    )

    # compose, sign (the office's signer does this in a process of its own), release
    composed = await compose.compose(almara.node, written)
    note = await release.release(almara.node, almara.keys.sign_note(composed.payload))
    await almara.deliver_to(beltova)

    # read, and read back: line 6 is taken for an accusation
    reading = await read.read(beltova.node, note.hex(), "en", officer="boris")
    print(reading.rendered.text)
    asked = read_back.ask(beltova.node, note.hex(), "en")
    right = {question.line: right_answer(to_sheet(reading.note), question.line) for question in asked}
    await give(beltova, note, {**right, 6: "accusation"})
    await beltova.deliver_to(almara)
    where = entry(almara.node, reading_of(almara, note)).conversations[0]
    print(f"line {where.differs[0]} came across differently")

    # clarify; the second read-back agrees
    clarification = answer.clarification_draft(almara.node, note.hex(), "XB", 6, language="en", officer="amal")
    composed = await compose.compose(almara.node, clarification)
    await release.release(almara.node, almara.keys.sign_note(composed.payload))
    await almara.deliver_to(beltova)
    await give(beltova, note, right)
    await beltova.deliver_to(almara)
    print(entry(almara.node, reading_of(almara, note)).conversations[0].understanding.name.lower())

    # proof: a cosigned checkpoint, and one file that proves the note
    await witness.checkpoint(almara.node)
    almara.node.news["XB"] = witness.show_to(almara.node, "XB")
    await almara.deliver_to(beltova)
    proof = archive.export(almara.node, reading_of(almara, note))
    roots = {p.node.party: signed_root_digest(p.node.our_particulars()) for p in (almara, beltova)}
    report = verify_archive(proof, roots)
    print(f"archive of {len(proof)} bytes verified: {len(report.links)} links")


async def give(party: SimulatedParty, note: bytes, answers: dict[int, str]) -> None:
    """A person's read-back, twenty seconds long."""
    await read_back.give(
        party.node, note.hex(), answers, language="en", role="duty officer", seconds=20, by_person=True
    )


def reading_of(party: SimulatedParty, note: bytes):  # type: ignore[no-untyped-def]
    """The stored row of a note."""
    return party.node.store.look(lambda look: look.note(note))


if __name__ == "__main__":
    asyncio.run(main())
