"""When the signer signs: its rules, without sockets, clocks or files.

Every connection has its own `SignerSession`; what an officer unlocks there is usable there only, unless that officer
opens the key for passkeys and telephone codes for a time (`OpenKey`). The order in `_signed` is the point of the whole
process: read the note, check the proof over it, check the officers, judge by the policy, write it down, sign.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Lock
from typing import Protocol

from parley.clearance import (
    CLEARING,
    LONGEST_REASON,
    Asked,
    Assertion,
    ClearanceProblem,
    Code,
    How,
    Proof,
    Role,
    Verdict,
    Word,
    release_challenge,
    word_challenge,
)
from parley.outside.keys.authority import Authorities, Authority
from parley.outside.keys.office_file import Wrapping
from parley.outside.keys.passkey import Counters, check_assertion
from parley.outside.keys.problems import KeysProblem
from parley.outside.keys.release import NoteFacts, check_proof, check_word_proof, read_asked, release_key
from parley.outside.keys.roster_file import Row, check_known, unlock_telephone
from parley.outside.keys.run import WholeRun, read_run
from parley.outside.keys.telephone import Numbers, purpose
from parley.outside.keys.wire import Verb, refusal
from parley.outside.keys.words import Heard, Words
from parley.seal import Domain, PassphraseCost, SealProblem, SigningKey, Value, digest, sign

FREE_ATTEMPTS = 3
LONGEST_WAIT_MS = 60_000
LONGEST_OPEN_S = 24 * 3600


class Book(Protocol):
    """The signer's own log: what it writes there is on the medium before anything follows from it."""

    def released(self, officer: str, facts: NoteFacts, verdict: Verdict, version: int) -> None: ...
    def said(self, heard: Heard) -> None: ...
    def note(self, officer: str, what: str) -> None: ...


