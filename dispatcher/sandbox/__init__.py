"""Pretend operators: SMS, voice, mail, webhooks, and their own ledger; imports nothing of ours."""
