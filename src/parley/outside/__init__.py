"""The outside: everything whose shape others decide. Disks, networks, clocks and foreign formats.

Each folder here implements small protocols that the rooms declare, and knows nothing of the desk: desk and outside
meet only in ``parley.wiring``.

store    what a node keeps, on SQLite or PostgreSQL
bearers  how a parcel travels: HTTPS between nodes, or a file carried by hand
keys     where secret keys live: files, day keys, and the signer process that alone holds an office's key
clock    the machine's time, with a floor that it may not silently fall below
durable  files that are either wholly the old or wholly the new
"""
