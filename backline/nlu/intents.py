"""What a message is for, from the classifier's guess and what was found in it."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Sequence
from itertools import accumulate

from backline.facts import BEGINS_MESSAGE, UNREAD, Finding
from backline.nlu.components.wishes import complains, guarded, is_chat, sounds_wished, wished
from backline.nlu.language import KIND as LANGUAGE
from backline.nlu.tokenizer import words_of

INFORM, FALLBACK, CORRECTION = "inform", "nlu_fallback", "correct_answer"
OTHER_LANGUAGE, EXPLAIN = "other_language", "ask_explain"
FALLBACK_BELOW = 0.3
"""Below this confidence, 0 to 1, the classifier's guess is no guess."""
CORRECTION_FROM = 0.5
"""From this confidence on, a guess that something is taken back counts."""
WORDED_BELOW = 0.15
"""The same for a guess of small talk, whose words stand in the message."""
WISHED_FROM = 0.5
"""From this confidence on, a guessed wish counts if words of it are there, too."""
SHORT_REPLY = 40
"""Characters of a message in which a reply that was found is all that it says."""
ASKED_FROM = 0.7
"""From this confidence on, a message that tells facts and has no question word asks all the same."""

_CORRECTING = re.compile(
    r"(?:^|[.,;!?\n-])\W*(?:(?:oh|sorry|um|no|hang on|oops|ah|ok|hold on|whoops|my bad|my mistake|wait|well)\W+){0,8}"
    r"(?:actually|correction|i meant|i mean|sorry i meant|wait|scrap that|strike that|make that|i misspoke|i misspelt|my mistake|my bad|change that|i made a mistake|"
    r"ignore that|forget that|i was wrong|i should have said|i should say|let me correct|typo|i typed|i mistyped|that should|that was wrong|thats wrong|that's wrong|"
    r"i said|i got that wrong|not \w+ but)\b"
    r"|^\W*(?:sorry|oops|whoops)\W+(?:i|its|it's|that|not|no|make|should|did|the|my|both|more)\b"
    r"|^\W*no\W+(?:wait|sorry|hang on|hold on|actually|i meant|make that|its|it's)\b"
    r"|\b(?:should(?:['’]?ve| have) (?:been|said|put|written|typed)|was too (?:much|high|low|long|short)|(?:kindly|please) (?:write|put|change|correct)|"
    r"back to front|wrong way round|go back one|scrap what|gave (?:you )?the wrong|correct myself)\b"
    r"|\b(?:i meant|i mean to say|sorry i mean|meant to (?:say|write|type|put)|typo|misspoke|(?:finger|thumb) slipped|slip of the (?:finger|thumb|tongue)|"
    r"(?:hit|pressed|picked|chose|clicked|ticked|tapped|typed|sent|gave|wrote|put) (?:you )?the wrong|not mine|autocorrect\w*)\b",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"\?|(?:^|[.,!;:\n-]|\bbut\b|\band\b|\bso\b|\bnow\b|\banyway\b)\W*(?:(?:and|so|but|ok|okay|well|um|hi|hello|anyway|please|now|tell me|just|also)\W+){0,8}"
    r"(?:what|whats|why|how|hows|when|where|wheres|who|whos|which|can (?:i|you|we|u|someone|somebody|it|massage)|could (?:i|you|we|it)|should (?:i|we)|would (?:you|it|i|a|massage)|"
    r"will (?:you|it|i|a|massage|this)|do (?:i|you|we|they)|does|is (?:it|this|there|that|a|my|massage)|are (?:you|there|we|my)|am i)\b"
    r"|\bwhat [^.,;!?\n]{1,60}\bmeans?\b",
    re.IGNORECASE,
)
_QUESTION_ENDS = re.compile(
    r"[.!?\n]+|(?:,|\band\b)\s+(?:and\s+)?"
    r"(?=(?:what|why|how|can|could|should|will|would|is|do|does|are|when|which|who|may)\b)",
    re.IGNORECASE,
)
"""Where a sentence ends, or goes on to its next question."""
_CLAUSE = re.compile(r"(?:(?!\b(?:but|so|now|anyway|also)\b)[^.,;!?\n])+")
_ASKS = re.compile(
    r"\b(?:what|whats|why|how|when|where|who|which|can|could|should|would|will|do|does|is it|is there|are|am i|want|need|like to|please|help|let me|delete|"
    r"remove|erase|speak|talk|book|start|go back|back to|thanks|thank)\b",
    re.IGNORECASE,
)
ANSWERED_BY = {"yes": "affirm", "no": "deny", "none": "none_of_these", "dont_know": "dont_know"}
"""The intent of a message that is nothing but a reply."""
AGREED_BY = {"yes": "affirm", "no": "deny", "unsure": "dont_know"}
"""The same for whoever agrees to go on, or does not."""
_OF_WORDS = frozenset({"Lu", "Ll", "Lt", "Lo", "Nd"})
"""Categories of Unicode; an apostrophe that counts as a letter (Lm) is no word."""
_LONG_RUN = re.compile(r"(\W{4})\W+(\W{4})")
QUESTION = "ask_"
"""How the names of intents begin that ask something."""
SPEAKS_WITHIN = 1000
"""Characters in which somebody speaks of a back."""
ASKED_ABOUT, OTHER_QUESTION = "asked_about", "ask_other"
"""A finding of this kind names the written answer that a question asks for, and the intent then."""
ASKED_LINE = "asked_line"
"""A finding of this kind: it is asked what a line of a list means."""
ASKING = frozenset({ASKED_ABOUT, ASKED_LINE, "consent_question"})
"""Kinds of findings that say what a message asks."""
OF_A_MASSAGE = frozenset({"effect", "massage", "massage_sessions"})
"""Kinds of findings of what a massage did: "no change after 2" takes nothing back."""
UNTOLD = ASKING | {
    "agreement",
    "answer",
    "course",
    "denial",
    "effect",
    "time",
    "undo",
    UNREAD,
    LANGUAGE,
}
"""Kinds of findings that tell nothing by themselves."""


