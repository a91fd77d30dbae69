"""What a page is told when something was not taken: a status, a reason for it, a sentence for people."""

from __future__ import annotations

import math

from starlette.responses import JSONResponse

from bot.engine import words

_STATUS = {
    "unreadable": 400,
    "unknown_visitor": 401,
    "foreign": 403,
    "not_found": 404,
    "too_long": 413,
    "not_json": 415,
    "not_kept": 422,
    "too_fast": 429,
    "crowded": 503,
    "fault": 503,
}
_SENTENCE = {"not_json": "unreadable"}  # whoever reads it can do the same about it


class Refused(Exception):
    """`wait`: seconds after which the same request will be taken; None: never as it stands.

    `say`: the sentence, where there is one for this very case.
    """

    def __init__(self, reason: str, wait: float | None = None, say: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.say = say
        self.wait = None if wait is None else max(1, math.ceil(wait))

    def response(self) -> JSONResponse:
        say = self.say or words.WEB_REFUSED[_SENTENCE.get(self.reason, self.reason)]
        return JSONResponse(
            {"error": self.reason, "say": say.replace("{seconds}", str(self.wait))},
            status_code=_STATUS[self.reason],
            headers={"Cache-Control": "no-store"} | self._hint(),
        )

    def _hint(self) -> dict[str, str]:
        return {} if self.wait is None else {"Retry-After": str(self.wait)}
