"""Problems of the door itself: what was typed cannot be understood, or the node behind the door does not answer."""

from __future__ import annotations

from typing import ClassVar

from parley.terms.problem import Fault, Problem, Says


class DoorProblem(Problem):
    """A command that did not reach a verb, or whose answer did not come back."""

    ROOM: ClassVar[str] = "door"
    TABLE: ClassVar[dict[str, Says]] = {
        # what was typed
        "usage": Says(Fault.YOURS, "{what}", "See {command} --help."),
        "bad_pair": Says(Fault.YOURS, "“{given}” is not {wanted}.", "Write for example {example}."),
        "bad_choice": Says(Fault.YOURS, "“{given}” is not {what}.", "Choose one of: {choices}."),
        "twice": Says(Fault.YOURS, "{what} is named twice.", "Name it once."),
        "nothing_to_revoke": Says(
            Fault.YOURS, "It is not said what is to be revoked.", "Name --office NAME, --node, --tls or --key-id ID."
        ),
        "no_terminal": Says(
            Fault.YOURS, "There is no terminal to ask for the passphrase.", "Name a file with --passphrase-file."
        ),
        "no_new_passphrase": Says(
            Fault.YOURS,
            "There is no terminal to ask for the new passphrase.",
            "Name a file of mode 600 with --new-passphrase-file.",
        ),
        "not_asked": Says(
            Fault.YOURS, "There is no terminal to ask “{question}”.", "Look at the note, then give --yes."
        ),
        "past": Says(
            Fault.YOURS,
            "“{given}” has passed already.",
            "Name a time to come, as +2h, +30m or a UTC instant. Nothing was changed.",
        ),
        "by_hand_pick": Says(
            Fault.YOURS,
            "The note goes to several parties; one parcel is carried to one.",
            "The note is in the journal. Write a parcel for each: parley parcel PARTY FILE.",
        ),
        "interrupted": Says(
            Fault.YOURS, "Ended before it was done.", "Look what was done: parley drafts, parley inbox."
        ),
        # the node
        "not_running": Says(
            Fault.YOURS, "No node is running on {home}.", "Start it: parley serve. Nothing was changed."
        ),
        "already_running": Says(
            Fault.YOURS, "A node is already running on {home}.", "Use that one, or end it: parley stop."
        ),
        "must_stop": Says(Fault.YOURS, "A node is running on {home}.", "End it first: parley stop."),
        "no_desk": Says(
            Fault.YOURS,
            "This node has no pages for officers.",
            "Name an address under [desk] in parley.toml, for example listen = \"127.0.0.1:8471\", and start it again.",
        ),
        "no_tour": Says(
            Fault.YOURS,
            "This node is none of the demonstration's: nobody signs in here by a link alone.",
            "For a desk of your own: parley desk link OFFICER. For the demonstration: parley demo.",
        ),
        "node_gone": Says(
            Fault.MACHINE,
            "The node ended while it carried out this command.",
            "Start it again, and look what was done (parley drafts, parley inbox) before you repeat it.",
        ),
        "node_silent": Says(
            Fault.MACHINE,
            "The node did not answer within {seconds} s.",
            "Look what was done (parley drafts, parley inbox) before you repeat it.",
        ),
        "no_demonstration": Says(
            Fault.MACHINE, "The demonstration did not go on: {what}.", "Run it again; both nodes were stopped."
        ),
        # the machine, and ourselves
        "machine": Says(Fault.MACHINE, "{what}: {reason}.", "Check the disk, the path and who may use it."),
        "no_space": Says(
            Fault.MACHINE,
            "The disk is full ({what}).",
            "Free some space and try again; what was acknowledged before is safe.",
        ),
        "defect": Says(
            Fault.OURS,
            "Something happened that Parley does not know how to handle ({kind}).",
            "The details are in {log}; please report it. What was acknowledged before is safe.",
        ),
        "defect_in_node": Says(
            Fault.OURS,
            "The node met something that it does not know how to handle ({kind}).",
            "The details are among the messages of parley serve; please report it. The node goes on.",
        ),
        # the API
        "no_authorization": Says(
            Fault.YOURS, "The request shows no token.", "Send the header Authorization: Bearer TOKEN."
        ),
        "token_in_url": Says(
            Fault.YOURS,
            "There is a token in the address, where histories and logs keep it; it was not looked at.",
            "Send it in the header Authorization, and revoke this one: parley tokens revoke ID.",
        ),
        "not_in_scope": Says(
            Fault.YOURS,
            "This token may not do that: it lacks the scope {scope}.",
            "Use a token that has it: parley tokens make NAME --scope {scope}.",
        ),
        "bad_host": Says(
            Fault.YOURS,
            "The request is for “{given}”, under which this node is not known.",
            "Use the address of the API in parley.toml, or add the name to api_hosts there.",
        ),
        "bad_origin": Says(
            Fault.YOURS,
            "The request comes from a web page of “{given}”, which is not listed.",
            "If that page is yours, add it to api_origins in parley.toml.",
        ),
        "no_such_path": Says(Fault.YOURS, "There is nothing at this address.", "Look at /openapi.json or docs/api.md."),
        "no_such_method": Says(Fault.YOURS, "{method} is not possible here.", "Possible: {possible}."),
        "no_such_problem": Says(Fault.YOURS, "There is no problem “{given}”.", "Look at /openapi.json."),
        "bad_request": Says(Fault.YOURS, "This is no request of HTTP/1.1.", "Send one."),
        "too_many_connections": Says(
            Fault.YOURS, "Too many connections are open.", "Close those that are not used, then try again."
        ),
        "bad_parameter": Says(Fault.YOURS, "The address has a parameter that does not fit: {reason}.", "Mend it."),
        "wrong_media_type": Says(
            Fault.YOURS, "The body is of type “{given}”.", "Send JSON, with Content-Type: application/json."
        ),
        "not_json": Says(Fault.YOURS, "The body is not JSON: {reason}.", "Mend it; nothing was done."),
        "bad_body": Says(
            Fault.YOURS, "The body does not fit: {reason}.", "Mend it; /openapi.json has its shape. Nothing was done."
        ),
        "body_too_large": Says(Fault.YOURS, "The body is larger than {limit} bytes.", "Send less."),
        "body_too_slow": Says(Fault.YOURS, "The body did not come within {seconds} s.", "Send it at once."),
        "no_key": Says(
            Fault.YOURS,
            "The request has no fit Idempotency-Key.",
            "Send one of 1 to 200 printable characters, new for each new request, the same when you repeat one.",
        ),
        "no_version": Says(
            Fault.YOURS,
            "The request does not say which version of the draft it changes.",
            "Send If-Match with the ETag of the draft as you last saw it.",
        ),
        "too_many_requests": Says(Fault.YOURS, "Too many requests.", "Wait for {seconds} s."),
        "too_many_streams": Says(
            Fault.YOURS, "This token has {most} streams open already.", "Close one that is not used."
        ),
    }
