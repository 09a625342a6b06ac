"""Key files: what is written can be read, by the right passphrase, by the owner, and by nobody else."""

from __future__ import annotations

import os
import stat
from dataclasses import replace

import pytest

from parley.outside.keys import (
    KeysProblem,
    Officer,
    add_officer,
    change_archive_passphrase,
    change_passphrase,
    create_archive_key,
    create_office,
    create_root,
    make_node,
    open_archive_key,
    read_node,
    read_office,
    read_root,
    remove_officer,
    write_node,
    write_office,
)
from parley.outside.keys.office_file import kek_of
from parley.seal import CHEAP_FOR_TESTS, SealProblem, decode, encode
from parley.terms.party import Address

PASS, OTHER = "nine calm herons", "nine calm heron"
DUTY = Address("XA", "duty")
AMAL, BORIS = Officer("amal", "duty officer"), Officer("boris", "desk officer", (10, 11))


def key_of(problem):
    return problem.value.key.partition(".")[2]


@pytest.fixture
def root(tmp_path):
    path = tmp_path / "one.root"
    create_root(path, "XA", "one", PASS, CHEAP_FOR_TESTS, os.urandom)
    return path


@pytest.fixture
def office(tmp_path):
    path = tmp_path / "duty.office"
    create_office(path, DUTY, AMAL, PASS, CHEAP_FOR_TESTS, os.urandom)
    return path


@pytest.fixture
def node(tmp_path):
    path = tmp_path / "node.key"
    write_node(path, make_node("XA", os.urandom))
    return path


@pytest.fixture
def archive(tmp_path):
    path = tmp_path / "archive.key"
    create_archive_key(path, PASS, CHEAP_FOR_TESTS, os.urandom)
    return path


READERS = {"root": read_root, "office": read_office, "node": read_node, "archive": lambda p: open_archive_key(p, PASS)}


@pytest.fixture(params=READERS)
def any_file(request):
    """Each kind of key file in turn: its path and what reads it."""
    return request.getfixturevalue(request.param), READERS[request.param]


# What all of them have in common


def test_a_key_file_is_its_owners_alone(any_file):
    path, _ = any_file
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o602])
def test_a_key_file_that_others_can_open_is_refused(any_file, mode):
    path, read = any_file
    read(path)
    path.chmod(mode)
    with pytest.raises(KeysProblem) as caught:
        read(path)
    assert key_of(caught) == "too_open"


def test_a_key_file_of_another_kind_is_refused(any_file, tmp_path):
    path, _ = any_file
    for name, read in READERS.items():
        if read is not any_file[1]:
            with pytest.raises(KeysProblem) as caught:
                read(path)
            assert key_of(caught) == "not_a_key_file"
            assert caught.value.arguments["wanted"] == name


OPENERS = {
    "root": lambda path: read_root(path).unlock(PASS).seed,
    "office": lambda path: _open_office(read_office(path)),
    "node": lambda path: read_node(path).signing.seed,
    "archive": lambda path: open_archive_key(path, PASS),
}


def _open_office(file):
    return file.unwrap("amal", kek_of(file.wrapping("amal"), PASS)).seed


