"""Bare replies: yes, no, none of these, scrap that."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from backline.dialogue.sources import LATER
from backline.facts import Finding
from backline.nlu.lexicon import read_yaml
from backline.nlu.patterns import compile_all
from backline.nlu.tokenizer import Words
from backline.nlu.whole_clauses import NEVER, compile_whole

# "Nothing to fret over", "no big deal" and "not too bad" make light of what is there.
_YES_OR_NO = re.compile(
    r"\b(?:(?P<no>no+(?! (?:big deal|biggie|bother|worr(?:y|ies)|worse|drama|fuss|idea|clue))|nope|nah"
    r"|not(?! (?:sure|certain|(?:too|so|that|very|really) (?:bad|much|often|worr\w+)|bad|worr\w+|bothered))"
    r"|nothin[g']?(?! (?:to |(?:too |very |really |that )?(?:serious|major|much|bad|terrible|dramatic|special)))"
    r"|never|none|isn'?t|wasn'?t|normal|nonsense)"
    r"|yes|yeah|yep|yup|yea|maybe|perhaps|sometimes|a bit)\b",
    re.IGNORECASE,
)
_NEGATION = re.compile(r" (?:no|not|none|nothing|never|dont|havent|without|nope|nah|neither) ")
# "No numbness, no bladder problems, nothing."
_DENIES_ALONG = re.compile(
    r" (?:no|not|nope|nah|none|never) .* (?:nothing|none|no|nope|nada|nowt)(?: [.!])* $"
)
_SENTENCE = re.compile(r" [^.!;\n?]*[^ .!;\n?](?= )")
_TIDY = re.compile(r" (?:[.,!;:…-]|🙂|😀) ?")


class _Replies:
    """The compiled `answers.yml`."""

    def __init__(self) -> None:
        data = read_yaml("answers.yml")
        self.whole = {phrase: kind for kind, group in data["whole"].items() for phrase in group}
        self.fillers = frozenset(data["fillers"])
        later = data["later"]
        self.later = {no: kind for kind in ("no", "none") for no in later[kind]}
        self.later |= {no: kind for no, kind in self.whole.items() if kind in ("no", "none")}
        self.around_later = frozenset(later["around"])
        self.addressed = re.compile(
            rf"(?:no|nope|nah|naw) (?:{'|'.join(later['addresses'])})(?= |$)"
        )
        self.beside = frozenset(data["beside"])
        self.denial = compile_all(data["denial"], {})
        self.unread = compile_all(data["unread"], {}) or NEVER
        self.undo: list[str] = data["undo"]
        self.ordinals = {word: int(n) for word, n in data["ordinals"].items()}
        ordinals = "|".join(self.ordinals)
        self.numbers: dict[str, str] = data["numbers"]
        self.pick = re.compile(
            rf"(?<= )(?:(?:the |just |only )*(?P<word>{ordinals})(?: one| two)?(?= (?:and|,|\.|$|one|please|of|too|on)|$)"
            r"|(?:number|no|option|item|numbers|line|#) (?P<number>\d{1,2}|{'|'.join(self.numbers)})(?= )"
            r"|(?P<nth>\d{1,2}) (?:st|nd|rd|th)(?= (?:one|line|option|item)s? ))"
        )
        but, meanwhile = "|".join(data["exceptions"]), "|".join(data["exception_fillers"])
        self.exception = re.compile(
            rf" (?:{but})(?: (?:{meanwhile}))* (\d{{1,2}}(?: (?:,|and|&|\+) \d{{1,2}})*) $"
        )
        self.lists: dict[str, list[str]] = data["lists"]
        asked = data["asked_lines"]
        naming, things, nth = (
            "|".join(w) for w in (asked["naming"], asked["things"], self.ordinals)
        )
        number = "|".join([*(str(n) for n in range(1, 31)), *self.numbers])
        line = [f"{naming} {number}", f"the? {nth} {things}", number]
        line += [f"the? {number} st|nd|rd|th {things}?"]
        self.asked_lines = compile_whole(asked["patterns"], {"line": line})
        self.around_asked_lines = frozenset(asked["around"])


@lru_cache(maxsize=1)
def replies() -> _Replies:
    """Load the words for replies, once."""
    return _Replies()


def read_answers(words: Words) -> Iterator[Finding]:
    """Read a reply that is the whole message, or its first clause."""
    vocab = replies()
    line = words.line
    for phrase in vocab.undo:
        place = line.find(f" {phrase} ")
        if place >= 0:
            first, last = words.span(place + 1, place + 1 + len(phrase))
            yield Finding(
                "undo",
                True,
                start=first,
                end=last,
                text=words.text[first:last],
                source="answers:undo",
            )
    if vocab.unread.search(line):
        # Who did not read a list denies nothing in it, whatever their "nah" is for.
        yield Finding("answer", "dont_know", end=len(words.text), source="answers:unread")
        return
    denial = vocab.denial.search(line) if vocab.denial and _NEGATION.search(line) else None
    denial = denial or _DENIES_ALONG.match(line)
    if denial:
        first, last = words.span(*denial.span())
        yield Finding(
            "denial",
            True,
            start=first,
            end=last,
            text=words.text[first:last],
            source="answers:denial",
        )
    replies_first = list(_reply(words, vocab))
    yield from replies_first or _later(words, vocab)


def _later(words: Words, vocab: _Replies) -> Iterator[Finding]:
    """Read a sentence that is a no, though other words open the message: "Good gracious. No"."""
    for match in _SENTENCE.finditer(words.line):
        kind = _later_no(match[0].replace(" ,", "").split(), vocab)
        if kind is not None and not vocab.exception.search(words.line):
            first, last = words.span(match.start() + 1, max(match.end(), match.start() + 2))
            opens = first == 0 and not match.start()
            source = f"answers:{kind}" if opens else LATER
            text = words.text[first:last]
            yield Finding("answer", kind, start=first, end=last, text=text, source=source)
            return


def _later_no(said: Sequence[str], vocab: _Replies) -> str | None:
    first, last = 0, len(said)
    while first <= last:
        kind = vocab.later.get(" ".join(said[first:last]))
        if kind is not None:
            return kind
        if last > first and said[last - 1] in vocab.around_later:
            last -= 1
        elif first < len(said) and said[first] in vocab.around_later:
            first, last = first + 1, len(said)
        else:
            break
    rest = " ".join(w for n, w in enumerate(said) if n >= first)
    return "no" if vocab.addressed.match(rest) else None


def _reply(words: Words, vocab: _Replies) -> Iterator[Finding]:
    """Read the reply that a message is, or begins with."""
    line = words.line
    clauses = re.split(r"(?<= )[.,!;:\n](?= )|(?<= )(?:but|though|although|except)(?= )", line)
    place = 0
    for position, clause in enumerate(clauses[:3]):
        said = _without_fillers(clause, vocab.fillers)
        kind = vocab.whole.get(said) or vocab.whole.get(" ".join(clause.split()))
        if kind is None and position == 0:
            kind = _leading(said, vocab)
        if kind in ("no", "none") and vocab.exception.search(line):
            # "None but 5" is 5.
            return
        if kind is not None:
            first, last = words.span(place + 1, place + max(len(clause), 2))
            yield Finding(
                "answer",
                kind,
                start=first,
                end=last,
                text=words.text[first:last],
                source=f"answers:{kind}",
            )
            return
        place += len(clause) + 1
        if said and said not in vocab.beside:
            return


def says_no(text: str) -> bool:
    """Tell whether a word of denial stands anywhere in a message, and no yes before it."""
    found = _YES_OR_NO.search(text)
    return found is not None and found["no"] is not None


def _without_fillers(clause: str, fillers: frozenset[str]) -> str:
    parts = clause.split()
    # "What?? No!" is a no; behind anything but a filler a question stays one ("Fever? No.").
    while len(parts) > 1 and (parts[0] in fillers or parts[0] == "?"):
        parts = parts[1:]
    while (
        len(parts) > 1
        and parts[-1] in fillers | {"really", "sir", "mam", "love", "at", "all"}
        and parts[-1] not in ("all", "at")
    ):
        parts = parts[:-1]
    return " ".join(parts)


_NONE_LEADS = re.compile(
    r"^(?:no )?(?:none of (?:these|those|them|that|the above)|no to (?:all|everything)|nothing like that|none)\b"
)


def _leading(said: str, vocab: _Replies) -> str | None:
    if _NONE_LEADS.match(said):
        return "none"
    if re.match(
        r"^(?:no (?:i|it|they|there|thats|he|she|we|just|none|not|never|nothing|its|im|ive|thank\w*|mate|sorry|no|nah|havent|hasnt|didnt|dont|doesnt|sir|doc|love)\b|nope\b|nah\b)",
        said,
    ):
        return "no"
    if re.match(r"^(?:yes|yeah|yep|yup|yea) (?!nah|no)\w+", said):
        return "yes"
    if re.match(
        r"^(?:i )?(?:dont|do not|have no|no|not) (?:know|idea|sure|remember|really know)\b", said
    ):
        return "dont_know"
    if re.match(r"^(?:not (?:that|as far as) i|not to my)\b", said):
        return "no"
    if re.match(r"^i(?:ve)? (?:dont|havent) (?:have|had|got)? ?(?:any|none)\b", said):
        return "none"
    return None
