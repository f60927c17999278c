"""What people ask and say after they were told to call an ambulance."""

from __future__ import annotations

from pathlib import Path

import pytest

from backline.nlu.components.emergency_talk import (
    affirms_plainly,
    denies_plainly,
    is_unlimited,
    says_mainly,
    says_plainly,
    topic_of,
)
from backline.nlu.lexicon import read_yaml
from backline.yaml_text import read_words

DOMAIN = Path(__file__).parents[3] / "domain.yml"

TOPICS = [
    ("surely that keeps until I knock off at five", "cannot_wait"),
    ("could I see how I go overnight and ring in the morning", "cannot_wait"),
    ("how long before it does damage", "cannot_wait"),
    ("what am I meant to do while they are coming", "waiting"),
    ("is it ok to have a cup of tea", "waiting"),
    ("should I swallow another panadol", "waiting"),
    ("what do I tell the operator", "how_to_call"),
    ("how do I ring them from a mobile", "how_to_call"),
    ("alright, ringing them. what do I even say to them", "how_to_call"),
    ("the ambos have just pulled up outside", "called"),
    ("car keys are in her hand", "called"),
    ("I never said it was tearing", "mistake_maybe"),
    ("I said my bladder was NORMAL", "mistake_maybe"),
    ("can I change my answer", "mistake_maybe"),
    ("please take that answer back", "mistake_maybe"),
    ("you misread what I wrote", "mistake"),
    ("nothing has changed down there", "mistake_maybe"),
    ("which hospital do I go to", "hospital"),
    ("can't I come to your clinic instead", "hospital"),
    ("I would rather see my GP", "hospital"),
    ("my sister could drive me in", "transport"),
    ("is a taxi alright", "transport"),
    ("I am on holiday in Bali", "abroad"),
    ("my phone has no credit left", "no_phone"),
    ("I am deaf and cannot speak on the phone", "no_phone"),
    ("I'm really frightened", "afraid"),
    ("I feel daft, I would be wasting their time", "embarrassed"),
    ("it has eased off a lot, feels better", "better"),
    ("an ambulance is too expensive for me", "money"),
    ("could you call them for me", "somebody_else"),
    ("fit me in for a massage on Thursday", "booking"),
    ("no way, I am not going to any hospital", "refuse"),
    ("am I going to be paralysed", "outlook"),
    ("you're a bot, how do you know", "who_says"),
    ("put me through to a person", "person"),
    ("I've rung them, they are on their way", "called"),
    ("start again from the beginning", "restart"),
    ("it says that number is not recognised", "no_such_number"),
    ("999 will not connect here", "no_such_number"),
    ("which number is right in our country?", "no_such_number"),
    ("what is this 1800 number", "no_such_number"),
    ("we have left now, my son is driving", "on_the_way"),
    ("cheers, heading off", "on_the_way"),
    ("my neighbour is taking me there", "on_the_way"),
    ("could my neighbour drive me", "transport"),
    ("I will go tomorrow, thanks", "cannot_wait"),
    ("two tablets and I come on Monday?", "painkiller_first"),
    ("should I have paracetamol while I wait for the ambulance", "waiting"),
    ("is there no human here?", "person"),
    ("are you human or a bot", "who_says"),
    ("many thanks", "thanked"),
]


@pytest.mark.parametrize(("text", "topic"), TOPICS)
def test_a_question_has_its_topic(text: str, topic: str) -> None:
    assert topic_of(text) == topic


SEEN = [
    "the paramedics have been and checked me over",
    "I was seen at the hospital, they let me go home",
    "just back from A&E",
    "a doctor examined me an hour ago",
    "I got discharged this morning",
    "they did a scan at the emergency department and sent me home",
]
NOT_SEEN = [
    "nobody has seen me yet",
    "I have not been checked by anyone",
    "I will be seen on Monday",
    "could a doctor look at me at yours",
    "I was seen by my GP three weeks ago",
    "my doctor checked me last year",
    "when I get seen will they operate",
    "the ambulance is on its way",
    "should I be seen by a doctor",
    "I am waiting to be examined",
    "my doctor says it is only sciatica",
    "the ambulance said an hour",
    "I went to A&E but the queue was round the block",
    "an ambulance is too expensive",
    "I was at home and checked my pulse",
    "let us go on with it please",
    "the boss let me go home early",
    "I dreamt the doctor saw me",
    "have I been seen by a doctor",
    "I wish a doctor had examined me",
    "I was examined by my physio",
    "they sent me home from the office",
    "my husband was seen by a doctor",
    "I was seen by a doctor in March",
]


PERHAPS_SEEN = [
    "went to hospital, the doc had a look",
    "they operated on me, the surgeon was nice",
    "had an MRI and it was all clear",
    "the surgeon looked at my cousin",
]


@pytest.mark.parametrize("text", PERHAPS_SEEN)
def test_who_may_have_been_seen_is_asked(text: str) -> None:
    assert topic_of(text) == "seen_maybe"


@pytest.mark.parametrize("text", SEEN)
def test_who_was_seen_says_so(text: str) -> None:
    assert topic_of(text) == "seen"


