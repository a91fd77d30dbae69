"""Personal numbers are masked in every writing; nothing else is."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine.privacy import find, guard, mask
from bot.engine.types import Address, Message

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
PLACES = ("110105", "430102", "440305", "310101", "510104", "330102", "650102")


def resident_id(chance: random.Random) -> str:
    born = date(1930, 1, 1) + timedelta(days=chance.randrange(33000))
    body = chance.choice(PLACES) + born.strftime("%Y%m%d") + f"{chance.randrange(1000):03d}"
    check = "10X98765432"[sum(int(d) * w for d, w in zip(body, WEIGHTS, strict=True)) % 11]
    return body + check


def bank_card(chance: random.Random) -> str:
    body = "622202" + "".join(str(chance.randrange(10)) for _ in range(chance.choice([9, 12])))
    doubled = [int(d) * (2 if i % 2 == 0 else 1) for i, d in enumerate(reversed(body))]
    return body + str(-sum(d // 10 + d % 10 for d in doubled) % 10)


def mobile(chance: random.Random) -> str:
    return f"1{chance.choice('3456789')}{chance.randrange(10**9):09d}"


def full_width(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def spaced(text: str) -> str:
    if len(text) == 18:
        return f"{text[:6]} {text[6:14]} {text[14:]}"
    if len(text) == 11:
        return f"{text[:3]} {text[3:7]} {text[7:]}"
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))


WRITINGS = (str, full_width, spaced, lambda text: full_width(spaced(text)), str.lower)
AROUND = ("我的号码是{}，帮我查一下", "{}", "本人{}想问退休", "号码：{}。谢谢", "张三 {} 长沙")


def test_generated_numbers_are_found_in_every_writing() -> None:
    chance = random.Random(20261123)
    missed = []
    for _ in range(2000):
        number = chance.choice((resident_id, bank_card, mobile))(chance)
        text = chance.choice(AROUND).format(chance.choice(WRITINGS)(number))
        if number[:-4] in mask(text).translate({0xFF10 + d: str(d) for d in range(10)}) or not find(
            text
        ):
            missed.append(text)
    assert len(missed) <= 10, missed[:5]  # recall of 99.5 %


LEFT_ALONE = (
    "月薪8500元，缴费25年，余额100000元",
    "2023年10月到2024年3月断缴",
    "国办发〔2019〕13号和人社部发〔2024〕94号",
    "咨询编号20261123001",
    "查 ２０２６１１２３００１",
    "打12333一直占线，12345也打了",
    "工资 5000 6000 7000 8000 怎么算",
    "2023-01-01 2024-01-01 之间",
    "单号 20261123000123456",
    "密码忘了怎么重置",
    "社保卡初始密码是什么",
    "查询码 482913",
    "基数4308.00-21540.00，补缴3000",
    "0731-88888888",
)


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_money_dates_and_document_numbers_are_left_alone(text: str) -> None:
    assert mask(text) == text


def test_amounts_and_dates_are_hardly_ever_taken_for_personal_numbers() -> None:
    chance = random.Random(7)
    taken = 0
    for _ in range(2000):
        day = date(1990, 1, 1) + timedelta(days=chance.randrange(13000))
        text = chance.choice(
            (
                f"工资{chance.randrange(1000, 999999)}.{chance.randrange(100):02d}元",
                f"{day.isoformat()}入职",
                f"{2020 + day.year % 10}{day:%m%d}{chance.randrange(1, 999):03d}",
                f"人社部发〔{day.year}〕{chance.randrange(1, 200)}号",
                f"缴了{chance.randrange(1, 480)}个月，一共{chance.randrange(10**6)}块",
            )
        )
        taken += bool(find(text))
    assert taken <= 10  # 0.5 %


@pytest.mark.parametrize(
    ("text", "shown", "kind"),
    [
        ("我的社保卡（卡号：123456789012）刷卡提示无效卡", "****9012", "证件或卡号"),
        ("验证码是 482913，帮我登录", "****", "验证码"),
        ("482913是我的验证码", "****", "验证码"),
        ("密码是abc12345", "****", "密码"),
        ("社保卡号A12345678", "****5678", "证件或卡号"),
        ("身份证11010519491231002X", "****002X", "身份证号"),
        ("身份证１１０１０５１９４９１２３１００２Ｘ", "****002X", "身份证号"),
    ],
)
def test_a_number_is_shown_by_its_end_and_a_secret_not_at_all(
    text: str, shown: str, kind: str
) -> None:
    masked = guard(Message("1", Address("t", "u"), text, datetime.now(UTC)))
    assert shown in masked.text
    assert kind in masked.hidden


@given(st.text(max_size=200))
def test_masking_twice_is_masking_once(text: str) -> None:
    assert mask(mask(text)) == mask(text)


@given(st.text(alphabet="0123456789０１２３ xX-验证码密码卡号", max_size=80))
def test_masking_twice_is_masking_once_even_among_digits(text: str) -> None:
    assert mask(mask(text)) == mask(text)
