"""Fingerprints: what makes two records the same event. A pure function of one record and the mask version."""

import hashlib
from typing import Final

from logscope.ingest.batch import Signature, SignatureKind
from logscope.ingest.signatures.masks import MASK_VERSION, mask, mask_route
from logscope.ingest.signatures.stacks import Stack

LONGEST_TEMPLATE: Final = 2000
"""Characters; what differs only behind them is the same event."""


def make_signature(service: str, kind: SignatureKind, template: str) -> Signature:
    """A signature with its key."""
    raw = f"{MASK_VERSION}\0{service}\0{kind}\0{template}".encode("utf-8", "surrogateescape")
    key = int.from_bytes(hashlib.blake2b(raw, digest_size=8).digest(), "big") >> 1
    return Signature(key, service, kind, template)


def template_of_message(message: bytes) -> str:
    """The masked first line of a message."""
    line = message.split(b"\n", 1)[0].strip()
    return mask(line).decode("utf-8", "replace")


def template_of_stack(stack: Stack) -> str:
    """What a trace adds to the masked message, which alone often says only "request failed": causes and own frames."""
    lines = [""]
    lines += [f"caused by {name.decode('utf-8', 'replace')}" for name in stack.types]
    lines += [f"  at {name.decode('utf-8', 'replace')}" for name in stack.frames]
    return "\n".join(lines)


def template_of_request(method: bytes, path: bytes, status: int) -> str:
    """Method where one is told, route without ids, and status."""
    told = f"{method.decode('ascii', 'replace')} " if method else ""
    return f"{told}{mask_route(path).decode('utf-8', 'replace')} {status}"


def _cut(template: str) -> str:
    """The begin of a long first line; of a trace the causes and frames stay."""
    line, newline, stack = template.partition("\n")
    return line[:LONGEST_TEMPLATE] + newline + stack[:LONGEST_TEMPLATE]


class SignatureTable:
    """The distinct signatures of one stream; each gets a small index in the order of its first record."""

    def __init__(self) -> None:
        self.signatures: list[Signature] = []
        self._index_by_content: dict[tuple[str, SignatureKind, str], int] = {}

    def index(self, service: str, kind: SignatureKind, template: str) -> int:
        """Index of a signature, added when it is new."""
        if len(template) > LONGEST_TEMPLATE:
            template = _cut(template)
        content = (service, kind, template)
        index = self._index_by_content.get(content)
        if index is None:
            index = self._index_by_content[content] = len(self.signatures)
            self.signatures.append(make_signature(service, kind, template))
        return index
