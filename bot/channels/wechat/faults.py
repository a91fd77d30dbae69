"""What WeChat's codes mean for a message. Each line stands in WeChat's documents or its forum."""

from __future__ import annotations

from datetime import datetime, timedelta

# The token is bad or has ended: another one, once.
TOKEN = frozenset({40001, 40014, 42001})
# Busy: again, a little later.
BUSY = frozenset({-1, 50002, 50005})
# This person is out of reach for good, until they write again.
GONE = {
    40003: "no such openid",
    43004: "not a follower",
    43019: "blacklisted",
    43101: "notices refused",
    46004: "no such user",
    48002: "refuses messages",
}
# Nothing may be sent to this person now.
CLOSED = {45015: "outside the window", 45047: "budget used up"}
# The quota of this call is used up until midnight.
QUOTA = frozenset({45009, 48006})
# The quota of a minute.
HURRY = frozenset({45011})
# This account may not make this call.
NO_RIGHT = frozenset({48001, 48003, 48004, 50001})
# No mass message any more for now.
NO_MASS = frozenset({45028, 45009, 48001, 48003, 48004, 50001})
# This follower cannot be given a tag: gone, or has twenty of them.
UNTAGGED = frozenset({40003, 45059, 49003})
# These words were sent under this name already.
SENT_BEFORE = 45065
# The machine's address is not on the list.
ADDRESS = frozenset({40164})
# What we sent is at fault.
OURS = frozenset(
    {40004, 40005, 40006, 40007, 40009, 40037, 45002, 45157, 45158, 45159, 47001, 47003, 87014}
)

MINUTE = 60.0  # seconds


def midnight(now: datetime) -> datetime:
    """When the quotas of a day begin anew; `now` is China's time."""
    return (now + timedelta(days=1)).replace(hour=0, minute=0, second=30, microsecond=0)