CORRECTS_WITHIN = 1000
"""Characters within which somebody says that they take something back, so that no long text costs
more."""


def is_correction(text: str) -> bool:
    """Tell whether the words take something back ("no wait", "sorry, I meant")."""
    return _CORRECTING.search(_plain(text[:CORRECTS_WITHIN])) is not None


def told(text: str, findings: Sequence[Finding]) -> list[tuple[int, int]]:
    """Find the stretches of a message that tell facts; what it asks is seen without them.

    A clause that tells and asks nothing is told as a whole.
    """
    spans = [
        (f.start, f.end)
        for f in findings
        if f.kind not in UNTOLD and f.source != BEGINS_MESSAGE and f.end > f.start
    ]
    if asks(text):
        # "None of these, who reads this?" is seen as its question alone.
        spans += [(f.start, f.end) for f in findings if f.kind == "answer" and f.start == 0]
    tells = overlapping(spans)
    clauses = []
    for match in _CLAUSE.finditer(text):
        start, end = match.span()
        if tells(start, end) and not _ASKS.search(match[0]):
            clauses.append((start, end))
    return spans + clauses


def overlapping(spans: Sequence[tuple[int, int]]) -> Callable[[int, int], bool]:
    """Make what tells whether a stretch shares a character with one of these, however many."""
    inner = sorted(spans)
    starts = [start for start, _ in inner]
    furthest = list(accumulate((end for _, end in inner), max))

    def overlaps(start: int, end: int) -> bool:
        before = bisect_left(starts, end)
        return before > 0 and furthest[before - 1] > start

    return overlaps


def _plain(text: str) -> str:
    """The text with long runs of punctuation shortened: tried from each place, they take for ever."""
    return _LONG_RUN.sub(r"\1\2", text)


def asks(text: str) -> bool:
    """Tell whether a message asks something."""
    return _QUESTION.search(_plain(text)) is not None


def questions_of(text: str) -> list[tuple[int, int]]:
    """Find the sentences of a message that ask something, or its one short sentence."""
    ends = [m.span() for m in _QUESTION_ENDS.finditer(text[:SPEAKS_WITHIN])]
    starts = [0, *(end for _, end in ends)]
    stops = [*(start for start, _ in ends), min(len(text), SPEAKS_WITHIN)]
    pieces = [(a, b) for a, b in zip(starts, stops, strict=True) if text[a:b].strip()]
    asking = [(a, b) for a, b in pieces if asks(text[a:b]) or text[b : b + 1] == "?"]
    return asking or (pieces if len(pieces) == 1 else [])


Guess = tuple[str, float]
"""A classifier's intent with its confidence of 0 to 1."""


def settle(text: str, guesses: Sequence[Guess], findings: Sequence[Finding]) -> str:
    """Settle the intent of a message.

    Someone who tells a fact without asking anything informs, whatever the classifier thinks, and
    an emergency sign outranks every question. What ends, undoes, deletes or hands over is a wish
    in words; no guess of a classifier is. The classifier knows no language but English.

    Args:
        guesses: the classifier's, the likeliest first.
    """
    found = decided(text, findings)
    if found is not None:
        return found
    answered = any(f.kind == ASKED_ABOUT for f in findings)
    findings = [f for f in findings if f.kind not in ASKING]
    wish = _sure_wish(text, guesses, findings)
    if wish is not None:
        return wish
    if answered:
        return OTHER_QUESTION
    return _guessed(text, *_allowed(text, guesses), findings)


