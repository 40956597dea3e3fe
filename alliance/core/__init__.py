"""Machinery: settings, database, outbox, jobs, mail transport, text, languages, clock. Knows nothing of the forum."""
