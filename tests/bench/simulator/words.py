# ruff: noqa: E501 -- a sentence is a single line
"""What simulated systems are called and say, in two halves that share no sentence.

Weights are set on incidents worded by the first half; the figures that are reported come from the second. None of it may
be copied into the analysis or its knowledge.
"""

from dataclasses import dataclass

PATHS = ("order", "page", "account", "parcel", "ticket", "voucher", "seat", "photo")


@dataclass(frozen=True, slots=True)
class Words:
    """One half."""

    services: tuple[str, ...]
    infrastructure: tuple[str, ...]
    routine: tuple[str, ...]
    chronic: tuple[str, ...]
    herrings: tuple[str, ...]
    causes: tuple[str, ...]
    quiet_causes: tuple[str, ...]
    """Causes that a server tells at its everyday level."""
    naming: tuple[str, ...]
    unnamed: tuple[str, ...]
    releases: tuple[str, ...]
    exceptions: tuple[tuple[str, str], ...]
    """How Java and Python call what happened to a caller."""


TUNING = Words(
    services=(
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
        "tax-engine",
        "mediaproxy",
        "geo",
        "price-feed",
        "wishlist",
        "coupons",
        "stocktake",
        "returns",
        "fraudcheck",
        "ledger",
    ),
    infrastructure=("vaultdb", "turnstile", "stash", "docstore", "relay", "blobs", "heron-db", "pebble"),
    routine=(
        "served {path} {n} in {n} ms",
        "looked up {path} {n}",
        "stored {path} {n}",
        "listed {n} {path} entries",
        "GET /{path}/{n} 200 {n}ms",
        "cache hit for {path} {n}",
        "finished batch of {n} {path}s",
    ),
    chronic=(
        "slow {path} lookup took {n} ms",
        "{path} {n} lacks a picture",
        "ignoring unknown field in {path} {n}",
        "retrying mail for {path} {n}",
        "deprecated call by client {n}",
    ),
    herrings=(
        "nightly tally of {path} skipped {n} rows",
        "could not shrink picture {n}",
        "mail to customer {n} bounced",
        "import of {path} feed failed at row {n}",
        "webhook to partner {n} was not delivered",
    ),
    causes=(
        "ran out of slots, turning callers away ({n} waiting)",
        "cannot write segment {n}: volume is full",
        "worker {n} died, restarting it",
        "node {n} lost its leader, standing down",
        "rejecting writes: ceiling of {n} MB reached",
        "division by zero in price table {n}",
        "certificate of listener {n} is no longer valid",
        "too many files are open ({n})",
        "checksum of page {n} does not match",
        "killed child {n} for using too much memory",
        "all {n} threads are busy, queue is full",
    ),
    quiet_causes=(
        "parameter max_callers changed from {n} to 4",
        "stepping down as leader of shard {n}",
        "going read-only",
        "shutting down on signal 9",
        "loaded ruleset {n} with 0 rules",
    ),
    naming=(
        "call to {other} timed out after {n} ms",
        "{other} did not answer for {path} {n}",
        "gave up on {other} after {n} tries",
        "could not reach {other}: connection refused",
        "error from {other} while saving {path} {n}",
        "upstream {other} returned 503 for {path} {n}",
        "lost connection to {other}:7070",
        "no response from {other} for request {n}",
    ),
    unnamed=(
        "could not load {path} {n}",
        "request {n} took too long",
        "failed to finish {path} {n}",
        "giving up on {path} {n}",
        "internal error, {path} {n} dropped",
    ),
    releases=(
        "rollout {name} v{n}.1.0 -> v{n}.2.0 started",
        "deploying {name}:1.{n}",
        "{name} upgraded to release 3.{n}",
    ),
    exceptions=(
        ("java.util.concurrent.TimeoutException", "TimeoutError"),
        ("c.acme.net.CallFailedException", "acme.net.CallFailed"),
        ("java.net.SocketException", "ConnectionError"),
    ),
)
"""Weights may be set on these."""

REPORTING = Words(
    services=(
        "carts",
        "offers",
        "dispatch",
        "rewards",
        "fees",
        "assortment",
        "reservations",
        "billing",
        "ratings",
        "venues",
        "vat-calc",
        "thumbnails",
        "places",
        "fx-rates",
        "favourites",
        "promos",
        "counting",
        "refunds",
        "riskscore",
        "journal",
    ),
    infrastructure=("coredb", "doorman", "hoard", "papers", "courier", "lumps", "stork-db", "gravel"),
    routine=(
        "handled {path} {n} ({n} us)",
        "found {path} {n} in index",
        "wrote {path} {n}",
        "page of {n} {path}s sent",
        "POST /{path} 201 {n}ms",
        "{path} {n} already known",
        "tick {n}",
    ),
    chronic=(
        "{path} {n} needed {n} ms, more than usual",
        "no translation for {path} {n}",
        "skipping odd header of client {n}",
        "second try for newsletter {n}",
        "old api used by {n}",
    ),
    herrings=(
        "weekly statistics of {path} left out {n} lines",
        "thumbnail {n} is broken",
        "letter to member {n} came back",
        "feed of {path}s has a bad row {n}",
        "callback of partner {n} failed",
    ),
    causes=(
        "no free slot left, {n} callers are waiting",
        "write of segment {n} failed, no space on volume",
        "process {n} exited unexpectedly",
        "quorum lost, node {n} steps down",
        "memory limit of {n} MB hit, refusing writes",
        "null value in price table {n}",
        "listener {n}: certificate expired",
        "open file limit {n} exceeded",
        "page {n} is corrupt",
        "out of memory: killed process {n}",
        "thread pool exhausted ({n} of {n} busy)",
    ),
    quiet_causes=(
        "configuration reloaded, max_callers = 4 (was {n})",
        "leadership of shard {n} transferred",
        "switching to read only mode",
        "received SIGKILL, stopping",
        "applied policy {n}: deny all",
    ),
    naming=(
        "timeout while calling {other} ({n} ms)",
        "{other} is not responding, {path} {n} lost",
        "{other} failed {n} times, stopping",
        "connect to {other} failed: refused",
        "{path} {n}: error response from {other}",
        "502 from {other} on {path} {n}",
        "connection to {other}:7070 broke",
        "still waiting for {other} after {n} ms",
    ),
    unnamed=(
        "{path} {n} could not be read",
        "deadline passed for request {n}",
        "{path} {n} failed",
        "{path} {n} was given up",
        "unexpected error at {path} {n}",
    ),
    releases=(
        "release {name} 4.{n}.0 rolling out",
        "helm upgrade {name} --version 2.{n}",
        "installed {name} build {n}",
    ),
    exceptions=(
        ("io.grpc.StatusRuntimeException", "grpc.RpcError"),
        ("org.shop.http.BadReply", "shop.http.BadReply"),
        ("java.io.InterruptedIOException", "socket.timeout"),
    ),
)
"""Never looked at while weights are set."""


def nonsense(chance):
    """A word that means nothing in any language."""
    return "".join(chance.choice("bdfgklmnprstvz") + chance.choice("aeiou") for _ in range(chance.randint(3, 4)))


def nonsense_sentence(chance, holes):
    """Random words with the same holes as a sentence that means something."""
    parts = [nonsense(chance) for _ in range(chance.randint(3, 6))]
    for hole in holes:
        parts.insert(chance.randint(1, len(parts)), hole)
    return " ".join(parts)
