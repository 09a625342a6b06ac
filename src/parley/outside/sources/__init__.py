"""Importers: files of others become the records of our rooms; every one reports what it read and set aside."""
