"""Staff take a conversation over at the desk, write in it, and hand it back."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from backline.clock import utcnow
from backline.desk.app import application
from backline.desk.canned import FILE, load_answers
from backline.desk.talk import lines_of
from backline.desk.visits import Desk
from backline.desk.words import load_words
from backline.environment import SettingsError
from backline.settings import StaffSettings, load_settings
from backline.store import Author, By, Role, Store, TakeoverMessage, Utterance, create_store
from backline.store.tables import Contact
from tests.desk.browser import OWN, QUICK, URL, Browser, desk_on
from tests.desk.people import NOW, SPASM, add_person, say

HERE = "A person of Harbour Street Back Clinic is here now"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = create_store(f"sqlite:///{tmp_path / 'backline.db'}")
    made.upgrade()
    add_person(made, "ada", SPASM, words=("hello",))
    yield made
    made.close()


@pytest.fixture
def browser(store: Store) -> Browser:
    opened = Browser.signed_in(store)
    opened.get("/desk")
    opened.get(at(store))
    return opened


def at(store: Store, path: str = "", conversation: str = "ada") -> str:
    return f"/desk/person/{store.cases.reference_of(conversation)}/talk{path}"


def writes_by(store: Store, channel: str, *, hours_ago: float = 0, opted_out: bool = False) -> None:
    """Ada has written through a messaging service."""
    with store._engine.begin() as connection:
        connection.execute(sa.text("UPDATE conversations SET channel = :c"), {"c": channel})
        connection.execute(
            sa.insert(Contact.__table__).values(
                conversation_id="ada",
                channel=channel,
                address="sealed",
                last_message_at=utcnow() - dt.timedelta(hours=hours_ago),
                opted_out_at=utcnow() if opted_out else None,
            )
        )


def texts(store: Store) -> list[str]:
    return [one.text for one in store.takeovers.messages("ada")]


def test_from_taking_over_to_handing_back(store: Store, browser: Browser) -> None:
    browser.send(at(store, "/take"))
    assert "You have this conversation" in browser.get(at(store))
    browser.send(at(store, "/say"), answer="How are you?", once="a")
    store.takeovers.keep("ada", "socketio", "Better <b>now</b>", "m1")
    page = browser.get(at(store))
    assert page.index("How are you?") < page.index("Better &lt;b&gt;now")
    browser.send(at(store, "/hand-back"), hand_back_note="Come on Monday.")
    assert "The bot has this conversation." in browser.get(at(store))
    first, *_, last = texts(store)
    assert first.startswith(HERE)
    assert last.startswith("The clinic: Come on Monday.")


def test_a_number_that_they_write_is_for_who_has_the_conversation(
    store: Store, browser: Browser
) -> None:
    browser.send(at(store, "/take"))
    store.takeovers.keep("ada", "socketio", "Ring me on 0400 123 456", "m1")
    assert "0400 123 456" in browser.get(at(store))


def test_for_colleagues_it_is_dots_and_one_that_staff_write_is_not(
    store: Store, browser: Browser
) -> None:
    browser.send(at(store, "/take"))
    store.takeovers.keep("ada", "socketio", "Ring me on 0400 123 456", "m1")
    browser.send(at(store, "/say"), answer="Ring us on 02 9123 4567", once="a")
    colleague = Browser.signed_in(store, Role.CLINICIAN)
    for page in (colleague.get(at(store)), colleague.get(at(store, "/news"))):
        assert "0400 123 456" not in page
        assert "•••• ••• •••" in page
        assert "02 9123 4567" in page


def test_who_comes_second_is_told_and_may_take_it_from_who_has_it(
    store: Store, browser: Browser
) -> None:
    other = Browser.signed_in(store, desk=desk_on(store))
    other.get(at(store))
    browser.send(at(store, "/take"))
    page = other.send(at(store, "/take"), status=409)
    assert "Somebody else was faster" in page
    assert "administrator 0 has this conversation" in page
    owner = re.search(r'name="instead_of" value="(\d+)"', page)
    assert owner is not None
    other.send(at(store, "/take"), instead_of=owner[1])
    page = browser.send(at(store, "/say"), status=409, answer="half a thought", once="a")
    assert "You do not have this conversation any more" in page
    assert "half a thought" in page


def test_what_changed_is_shown_and_each_look_is_kept(store: Store, browser: Browser) -> None:
    version = re.search(r"version=(\w+)", browser.get(at(store)))
    assert version is not None
    address = at(store, f"/news?version={version[1]}")
    assert browser.get(address, status=204) == ""
    looks = len(store.audit.all())
    say(store, "ada", "still here", NOW + dt.timedelta(hours=1))
    assert "still here" in browser.get(address)
    assert [look.action for look in store.audit.all()[: len(store.audit.all()) - looks]] == [
        "person_shown"
    ]


@pytest.mark.parametrize(
    ("channel", "hours_ago", "opted_out", "told"),
    [
        ("whatsapp", 25, False, "for 24 hours after their last one"),
        ("twilio", 25, False, "for 24 hours after their last one"),
        ("telegram", 0, True, "asked for no more messages"),
    ],
)
def test_what_cannot_be_sent_is_said_before_anything_is_typed_and_refused(
    store: Store, browser: Browser, channel: str, hours_ago: float, opted_out: bool, told: str
) -> None:
    browser.send(at(store, "/take"))
    writes_by(store, channel, hours_ago=hours_ago, opted_out=opted_out)
    page = browser.get(at(store))
    assert told in page
    assert 'id="answer"' not in page
    page = browser.send(at(store, "/say"), status=409, answer="a long answer", once="a")
    assert told in page
    assert "a long answer" in page
    assert len(texts(store)) == 1
    browser.send(at(store, "/hand-back"))
    assert told in browser.send(at(store, "/take"), status=409)


@pytest.mark.parametrize(("channel", "hours_ago"), [("telegram", 900), ("whatsapp", 23)])
def test_who_can_be_reached_is_written_to(
    store: Store, browser: Browser, channel: str, hours_ago: float
) -> None:
    writes_by(store, channel, hours_ago=hours_ago)
    browser.send(at(store, "/take"))
    browser.send(at(store, "/say"), answer="How are you?", once="a")
    assert texts(store)[1:] == ["How are you?"]


@pytest.mark.parametrize(
    ("channel", "agreed", "told"),
    [("phone", True, "They called"), ("socketio", False, "did not agree to storing")],
)
def test_who_cannot_be_answered_is_not_taken_over(
    store: Store, browser: Browser, channel: str, agreed: bool, told: str
) -> None:
    add_person(store, "bob", None, channel=channel, agreed=agreed)
    browser.get("/desk")
    assert told in browser.get(at(store, conversation="bob"))
    assert told in browser.send(at(store, "/take", "bob"), status=409)
    assert store.takeovers.of("bob") is None


def test_an_answer_of_the_clinic_goes_behind_what_is_written(
    store: Store, browser: Browser
) -> None:
    browser.send(at(store, "/take"))
    browser.get(at(store))
    page = browser.send(at(store, "/put-in"), status=200, answer="Dear Ada,", canned="1")
    assert "Dear Ada,\n\nYou can book here: https://clinic.example/book." in html.unescape(page)
    assert len(texts(store)) == 1, "nothing is sent by it"


def test_nothing_is_handed_back_over_an_answer_that_is_not_sent(
    store: Store, browser: Browser
) -> None:
    browser.send(at(store, "/take"))
    page = browser.send(at(store, "/hand-back"), status=409, answer="wait", hand_back_note="Bye")
    assert "an answer that is not sent" in page
    assert "wait" in page
    assert 'value="Bye"' in page
    assert store.takeovers.of("ada") is not None


@pytest.mark.parametrize("answer", ["", " ", "x" * 1501])
def test_what_says_nothing_or_too_much_is_refused(
    store: Store, browser: Browser, answer: str
) -> None:
    browser.send(at(store, "/take"))
    browser.send(at(store, "/say"), status=422, answer=answer, once="a")
    assert len(texts(store)) == 1


@pytest.mark.parametrize("field", ["answer", "hand_back_note"])
def test_what_is_written_outlives_the_session(store: Store, browser: Browser, field: str) -> None:
    browser.send(at(store, "/take"))
    store.staff.close("administrator0@clinic.example", By("test", "test", NOW))
    path = "/say" if field == "answer" else "/hand-back"
    page = browser.send(at(store, path), status=401, **{field: "half a thought"})
    assert "half a thought" in page
    assert len(texts(store)) == 1


@pytest.mark.parametrize(
    ("shown", "name"), [(True, "administrator, from the clinic"), (False, "A person of the clinic")]
)
def test_the_first_name_of_staff_is_shown_if_the_clinic_says_so(
    store: Store, shown: bool, name: str
) -> None:
    settings = load_settings({})
    staff = StaffSettings(answer_within_minutes=5, show_names=shown)
    settings = settings.copy(update={"clinic": settings.clinic.copy(update={"staff": staff})})
    desk = application(Desk(settings, OWN, store, load_words(settings), QUICK))
    browser = Browser.signed_in(store, desk=desk)
    browser.get("/desk")
    browser.get(at(store))
    browser.send(at(store, "/take"))
    browser.send(at(store, "/say"), answer="one", once="1")
    assert [one.name for one in store.takeovers.messages("ada")] == [None, name]


def test_who_is_signed_out_while_writing_is_told_and_keeps_the_page(
    store: Store, browser: Browser
) -> None:
    browser.send(at(store, "/take"))
    store.staff.close("administrator0@clinic.example", By("test", "test", NOW))
    page = browser.get(at(store, "/news"), status=286)
    assert "What you are writing is still below" in page
    assert "hello" not in page


@pytest.mark.parametrize(("origin", "shown"), [(URL, True), ("https://evil.example", False)])
def test_a_form_of_an_earlier_session_is_not_taken_and_its_words_are_shown_to_their_writer(
    store: Store, browser: Browser, origin: str, shown: bool
) -> None:
    browser.send(at(store, "/take"))
    form = {"form_token": "0" * 64, "answer": "half a thought"}
    answer = browser.client.post(at(store, "/say"), data=form, headers={"Origin": origin})
    assert answer.status_code == 403
    assert ("half a thought" in answer.text) is shown
    assert len(texts(store)) == 1


def test_who_asks_for_a_person_is_in_sight_above_the_list(store: Store, browser: Browser) -> None:
    store.takeovers.ask("ada", "socketio", NOW)
    page = browser.get("/desk")
    assert "1 person asks for somebody of the clinic" in " ".join(page.split())
    assert f'href="{at(store)}"' in page
    browser.send(at(store, "/take"))
    page = browser.get("/desk")
    assert "asks for somebody" not in page
    assert "administrator 0 answers" in page


def test_each_part_of_a_talk_keeps_its_own_order_where_clocks_differ() -> None:
    def staff(number: int, minutes: int) -> TakeoverMessage:
        at = NOW + dt.timedelta(minutes=minutes)
        return TakeoverMessage(number, Author.STAFF, str(number), at, "Robin", "R", False, None)

    bot = [Utterance(True, "a", NOW), Utterance(False, "b", NOW + dt.timedelta(minutes=9))]
    lines = lines_of(bot, [staff(1, 5), staff(2, 4), staff(3, 10)])
    assert [line.text for line in lines] == ["a", "1", "2", "b", "3"]


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("- title: Hello", "answer 0.text: field required"),
        ("- {title: Hello, text: ''}", "answer 0.text"),
        ("- {title: Hello, text: hi, colour: red}", "answer 0.colour"),
        ("title: [", "cannot be read"),
    ],
)
def test_an_answer_that_cannot_be_used_stops_the_start(
    tmp_path: Path, written: str, told: str
) -> None:
    settings = load_settings({}).copy(update={"project": tmp_path})
    assert load_answers(settings) == []
    (tmp_path / FILE).parent.mkdir(parents=True)
    (tmp_path / FILE).write_text(written)
    with pytest.raises(SettingsError, match=re.escape(told)):
        load_answers(settings)
