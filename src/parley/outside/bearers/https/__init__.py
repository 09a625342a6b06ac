"""HTTPS between nodes: one POST carries a parcel there and one back.

It knows TLS with certificates pinned through particulars, warm connections, limits, and the few paths of a node. It
refuses to know what a parcel says, who may send what, and when to try again: the desk behind `PeerHandler` and the
caller decide that. See spec/bearers.md.

Public: Endpoint, HttpsBearer (calls), serve and Serving (answers), PeerHandler (what stands behind), Limits, run.
"""

from __future__ import annotations

from parley.outside.bearers.https.app import PeerHandler
from parley.outside.bearers.https.client import HttpsBearer
from parley.outside.bearers.https.endpoint import Endpoint
from parley.outside.bearers.https.limits import Limits
from parley.outside.bearers.https.server import Serving, serve
from parley.outside.loop import run

__all__ = ["Endpoint", "HttpsBearer", "Limits", "PeerHandler", "Serving", "run", "serve"]
