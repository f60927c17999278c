"""What strangers may send, thrown at a running server: it must refuse it, and go on."""
