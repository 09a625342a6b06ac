"""The entry point: settings -> wiring -> a door."""

from __future__ import annotations


def main() -> None:
    """Run the command line."""
    from parley.backstage import Backstage
    from parley.doors.cli.app import make_app

    make_app(Backstage())()


if __name__ == "__main__":
    main()
