"""The terminal. Each module holds a group of commands; `app` puts them together; `say` prints, `ask` asks.

Output rules: results on standard output, progress and questions on standard error; with --json one JSON value on
standard output and nothing else there; an error says what is wrong, whose fault it is and what to do, and the exit code
is 2 for yours, 3 for the peer's, 4 for the machine's, 5 for a defect of Parley.
"""
