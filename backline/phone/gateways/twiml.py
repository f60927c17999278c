"""Write turns of a call as TwiML, within the limits that Twilio documents.

https://www.twilio.com/docs/voice/twiml
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

from twilio.twiml.voice_response import VoiceResponse

from backline.phone.events import ListenOptions, Phrase
from backline.settings import PhoneSettings

MOST_BYTES = 64_000
"""Of a whole document: https://www.twilio.com/docs/api/errors/11750"""
MOST_SAID_BYTES = 3000
"""Of one <Say>, by the voices that take the least: https://www.twilio.com/docs/api/errors/13521"""
MOST_HINTS, MOST_HINT_CHARACTERS = 500, 100
"""https://www.twilio.com/docs/api/errors/13330"""
LONGEST_SPEECH_S = 60
"""Twilio listens no longer to one answer."""
RING_S = 25
"""How long the clinic's telephone rings. Twilio's own 30 seconds would reach most mailboxes."""
SSML_VOICES = re.compile(r"Polly\.[A-Za-z]+(-Neural)?")
"""Voices that surely know SSML: with others <Say> may say nothing at all
(https://www.twilio.com/docs/api/errors/13513)."""

_INVALID = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


class TwimlVoice:
    """Says, listens and connects, as `phone_line` in clinic.yml wants it."""

    def __init__(self, settings: PhoneSettings) -> None:
        self._settings = settings

    def listen(
        self,
        said: tuple[Phrase, ...],
        listening: ListenOptions,
        action: str,
        *,
        emergency: bool = False,
    ) -> VoiceResponse:
        """Say something and listen; what is heard goes to `action`, also nothing.

        Args:
            emergency: no noise may cut short what is said. A key always does.
        """
        interrupt = listening.interruptible and not emergency
        document = self._listen(said, listening, action, interrupt, _hints(listening.hints))
        if len(str(document).encode()) > MOST_BYTES:
            document = self._listen(said, listening, action, interrupt, None)
        return document

    def _listen(
        self,
        said: tuple[Phrase, ...],
        listening: ListenOptions,
        action: str,
        interrupt: bool,
        hints: str | None,
    ) -> VoiceResponse:
        document = VoiceResponse()
        by_voice = self._by_voice(listening, interrupt, hints) if listening.speech else {}
        gather = document.gather(
            input="dtmf speech" if listening.speech else "dtmf",
            action=action,
            method="POST",
            action_on_empty_result=True,
            timeout=_seconds(listening.wait_s),
            # An answer of one key may be # or *. A longer one is ended by #, which is counted too,
            # so that it is not taken for the answer to what is asked next.
            num_digits=1 if listening.keys <= 1 else listening.keys + 1,
            finish_on_key="" if listening.keys <= 1 else "#",
            **by_voice,
        )
        self._say(gather, said)
        # Where listening itself fails, Twilio goes on here: nothing was heard.
        document.redirect(action, method="POST")
        return document

    def _by_voice(
        self, listening: ListenOptions, interrupt: bool, hints: str | None
    ) -> dict[str, Any]:
        """Return how words are listened to."""
        return {
            "speech_timeout": _seconds(listening.pause_s),
            "max_speech_time": min(_seconds(listening.longest_s), LONGEST_SPEECH_S),
            # Words of the body may be taken for foul ones, and starred out.
            "profanity_filter": False,
            "language": self._settings.language,
            "hints": hints,
            "barge_in": interrupt,
            # Without a model Twilio takes one that knows the language, and another one when that
            # is out of order; a model that does not know it hears nothing (error 13331).
            "speech_model": self._settings.speech_model,
        }

    def go_on(self, said: tuple[Phrase, ...], url: str) -> VoiceResponse:
        """Say something and ask `url` what comes then."""
        document = self._said(said)
        document.redirect(url, method="POST")
        return document

    def dial(
        self, said: tuple[Phrase, ...], to: str, shown: str, action: str, whisper: str
    ) -> VoiceResponse:
        """Say something and connect the caller; how that ended goes to `action`.

        Args:
            whisper: what is asked for the words that the clinic hears before it hears the caller.
            shown: the number that the clinic's telephone shows. Twilio takes the caller's or the
                called one (https://www.twilio.com/docs/api/errors/13214).
        """
        document = self._said(said)
        dial = document.dial(action=action, method="POST", timeout=RING_S, caller_id=shown)
        dial.number(to, url=whisper, method="POST")
        return document

    def say(self, said: tuple[Phrase, ...]) -> VoiceResponse:
        """Say something, and nothing else."""
        return self._said(said)

    def hang_up(self, said: tuple[Phrase, ...]) -> VoiceResponse:
        """Say something and end the call."""
        document = self._said(said)
        document.hangup()
        return document

    def _said(self, said: tuple[Phrase, ...]) -> VoiceResponse:
        document = VoiceResponse()
        self._say(document, said)
        return document

    def _say(self, document: Any, said: tuple[Phrase, ...]) -> None:
        voice = {"voice": self._settings.voice, "language": self._settings.language}
        for phrase in said:
            for text in _pieces(phrase.text):
                if not phrase.slowly:
                    document.say(text, **voice)
                elif SSML_VOICES.fullmatch(self._settings.voice):
                    document.say(**voice).prosody(text, rate="slow")
                else:
                    for sentence in _SENTENCE.split(text):
                        document.say(sentence, **voice)
                        document.pause(length=1)


def nothing() -> VoiceResponse:
    """Give no instruction, as for a call that is over."""
    return VoiceResponse()


def _seconds(seconds: float) -> int:
    """Round up to whole seconds, from 1 on: others are errors 13313 and 13327."""
    return max(math.ceil(seconds), 1)


def _hints(phrases: tuple[str, ...]) -> str | None:
    """Join phrases by commas, as Twilio takes them; those that are too long are left out."""
    plain = (" ".join(_INVALID.sub("", p).replace(",", " ").split()) for p in phrases)
    fit = [phrase for phrase in plain if 0 < len(phrase) <= MOST_HINT_CHARACTERS]
    return ",".join(list(dict.fromkeys(fit))[:MOST_HINTS]) or None


def _pieces(text: str) -> Iterator[str]:
    """Break a text between words into pieces that one <Say> takes."""
    piece = ""
    for word in _INVALID.sub("", text).split():
        longer = f"{piece} {word}" if piece else word
        if len(longer.encode()) <= MOST_SAID_BYTES:
            piece = longer
            continue
        if piece:
            yield piece
        piece = word.encode()[:MOST_SAID_BYTES].decode(errors="ignore")
    if piece:
        yield piece