def _guessed(text: str, guess: str | None, confidence: float, findings: Sequence[Finding]) -> str:
    """The intent of a message that is decided neither by its words nor by a wish."""
    if guess == CORRECTION and confidence >= CORRECTION_FROM and _may_correct(findings):
        return CORRECTION
    sure = guess not in (None, INFORM, CORRECTION) and confidence >= ASKED_FROM
    answered = None if asks(text) else _told_or_replied(findings, sure)
    if answered is not None:
        return guess if sure and guess and _narrows(guess, findings) else answered
    if guess is None or not _is_likely(guess, confidence) or not _says_a_word(text):
        return INFORM if findings else FALLBACK
    return INFORM if _only_tells(text, guess, sure) else guess


def _may_correct(findings: Sequence[Finding]) -> bool:
    return bool(findings) and not any(f.kind in OF_A_MASSAGE for f in findings)


def _only_tells(text: str, guess: str, sure: bool) -> bool:
    """Whether a message speaks of a back and asks nothing, though a question was guessed.

    "I hope to swim again once this back settles" is no question about exercises.
    """
    if sure or not guess.startswith(QUESTION) or asks(text):
        return False
    return complains(words_of(text[:SPEAKS_WITHIN], {}).line)


def _says_a_word(text: str) -> bool:
    """Whether there is a letter or a digit; a guess from marks alone is none."""
    return any(unicodedata.category(character) in _OF_WORDS for character in text)


def _is_likely(guess: str, confidence: float) -> bool:
    return confidence >= (WORDED_BELOW if guess in guarded() else FALLBACK_BELOW)


def _narrows(guess: str, findings: Sequence[Finding]) -> bool:
    """Whether a guessed reply says more of the reply that was found, and nothing against it."""
    if not _bare(findings):
        return False
    denies = any(f.kind == "denial" for f in findings)
    if guess == ANSWERED_BY["none"]:
        return denies and _reply(findings) == ANSWERED_BY["no"]
    unclear = not any(f.kind == "answer" for f in findings)
    return unclear and guess in ANSWERED_BY.values() and _reply(findings) == AGREED_BY["unsure"]


def decided(text: str, findings: Sequence[Finding]) -> str | None:
    """Decide the intent by words and findings alone, where no guess could change it."""
    found = _outranks(text, findings)
    if found is not None:
        return found
    findings = [f for f in findings if f.kind not in ASKING]
    if findings and is_correction(text):
        return CORRECTION
    if not _bare(findings) or len(text) > SHORT_REPLY or asks(text):
        return None
    reply = _reply(findings) if any(f.kind == "answer" for f in findings) else None
    # A no to a list may yet be none of it.
    if reply != ANSWERED_BY["no"] or all(f.kind != "denial" for f in findings):
        return reply
    return None


def _bare(findings: Sequence[Finding]) -> bool:
    return bool(findings) and all(f.kind in UNTOLD for f in findings)


def _sure_wish(text: str, guesses: Sequence[Guess], findings: Sequence[Finding]) -> str | None:
    """Find a wish that is guessed and has words of its own, though no sentence for exactly that."""
    guess, confidence = guesses[0] if guesses else (None, 0.0)
    if guess is None or confidence < WISHED_FROM:
        return None
    tells = any(f.kind not in UNTOLD for f in findings)
    return guess if sounds_wished(guess, text, tells) else None


def _told_or_replied(findings: Sequence[Finding], sure: bool) -> str | None:
    """The intent of a message that asks nothing; a guess that is sure goes before its facts."""
    tells = any(f.kind not in UNTOLD for f in findings)
    return INFORM if tells and not sure else _reply(findings)


def _outranks(text: str, findings: Sequence[Finding]) -> str | None:
    """Find the intent of what no guess may change: a language, an emergency, a wish in words."""
    if any(f.kind == LANGUAGE for f in findings):
        return OTHER_LANGUAGE
    if any(f.kind == "emergency_sign" and f.holds for f in findings):
        return INFORM
    line_asked = EXPLAIN if any(f.kind == ASKED_LINE for f in findings) else None
    return wished(text) or line_asked


def _allowed(text: str, guesses: Sequence[Guess]) -> tuple[str | None, float]:
    """The likeliest guess that may be one, with its share of those that may be."""
    never = guarded()
    allowed = [(name, share) for name, share in guesses if name not in never or is_chat(name, text)]
    if not allowed:
        return None, 0.0
    name, share = allowed[0]
    if name in ANSWERED_BY.values() or not asks(text):
        # That is no answer to a question, so it has to be as likely by itself.
        return name, share
    left_out = sum(share for _, share in guesses) - sum(share for _, share in allowed)
    return name, share / max(1.0 - left_out, share)


def _reply(findings: Sequence[Finding]) -> str | None:
    """The intent of the bare reply that was found, if any."""
    for kind, intents in (("answer", ANSWERED_BY), ("agreement", AGREED_BY)):
        reply = next((f for f in findings if f.kind == kind), None)
        if reply is not None and reply.value in intents:
            return intents[reply.value]
    return None
