"""Answers that staff need again and again: a file of the clinic's own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, Extra, ValidationError, constr, parse_obj_as

from backline.environment import SettingsError
from backline.responses import clinic_words, fill
from backline.settings import Settings
from backline.yaml_text import read_words

FILE = Path("data/desk/answers.yml")
LONGEST_ANSWER = 1500
"""Characters: every service takes them in one message."""
LONGEST_TITLE = 60


class CannedAnswer(BaseModel):
    """An answer, and what staff choose it by."""

    title: constr(strip_whitespace=True, min_length=1, max_length=LONGEST_TITLE)  # type: ignore[valid-type]
    text: constr(strip_whitespace=True, min_length=1, max_length=LONGEST_ANSWER)  # type: ignore[valid-type]

    class Config:
        extra = Extra.forbid
        allow_mutation = False


def load_answers(settings: Settings) -> list[CannedAnswer]:
    """Read the clinic's answers, with its own words filled in; none where there is no file.

    Raises:
        SettingsError: the file cannot be used; the text says where, and why.
    """
    path = settings.project / FILE
    if not path.exists():
        return []
    words = clinic_words(settings.clinic)
    try:
        listed: Any = read_words(path) or []
        return parse_obj_as(list[CannedAnswer], [_filled(one, words) for one in listed])
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"][1:])
        raise SettingsError(f"{path}: answer {place}: {first['msg']}") from None
    except (OSError, ValueError, TypeError, yaml.YAMLError) as error:
        raise SettingsError(f"{path} cannot be read: {' '.join(str(error).split())}") from None


def _filled(one: Any, words: Mapping[str, str]) -> Any:
    if not isinstance(one, Mapping) or not isinstance(one.get("text"), str):
        return one
    return {**one, "text": fill(one["text"], words)}
