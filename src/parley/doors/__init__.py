"""Doors: the ways in. A door parses a request, calls one desk verb, and renders the answer; it owns no rule.

`verbs` is the table that the command line and the local socket share; `local` carries it over a Unix socket; `cli` is
the terminal. The peers' door is the bearer that calls `desk.receive`.
"""
