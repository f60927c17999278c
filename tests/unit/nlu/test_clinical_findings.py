"""What patients say, and which signs and conditions it means, or does not mean."""

from __future__ import annotations

import datetime as dt
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backline.facts import Finding
from backline.nlu import Understander

READER = Understander(lambda: dt.date(2026, 11, 23))


def held(text: str) -> set[str]:
    return {str(f.value) for f in READER.read(text) if f.holds and _clinical(f)}


def emergencies(text: str) -> set[str]:
    return {str(f.value) for f in READER.read(text) if f.holds and f.kind == "emergency_sign"}


def _clinical(finding: Finding) -> bool:
    return finding.kind in ("emergency_sign", "health_condition")


EMERGENCIES = [
    ("saddle_numbness", "I can't feel it when I wipe"),
    ("saddle_numbness", "my bum has gone numb"),
    ("saddle_numbness", "numbness between my legs"),
    ("saddle_numbness", "no feeling in my private parts"),
    ("saddle_numbness", "lost all sensation around my groin"),
    ("saddle_numbness", "everything down there feels dead"),
    ("saddle_numbness", "tingling round my back passage and numb in the saddle area"),
    ("saddle_numbness", "cant feel my bits when i go to the loo, numb genitals"),
    ("bladder_change", "I can't pee"),
    ("bladder_change", "haven't been able to pee since last night"),
    ("bladder_change", "I wet myself twice this week"),
    ("bladder_change", "I keep leaking urine"),
    ("bladder_change", "I can't tell when my bladder is full"),
    ("bladder_change", "struggling to pass water"),
    ("bladder_change", "lost control of my bladder"),
    ("bladder_change", "I've become incontinent"),
    ("bladder_change", "having trouble weeing"),
    ("bladder_change", "wee just dribbles out"),
    ("bladder_change", "he can't go for a wee"),
    ("bowel_change", "I pooed myself"),
    ("bowel_change", "can't control my bowels"),
    ("bowel_change", "lost control of my bowels"),
    ("bowel_change", "I soiled myself yesterday"),
    ("bowel_change", "can't hold my poo in"),
    ("sexual_numbness", "can't feel anything during sex"),
    ("sexual_numbness", "haven't had an erection since this started"),
    ("chest_pain", "I am out of breath just sitting here"),
    ("chest_pain", "can't finish a sentence, out of breath"),
    ("both_legs", "pain down both legs"),
    ("both_legs", "both my legs are tingling"),
    ("both_legs", "my legs are numb"),
    ("both_legs", "it started in the right leg and now the left leg too"),
    ("both_legs", "weakness in both legs"),
    ("both_legs", "sciatica in both legs"),
    ("both_legs", "pins and needles in my feet and both legs feel heavy"),
    ("leg_collapse", "my legs keep giving way"),
    ("leg_collapse", "I can't walk"),
    ("leg_collapse", "can hardly walk"),
    ("leg_collapse", "legs like jelly"),
    ("leg_collapse", "my knees buckled under me"),
    ("leg_collapse", "could barely walk this morning"),
    ("chest_pain", "I've got chest pain"),
    ("chest_pain", "my chest feels tight"),
    ("chest_pain", "I'm short of breath"),
    ("chest_pain", "can't catch my breath"),
    ("chest_pain", "heavy feeling in my chest and down my left arm"),
    ("tearing_pain_collapse", "sudden tearing pain between my shoulder blades"),
    ("tearing_pain_collapse", "ripping pain in my back"),
    ("serious_accident", "I was in a car crash yesterday"),
    ("serious_accident", "fell off a ladder"),
    ("serious_accident", "got hit by a bus"),
    ("serious_accident", "came off my horse on Sunday"),
    ("serious_accident", "rear-ended at the lights last week"),
    ("fainting", "I passed out"),
    ("fainting", "I keep blacking out"),
    ("fainting", "fainted in the shower"),
    ("sepsis", "I have a fever and feel really confused"),
    ("sepsis", "fever and shivering uncontrollably"),
    ("sepsis", "high temp, shaking and I feel confused"),
    ("leg_collapse", "legs went from under me in the supermarket"),
    ("both_legs", "my feet are numb, both of them"),
    ("serious_accident", "got knocked off my bike by a car on friday"),
    ("self_harm", "there's no point any more"),
    ("fainting", "dad is 70, he collapsed this morning and his back hurts"),
    ("sepsis", "I've got a temperature and it burns when I pee"),
    ("self_harm", "I want to die"),
    ("self_harm", "I'd be better off dead"),
    ("self_harm", "thinking about killing myself"),
    ("self_harm", "I can't see the point in living"),
    ("self_harm", "don't want to be here anymore"),
]


@pytest.mark.parametrize(("code", "text"), EMERGENCIES)
def test_an_emergency_sign_is_found(code: str, text: str) -> None:
    assert code in emergencies(text)


@pytest.mark.parametrize(("code", "text"), EMERGENCIES)
def test_an_emergency_sign_is_found_in_lower_case_without_apostrophes(code: str, text: str) -> None:
    assert code in emergencies("hi um " + text.lower().replace("'", "") + " and the back is sore")


