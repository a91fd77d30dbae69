"""What is kept of an open form and of the pictures that go with it; parts of a conversation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

AttachmentKind = Literal["image", "file", "voice", "video", "sticker", "location"]


@dataclass(frozen=True, slots=True)
class FormProgress:
    """An open form: the accepted words per field, not parsed values, so a new version can reread them."""

    form: str
    version: int
    answers: dict[str, str] = field(default_factory=dict)
    tries: int = 0  # misreadings of the open question in a row


@dataclass(frozen=True, slots=True)
class Evidence:
    """A picture or file kept for a later consultation; forgotten 30 days after `at`."""

    kind: AttachmentKind
    ref: str
    at: str  # ISO date
