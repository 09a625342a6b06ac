"""The door of the desk: pages for officers in a browser, over the same verbs as the command line.

Read `table` first: it is everything that can be asked here. A request passes `app` (for this host? from our own page?
whose session? may that officer?) before a page's function sees it; what goes out is built by `answers` alone, which
sets the headers. Pages work without JavaScript, save passkeys; `static` holds the few modules that make them live.
Words are in `words`, one file a language.
"""
