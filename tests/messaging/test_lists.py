"""Each list of signs and conditions by itself: what is ticked in one is nothing in another."""

from __future__ import annotations

from itertools import chain
from typing import Any

import pytest

from backline.channels.messaging.capabilities import CAPABILITIES
from backline.channels.messaging.options import Questions, chosen
from backline.facts import CHECKLISTS, PARTED
from backline.policy.checklists import LISTS
from tests.messaging.person import lines_in, lists, nothing_comes, responses
from tests.messaging.telegram import TelegramPerson
from tests.messaging.whatsapp import WhatsAppPerson
from tests.plain import PLAIN
from tests.talking import MOST_QUESTIONS

ALL_PARTS = {
    asked.value: " and ".join(parts)
    for asked, lines in LISTS.items()
    if (parts := [str(n) for n, line in enumerate(lines, start=1) if line in PARTED])
}
"""The numbers of the lines that stand for several things: who says them is asked every list."""
NONE = "None of these"


def test_what_a_button_carries_names_one_line_of_one_list() -> None:
    questions = Questions(responses())
    for name, titles in lists().items():
        for place, title in enumerate(titles):
            pressed = questions.pressed(chosen(name, place))
            assert pressed is not None
            question, found = pressed
            assert (question.slot, found, question.titles[place]) == (name, place, title)


def test_no_two_lines_of_all_lists_are_called_alike() -> None:
    # A tick is told by the title of its line.
    titles = [title for title in chain(*lists().values()) if title != NONE]
    assert len(titles) == len(set(titles))


def test_a_tick_in_an_older_list_is_none_in_the_newer(telegram_person: TelegramPerson) -> None:
    person = telegram_person
    tick, _ = left_open(person, "emergency_signs", "3")
    older, newer = person.screen[-2:]
    person.deliver(tick)
    person.wait_for(lambda: "✅ 3" in dict(older.controls), "the tick")
    assert "3" in dict(newer.controls)
    person.say("none of these")
    assert person.answer_all(PLAIN) == "massage/none"


def test_signs_ticked_in_an_older_list_are_told_as_its_own(telegram_person: TelegramPerson) -> None:
    person = telegram_person
    tick, done = left_open(person, "emergency_signs", "3")
    person.deliver(tick)
    person.do(done)
    assert person.answer_all({**PLAIN, "follow_up": "yes"}) == "doctor_first/emergency"
    assert "Why: you have trouble controlling your bowels." in person.screen[-1].text


def test_what_stands_for_several_things_in_an_older_list_is_asked_about(
    telegram_person: TelegramPerson,
) -> None:
    person = telegram_person
    tick, done = left_open(person, "health_conditions", "4")
    person.deliver(tick)
    person.do(done)
    assert person.asked == "medicines"
    assert person.answer_all({**PLAIN, "medicines": "2"}) == "doctor_first/soon"
    assert "blood thinners" not in person.screen[-1].text


@pytest.mark.parametrize(("line", "part"), [("4", "medicines"), ("5", "other_illness")])
def test_what_stands_for_several_things_is_asked_about_without_done(
    telegram_person: TelegramPerson, line: str, part: str
) -> None:
    person = telegram_person
    person.say("sore back")
    person.answer_until("health_conditions")
    person.tick(line)
    person.say("no others")
    assert person.asked == part


def left_open(person: TelegramPerson, name: str, line: str) -> tuple[Any, Any]:
    """Answer a list in words; gives what it was to tick its line and to be done before that."""
    person.say("sore back")
    person.answer_until(name)
    presses = person.press_update(line), person.press_update("Done")
    person.say("none of these")
    assert person.asked not in (None, name)
    return presses


def test_a_line_of_a_list_that_is_not_shown_is_no_answer(whatsapp_person: WhatsAppPerson) -> None:
    person = whatsapp_person
    person.say("sore back")
    person.answer_until("emergency_signs")
    for name in ("danger_signs", "health_conditions", "other_illness"):
        reply = {"id": chosen(name, 2), "title": "3"}
        content = {"type": "list_reply", "list_reply": reply}
        nothing_comes(person, person.service.notification([person.message("interactive", content)]))
    assert person.answer_all(PLAIN) == "massage/none"


def test_on_whatsapp_no_list_needs_more_than_ten_rows(whatsapp_person: WhatsAppPerson) -> None:
    person = whatsapp_person
    person.say("sore back")
    shown = {}
    for _ in range(MOST_QUESTIONS):
        if (asked := person.asked) is None:
            break
        if asked in lists():
            shown[asked] = lines_in(person.screen[-1].text)
        person.say({**PLAIN, **ALL_PARTS}[asked])
    assert set(shown) == {asked.value for asked in CHECKLISTS}
    assert max(map(len, shown.values())) <= CAPABILITIES["whatsapp"].rows == 10
