"""Local time of an office, by the time zone that its party's particulars name, and whether somebody is there now.

The tables of zones are the machine's. A zone that they do not know gives no local time, never a guessed one.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from parley.directory import Office, Open, open_at


@lru_cache(maxsize=512)
def zone_of(name: str) -> ZoneInfo | None:
    """The zone of that name; None if this machine does not know it."""
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):  # no such zone; a name that is a folder of zones
        return None


def local_time(now: int, zone: str) -> datetime | None:
    """`now` (ms, UTC) on the wall clocks of `zone`; None if this machine does not know the zone."""
    found = zone_of(zone)
    return None if found is None else datetime.fromtimestamp(now / 1000, UTC).astimezone(found)


def there_now(office: Office, now: int) -> dict[str, Any]:
    """Local time and day, and whether the office is open, a weekend day or a holiday by its own list."""
    local = local_time(now, office.time_zone)
    if local is None:
        return {"local": "", "open": Open.NOT_SAID.value, "weekend": False, "holiday": False}
    return {
        "local": f"{local:%Y-%m-%d %H:%M} {local:%a} ({local:%z})",
        "open": open_at(office, local).value,
        "weekend": local.isoweekday() in office.weekend,
        "holiday": f"{local:%Y-%m-%d}" in office.holidays,
    }
