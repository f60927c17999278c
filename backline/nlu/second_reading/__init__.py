"""What the lexicon may have left unread: clauses that sound like a sign, and words of harm.

It suspects and never decides: a suspicion is a question (docs/understanding.md).
"""