@pytest.mark.parametrize(
    "text",
    [
        "I don't have chest pain",
        "no chest pain",
        "no chest pain or shortness of breath",
        "no numbness down there",
        "no trouble peeing",
        "I can pee fine",
        "bladder and bowels are fine",
        "bowel and bladder normal",
        "no loss of bladder or bowel control",
        "haven't lost control of my bladder",
        "no problems with my bladder",
        "no weakness in my legs",
        "my legs are fine",
        "no pins and needles in both legs",
        "I haven't passed out",
        "never fainted",
        "I had a car accident ten years ago",
        "car crash in 2015",
        "my husband has chest pain",
        "my mum can't walk",
        "what if I get chest pain?",
        "if I get numbness between my legs should I call?",
        "should I worry about bladder problems? worried about losing control of my bladder",
        "my back is killing me",
        "this pain is killing me",
        "dying to get back to the gym",
        "my bum hurts when I sit",
        "pain in my left buttock",
        "pain in my lower back and bottom",
        "my back hurts when I walk",
        "walking hurts",
        "I can't walk the dog",
        "I sit all day, the car journey is a pain",
        "my car broke down",
        "I ride a bike to work",
        "lifting weights works my chest",
        "I threw my back out",
        "no accidents or falls",
        "I have not had any accidents",
        "I can feel my legs",
        "right leg pain",
        "my knee gives me pain",
        "I faint at the sight of prices",
        "the pain is worse when I stand up",
        "none of these",
        "no to all",
    ],
)
def test_no_alarm(text: str) -> None:
    assert emergencies(text) - {"fainting" if "prices" in text else ""} == set()


CONDITIONS = [
    ("abdominal_pain", "I was heaving up"),
    ("abdominal_pain", "there is a stabbing by my belly button"),
    ("foot_drop", "the physio calls it a dropped foot"),
    ("weak_immunity", "I used IV drugs for a while"),
    ("weak_immunity", "my CD4 count is low"),
    ("night_pain", "at 3am it wakes me"),
    ("known_spine_disease", "L4/5 is bulging"),
    ("recent_spinal_procedure", "they put a needle in round L5 last week"),
    ("fever", "I've had a fever since Tuesday"),
    ("fever", "night sweats"),
    ("weight_loss", "I've lost a stone without trying"),
    ("weight_loss", "lost 10 kilos and don't know why"),
    ("cancer_history", "had breast cancer in 2010"),
    ("cancer_history", "prostate cancer, finished chemo last year"),
    ("weak_immunity", "I'm on methotrexate"),
    ("weak_immunity", "I inject heroin"),
    ("foot_drop", "my foot drags"),
    ("foot_drop", "my left leg is weak"),
    ("foot_drop", "can't lift my toes"),
    ("lump_or_deformity", "there's a lump on my spine"),
    ("night_pain", "the pain wakes me at night"),
    ("steroids", "I take prednisolone"),
    ("osteoporosis", "I've got osteoporosis"),
    ("osteoporosis", "on alendronate for my bones"),
    ("blood_clot", "my calf is swollen and hot"),
    ("urinary_signs", "it burns when I pee"),
    ("urinary_signs", "I get kidney stones"),
    ("bleeding", "there's blood in my urine"),
    ("abdominal_pain", "my stomach hurts too"),
    ("abdominal_pain", "I've been vomiting"),
    ("balance_or_arms", "my hands are numb and clumsy"),
    ("balance_or_arms", "I've been off balance"),
    ("recent_spinal_procedure", "had an epidural injection two weeks ago and it's worse"),
    ("blood_thinners", "I'm on warfarin"),
    ("blood_thinners", "taking Eliquis"),
    ("blood_thinners", "I'm on blood thinners"),
    ("pregnancy", "I'm 20 weeks pregnant"),
    ("recent_surgery", "had surgery last month"),
    ("heart_or_stroke", "I had a stroke"),
    ("heart_or_stroke", "high blood pressure"),
    ("skin_problem", "there's a rash on my back"),
    ("skin_problem", "I've got shingles"),
    ("inflammatory", "stiff every morning for an hour"),
    ("known_spine_disease", "slipped disc last year"),
    ("known_spine_disease", "I have ankylosing spondylitis"),
    ("known_spine_disease", "compression fracture of my spine"),
    ("rash_or_unwell", "all my joints ache"),
    ("epilepsy", "I have epilepsy"),
    ("diabetes_neuropathy", "type 2 diabetic"),
    ("other_symptom", "terrible headaches as well"),
]


@pytest.mark.parametrize(("code", "text"), CONDITIONS)
def test_a_condition_is_found(code: str, text: str) -> None:
    assert code in held(text)


