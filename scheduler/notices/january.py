"""一月：今年变了什么，和您有关的。上一年一月八日以后施行的文件、变了的标准，按主题和地区挑给每个人。

只说核对过的数（把握为高），变化前后都写出来；没有和本人有关的，就不发给他。
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from bot.engine.notice import Content, Notice, Part, concerned
from bot.engine.parameters import NATIONWIDE, Figure, NoFigure, plain
from bot.engine.playbook import Playbook
from bot.engine.preferences import topics_in

LAST_DAY = 31  # 一月里补发的最后一天
FIGURES = {
    "contribution_rates.pension_lower": ("养老",),
    "contribution_rates.pension_upper": ("养老",),
    "unemployment_benefit.monthly_first": ("失业",),
    "pension.min_contribution_years": ("养老",),
}
GRADUAL_UNTIL = 2039  # 渐进式延迟法定退休年龄的最后一年


def notice(book: Playbook) -> Notice:
    def words(day: date) -> Content | None:
        if day.month != 1 or day.day > LAST_DAY:
            return None
        since = date(day.year - 1, 1, 8)
        parts = [*_documents(book, since, day), *_figures(book, since, day), *_retirement(day)]
        return Content(f"{day.year}年与您有关的变化：", "", parts=tuple(parts)) if parts else None

    return Notice("january", "0 10 8 1 *", "", words, checked=date(2026, 11, 26))


def _documents(book: Playbook, since: date, day: date) -> Iterator[Part]:
    for document in book.library.documents:
        if since < document.effective_from <= day:
            text = f"{document.title}（{document.effective_from} 起）：{document.points[0]}"
            topics = topics_in(" ".join(document.topics))
            regions = concerned((document.region,), book.regions)
            yield Part(text, topics, regions, local=bool(regions))


def _figures(book: Playbook, since: date, day: date) -> Iterator[Part]:
    for name, topics in FIGURES.items():
        if name not in book.knowledge.parameters:
            continue
        parameter = book.knowledge.parameters[name]
        for figure in parameter.figures:
            if not since < figure.since <= day or figure.confidence != "high":
                continue
            before = _before(book, name, figure)
            if before == figure.amount:
                continue
            where = "" if figure.region == NATIONWIDE else f"（{figure.region}）"
            was = f"{plain(before)} → " if before is not None else ""
            text = (
                f"{parameter.title}{where}：{was}{plain(figure.amount)} {parameter.unit}"
                f"（{figure.since} 起）"
            )
            regions = concerned((figure.region,), book.regions)
            yield Part(text, topics, regions, local=bool(regions))


def _before(book: Playbook, name: str, figure: Figure) -> Decimal | None:
    try:
        held = book.knowledge.parameters[name].on(figure.since - timedelta(days=1), figure.region)
    except NoFigure:
        return None
    return held.amount if held.region == figure.region else None


def _retirement(day: date) -> Iterator[Part]:
    if day.year <= GRADUAL_UNTIL:
        text = "法定退休年龄按渐进式延迟的办法继续执行，每人不同；回复“算退休时间”看您自己的。"
        yield Part(text, ("养老",))
