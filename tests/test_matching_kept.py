"""A library that was kept is the one that would have been built."""

from __future__ import annotations

import os
import pickle
from dataclasses import replace
from pathlib import Path

import pytest

from bot.matching.kept import KEEP, Kept
from bot.matching.matcher import Matcher
from bot.matching.reading import Reader
from bot.matching.types import Document
from tests.searching import everything, lexicon

CARD = Document("SC01", "社会保障卡丢失了如何挂失？", ("社保卡丢了",), "先挂失，再补办。")
MONEY = Document("SB04", "失业保险金每个月多少钱？", ("失业金一个月发多少",))
ASKED = ("社保卡掉了", "失业金发多少钱", "今天天气", "卡", "")


def kept_in(folder: Path, *documents: Document) -> Matcher:
    return Matcher(documents, lexicon(), library=Kept(folder))


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*"))


@pytest.fixture
def unread(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on no text of an entry may be read."""

    def never(*_: object) -> None:
        raise AssertionError("the texts were read again")

    monkeypatch.setattr(Reader, "entries", never)


def test_it_finds_what_the_built_one_finds(tmp_path: Path) -> None:
    built = everything()
    documents = built.library.documents
    for _ in ("built and kept", "read"):
        again = kept_in(tmp_path, *documents)
        assert again.library.documents == documents
        for text in (*ASKED, *(d.asks[-1] for d in documents[::20] if d.asks)):
            assert again.search(text) == built.search(text)
            assert again.why(text, "SC01") == built.why(text, "SC01")


def test_the_second_time_no_text_is_read(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    kept_in(tmp_path, CARD, MONEY)
    request.getfixturevalue("unread")
    assert kept_in(tmp_path, CARD, MONEY).search("社保卡丢了").candidates[0].id == "SC01"


def test_another_wording_is_another_library(tmp_path: Path) -> None:
    kept_in(tmp_path, CARD, MONEY)
    changed = replace(CARD, asks=("卡不见了",))
    assert "卡不见了" in kept_in(tmp_path, changed, MONEY).library.closed
    assert len(files(tmp_path)) == 2


def test_only_the_newest_stay(tmp_path: Path) -> None:
    for number in range(5):
        kept_in(tmp_path, replace(CARD, asks=(f"第{number}种说法",)), MONEY)
        os.utime(files(tmp_path)[0])
    assert len(files(tmp_path)) == KEEP


@pytest.mark.parametrize("spoilt", [b"", b"not a library", pickle.dumps(["a list"])])
def test_a_spoilt_file_is_built_anew(tmp_path: Path, spoilt: bytes) -> None:
    kept_in(tmp_path, CARD, MONEY)
    [file] = files(tmp_path)
    file.write_bytes(spoilt)
    assert kept_in(tmp_path, CARD, MONEY).search("社保卡丢了").candidates[0].id == "SC01"
    assert file.stat().st_size > 1000


class Harm:
    """What somebody could try to have called."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(HARMED),)


HARMED = Path("harmed")


def test_a_file_can_call_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "library"
    kept_in(folder, CARD, MONEY)
    [file] = files(folder)
    file.write_bytes(pickle.dumps(Harm()))
    assert kept_in(folder, CARD, MONEY).search("社保卡丢了").candidates[0].id == "SC01"
    assert not HARMED.exists()


def test_a_folder_that_cannot_be_written_costs_no_answer(tmp_path: Path) -> None:
    nowhere = tmp_path / "file"
    nowhere.write_text("no folder")
    found = kept_in(nowhere, CARD, MONEY).search("社保卡丢了")
    assert found.candidates[0].id == "SC01"


def test_a_disk_that_is_full_keeps_no_half(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, data: bytes) -> int:
        path.touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    found = kept_in(tmp_path, CARD, MONEY).search("社保卡丢了")
    assert found.candidates[0].id == "SC01"
    assert files(tmp_path) == []
