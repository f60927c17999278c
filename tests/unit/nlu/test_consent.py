"""Whether somebody agrees to go on: yes, no or neither."""

from __future__ import annotations

import datetime as dt

import pytest

from backline.dialogue import Conversation, Understanding, update
from backline.facts import Slot
from backline.nlu import Understander

READER = Understander(lambda: dt.date(2026, 11, 29))


def consent(text: str) -> bool | None:
    return update(Conversation(asked=Slot.CONSENT), Understanding(READER.read(text))).consent


YES = """
yes | yep, go on | sure | ok then | okayyyy | yesss please | righto | aye, carry on | k
kk | y | 👍 | 👍🏾 | away you go | on you go | go right ahead | crack on then | press on
keep going | let's get going | fire at will | ask away | hit me | bring it on
I do not mind, no | no bother, no
get it over with | if you have to | if we must | as you wish | suit yourself
whatever you say | may as well | why ever not? yes | why not? | no worries
no bother at all | no objection | no drama, go ahead | not an issue | I wouldn't mind
I don't care, go on | doesn't bother me | can't hurt | I suppose so | guess so
I reckon so | fine with me | that's all right | sounds like a plan | happy to help
I'm game | ready whenever you are | I agree | you have my permission | by all means
of course | whatever go | yeh whatever go on
please do | hmm, all right then | not sure why, but go on | next question
start | yes but make it quick | oui | ja, gerne | claro que sí | sim
who can see this? fine, carry on | are you a nurse? if not, ok, go ahead | all good here
sure, it has hurt since May | yes. is this free | thanks, go on
can I stop any time? ok yes
okay it has ached since about June | yes I hurt it lifting a crate | yees please | nah yeah
"""
NO = """
no | nope | no thank you | nah mate | I'd rather not | rather not say
not interested, sorry | not today | not now | I do not consent | I don't agree to that
I don't want my answers stored | please don't save anything | leave me alone
forget about it | no way | certainly not | maybe later | count me out
I don't want to continue | stop | 👎 | no, I don't have time | I won't answer questions
heck no | best not | yeah nah | yea, nah | I do not want my details to be kept
no i dont want that my answers are saved | I decline | yes... actually, no | never mind | go away
"""
NEITHER = """
not sure about this | hmm | dunno | no idea what this is | maybe | I don't know yet
let me think | not at all | what do you store? | is it safe? | my back hurts
I can't go on like this | I don't feel my feet | no feeling below | no siento las manos
no, no puedo andar | si me duele mucho | non sento le gambe | it is fine until I bend
go away pain | I don't want an operation | I was ok last week | right side mainly
nein | nee | ok is it bad that my back aches? | ok maybe it aches since May
no, my back is not better | I go on long walks | next to my spine | it started on Sunday
"""


def each(texts: str) -> list[str]:
    return [text.strip() for line in texts.strip().splitlines() for text in line.split(" | ")]


@pytest.mark.parametrize("text", each(YES))
def test_what_a_person_would_take_for_yes_is_a_yes(text: str) -> None:
    assert consent(text) is True


@pytest.mark.parametrize("text", each(NO))
def test_a_refusal_is_a_no(text: str) -> None:
    assert consent(text) is False


@pytest.mark.parametrize("text", each(NEITHER))
def test_what_is_neither_is_asked_again(text: str) -> None:
    assert consent(text) is None


@pytest.mark.parametrize("text", each(YES))
def test_agreeing_to_go_on_denies_nothing(text: str) -> None:
    said = {f.value for f in READER.read(text) if f.kind == "answer"}
    assert said <= {"yes", "all_good"} or text.startswith(("hmm", "not sure", "next"))


def test_a_yes_before_what_is_told_takes_both() -> None:
    said = Understanding(READER.read("ok it has ached for 2 weeks"))
    after = update(Conversation(asked=Slot.CONSENT), said)
    assert (after.consent, after.facts.pain_duration) == (True, 14)
