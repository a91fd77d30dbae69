"""What each kind of update means; recorded bytes, and thousands of mutations of them."""

from dataclasses import replace
from typing import Any, get_args

import pytest
from aiogram.types import Update

from bot.channels.telegram.reading import (
    Arrived,
    Heard,
    Ignored,
    Reading,
    StaffClosed,
    StaffInTopic,
    StaffMoved,
    StaffSaid,
    StaffWordless,
    StaffWorked,
    read,
)
from bot.engine.types import Address, Attachment, Message
from tests.telegram_double import NOW
from tests.telegram_double.recorded import WIRE, mutations, raw

STAFF_CHAT = -1001987654321
CITIZEN = Address("telegram", "710020003")


def said(text: str, attachment: Attachment | None = None) -> Message:
    return Message("", CITIZEN, text, NOW, attachment)


def file(kind: Any, end: str, name: str = "", form: str = "") -> Attachment:
    return Attachment(kind, f"{form}AgACAgUAAxkBAAI{end}", name)


CASE = "20261123001"
EXPECTED: dict[str, Message | Reading] = {
    "text": said("退休年龄是多少？"),
    "text_emoji": said("👨👩👧 生孩子能领多少钱"),  # the joiners are unseen characters
    "start_with_payload": said("/start ZY03"),
    "command_with_bot_name": said("/help"),
    "edited_text": said("失业金怎么领"),
    "reply_in_private": said("就是这个"),
    "forwarded": said("听说养老金要涨了"),
    "photo": said("这是我的缴费记录", file("image", "DLmLarge")),
    "document": said("", file("file", "DLnDoc", "缴费证明.pdf")),
    "voice": said("", file("voice", "DLoVoice")),
    "audio": said("", file("voice", "DLoAudio", "录音 001.m4a", "audio:")),
    "video": said("", file("video", "DLpVideo")),
    "video_note": said("", file("video", "DLpNote", form="video_note:")),
    "animation": said("", file("video", "DLqGif", form="animation:")),
    "sticker": said("", file("sticker", "DLrStk")),
    "location": said("", Attachment("location", "28.228209,112.938814")),
    "live_location_moves": Ignored("edit without words"),
    "contact": said(""),
    "dice": said(""),
    "unheard_of_content": said(""),
    "pinned_notice": Ignored("notice"),
    "tap": said("/topic retirement"),
    "tap_on_old_message": said("/menu"),
    "tap_on_game": Ignored("tap without data", "3049508233746285573"),
    "tap_in_group": Ignored("tap outside a private chat", "3049508233746285574"),
    "blocked": Ignored("blocked by the citizen"),
    "unblocked": Ignored("unblocked by the citizen"),
    "added_to_group": Ignored("membership of a group"),
    "other_group": Ignored("not a private chat"),
    "staff_reply": StaffSaid(12, "请携带身份证到窗口办理。", ""),
    "staff_reply_to_photo": StaffSaid(12, "材料齐了。", ""),
    "staff_close": StaffClosed(12),
    "staff_case_reply": StaffWorked(CASE, "reply", "请携带身份证到窗口办理。", "", "李四"),
    "staff_case_claim": StaffWorked(CASE, "claim", "", "", "李四"),
    "staff_case_note": StaffWorked(CASE, "note", "等对方回话", "", "李四"),
    "staff_case_need": StaffWorked(CASE, "need", "请问哪一年离职？", "", "李四"),
    "staff_case_note_without_words": Ignored("unknown command of staff"),
    "staff_other_command": Ignored("unknown command of staff"),
    "staff_talk": Ignored("talk among staff"),
    "staff_talk_about_a_tag": Ignored("talk among staff"),
    "staff_sticker_reply": StaffWordless(),
    "staff_topic_words": StaffInTopic(90, "请携带身份证到窗口办理。", "", "李四"),
    "staff_topic_claim": StaffInTopic(90, "/claim", "", "李四"),
    "staff_topic_sticker": StaffInTopic(90, "", "", "李四"),
    "staff_topic_notice": Ignored("notice"),
    "staff_group_moves": StaffMoved(-1002222222222),
    "channel_post": Ignored("unknown kind"),
    "inline_query": Ignored("unknown kind"),
    "unheard_of_kind": Ignored("unknown kind"),
}
TAPS = {"tap": "3049508233746285571", "tap_on_old_message": "3049508233746285572"}


