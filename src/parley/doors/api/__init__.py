"""The API: desk verbs over HTTP for programs of our own, on a loopback port of its own; off unless the settings say so.

A program shows a token with scopes. It may read, draft, and follow what happens. It can release no note, answer no
read-back and mark nothing as read: none of these verbs can be reached from this package (pyproject, importlinter).
"""
