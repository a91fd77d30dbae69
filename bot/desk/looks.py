"""Templates and static files of the desk, and what a browser may do with its pages.

Rule 1: nothing is loaded from elsewhere; nothing runs or styles inline.
Rule 2: style and scripts are named with their hash and kept for a year; a page never is.
Rule 3: whatever is put into a page is escaped; a name that the template does not get is an error.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.desk import times
from bot.desk.actions import ACTIONS
from bot.desk.browsers import browser
from bot.desk.roles import ROLES

FOLDER = Path(__file__).parent
FILES = {
    "desk.css": "text/css",
    "desk.js": "text/javascript",
    "htmx.min.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}
FOR_A_YEAR = "public, max-age=31536000, immutable"

HEADERS = {
    "Content-Security-Policy": "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'",
            "connect-src 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ]
    ),
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "same-origin",  # without it, old browsers send `Origin: null`
}


@cache
def looks() -> Looks:
    """Those of this process: templates are compiled once."""
    return Looks()


class Looks:
    """Reads all of it once."""

    def __init__(self) -> None:
        self._files = {name: (FOLDER / "static" / name).read_bytes() for name in FILES}
        self._templates = Environment(
            loader=FileSystemLoader(FOLDER / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._templates.globals.update(static=self._static, ROLES=ROLES, ACTIONS=ACTIONS)
        self._templates.filters.update(
            ago=_ago, exactly=times.exactly, how_long=times.how_long, browser=browser
        )

    def render(self, template: str, **context: Any) -> str:
        return self._templates.get_template(template).render(**context)

    def response(self, template: str, status: int = 200, **context: Any) -> Response:
        text = self.render(template, **context)
        return Response(text, status, headers=dict(HEADERS), media_type="text/html")

    def routes(self) -> list[Route]:
        return [Route(f"/static/{name}", self._file(name)) for name in FILES]

    def _static(self, name: str) -> str:
        """The address of a static file, for templates."""
        return f"/desk/static/{name}?v={self._hash(name)}"

    def _hash(self, name: str) -> str:
        return hashlib.sha256(self._files[name]).hexdigest()[:12]

    def _file(self, name: str) -> Any:
        headers = {"Cache-Control": FOR_A_YEAR, "ETag": f'"{self._hash(name)}"'}

        async def answer(request: Request) -> Response:
            if request.headers.get("if-none-match") == headers["ETag"]:
                return Response(status_code=304, headers=headers)
            return Response(self._files[name], media_type=FILES[name], headers=headers)

        return answer


@pass_context
def _ago(context: Context, at: datetime) -> str:
    """`{{ row.at|ago }}`: reckoned from the page's own `now`."""
    return times.ago(at, context["now"])