def test_every_recorded_update_has_its_meaning_here() -> None:
    assert {path.stem for path in WIRE} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_recorded_update_is_what_the_bot_api_sends(name: str) -> None:
    Update.model_validate(raw(name))


@pytest.mark.parametrize("name", EXPECTED)
def test_a_recorded_update_is_read_as_what_it_means(name: str) -> None:
    update = raw(name)
    number = str(update["update_id"])
    expected = EXPECTED[name]
    if isinstance(expected, Message):
        meant = Message(number, CITIZEN, expected.text, NOW, expected.attachment)
        expected = Heard(meant, TAPS.get(name))
    elif isinstance(expected, StaffSaid):
        expected = StaffSaid(expected.request, expected.text, f"telegram:{number}")
    elif isinstance(expected, StaffWorked | StaffInTopic):
        expected = replace(expected, token=f"telegram:{number}")
    assert read(update, STAFF_CHAT, NOW) == Arrived(int(number), number, expected)


def test_without_a_staff_group_its_messages_are_those_of_any_group() -> None:
    assert read(raw("staff_reply"), None, NOW).reading == Ignored("not a private chat")


def test_control_characters_and_lone_surrogates_do_not_come_in() -> None:
    update = raw("text")
    update["message"]["text"] = "\x00退休\ud83d\u202e年龄\x1b"
    reading = read(update, None, NOW).reading
    assert isinstance(reading, Heard)
    assert reading.message.text == "退休年龄"


@pytest.mark.parametrize(
    "text", ["转给 @shebao_test_bot 看", "/help@a b", "a /help@shebao_test_bot"]
)
def test_only_a_command_at_the_start_loses_the_bots_name(text: str) -> None:
    update = raw("text")
    update["message"]["text"] = text
    reading = read(update, None, NOW).reading
    assert isinstance(reading, Heard)
    assert reading.message.text == text


# --- malformed --------------------------------------------------------------------------------

BROKEN: list[object] = [
    None,
    [],
    5,
    b"{not json",
    "\ud800",
    {},
    {"update_id": "1"},
    {"update_id": True},
    {"update_id": -1},
    {"update_id": 2**63},
    {"update_id": 1.0},
    {"update_id": 1, "message": []},
    {"update_id": 1, "message": {"message_id": 1}},
    {"update_id": 1, "callback_query": 7},
]


@pytest.mark.parametrize("update", BROKEN, ids=repr)
def test_a_broken_update_is_rejected_with_a_name_of_its_own(update: object) -> None:
    arrived = read(update, None, NOW)
    assert isinstance(arrived.reading, Ignored)
    assert arrived.reading.reason.startswith("malformed")
    assert arrived.id == "1" or arrived.id.startswith("raw-")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("text",), 5),
        (("text",), {"a": 1}),
        (("date",), 10**18),
        (("date",), "yesterday"),
        (("chat", "id"), "710020003"),
        (("chat", "id"), -5),
        (("chat", "id"), 2**63),
        (("chat",), None),
        (("from",), 7),
    ],
)
def test_a_wrong_type_or_range_is_rejected(path: tuple[str, ...], value: object) -> None:
    update = raw("text")
    place = update["message"]
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    reading = read(update, None, NOW).reading
    assert isinstance(reading, Ignored)
    assert reading.reason.startswith("malformed")


@pytest.mark.parametrize(
    "file_id", ["/etc/passwd", "../secret", "file:///etc/passwd", "http://a", ""]
)
def test_a_file_id_that_could_be_a_path_is_rejected(file_id: str) -> None:
    update = raw("voice")
    update["message"]["voice"]["file_id"] = file_id
    assert read(update, None, NOW).reading == Ignored("malformed ValueError")


def test_an_update_nested_without_end_is_rejected() -> None:
    update = raw("text")
    for _ in range(3000):
        update["message"] = {**raw("text")["message"], "reply_to_message": update["message"]}
    assert read(update, None, NOW).reading == Ignored("malformed RecursionError")


def test_five_thousand_mutated_updates_are_all_read() -> None:
    kinds = {type(read(update, STAFF_CHAT, NOW).reading) for update in mutations(20261123, 5000)}
    assert kinds == set(get_args(Reading))


def test_what_is_heard_can_be_written_down() -> None:
    for update in mutations(7, 3000):
        reading = read(update, STAFF_CHAT, NOW).reading
        if isinstance(reading, Heard):
            message = reading.message
            assert message.text.encode().decode() == message.text
            assert int(message.sender.user) > 0
            assert "\x00" not in message.text
