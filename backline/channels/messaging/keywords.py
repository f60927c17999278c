"""Words that stand alone in a message and are meant for the channel."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from backline.channels.messaging.messages import Kind

_FILE = Path(__file__).with_name("keywords.yml")
_PUNCTUATION = re.compile(r"[^\w\s-]+")


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return data


@lru_cache(maxsize=1)
def _keywords() -> dict[str, Kind]:
    return {word: Kind(kind) for kind, words in _data()["words"].items() for word in words}


def telegram_commands() -> dict[str, str]:
    """Telegram's commands, with what is shown beside them."""
    return dict(_data()["telegram_commands"])


def keyword(text: str) -> Kind | None:
    """STOP, START or HELP, if the whole message is one of their words."""
    return _keywords().get(_PUNCTUATION.sub("", text.lower()).strip())