@pytest.mark.parametrize("kind", OPENERS)
def test_a_key_file_that_was_cut_or_changed_anywhere_does_not_open(request, kind):
    """Two hundred places in turn are cut off or changed by one bit; the control is that the whole file opens."""
    path = request.getfixturevalue(kind)
    content = path.read_bytes()
    assert OPENERS[kind](path)
    for at in range(0, len(content), max(1, len(content) // 200)):
        for damaged in (content[:at], content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]):
            path.write_bytes(damaged)
            with pytest.raises((KeysProblem, SealProblem)):
                OPENERS[kind](path)


def test_a_missing_file_is_unreadable(any_file):
    path, read = any_file
    path.unlink()
    with pytest.raises(KeysProblem) as caught:
        read(path)
    assert key_of(caught) == "unreadable"
    assert caught.value.arguments["path"] == path.name


def test_no_key_is_ever_overwritten_by_a_new_one(root, office, node, archive):
    """Whoever runs init twice keeps what the first run made."""
    for path, create in (
        (root, lambda: create_root(root, "XA", "one", PASS, CHEAP_FOR_TESTS, os.urandom)),
        (office, lambda: create_office(office, DUTY, AMAL, PASS, CHEAP_FOR_TESTS, os.urandom)),
        (node, lambda: write_node(node, make_node("XA", os.urandom))),
        (archive, lambda: create_archive_key(archive, PASS, CHEAP_FOR_TESTS, os.urandom)),
    ):
        before = path.read_bytes()
        with pytest.raises(KeysProblem) as caught:
            create()
        assert key_of(caught) == "exists"
        assert path.read_bytes() == before


def test_no_secret_shows_in_the_text_of_an_object(root, office, node):
    keys = read_node(node)
    for shown in (repr(read_root(root)), repr(read_office(office)), repr(keys)):
        assert len(shown) < 20_000
        assert keys.tls_key.hex() not in shown
        assert repr(keys.tls_key)[2:30] not in shown
        assert repr(keys.signing.seed)[2:30] not in shown
    assert "secret of" in repr(keys)


# Root


def test_a_root_key_opens_with_its_passphrase_only(root):
    file = read_root(root)
    assert file.unlock(PASS).public == file.public
    with pytest.raises(SealProblem) as caught:
        file.unlock(OTHER)
    assert key_of(caught) == "wrong_passphrase"


@pytest.mark.parametrize("change", [{"party": "XB"}, {"name": "two"}])
def test_a_root_key_whose_label_was_changed_does_not_open(root, change):
    with pytest.raises(SealProblem):
        replace(read_root(root), **change).unlock(PASS)


def test_a_root_key_under_the_public_key_of_another_does_not_open(root, tmp_path):
    other = create_root(tmp_path / "two.root", "XA", "two", PASS, CHEAP_FOR_TESTS, os.urandom)
    with pytest.raises(SealProblem):
        replace(read_root(root), public=other).unlock(PASS)


def test_the_same_passphrase_typed_on_two_keyboards_is_one(tmp_path):
    """Composed and decomposed letters look alike and must open alike (NFKC)."""
    path = tmp_path / "one.root"
    create_root(path, "XA", "one", "d\u00e9j\u00e0 vu", CHEAP_FOR_TESTS, os.urandom)
    assert read_root(path).unlock("de\u0301ja\u0300 vu").public == read_root(path).public


# Node


def test_a_node_reads_back_what_was_made(node):
    made = make_node("XA", os.urandom)
    write_node(node, made, replace=True)
    read = read_node(node)
    assert (read.party, read.signing.seed, read.tls_certificate, read.tls_key) == (
        made.party,
        made.signing.seed,
        made.tls_certificate,
        made.tls_key,
    )


def test_rotating_one_key_of_a_node_leaves_the_other():
    keys = make_node("XA", os.urandom)
    new_tls, new_signing = keys.with_new_tls(os.urandom), keys.with_new_signing(os.urandom)
    assert new_tls.signing.public == keys.signing.public
    assert new_tls.tls_certificate != keys.tls_certificate
    assert new_signing.signing.public != keys.signing.public
    assert new_signing.tls_certificate == keys.tls_certificate


# Office


def test_each_officer_opens_the_same_key_with_an_own_passphrase(office):
    file = add_officer(read_office(office), ("amal", PASS), BORIS, OTHER, CHEAP_FOR_TESTS, os.urandom)
    write_office(office, file)
    read = read_office(office)
    assert read == file
    for officer, passphrase in (("amal", PASS), ("boris", OTHER)):
        assert read.unwrap(officer, kek_of(read.wrapping(officer), passphrase)).public == read.public


def test_only_an_officer_can_make_another(office):
    file = read_office(office)
    for by, key in ((("amal", OTHER), "wrong_passphrase"), (("carla", PASS), "unknown_officer")):
        with pytest.raises(KeysProblem) as caught:
            add_officer(file, by, BORIS, OTHER, CHEAP_FOR_TESTS, os.urandom)
        assert key_of(caught) == key
    with pytest.raises(KeysProblem) as caught:
        add_officer(file, ("amal", PASS), AMAL, OTHER, CHEAP_FOR_TESTS, os.urandom)
    assert key_of(caught) == "officer_exists"


def test_one_officers_passphrase_does_not_open_for_another(office):
    file = add_officer(read_office(office), ("amal", PASS), BORIS, OTHER, CHEAP_FOR_TESTS, os.urandom)
    with pytest.raises(KeysProblem) as caught:
        file.unwrap("boris", kek_of(file.wrapping("amal"), PASS))
    assert key_of(caught) == "wrong_passphrase"


def test_whoever_edits_the_policy_in_the_file_makes_the_key_useless(office):
    """Forms, role, name and cost are bound into the wrapping, so that writing to the file does not widen a right."""
    file = add_officer(read_office(office), ("amal", PASS), BORIS, OTHER, CHEAP_FOR_TESTS, os.urandom)
    write_office(office, file)
    kek = kek_of(file.wrapping("boris"), OTHER)
    assert file.unwrap("boris", kek)  # the control: unedited, it opens
    fields = decode(office.read_bytes())
    for column, value in ((0, "boriss"), (1, "director"), (2, None), (2, [10, 11, 12]), (4, [16, 1, 1])):
        row = list(fields[5][1])
        row[column] = value
        office.write_bytes(encode({**fields, 5: [fields[5][0], row]}))
        edited = read_office(office)
        with pytest.raises(KeysProblem) as caught:
            edited.unwrap(edited.wrappings[1].officer.name, kek)
        assert key_of(caught) == "wrong_passphrase"


def test_a_removed_officer_is_gone_and_the_last_one_stays(office):
    file = add_officer(read_office(office), ("amal", PASS), BORIS, OTHER, CHEAP_FOR_TESTS, os.urandom)
    alone = remove_officer(file, "amal")
    with pytest.raises(KeysProblem):
        alone.wrapping("amal")
    with pytest.raises(KeysProblem) as caught:
        remove_officer(alone, "boris")
    assert key_of(caught) == "last_officer"


def test_a_changed_passphrase_opens_and_the_old_one_does_not(office):
    file = change_passphrase(read_office(office), "amal", PASS, "new words", CHEAP_FOR_TESTS, os.urandom)
    assert file.unwrap("amal", kek_of(file.wrapping("amal"), "new words")).public == file.public
    with pytest.raises(KeysProblem):
        file.unwrap("amal", kek_of(file.wrapping("amal"), PASS))


@pytest.mark.parametrize("name", ["", "Amal", "a b", "a\n", "é", "a" * 33, "-a"])
def test_names_that_no_officer_can_have(name):
    with pytest.raises(KeysProblem):
        Officer(name, "duty officer")


@pytest.mark.parametrize("role", ["", "a\nb", "x" * 65, "\u202eofficer"])
def test_roles_that_no_officer_can_have(role):
    """A role is shown on screens: no control characters, no bidirectional overrides."""
    with pytest.raises(KeysProblem):
        Officer("amal", role)


# Archive


def test_an_archive_key_opens_with_its_passphrase_and_survives_a_new_one(archive):
    key = open_archive_key(archive, PASS)
    assert len(key) == 32
    with pytest.raises(SealProblem):
        open_archive_key(archive, OTHER)
    change_archive_passphrase(archive, PASS, OTHER, CHEAP_FOR_TESTS, os.urandom)
    assert open_archive_key(archive, OTHER) == key
    with pytest.raises(SealProblem):
        open_archive_key(archive, PASS)


def test_a_change_of_passphrase_with_the_wrong_old_one_changes_nothing(archive):
    before = archive.read_bytes()
    with pytest.raises(SealProblem):
        change_archive_passphrase(archive, OTHER, PASS, CHEAP_FOR_TESTS, os.urandom)
    assert archive.read_bytes() == before


def test_a_field_that_nothing_covers_is_refused(any_file):
    """Neither a further one nor a `true` in the place of the version, which Python takes for 1."""
    path, read = any_file
    fields = decode(path.read_bytes())
    read(path)
    for changed in ({**fields, 9: b"x"}, {**fields, 0: 1}, {**fields, 1: True}):
        path.write_bytes(encode(changed))
        with pytest.raises(KeysProblem) as caught:
            read(path)
        assert key_of(caught) == "not_a_key_file"
