"""The directory: who speaks for whom, and how many must agree.

It knows: the particulars of each party, signed by a threshold of its roots; how one version follows another; what a
node says in between (freshness, prekeys); what this desk accepted, on what grounds, and what it suspended; which keys
count for something signed then and arriving now. It says "that key, this ministry".

It refuses to know: what is signed (line), how signatures work (seal), where rows and private keys are kept (outside),
what time it is. Nobody's word, not even a secretariat's, can put a key in another party's mouth here.

Particulars: Particulars, Office, Bearer, Revocation, Vouch, Mandate; propose, sign_share, combine, verify_signed,
verify_succession. Ceremony: Ceremony, root_digest, phrase, qr_payload, confirm. Between versions: Freshness, Prekey,
sign_freshness, sign_prekeys. At this desk: Directory, Entry, Row, Outcome, Standing, Judged, VouchPolicy, Evidence.
Every refusal is a DirectoryProblem (or a SealProblem, for bytes and signatures as such).
"""

from parley.directory.ceremony import Ceremony, confirm, phrase, qr_payload, read_digits, read_qr, root_digest
from parley.directory.directory import Directory
from parley.directory.entry import HOWS, Acceptance, Decision, Entry, Heard, Held, Row, signed_root_digest
from parley.directory.evidence import Evidence, verify_evidence
from parley.directory.freshness import (
    Freshness,
    Prekey,
    PrekeyBatch,
    sign_freshness,
    sign_prekeys,
    verify_freshness,
    verify_prekeys,
)
from parley.directory.gossip import (
    SIGHTING,
    Sighted,
    Sighting,
    Wanted,
    read_request,
    read_sightings,
    write_request,
    write_sightings,
)
from parley.directory.hours import Open, next_change, open_at
from parley.directory.judging import MARKS, Judged
from parley.directory.learning import News, Outcome
from parley.directory.narrowing import ALL, Head, Narrowing
from parley.directory.offices import Bearer, Mandate, Office, Revocation, Vouch, certificate_id
from parley.directory.particulars import Particulars, decode_particulars
from parley.directory.problems import DirectoryProblem
from parley.directory.signed import Signed, combine, propose, sign_share, verify_signed, verify_succession
from parley.directory.standing import Leave, Standing
from parley.directory.vouchers import VouchPolicy

__all__ = [
    "ALL",
    "HOWS",
    "MARKS",
    "SIGHTING",
    "Acceptance",
    "Bearer",
    "Ceremony",
    "Decision",
    "Directory",
    "DirectoryProblem",
    "Entry",
    "Evidence",
    "Freshness",
    "Head",
    "Heard",
    "Held",
    "Judged",
    "Leave",
    "Mandate",
    "Narrowing",
    "News",
    "Office",
    "Open",
    "Outcome",
    "Particulars",
    "Prekey",
    "PrekeyBatch",
    "Revocation",
    "Row",
    "Sighted",
    "Sighting",
    "Signed",
    "Standing",
    "Vouch",
    "VouchPolicy",
    "Wanted",
    "certificate_id",
    "combine",
    "confirm",
    "decode_particulars",
    "next_change",
    "open_at",
    "phrase",
    "propose",
    "qr_payload",
    "read_digits",
    "read_qr",
    "read_request",
    "read_sightings",
    "root_digest",
    "sign_freshness",
    "sign_prekeys",
    "sign_share",
    "signed_root_digest",
    "verify_evidence",
    "verify_freshness",
    "verify_prekeys",
    "verify_signed",
    "verify_succession",
    "write_request",
    "write_sightings",
]
