"""The forms and the languages together: everything that this room knows, with the digests that a note carries.

`load` reads the files that ship with Parley; `build` takes the bytes of any others, which is how a new form or a
seventh language is tried out. Leaves out which forms a party may use: that is the line's and the directory's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from importlib import resources
from types import MappingProxyType

from parley.forms.catalogue import Catalogue, read_about, read_catalogue, read_messages
from parley.forms.form import Form, Line, read_form
from parley.forms.kinds import KINDS, Place
from parley.forms.kinds.options import heads
from parley.forms.plain_words import Plain, read_plain
from parley.forms.problems import FormProblem
from parley.forms.value import words_of_line
from parley.forms.voice import Voice

PLURALS = ("units", "durations")
"""Sections whose entries have one text for each plural category of the language."""
_COMMON = (
    *(f"banners.{name}" for name in ("exercise", "real")),
    *(f"notes.{name}" for name in ("reservation", "authentic", "none", "native", "ministry", "unknown-form")),
    *("phrases.heading", "labels.coded", "absent.answer-by", "absent.refers-to", "readback.cannot-tell"),
    "readback.intro",
    *(f"by-hand.{name}" for name in ("heading", "status", "reference", "reply")),
    *(f"by-hand.call-{name}" for name in ("greeting", "exercise", "real", "reference", "end")),
)
_WITHOUT_NOTHING = ("number", "moment", "form")
"""Kinds whose values are whole numbers, as the kinds of nothing are: they could not be told apart."""


class Library:
    """Forms by number and version, languages by code, messages and lists of words by language.

    Build it once; it does not change.
    """

    def __init__(
        self,
        forms: tuple[Form, ...],
        files: Mapping[str, bytes],
        messages: Mapping[str, bytes] = MappingProxyType({}),
        plain: Mapping[str, bytes] = MappingProxyType({}),
    ) -> None:
        self._forms = {(form.number, form.version): form for form in forms}
        self._files = {name.removesuffix(".toml"): data for name, data in files.items()}
        self._messages = {name.removesuffix(".toml"): data for name, data in messages.items()}
        self._plain_files = {name.removesuffix(".toml"): data for name, data in plain.items()}
        self._voices: dict[str, Voice] = {}
        self._sentences: dict[str, Voice] = {}
        self._plain: dict[str, Plain] = {}

    @property
    def forms(self) -> tuple[Form, ...]:
        """Every form in every version, by number."""
        return tuple(self._forms[key] for key in sorted(self._forms))

    @cached_property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of the forms."""
        return tuple(sorted({number for number, _ in self._forms}))

    def form(self, number: int, version: int | None = None) -> Form:
        """A form in a version, or in its newest; raises FormProblem ``unknown_form``."""
        if version is None:
            version = max((known for of, known in self._forms if of == number), default=0)
        try:
            return self._forms[number, version]
        except KeyError:
            raise FormProblem("unknown_form", number=str(number)[:20], version=str(version)[:20]) from None

    @property
    def languages(self) -> tuple[str, ...]:
        """The codes of the languages, sorted."""
        return tuple(sorted(self._files))

    def catalogue(self, language: str) -> Catalogue:
        """The words of a language; raises as `voice`."""
        return self.voice(language).catalogue

    def voice(self, language: str) -> Voice:
        """The language at work; its file is read when it is first asked for, and must have every entry.

        Raises FormProblem ``unknown_catalogue``; for a file that is not in order ``bad_catalogue_file``, ``no_entry``,
        ``same_words``.
        """
        if language not in self._voices:
            voice = Voice(read_catalogue(f"{language}.toml", self._data_of(language)))
            self._check_language(voice, language)
            self._voices[language] = voice
        return self._voices[language]

    def sentences(self, language: str) -> Voice | None:
        """What a language says of problems, by ``<room>.<key>.what`` and ``….do``; None if it has no file of them.

        Raises FormProblem ``unknown_catalogue``, ``bad_catalogue_file``.
        """
        if language not in self._sentences:
            if language not in self._messages:
                self._data_of(language)
                return None
            about = read_about(f"{language}.toml", self._data_of(language))
            read = read_messages(f"messages/{language}.toml", self._messages[language], about)
            self._sentences[language] = Voice(read)
        return self._sentences[language]

    def plain(self, language: str) -> Plain | None:
        """The words of a language to look at again before release; None if it has no list, or is none of these.

        Raises FormProblem ``bad_catalogue_file``.
        """
        if language not in self._plain:
            if language not in self._plain_files or language not in self._files:
                return None
            about = read_about(f"{language}.toml", self._data_of(language))
            self._plain[language] = read_plain(f"plain/{language}.toml", self._plain_files[language], about)
        return self._plain[language]

    @cached_property
    def catalogue_version(self) -> int:
        """The newest version that any language file states."""
        abouts = (read_about(f"{code}.toml", data) for code, data in self._files.items())
        return max((about.version for about in abouts), default=0)

    @cached_property
    def catalogue_digest(self) -> bytes:
        """SHA-256 over a line ``<code> <SHA-256 of the file, hex>`` and LF for each language, sorted."""
        digests = {code: hashlib.sha256(data).hexdigest() for code, data in self._files.items()}
        lines = (f"{code} {digests[code]}\n" for code in self.languages)
        return hashlib.sha256("".join(lines).encode("ascii")).digest()

    def _data_of(self, language: str) -> bytes:
        if language not in self._files:
            known = ", ".join(self.languages)
            raise FormProblem("unknown_catalogue", given=ascii(language[:20])[1:-1], known=known)
        return self._files[language]

    def _check_language(self, voice: Voice, name: str) -> None:
        """Refuse a language that lacks an entry or says two codes alike: an officer must not meet a hole at night."""
        if voice.code != name:
            raise FormProblem("bad_catalogue_file", file=f"{name}.toml", detail=f"it says that it is {voice.code}")
        if lacking := missing(self, voice):
            raise FormProblem("no_entry", language=name, entry=", ".join(lacking[:5]))
        for form in self.forms:
            for line in form.all_lines:
                words_of_line(Place(line, form, {}, self), voice)


