"""Readers of quantities as people write them: numerals, money, durations, months, days.

Rule 1: a reader takes the words of one answer and gives a value, or raises `Unclear` with an example.
Rule 2: money and ratios are exact `Decimal`s; a month is its first day; a duration is whole months.
Rule 3: words that lean on today (去年六月, 上个月) are made absolute by `dated` before they are kept.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from bot.engine.form import Unclear
from bot.engine.parameters import plain as digits
from bot.engine.text import plain

_NUMERAL = "0-9零〇○一二两三四五六七八九十百千万亿廿卅壹贰叁肆伍陆柒捌玖拾佰仟"
_ABOUT = re.compile(r"^(大概|大约|差不多|约|估计|将近|快|不到|有|是|共|一共|总共|月薪|工资)+")
_TAIL = re.compile(
    r"(左右|上下|多一点|吧|的样子|每个?月|一个月|/月|块钱|元整|块|元|圆|整|人民币)+$"
)
_ODD = {"俩": "两", "仨": "三", "○": "零", "〇": "零", "廿": "二十", "卅": "三十", "两": "二"}
_SCALE = {"k": 1000, "千": 1000, "w": 10000, "万": 10000, "亿": 100000000}


def folded(text: str) -> str:
    """NFKC, small letters, without white space, commas inside numbers and closing marks."""
    text = unicodedata.normalize("NFKC", text).lower()
    return re.sub(r"\s+|(?<=\d),(?=\d{3})|[。!?…~]+$", "", text)


def numeral(text: str) -> Decimal:
    """`八千五`, `1.2万`, `8k`, `十来万`, `３０`, `一万二`, `2,100.50`. Raises ValueError."""
    word = _TAIL.sub("", _ABOUT.sub("", folded(text)))
    if plain_number := re.fullmatch(r"-?\d+(?:\.\d+)?", word):
        return Decimal(plain_number[0])
    if scaled := re.fullmatch(r"(\d+(?:\.\d+)?)([kw千万亿])(?:多|来)?", word):
        return Decimal(scaled[1]) * _SCALE[scaled[2]]
    word = re.sub(r"(?<=[十百千万])[多来几]|[多来几](?=[百千万亿])", "", word)
    if not re.fullmatch(rf"[{_NUMERAL}俩仨点.]+", word):
        raise ValueError(text)
    return _chinese(word)


def _chinese(word: str) -> Decimal:
    for odd, usual in _ODD.items():
        word = word.replace(odd, usual)
    import cn2an  # a sixth of a second that a start need not wait for; the app loads it soon after

    try:
        return Decimal(str(cn2an.cn2an(word, "smart")))
    except (ValueError, KeyError, IndexError, InvalidOperation):
        raise ValueError(word) from None


def number(
    least: str, most: str, example: str, what: str = "数", decimals: int = 4
) -> Callable[[str], Decimal]:
    """A number from `least` to `most` with at most `decimals` decimals."""
    low, high = Decimal(least), Decimal(most)

    def read(text: str) -> Decimal:
        try:
            value = numeral(text)
        except ValueError:
            raise Unclear(f"没看懂这个{what}，请按“{example}”这样填写。") from None
        if not low <= value <= high:
            raise Unclear(
                f"{what}应在 {digits(low)} 到 {digits(high)} 之间，请按“{example}”这样填写。"
            )
        return value.quantize(Decimal(1).scaleb(-decimals)) if _finer(value, decimals) else value

    return read


def _finer(value: Decimal, decimals: int) -> bool:
    exponent = value.as_tuple().exponent
    return isinstance(exponent, int) and -exponent > decimals


def money(
    least: str = "0.01", most: str = "10000000", example: str = "8000元", what: str = "金额"
) -> Callable[[str], Decimal]:
    """CNY: `8000`, `8千`, `1.2万`, `十来万`, `八千五`; `10到12万` is its middle, `没有` is nothing."""
    exact = number(least, most, example, what, 2)

    def read(text: str) -> Decimal:
        word = folded(text).lstrip("¥￥")
        if word in ("没有", "无", "没") and Decimal(least) == 0:
            return Decimal(0)
        match = re.fullmatch(r"(.+?)(?:到|至|~|-|—|–)(.+)", word)
        return exact(word) if match is None else _middle(exact, match[1], match[2])

    return read


def _middle(read: Callable[[str], Decimal], low: str, high: str) -> Decimal:
    """`10`, `12万`: the scale of the second holds for the first, too."""
    scale = re.search(r"[千万kw](?=[元块]?$)", high)
    if scale and not re.search(r"[千万kw]", low):
        low += scale[0]
    first, second = read(low), read(high)
    if first > second:
        first, second = second, first
    return ((first + second) / 2).quantize(Decimal("0.01"))


def rate(most: str = "1", example: str = "8%") -> Callable[[str], Decimal]:
    """A share: `8%`, `百分之八` or `0.08`, as a fraction of one."""
    limit = Decimal(most)

    def read(text: str) -> Decimal:
        word = folded(text)
        try:
            if word.endswith("%"):
                value = Decimal(word[:-1]) / 100
            elif word.startswith("百分之") or word.endswith("个点"):
                value = numeral(word.removeprefix("百分之").removesuffix("个点")) / 100
            else:
                value = Decimal(word)
                value = value / 100 if limit < value <= limit * 100 else value
        except (InvalidOperation, ValueError):
            raise Unclear(f"没看懂这个比例，请按“{example}”这样填写。") from None
        if not 0 <= value <= limit:
            raise Unclear(f"比例应在 0% 到 {digits(limit * 100)}% 之间，请按“{example}”这样填写。")
        return value

    return read


_UNITS = {"岁": "岁龄", "级": "级", "月": "月"}  # a unit → what is asked for has one of these


def whole(least: int, most: int, example: str, what: str = "数") -> Callable[[str], int]:
    """A whole number, a unit behind it allowed: `9`, `九级`, `3天`; not that of something else."""

    def read(text: str) -> int:
        word = re.sub(r"(级|天|人|个|工作日|年|岁|周岁|名|孩|次|日|伤残|月)+$", "", folded(text))
        unit = folded(text)[len(word) :]
        try:
            if any(mark in unit and not set(near) & set(what) for mark, near in _UNITS.items()):
                raise ValueError(text)
            value = numeral(word)
        except ValueError:
            raise Unclear(f"没看懂这个{what}，请按“{example}”这样填写。") from None
        if value != value.to_integral_value() or not least <= value <= most:
            raise Unclear(f"{what}应是 {least} 到 {most} 的整数，请按“{example}”这样填写。")
        return int(value)

    return read


# --- durations -----------------------------------------------------------------------------------

_YEARS_MONTHS = re.compile(
    rf"(?:([{_NUMERAL}.]+)(?:周年|年|y))?(半)?(?:零|又|余)?"
    rf"(?:([{_NUMERAL}.]+)个?(?:月|m))?(半)?"
)


def months_in(text: str, bare_is_months: bool = False) -> int:
    """`三十年零四个月`, `12年3个月`, `25年半`, `147个月`, `25` (years up to 60). Raises ValueError."""
    word = _ABOUT.sub("", re.sub(r"(左右|上下|多|吧|整)+$", "", folded(text)))
    word = re.sub(r"[多来几](?=年)", "", word)
    if word in ("半年", "半"):
        return 6
    if re.fullmatch(rf"[{_NUMERAL}.]+", word):
        bare = numeral(word)
        return _whole_months(bare if bare_is_months or bare > 60 else bare * 12)
    match = _YEARS_MONTHS.fullmatch(word)
    if match is None or not (match[1] or match[3]):
        raise ValueError(text)
    years = numeral(match[1]) if match[1] else Decimal(0)
    half = 6 if match[2] and not match[3] else 0
    return _whole_months(years * 12 + half + (numeral(match[3]) if match[3] else 0))


def _whole_months(value: Decimal) -> int:
    if value != value.to_integral_value():
        raise ValueError(str(value))
    return int(value)


def duration(
    most: int = 720, least: int = 0, example: str = "12年3个月", what: str = "年限"
) -> Callable[[str], int]:
    """Months from `least` to `most`, written as years and months."""

    def read(text: str) -> int:
        try:
            months = months_in(text)
        except ValueError:
            raise Unclear(f"没看懂这个{what}，请按“{example}”这样填写。") from None
        if not least <= months <= most:
            raise Unclear(
                f"{what}一般在 {spelt(least)} 到 {spelt(most)} 之间，请再核对一下，"
                f"按“{example}”这样填写。"
            )
        return months

    return read


def spelt(months: int) -> str:
    """147 → `12年3个月`."""
    years, rest = divmod(months, 12)
    if not years:
        return f"{rest}个月"
    return f"{years}年{rest}个月" if rest else f"{years}年"


def age_spelt(months: int) -> str:
    """734 → `61岁2个月`."""
    years, rest = divmod(months, 12)
    return f"{years}岁{rest}个月" if rest else f"{years}岁"


# --- months and days -----------------------------------------------------------------------------

_YEAR = r"(\d{4}|\d{2}|[零〇○一二三四五六七八九]{2,4})"
_MONTH = r"(\d{1,2}|[一二三四五六七八九十]{1,2}|元|正)"
_DAY = r"(\d{1,2}|[一二三四五六七八九十廿卅]{1,3})"
_WRITTEN = re.compile(rf"(?<!\d){_YEAR}年(?:份)?的?{_MONTH}月(?:份)?(?:{_DAY}[日号]?)?")
_DASHED = re.compile(r"(?<!\d)(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?(?!\d)")
_SOLID = re.compile(r"(?<!\d)((?:19|20)\d{2})(0[1-9]|1[0-2])([0-3]\d)?(?!\d)")
_CHINESE_DIGITS = str.maketrans("零〇○一二三四五六七八九", "000123456789")
_LEANING = re.compile(
    r"(大前年|前年|去年|今年|明年|后年|本年)(?=的?(?:\d|[一二三四五六七八九十元正]))"
)
_AWAY = {"大前年": -3, "前年": -2, "去年": -1, "今年": 0, "本年": 0, "明年": 1, "后年": 2}
_MONTHS_AWAY = {"上上个?月": -2, "上个?月": -1, "这个月|本月": 0, "下个?月": 1}
_DAYS_AWAY = {"大前天": -3, "前天": -2, "昨天|昨日": -1, "今天|今日": 0, "明天|明日": 1}


def dated(text: str, today: date) -> str:
    """`text` with 去年, 上个月, 昨天 … written out, so that it means the same next year."""
    text = re.sub("|".join(_DAYS_AWAY), lambda m: _days_away(m[0], today), text)
    for pattern, away in _MONTHS_AWAY.items():
        month = plus_months(today.replace(day=1), away)
        text = re.sub(pattern, f"{month.year}年{month.month}月", text)
    return _LEANING.sub(lambda m: f"{today.year + _AWAY[m[1]]}年", text)


def _days_away(word: str, today: date) -> str:
    away = next(n for pattern, n in _DAYS_AWAY.items() if re.fullmatch(pattern, word))
    day = date.fromordinal(today.toordinal() + away)
    return f"{day.year}年{day.month}月{day.day}日"


def plus_months(day: date, months: int) -> date:
    """The same day `months` later; the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in range(day.day, 27, -1):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    return date(year, month + 1, day.day)


