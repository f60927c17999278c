"""How somebody feels is met in half a sentence."""

from __future__ import annotations

import pytest

from backline.nlu.components.feelings import FILE, feeling_in
from backline.nlu.lexicon import read_yaml
from backline.yaml_text import read_words
from tests.conftest import PROJECT

TOLD = {
    "fear": [
        "I'm really scared it might be something bad",
        "to be honest i am worried",
        "its a bit worrying me now",
        "been worried sick about it",
    ],
    "exhaustion": [
        "I haven't slept in five days",
        "im absolutely shattered",
        "i am at the end of my tether",
        "cant take this any more",
    ],
    "anger": [
        "I am so fed up with this back",
        "sick of it",
        "this is driving me mad",
        "i'm getting really frustrated",
        "so annoyed, third time this year",
    ],
    "grief": ["my husband died in March", "we lost my mum", "it began at the funeral"],
    "embarrassment": ["this is embarrassing to say", "i feel really silly asking"],
    "agony": ["I'm in agony", "it is excruciating", "im in tears with it", "so much pain"],
}
NONE = [
    "my back hurts when I bend",
    "not worried, just want a massage",
    "don't worry about that",
    "it isn't unbearable",
    "three weeks",
    "i sleep fine",
    "I'm not afraid of needles",
]


@pytest.mark.parametrize(("feeling", "text"), [(f, t) for f, ts in TOLD.items() for t in ts])
def test_a_feeling_is_heard(feeling: str, text: str) -> None:
    assert feeling_in(text) == feeling


@pytest.mark.parametrize("text", NONE)
def test_who_tells_none_is_not_pitied(text: str) -> None:
    assert feeling_in(text) is None


def test_every_feeling_has_its_words() -> None:
    responses = read_words(PROJECT / "domain.yml")["responses"]
    told = {f"utter_feeling_{item['topic']}" for item in read_yaml(FILE)["topics"]}
    assert told <= responses.keys()
