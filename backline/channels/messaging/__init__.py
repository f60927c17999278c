"""Telegram and WhatsApp: an inbox that loses nothing, a worker, replies as chats show them."""
