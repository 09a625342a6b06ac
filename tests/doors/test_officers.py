"""Officers of an office while a new key of it waits for the roots: what is decided holds before and after."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from parley.backstage import Backstage
from parley.outside.keys.office_file import kek_of, read_office
from parley.outside.keys.problems import KeysProblem
from parley.outside.settings import Home
from parley.rotation import next_of, prepare_office

OFFICE = "duty"
AMAL = ("amal", "first secret of amal")
BORIS = ("boris", "first secret of boris")


@pytest.fixture
def backstage() -> Backstage:
    return Backstage(cheap=True)


@pytest.fixture
def home(tmp_path: Path, backstage: Backstage) -> Home:
    """A node with two officers of one office; amal began to rotate its key, and boris is not in the new file yet."""
    made = Home(tmp_path / "XA")
    backstage.found(made, backstage.settings(party="XA"), backstage.founder(*AMAL, AMAL[1]))
    backstage.add_officer(made, OFFICE, [AMAL], ("boris", "night watch", ()), BORIS[1])
    return made


@pytest.fixture
def rotating(home: Home) -> Home:
    prepare_office(home, OFFICE, *AMAL, Backstage(cheap=True).cost)
    return home


def opens(path: Path, officer: str, passphrase: str) -> bool:
    """Whether the key in a file opens to an officer's passphrase, without a signer between."""
    file = read_office(path)
    try:
        file.unwrap(officer, kek_of(file.wrapping(officer), passphrase))
    except KeysProblem:
        return False
    return True


def files(home: Home) -> tuple[Path, Path]:
    return home.office_key(OFFICE), next_of(home.office_key(OFFICE))


def test_the_list_says_who_will_not_release_with_the_key_that_waits(backstage: Backstage, rotating: Home) -> None:
    found = {one["officer"]: one["next_key"] for one in backstage.officers(rotating, OFFICE)}
    assert found == {"amal": True, "boris": False}


def test_without_a_rotation_nobody_is_marked(backstage: Backstage, home: Home) -> None:
    assert all(one["next_key"] for one in backstage.officers(home, OFFICE))


def test_who_is_added_during_a_rotation_releases_before_and_after(backstage: Backstage, rotating: Home) -> None:
    backstage.add_officer(rotating, OFFICE, [AMAL, BORIS], ("zoe", "duty officer", (1,)), "secret of zoe")
    assert [opens(path, "zoe", "secret of zoe") for path in files(rotating)] == [True, True]
    assert not opens(files(rotating)[0], "zoe", AMAL[1])  # the control


def test_who_is_not_in_the_new_file_adds_nobody_and_is_told_who_can(backstage: Backstage, rotating: Home) -> None:
    before = [path.read_bytes() for path in files(rotating)]
    with pytest.raises(KeysProblem) as told:
        backstage.add_officer(rotating, OFFICE, [BORIS], ("zoe", "duty officer", ()), "secret of zoe")
    assert told.value.key == "keys.key_waits"
    assert "amal" in str(told.value)
    assert [path.read_bytes() for path in files(rotating)] == before


def test_who_is_removed_during_a_rotation_is_gone_from_both(backstage: Backstage, rotating: Home) -> None:
    backstage.add_officer(rotating, OFFICE, [AMAL, BORIS], ("zoe", "duty officer", (1,)), "secret of zoe")
    backstage.remove_officer(rotating, OFFICE, AMAL, "zoe")
    for path in files(rotating):
        with pytest.raises(KeysProblem):
            read_office(path).wrapping("zoe")


def test_the_only_officer_of_the_key_that_waits_stays_and_neither_file_changes(
    backstage: Backstage, rotating: Home
) -> None:
    before = [path.read_bytes() for path in files(rotating)]
    with pytest.raises(KeysProblem) as told:
        backstage.remove_officer(rotating, OFFICE, BORIS, "amal")
    assert told.value.key == "keys.last_officer"
    assert [path.read_bytes() for path in files(rotating)] == before


def test_a_new_passphrase_opens_both_keys_and_the_old_one_neither(backstage: Backstage, rotating: Home) -> None:
    backstage.change_passphrase(rotating, OFFICE, "amal", AMAL[1], "second secret of amal")
    assert [opens(path, "amal", "second secret of amal") for path in files(rotating)] == [True, True]
    assert [opens(path, *AMAL) for path in files(rotating)] == [False, False]


WRONG: dict[str, Callable[[Backstage, Home], None]] = {
    "add": lambda b, h: b.add_officer(h, OFFICE, [("amal", "wrong")], ("zoe", "duty officer", ()), "secret of zoe"),
    "remove": lambda b, h: b.remove_officer(h, OFFICE, ("amal", "wrong"), "boris"),
    "passphrase": lambda b, h: b.change_passphrase(h, OFFICE, "amal", "wrong", "second secret of amal"),
}


@pytest.mark.parametrize("act", WRONG)
def test_a_wrong_passphrase_changes_nothing(backstage: Backstage, home: Home, act: str) -> None:
    before = home.office_key(OFFICE).read_bytes()
    with pytest.raises(KeysProblem) as told:
        WRONG[act](backstage, home)
    assert told.value.key == "keys.wrong_passphrase"
    assert home.office_key(OFFICE).read_bytes() == before
