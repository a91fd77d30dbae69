"""The account as its owner set it up, and what the platform lets such an account do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["service", "subscription", "unverified"]
Choices = Literal["links", "numbers", "msgmenu"]

CHANNEL = "wechat"


@dataclass(frozen=True, slots=True)
class Notice:
    """A message of one template. `fields`: what stands in each of the template's fields.

    `lasting`: a subscription that holds for ever (only for public services); else each notice
    uses up one consent.
    """

    template: str
    fields: Mapping[str, str] = field(default_factory=dict)
    lasting: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """`aes_keys`: newest first, none in plain mode; the one before is kept during a change.

    `mass`: its owner wants notices to use up the account's mass messages.
    """

    app_id: str
    secret: str
    token: str
    aes_keys: tuple[str, ...] = ()
    kind: Kind = "unverified"
    choices: Choices = "links"
    template: Notice | None = None
    subscription: Notice | None = None
    mass: bool = False

    @property
    def may_push(self) -> bool:
        """Whether it may write unasked (客服消息)."""
        return self.kind != "unverified"

    @property
    def may_notice(self) -> bool:
        """Whether it may send templates and subscription notices."""
        return self.kind == "service"

    @property
    def may_mass(self) -> bool:
        """Whether notices may go to many in one call (群发)."""
        return self.mass and self.kind != "unverified"
