"""Importers: files that others made, read into the record of `parley.precedents`, or refused with a reason.

`files` opens (size, kind, change while reading), `sheets` makes rows of CSV and XLSX, one module per source makes
records of rows, `kinds` lists them, `mending` writes out what was set aside. Leaves out the store and the network.
"""
