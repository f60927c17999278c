"""Track one turn on the audio stream while it is said and answered."""

from __future__ import annotations

from backline.phone.audio.vad import SpeechSegment
from backline.phone.events import BotTurn, Dtmf, NoMatch, Transcript


class Recognised:
    """The recogniser's result for a piece of speech."""

    def __init__(self, said: SpeechSegment, result: Transcript | NoMatch) -> None:
        self.said = said
        self.result = result


class Attempt:
    """The state of one turn that is said and answered.

    Attributes:
        mark: the name of the mark at its end.
        last: it is not said again, whatever interrupts it.
        sent: all was sent to be heard.
        said: all was heard, or they have interrupted it.
        interrupted: they spoke before all was said.
        cut_short: what they did stopped it before all was said.
        keys: what was pressed so far.
        said_at: when (of the loop's time) all was said.
        until: when (of the loop's time) no more keys are waited for.
        hearing: what is being recognised; nothing if what they said before was not all.
        recognised: what it turned out to be.
        ended: they have finished.
    """

    def __init__(self, turn: BotTurn, mark: str, last: bool) -> None:
        self.turn = turn
        self.mark = mark
        self.last = last
        self.sent = False
        self.said = False
        self.interrupted = False
        self.cut_short = False
        self.keys = ""
        self.until: float | None = None
        self.said_at: float | None = None
        self.hearing: SpeechSegment | None = None
        self.recognised: Recognised | None = None
        self.ended = False
        self._earlier: SpeechSegment | None = None

    def pressed(self) -> Dtmf:
        """Return the answer by keys."""
        return Dtmf(self.keys, interrupted=self.cut_short)

    def go_on(self) -> None:
        """Take what they say now and what they said before as one answer."""
        if self.ended:
            self._earlier = self.hearing
        self.hearing, self.recognised, self.ended = None, None, False

    def with_earlier(self, said: SpeechSegment) -> SpeechSegment:
        """Return what they said, with what they had said before."""
        if self._earlier is None:
            return said
        return SpeechSegment(
            self._earlier.audio + said.audio, self._earlier.began_at, said.ended_at
        )

    def forget(self) -> None:
        """Forget what came between, as it was noise."""
        self.interrupted = False
        self.hearing, self.recognised, self.ended, self._earlier = None, None, False, None
