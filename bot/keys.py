"""The key ring: what must not be read from a copy of the database is sealed with it.

Rule 1: AES-256-GCM; the place (`staff:3/totp`) is associated data, so that a sealed text copied to
        another row or column does not open there.
Rule 2: the first key seals, every key opens: put a new key in front, seal again what `is_old`, and
        only then take the old key away.
Rule 3: a key comes from the setting `privacy.keys`. Only SQLite may do without: there a key is made
        at the first start and kept beside the database, readable by its owner alone.
"""

from __future__ import annotations

import base64
import binascii
import logging
import os
import re
import secrets
import tomllib
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SCHEME = "s1"  # the first part of whatever is sealed in this way
KEY = 32  # bytes
NONCE = 12  # bytes
_NAME = re.compile(r"[A-Za-z0-9_-]{1,32}")

log = logging.getLogger(__name__)


class BadKeys(ValueError):
    """The key ring cannot be read. Never holds a key."""


class Unopenable(ValueError):
    """Sealed elsewhere, with a key that is gone, or changed since. Never holds what was sealed."""


class Keys:
    """`keys`: bytes by name, the one that seals first."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        if not keys:
            raise BadKeys("no key")
        self._current = next(iter(keys))
        self._ciphers = {name: AESGCM(key) for name, key in keys.items()}

    @property
    def mark(self) -> str:
        """How everything begins that today's key sealed."""
        return f"{SCHEME}.{self._current}."

    def seal(self, plaintext: str, where: str) -> str:
        """`where` names the row and the column; it must be known again to open."""
        nonce = secrets.token_bytes(NONCE)
        data = _associated(self._current, where)
        sealed = self._ciphers[self._current].encrypt(nonce, plaintext.encode(), data)
        return f"{SCHEME}.{self._current}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str, where: str) -> str:
        """Raises Unopenable."""
        scheme, _, rest = sealed.partition(".")
        name, _, body = rest.partition(".")
        cipher = self._ciphers.get(name)
        if scheme != SCHEME or cipher is None:
            raise Unopenable(f"{where}: sealed with a key that is not on the ring")
        try:
            raw = base64.urlsafe_b64decode(body)
            opened = cipher.decrypt(raw[:NONCE], raw[NONCE:], _associated(name, where))
        except (InvalidTag, binascii.Error, ValueError):
            raise Unopenable(f"{where}: not what was sealed there") from None
        return opened.decode()

    def is_old(self, sealed: str) -> bool:
        """Whether another key than today's sealed it: open it and seal it again."""
        return not sealed.startswith(self.mark)


def _associated(name: str, where: str) -> bytes:
    return f"{SCHEME}.{name}.{where}".encode()


def new_key(name: str) -> str:
    """A key as the setting wants it: `name:base64`."""
    return f"{name}:{base64.b64encode(secrets.token_bytes(KEY)).decode()}"


def read_keys(text: str) -> Keys:
    """`name:base64` once or more, between commas or blanks, the one that seals first. Raises BadKeys."""
    keys: dict[str, bytes] = {}
    for n, part in enumerate(re.split(r"[\s,]+", text.strip()), 1):
        name, _, body = part.partition(":")
        try:
            key = base64.b64decode(body, validate=True)
        except binascii.Error:
            key = b""
        if not _NAME.fullmatch(name) or len(key) != KEY or name in keys:
            raise BadKeys(f"key {n}: must be name:base64 of {KEY} bytes, each name once")
        keys[name] = key
    return Keys(keys)


def kept_keys(file: Path) -> Keys:
    """Those in `file`; the first time, one is made. Raises BadKeys."""
    if not file.exists():
        _make(file)
    try:
        held = tomllib.loads(file.read_text(encoding="utf-8"))["keys"]
        return read_keys(",".join(held))
    except (tomllib.TOMLDecodeError, KeyError, TypeError, UnicodeDecodeError):
        raise BadKeys(f'{file}: must hold keys = ["name:base64"]') from None


def _make(file: Path) -> None:
    """Whole or not at all, also when two processes start at once: the first one's stays."""
    file.parent.mkdir(parents=True, exist_ok=True)
    words = (
        "# What seals protected data in the database. Without it they cannot be read again: keep a copy.\n"
        f'keys = ["{new_key("k1")}"]  # the first one seals, all of them open\n'
    )
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
            opened.write(words)
            opened.flush()
            os.fsync(opened.fileno())
        os.link(draft, file)
    except FileExistsError:
        return
    finally:
        draft.unlink()
    log.warning("key ring made file=%s keep_a_copy=yes", file)
