#!/bin/sh
# Makes sure that Debian's Chromium is on this machine, for the tests open the desk's pages in it; with fonts for the six
# languages. If it is missing: installed with apt when this runs as root on a machine that has apt, otherwise the one
# command is said and the script fails.
set -eu

found() { command -v chromium >/dev/null 2>&1; }

if found; then exit 0; fi

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "The tests need Chromium. Install it with:" >&2
    echo "    sudo apt-get install --no-install-recommends chromium fonts-noto-core fonts-noto-cjk" >&2
    exit 1
fi

echo "Installing Chromium for the tests ..."
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -qq -y --no-install-recommends chromium fonts-noto-core fonts-noto-cjk >/dev/null

if ! found; then
    echo "Chromium was installed, but is not in PATH." >&2
    exit 1
fi
