"""What ends, undoes, deletes or hands over a conversation is a wish in words, and never a guess."""

from __future__ import annotations

import pytest

from backline.facts import Finding
from backline.nlu.components.wishes import guarded, wished
from backline.nlu.intents import asks, settle

ORDINARY = [
    *("my sister wanted me to tell you the whole story of this back", "I told the nurse all of it"),
    *("I would like to start cycling again", "hoping to begin swimming again in spring"),
    *("it began again from nothing", "it starts over every winter", "started again on Friday"),
    *("since the beginning of term", "right from the start", "from the top down to the hip"),
    *("back to square one with this pain", "it is back", "me back", "my back again"),
    *(
        "please take this ache away",
        "can you delete the pain",
        "I want to be rid of this stiffness",
    ),
    *(
        "call it what you like, it aches",
        "call me daft but it clicks",
        "a nurse told me to write here",
    ),
    *("keeps me from driving the van", "I had to leave the party early", "enough to miss bingo"),
    *("it was a week ago now", "about five days ago", "I spoke to somebody about it last year"),
    *("I have to go up the stairs sideways", "I am off work with it", "I am done in by noon"),
    *("that is all I can tell you about the pain, stiff and sore", "answer my question please"),
    *(
        "going back to work on Monday hurts",
        "the one before was worse",
        "I can't go back to running",
    ),
    *("don't delete my data", "did you forget what I said", "I forget when it began"),
    *(
        "end of last month",
        "see a doctor?",
        "take care lifting they said",
        "the last one was milder",
    ),
]
WISHES = {
    "delete_my_data": [
        *(
            "delete",
            "erase please",
            "delete my data",
            "please erase everything I told you",
            "could you wipe this chat?",
        ),
        *(
            "remove me from your database",
            "I want my records deleted",
            "forget me",
            "Hi. Delete all",
        ),
        *("it's about a 6. please delete my answers", "get rid of my details, thanks"),
    ],
    "start_over": [
        *("start over", "can we begin again please", "let's restart", "go back to the beginning"),
        *("I want to start from scratch", "reset everything", "ok, new conversation"),
    ],
    "go_back": [
        *("go back one", "previous question please", "can I change my last answer", "undo that"),
        *("take me back a step", "let me see the question before"),
    ],
    "human_handoff": [
        *(
            "I'd like to speak to a real person",
            "can somebody ring me",
            "put me through to reception",
        ),
        *("let me talk to a nurse about my back", "call me back please", "operator"),
    ],
    "goodbye": ["bye", "see you later, thanks", "ok goodnight", "gotta go", "thanks, bye bye"],
}


@pytest.mark.parametrize("text", ORDINARY)
@pytest.mark.parametrize("guess", sorted(guarded()))
def test_an_ordinary_sentence_is_no_wish_whatever_is_guessed(text: str, guess: str) -> None:
    assert wished(text) is None
    assert settle(text, [(guess, 0.98)], []) in ("nlu_fallback", "thanks")
    assert settle(text, [(guess, 0.98)], [Finding("duration", 7)]) == "inform"


@pytest.mark.parametrize(("intent", "text"), [(i, t) for i, texts in WISHES.items() for t in texts])
def test_a_wish_in_words_is_one_whatever_is_guessed(intent: str, text: str) -> None:
    assert settle(text, [("inform", 0.98)], []) == intent


def test_a_goodbye_beside_an_answer_ends_nothing() -> None:
    assert wished("it is an 8, bye") is None


def test_an_emergency_outranks_a_wish() -> None:
    sign = Finding("emergency_sign", "chest_pain")
    assert settle("chest pain. delete my data", [], [sign]) == "inform"


@pytest.mark.parametrize(
    ("text", "guess"),
    [
        ("my back is useless", "insult"),
        ("this stupid back of mine", "insult"),
        ("I knocked my elbow as well", "out_of_scope"),
        ("is there a slot after tea", "greet"),
        ("mornings are the worst", "greet"),
        ("off you go", "insult"),
        ("if you must", "smalltalk"),
    ],
)
def test_small_talk_needs_its_words_and_no_complaint_about_the_back(text: str, guess: str) -> None:
    assert settle(text, [(guess, 0.95)], []) != guess


@pytest.mark.parametrize(
    ("text", "guess"),
    [
        *(("hello there", "greet"), ("cheers", "thanks"), ("you stupid bot", "insult")),
        *(("my tooth aches", "out_of_scope"), ("lovely weather today", "smalltalk")),
    ],
)
def test_with_its_words_it_is_small_talk(text: str, guess: str) -> None:
    assert settle(text, [(guess, 0.9)], []) == guess


@pytest.mark.parametrize("text", ["how many more?", "what is that for", "will it heal? 6"])
def test_a_question_is_known_as_one(text: str) -> None:
    assert asks(text)


@pytest.mark.parametrize("text", ["thx, bye", "cu later", "end this chat", "that is all thank you"])
def test_a_short_farewell_is_a_goodbye(text: str) -> None:
    assert wished(text) == "goodbye"


@pytest.mark.parametrize("text", ["end of the chat about my back", "bye bye back pain"])
def test_words_of_a_farewell_in_a_complaint_are_none(text: str) -> None:
    assert wished(text) is None


@pytest.mark.parametrize(
    ("intent", "text"),
    [
        ("delete_my_data", "how would I get my answers wiped"),
        ("delete_my_data", "I should like whatever I typed to be erased by you people"),
        ("start_over", "my lad was tapping about, can we do the whole quiz again"),
        ("start_over", "let us begin afresh, I muddled it"),
        ("go_back", "bring me back to the question you had before"),
        ("go_back", "sorry I was miles off, show the last question again"),
        ("human_handoff", "would one of the nurses there be able to phone me"),
        ("human_handoff", "my gran can't see the screen, could somebody talk to her"),
        ("goodbye", "tea is ready so bye for the moment"),
        ("goodbye", "closing this chat here so"),
    ],
)
def test_a_wish_told_freely_counts_where_it_is_guessed_too(intent: str, text: str) -> None:
    assert settle(text, [(intent, 0.8)], []) == intent
    assert settle(text, [(intent, 0.3), ("inform", 0.25)], []) != intent or wished(text) == intent
    assert settle(text, [("ask_cost", 0.9)], []) != intent or wished(text) == intent


@pytest.mark.parametrize(
    "text",
    [
        "bye bye to the garden with this back of mine",
        "my back went again when I had to start the mower from the beginning",
        "spoke to the doctor and he will call me about my spine",
        "it wipes me out, the pain clears by noon and my back is back to the start again",
        "please do not delete my answers",
        "why did you delete my chat",
        "this waist is worthless trash",
        "sore neck, useless doctors",
    ],
)
@pytest.mark.parametrize("guess", sorted(guarded() - {"greet", "thanks"}))
def test_a_complaint_is_no_wish_though_words_of_one_stand_in_it(text: str, guess: str) -> None:
    assert settle(text, [(guess, 0.98)], []) == "nlu_fallback"


def test_words_of_a_farewell_beside_facts_end_nothing() -> None:
    assert settle("six weeks of it now, bye", [("goodbye", 0.98)], [Finding("duration", 42)]) == (
        "inform"
    )
