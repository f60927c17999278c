"""An illness of long standing that keeps nobody from a massage is a note, and no danger."""

from __future__ import annotations

import pytest

from backline.nlu.rasa_components import read_text

NOTE = "settled_illness"


def conditions(text: str) -> set[str]:
    return {f.value for f in read_text(text) if f.kind == "health_condition" and f.holds}


@pytest.mark.parametrize(
    "text",
    [
        "I have thyroid problems",
        "underactive thyroid, on levothyroxine",
        "asthma",
        "just hay fever",
        "eczema on my elbows",
        "IBS",
        "acid reflux",
        "heartburn now and then",
        "migraines since I was a teenager",
        "high cholesterol, on a statin",
        "type 2 diabetes, well controlled, feet are fine",
        "PCOS",
        "endometriosis for years",
        "anxiety and depression",
        "ADHD",
        "tinnitus",
        "glaucoma",
        "gout in my toe years ago",
        "arthritis in my knees",
        "osteoarthritis of the hands",
        "varicose veins",
        "allergic to penicillin",
        "I'm on the pill",
        "HRT",
        "only a hearing aid",
        "dentures",
        "appendix out 20 years ago",
        "tonsils out as a child",
        "C-section in 2015",
        "broke my wrist 10 years ago",
        "a baby aspirin a day",
        "aspirin 75 mg, that's all",
    ],
)
def test_it_is_a_note(text: str) -> None:
    assert conditions(text) == {NOTE}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("my asthma is worse this week", "other_symptom"),
        ("my migraines are new", "other_symptom"),
        ("thyroid, they are doing tests for a lump", "lump_or_deformity"),
        ("gout attack in my foot now", "other_symptom"),
        ("I have arthritis", "other_symptom"),
        ("rheumatoid arthritis in my hands", "other_symptom"),
        ("my IBS is worse, bleeding too", "bleeding"),
        ("endometriosis with pain right now", "abdominal_pain"),
        ("eczema all over my back", "skin_problem"),
        ("diabetes, my feet are numb", "diabetes_neuropathy"),
        ("type 2 diabetes", "diabetes_neuropathy"),
        ("diabetic, the feet are fine but they tingle", "diabetes_neuropathy"),
        ("asthma, and steroid tablets for it", "steroids"),
        ("aspirin and warfarin", "blood_thinners"),
        ("baby aspirin and a blood thinner", "blood_thinners"),
        ("dizzy spells, and a thyroid", "other_symptom"),
        ("had my appendix out three weeks ago", "recent_surgery"),
        ("fibromyalgia", "other_symptom"),
    ],
)
def test_what_is_more_than_that_stays_what_it_was(text: str, code: str) -> None:
    assert code in conditions(text)


def test_diabetes_whose_feet_are_not_numb_is_no_danger() -> None:
    assert conditions("I am diabetic, no numbness in my feet") == set()


def test_asthma_with_too_little_air_is_an_emergency() -> None:
    found = read_text("asthma and I'm more breathless than usual")
    assert "chest_pain" in {f.value for f in found if f.kind == "emergency_sign" and f.holds}


@pytest.mark.parametrize(
    "text",
    [
        "does baby aspirin count as a blood thinner",
        "I take a low dose aspirin, does that count as a thinner?",
        "is my 75 mg aspirin a blood thinner",
    ],
)
def test_asking_whether_aspirin_is_a_thinner_tells_of_none(text: str) -> None:
    assert "blood_thinners" not in conditions(text)


def test_another_thinner_beside_that_question_is_one() -> None:
    assert "blood_thinners" in conditions("does aspirin count as a thinner? I take warfarin, too")


@pytest.mark.parametrize(
    "text",
    [
        "does a mole count as cancer",
        "I had a suspicious mole removed, does that count as cancer?",
        "a cyst they took out, would that count as cancer",
        "worried it's cancer",
        "my mum had breast cancer, does that count?",
        "had a benign tumour removed",
    ],
)
def test_talk_about_cancer_tells_of_none(text: str) -> None:
    assert "cancer_history" not in conditions(text)


@pytest.mark.parametrize(
    "text", ["I had skin cancer, does that count", "had breast cancer in 2010, does it count?"]
)
def test_cancer_that_somebody_had_counts_beside_that_question(text: str) -> None:
    assert "cancer_history" in conditions(text)
