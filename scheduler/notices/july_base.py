"""七月：缴费基数换新标准。各地自己公布，有的从 7 月换，有的从 1 月换，文件常常晚些才出。"""

from __future__ import annotations

from datetime import date

from bot.engine.notice import Content, Notice
from bot.engine.playbook import Playbook
from bot.engine.types import Choice

ENTRY = "CJ11"


def notice(book: Playbook) -> Notice:
    def words(day: date) -> Content | None:
        if day.month != 7:
            return None
        more = (Choice("基数什么时候调", f"/faq {ENTRY}"),) if ENTRY in book.knowledge else ()
        return Content(
            f"{day.year}年的缴费基数要换新标准了",
            "缴费基数上下限各地自己公布，有的从7月换新标准，有的从1月换。文件出来前先按旧标准扣，"
            "出来后补差额，所以某个月可能多扣一些。具体数额以参保地公布为准。",
            "在单位参保的职工、灵活就业参保人员",
            topics=("养老",),
            choices=more,
        )

    return Notice("july_base", "0 10 1 7 *", "养老", words, checked=date(2026, 11, 26))
