"""What codes are called at the desk: its own words, and the lines of the lists in domain.yml."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backline.desk.canned import CannedAnswer, load_answers
from backline.facts import CHECKLISTS
from backline.replies import questions_in
from backline.responses import Responses
from backline.settings import Settings
from backline.yaml_text import read_words

FILE = Path(__file__).parent / "words.yml"
DOMAIN = "domain.yml"
WEB, PHONE = "web", "phone"


@dataclass(frozen=True)
class DeskWords:
    """Names of codes, by kind; see `words.yml`.

    Attributes:
        titles: of signs and conditions.
        bot: what the bot says to people about staff.
        canned: answers of the clinic's own.
    """

    own: Mapping[str, Mapping[str, Any]]
    titles: Mapping[str, str]
    bot: Responses
    canned: Sequence[CannedAnswer]

    def name(self, kind: str, code: object) -> str:
        """Name a code; one that has no name, as of another version, by itself."""
        known = self.own[kind].get(str(code))
        return str(known) if known is not None else str(code).replace("_", " ")

    def names(self, kind: str) -> Mapping[str, Any]:
        """Give all names of a kind, in their order."""
        return self.own[kind]

    def title(self, code: str) -> str:
        """Name a sign, a condition or what else details are about."""
        return self.titles.get(code) or self.name("codes", code)

    def detail(self, part: str, value: object) -> str:
        """Name a detail of one."""
        told = str(value).lower() if isinstance(value, bool) else str(value)
        return str(self.own["details"].get(part, {}).get(told, f"{part}: {told}"))

    def channel(self, stored: str) -> str:
        """Name a channel by what conversations are stored under."""
        known = (c["name"] for c in self.own["channels"].values() if stored in c["stored"])
        return str(next(known, stored))

    def is_messaging(self, stored: str) -> bool:
        """Tell whether a channel is a messaging service's."""
        return not self.is_phone(stored) and stored not in self.stored_channels(WEB)

    def is_phone(self, stored: str) -> bool:
        """Tell whether a channel is the phone line's."""
        return stored in self.stored_channels(PHONE)

    def stored_channels(self, channel: str) -> list[str]:
        """List what the conversations of a channel are stored under."""
        return list(self.own["channels"].get(channel, {}).get("stored", []))


def load_words(settings: Settings) -> DeskWords:
    """Read the words of the desk, of the project's domain and of the clinic's answers.

    Raises:
        SettingsError: an answer cannot be used; the text says where.
        OSError: a file is not there.
    """
    responses = read_words(settings.project / DOMAIN)["responses"]
    questions = questions_in(responses)
    lists = (questions[slot.value] for slot in CHECKLISTS)
    titles = {option.value: option.title for asked in lists for option in asked.options}
    bot = Responses(responses, settings.clinic)
    return DeskWords(read_words(FILE), titles, bot, load_answers(settings))
