"""A call on the audio stream: what is said, heard and pressed, and what happens when it breaks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Any

import aiohttp
import numpy as np
import pytest
from sanic import Sanic

from backline.phone.audio.tts import Engine, Espeak, Voices
from backline.phone.audio.vad import silero
from backline.phone.events import (
    AfterPrompt,
    BotTurn,
    Dtmf,
    ListenOptions,
    NoInput,
    NoMatch,
    NoMatchReason,
    Transcript,
)
from backline.phone.gateways.media_stream import stream_blueprint
from tests.conftest import free_port
from tests.phone.gateway import Line, ring
from tests.phone.scripted import ScriptedLine, turn
from tests.phone.speakers import mu_law, street_noise
from tests.phone.streams import NOISE, TOKEN, Clinic, ScriptedRecogniser, require_voices, said

CLINIC_PHONE = "+61255500100"
LIST = "Do you have any of these: numbness between your legs, or trouble passing urine, or a fever?"
SPEED = 4.0

Opened = Callable[..., Awaitable[Clinic]]


@pytest.fixture
async def open_clinic() -> AsyncIterator[Opened]:
    """Opens a stream: `await open_clinic([turn(1, "Hello")], Heard("yes"))`."""
    require_voices()
    servers: list[Any] = []

    async def open_(
        turns: Iterable[BotTurn],
        *results: Transcript | NoMatch,
        engines: Iterable[Engine] = (Espeak("en-gb"),),
        transfer_to: str | None = CLINIC_PHONE,
    ) -> Clinic:
        line, recogniser = ScriptedLine(turns), ScriptedRecogniser(list(results) or [NOISE])
        app = Sanic("backline_stream_test", configure_logging=False, register=False)
        app.blueprint(
            stream_blueprint(line, recogniser, Voices(engines), TOKEN, silero, transfer_to)
        )
        port = free_port()
        server = await app.create_server("127.0.0.1", port, return_asyncio_server=True)
        await server.startup()
        servers.append(server)
        return Clinic(f"http://127.0.0.1:{port}", line, recogniser)

    yield open_
    for server in servers:
        server.close()
        await server.wait_closed()


def call(clinic: Clinic, **how: Any) -> Any:
    return ring(clinic.url, "CA1", TOKEN, **{"speed": SPEED, **how})


END = turn(2, "Goodbye.", then=AfterPrompt.HANG_UP)
QUESTION = turn(1, "Does it hurt?")


async def test_what_the_caller_says_reaches_the_line_with_the_turn_it_answers(
    open_clinic: Opened,
) -> None:
    clinic = await open_clinic([QUESTION, END], Transcript("no", 0.7, ("now",)))
    async with call(clinic) as line:
        await line.listen(1)
        await line.say(said("no"))
        assert await line.until_closed() == (1000, "")
    (number, heard) = clinic.line.heard[0]
    assert number == 1
    assert (heard.text, heard.confidence, heard.alternatives) == ("no", 0.7, ("now",))
    assert not heard.interrupted and heard.began_at < heard.ended_at
    assert clinic.line.calls[0].caller == "+61400000001"
    assert [ended.id for ended in clinic.line.ended] == ["CA1"]


async def test_all_is_said_before_the_line_is_left(open_clinic: Opened) -> None:
    clinic = await open_clinic([turn(1, "I connect you.", then=AfterPrompt.TRANSFER)])
    async with call(clinic) as line:
        await line.until_closed()
        assert line.turns == 1
        assert len(line.heard) > 0.5 * 8000


async def test_speech_stops_the_bots_at_once(open_clinic: Opened) -> None:
    clinic = await open_clinic([turn(1, LIST), END], Transcript("my legs are numb", 0.9))
    async with call(clinic, speed=1) as line:
        await asyncio.sleep(1)
        await line.say(said("my legs are numb and I cannot walk"))
        assert line.cleared == 1
        await line.until_closed()
    assert clinic.line.heard[0][1].interrupted


async def test_what_must_be_heard_whole_is_said_to_its_end(open_clinic: Opened) -> None:
    listening = ListenOptions(hints=("yes", "no"), interruptible=False)
    clinic = await open_clinic([turn(1, LIST, listening=listening), END], Transcript("no", 0.99))
    async with call(clinic) as line:
        await asyncio.sleep(0.3)
        await line.say(said("no"))
        assert clinic.line.heard == []
        await line.until_closed()
        assert line.cleared == 0
    assert clinic.line.heard[0][1].interrupted


async def test_noise_over_what_must_be_heard_whole_costs_nothing(open_clinic: Opened) -> None:
    listening = ListenOptions(hints=("yes", "no"), interruptible=False)
    clinic = await open_clinic([turn(1, LIST, listening=listening), END], NOISE)
    async with call(clinic) as line:
        await asyncio.sleep(0.3)
        await line.say(said("hm what"))
        await line.listen(1)
        assert clinic.recogniser.heard
        clinic.recogniser.results = [Transcript("no", 0.9)]
        await line.say(said("no"))
        await line.until_closed()
    assert not clinic.line.heard[0][1].interrupted


async def test_a_turn_that_noise_interrupted_is_said_again(open_clinic: Opened) -> None:
    clinic = await open_clinic([turn(1, LIST), END], NOISE)
    async with call(clinic, speed=2) as line:
        await asyncio.sleep(0.5)
        await line.say(said("hm what"))
        await line.listen(1)
        assert clinic.line.heard == []
        clinic.recogniser.results = [Transcript("no", 0.9)]
        await line.say(said("no"))
        await line.until_closed()
    assert [number for number, _ in clinic.line.heard] == [1]


async def test_a_key_wins_over_speech_of_both_sides(open_clinic: Opened) -> None:
    clinic = await open_clinic([turn(1, LIST), END], Transcript("whatever", 0.9))
    async with call(clinic, speed=1) as line:
        await asyncio.sleep(0.5)
        speaking = asyncio.create_task(line.say(said("well I think that it does hurt a lot")))
        await asyncio.sleep(0.6)
        await line.press("2")
        await line.until_closed()
        speaking.cancel()
    assert clinic.line.heard == [(1, Dtmf("2", interrupted=True))]


async def test_a_key_pressed_when_all_was_said_interrupted_nothing(open_clinic: Opened) -> None:
    clinic = await open_clinic([QUESTION, END])
    async with call(clinic) as line:
        await line.listen(1)
        await line.press("2")
        await line.until_closed()
    assert clinic.line.heard == [(1, Dtmf("2"))]


async def test_several_keys_are_one_answer(open_clinic: Opened) -> None:
    age = turn(1, "How old are you?", listening=ListenOptions(keys=3))
    clinic = await open_clinic([age, END])
    async with call(clinic) as line:
        await line.listen(1)
        await line.press("42#")
        await line.until_closed()
    assert clinic.line.heard == [(1, Dtmf("42"))]


async def test_two_words_with_a_pause_before_the_answer_are_one_answer(
    open_clinic: Opened,
) -> None:
    clinic = await open_clinic([QUESTION, END], Transcript("no actually yes", 0.9))
    clinic.recogniser.delay_s = 2.0
    async with call(clinic, speed=1) as line:
        await line.listen(1)
        await line.say(said("no") + b"\xff" * 7000 + said("actually yes"))
        await line.until_closed()
    assert len(clinic.line.heard) == 1
    assert max(clinic.recogniser.heard) > 1.5


async def test_silence_is_told(open_clinic: Opened) -> None:
    quiet = turn(1, "Hello?", listening=ListenOptions(wait_s=2))
    clinic = await open_clinic([quiet, END])
    async with call(clinic) as line:
        await line.until_closed()
    assert clinic.line.heard == [(1, NoInput())]


async def test_music_is_not_taken_for_words(open_clinic: Opened) -> None:
    times = np.arange(8000 * 6) / 8000
    tones = sum(np.sin(2 * np.pi * f * times) for f in (262, 330, 392)) * 4000
    quiet = turn(1, "Hello?", listening=ListenOptions(wait_s=3))
    clinic = await open_clinic([quiet, END], Transcript("Thank you.", 0.9))
    async with call(clinic) as line:
        await line.listen(1)
        await line.say(mu_law(tones.astype(np.int16).tobytes()))
        await line.until_closed()
    assert clinic.line.heard == [(1, NoMatch(NoMatchReason.NOISE))]


async def test_a_noisy_street_is_not_taken_for_words(open_clinic: Opened) -> None:
    noise = (street_noise(8000 * 6) * 2500).clip(-32000, 32000).astype(np.int16)
    quiet = turn(1, "Hello?", listening=ListenOptions(wait_s=3))
    clinic = await open_clinic([quiet, END], Transcript("you", 0.9))
    async with call(clinic) as line:
        await line.listen(1)
        await line.say(mu_law(noise.tobytes()))
        await line.until_closed()
    assert clinic.line.heard == [(1, NoMatch(NoMatchReason.NOISE))]


async def test_a_monologue_is_cut_off_and_the_reply_is_heard_in_full(open_clinic: Opened) -> None:
    tale = " and then we went on and talked about it for a long time" * 3
    short = ListenOptions(longest_s=8)
    again = turn(2, "Please give me a short answer.", listening=short)
    clinic = await open_clinic(
        [
            turn(1, "What is wrong?", listening=short),
            again,
            turn(3, "Bye.", then=AfterPrompt.TRANSFER),
        ],
        Transcript("words", 0.9),
    )
    async with call(clinic) as line:
        await line.listen(1)
        speaking = asyncio.create_task(line.say(said(tale) * 3))
        await line.until_closed()
        speaking.cancel()
        # The first turn, the request for a short answer and the farewell, each to its end.
        assert line.turns == 3
    assert [event for _, event in clinic.line.heard] == [NoMatch(NoMatchReason.TOO_LONG)] * 2


@pytest.mark.parametrize("why", [NoMatchReason.SLOW, NoMatchReason.FAILED, NoMatchReason.NOISE])
async def test_what_the_recogniser_cannot_hear_is_told(
    open_clinic: Opened, why: NoMatchReason
) -> None:
    clinic = await open_clinic([QUESTION, END], NoMatch(why))
    async with call(clinic) as line:
        await line.listen(1)
        await line.say(said("no"))
        await line.until_closed()
    assert clinic.line.heard == [(1, NoMatch(why))]


async def test_a_caller_who_hangs_up_ends_the_call(open_clinic: Opened) -> None:
    clinic = await open_clinic([QUESTION, END])
    async with call(clinic) as line:
        await line.listen(1)
        await line.hang_up()
        await line.until_closed()
    assert [ended.id for ended in clinic.line.ended] == ["CA1"]


async def test_a_socket_that_breaks_without_a_word_ends_the_call(open_clinic: Opened) -> None:
    clinic = await open_clinic([QUESTION, END])
    async with call(clinic) as line:
        await line.listen(1)
    for _ in range(50):
        if clinic.line.ended:
            break
        await asyncio.sleep(0.1)
    assert [ended.id for ended in clinic.line.ended] == ["CA1"]


async def test_a_stream_that_stalls_is_given_up(
    open_clinic: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backline.phone.gateways.media_stream_call.STALLED_S", 0.5)
    clinic = await open_clinic([QUESTION, END])
    async with call(clinic, carry=False) as line:
        await line.until_closed(10)
    assert [ended.id for ended in clinic.line.ended] == ["CA1"]


async def test_frames_out_of_order_are_heard_in_their_order(open_clinic: Opened) -> None:
    clinic = await open_clinic([QUESTION, END], Transcript("no", 0.9))
    async with call(clinic, carry=False) as line:
        sound = b"\xff" * 16000 + said("no") + b"\xff" * 8000
        frames = [sound[at : at + 160] for at in range(0, len(sound), 160)]
        numbered = list(enumerate(frames, start=1))
        for at in range(0, len(numbered) - 3, 3):
            numbered[at : at + 3] = reversed(numbered[at : at + 3])
        for number, frame in numbered:
            await line.send_sound(frame, number)
        for _ in range(50):
            if clinic.line.heard:
                break
            await asyncio.sleep(0.1)
    assert [event.text for _, event in clinic.line.heard] == ["no"]


async def test_garbage_between_the_frames_does_no_harm(open_clinic: Opened) -> None:
    clinic = await open_clinic([QUESTION, END])
    async with call(clinic) as line:
        for message in ("nonsense", "{}", '{"event":"media"}', '{"event":"news"}', "[[[["):
            await line.socket.send_str(message)
        await line.socket.send_bytes(b"\x00\xff")
        await line.listen(1)
        await line.press("1")
        await line.until_closed()
    assert clinic.line.heard == [(1, Dtmf("1"))]


async def test_a_stream_of_another_sound_is_ended_and_the_caller_connected(
    open_clinic: Opened,
) -> None:
    clinic = await open_clinic([QUESTION, END])
    other = {"encoding": "audio/x-mulaw", "sampleRate": 16000, "channels": 1}
    async with call(clinic, mediaFormat=other) as line:
        assert (await line.until_closed())[0] == 1003
    assert clinic.line.asked == 0
    assert await after(clinic) == "dial"


async def test_a_stranger_is_refused_whatever_sound_they_bring(open_clinic: Opened) -> None:
    clinic = await open_clinic([QUESTION, END])
    async with ring(clinic.url, "CA1", "wrong", mediaFormat=None) as line:
        assert (await line.until_closed())[0] == 1008


@pytest.mark.parametrize("token", [None, "", "wrong", "\ud800", TOKEN + "x"])
async def test_without_the_token_nothing_is_answered(
    open_clinic: Opened, token: str | None
) -> None:
    clinic = await open_clinic([QUESTION, END])
    async with ring(clinic.url, "CA1", token) as line:
        assert (await line.until_closed())[0] == 1008
    assert clinic.line.asked == 0


async def test_the_token_may_come_with_the_request(open_clinic: Opened) -> None:
    clinic = await open_clinic([END])
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with ring(clinic.url, "CA1", None, speed=SPEED, headers=headers) as line:
        assert (await line.until_closed())[0] == 1000
    wrong = {"Authorization": "Bearer wrong"}
    async with ring(clinic.url, "CA1", TOKEN, headers=wrong) as line:
        assert (await line.until_closed())[0] == 1008


async def test_a_line_that_breaks_hands_the_caller_to_a_person(open_clinic: Opened) -> None:
    clinic = await open_clinic([QUESTION, END])
    clinic.line.errors = [RuntimeError("broken")]
    clinic.line.heard.clear()

    async def broken(*_: Any) -> BotTurn:
        raise RuntimeError("broken")

    clinic.line.hear = broken  # type: ignore[method-assign]
    async with call(clinic) as line:
        await line.listen(1)
        await line.press("1")
        await line.until_closed()
    assert await after(clinic) == "dial"
    assert [ended.id for ended in clinic.line.ended] == ["CA1"]


class Mute:
    """A program that speaks to nobody."""

    name = "mute"

    def command(self, slowly: bool) -> list[str]:
        return ["false"]


async def test_without_a_voice_the_caller_is_connected_with_a_person(open_clinic: Opened) -> None:
    clinic = await open_clinic([QUESTION, END], engines=[Mute()])
    async with call(clinic) as line:
        await line.until_closed()
    assert await after(clinic) == "dial"


async def test_another_engine_speaks_where_the_first_cannot(open_clinic: Opened) -> None:
    clinic = await open_clinic([END], engines=[Mute(), Espeak("en-gb")])
    async with call(clinic) as line:
        await line.until_closed()
        assert line.turns == 1


async def after(clinic: Clinic) -> str:
    """What Twilio does when the stream is over: `dial` or `hangup`."""
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{clinic.url}/webhooks/phone/stream/after", data={"CallSid": "CA1"}) as answer,
    ):
        text = (await answer.text()).lower()
        return "dial" if f"<dial>{CLINIC_PHONE}</dial>" in text else "hangup"


async def test_who_was_told_goodbye_is_not_connected(open_clinic: Opened) -> None:
    clinic = await open_clinic([turn(1, "Goodbye.", then=AfterPrompt.HANG_UP)])
    async with call(clinic) as line:
        await line.until_closed()
    assert await after(clinic) == "hangup"


async def test_who_is_to_talk_to_a_person_is_connected(open_clinic: Opened) -> None:
    clinic = await open_clinic([turn(1, "I connect you.", then=AfterPrompt.TRANSFER)])
    async with call(clinic) as line:
        await line.until_closed()
    assert await after(clinic) == "dial"


async def test_ten_calls_at_once_are_all_answered(open_clinic: Opened) -> None:
    clinic = await open_clinic([QUESTION, END], Transcript("no", 0.9))
    speech = said("no")

    async def one(number: int) -> None:
        async with ring(clinic.url, f"CA{number}", TOKEN, speed=1) as line:
            await line.listen(1)
            await line.say(speech)
            await line.until_closed()

    await asyncio.gather(*(one(number) for number in range(10)))
    assert len(clinic.line.heard) == len(clinic.line.ended) == 10


async def test_a_gateway_that_tells_no_marks_is_served(open_clinic: Opened) -> None:
    clinic = await open_clinic([turn(1, "Hi.", listening=ListenOptions(wait_s=2)), END])
    async with call(clinic) as line:
        line.send = deaf_to_marks(line)  # type: ignore[method-assign]
        await line.until_closed()
    assert clinic.line.heard == [(1, NoInput())]


def deaf_to_marks(line: Line) -> Callable[..., Awaitable[None]]:
    send = line.send

    async def but_marks(event: str, part: Any, **more: Any) -> None:
        if event != "mark":
            await send(event, part, **more)

    return but_marks
