"""Every metric of `/metrics`, by name: what is counted, in which unit, with which labels.

Labels have few values and say nothing of a person. docs/monitoring.md tells operators what each of
them means; a test holds the two together.
"""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram, Info, disable_created_metrics

from backline.policy import RULES

# When each series began is of no use to anybody, and doubles what is to be read.
disable_created_metrics()

# ---- Turns: a message, and what is answered to it ---------------------------------------------

TURN_SECONDS = Histogram(
    "backline_turn_seconds",
    "From handing a message to Rasa to having the whole answer.",
    ["channel"],
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30),
)
TURNS_UNDER_WAY = Gauge("backline_turns_under_way", "Messages being answered.", ["channel"])
TURNS_FAILED = Counter(
    "backline_turns_failed_total",
    "Turns that could not be heard or saved: an apology, or another try later.",
    ["channel", "reason"],
)
STAGE_SECONDS = Histogram(
    "backline_stage_seconds",
    "One run of a part of a turn; a turn has several runs of some.",
    ["stage"],
    buckets=(0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
)
LOCK = STAGE_SECONDS.labels("lock")
TRACKER_READ = STAGE_SECONDS.labels("tracker_read")
UNDERSTANDING = STAGE_SECONDS.labels("understanding")
PREDICTION = STAGE_SECONDS.labels("prediction")
ACTION = STAGE_SECONDS.labels("action")
STORE = STAGE_SECONDS.labels("store")
TRACKER_WRITE = STAGE_SECONDS.labels("tracker_write")

# ---- The triage -------------------------------------------------------------------------------

TRIAGES_BEGUN = Counter("backline_triages_begun_total", "Conversations that came to a question.")
CONSENTS = Counter("backline_consents_total", "Answers to whether to go on.", ["answer"])
RESULTS = Counter(
    "backline_results_total",
    "Results told, with the rule that decided.",
    ["outcome", "urgency", "rule"],
)
EMERGENCIES = Counter("backline_emergencies_total", "Emergencies told.", ["channel"])
FALLBACKS = Counter(
    "backline_fallbacks_total", "Messages that were not understood, by Rasa's name.", ["kind"]
)
READERS_FAILED = Counter(
    "backline_readers_failed_total",
    "Parts of messages that could not be read since a reader failed, by the reader's name.",
    ["reader"],
)
READ_IN_PART = Counter(
    "backline_messages_read_in_part_total", "Messages that were too long to be read in their time."
)
ASKED_AGAIN = Counter(
    "backline_questions_asked_again_total", "Questions that got no answer.", ["slot"]
)
GIVEN_UP = Counter(
    "backline_questions_given_up_total",
    "Questions without an answer that are taken as the worst case (rules U3, D6).",
    ["slot"],
)

# ---- HTTP and Socket.IO -----------------------------------------------------------------------

REQUESTS = Counter("backline_http_requests_total", "HTTP requests answered.", ["route", "status"])
TOO_MANY = Counter(
    "backline_http_requests_limited_total", "Requests above what is taken of one address."
)
REFUSED = Counter(
    "backline_requests_refused_total", "Calls of a channel that were refused.", ["channel", "code"]
)

# ---- Messaging services -----------------------------------------------------------------------

RECEIVED = Counter(
    "backline_messages_received_total", "Messages that a service delivered.", ["channel"]
)
REPEATED = Counter(
    "backline_messages_repeated_total", "Deliveries of a message that was known.", ["channel"]
)
LIMITED = Counter(
    "backline_messages_limited_total", "Messages above the rate that is taken.", ["channel"]
)
SENT = Counter("backline_messages_sent_total", "Messages that a service took.", ["channel"])
FAILED = Counter(
    "backline_messages_failed_total",
    "Messages given up as undeliverable.",
    ["channel", "code", "urgent"],
)
RETRIED = Counter(
    "backline_messages_retried_total", "Tries that a service did not take.", ["channel", "code"]
)
WAITING = Gauge(
    "backline_messages_waiting",
    "Messages by where they wait: unheard, waiting, held, failed.",
    ["channel", "state"],
)
UNDELIVERED_EMERGENCIES = Gauge(
    "backline_emergency_messages_undelivered",
    "Emergency messages that wait too long (late, held) or failed in the last 24 hours.",
    ["channel", "state"],
)
LOOKED_AFTER = Gauge(
    "backline_messages_looked_after_timestamp_seconds",
    "When the stored messages were last looked through, since 1970.",
    ["channel"],
)
SECONDS_TO_REPLY = Histogram(
    "backline_message_reply_seconds",
    "From the webhook to the last message of the reply being taken by the service.",
    ["channel"],
    buckets=(0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300),
)

# ---- The phone line ---------------------------------------------------------------------------

PHONE_TRANSCRIPT_TURNS = Counter(
    "backline_phone_transcript_turns_total",
    "Turns that a transcription service told: heard, late, repeated or set_aside.",
    ["what"],
)
CALLS = Counter("backline_calls_total", "Calls that were answered.", ["entrance"])
CALLS_HEARD = Counter(
    "backline_call_turns_total",
    "What was heard of callers: words, keys, silence, or something that is none of them.",
    ["entrance", "heard"],
)
CALLS_SLOW = Counter(
    "backline_call_turns_slow_total", "Turns for which a caller was asked to wait.", ["entrance"]
)
CALLS_FAILED = Counter(
    "backline_calls_failed_total",
    "Turns in which the talk broke: the caller was handed over, or told where to call.",
    ["entrance", "reason"],
)
CALLS_HANDED_OVER = Counter(
    "backline_calls_handed_over_total",
    "Callers who were to talk to a person, and what came of it.",
    ["entrance", "outcome"],
)
CALL_REPLY_SECONDS = Histogram(
    "backline_call_reply_seconds",
    "From what a caller said to the answer, waiting included.",
    ["entrance"],
    buckets=(0.02, 0.05, 0.1, 0.2, 0.5, 1, 1.5, 2, 3, 5, 8, 15, 30),
)

# ---- Its audio stream -------------------------------------------------------------------------

STREAMS = Gauge("backline_call_streams", "Calls on the audio stream at this moment.")
STREAMS_ENDED = Counter(
    "backline_call_streams_ended_total",
    "Calls of the audio stream that ended: hung_up, transferred, finished, stalled, failed.",
    ["how"],
)
STREAMS_REFUSED = Counter(
    "backline_call_streams_refused_total",
    "Streams that were closed before a call began, by the code of the WebSocket.",
    ["code"],
)
STREAM_REPLY_SECONDS = Histogram(
    "backline_call_stream_reply_seconds",
    "From the end of a caller's speech to the first sound of the reply.",
    buckets=(0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5, 2, 3, 5, 10),
)
RECOGNITION_SECONDS = Histogram(
    "backline_call_recognition_seconds",
    "One utterance in the recogniser, the wait for a free one included.",
    buckets=(0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.8, 1.5, 3, 8),
)
FRAMES_DROPPED = Counter(
    "backline_call_frames_dropped_total",
    "Frames of audio streams: garbage, late (or twice), and missing ones.",
    ["reason"],
)

# ---- Events, where RABBITMQ_URL is set --------------------------------------------------------

EVENTS_SENT = Counter("backline_events_sent_total", "Events that RabbitMQ has confirmed.")
EVENTS_DROPPED = Counter(
    "backline_events_dropped_total", "Events that were given up since too many waited."
)
EVENTS_WAITING = Gauge("backline_events_waiting", "Events that wait for RabbitMQ.")

# ---- The server -------------------------------------------------------------------------------

READY = Gauge("backline_ready", "1 if the model is loaded and the store answers, else 0.")
DATABASE_ERRORS = Counter(
    "backline_database_errors_total",
    "Errors that the database told, by SQLAlchemy's name.",
    ["kind"],
)
LOOP_LAG = Histogram(
    "backline_event_loop_lag_seconds",
    "How much later than due the event loop woke up, looked at twice a second.",
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
)
MODEL_TRAINED = Gauge(
    "backline_model_trained_timestamp_seconds", "When the model was trained, since 1970."
)
BUILD = Info("backline_build", "Versions of Backline, of its policy and of its model.")


def _begin_at_zero() -> None:
    """A counter that appears with its first event shows no increase to Prometheus."""
    for rule in RULES:
        RESULTS.labels(rule.outcome.value, rule.urgency.value, rule.id)
    for kind in ("nlu_fallback", "action_default_fallback"):
        FALLBACKS.labels(kind)
    for answer in ("yes", "no"):
        CONSENTS.labels(answer)
    for kind in ("OperationalError", "InterfaceError"):
        DATABASE_ERRORS.labels(kind)
    for reason in ("StoreUnavailable", "LockError", "slow"):
        CALLS_FAILED.labels("twilio", reason)


_begin_at_zero()
