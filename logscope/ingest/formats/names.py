"""Names of services in what containers, pods, units and files are called."""

import re
from functools import lru_cache
from typing import Final

_REPLICA: Final = re.compile(r"(?<=.)[-_]\d{1,4}$")
_SWARM: Final = re.compile(r"\.\d+\.[a-z0-9]{20,30}(?:@.*)?$")
_POD: Final = re.compile(r"(?<=.)(?:-[a-f0-9]{6,10}-[a-z0-9]{5}|-[bcdfghjklmnpqrstvwxz2456789]{5}|-\d{1,4})$")

_PART: Final = re.compile(r"[0-9a-f-]{8,64}|\d{0,4}|\[.*")
"""Of a path: what numbers a run, a day or a task."""
_CONTAINER: Final = re.compile(r"[^._]{1,253}_[^._]{1,63}_(?P<name>[^_]{1,63})-[0-9a-f]{64}\.log$")
"""A container's log on a node of Kubernetes: pod, namespace, container and its hash."""
_COLLECTED: Final = re.compile(r"^(?:kube(?:rnetes)?|k8s|docker|containers?|apps?|services?|logs?)\.(?=.)")
"""The first word of a tag, which tells from where a collector took the line."""
_ENDING: Final = re.compile(r"(?<=.)\.(?:log|out|err|txt|jsonl?)(?:[.-]\d{1,8})?$")


@lru_cache(maxsize=1000)
def clean_name(name: str, strip: str) -> str:
    """The service of a container's or pod's name: without replica number and hashes."""
    if strip == "compose":
        return _REPLICA.sub("", _SWARM.sub("", name))
    if strip == "pod":
        return _POD.sub("", name)
    if strip == "path":
        container = _CONTAINER.search(name)
        if container:
            return container["name"]
        parts = [part for part in name.split("/") if not _PART.fullmatch(part)]
        return _ENDING.sub("", parts[-1]) if parts else name
    if strip == "tag":
        container = _CONTAINER.search(name)
        return container["name"] if container else _COLLECTED.sub("", name)
    return name.removesuffix(".service")
