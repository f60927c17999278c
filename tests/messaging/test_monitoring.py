"""The dashboard and the alerts, held against what a server tells after some triages."""

from __future__ import annotations

from tests.conftest import Server
from tests.messaging.telegram import TelegramPerson
from tests.plain import PLAIN
from tests.talking import Patient
from tests.watching import Metrics, asked_for, expressions


def test_everything_that_is_asked_for_is_told(
    messaging_server: Server, telegram_person: TelegramPerson
) -> None:
    telegram_person.say("both my legs are numb")
    patient = Patient(messaging_server.url)
    patient.say("sore back")
    patient.answer_all(PLAIN)
    told = Metrics(messaging_server.url).names
    missing = {
        (name, asker)
        for asker, expression in expressions()
        for name in asked_for(expression)
        if name not in told
    }
    assert missing == set()
