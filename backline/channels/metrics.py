"""What the messaging channels count, for `/metrics`."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

RECEIVED = Counter(
    "backline_messages_received_total", "Messages that a service delivered.", ["channel"]
)
REPEATED = Counter(
    "backline_messages_repeated_total", "Deliveries of a message that was known.", ["channel"]
)
REFUSED = Counter(
    "backline_webhook_refused_total", "Calls of a webhook that were refused.", ["channel", "code"]
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
SECONDS_TO_REPLY = Histogram(
    "backline_message_reply_seconds",
    "From the webhook to the last message of the reply being taken by the service.",
    ["channel"],
    buckets=(0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300),
)
