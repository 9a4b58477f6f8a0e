"""What is news and since when: kinds that rise, are new or fall silent against their own normal; what is everyday."""