def date_in(text: str) -> tuple[date, bool] | None:
    """The first date in a text, and whether its day of the month was written."""
    word = re.sub(r"\s*([年月])\s*", r"\1", unicodedata.normalize("NFKC", text))
    for pattern in (_WRITTEN, _DASHED, _SOLID):
        if match := pattern.search(word):
            try:
                year, month = _year(match[1]), _small(match[2])
                return date(year, month, _small(match[3]) if match[3] else 1), bool(match[3])
            except ValueError:
                return None
    return None


def _year(word: str) -> int:
    year = int(word.translate(_CHINESE_DIGITS))
    if len(word) <= 2:  # 69年 is 1969, 05年 is 2005
        return year + (1900 if year >= 40 else 2000)
    return year


def _small(word: str) -> int:
    if word in ("元", "正"):
        return 1
    return int(numeral(word))


_YEAR_ALONE = re.compile(rf"{_YEAR}年?(?:出?生)?的?")
_MONTH_ALONE = re.compile(rf"{_MONTH}月(?:份)?(?:出?生)?的?")


def in_part(text: str, old: date) -> tuple[str, ...]:
    """“75年” or “6月” put in the place of the year or month of `old`; none if it is neither."""
    word = folded(text)
    try:
        if match := _YEAR_ALONE.fullmatch(word):
            new = old.replace(year=_year(match[1]))
        elif match := _MONTH_ALONE.fullmatch(word):
            new = old.replace(month=_small(match[1]))
        else:
            return ()
    except ValueError:
        return ()
    return f"{new:%Y-%m}", f"{new:%Y-%m-%d}"


