"""What a log line may say of a person and of an error: never their words, numbers or names."""

from __future__ import annotations

from hashlib import blake2s
from pathlib import Path
from traceback import extract_tb

from bot.engine.types import Address

FRAMES = 4  # the innermost ones say where it went wrong


def who(address: Address) -> str:
    """A short name for an address, the same every time."""
    return blake2s(str(address).encode(errors="replace"), digest_size=4).hexdigest()


def where(error: BaseException) -> str:
    """The way to an error, `advance.py:80>fields.py:31`; its words may hold a citizen's."""
    frames = extract_tb(error.__traceback__)[-FRAMES:]
    return ">".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames)


def kind(error: BaseException) -> str:
    return type(error).__name__
