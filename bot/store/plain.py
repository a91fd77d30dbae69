"""Dataclasses as plain JSON and back, so that a field added tomorrow needs no code here.

Rule 1: a field that holds its default is left out; a missing key is its default.
Rule 2: an unknown key is passed over: an older version of the code may read a newer row.
Rule 3: a value of the wrong type raises `Unreadable`; what happens then is the caller's choice.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")
Reader = Callable[[Any], Any]
Writer = Callable[[Any], Any]

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class Unreadable(ValueError):
    """Stored JSON is not what the dataclass says. Never holds the value itself."""


def dumps(value: object) -> str:
    """`value` is a dataclass."""
    kind: Any = type(value)
    write = _writer(kind)
    assert write
    return _ENCODER.encode(write(value))


def loads(cls: type[T], text: str) -> T:
    """Raises Unreadable."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"{cls.__name__}: not JSON") from error
    kind: Any = cls
    read: T = _reader(kind)(data)
    return read


@cache
def _writer(kind: Any) -> Writer | None:
    """What turns a `kind` into JSON's own types; None: it is one of them already."""
    origin, inner = get_origin(kind), get_args(kind)
    if is_dataclass(kind) and isinstance(kind, type):
        return _write_dataclass(kind)
    if origin in (Union, UnionType):
        parts = [write for part in inner if (write := _writer(part))]
        return _write_optional(parts[0]) if parts else None
    if origin is tuple and (write_item := _writer(inner[0])):
        return _write_items(write_item)
    return None


def _write_dataclass(cls: Any) -> Writer:
    hints = get_type_hints(cls)
    parts = [(field.name, _default(field), _writer(hints[field.name])) for field in fields(cls)]

    def write(value: Any) -> dict[str, Any]:
        told = {}
        for name, default, write_part in parts:
            held = getattr(value, name)
            if default is MISSING or held != default:
                told[name] = write_part(held) if write_part else held
        return told

    return write


def _write_optional(write_some: Writer) -> Writer:
    return lambda value: None if value is None else write_some(value)


def _write_items(write_item: Writer) -> Writer:
    return lambda value: [write_item(item) for item in value]


def _default(field: Field[Any]) -> Any:
    if field.default_factory is not MISSING:
        return field.default_factory()
    return field.default


@cache
def _reader(kind: Any) -> Reader:
    """What turns JSON into `kind`, put together once per type."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return _optional(kind, inner)
    if origin is Literal:
        return _one_of(inner)
    if origin is tuple and len(inner) == 2 and inner[1] is Ellipsis:
        return _items(_reader(inner[0]))
    if origin is dict and inner[0] is str:
        return _mapping(_reader(inner[1]))
    if is_dataclass(kind) and isinstance(kind, type):
        return _dataclass(kind)
    if kind in (str, int, bool, float):
        return _scalar(kind)
    raise TypeError(f"{kind} cannot be kept as plain JSON")


def _scalar(kind: type) -> Reader:
    def read(data: Any) -> Any:
        if type(data) is not kind:
            raise Unreadable(f"{kind.__name__} expected, not {type(data).__name__}")
        return data

    return read


def _one_of(allowed: tuple[Any, ...]) -> Reader:
    def read(data: Any) -> Any:
        if not isinstance(data, str) or data not in allowed:
            raise Unreadable("a word outside its list")
        return data

    return read


def _optional(kind: Any, inner: tuple[Any, ...]) -> Reader:
    some = [part for part in inner if part is not NoneType]
    if len(some) != 1 or len(inner) != 2:
        raise TypeError(f"{kind} cannot be kept as plain JSON")
    read_some = _reader(some[0])
    return lambda data: None if data is None else read_some(data)


def _items(read_item: Reader) -> Reader:
    def read(data: Any) -> tuple[Any, ...]:
        if not isinstance(data, list):
            raise Unreadable(f"list expected, not {type(data).__name__}")
        return tuple([read_item(item) for item in data])

    return read


def _mapping(read_item: Reader) -> Reader:
    def read(data: Any) -> dict[str, Any]:
        if not isinstance(data, dict):
            raise Unreadable(f"object expected, not {type(data).__name__}")
        return {key: read_item(item) for key, item in data.items()}

    return read


def _dataclass(cls: type) -> Reader:
    hints = get_type_hints(cls)
    readers = {field.name: _reader(hints[field.name]) for field in fields(cls)}

    def read(data: Any) -> Any:
        if not isinstance(data, dict):
            raise Unreadable(f"{cls.__name__}: object expected, not {type(data).__name__}")
        told = {name: readers[name](value) for name, value in data.items() if name in readers}
        try:
            return cls(**told)
        except (TypeError, ValueError) as error:
            raise Unreadable(f"{cls.__name__}: {type(error).__name__}") from None

    return read