@pytest.mark.parametrize(
    "text",
    [
        "no fever",
        "no fever or chills",
        "I don't have cancer",
        "never had cancer",
        "no weight loss",
        "no blood thinners",
        "I'm not pregnant",
        "not on steroids",
        "my mum had cancer",
        "my dad takes warfarin",
        "my sister is pregnant",
        "could it be cancer?",
        "I'm a cancer, star sign wise",
        "doing a cancer research run",
        "sore back",
        "my back is sore and stiff",
        "it's a niggle",
        "I work at a GP surgery",
        "nothing on that list",
        "I need to lose weight",
        "hurts to sit",
    ],
)
def test_no_condition(text: str) -> None:
    assert held(text) == set()


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("no numbness, no fever but my leg is weak", {"foot_drop"}),
        ("no fever or chills, just can't pee", {"bladder_change"}),
        ("no cancer. I do take warfarin", {"blood_thinners"}),
        ("not pregnant but I am on steroids", {"steroids"}),
        ("my mum had cancer and I have a fever", {"fever"}),
        ("asking for my dad, he's on warfarin", {"blood_thinners"}),
        ("my wife is pregnant and her back hurts", {"pregnancy"}),
        ("the fever one and I'm on thinners", {"fever", "blood_thinners"}),
    ],
)
def test_a_scope_stops_where_it_should(text: str, codes: set[str]) -> None:
    assert held(text) == codes


@pytest.mark.parametrize("text", ["siatica", "numness in my groin", "on warfrin", "incontinance"])
def test_a_typing_error_is_read_as_what_was_meant(text: str) -> None:
    assert [f for f in READER.read(text) if f.kind not in ("number", "answer")]


@given(st.text(max_size=300))
@settings(max_examples=300)
def test_no_text_breaks_the_reader(text: str) -> None:
    for finding in READER.read(text):
        assert 0 <= finding.start <= finding.end <= len(text)


def test_reading_takes_time_in_proportion_to_the_length_of_a_text() -> None:
    """Ten times the text takes about ten times as long; a hundred times would be quadratic."""
    text = "my back hurts and no numbness since 3 weeks 4 out of 10, can't really feel " * 130

    def seconds(length: int) -> float:
        begun = time.process_time()
        READER.read(text[:length])
        return time.process_time() - begun

    # In turns, since a machine with other work to do is slower at one moment than at another.
    rounds = [(seconds(1_000), seconds(10_000)) for _ in range(5)]
    short, long = (min(times) for times in zip(*rounds, strict=True))
    assert long < 30 * short


@given(
    st.sampled_from(EMERGENCIES), st.sampled_from(["it's raining today.", "I work in an office."])
)
def test_an_unrelated_sentence_changes_nothing(sign: tuple[str, str], other: str) -> None:
    code, text = sign
    assert code in emergencies(f"{other} {text}")
    assert code in emergencies(f"{text}. {other}")


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("I'm 36", 36),
        ("72 and tripped over the dog", 72),
        ("asking for my dad, he's 81", 81),
        ("my daughter is 12 and her back hurts", 12),
        ("born in 1980", 46),
    ],
)
def test_an_age_is_read(text: str, years: int) -> None:
    assert years in [f.value for f in READER.read(text) if f.kind == "age"]


@pytest.mark.parametrize("text", ["ten years of back ache", "two-year-old problem", "10 years on"])
def test_what_is_no_age(text: str) -> None:
    assert not [f for f in READER.read(text) if f.kind == "age"]


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("a fortnight", 14),
        ("6-8 weeks", 56),
        ("a week and a half", 10.5),
        ("since last tuesday", 6),
        ("going on three years", 1095),
        ("3wks", 21),
        ("this morning", 1),
        ("I had a fall ten years ago but that healed; back sore for two weeks", 14),
    ],
)
def test_a_duration_is_read_in_days(text: str, days: float) -> None:
    assert [f.value for f in READER.read(text) if f.kind == "duration"] == [days]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7/10", 7),
        ("seven out of ten", 7),
        ("for out of ten", 4),
        ("it hurts between 4 and 5", 5),
        ("usually 3, 8 on bad days", 3),
        ("my back hurts, about a 4", 4),
        ("it's killing me", 10),
        ("can't get out of bed", 8),
        ("not too bad", 2),
    ],
)
def test_a_severity_is_read(text: str, value: int) -> None:
    assert max(f.value for f in READER.read(text) if f.kind == "severity") == value


@pytest.mark.parametrize(
    "text", ["L5 disc", "I take 20 mg", "I have 3 kids", "call 0412 345 678", "in 2019", "3 weeks"]
)
def test_what_is_no_severity(text: str) -> None:
    assert not [f for f in READER.read(text) if f.kind == "severity"]


@pytest.mark.parametrize(
    "text",
    [
        "no\nI have chest pain",
        "no fever, no\nmy legs are suddenly paralysed",
        "I wonder if\nI have chest pain and cannot breathe",
        "not that I know\n\nmy legs are suddenly paralysed",
        "no my legs are suddenly paralysed",
    ],
)
def test_a_denial_does_not_reach_over_the_end_of_its_line(text: str) -> None:
    assert any(f.kind == "emergency_sign" and f.holds for f in READER.read(text))
