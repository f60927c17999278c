"""Words that were taken for another thing than they tell: of whom, of which noun, of which time."""

from __future__ import annotations

import datetime as dt

import pytest

from backline.nlu import Understander
from backline.nlu.second_reading.suspecting import Suspector

TODAY = dt.date(2026, 11, 29)
READER = Understander(lambda: TODAY)


def each(texts: str) -> list[str]:
    return texts.strip().splitlines()


def held(text: str, kind: str) -> set[object]:
    return {f.value for f in READER.read(text) if f.kind == kind and f.holds}


def statuses(text: str, kind: str, value: object) -> set[str]:
    """How one thing stands in a message, each way once."""
    found = READER.read(text)
    return {f.status.value for f in found if (f.kind, f.value) == (kind, value)}


NO_DIABETES = """
borderline sugar
prediabetes
prediabetic
I am pre-diabetic
HbA1c was 5.9, doctor told not diabetes
my sugar is borderline
borderline diabetes
border line diabetic
at risk of diabetes they said
sugar a little high but not diabetic
no diabetes, just borderline
"""
MEANINGS = """
No. I take only ketonal sometimes. What is blood thinner?
what is blood thinner
blood thinner what is that
what is it, blood thinner?
What is a spasm?
what are steroids
steroids? what are they
whats osteoporosis
what exactly is a blood clot
what is pacemaker please
what means epilepsy
So the hernia is illness or not? It was in 2019
is hernia an illness?
does a hernia count
"""
SCOTS = """
nae illness nae tablets nae fever nae cancer nothin
I hivnae any fever
it isnae numb doon there
he hasnae got cancer
I dinnae have epilepsy
it wasnae a fall
ma belly isnae sore
"""
TIRED_LEGS = """
gets up ... legs are feeling heavy after long day of sitting but goes when i walk since 2 years
legs heavy after standing all day, years now
tired legs after work, goes when I walk
my legs feel heavy after sitting but it goes when I walk
"""
MASSAGE_ASKED = """
pls suggest what massage is good
which massage is good for back
what kind of massage helps
what is the best massage, which one works
"""
KNOTS_OUT = """
work the knots out
can you get the knots out
I want somebody to rub those knots out
"""
NOUNS = """
slight disc bulge
disc bulge is slight
the pain comes from a slight disc bulge
pain, and they said severe stenosis
a mild scoliosis and pain
slight curve in my spine and the pain is there
"""
WELL_THERE = """
feel everything when he wash
I feel everything down there when I wash
I can feel it when I wipe
feeling is normal down there
"""


@pytest.mark.parametrize("text", each(NO_DIABETES))
def test_what_may_become_a_diabetes_is_none(text: str) -> None:
    assert "diabetes_neuropathy" not in held(text, "health_condition")


@pytest.mark.parametrize("text", ["diabetes", "type 2 diabetes", "sugar 300, diabetic"])
def test_a_diabetes_stays_one(text: str) -> None:
    assert "diabetes_neuropathy" in held(text, "health_condition")


@pytest.mark.parametrize("text", each(MEANINGS))
def test_asking_what_a_term_is_tells_nothing(text: str) -> None:
    assert held(text, "health_condition") | held(text, "spasm") == set()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("I take warfarin", "blood_thinners"),
        ("I'm on apixaban. What is a good massage?", "blood_thinners"),
        ("there is a lump on my back, what is that", "lump_or_deformity"),
    ],
)
def test_who_asks_something_else_tells_it_all_the_same(text: str, code: str) -> None:
    assert code in held(text, "health_condition")


@pytest.mark.parametrize("text", each(SCOTS))
def test_scots_denials_deny(text: str) -> None:
    codes = held(text, "health_condition") | held(text, "emergency_sign") | held(text, "injury")
    assert codes == set()


@pytest.mark.parametrize(
    "text", ["I cannae pee", "nae pee since yesterday", "I cannae feel ma bum"]
)
def test_scots_signs_are_signs(text: str) -> None:
    assert held(text, "emergency_sign")


def test_a_turn_on_standing_up_is_no_faint_and_no_twist() -> None:
    text = "a bit of a funny turn when I stood up Sunday with the pain ... right as rain"
    found = READER.read(text)
    assert not any(f.kind in ("emergency_sign", "injury") and f.holds for f in found)
    (suspicion,) = Suspector(None, None, 0.9).suspect(text, found, TODAY)
    assert suspicion.value["code"] == "fainting"