@pytest.mark.parametrize("text", NOT_SEEN)
def test_who_was_not_seen_yet_is_not_taken_for_it(text: str) -> None:
    assert topic_of(text) != "seen"


@pytest.mark.parametrize(
    "text",
    [
        "I tapped the wrong line",
        "that was an accident, I misread it",
        "only kidding",
        "I was joking",
        "I made it up",
        "false alarm, so sorry",
        "it turned out a false alarm",
        "sorry, what I said was wrong",
    ],
)
def test_a_mistake_is_heard(text: str) -> None:
    assert topic_of(text) == "mistake"


@pytest.mark.parametrize(
    "text",
    [
        "do you know any jokes",
        "this is no joke",
        "your service is a joke",
        "tell me something funny, a joke",
        "forget about it",
        "my mistake was to lift the sofa",
        "I do hope it's a false alarm",
        "is this a false alarm?",
        "this is no false alarm",
        "last time was a false alarm",
        "what if it was a mistake",
        "it was a mistake to write to you",
        "sorry, the mistake was not calling you sooner",
    ],
)
def test_what_claims_no_mistake_is_none(text: str) -> None:
    assert topic_of(text) != "mistake"


@pytest.mark.parametrize(
    "text",
    [
        *("no", "Nope.", "no, none of them", "no I don't", "No, I do not have any of that"),
        *(
            "no I have none of it",
            "I have none of these",
            "no none of that",
            "no nothing like that",
            "No, dear. I have said no.",
            "no, as I said",
            "no. as I said. a joke",
            "No, I'm sure",
        ),
    ],
)
def test_a_plain_no_is_one(text: str) -> None:
    assert denies_plainly(text)


@pytest.mark.parametrize(
    "text",
    [
        "no, it is just the same",
        "as I said",
        "I'm sure",
        "no but it comes and goes",
        "nope only a bit numb",
        "not any more",
        "no way I am ringing anybody",
        "no, since last night only",
        "no signal here",
        "no I have none of that but my legs are weak",
        "nothing like that pain before",
        "I have none of my tablets left",
        "no idea",
    ],
)
def test_a_no_that_says_more_is_none(text: str) -> None:
    assert not denies_plainly(text)


@pytest.mark.parametrize(("text", "plain"), [("yes", True), ("yes they did", True), ("k", False)])
def test_a_plain_yes_is_one(text: str, plain: bool) -> None:
    assert affirms_plainly(text) is plain


@pytest.mark.parametrize(
    "text",
    [
        "now I would like to ask about my husband",
        "new patient please",
        "this time it is for my daughter",
    ],
)
def test_another_patient_is_heard(text: str) -> None:
    assert topic_of(text) == "new_patient"


@pytest.mark.parametrize(
    "text",
    [
        "my mum also has a bad back",
        "I am a new patient at yours",
        "can other people in the waiting room hear me",
        "can my wife drive me",
        "should I tell my husband",
        "my son is with me now, what do I do",
    ],
)
def test_a_relative_who_helps_is_no_other_patient(text: str) -> None:
    assert topic_of(text) != "new_patient"


def test_every_topic_has_its_answer() -> None:
    responses = read_words(DOMAIN)["responses"]
    changes = {"seen", "new_patient", "another_person", "not_safe", "mistake_maybe"}
    for item in read_yaml("emergency_talk.yml")["topics"]:
        topic = item["topic"]
        named = f"utter_emergency_{topic}" in responses
        assert named or topic in changes, topic


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("The doctor has just examined him, they do an MRI tonight. Will he be ok?", "seen"),
        ("the doctor is with her now", "seen"),
        ("they took her straight in for bloods", "seen_maybe"),
        ("we are at the hospital", "seen_maybe"),
    ],
)
def test_who_is_with_a_doctor_is_heard_beside_a_question_too(text: str, topic: str) -> None:
    assert topic_of(text) == topic


@pytest.mark.parametrize("text", ["no thanks", "no, not today", "not really", "yes just today"])
def test_a_yes_or_no_with_a_loose_word_is_no_plain_one(text: str) -> None:
    assert says_plainly(text) is None


@pytest.mark.parametrize(("text", "said"), [("No", "no"), ("no, I am not", "no"), ("yes", "yes")])
def test_a_plain_yes_or_no_is_told(text: str, said: str) -> None:
    assert says_plainly(text) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("yes mri was done last year, they told only mild disc bulge", "yes"),
        ("yep, my GP found a slipped disc", "yes"),
        ("yes but they found nothing", None),
        ("yes, I am waiting for the scan", None),
        ("the doctor said yes", None),
    ],
)
def test_a_yes_with_words_behind_it_is_one_where_none_contradicts(
    text: str, said: str | None
) -> None:
    assert says_mainly(text) == said


@pytest.mark.parametrize("text", ["I have NOT passed out", "No. I haven't passed out."])
def test_a_denial_without_a_limit_is_clear(text: str) -> None:
    assert is_unlimited(text)


@pytest.mark.parametrize("text", ["not when I sit still", "not today", "no, only a bit"])
def test_a_denial_with_a_limit_is_not(text: str) -> None:
    assert not is_unlimited(text)
