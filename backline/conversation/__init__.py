"""One turn of a conversation, whatever the channel: handled, answered, held back or erased."""
