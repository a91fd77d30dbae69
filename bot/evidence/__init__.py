"""Citizens' files: `gathering` fetches them, `harmless` makes a safe copy, `room` keeps it sealed."""

from bot.evidence.room import EvidenceRoom, Limits

__all__ = ["EvidenceRoom", "Limits"]
