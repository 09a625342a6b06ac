"""Which right each verb of the local door takes. A verb that is not here can be asked for by nobody at a desk with
roles; docs/access.md says once more, by hand, which role may ask for what, and a test compares.
"""

from __future__ import annotations

from parley.clearance import Right

WITHOUT_OFFICER = frozenset({Right.STATUS, Right.STATION})
"""What the account that runs the node may do without an officer's name: it could do so anyway."""

_VERBS: dict[Right, str] = {
    Right.STATUS: (
        "status particulars parties export_particulars met can_seal cosigners cosigned contacts roster drill_list"
    ),
    Right.READ: (
        "await inbox search state show questions right_answers by_hand_text by_hand_script by_hand_entries handover "
        "wording_report drill_report drill_trend drill_rows flash_test flash_heard verdict "
        "note_files note_file"
    ),
    Right.READ_BACK: "read_back note_file_bring note_file_ask",
    Right.DRAFT: (
        "draft_save draft_amend draft_form draft_list draft_check draft_drop draft_wording "
        "wording_check compose compose_now reply_draft "
        "clarification_draft by_hand_enter submit withdraw release "
        "draft_attach draft_detach draft_files draft_file draft_versions draft_changes draft_size"
    ),
    Right.CLEAR: "waiting waiting_note word_told",
    Right.RELEASE: "drill_compose drill_release",
    Right.REVIEW: "to_review review",
    Right.DIRECTORY: ("adopt accept accept_vouched decide narrow withhold vouchers ask_particulars party_evidence"),
    Right.DRILL: "drill_schedule drill_cancel drill_call",
    Right.CONTACT: "contact_add contact_drop",
    Right.JOURNAL: "journal verify checkpoint show_checkpoint evidence export_evidence",
    Right.EXPORT: "archive",
    Right.KEEP: "retention retention_run hold_body",
    Right.OFFICERS: "token_make token_list token_revoke desk_link desk_accounts desk_end "
    "desk_passkeys tour_link",
    Right.STATION: "stop unlock hold take_parcel hand_parcel doctor backup roster_put",
}
VERBS: dict[str, Right] = {verb: right for right, verbs in _VERBS.items() for verb in verbs.split()}
