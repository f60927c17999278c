"""What may be told of an error: its kind and its place in the code, never its text.

The text of an error may quote what a person wrote; that of `Told` is written to be read.

Errors that may reach whoever runs Backline; `backline` ends with their sentence:

* Told
  + SettingsError: a setting is missing or wrong
  + FactsError: facts that cannot be
  + StoreError: the store cannot be used
    + StoreUnavailable: the database does not answer
    + StoreConfigError: its settings or its tables do not fit
    + LesserAfterEmergency: an assessment would make less of an emergency
    + Unreadable: what was stored cannot be decrypted
  + BackupError: a backup cannot be made or brought back
  + Undecryptable: none of the keys opens what was encrypted
  + ModelError: no model can be loaded
  + TrainingError: no model can be trained
  + PatternError: a pattern of the lexicon cannot be read
  + NoTexts: the labelled texts are not there
  + UnknownRasa: another version of Rasa is installed
  + ListenError: the address cannot be listened at
  + TwilioRefusal: Twilio does not do what it was asked
  + RecogniserError: recognition of speech cannot be started
  + RecordingError: a file is no recording of a call
  + TranscriptError: a file is no transcript of a call
  + RevealError: a conversation cannot be shown
  + FetchError: a model of speech cannot be fetched
  + WrittenAnswersError: a file of written answers cannot be used
  + StaffError: an account of the desk cannot be as it was asked for
  + WeakPassword: a password may not be chosen
  + TokenError: a token of the read API cannot be as it was asked for

Errors that go no farther than what called:

* Refused: a request is answered with its code and status
  + RateLimited: somebody sends too much
* Undecided: the facts leave questions open
* Undelivered: a messaging service did not take a message
  + Later: it may take it later
  + WindowClosed: it takes none until the person writes again
  + OptedOut: the person wants no more messages
* NotNow: a message cannot be answered yet
* Overtaken: another server has stored the conversation's next turn
* Busy: too many sign in at the desk at once
* NoEncoder: the second reader's encoder is not there, or is another than the one that was measured
* _Fault: a pattern of the lexicon is no pattern
* NoList: a file is no list of erasures
* Damaged: an encrypted file was changed
* Malformed: a request of Twilio lacks something
* FrameError: a frame of the audio stream cannot be read
* VoiceError: a text could not be spoken
* BadQuery: the read API cannot answer what was asked for
* ExportBroken: a download broke off, and must not look whole
* _HeardBefore: a message was answered already
* _KeptForStaff: a message is for the person of the clinic who has the conversation
* _Refused: an audio stream is not let in
* _Gone: a caller has hung up
* _Failed: a call cannot go on
"""

from __future__ import annotations

import traceback

MOST_CAUSES = 10
MOST_PLACES = 10


class Told(Exception):
    """Tells, in one sentence without personal data, whoever runs Backline what to put right."""


def kinds(error: BaseException) -> list[str]:
    """Name the type of an error, then those of what caused it."""
    found: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(found) < MOST_CAUSES:
        found.append(type(cause).__name__)
        cause = cause.__cause__ or cause.__context__
    return found


def places(error: BaseException) -> list[str]:
    """Name where an error passed, as "module:line function", the innermost last."""
    return [
        f"{frame.f_globals.get('__name__', '?')}:{line} {frame.f_code.co_name}"
        for frame, line in traceback.walk_tb(error.__traceback__)
    ][-MOST_PLACES:]


def describe(error: BaseException) -> str:
    """Say in half a line what broke and where, such as "KeyError at backline.facts:12 read"."""
    passed = places(error)
    return f"{type(error).__name__} at {passed[-1]}" if passed else type(error).__name__