class Throttle:
    """Makes guessing slow: after three failures an officer's next attempt waits 1 s, 2 s, 4 s … up to a minute.

    The wait is short because whoever can knock here can also keep an officer out by knocking; guessing against the
    file itself, if somebody has it, is slowed by the passphrase's cost and not by this. Times are of a clock that never
    steps back, in ms.
    """

    def __init__(self) -> None:
        self._failures: dict[str, tuple[int, int]] = {}
        self._lock = Lock()

    def check(self, officer: str, now: int) -> None:
        """Raise KeysProblem wait if the officer's next attempt is not due yet."""
        with self._lock:
            _, until = self._failures.get(officer, (0, 0))
        if now < until:
            raise KeysProblem("wait", officer=officer, seconds=-(-(until - now) // 1000))

    def failed(self, officer: str, now: int) -> None:
        """Count a failure."""
        with self._lock:
            count = self._failures.get(officer, (0, 0))[0] + 1
            wait = min(LONGEST_WAIT_MS, 1000 << min(count - FREE_ATTEMPTS, 20)) if count >= FREE_ATTEMPTS else 0
            self._failures[officer] = (count, now + wait)

    def succeeded(self, officer: str) -> None:
        """Forget the failures."""
        with self._lock:
            self._failures.pop(officer, None)


@dataclass(frozen=True)
class _Unlocked:
    """What an officer opened: the office key, or, for one who never releases, the proof of being that officer.

    `entry` is the wrapping or row as it was then: its policy was authenticated by the unwrapping.
    """

    officer: str
    entry: Wrapping | Row
    proving: bytes = field(repr=False)
    key: SigningKey | None = field(default=None, repr=False)

    def stands(self, authority: Authority) -> bool:
        """Whether the file still says the same of this officer: removal acts at once."""
        if isinstance(self.entry, Wrapping):
            return self.entry in authority.office.wrappings
        return authority.officers is not None and self.entry in authority.officers.rows


class OpenKey:
    """The office key, left open by an officer for proofs that are no passphrases; shared by all connections."""

    def __init__(self) -> None:
        self._held: tuple[_Unlocked, int] | None = None
        self._lock = Lock()

    def open(self, by: _Unlocked, until: int) -> None:
        """Until `until`, ms of a clock that never steps back."""
        with self._lock:
            self._held = (by, until)

    def shut(self) -> None:
        """Forget it."""
        with self._lock:
            self._held = None

    def held(self, authority: Authority, now: int) -> tuple[_Unlocked, int]:
        """Who opened it and until when; raises KeysProblem ``not_open``."""
        with self._lock:
            if self._held is not None and (now >= self._held[1] or not self._held[0].stands(authority)):
                self._held = None
            if self._held is None:
                raise KeysProblem("not_open")
            return self._held


@dataclass
class Shared:
    """What all connections to one signer share.

    Args:
        authorities: officers and policy as the files say them now.
        ticks: ms of a clock that never steps back; `now`: ms since the epoch, UTC.
        numbers: drawn for telephone codes.
    """

    authorities: Authorities
    book: Book
    ticks: Callable[[], int]
    now: Callable[[], int]
    numbers: Numbers
    throttle: Throttle = field(default_factory=Throttle)
    words: Words = field(default_factory=Words)
    counters: Counters = field(default_factory=Counters)
    open_key: OpenKey = field(default_factory=OpenKey)
    used: dict[str, int] = field(default_factory=dict)  # how often each thing cleared ahead was used
    using: Lock = field(default_factory=Lock)


class SignerSession:
    """One connection to the signer."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._unlocked: _Unlocked | None = None
        self._taken: dict[bytes, Verdict] = {}  # notes of a run that was released here and not taken yet

    def answer(self, request: dict[int, Value]) -> dict[int, Value]:
        """The answer to one request; refusals are answers too, nothing is raised for what a caller can cause."""
        try:
            return {2: "", **self._obey(request)}
        except (KeysProblem, ClearanceProblem) as problem:
            if self._unlocked is not None:
                with suppress(KeysProblem):  # a refusal stands also when it cannot be written down
                    self._shared.book.note(self._unlocked.officer, problem.key)
            return refusal(problem)

    def _obey(self, request: dict[int, Value]) -> dict[int, Value]:
        match request:
            case {2: Verb.HELLO, 3: str(officer)}:
                return self._hello(officer)
            case {2: Verb.UNLOCK, 3: str(officer), 4: bytes(kek)} if len(kek) == 32:
                return self._unlock(officer, kek)
            case {2: Verb.SIGN, 3: bytes(payload), 4: bytes(proof)}:
                return self._sign(payload, proof, _reason(request.get(5)))
            case {2: Verb.LOCK}:
                self._unlocked = None
                return {}
            case {2: Verb.WORD, 3: bytes(payload), 4: str(role), 5: bytes(proof)}:
                return self._word(payload, _role(role), proof)
            case _:
                return self._obey_open(request)

    def _obey_open(self, request: dict[int, Value]) -> dict[int, Value]:
        """What concerns the key that an officer left open."""
        match request:
            case {2: Verb.OPEN, 3: int(seconds)} if type(seconds) is int and 0 < seconds <= LONGEST_OPEN_S:
                return self._open(seconds)
            case {2: Verb.SHUT}:
                self._shared.open_key.shut()
                return {}
            case {2: Verb.STATE}:
                held, until = self._shared.open_key.held(self._shared.authorities(), self._shared.ticks())
                return {3: (until - self._shared.ticks()) // 1000, 4: held.officer}
            case {2: Verb.NUMBER, 3: bytes(payload)}:
                return self._number(payload)
            case {2: Verb.RELEASE_BY, 3: bytes(payload), 4: str(officer), 5: int(way), 6: proof, 7: reason}:
                return self._release_by(payload, officer, _proof(way, proof), _reason(reason))
            case {2: Verb.WORD_BY, 3: bytes(payload), 4: str(officer), 5: int(way), 6: proof, 7: str(role)}:
                return self._word_by(payload, officer, _proof(way, proof), _role(role))
            case _:
                return self._obey_run(request)

    def _obey_run(self, request: dict[int, Value]) -> dict[int, Value]:
        """What concerns all notes of a drill's run at once."""
        match request:
            case {2: Verb.RUN_BY, 3: list(payloads), 4: str(officer), 5: int(way), 6: proof, 7: reason}:
                return self._run_by(read_run(payloads), officer, _proof(way, proof), _reason(reason))
            case {2: Verb.TAKE, 3: bytes(payload)}:
                return self._take(payload)
            case {2: Verb.RUN_WORD_BY, 3: list(payloads), 4: str(officer), 5: int(way), 6: proof, 7: str(role)}:
                return self._run_word_by(read_run(payloads), officer, _proof(way, proof), _role(role))
        raise KeysProblem("bad_request")

    def _hello(self, officer: str) -> dict[int, Value]:
        found = self._shared.authorities()
        salt, cost = _salted(found, officer)
        address: list[Value] = [found.office.address.party, found.office.address.office]
        return {3: salt, 4: [cost.memory_kib, cost.passes, cost.lanes], 5: address, 6: found.office.public.to_bytes()}

    def _unlock(self, officer: str, kek: bytes) -> dict[int, Value]:
        self._unlocked = None
        found, shared = self._shared.authorities(), self._shared
        _salted(found, officer)  # an unknown name is refused before it can fill the table of failures
        shared.throttle.check(officer, shared.ticks())
        try:
            unlocked = _opened(found, officer, kek)
        except KeysProblem:
            shared.throttle.failed(officer, shared.ticks())
            shared.book.note(officer, "keys.wrong_passphrase")
            raise
        shared.throttle.succeeded(officer)
        shared.book.note(officer, "unlocked")
        self._unlocked = unlocked
        return {}

    def _sign(self, payload: bytes, proof: bytes, reason: str) -> dict[int, Value]:
        unlocked = self._still_unlocked()
        facts, asked = read_asked(payload)
        check_proof(unlocked.proving, facts.digest, proof)
        if unlocked.key is None:
            raise ClearanceProblem("not_releaser", officer=unlocked.officer, form=facts.form)
        return self._signed(payload, facts, asked, unlocked.officer, unlocked.key, reason)

    def _release_by(self, payload: bytes, officer: str, proof: Proof, reason: str) -> dict[int, Value]:
        key = self._open_key()
        facts, asked = read_asked(payload)
        believed = self._shared.authorities.believed(key)
        self._check(believed, key, officer, proof, facts.digest, None)
        return self._signed(payload, facts, asked, officer, key, reason)

    def _signed(
        self, payload: bytes, facts: NoteFacts, asked: Asked, officer: str, key: SigningKey, reason: str
    ) -> dict[int, Value]:
        """The proof holds; now the office, the officers, the policy, the log; then the signature."""
        (verdict,) = self._permitted([(facts, asked)], officer, key, reason)
        return {3: sign_note(payload, key), **_told(verdict)}

    def _permitted(
        self, notes: Sequence[tuple[NoteFacts, Asked]], officer: str, key: SigningKey, reason: str
    ) -> list[Verdict]:
        """By what right each of these notes may be signed; it is in the log when this returns. All of them, or none."""
        shared, now = self._shared, self._shared.now()
        believed = shared.authorities.believed(key)
        for facts, _ in notes:
            _check_office(believed, facts, officer)
        with shared.using:  # two notes at once never use up one permission twice
            used, verdicts = dict(shared.used), list[Verdict]()
            for facts, asked in notes:
                heard = shared.words.of(facts.digest, now)
                verdicts.append(verdict := believed.judge(asked, heard, officer, now, reason, used))
                if verdict.how is How.AHEAD:
                    used[verdict.ahead] = used.get(verdict.ahead, 0) + 1
            shared.used.update(used)
        for (facts, _), verdict in zip(notes, verdicts, strict=True):
            shared.book.released(officer, facts, verdict, believed.roster.version)
        return verdicts

    def _run_by(self, run: WholeRun, officer: str, proof: Proof, reason: str) -> dict[int, Value]:
        """One proof over the digest of all: then each may be taken, signed, on this connection and once."""
        self._taken = {}
        key = self._open_key()
        believed = self._shared.authorities.believed(key)
        self._check(believed, key, officer, proof, run.digest, None)
        verdicts = self._permitted(run.notes, officer, key, reason)
        self._taken = {facts.digest: verdict for (facts, _), verdict in zip(run.notes, verdicts, strict=True)}
        return {3: len(self._taken)}

    def _take(self, payload: bytes) -> dict[int, Value]:
        verdict = self._taken.pop(digest(payload), None)
        if verdict is None:
            raise KeysProblem("not_of_run")
        return {3: sign_note(payload, self._open_key()), **_told(verdict)}

    def _run_word_by(self, run: WholeRun, officer: str, proof: Proof, role: Role) -> dict[int, Value]:
        """An officer's word for every note of a run."""
        key = self._open_key()
        self._check(self._shared.authorities.believed(key), key, officer, proof, run.digest, role)
        told = [self._heard(facts, officer, role) for facts, _ in run.notes]
        return told[-1]

    def _word(self, payload: bytes, role: Role, proof: bytes) -> dict[int, Value]:
        unlocked = self._still_unlocked()
        facts, _ = read_asked(payload)
        check_word_proof(unlocked.proving, role, facts.digest, proof)
        return self._heard(facts, unlocked.officer, role)

    def _word_by(self, payload: bytes, officer: str, proof: Proof, role: Role) -> dict[int, Value]:
        key = self._open_key()
        facts, _ = read_asked(payload)
        believed = self._shared.authorities.believed(key)
        self._check(believed, key, officer, proof, facts.digest, role)
        return self._heard(facts, officer, role)

    def _heard(self, facts: NoteFacts, officer: str, role: Role) -> dict[int, Value]:
        """Keep a word that was proved; whether its role is still held is judged when the note is signed."""
        shared, now, found = self._shared, self._shared.now(), self._shared.authorities()
        if facts.sender != found.office.address:
            raise KeysProblem("other_office", given=str(facts.sender), own=str(found.office.address))
        if role not in found.roster.roles(officer, now):
            raise ClearanceProblem("no_word", officer=officer, role=role.value)
        heard = Heard(note=facts.digest, word=Word(officer=officer, role=role, at=now), entry=found.entry(officer))
        shared.book.said(heard)
        shared.words.keep(heard)
        return {3: now}

    def _check(
        self, believed: Authority, key: SigningKey, officer: str, proof: Proof, note: bytes, role: Role | None
    ) -> None:
        """Raise unless `proof` is this officer's, for a word in `role` or (None) the release."""
        found, shared = believed.roster.officer(officer), self._shared
        try:
            if isinstance(proof, Assertion):  # nobody guesses a signature: there is nothing to slow down
                challenge = release_challenge(note) if role is None else word_challenge(role, note)
                check_assertion(found, proof, challenge, shared.counters)
            else:
                self._check_code(believed, key, officer, proof, note, role)
        except KeysProblem as problem:
            if problem.key in ("keys.wrong_passkey", "keys.wrong_code"):
                shared.book.note(officer, problem.key)
            raise

    def _check_code(
        self, believed: Authority, key: SigningKey, officer: str, proof: Code, note: bytes, role: Role | None
    ) -> None:
        """Guessing codes is slowed by itself: whoever guesses here keeps no officer from the passphrase."""
        shared, guessed = self._shared, f"{officer} by telephone"
        telephone = unlock_telephone(key, believed.officers.row(officer) if believed.officers else None, officer)
        shared.throttle.check(guessed, shared.ticks())
        try:
            shared.numbers.check(note, telephone, purpose(role), proof.digits, officer)
        except KeysProblem as problem:
            if problem.key == "keys.wrong_code":
                shared.throttle.failed(guessed, shared.ticks())
            raise
        shared.throttle.succeeded(guessed)

    def _open(self, seconds: int) -> dict[int, Value]:
        unlocked = self._still_unlocked()
        if unlocked.key is None:
            raise ClearanceProblem("may_not", officer=unlocked.officer, roles=Role.RELEASER.value)
        self._shared.book.note(unlocked.officer, f"opened for {seconds} s")
        self._shared.open_key.open(unlocked, self._shared.ticks() + seconds * 1000)
        return {3: seconds}

    def _number(self, payload: bytes) -> dict[int, Value]:
        self._open_key()
        drawn = self._shared.numbers.draw(read_asked(payload)[0].digest)
        return {3: drawn.number, 4: drawn.seconds}

    def _open_key(self) -> SigningKey:
        held, _ = self._shared.open_key.held(self._shared.authorities(), self._shared.ticks())
        assert held.key is not None  # `_open` refuses who has none
        return held.key

    def _still_unlocked(self) -> _Unlocked:
        """What is unlocked here, if that officer's entry in the file is still the same: removal acts at once."""
        unlocked = self._unlocked
        if unlocked is not None and not unlocked.stands(self._shared.authorities()):
            self._unlocked = unlocked = None
        if unlocked is None:
            raise KeysProblem("not_unlocked")
        return unlocked


def _check_office(believed: Authority, facts: NoteFacts, officer: str) -> None:
    """Raise KeysProblem ``other_office``, ``form_not_allowed``."""
    if facts.sender != believed.office.address:
        raise KeysProblem("other_office", given=str(facts.sender), own=str(believed.office.address))
    for wrapping in believed.office.wrappings:
        if wrapping.officer.name == officer and not wrapping.officer.may_release(facts.form):
            raise KeysProblem("form_not_allowed", officer=officer, form=facts.form)


def _salted(found: Authority, officer: str) -> tuple[bytes, PassphraseCost]:
    """Salt and cost of an officer's passphrase; raises KeysProblem unknown_officer."""
    row = found.officers.row(officer) if found.officers is not None else None
    if row is not None and row.cost is not None:
        return row.salt, row.cost
    wrapping = found.office.wrapping(officer)
    return wrapping.salt, wrapping.cost


def _opened(found: Authority, officer: str, kek: bytes) -> _Unlocked:
    row = found.officers.row(officer) if found.officers is not None else None
    if row is not None and row.cost is not None:
        check_known(found.office, row, kek)
        return _Unlocked(officer, row, release_key(kek))
    return _Unlocked(officer, found.office.wrapping(officer), release_key(kek), found.office.unwrap(officer, kek))


def _told(verdict: Verdict) -> dict[int, Value]:
    words: list[Value] = [[one.officer, one.role.value, one.at] for one in verdict.words]
    return {4: verdict.how.value, 5: words, 6: verdict.ahead, 7: verdict.reason}


def _reason(given: object) -> str:
    """The reason of a request, empty if it gives none."""
    if given is None:
        return ""
    if not isinstance(given, str) or len(given) > LONGEST_REASON:
        raise ClearanceProblem("bad_reason", most=LONGEST_REASON)
    return given


def _role(given: str) -> Role:
    if given not in {role.value for role in CLEARING}:
        raise KeysProblem("bad_request")
    return Role(given)


def _proof(way: int, given: object) -> Proof:
    match way, given:
        case 1, [bytes(credential), bytes(authenticator), bytes(client), bytes(signature)]:
            return Assertion(
                credential_id=credential, authenticator_data=authenticator, client_data=client, signature=signature
            )
        case 2, str(digits) if len(digits) <= 40:
            return Code(digits)
    raise KeysProblem("bad_request")


def sign_note(payload: bytes, key: SigningKey) -> bytes:
    """The only signature that an office key makes: a note, in the domain of notes."""
    try:
        return sign(payload, [key], Domain.NOTE)
    except SealProblem:
        raise KeysProblem("not_a_note") from None
