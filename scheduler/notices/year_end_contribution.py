"""年底：灵活就业人员当年的养老保险费，过了年度一般不能往回补（人社部发〔2016〕132号）。"""

from __future__ import annotations

from datetime import date

from bot.engine.notice import Content, Notice
from bot.engine.playbook import Playbook
from bot.engine.types import Choice

HOW = "CJ16"  # 怎样缴
BACK = "CJ22"  # 能不能补


def notice(book: Playbook) -> Notice:
    def words(day: date) -> Content | None:
        if day.month != 12:
            return None
        asked = (("怎样缴费", HOW), ("能不能补缴", BACK))
        more = tuple(
            Choice(say, f"/faq {entry}") for say, entry in asked if entry in book.knowledge
        )
        return Content(
            f"{day.year}年的养老保险费，还没缴的请尽快",
            "以灵活就业身份自己缴费的，当年的费用要在当地规定的期限内缴完，"
            "过了年度一般不能往回补。具体到哪一天，问参保地税务 12366。",
            "以灵活就业身份自己缴费的人员",
            topics=("养老",),
            choices=more,
        )

    return Notice("year_end_contribution", "0 10 1 12 *", "养老", words, checked=date(2026, 11, 26))
