"""What staff are told outside the desk, by e-mail and webhook, when somebody may be in danger."""
