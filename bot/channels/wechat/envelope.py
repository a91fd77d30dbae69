"""The envelope of a callback: nobody but WeChat can have posted it, now, and only once.

Rule 1: a signature is compared in constant time, before anything is parsed or decrypted.
Rule 2: with an AES key only encrypted bodies are taken; the app id inside must be ours.
Rule 3: a timestamp more than five minutes away, or a nonce seen with other words, is refused; what
        this process has not seen, the database may have (bot/store/wechat_nonces.py).
wechatpy signs, encrypts and decrypts.
"""

from __future__ import annotations

import binascii
import hmac
import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from xml.parsers.expat import ExpatError

import xmltodict
from wechatpy.crypto import WeChatCrypto
from wechatpy.exceptions import WeChatException
from wechatpy.utils import WeChatSigner

from bot.channels.wechat.account import Account
from bot.store.wechat_nonces import AGAIN, TRIES, Nonce

WINDOW = 300  # seconds that a timestamp may be away from now
REMEMBERED = 50_000  # nonces; at 100 messages a second more than the window
_PROLOGUE = re.compile(r"\ufeff?\s*(<\?xml[^>]*\?>\s*)?<xml[\s>]")
_UNREADABLE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    ExpatError,
    LookupError,
    TypeError,
    ValueError,
    binascii.Error,
    WeChatException,
)


class Refused(Exception):
    """WeChat cannot have sent this; `args[0]` is a short word for the log."""


class Malformed(Exception):
    """It was signed, and cannot be read."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The words in the envelope. `crypto`: what decrypted them; None in plain mode."""

    fields: Mapping[str, Any]
    crypto: Any = None

    def close(self, xml: str, now: datetime, nonce: str) -> str:
        """An answer in the same kind of envelope."""
        if self.crypto is None:
            return xml
        sealed: str = self.crypto.encrypt_message(xml, nonce, str(int(now.timestamp())))
        return sealed


class Envelopes:
    """Opens what is posted to one account."""

    def __init__(self, account: Account) -> None:
        self._token = account.token
        self._cryptos = [
            WeChatCrypto(account.token, key, account.app_id) for key in account.aes_keys
        ]

    def verify(self, query: Mapping[str, str], now: datetime) -> None:
        """The signature over token, timestamp and nonce. Raises Refused."""
        timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
        self._signed(query.get("signature", ""), timestamp, nonce)
        if not timestamp.isascii() or not timestamp.isdecimal() or len(timestamp) > 12:
            raise Refused("timestamp")
        if abs(int(timestamp) - now.timestamp()) > WINDOW:
            raise Refused("timestamp")

    def open(self, query: Mapping[str, str], body: bytes) -> Opened:
        """What was verified, with its body. Raises Refused or Malformed."""
        if not self._cryptos:
            if query.get("encrypt_type", "raw") == "aes":
                raise Refused("encrypted_without_a_key")
            return Opened(parsed(body))
        if query.get("encrypt_type") != "aes":
            raise Refused("not_encrypted")
        sealed = parsed(body).get("Encrypt")
        if not isinstance(sealed, str):
            raise Malformed("no Encrypt")
        timestamp, nonce = query["timestamp"], query.get("nonce", "")
        self._signed(query.get("msg_signature", ""), timestamp, nonce, sealed)
        return self._decrypted(sealed, query["msg_signature"], timestamp, nonce)

    def _signed(self, shown: str, *parts: str) -> None:
        signer = WeChatSigner()
        try:
            signer.add_data(self._token, *parts)
            right = signer.signature.encode()
        except UnicodeEncodeError:  # lone surrogates
            raise Refused("signature") from None
        if not hmac.compare_digest(shown.encode("utf-8", "replace"), right):
            raise Refused("signature")

    def _decrypted(self, sealed: str, signature: str, timestamp: str, nonce: str) -> Opened:
        for crypto in self._cryptos:
            try:
                words = crypto.decrypt_message({"Encrypt": sealed}, signature, timestamp, nonce)
            except _UNREADABLE:
                continue
            return Opened(parsed(words), crypto)
        raise Malformed("cannot be decrypted with the key that is set")


def parsed(body: bytes | str) -> Mapping[str, Any]:
    """The fields below `<xml>`. No document type, no entities. Raises Malformed."""
    try:
        text = body if isinstance(body, str) else body.decode("utf-8")
        if not _PROLOGUE.match(text):
            raise Malformed("does not begin with <xml>")
        read = xmltodict.parse(text, disable_entities=True)["xml"]
    except (*_UNREADABLE, RecursionError) as error:
        raise Malformed(type(error).__name__) from None
    if not isinstance(read, dict):
        raise Malformed("no fields")
    return read


class Nonces:
    """Which nonces this process has seen, so that most replays cost no look into the database."""

    def __init__(self) -> None:
        self._seen: OrderedDict[str, tuple[str, datetime, int]] = OrderedDict()

    def check(self, nonce: Nonce, now: datetime) -> None:
        """Raises Refused if this nonce came with another message, too late, or too often."""
        first = self._seen.get(nonce.key)
        if first is None:
            self._seen[nonce.key] = nonce.message_id, now, 1
            while len(self._seen) > REMEMBERED:
                self._seen.popitem(last=False)
            return
        known, since, tries = first
        if known != nonce.message_id or tries >= TRIES or now - since > AGAIN:
            raise Refused("replay")
        self._seen[nonce.key] = known, since, tries + 1
