"""Signing in at the desk in the browser: accounts of officers, links that make them, sessions.

It says who a person is, by a passphrase with a code, by a recovery code instead of that code, or by a passkey. It
refuses to know what that person may do: `parley.clearance` does. Everything is kept in the node's store as small
records, so that a backup holds it, and none of it needs the archive passphrase: somebody has to be able to sign in at a
locked node to give it. What is kept suffices for nobody to sign in: digests of what is random, and the code's secret
locked under a key that only the passphrase makes.
"""
