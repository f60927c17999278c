"""Messages in other languages than English: which language, what danger, and never a yes or no."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from backline.facts import EmergencySign, Finding, Status
from backline.nlu import Understander
from backline.nlu.intents import settle
from backline.nlu.language import OTHER, language_of, read_other_language
from backline.other_languages import agreements, folded, other_languages
from tests.understanding.labels import utterances

READER = Understander(lambda: dt.date(2026, 11, 23))
SAID: dict[str, dict[str, list[Any]]] = yaml.safe_load(
    (Path(__file__).parent / "other_languages.yml").read_text(encoding="utf-8")
)


def said(*kinds: str) -> Iterator[tuple[str, Any]]:
    for language, groups in SAID.items():
        for kind in kinds:
            yield from ((language, item) for item in groups.get(kind, ()))


ORDINARY = list(said("ordinary", "no_danger"))
DANGERS = [(code, *next(iter(item.items()))) for code, item in said("danger")]
IN_OTHER_WORDS = list(said("in_other_words"))


def signs(findings: list[Finding]) -> set[str]:
    return {str(f.value) for f in findings if f.kind == "emergency_sign" and f.holds}


def language_in(findings: list[Finding]) -> str | None:
    return next((str(f.value) for f in findings if f.kind == "language"), None)


# ---- Which language ------------------------------------------------------------------------------


@pytest.mark.parametrize(("code", "text"), ORDINARY)
def test_a_message_in_another_language_is_known_for_one_and_tells_no_fact(
    code: str, text: str
) -> None:
    assert [(f.kind, f.value) for f in READER.read(text)] == [("language", code)]


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("zh", "我腰疼了很久,请帮我预约"),
        ("zh-Hant", "我腰痛了很久,請幫我預約"),
        ("uk", "У мене два тижні болить спина"),
        ("fa", "دو هفته است که کمرم درد می‌کند"),
        ("ur", "دو ہفتے سے میری کمر میں درد ہے"),
        ("ne", "मलाई दुई हप्तादेखि ढाड दुखेको छ"),
        ("bn", "দুই সপ্তাহ ধরে আমার পিঠে ব্যথা"),
        ("pa", "ਦੋ ਹਫ਼ਤਿਆਂ ਤੋਂ ਮੇਰੀ ਪਿੱਠ ਵਿੱਚ ਦਰਦ ਹੈ"),
        ("gu", "બે અઠવાડિયાથી મારી પીઠ દુખે છે"),
        ("ta", "இரண்டு வாரமாக முதுகு வலிக்கிறது"),
        ("th", "ฉันปวดหลังมาสองสัปดาห์แล้ว"),
        ("tl", "Dalawang linggo nang masakit ang likod ko"),
        ("id", "Punggung saya sakit sudah dua minggu"),
        ("nl", "Ik heb al twee weken last van mijn rug"),
        ("ro", "Mă doare spatele de două săptămâni"),
        ("hr", "Već dva tjedna me bole leđa"),
        ("so", "Dhabarka ayaa i xanuunaya laba toddobaad"),
        ("sw", "Mgongo wangu unauma kwa wiki mbili sasa"),
    ],
)
def test_languages_of_one_script_are_told_apart(code: str, text: str) -> None:
    assert language_of(text) == code


@pytest.mark.parametrize(
    "text",
    [
        "Už dva týdny mě bolí záda",
        "Jag har haft ont i ryggen i två veckor",
        "כואב לי הגב כבר שבועיים",
        "ወገቤን ያመኛል",
        "meri kamar mein bahut dard ho raha hai",
    ],
)
def test_a_language_nothing_is_written_in_is_another_one_all_the_same(text: str) -> None:
    assert language_of(text) == OTHER


@pytest.mark.parametrize("text", ["нет", "不", "아니요", "نعم", "हाँ", "ναι", "はい", "ใช่", "לא"])
def test_a_lone_word_in_another_script_is_in_another_language(text: str) -> None:
    findings = READER.read(text)
    assert language_in(findings)
    assert len(findings) == 1


@pytest.mark.parametrize("text", ["sí", "si", "oui", "ja", "nein", "non", "gracias", "dolor", "no"])
def test_a_lone_word_in_latin_letters_is_left_to_the_question(text: str) -> None:
    assert language_of(text) is None


def test_a_plain_agreement_is_left_to_the_question_about_consent() -> None:
    assert language_of("Oui, allez-y !") is None
    assert language_of("oui, mais j'ai mal au dos") == "fr"
    assert all(language_of(phrase) is None for phrase in agreements())


# ---- English stays English -----------------------------------------------------------------------


def test_no_labelled_english_text_is_taken_for_another_language() -> None:
    taken = [(u.text, code) for u in utterances() if (code := language_in(READER.read(u.text)))]
    assert taken == []


@pytest.mark.parametrize(
    "text",
    [
        "ma back's gowpin, ah cannae sleep for it",
        "me back is in bits so it is",
        "since morning only it is paining too much, kindly tell me what to do",
        "yeah nah she'll be right eh",
        "bak pane 4 wks cnt sleeep plz hlp",
        "im on warferin n ramiprill",
        "naproxen, codeine and amitriptyline",
        "apixaban 5mg, bisoprolol, atorvastatin",
        "I went skiing in Val d'Isère and fell",
        "Nguyen Thi Lan", "José García Fernández", "Siobhán Ní Bhriain",
        "Woolloomooloo", "Llanfairpwllgwyngyll", "Te Awamutu, then Rotorua",
        "kia ora, my back is sore", "hola, my back hurts", "namaste ji, my back is paining",
        "my friend calls it la douleur, I call it agony",
        "the doctor said 坐骨神经痛, my left leg tingles",
        "jiu jitsu", "tai chi", "muay thai class", "L4/L5 disc bulge", "vis a vis", "deja vu again",
        "lol idk tbh", "asdf asdf", "hmm ok", "na mate", "si joint", "50 µg patches", "β-blockers",
        "🙂👍", "𝐧𝐨 𝐩𝐚𝐢𝐧", "NO I DO NOT WANT THAT", "no no no no", "ow ow ow ow ow", "8 out of 10",
    ],
)  # fmt: skip
def test_slang_names_and_foreign_words_in_english_are_english(text: str) -> None:
    assert language_of(text) is None
    assert language_in(READER.read(text)) is None


# ---- Danger --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("code", "sign", "text"), DANGERS)
def test_a_danger_told_in_another_language_is_held_as_its_sign(
    code: str, sign: str, text: str
) -> None:
    findings = READER.read(text)
    assert sign in signs(findings)
    assert language_in(findings) == code


@pytest.mark.parametrize(("code", "text"), IN_OTHER_WORDS)
def test_the_same_dangers_in_other_words_are_held_too(code: str, text: str) -> None:
    assert signs(READER.read(text))


def test_a_sign_in_another_language_is_uncertain_and_so_counts() -> None:
    found = next(f for f in READER.read("no siento las piernas") if f.kind == "emergency_sign")
    assert found.status is Status.UNCERTAIN
    assert found.holds


@pytest.mark.parametrize(
    "text",
    [
        "no siento las piernas",
        "me duele la espalda. No siento las piernas. ¿Cuánto cuesta?",
        "hello please help me, no siento las piernas",
        "¡NO SIENTO LAS PIERNAS!",
        "no siento las\npiernas",
    ],
)
def test_a_danger_is_found_wherever_it_stands(text: str) -> None:
    assert "both_legs" in signs(READER.read(text))


@pytest.mark.parametrize(
    ("sign", "text"),
    [
        ("bladder_change", "I can't pee, ayúdame por favor, me duele mucho la espalda"),
        ("chest_pain", "mal au dos depuis hier, chest pain now, s'il vous plaît aidez-moi"),
        ("both_legs", "我背很痛, both my legs are numb, 请帮帮我"),
    ],
)
def test_a_danger_in_english_within_another_language_is_held(sign: str, text: str) -> None:
    assert sign in signs(READER.read(text))


def test_english_beside_a_foreign_danger_keeps_its_facts_but_answers_nothing() -> None:
    found = READER.read("no, sorry, my back has hurt for three weeks, no siento las piernas")
    kinds = {f.kind for f in found}
    assert "duration" in kinds
    assert not kinds & {"answer", "denial", "undo", "pick", "number"}


# ---- Never a yes or no ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "no siento dolor ahora mismo",
        "no, gracias, prefiero hablar con alguien",
        "no entiendo nada de lo que dice",
        "ja das ist richtig so",
        "non, ce n'est pas ça",
        "sí, pero me duele mucho",
        "da, mă doare foarte tare",
        "no me acuerdo, tal vez dos semanas, dolor 8",
        "uno, dos y tres",
    ],
)
def test_no_answer_is_read_out_of_another_language(text: str) -> None:
    assert {f.kind for f in READER.read(text)} == {"language"}


SCRIPTS = ["абвгдежнтия", "αβγδενοικ", "不是没有好的痛", "ないはいえ", "아니요네"]
SCRIPTS += ["لانعمبي", "हाँनहीं", "ไม่ใช่"]


@given(st.sampled_from(SCRIPTS).flatmap(lambda s: st.text(s + " ,.!", min_size=1, max_size=40)))
@settings(max_examples=300, deadline=None)
def test_no_text_in_another_script_is_ever_an_answer(text: str) -> None:
    assert not {f.kind for f in READER.read(text)} & {"answer", "denial", "undo", "pick", "number"}


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_text_is_in_some_language_or_in_none(text: str) -> None:
    assert language_of(text) in {None, OTHER, *other_languages()}


def test_another_language_is_what_the_message_is_for_whatever_the_classifier_thinks() -> None:
    for text in ("no gracias", "no siento las piernas", "quiero hablar con una persona"):
        assert settle(text, [("delete_my_data", 0.99)], READER.read(text)) == "other_language"


# ---- What is said --------------------------------------------------------------------------------


def test_at_least_twenty_languages_tell_both_numbers() -> None:
    assert len(other_languages()) >= 20
    for language in other_languages().values():
        plain = language.reply(danger=False)
        assert "{emergency_number}" in plain, language.code
        assert "{clinic_phone}" in plain, language.code


def test_with_a_danger_the_call_comes_first() -> None:
    for language in other_languages().values():
        told = language.reply(danger=True)
        assert told.startswith(language.warning), language.code
        assert "{emergency_number}" in told, language.code


def test_each_sentence_is_recognised_as_its_own_language() -> None:
    for language in other_languages().values():
        said = language.reply(danger=False)
        said = said.format(emergency_number="000", clinic_phone="02 5550 0100")
        assert language_of(said) == language.code


def test_no_sentence_tells_a_danger_of_its_own() -> None:
    for language in other_languages().values():
        assert not signs(READER.read(language.reply(danger=False))), language.code


def test_dangers_are_signs_of_the_policy() -> None:
    codes = {sign.value for sign in EmergencySign}
    for language in other_languages().values():
        assert {danger.sign for danger in language.danger} <= codes


def test_accents_and_capitals_make_no_difference() -> None:
    assert folded("¡MÁLAGA, São Paulo; Łódź!") == " malaga sao paulo lodz "


# ---- Cost ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "piece", ["no siento ", "я не чувствую ", "痛", "اب ", "é", "a,b;", "а,", "हाँ "]
)
def test_the_time_grows_no_faster_than_the_text(piece: str) -> None:
    def seconds(length: int) -> float:
        text = (piece * length)[:length]
        start = time.process_time()
        read_other_language(text, language_of(text))
        return time.process_time() - start

    seconds(2_000)
    short, long = (min(seconds(n) for _ in range(3)) for n in (2_000, 8_000))
    assert long < max(0.1, 8 * short)