@pytest.mark.parametrize("text", ["I had a funny turn", "had a funny turn and fell on the floor"])
def test_a_turn_told_without_more_is_a_faint(text: str) -> None:
    assert "fainting" in held(text, "emergency_sign")


@pytest.mark.parametrize(
    "text",
    [
        "a little lump taken out nine years ago",
        "had a lump taken out of my breast nine years ago",
        "they cut a growth out years ago",
    ],
)
def test_a_lump_that_was_taken_out_is_asked_about(text: str) -> None:
    (suspicion,) = Suspector(None, None, 0.9).suspect(text, READER.read(text), TODAY)
    assert suspicion.value["code"] == "cancer_history"


def test_an_age_is_no_length_of_time() -> None:
    text = "I do get up once in the night to spend a penny, but I have done that for twenty years"
    assert held(text, "age") == set()


@pytest.mark.parametrize("text", ["28. no 29 forgot my bday", "28, sorry 29", "28 no wait 29"])
def test_a_number_put_right_is_the_later_one(text: str) -> None:
    assert held(text, "age") == set()
    assert held(text, "number") == {29}


@pytest.mark.parametrize("text", ["for 63", "I'm fit at 63, thanks", "Perth, 63, sore back"])
def test_an_age_between_commas_is_one(text: str) -> None:
    assert held(text, "age") | held(text, "number") == {63}


@pytest.mark.parametrize("text", ["she does not smoke po! no high blood", "never smoked"])
def test_who_does_not_smoke_denies_it(text: str) -> None:
    assert statuses(text, "vessel_risk", "smoker") == {"absent"}
    assert "heart_or_stroke" not in held(text, "health_condition")


def test_high_blood_is_a_high_pressure() -> None:
    assert held("I have high blood po", "health_condition") == {"heart_or_stroke"}


@pytest.mark.parametrize("text", ["I have lost no weight", "lost no kilos", "no weight lost"])
def test_no_weight_lost_is_a_denial(text: str) -> None:
    assert held(text, "health_condition") == set()


@pytest.mark.parametrize("text", each(MASSAGE_ASKED))
def test_asking_which_massage_is_good_tells_nothing_of_one(text: str) -> None:
    assert held(text, "massage") | held(text, "effect") == set()


def test_oil_from_the_wife_is_a_massage() -> None:
    assert held("massage none, wife does with oil some Sundays", "massage") == {"had"}


@pytest.mark.parametrize("text", each(KNOTS_OUT))
def test_a_wish_to_have_the_knots_out_is_no_spasm(text: str) -> None:
    assert held(text, "spasm") == set()


@pytest.mark.parametrize("text", each(TIRED_LEGS))
def test_legs_tired_from_the_day_that_walking_mends_are_no_sign(text: str) -> None:
    assert held(text, "emergency_sign") == set()


def test_legs_newly_heavy_are_a_sign() -> None:
    assert "both_legs" in held("both legs are heavy since Monday", "emergency_sign")


@pytest.mark.parametrize("text", each(NOUNS))
def test_a_strength_belongs_to_its_noun(text: str) -> None:
    assert held(text, "severity") == set()


def test_of_two_strengths_the_one_that_is_not_denied_counts() -> None:
    assert held("Pain is not mild, pain is medium", "severity") == {5}


@pytest.mark.parametrize(
    "text", ["not really an injury i just lifted something", "no accident, I lifted a bag"]
)
def test_a_lift_beside_a_denied_injury_is_a_strain(text: str) -> None:
    assert held(text, "injury") == {"lift"}


@pytest.mark.parametrize("text", each(WELL_THERE))
def test_who_feels_all_of_it_denies_numbness(text: str) -> None:
    assert statuses(text, "emergency_sign", "saddle_numbness") == {"absent"}


@pytest.mark.parametrize(
    "text",
    [
        "backside went to sleep from the truck seat",
        "like I'm sat on a cushion",
        "I can't feel it when I wipe",
        "I don't feel everything when I wash",
    ],
)
def test_who_does_not_feel_all_of_it_has_a_sign(text: str) -> None:
    assert "saddle_numbness" in held(text, "emergency_sign")


def test_a_limb_that_was_sat_on_is_a_leg() -> None:
    text = "bit dead like when youve sat on it"
    assert held(text, "leg") == {"one_leg"}
    assert held(text, "emergency_sign") == set()