def read_forms(files: Mapping[str, bytes]) -> tuple[Form, ...]:
    """The forms of these files; raises FormProblem ``bad_form_file``."""
    read = tuple(read_form(name, data) for name, data in sorted(files.items()))
    if len({(form.number, form.version) for form in read}) != len(read):
        raise FormProblem("bad_form_file", file=", ".join(sorted(files)), detail="a form is there twice")
    for form in read:
        _check_kinds(form)
    return read


def build(
    forms: Mapping[str, bytes],
    catalogues: Mapping[str, bytes],
    messages: Mapping[str, bytes] = MappingProxyType({}),
    plain: Mapping[str, bytes] = MappingProxyType({}),
) -> Library:
    """The library of these files, name -> bytes; a language's files are named by its code, ``ar.toml``.

    Every language is read at once; raises FormProblem for a file that is not in order.
    """
    library = Library(read_forms(forms), catalogues, messages, plain)
    for language in library.languages:
        library.voice(language)
        library.sentences(language)
        library.plain(language)
    return library


def packaged() -> tuple[dict[str, bytes], dict[str, bytes]]:
    """The form files and the language files that ship with Parley, by name."""
    return _files_in("forms"), _files_in("catalogue")


def packaged_messages() -> dict[str, bytes]:
    """The files of messages that ship with Parley, by name."""
    return _files_in("messages")


def packaged_plain() -> dict[str, bytes]:
    """The lists of words to look at again that ship with Parley, by file name."""
    return _files_in("plain")


def _files_in(folder: str) -> dict[str, bytes]:
    found = resources.files("parley.forms") / "data" / folder
    return {file.name: file.read_bytes() for file in found.iterdir() if file.name.endswith(".toml")}


@cache
def load() -> Library:
    """The library that ships with Parley; read once. A language is read when it is first asked for."""
    forms, catalogues = packaged()
    return Library(read_forms(forms), catalogues, packaged_messages(), packaged_plain())


def needed(form: Form) -> Iterator[str]:
    """The paths of the entries that a language needs for a form; a plural entry is named without its category."""
    yield from _COMMON
    yield f"forms.{form.name}.title"
    for line in form.all_lines:
        yield f"labels.{line.name}"
        yield from KINDS[line.kind].entries(form, line)
        yield from (f"codes.nothing.{kind}" for kind in line.nothing)
    for question in form.questions:
        yield f"questions.{question.key}.text"
        yield from (f"questions.{question.key}.options.{head}" for head in heads(question))


def missing(library: Library, voice: Voice) -> tuple[str, ...]:
    """The entries that a language lacks for the forms of the library, plural categories included."""
    paths = {path for form in library.forms for path in needed(form)}
    wanted = {entry for path in paths for entry in _with_categories(path, voice)}
    return tuple(sorted(path for path in wanted if not voice.has(path)))


def _with_categories(path: str, voice: Voice) -> Iterator[str]:
    if path.partition(".")[0] in PLURALS:
        yield from (f"{path}.{category}" for category in voice.plural_categories)
    else:
        yield path


def _check_kinds(form: Form) -> None:
    for line in form.all_lines:
        kind = KINDS.get(line.kind)
        if kind is None:
            _refuse(form, line, f"there is no kind {line.kind}")
        elif kind.needs_list and not line.list:
            _refuse(form, line, f"the kind {line.kind} needs a list")
        elif line.nothing and line.kind in _WITHOUT_NOTHING:
            _refuse(form, line, f"the kind {line.kind} has no kinds of nothing")
    for question in form.questions:
        line = form.by_number[question.line]
        if line.many:
            _refuse(form, line, "a question needs a line with one value")


def _refuse(form: Form, line: Line, detail: str) -> None:
    raise FormProblem("bad_form_file", file=f"{form.number} {form.name}", detail=f"line {line.number}: {detail}")
