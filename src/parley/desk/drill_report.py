"""What came of a drill: conversations, ways and answers as observations, counted on the directory's report card."""

from __future__ import annotations

from parley.desk.drill import find, runs_and_next, runs_of
from parley.desk.find import open_note
from parley.desk.node import Node
from parley.desk.problems import DeskProblem
from parley.desk.ways import ways_of
from parley.directory.drill import Drill, Run, stage
from parley.directory.indicators import Contact, Way, card
from parley.directory.report_card import Report, by_bearer, by_indicator
from parley.line.conversation import Conversation, read_conversation
from parley.line.note import Note
from parley.line.ports import Look
from parley.line.reading import LINK_CHECK_ANSWER, answered
from parley.line.receipt import Stage
from parley.line.states import Delivery, Moment
from parley.terms.party import Address

_STEPS = {
    "taken": Moment.TAKEN,
    "opened": Moment.OPENED,
    "read": Moment.READ,
    "read_back": Moment.READ_BACK,
    "answered": Moment.ANSWERED,
}
_WITHHELD = {Stage.OPENED: "opened", Stage.READ: "read"}
_ON_DUTY = 11  # line of form 2


def report(node: Node, given: str, number: int | None = None) -> Report:
    """The report of one run: the one named, else the last that began, else the next; as of now.

    Raises DeskProblem: "no_drill", "no_run", "locked".
    """
    node.open_vault()
    return node.store.look(lambda look: _report(node, look, *_chosen(look, given, number)))


def reports(node: Node, given: str) -> tuple[Report, ...]:
    """Every run of a drill that is over or under way, in order; those that were not held among them."""
    node.open_vault()

    def read(look: Look) -> tuple[Report, ...]:
        drill = find(look, given)
        seen = [run for run in runs_of(look, drill) if run.began_at is not None or run.passed_over_at is not None]
        return tuple(_report(node, look, drill, run) for run in seen)

    return node.store.look(read)


def _chosen(look: Look, given: str, number: int | None) -> tuple[Drill, Run]:
    drill = find(look, given)
    runs = runs_and_next(look, drill)
    if number is not None:
        runs = tuple(run for run in runs if run.number == number)
    if not runs:
        raise DeskProblem("no_run", drill=drill.id)
    return drill, next((run for run in reversed(runs) if run.began_at is not None), runs[-1])


def _report(node: Node, look: Look, drill: Drill, run: Run) -> Report:
    now = node.clock()
    hoped_by = (run.began_at or run.due_at) + drill.hoped
    contacts = (_contact(node, look, drill, run, address) for address in drill.to)
    cards = tuple(card(contact, hoped_by, now) for contact in contacts)
    return Report(
        drill=drill.id,
        name=drill.name,
        number=run.number,
        stage=stage(drill, run, now),
        due_at=run.due_at,
        began_at=run.began_at,
        hoped=drill.hoped,
        at=now,
        cards=cards,
        bearers=by_bearer(cards),
        indicators=by_indicator(cards),
    )


def _contact(node: Node, look: Look, drill: Drill, run: Run, address: str) -> Contact:
    party = Address.parse(address).party
    calls = tuple(call for call in run.calls if call.address == address)
    identity = run.notes.get(address)
    row = look.note(identity) if identity is not None else None
    stored = look.conversation(identity, party) if identity is not None else None
    listed = _listed(node, party, drill.over)
    if identity is None or row is None or stored is None:
        unused = tuple(Way(kind=kind) for kind in listed)
        left_out = run.left_out.get(address, "")
        return Contact(address=address, asked_at=None, left_out=left_out, ways=unused, calls=calls)
    found = read_conversation(stored.state)
    answer = _answer(node, look, identity, party)
    return Contact(
        address=address,
        asked_at=row.stored_at,
        ways=ways_of(look, identity, party, listed),
        times={step: found.times[moment] for step, moment in _STEPS.items() if moment in found.times},
        withheld=frozenset(_WITHHELD[Stage(one)] for one in found.withheld if Stage(one) in _WITHHELD),
        refused=_refused(found),
        understanding=found.understanding.name.lower(),
        answered_by=str(answer.sender) if answer else "",
        on_duty=_on_duty(node, answer),
        calls=calls,
    )


def _listed(node: Node, party: str, over: str) -> tuple[str, ...]:
    """The bearer that the drill tries, and the kinds in the party's current particulars, first choice first."""
    tried = (over,) if over else ()
    if party not in node.directory.parties:
        return tried
    bearers = sorted(node.directory.entry(party).current.bearers, key=lambda one: one.rank)
    return tuple(dict.fromkeys((*tried, *(one.kind for one in bearers))))


def _refused(found: Conversation) -> str:
    return (found.reason or "refused") if found.delivery is Delivery.REFUSED else ""


def _answer(node: Node, look: Look, identity: bytes, party: str) -> Note | None:
    """The first answer of `party` to our note."""
    rows = [row for row in look.notes(direction="in", thread=identity) if row.sender == party and row.body is not None]
    notes = (open_note(node, row) for row in reversed(rows))
    return next((note for note in notes if identity in note.refers_to and answered(note) is not None), None)


def _on_duty(node: Node, answer: Note | None) -> str:
    """Who they say is there, if it is a code of the form: what a peer writes never goes into a file as it is."""
    if answer is None or answer.form != LINK_CHECK_ANSWER:
        return ""
    form = node.library.form(LINK_CHECK_ANSWER)
    line = form.line(_ON_DUTY)
    said = answer.lines.get(_ON_DUTY)
    return said if isinstance(said, str) and line is not None and said in form.codes(line) else ""
