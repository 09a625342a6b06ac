"""One module a page: a function takes the desk and what was asked, calls a verb, and says what the page shows."""
