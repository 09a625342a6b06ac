#!/bin/sh
# Makes sure that PostgreSQL's server programs are on this machine, for the tests start throw-away servers of their own.
# They may be anywhere in PATH or where Debian puts them. If they are missing: installed with apt when this runs as root
# on a machine that has apt, otherwise the one command is said and the script fails.
set -eu

found() {
    for folder in /usr/lib/postgresql/*/bin; do
        if [ -x "$folder/initdb" ] && [ -x "$folder/postgres" ]; then return 0; fi
    done
    command -v initdb >/dev/null 2>&1 && command -v postgres >/dev/null 2>&1
}

if found; then exit 0; fi

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "The tests need PostgreSQL's server programs. Install them with:" >&2
    echo "    sudo apt-get install --no-install-recommends postgresql" >&2
    exit 1
fi

echo "Installing PostgreSQL's server programs for the tests ..."
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -qq -y --no-install-recommends postgresql-common >/dev/null
# Only the programs are wanted: no server that runs on this machine from now on.
configuration=/etc/postgresql-common/createcluster.conf
if [ -f "$configuration" ]; then
    sed -i 's/^#\{0,1\}create_main_cluster .*$/create_main_cluster = false/' "$configuration"
fi
apt-get install -qq -y --no-install-recommends postgresql >/dev/null

if ! found; then
    echo "PostgreSQL was installed, but initdb is neither in PATH nor in /usr/lib/postgresql/*/bin." >&2
    exit 1
fi
