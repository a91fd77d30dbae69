"""Random tokens, and what is kept of them: their hash, so that a copy of the database opens nothing."""

from __future__ import annotations

import hashlib
import re
import secrets

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")  # as token_urlsafe(32) makes them


def new_token() -> str:
    """256 random bits."""
    return secrets.token_urlsafe(32)


def is_token(text: str) -> bool:
    return bool(_TOKEN.fullmatch(text))


def kept(token: str) -> str:
    """What stands in the database: a hash without salt is enough for 256 random bits."""
    return hashlib.sha256(f"desk:{token}".encode()).hexdigest()


def csrf_of(token: str) -> str:
    """What a page of this session's must send back; the cookie cannot be told from it."""
    return hashlib.sha256(f"desk-page:{token}".encode()).hexdigest()


def failure_key(kind: str, of: str) -> str:
    """The key under which failed attempts are counted; people type passwords into name fields."""
    return hashlib.sha256(f"{kind}:{of}".encode(errors="replace")).hexdigest()
