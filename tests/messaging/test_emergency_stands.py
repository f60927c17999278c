"""After an emergency was told on a messaging service, every reply begins with the call."""

from __future__ import annotations

import pytest

from tests.after_emergency import EMERGENCY, MESSAGES
from tests.messaging.person import Person
from tests.messaging.telegram import TelegramPerson

CALL = "Please call 000 now."


@pytest.mark.parametrize("part", range(3))
def test_every_reply_begins_with_the_call(telegram_person: TelegramPerson, part: int) -> None:
    # Three people, since one may write thirty messages a minute.
    telegram_person.say(EMERGENCY)
    for message in MESSAGES[part::3]:
        assert telegram_person.say(message)[0].text.startswith(CALL), message


def test_what_the_channel_says_by_itself_begins_with_it_too(person: Person) -> None:
    person.say(EMERGENCY)
    assert person.do(person.media())[0].text.startswith(CALL)
    assert person.do(person.forwarded("look at this"))[0].text.startswith(CALL)
    assert person.say("x" * 5000)[0].text.startswith(CALL)
    assert person.say("STOP")[0].text.startswith(CALL)


def test_a_mistake_is_asked_back_with_buttons(telegram_person: TelegramPerson) -> None:
    person = telegram_person
    person.talk(EMERGENCY, "that was a mistake")
    assert person.asked == "check"
    person.press("No")
    assert person.asked == "consent"
