"""What can go wrong while a parcel travels."""

from __future__ import annotations

from typing import ClassVar

from parley.terms.problem import Fault, Problem, Says


class BearerProblem(Problem):
    """A parcel did not travel, or arrived as something that is not one."""

    ROOM: ClassVar[str] = "bearer"
    TABLE: ClassVar[dict[str, Says]] = {
        # The way out
        "bad_endpoint": Says(
            Fault.YOURS, "“{given}” is not an address of a node.", "Write host:port, or [address]:port for IPv6."
        ),
        "unreachable": Says(
            Fault.MACHINE, "No connection to {address}: {reason}.", "It is tried again; another bearer may be quicker."
        ),
        "timed_out": Says(
            Fault.MACHINE,
            "{address} did not answer within {ms} ms.",
            "It is tried again; another bearer may be quicker.",
        ),
        "hung_up": Says(
            Fault.PEER,
            "{address} ended the connection without a word; perhaps it does not know our certificate.",
            "Send it our particulars, then try again.",
        ),
        "pin_mismatch": Says(
            Fault.PEER,
            "{address} showed a certificate that its particulars do not name.",
            "Fetch its particulars; if they do not name the certificate either, somebody else answers there.",
        ),
        "refused": Says(
            Fault.PEER, "{address} refused with {status}: {reason}.", "See the reason; the parcel was not accepted."
        ),
        "oversize": Says(Fault.PEER, "More than {limit} bytes came.", "Nothing to do: what is too large is dropped."),
        "bad_answer": Says(Fault.PEER, "{address} answered with something that is not HTTP.", "Check the address."),
        "bad_identity": Says(
            Fault.MACHINE, "The node's own certificate and key do not fit together.", "Restore the node's key file."
        ),
        # The way in
        "port_taken": Says(
            Fault.MACHINE,
            "Cannot listen on {address}: {reason}.",
            "Stop the other program, or choose another address with --listen.",
        ),
        "no_certificate": Says(
            Fault.PEER, "The caller showed no certificate.", "Only particulars are given to strangers."
        ),
        "not_recognised": Says(
            Fault.PEER,
            "The caller's certificate is not one of a party that we deal with.",
            "Offer your particulars; a person there decides.",
        ),
        "bad_request": Says(Fault.PEER, "The request is not HTTP as the line needs it.", "Nothing to do."),
        "too_slow": Says(Fault.PEER, "The request did not arrive in time.", "Try again on a better link."),
        "too_many": Says(Fault.PEER, "Too many connections at once.", "Close some and try again."),
        "unknown_path": Says(Fault.PEER, "There is nothing at this path.", "See spec/bearers.md."),
        "unknown_method": Says(Fault.PEER, "This path does not take this method.", "See spec/bearers.md."),
        "defect": Says(Fault.OURS, "Something broke while the parcel was handled.", "See the log; try again later."),
        # Mail
        "mail_later": Says(
            Fault.MACHINE,
            "The mail server {address} does not take the letter now ({code}).",
            "It is tried again; servers that do not know us often refuse a first attempt.",
        ),
        "mail_refused": Says(
            Fault.PEER,
            "The mail server {address} refuses the letter ({code}).",
            "Check the peer's address in its particulars; until then another bearer must do.",
        ),
        "mail_password": Says(
            Fault.YOURS,
            "The mail server {address} does not accept our user name and password.",
            "Mend user and password_file under [mail] in parley.toml.",
        ),
        "mail_no_tls": Says(
            Fault.YOURS,
            "The mail server {address} gives no TLS that we trust: {reason}.",
            "Nothing was sent in clear. Mend its certificate, or name its authority as ca_file under [mail].",
        ),
        "mail_no_folder": Says(
            Fault.YOURS, "The mail server {address} has no folder {folder}.", "Mend folder under [mail]."
        ),
        "mail_bounced": Says(
            Fault.PEER,
            "A letter to {party} came back as undeliverable ({status}).",
            "Check the peer's address with its office by telephone; another bearer must do.",
        ),
        "mail_odd": Says(
            Fault.MACHINE, "The mail server {address} answered oddly: {reason}.", "Check the server; it is tried again."
        ),
        "no_parcel_inside": Says(
            Fault.PEER, "A letter looked like ours and holds no parcel.", "Nothing to do; its sender sends again."
        ),
        # By hand
        "unreadable": Says(Fault.MACHINE, "{path} cannot be read: {reason}.", "Check the medium and the permissions."),
        "unwritable": Says(
            Fault.MACHINE, "{path} cannot be written: {reason}.", "Check the medium and the space left."
        ),
        "too_large": Says(Fault.YOURS, "{path} is larger than {limit} bytes.", "It is not a parcel; check the file."),
        "not_a_parcel": Says(
            Fault.YOURS, "{path} is not a parcel of Parley.", "Check that it is the right file, sent as a file."
        ),
        "damaged": Says(Fault.MACHINE, "{path} was damaged on its way.", "Ask for it again, on another medium."),
        "damaged_line": Says(
            Fault.MACHINE, "Line {line} of {path} was damaged on its way.", "Compare that line with the original."
        ),
        # Paper
        "no_paper": Says(
            Fault.YOURS,
            "Reading and writing QR codes needs {what}, which is not installed.",
            "pip install parley[paper]",
        ),
        "too_large_for_paper": Says(
            Fault.YOURS,
            "The parcel has {size} bytes; on paper go at most {limit}.",
            "Carry it as a file: parley parcel PARTY FILE.",
        ),
        "not_a_picture": Says(
            Fault.YOURS, "{path} is no picture that can be opened.", "Save it as JPEG or PNG and try again."
        ),
        "no_frames": Says(
            Fault.YOURS,
            "No frame of a parcel was found in {path}.",
            "Photograph it again: nearer, flat, in even light.",
        ),
        "frames_wanted": Says(
            Fault.YOURS,
            "Of parcel {parcel}, {read} of {count} frames were read; {more} more will do.",
            "Photograph any of these again and name all pictures together: {missing}.",
        ),
    }


ASK_FOR_PARTICULARS = frozenset({"bearer.pin_mismatch", "bearer.hung_up"})
"""Problems of an exchange after which fetching and offering particulars may help, because a party rotated its key."""


def tells_of_rotation(problem: BearerProblem) -> bool:
    """Whether the other side, or we, may have rotated a certificate that the other does not know yet.

    "hung_up" stands beside the two plain cases because in TLS 1.3 the caller's handshake is complete before the other
    side has looked at the caller's certificate; asyncio then closes without sending the alert that would say why.
    """
    return problem.key in ASK_FOR_PARTICULARS or problem.arguments.get("reason") == "bearer.not_recognised"
