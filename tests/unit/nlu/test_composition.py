"""Findings that are put together from parts within a clause."""

from __future__ import annotations

import pytest

from backline.nlu.composition import stand_apart, stand_together
from backline.nlu.lexicon import COMPOSED, read_yaml
from tests.understanding.labels import understander


def held(text: str) -> set[str]:
    return {
        str(f.value)
        for f in understander().read(text)
        if f.holds and f.kind in ("emergency_sign", "health_condition")
    }


@pytest.mark.parametrize(
    ("code", "like"),
    [(item["code"], item["like"]) for item in read_yaml(COMPOSED)["findings"]],
)
def test_each_rule_reads_its_example(code: str, like: str) -> None:
    composed = {
        f.value for f in understander().read(like) if f.holds and f.source == f"{COMPOSED}:{code}"
    }
    assert code in composed or code in held(like)


@pytest.mark.parametrize("item", read_yaml(COMPOSED)["findings"], ids=lambda item: item["like"])
def test_every_rule_has_at_least_two_parts(item: dict[str, list[str]]) -> None:
    assert len(item["parts"]) >= 2


@pytest.mark.parametrize(
    "text",
    [
        "my feet, both of them, have no feeling",
        "I have no feeling in my bottom and my legs",
        "there is hardly any sensation left in either foot",
        "legs: can't feel them properly. Feet are numb",
    ],
)
def test_parts_of_one_clause_stand_together(text: str) -> None:
    assert "both_legs" in held(text)


@pytest.mark.parametrize(
    "text",
    [
        "my hand is numb. My legs are fine",
        "my fingers went numb in the snow but my legs were good",
        "the tripod has three legs and my mind is numb from it",
        "we walked ten feet without a word, numb with cold",
        "no feeling of dread, and legs as strong as ever",
    ],
)
def test_parts_of_different_clauses_make_nothing(text: str) -> None:
    assert "both_legs" not in held(text)


def test_a_denied_composition_is_set_aside() -> None:
    text = "I don't have any numbness in both feet"
    assert "both_legs" not in held(text)


def test_words_that_overlap_in_part_do_not_stand_together() -> None:
    assert not stand_together(" both legs numb ", (1, 10), (6, 15))


def test_a_part_within_another_stands_with_it() -> None:
    assert stand_together(" cannot make my legs move ", (1, 25), (13, 20))


def test_more_than_six_words_part_what_stands_around_them() -> None:
    line = " legs one two three four five six seven numb "
    assert not stand_together(line, (1, 5), (line.index("numb"), len(line) - 1))


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("bladder_change", "The cushion was wet when I stood up. I hadn't felt a thing."),
        ("bowel_change", "Dirtied my underpants in the queue. I never noticed."),
        ("self_harm", "I have given my books away. I wrote the goodbyes on Sunday."),
        ("other_emergency", "I am 33 weeks pregnant. My head is pounding, and I see stars."),
        ("sepsis", "She is burning up. She doesn't know what day it is."),
    ],
)
def test_what_is_told_shyly_over_two_sentences_is_put_together(code: str, text: str) -> None:
    assert code in held(text)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("bladder_change", "The towel was wet from the pool. I didn't notice."),
        ("other_emergency", "I'm 33 weeks pregnant. No headache, no stars before my eyes."),
        ("sepsis", "No fever. I am confused by the form."),
        ("self_harm", "I gave my notice at work and wrote a letter to the bank."),
        ("serious_accident", "The film hit me like a train. My car is at the garage."),
        ("overdose", "I took the whole family to the beach this morning."),
    ],
)
def test_ordinary_talk_over_two_sentences_makes_nothing(code: str, text: str) -> None:
    assert code not in held(text)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("saddle_numbness", "my backside feels like it's been to the dentist"),
        ("saddle_numbness", "I can't tell warm from cold in the saddle area"),
        ("bladder_change", "urine dey comot, I no dey feel am"),
        ("bladder_change", "the wee just comes, without asking me"),
        ("bowel_change", "I no longer know wind from a motion"),
        ("sexual_numbness", "nothing stirs below the belt since my back went"),
        ("both_legs", "my feet won't obey me any more"),
        ("leg_collapse", "on the kerb both legs turned to string"),
        ("leg_collapse", "leg no fit carry me again"),
        ("chest_pain", "an anvil is lying on my breastbone"),
        ("chest_pain", "his jaw aches and he has gone grey"),
        ("tearing_pain_collapse", "years back they found an aneurysm in my tummy"),
        ("serious_accident", "two lads kicked me in the kidneys on Friday"),
        ("serious_accident", "our minibus overturned near the bridge"),
        ("overdose", "grandad swallowed the entire strip by mistake"),
        ("other_emergency", "one half of her face is hanging"),
        ("other_emergency", "my tongue is swelling and I'm itchy all over"),
        ("blood_thinners", "is a massage allowed on warfarin?"),
        ("urinary_signs", "there was blood in my urine on Monday, gone now"),
        ("diabetes_neuropathy", "sugar patient since long, and soles burning"),
        ("skin_problem", "the mole on my back has changed"),
    ],
)
def test_each_kind_is_read_in_other_words(code: str, text: str) -> None:
    assert code in held(text)


def test_parts_apart_have_at_most_one_end_of_a_sentence_between() -> None:
    line = " wet pad . so it goes . never felt it "
    assert not stand_apart(line, (1, 8), (23, 37))
    assert stand_apart(line, (1, 8), (11, 19))


def test_parts_far_apart_make_nothing() -> None:
    line = " wet " + "word " * 19 + "unfelt "
    assert not stand_apart(line, (1, 4), (line.index("unfelt"), len(line) - 1))
    line = " wet " + "w" * 160 + " unfelt "
    assert not stand_apart(line, (1, 4), (line.index("unfelt"), len(line) - 1))
