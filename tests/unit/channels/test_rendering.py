"""How replies are shown: the table of capabilities, and no limit of a service ever broken."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backline.channels.messaging.capabilities import CAPABILITIES, Capabilities
from backline.channels.messaging.messages import Control, Outgoing
from backline.channels.messaging.rendering import Say, checklist, length, split
from backline.channels.messaging.rendering import render as render_reply
from backline.replies import Question, parse

TELEGRAM, WHATSAPP, TWILIO = (CAPABILITIES[name] for name in ("telegram", "whatsapp", "twilio"))


def say(name: str, **words: str) -> str:
    return {"utter_message_done": "Done", "utter_message_options": "Choose"}.get(
        name, f"[{name} {' '.join(words.values())}]".replace(" ]", "]")
    )


def render(reply: list[dict[str, Any]], can: Capabilities, say: Say) -> list[Outgoing]:
    """What is shown of messages as Rasa gives them."""
    return render_reply(parse(reply), can, say)


def asked(kind: str, *titles: str, text: str = "How is it?") -> list[dict[str, Any]]:
    """A question as Rasa's reply has it: the text, then its marker."""
    options = [{"value": title.lower(), "title": title} for title in titles]
    if titles and titles[-1] == "None of these":
        options[-1]["value"] = "none"
    shown: dict[str, Any] = {"kind": kind, "options": options}
    if kind == "scale":
        shown = {"kind": kind, "min": 0, "max": 10}
    return [{"text": text}, {"custom": {"type": "question", "slot": "slot", "input": shown}}]


def only(messages: list[Outgoing]) -> Outgoing:
    assert len(messages) == 1
    return messages[0]


def test_yes_and_no_are_buttons_that_carry_their_place() -> None:
    message = only(render(asked("yes_no", "Yes", "No"), TELEGRAM, say))
    assert message.control is Control.BUTTONS
    assert message.options == ("Yes", "No")
    assert message.choices == ("slot:0", "slot:1")
    assert message.slot == "slot"


def test_on_whatsapp_buttons_show_the_number_that_answers_too() -> None:
    message = only(render(asked("yes_no", "Yes", "No"), WHATSAPP, say))
    assert message.options == ("1. Yes", "2. No")


def test_more_than_three_options_are_a_list_and_numbers_in_the_text() -> None:
    titles = ("No massage yet", "No change after 2 or more", "Better", "Worse")
    message = only(render(asked("choice", *titles), WHATSAPP, say))
    assert message.control is Control.LIST
    assert message.options[1] == "2. No change after 2 or…"
    assert message.notes[:2] == ("", "No change after 2 or more")
    assert message.text.endswith("3. Better\n4. Worse")
    assert message.opener == "Choose"


def test_more_options_than_a_list_holds_are_numbered_text() -> None:
    message = only(render(asked("choice", *(f"Option {n}" for n in range(11))), WHATSAPP, say))
    assert message.control is Control.NONE
    assert "11. Option 10" in message.text
    assert message.text.endswith("[utter_message_by_number]")


def test_lengths_of_time_are_never_numbered() -> None:
    question = asked("duration", "Less than 6 weeks", "Over 3 months")
    assert only(render(question, WHATSAPP, say)).options == ("Less than 6 weeks", "Over 3 months")
    text = only(render(question, TWILIO, say)).text
    assert text.endswith("[utter_message_for_example less than 6 weeks, over 3 months]")


def test_the_scale_is_a_row_of_numbers_where_one_fits() -> None:
    message = only(render(asked("scale"), TELEGRAM, say))
    assert message.control is Control.SCALE
    assert message.options == tuple(str(n) for n in range(11))
    assert only(render(asked("scale"), WHATSAPP, say)).control is Control.NONE


def test_a_checklist_is_ticked_by_numbers_beside_its_none_and_done() -> None:
    message = only(render(asked("multi_choice", "Fever", "Rash", "None of these"), TELEGRAM, say))
    assert message.control is Control.TOGGLES
    assert message.options == ("1", "2", "None of these", "Done")
    assert message.choices == ("slot:0", "slot:1", "slot:2", "slot:done")


def test_a_ticked_line_carries_its_mark() -> None:
    question = parse(asked("multi_choice", "Fever", "Rash", "None of these")).question
    assert isinstance(question, Question)
    assert checklist(question, (1,), say).options[:3] == ("1", "✅ 2", "None of these")


def test_an_emergency_comes_first_short_and_urgent() -> None:
    result = {"type": "triage_result", "urgency": "emergency"}
    reply = [
        {"text": "A massage costs $95."},
        {"text": "Call 000 now.\n\nWhy: x.\n\nMore."},
        {"custom": result},
    ]
    first, second, third = render(reply, TWILIO, say)
    assert (first.text, first.urgent, first.headline) == ("Call 000 now.", True, True)
    assert second.urgent
    assert (third.text, third.urgent) == ("A massage costs $95.", False)


def test_a_result_that_can_wait_is_one_message_with_a_headline() -> None:
    reply = [{"text": "See a doctor.\n\nWhy: x."}, {"custom": {"type": "triage_result"}}]
    message = only(render(reply, TELEGRAM, say))
    assert message.headline
    assert not message.urgent


def test_after_the_last_word_nothing_is_to_stay() -> None:
    reply = [{"text": "Deleted."}, {"custom": {"type": "deleted"}}]
    assert only(render(reply, TELEGRAM, say)).last_word


@pytest.mark.parametrize("channel", CAPABILITIES)
@given(
    kind=st.sampled_from(["yes_no", "choice", "multi_choice", "duration", "scale", "number"]),
    titles=st.lists(st.text("abc defg😀", min_size=1, max_size=80), max_size=30, unique=True),
    text=st.text("ab. \n😀", min_size=1, max_size=9000),
)
def test_no_limit_of_a_service_is_ever_broken(
    channel: str, kind: str, titles: list[str], text: str
) -> None:
    can = CAPABILITIES[channel]
    for message in render(asked(kind, *titles, text=text), can, say):
        limit = can.controlled_text if message.options else can.text
        assert length(message.text) <= limit
        if message.control is Control.LIST:
            assert len(message.options) <= can.rows
            assert all(length(row) <= can.row for row in message.options)
            assert all(length(note) <= can.row_note for note in message.notes)
        elif message.control is Control.BUTTONS:
            assert len(message.options) <= can.buttons
            assert all(length(label) <= can.button for label in message.options)
        assert all(len(choice.encode()) <= 64 for choice in message.choices)


@given(text=st.text("abc .\n😀", max_size=3000), limit=st.integers(2, 500))
def test_splitting_loses_nothing_but_white_space(text: str, limit: int) -> None:
    parts = split(text, limit)
    assert all(length(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


def test_a_text_is_split_at_a_paragraph_rather_than_in_a_sentence() -> None:
    assert split("One. Two.\n\nThree is longer.", 24) == ["One. Two.", "Three is longer."]
    assert split("One. Two is longer.", 12) == ["One.", "Two is", "longer."]


def test_a_warning_in_another_language_comes_before_its_emergency() -> None:
    result = {"type": "triage_result", "urgency": "emergency"}
    reply = [
        {"text": "Llame ahora mismo al 000."},
        {"custom": {"type": "warning"}},
        {"text": "This needs emergency care now."},
        {"custom": result},
    ]
    shown = render(reply, TELEGRAM, say)
    assert [m.text for m in shown] == ["Llame ahora mismo al 000.", reply[2]["text"]]
    assert all(m.urgent for m in shown)
