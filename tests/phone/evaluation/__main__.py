"""`make eval-phone`: how well callers on the audio stream are heard. Exits 1 below the goals."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from pathlib import Path

from backline.observability import logs
from backline.phone.audio.asr import WorkerRecogniser, command, workers_and_threads
from backline.phone.audio.vad import silero
from backline.phone.calls import CallService
from backline.phone.dialogue.wording import PhoneWording
from backline.privacy import Privacy, new_encryption_key, new_pseudonym_key
from backline.responses import clinic_words
from backline.runtime.agent import load_agent
from backline.settings import PhoneSettings, load_settings
from backline.store import create_store
from bench.report import fill, measured_by
from tests.phone.evaluation import report
from tests.phone.evaluation.hearing import Hearing
from tests.phone.evaluation.judging import Verdict
from tests.phone.evaluation.replies import measure
from tests.phone.evaluation.utterances import Spoken, utterances
from tests.phone.streams import model

PAGE = Path(__file__).resolve().parents[3] / "docs" / "phone-evaluation.md"
ALONE = 4
"""How many calls are measured one after the other."""
PHONE = PhoneSettings(transfer_to="+61255500100")
"""With a person to connect callers to; without one, who gives up is told to ring elsewhere."""


def main() -> None:
    """Measure, write the page, and say whether the goals are met."""
    options = argparse.ArgumentParser(prog="make eval-phone")
    options.add_argument("--mistakes", action="store_true", help="print what was not right")
    options.add_argument("--without-replies", action="store_true", help="leave the times out")
    arguments = options.parse_args()
    verdicts = asyncio.run(_hear())
    if arguments.mistakes:
        print("\n".join(report.mistakes(verdicts)))
    parts = [report.heard_table(verdicts), report.danger_table(verdicts)]
    missed = report.missed_in_hearing(verdicts)
    if not arguments.without_replies:
        wording = PhoneWording(clinic_words(load_settings({}).clinic))
        one, four = measure(1, ALONE, wording), measure(4, 1, wording)
        parts.append(report.times_table(one, four))
        missed += report.missed_in_time(one, four)
    parts.append(report.missed_list(missed))
    if not arguments.without_replies:
        fill(PAGE, "measured", "\n\n".join([measured_by("make eval-phone"), *parts]))
    print("\n\n".join(parts))
    sys.exit(bool(missed))


async def _hear() -> list[Verdict]:
    # Rasa says much, and what callers said, without.
    logs.configure(logs.load_log_settings(level="error"))
    workers, threads = workers_and_threads()
    recogniser = WorkerRecogniser(command(model(), threads), workers)
    await recogniser.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite:///{folder}/backline.db"
            # The actions read it for themselves.
            os.environ["DATABASE_URL"] = url
            settings = load_settings({"DATABASE_URL": url})
            clinic = settings.clinic.copy(update={"phone_line": PHONE})
            store = create_store(url)
            store.upgrade()
            privacy = Privacy.by(new_pseudonym_key(), [new_encryption_key()])
            line = CallService(load_agent(settings), store, clinic, privacy)
            hearing = Hearing(line, store, recogniser, PhoneWording(clinic_words(clinic)), silero)
            turns = asyncio.Semaphore(workers)

            async def call(spoken: Spoken) -> Verdict:
                async with turns:
                    return await hearing.call(spoken)

            return await asyncio.gather(*(call(spoken) for spoken in utterances()))
    finally:
        await recogniser.close()


if __name__ == "__main__":
    main()
