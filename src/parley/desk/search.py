"""Search: notes by words, in any of the six languages, whatever language they were written in.

What a code says is found by its words in every language ("hospital", "مستشفى"), own words by the language they are in.
The index is in memory alone, made when it is first asked for and gone when the node is locked: on disk no word of a
note lies in clear (spec/store.md). A value that stands in many notes is cut into words once.
Leaves out who may see what is found: a door passes it through the gate before it counts or shows anything.
"""

from __future__ import annotations

import asyncio

from parley.desk.find import open_note
from parley.desk.node import Node
from parley.forms import Sheet, looked_up, words_of
from parley.line.ports import NoteRow
from parley.line.reading import known_form, to_sheet
from parley.terms.problem import Problem
from parley.terms.stems import asked_as, is_han, kept_as, pairs, pieces

PIECE = 100
"""Notes that are read before the loop goes on."""
MOST_WORDS = 12
LONGEST = 200
"""Characters of a question."""


class NoteSearch:
    """The words of one node's notes."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._values: dict[str, int] = {}  # a value of a line -> its number
        self._with: list[set[bytes]] = []  # by that number: the notes in which it stands
        self._by_stem: dict[str, set[int]] = {}
        self._seen: set[bytes] = set()
        self._whole = False  # every note there was has been looked at
        self._filling = asyncio.Lock()

    async def find(self, words: str) -> set[bytes]:
        """Ids of the notes in which every one of these words stands; none for no words.

        Raises DeskProblem("locked").
        """
        return {row.note_id for row in await self.rows(words)}

    async def rows(self, words: str) -> list[NoteRow]:
        """The same notes' rows, newest first."""
        if self._node.vault is None:
            self.forget()
        self._node.open_vault()
        async with self._filling:
            await self._keep_up()
        asked = list(pieces(words[:LONGEST]))[:MOST_WORDS]
        found = [self._notes_of(word) for word in asked]
        return self._still_there(set.intersection(*found)) if found else []

    @property
    def words(self) -> int:
        """How many different words are kept."""
        return len(self._by_stem)

    def forget(self) -> None:
        """The node is locked: nothing of any text stays."""
        self._values, self._with, self._by_stem, self._seen, self._whole = {}, [], {}, set(), False

    def _notes_of(self, word: str) -> set[bytes]:
        """Notes in which a word stands; of a run of Han letters, every pair."""
        if is_han(word):
            return set.intersection(*(self._under((stem,)) for stem in pairs(word)))
        return self._under(asked_as(word))

    def _under(self, stems: tuple[str, ...]) -> set[bytes]:
        return {note for stem in stems for number in self._by_stem.get(stem, ()) for note in self._with[number]}

    def _still_there(self, found: set[bytes]) -> list[NoteRow]:
        """Without those whose text was destroyed since: what is gone is not found."""
        rows = self._node.store.look(lambda look: [look.note(one) for one in found])
        kept = (row for row in rows if row is not None and row.body is not None)
        return sorted(kept, key=lambda row: (row.stored_at, row.leaf), reverse=True)

    async def _keep_up(self) -> None:
        """Take what came since; a first time that was broken off begins again."""
        new = self._unseen()
        self._whole = self._whole and not new
        for number, identity in enumerate(new):
            row = self._node.store.look(lambda look, identity=identity: look.note(identity))  # type: ignore[misc]
            self._seen.add(identity)
            if row is not None and row.body is not None and (sheet := self._opened(row)) is not None:
                self._take(identity, sheet)
            if number % PIECE == PIECE - 1:
                await asyncio.sleep(0)
        self._whole = True

    def _unseen(self) -> list[bytes]:
        """Ids of the notes that came since: mostly they are among the newest, and that is one short look."""
        newest = [row.note_id for row in self._node.store.look(lambda look: look.notes(limit=PIECE))]
        if len(newest) == PIECE and not (self._whole and newest[-1] in self._seen):
            newest = self._node.store.look(lambda look: look.note_ids())
        return [identity for identity in newest if identity not in self._seen]

    def _opened(self, row: NoteRow) -> Sheet | None:
        """None: it cannot be read here, so nobody looks for its words."""
        try:
            note = open_note(self._node, row)
            return to_sheet(note) if known_form(note, self._node.library) else None
        except Problem:
            return None

    def _take(self, note_id: bytes, sheet: Sheet) -> None:
        for key, line, value in looked_up(sheet, self._node.library):
            number = self._values.get(key)
            if number is None:
                number = self._values[key] = len(self._with)
                self._with.append(set())
                for language, text in words_of(sheet, line, value, self._node.library):
                    for stem in kept_as(text, language).split():
                        self._by_stem.setdefault(stem, set()).add(number)
            self._with[number].add(note_id)


def of(node: Node) -> NoteSearch:
    """The node's index, one for all doors, made when somebody first searches."""
    if node.search is None:
        node.search = NoteSearch(node)
    return node.search
