"""The entry point: settings -> wiring -> a door."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line. A sheet of the atlas is read without loading the other commands."""
    if sys.argv[1:2] == ["atlas"] or sys.argv[1:3] == ["--json", "atlas"]:
        from parley import surveying
        from parley.doors.cli.atlas_alone import read_alone

        if read_alone(surveying, sys.argv[1:]):
            return
    from parley.backstage import Backstage
    from parley.doors.cli.app import make_app

    make_app(Backstage())()


if __name__ == "__main__":
    main()