def month_said(text: str) -> str | None:
    """The words of the first date in a longer sentence, for `spot`."""
    found = date_in(text)
    return f"{found[0]:%Y-%m}" if found else None


def year_month(
    first: date = date(1900, 1, 1),
    last: date = date(2100, 12, 1),
    example: str = "1968-05",
    what: str = "年月",
) -> Callable[[str], date]:
    """The first day of a month: `1968-05`, `68年5月`, `六八年五月`, `1968年5月12日`."""

    def read(text: str) -> date:
        if re.search("农历|阴历|腊月", text):
            raise Unclear(f"请按身份证上的公历{what}填写，例如“{example}”。")
        word = re.sub(r"^(\d{2})[-./](\d{1,2})$", r"\1年\2月", folded(text))
        found = date_in(re.sub(r"^\s*(\d{4})\s+(\d{1,2})\s*$", r"\1-\2", text)) or date_in(word)
        if found is None and re.fullmatch(rf"{_YEAR}年?(?:出?生)?的?", word):
            raise Unclear(f"还差月份，请按“{example}”这样填写。")
        if found is None or len(folded(text)) > 24:
            raise Unclear(f"没看懂这个{what}，请按“{example}”这样填写。")
        month = found[0].replace(day=1)
        if not first <= month <= last:
            raise Unclear(
                f"{what}应在 {first:%Y-%m} 到 {last:%Y-%m} 之间，请按“{example}”这样填写。"
            )
        return month

    return read


