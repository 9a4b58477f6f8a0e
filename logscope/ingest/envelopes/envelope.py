"""Lines that wrap another format's lines: syslog, journald, container runtimes, prefixes of compose and kubectl.

An envelope opens a line into its own head and the body; the body is read by forms that were learned from bodies, per
service where the envelope tells services apart. The envelope's time counts where it has one (it has the zone), the
body's level where it has one (the envelope's is only what the transport was told). Of envelopes with whole seconds
alone the body's stamp tells where in that second, where it has one.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from logscope.ingest.envelopes.fine import find_fine
from logscope.ingest.envelopes.openers import JsonOpener, Opener
from logscope.ingest.formats.form import CONTINUES, Form, Head, Origin, TextForm
from logscope.ingest.formats.plain import PlainForm
from logscope.ingest.formats.pretty import PrettyForm
from logscope.ingest.signatures.fields import ORNAMENT, RecordFields, build_fields, decode
from logscope.ingest.timestamps.timestamp import Missing, ParseState
from logscope.model.severity import Severity

_LONGEST_BODY: Final = 65_536


class EnvelopeForm:
    """Wrapped lines."""

    def __init__(
        self, opener: Opener, forms: tuple[Form, ...], by_service: Mapping[str, tuple[Form, ...]], *,
        is_coarse: bool = False,
    ) -> None:  # fmt: skip
        """Args are kept.

        Args:
            opener: Opens the lines.
            forms: Read the bodies of services that were not sampled.
            by_service: Forms of each service that was.
            is_coarse: It stamps whole seconds, and the stamps of bodies are finer (`fine`).
        """
        self.is_coarse = is_coarse
        self.opener = opener
        self.forms = forms
        self.by_service = dict(by_service)
        self.is_several = len(self.by_service) > 1
        """One stream holds several services."""
        # A file of one syslog program is named by its file, one of a container or unit by that.
        self.is_named = self.is_several or (bool(self.by_service) and not opener.name.startswith("syslog"))
        """Records are of the services that it names."""
        inner = {one[0].name for one in (forms, *self.by_service.values()) if one}
        self.name = f"{opener.name} / {forms[0].name}" if len(inner) == 1 and inner != {"text"} else opener.name

    def __reduce__(
        self,
    ) -> tuple[Callable[..., "EnvelopeForm"], tuple[Opener, tuple[Form, ...], dict[str, tuple[Form, ...]], bool]]:
        return (_rebuild, (self.opener, self.forms, self.by_service, self.is_coarse))

    @property
    def is_timed(self) -> bool:
        """Envelope or body carries times."""
        return self.opener.is_timed or any(form.is_timed for form in self._all_forms())

    @property
    def missing(self) -> Missing:
        """What the stamps that count do not say."""
        if self.opener.is_timed:
            return self.opener.missing
        return max((form.missing for form in self._all_forms() if form.is_timed), default=Missing.NOTHING)

    @property
    def first_bytes(self) -> frozenset[int] | None:
        """Bytes that its lines may begin with."""
        return frozenset(b"{") if isinstance(self.opener, JsonOpener) else self.opener.header.first_bytes

    def _all_forms(self) -> tuple[Form, ...]:
        return (*self.forms, *(form for forms in self.by_service.values() for form in forms))

    def parse(self, line: bytes, state: ParseState) -> Head | None:
        """The head of the line; `CONTINUES` where the body continues; None when it is not wrapped so."""
        opened = self.opener.open(line, state)
        if opened is None:
            return None
        # An envelope in another one keeps to the stream that the outer one tells.
        stream = opened.service if self.is_several else state.stream
        # Two outputs of a container are written side by side: a whole line of one never goes on from a cut one's.
        was_partial, state.partial = state.partial == opened.output, opened.output if opened.is_partial else ""
        is_same = state.stream == stream
        state.stream = stream
        if was_partial and is_same:
            return CONTINUES
        if not is_same:
            state.in_trace = state.after_error = False
        outer = opened.head
        # An object may wrap a record of several lines.
        body = opened.body.split(b"\n", 1)[0].rstrip(b"\r") if b"\n" in opened.body else opened.body
        clock, cut = (state.year, state.day, state.last), state.partial
        for form in self.by_service.get(opened.service or "", self.forms):
            inner = form.parse(body, state)
            state.partial = cut
            if outer.time is not None:
                # A clock in the body says nothing of the envelope's day or year.
                state.year, state.day, state.last = clock
            if inner is CONTINUES:
                break
            if inner is not None:
                time = outer.time if outer.time is not None else inner.time
                if self.is_coarse and outer.time is not None and inner.time is not None and not inner.status:
                    time = outer.time + find_fine(outer.time, inner.time)
                # What a run-time system tells is whole: another's trace behind it is an event of its own.
                state.after_error = inner.severity >= Severity.WARN and inner.origin is Origin.LOGGER
                return Head(
                    time,
                    outer.severity if inner.severity is Severity.UNKNOWN else inner.severity,
                    outer.message + inner.message,
                    opened.service if self.is_named else inner.service,
                    inner.status,
                    inner.duration_us,
                    inner.origin,
                )
        if is_same:
            return CONTINUES
        # It goes on from a record of its own stream, which is not the one before: never from another service's.
        service = opened.service if self.is_named else None
        return Head(outer.time, Severity.UNKNOWN, outer.message, service, 0, -1)

    @property
    def is_late(self) -> bool:
        """Some body's first line does not say everything: see `read_late`."""
        return any(
            isinstance(form, TextForm | PrettyForm | EnvelopeForm) and form.is_late for form in self._all_forms()
        )

    def read_late(self, lines: list[bytes], head: Head) -> Head:
        """The head of a whole record, where later lines of its body say more than the first."""
        bodies, service = self._open_lines(lines)
        for form in self.by_service.get(service or "", self.forms):
            inner = form.parse(bodies[0], ParseState())
            if inner is None or inner is CONTINUES:
                continue
            if not isinstance(form, TextForm | PrettyForm | EnvelopeForm) or not form.is_late:
                break
            told = form.read_late(bodies, inner)
            return head._replace(
                time=told.time if head.time is None else head.time,
                severity=head.severity if told.severity is Severity.UNKNOWN else told.severity,
                status=told.status,
                duration_us=told.duration_us,
            )
        return head

    def stream_of(self, line: bytes) -> str | None:
        """Name of the line's stream; None when it is not wrapped."""
        opened = self.opener.open(line, ParseState())
        return None if opened is None else opened.service

    def open_record(self, lines: list[bytes]) -> tuple[tuple[Form, ...], list[bytes]]:
        """The forms of a record's bodies, and the bodies: pieces of cut lines joined."""
        bodies, service = self._open_lines(lines)
        return self.by_service.get(service or "", self.forms), bodies

    def find_message(self, line: bytes) -> bytes | None:
        """The message of a line that wraps a line of text, as `read_fields` gives it; None where it must be asked."""
        opener = self.opener
        if isinstance(opener, JsonOpener) and not opener.is_sure and opener.open(line, ParseState()) is None:
            return None
        forms, bodies = self.open_record([line])
        if len(bodies) > 1 or len(bodies[0]) > _LONGEST_BODY:
            return None
        body = bodies[0]
        for form in forms:
            head = form.parse(body, ParseState())
            if head is None or head is CONTINUES:
                continue
            if not isinstance(form, TextForm | PlainForm):
                return None
            # The same bytes as text and back: what is no UTF-8 is replaced.
            message = body[form.find_message(body) :].decode("utf-8", "replace").rstrip("\r")
            return message.encode() if message.strip(ORNAMENT) else None
        return None

    def read_fields(self, lines: list[bytes]) -> RecordFields:
        """The rich view of a record: of its bodies, pieces of cut lines joined."""
        bodies, service = self._open_lines(lines)
        found = self._read_bodies(bodies, service)
        if found.service is not None or service is None or not self.is_named:
            return found
        return replace(found, service=service)

    def _open_lines(self, lines: list[bytes]) -> tuple[list[bytes], str | None]:
        state = ParseState()
        bodies: list[bytes] = []
        service = None
        glue = ""
        for line in self.opener.gather(lines):
            opened = self.opener.open(line, state)
            body = line if opened is None else opened.body
            if opened is not None and glue == opened.output and bodies:
                bodies[-1] += body
            else:
                bodies.extend(body.split(b"\n"))
            glue = opened.output if opened is not None and opened.is_partial else ""
            if service is None and opened is not None:
                service = opened.service
        return bodies, service

    def _read_bodies(self, bodies: list[bytes], service: str | None) -> RecordFields:
        for form in self.by_service.get(service or "", self.forms):
            head = form.parse(bodies[0], ParseState())
            if head is not None and (head is not CONTINUES or isinstance(form, EnvelopeForm)):
                return form.read_fields(bodies)
        return build_fields(decode(bodies[0]), {}, stack=decode(b"\n".join(bodies[1:])) or None)


def _rebuild(
    opener: Opener, forms: tuple[Form, ...], by_service: dict[str, tuple[Form, ...]], is_coarse: bool
) -> EnvelopeForm:  # fmt: skip
    return EnvelopeForm(opener, forms, by_service, is_coarse=is_coarse)
