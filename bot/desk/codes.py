"""The second key: codes of a telephone (TOTP, RFC 6238), and recovery codes for when it is lost.

Rule 1: a code counts once: what is given back is its step, and the store takes only later steps.
Rule 2: a telephone's clock may be one step (30 seconds) off.
"""

from __future__ import annotations

import base64
import hmac
import re
import secrets
from collections.abc import Sequence
from datetime import datetime

import pyotp
import segno

from bot.desk.tokens import kept

ISSUER = "社保咨询工作台"
STEP = 30  # seconds
OFF = 1  # steps
RECOVERY_CODES = 10


def new_secret() -> str:
    """160 random bits in base 32."""
    return pyotp.random_base32()


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """The step that the code belongs to; None if it is not one of now."""
    if not re.fullmatch(r"[0-9]{6}", code):
        return None
    totp = pyotp.TOTP(secret, interval=STEP)
    today = int(now.timestamp()) // STEP
    steps = range(today - OFF, today + OFF + 1)
    fitting = [step for step in steps if hmac.compare_digest(totp.generate_otp(step), code)]
    return fitting[-1] if fitting else None


def picture(secret: str, name: str) -> str:
    """What a telephone scans, as SVG to put into a page."""
    uri = pyotp.TOTP(secret, interval=STEP).provisioning_uri(name=name, issuer_name=ISSUER)
    return segno.make(uri, error="m").svg_inline(
        scale=5, border=4, dark="#000", light="#fff", svgclass="qr", lineclass=None
    )


def in_groups(secret: str) -> str:
    """To be typed by hand where nothing can be scanned."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))


def new_recovery_codes() -> list[str]:
    """80 random bits each: `k3zq-7h2x-mmd4-a5wp`."""
    return [_recovery_code() for _ in range(RECOVERY_CODES)]


def _recovery_code() -> str:
    text = base64.b32encode(secrets.token_bytes(10)).decode().lower()
    return "-".join(text[at : at + 4] for at in range(0, 16, 4))


def kept_code(typed: str) -> str | None:
    """The hash of a recovery code as somebody types it; None if it cannot be one."""
    plain = re.sub(r"[\s-]", "", typed).lower()
    return kept(f"recovery:{plain}") if re.fullmatch(r"[a-z2-7]{16}", plain) else None


def kept_codes(codes: Sequence[str]) -> list[str]:
    return [hashed for code in codes if (hashed := kept_code(code))]
