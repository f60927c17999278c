"""What every channel checks and cleans before a message reaches Rasa."""

from __future__ import annotations

import re
import unicodedata

MAX_MESSAGE_CHARACTERS = 4000
MAX_SENDER_CHARACTERS = 128
MAX_ID_CHARACTERS = 64

_SENDER = re.compile(r"[A-Za-z0-9_.:@+-]+")
_UNSEEN = frozenset({"Cc", "Cf", "Cs"})
_STROKES = frozenset("\u0335\u0336\u0337\u0338")
_TAGS = re.compile(r"</?[a-zA-Z]{1,8}>")
# Each begins where a row of marks begins, so that a long row is looked at once.
_EMPHASIS = re.compile(
    r"(?<![\w*~])[*_~]+(?=\w)|(?<=\w)[*_~]+(?!\w)|(?<=[*~])[*~]_*(?=\w)|\b_+(?=\w)|(?<=\w)_+\b"
)
_SPACES = re.compile(r"[^\S\n]+")


class Refused(ValueError):
    """A request that is not a message; `code` is for programs, the text is for people.

    Attributes:
        status: the HTTP status that says so.
        headers: what goes with it.
    """

    def __init__(self, code: str, sentence: str, status: int = 400) -> None:
        super().__init__(sentence)
        self.code = code
        self.status = status
        self.headers: dict[str, str] = {}


def clean_text(value: object, most: int = MAX_MESSAGE_CHARACTERS) -> str:
    """A person's words, safe to hand to Rasa.

    Characters that cannot be seen, marks of emphasis and leading slashes are dropped: Rasa reads
    "/restart" as a command, and no command is for a visitor to give.

    Raises:
        Refused: not a text, or longer than `most` characters.
    """
    if not isinstance(value, str):
        raise Refused("no_message", 'The field "message" must be a text.')
    if len(value) > most:
        raise Refused(
            "too_long",
            f"The message is longer than {most} characters. Please shorten it.",
            413,
        )
    text = unicodedata.normalize("NFC", value.encode("utf-8", "ignore").decode("utf-8"))
    # Invisible characters, and strokes drawn through a letter, would hide a word.
    kept = "".join(c for c in text if c == "\n" or not _hides(c))
    plain = _EMPHASIS.sub("", _TAGS.sub("", kept))
    return _SPACES.sub(" ", plain).strip().lstrip("/ \n").strip()


def _hides(character: str) -> bool:
    return unicodedata.category(character) in _UNSEEN or character in _STROKES


def clean_sender(value: object) -> str:
    """The conversation's id.

    Raises:
        Refused: missing, too long, or with characters no id of ours has.
    """
    if not isinstance(value, str) or not value.strip():
        raise Refused(
            "no_sender",
            'The field "sender" must name the conversation: a random text of this person alone.',
        )
    if len(value) > MAX_SENDER_CHARACTERS or not _SENDER.fullmatch(value):
        raise Refused(
            "bad_sender",
            f'The field "sender" takes {MAX_SENDER_CHARACTERS} letters, digits or _ . : @ + -',
        )
    return value


def clean_message_id(value: object) -> str | None:
    """The sender's own id of a message, or None where it gives none.

    Raises:
        Refused: too long, or not a text.
    """
    if value is None or value == "":
        return None
    # Half of a surrogate pair, which JSON can hold, is no character.
    whole = isinstance(value, str) and not any("\ud800" <= c <= "\udfff" for c in value)
    if not isinstance(value, str) or not whole or len(value) > MAX_ID_CHARACTERS:
        raise Refused(
            "bad_message_id",
            f'The field "message_id" takes a text of up to {MAX_ID_CHARACTERS} characters.',
        )
    return value
