#!/bin/sh
# Makes sure that Dovecot's IMAP server is on this machine, for the tests of e-mail start throw-away servers of their own
# on loopback. If it is missing: installed with apt when this runs as root on a machine that has apt, otherwise the one
# command is said and the script fails.
set -eu

found() {
    [ -x /usr/sbin/dovecot ] && [ -x /usr/lib/dovecot/imap ]
}

if found; then exit 0; fi

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "The tests need Dovecot's IMAP server. Install it with:" >&2
    echo "    sudo apt-get install --no-install-recommends dovecot-imapd" >&2
    exit 1
fi

echo "Installing Dovecot's IMAP server for the tests ..."
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# Only the programs are wanted: no server that runs on this machine from now on.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    trap 'rm -f "$policy"' EXIT
fi
apt-get install -qq -y --no-install-recommends dovecot-imapd >/dev/null

if ! found; then
    echo "Dovecot was installed, but /usr/lib/dovecot/imap is not there." >&2
    exit 1
fi
