"""What simulated systems are called and say. None of it may be copied into the analysis or its knowledge."""

SERVICES = (
    "basket",
    "quotes",
    "shipping",
    "loyalty",
    "tariff",
    "catalogue",
    "bookings",
    "invoices",
    "reviews",
    "seating",
)
INFRASTRUCTURE = ("vaultdb", "turnstile", "stash", "docstore", "relay", "blobs")
PATHS = ("order", "page", "account", "parcel", "ticket", "voucher")
ROUTINE = ("served {path} {n} in {n} ms", "looked up {path} {n}", "stored {path} {n}", "listed {n} {path} entries")
CHRONIC = ("slow {path} lookup took {n} ms", "{path} {n} lacks a picture", "ignoring unknown field in {path} {n}")
HERRINGS = ("nightly tally of {path} skipped {n} rows", "could not shrink picture {n}", "mail to customer {n} bounced")
CAUSES = (
    "ran out of slots, turning callers away ({n} waiting)",
    "cannot write segment {n}: volume is full",
    "worker {n} died, restarting it",
    "node {n} lost its leader, standing down",
    "rejecting writes: ceiling of {n} MB reached",
    "division by zero in price table {n}",
)
NAMING = (
    "call to {other} timed out after {n} ms",
    "{other} did not answer for {path} {n}",
    "gave up on {other} after {n} tries",
)
UNNAMED = ("could not load {path} {n}", "request {n} took too long", "failed to finish {path} {n}")


def nonsense(chance):
    """A word that means nothing in any language."""
    return "".join(chance.choice("bdfgklmnprstvz") + chance.choice("aeiou") for _ in range(chance.randint(3, 4)))


def nonsense_sentence(chance, holes):
    """Random words with the same holes as a sentence that means something."""
    parts = [nonsense(chance) for _ in range(chance.randint(3, 6))]
    for hole in holes:
        parts.insert(chance.randint(1, len(parts)), hole)
    return " ".join(parts)
