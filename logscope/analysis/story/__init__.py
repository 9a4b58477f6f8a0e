"""What a person reads: the sentences, the timeline with its alerts, the cascade, the tables, what to do."""