def day(example: str = "2026-11-23", what: str = "日期") -> Callable[[str], date]:
    """A day: `2026-11-23`, `2026年11月23日`."""

    def read(text: str) -> date:
        found = date_in(text)
        if found is None or not found[1] or len(folded(text)) > 24:
            raise Unclear(f"没看懂这个{what}，请写到日，按“{example}”这样填写。")
        if not 1950 <= found[0].year <= 2100:
            raise Unclear(f"这个{what}不太对，请按“{example}”这样填写。")
        return found[0]

    return read


def not_after_today(what: str, example: str) -> Callable[[date, date], None]:
    """A check: the day must not lie in the future."""

    def check(value: date, today: date) -> None:
        if value > today:
            raise Unclear(f"{what}在今天（{today}）之后，请再核对一下，例如“{example}”。")

    return check


# --- words with a code -----------------------------------------------------------------------------


def coded(labels: Mapping[str, str], also: Mapping[str, str] | None = None) -> Callable[[str], str]:
    """One of the codes, said by its label, the code itself, or words that `also` (patterns) lists."""

    def read(text: str) -> str:
        word = plain(text)
        bare = re.sub(r"^(我是|我属于|我选|选|属于|是|应该是|就是)+|(的|吧|啊|呢|呀)+$", "", word)
        for code, label in labels.items():
            if {word, bare} & {code.lower(), plain(label)}:
                return code
        for code, pattern in (also or {}).items():
            if re.fullmatch(pattern, word) or re.fullmatch(pattern, bare):
                return code
        raise Unclear(f"请从这些里选一个：{'、'.join(labels.values())}。")

    return read
