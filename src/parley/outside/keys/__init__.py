"""Keys: where secret keys live, in three levels (spec/signer.md).

root     persons, offline, one file each with its own passphrase; never loaded by a running node
office   a signer process of its own, which signs a note only after an officer's proof over that very note
node     a file that opens unattended: receipts, checkpoints, freshness, TLS

Beside them the archive key, under which notes lie at rest, and the day keys, whose erasure ends prekeys. With all that
the node process holds no note can be signed. It knows files, sockets and accounts; it refuses to know what a note
says beyond the few fields that the signer checks, and who should be an officer.

Public: RootFile, NodeKeys, OfficeFile, Officer, DayKeys and the functions that make and read them; OfficeSigner and
OfficeSession (the officer's side); Signer (the protocol); KeysProblem. The process itself: parley.outside.keys.signer.
"""

from __future__ import annotations

from parley.outside.keys.day_keys import DayKeys, day_of
from parley.outside.keys.files import (
    NodeKeys,
    RootFile,
    change_archive_passphrase,
    create_archive_key,
    create_root,
    make_node,
    open_archive_key,
    read_node,
    read_root,
    write_node,
)
from parley.outside.keys.office_file import (
    OfficeFile,
    Officer,
    add_officer,
    change_passphrase,
    create_office,
    read_office,
    remove_officer,
    write_office,
)
from parley.outside.keys.problems import KeysProblem
from parley.outside.keys.release import Signer
from parley.outside.keys.signing_client import OfficeSession, OfficeSigner

__all__ = [
    "DayKeys",
    "KeysProblem",
    "NodeKeys",
    "OfficeFile",
    "OfficeSession",
    "OfficeSigner",
    "Officer",
    "RootFile",
    "Signer",
    "add_officer",
    "change_archive_passphrase",
    "change_passphrase",
    "create_archive_key",
    "create_office",
    "create_root",
    "day_of",
    "make_node",
    "open_archive_key",
    "read_node",
    "read_office",
    "read_root",
    "remove_officer",
    "write_node",
    "write_office",
]
