"""Who did what to what, out of the records of audit trails: there it stands deep within an object. Pure.

Shapes: Kubernetes (kubernetes.io/docs/reference/config-api/apiserver-audit.v1), AWS CloudTrail (its "record contents"
page), Google Cloud's AuditLog. The event is told as fields like those of any other record.
"""

from collections.abc import Iterator, Mapping
from typing import Final

_MOST_VALUES: Final = 3
_LONGEST: Final = 60
_DEEPEST: Final = 6
_UNTOLD: Final = ("id", "uid", "version", "time", "timestamp", "kind", "token", "secret", "password", "key", "@type")
"""Ends of keys, in small letters, whose values tell nothing of what was asked for, or are nobody's to tell."""

_SECRET: Final = ("data", "stringData")
"""What a secret holds, by whatever names."""


def list_audited(record: Mapping[str, object]) -> list[str]:
    """What was done, to what, with which values, by whom; empty for a record of no audit trail."""
    if str(record.get("apiVersion", "")).startswith("audit.k8s.io/"):
        meant = _object(record.get("objectRef"))
        name = "/".join(str(meant[key]) for key in ("namespace", "name") if meant.get(key))
        kind = "/".join(str(meant[key]) for key in ("resource", "subresource") if meant.get(key))
        user = _object(record.get("user")).get("username")
        done: object = record.get("verb")
        return _tell(("verb", done), ("resource", f"{kind} {name}".strip()), record.get("requestObject"), user)
    if "eventName" in record and "eventSource" in record and "userIdentity" in record:
        # The event's name is its message already.
        return _tell(("", None), ("", None), record.get("requestParameters"), _name_identity(record))
    payload = _object(record.get("protoPayload"))
    if "methodName" in payload:
        user = _object(payload.get("authenticationInfo")).get("principalEmail")
        done, what = payload["methodName"], payload.get("resourceName")
        return _tell(("method", done), ("resource", what), payload.get("request"), user)
    return []


def is_altered(record: Mapping[str, object]) -> bool:
    """Whether somebody altered an object of a cluster: no controller, which does so all day."""
    user = str(_object(record.get("user")).get("username", _CONTROLLER))
    is_asked = record.get("verb") in _ALTERING and isinstance(record.get("objectRef"), dict)
    return is_asked and not user.startswith(_CONTROLLER)


_CONTROLLER: Final = "system:"
_ALTERING: Final = frozenset(("create", "update", "patch", "delete", "deletecollection"))


def _tell(done: tuple[str, object], what: tuple[str, object], asked: object, user: object) -> list[str]:
    values = list(dict.fromkeys(_leaves(asked, _DEEPEST)))[:_MOST_VALUES]
    pairs = [done, what, *values, ("user", user)]
    return [f"{key}={_show(value)}" for key, value in pairs if value not in (None, "")]


def _name_identity(record: Mapping[str, object]) -> object:
    """`assumed-role/ci/terraform` is called `ci/terraform`, `user/alice` alice; a service by its address."""
    identity = _object(record.get("userIdentity"))
    arn = str(identity.get("arn") or "")
    return identity.get("userName") or arn.partition("/")[2] or identity.get("invokedBy") or identity.get("type")


def _leaves(value: object, depth: int) -> Iterator[tuple[str, str | int | float]]:
    """Names and values at the ends of an object that was sent, in its order."""
    if depth == 0:
        return
    if isinstance(value, list):
        for one in value:
            yield from _leaves(one, depth - 1)
    for key, one in value.items() if isinstance(value, dict) else ():
        if str(key).lower().endswith(_UNTOLD) or key in _SECRET:
            continue
        if isinstance(one, int | float) or (isinstance(one, str) and 0 < len(one) <= _LONGEST):
            yield str(key), one
        else:
            yield from _leaves(one, depth - 1)


def _show(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _object(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}
