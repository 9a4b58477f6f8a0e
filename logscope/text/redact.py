"""Secrets and personal data leave no host: reports, copies and briefs pass here.

Every pattern is anchored on a literal or a bounded class and is linear in the text. What is replaced stays recognisable
as what it was: `<redacted:token>`. Public addresses become pseudonyms that are the same for the same address, so that a
reader can still follow one client through a report.
"""

# ruff: noqa: E501  (one shape a line: a pattern cut in pieces cannot be read)

import ipaddress
import re
from functools import lru_cache
from typing import Final

_VALUE: Final = (
    r"(?:\"(?:[^\"\\\n]|\\.){1,500}\"|'(?:[^'\\\n]|\\.){1,500}'|\\{1,3}\"[^\"\\\n]{1,500}\\{1,3}\""
    r"|\\{0,3}[\"']?[^\s\"',;&)}\]\\]{3,500})"
)
"""What stands behind a key: quoted, quoted inside a quoted text, or bare; a cut text may never close its quote."""
_IS: Final = r"\\{0,3}[\"']?\s{0,3}(?:=>|=|:)\s{0,3}"
"""Between key and value, in `key=v`, `"key": "v"`, `key => v` and JSON inside JSON."""

_ARGUMENT: Final = r"(?:\"[^\"\n]{1,300}\"|'[^'\n]{1,300}'|[^\s\"'<-][^\s\"'<]{1,300})"
"""What stands behind an option of a command."""

_PIECES: Final = (
    ("private key", r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----(?:[\s\S]{0,8000}?-----END [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----|[\s\S]{0,8000})"),
    ("private key", r"(?<!\S)(?=\S{0,63}[A-Z])(?=\S{0,63}[a-z])(?=\S{0,63}[0-9+/])(?:[A-Za-z0-9+/]{64}|[A-Za-z0-9+/]{70}|[A-Za-z0-9+/]{76})(?!\S)"),
    ("private key", r"\bLS0tLS1CRUdJTi(?!BDRVJU)[A-Za-z0-9+/=_-]{10,8000}"),
    ("credentials", r"\b(?:SK|AC)[0-9a-f]{32}:[0-9a-f]{32}\b|\beyJhdXRocyI6[A-Za-z0-9+/=_-]{8,8000}|(?<=\"auth\":)\s{0,2}\"(?=[a-z]{0,200}[A-Z0-9=])[A-Za-z0-9+/]{8,2000}={0,2}\""),
    ("url user", r"(?<=://)(?:[^\s/@:\"']{0,100}:[^\s/\"'<>]{1,200}|[0-9a-fA-F]{32,64})(?=@)"),
    ("webhook", r"(?<=api\.telegram\.org/)bot\d{5,12}:[\w-]{20,60}"),
    ("signature", r"(?i)(?<=[?&])(?:(?:(?:x-(?:amz|goog)-)(?:signature|credential|security-token)|sig|signature|token|access_token|id_token|api_?key|apikey|password|pwd|secret)=[^&\s\"'<>]{4,2000}|code=[^&\s\"'<>]{12,2000}|key=[^&\s\"'<>]{16,2000})"),
    ("webhook", r"https://(?:hooks\.slack\.com/(?:services|workflows)|discord(?:app)?\.com/api/webhooks|[\w-]{1,60}\.webhook\.office\.com)/[^\s\"'<>]{4,300}"),
    ("authorization", r"(?i)\b(?:proxy-)?authorization\\{0,3}[\"']?\s{0,3}[:=]\s{0,3}[\[\\\"']{0,4}(?:basic|bearer|digest|token|negotiate|ntlm|apikey|hmac|aws4-hmac-sha256)?\s{0,3}[^\s\"',;<]{4,4000}(?:\"[^\"\n]{0,500}\")?(?:,\s{0,2}\w{1,40}=(?:\"[^\"\n]{0,500}\"|[^\s,\"]{1,500})){0,12}"),
    ("bearer", r"(?i)\bbearer\s{1,3}[A-Za-z0-9._~+/=-]{16,4000}"),
    ("cookie", r"(?i)\b(?:set-)?cookie[\"']?\s{0,3}[:=]\s{0,3}[\"']?[^\s\"'<;]{4,4000}(?:; ?[^\s;=]{1,60}=[^\s;\"']{1,2000}){0,30}"),
    ("jwt", r"\beyJ[A-Za-z0-9_-]{10,2000}\.[A-Za-z0-9_-]{5,4000}(?:\.[A-Za-z0-9_-]{5,2000})?"),
    ("aws key", r"\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16}\b"),
    ("token", r"\b(?:gh[pousr]_[A-Za-z0-9]{20,255}|github_pat_[A-Za-z0-9_]{20,255}|glpat-[\w-]{18,60}|xox[abeprs]-[\w-]{10,250}|sk-(?:proj-|ant-)?[\w-]{20,250}|sk_(?:live|test)_\w{10,250}|rk_(?:live|test)_\w{10,250}|pk_live_\w{10,250}|AIza[\w-]{30,45}|ya29\.[\w-]{20,300}|npm_[A-Za-z0-9]{30,60}|pypi-[\w-]{40,250}|SG\.[\w-]{16,64}\.[\w-]{16,64}|hvs\.[\w-]{20,250}|dop_v1_[0-9a-f]{40,80}|shp(?:at|ss|ca)_[0-9a-fA-F]{20,64}|EAA[A-Z]\w{24,250}|AGE-SECRET-KEY-1[0-9A-Z]{30,80}"
        r"|(?:whsec|dckr_pat|lin_api|hf|ntn|figd|rzp_live|sq0[a-z]{3}|glrt|gldt|glsa|tvly|tskey-auth)[_-][\w-]{16,250}|xapp-\d-[\w-]{10,250}|GOCSPX-[\w-]{20,60}"
        r"|dapi[0-9a-f]{32}|NRAK-[A-Z0-9]{20,40}|ATATT3[\w=-]{20,300}|secret_[A-Za-z0-9]{32,60}|key-[0-9a-f]{32}|[0-9a-f]{32}-us\d{1,2}|(?:SK|AC)[0-9a-f]{32}|[\w~.-]{3}\dQ~[\w~.-]{31,34}|[A-Za-z0-9]{14}\.atlasv1\.[\w-]{40,100}"
        r"|s\.(?=[A-Za-z]{0,23}\d)(?=[A-Z0-9]{0,23}[a-z])(?=[a-z0-9]{0,23}[A-Z])[A-Za-z0-9]{24})\b"),
    ("token", r"\b\d{8,10}:AA[\w-]{30,40}"),
    ("hash", r"\$(?:2[abxy]\$\d\d|[156]|y|argon2(?:id|i|d)|apr1|scrypt|pbkdf2[\w-]{0,20})\$[\w./$=,+-]{20,300}"),
    ("argument", r"(?i)(?:(?<=[\s/])|^)(?:--?(?:password|passwd|token|secret|api-key)\s{1,3}(?![-<])" + _ARGUMENT + r"|sshpass\s{1,3}-p\s{0,3}" + _ARGUMENT
        + r"|-pass(?:in|out)?\s{1,3}pass:[^\s\"'<]{2,200}|ldap\w{3,8}\s{1,3}(?:[^\s]{1,80}\s{1,3}){0,10}-w\s{1,3}" + _ARGUMENT + r"|snmp\w{2,10}\s{1,3}(?:[^\s]{1,80}\s{1,3}){0,8}-c\s{0,3}" + _ARGUMENT
        + r"|net\s{1,3}use\s{1,3}(?:[^\s]{1,80}\s{1,3}){0,3}/user:[^\s]{1,80}\s{1,3}" + _ARGUMENT + r"|(?:mysql|mysqldump|mariadb|mysqladmin)\s{1,3}(?:[^\s]{1,60}\s{1,3}){0,4}-p[^\s\"'<]{2,200}|(?:-u|--user)\s{1,3}(?!\d{1,10}:\d)[^\s:\"'<]{1,60}:[^\s\"'<]{2,200}"
        r"|redis-cli\s{1,3}(?:[^\s]{1,60}\s{1,3}){0,6}(?:-a|--pass)\s{1,3}[^\s\"'<]{2,200}|htpasswd\s{1,3}-\w{0,4}b\w{0,4}\s{1,3}[^\s]{1,200}\s{1,3}[^\s]{1,80}\s{1,3}[^\s\"'<]{2,200}|docker\s{1,3}login\s{1,3}(?:[^\s]{1,60}\s{1,3}){0,6}-p\s{1,3}[^\s\"'<]{2,200}"
        r"|--from-literal=[^\s=]{1,80}=[^\s\"'<]{2,300})"),
    ("argument", r"(?i)\b(?:identified\s{1,3}(?:with\s{1,3}[\w']{1,40}\s{1,3})?(?:by|as)(?:\s{1,3}password)?|with\s{1,3}(?:encrypted\s{1,3})?password|set\s{1,3}password(?:\s{1,3}for\s{1,3}[^\s=]{1,100})?\s{0,3}=|requirepass|masterauth|r[ow]community)\s{1,3}(?!<)[\"'][^\"'\n]{1,200}[\"']"),
    ("argument", r"\b(?:(?i:requirepass|masterauth|r[ow]community)\s{1,3}(?!<)[^\s\"'<]{4,200}|(?:(?<=[<>])|(?<=[<>] ))PASS\s(?!<)[^\s<]{2,200}|AUTH\s{1,3}(?=[^\s:]{0,80}\d)(?=[^\s:]{0,80}[a-z])[^\s:<]{6,200})"),
    ("url user", r"(?i)(?<=oracle:thin:)[^\s/@]{1,60}/[^\s@]{1,200}(?=@)"),
    ("secret", r"(?i)(?:passwd|password|passphrase|passwort|kennwort|mot[_-]?de[_-]?passe|contrase[nñ]a|senha|(?!(?<!\S)(?-i:PWD)=/\S{0,200}(?:\s|$))pwd|bind[_-]?pw|secret[_-]?key(?:[_-]?base)?|snmp[ _-]?community|(?<![a-z])psk|pre[_-]?shared[_-]?key|secret|api[_-]?key|access[_-]?key|account[_-]?key|private[_-]?key|auth[_-]?token|access[_-]?token|refresh[_-]?token|session[_-]?(?:id|token|key)|sessid|connect\.sid|credentials?|encryption[_-]?key|signing[_-]?key|master[_-]?key|routing[_-]?key(?=\W{1,4}[0-9a-f]{32}\b)|integration[_-]?key|license[_-]?key|client[_-]?assertion|saml(?:response|request)|x-amz-security-token|x-amz-signature|one[_-]?time[_-]?(?:code|password)|(?<![a-z])otp|mfa[_-]?code|recovery[_-]?code)" + _IS + _VALUE),
    ("secret", r"(?i)(?<![a-z])(?<!proxy_)pass(?:=|\\{0,3}[\"']\s{0,3}(?:=>|:)\s{0,3})(?!\\{0,3}[\"']?(?:\d{1,20}\b|\w{2,10}://|[$<]))" + _VALUE),
    ("secret", r"(?i)<(?:\w{1,20}:)?(?:\w{1,20}[_.-])?(?:password|passwd|passphrase|pwd|secret|api[_-]?key|access[_-]?token)(?:\s[^<>\n]{0,200})?>(?!<)[^<\n]{1,500}(?=</)"),
    ("token", r"(?i)(?:token|\bjwt)" + _IS + r"\\{0,3}[\"']?(?=[a-z._~+/=-]{0,100}\d)[\w.~+/=-]{8,2000}"),
    ("secret", r"(?i)\b(?:password|passphrase)(?:\s{1,3}(?:is|was))?\s{1,3}(?=[^\s\"',;]{0,60}\d)(?=[^\s\"',;]{0,60}[^\s\d\"',;:.()-])[^\s\"',;<>()]{4,80}"),
    ("secret", r"(?i)\b(?:verification code|passcode|pin code|one[- ]time code|security code|your (?:\w{1,20} )?code|(?<![\w/-])otp|(?<![\w-])pin)\s{0,3}(?:is|was|[:=])\s{0,3}\d{4,8}\b|\b(?:verification code|passcode|pin code|one[- ]time code|security code)\s{1,3}\d{4,8}\b"),
    ("signature", r"(?i)\bsignature" + _IS + r"(?=[a-z+/=_-]{0,60}\d)[\w+/=-]{32,2000}"),
    ("authorization", r"(?i)\bdigest\s{1,3}username=\"[^\"\n]{0,200}\"(?:,\s{0,2}\w{1,40}=(?:\"[^\"\n]{0,500}\"|[^\s,\"]{1,500})){1,12}"),
    ("smtp auth", r"\b(?i:auth (?:plain|login|xoauth2|cram-md5)) (?=[a-z]{0,40}[A-Z0-9=])[A-Za-z0-9+/=]{8,2000}"),
    ("ssn", r"(?i)\b(?:ssn|social[ _-]?security(?:[ _-]?(?:no|number))?)\\{0,3}[\"']?\s{0,3}[:=]\s{0,3}\\{0,3}[\"']?\d{3}[ -]?\d{2}[ -]?\d{4}\b"),
    ("phone", r"(?i)\b(?:phone|mobile|msisdn|telephone|tel|fax|whatsapp)(?:[ _-]?(?:no|nr|number))?\\{0,3}[\"']?\s{0,3}[:=]\s{0,3}\\{0,3}[\"']?\+?\d(?:[ ./()-]{0,2}\d){6,14}\b"),
    ("cvv", r"(?i)\b(?:(?:cvv2?|cvc2?|csc)[\"']?\s{0,2}[:=]\s{0,2}[\"']?\d{3,4}|(?:cvv2?|cvc2?)\s\d{3,4})\b"),
    ("mail", r"\b[^\W_][\w.+-]{0,63}(?:@|%40)(?:(?:[^\W_]|-){1,63}\.){1,5}[^\W\d_]{2,24}\b(?!:[\w.-]{1,60}/)"),
    ("iban", r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b"),
    ("ssn", r"(?<![\d-])(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d-])"),
    ("phone", r"(?<![\w.+-])\+\d{1,3}[ .-]?(?:\(\d{1,4}\)[ .-]?)?\d{2,4}(?:[ .-]?\d{2,4}){2,4}(?![\w-]|\.\d)"),
    ("phone", r"(?<![\w.+-])(?:\([2-9]\d{2}\) ?|[2-9]\d{2}-)[2-9]\d{2}-\d{4}(?![\w-])"),
    ("card", r"(?<![\w.-])(?:\d[ -]?){12,18}\d(?![\w-]|\.\d)"),
    ("ip", r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?!\w|\.\d|-[A-Za-z])"),
    ("ip6", r"(?<![\w:.])(?:[0-9A-Fa-f]{1,4}:){2,7}(?::?[0-9A-Fa-f]{1,4}){0,6}(?!\w|:[\w:]|\.\d)"),
)  # fmt: skip
_NAMES: Final = tuple(name for name, _ in _PIECES)


def _group(number: int, pattern: str) -> str:
    """One alternative; a leading `(?i)` holds for it alone."""
    scoped = f"(?i:{pattern[4:]})" if pattern.startswith("(?i)") else pattern
    return f"(?P<p{number}>{scoped})"


@lru_cache(maxsize=1)
def _compile() -> re.Pattern[str]:
    # By the first text that leaves the host: 10 ms that most runs do without.
    return re.compile("|".join(_group(number, pattern) for number, (_, pattern) in enumerate(_PIECES)))


_ORDINARY: Final = frozenset((
    "expired", "invalid", "missing", "required", "null", "none", "nil", "true", "false", "empty", "rejected",
    "denied", "wrong", "failed", "failure", "must", "should", "is", "was", "not", "no", "yes", "ok", "incorrect",
    "enabled", "disabled", "on", "off", "optional", "set", "updated", "accepted", "correct", "valid", "verified", "found",
    "loaded", "rotated", "created", "deleted", "present", "mismatch", "changed", "reset", "unset", "error", "unknown",
    "unauthorized", "forbidden", "absent", "refused", "",
))  # fmt: skip
"""Words behind `password:` that are no password; nothing is left of one that was masked already."""
_PAIRS: Final = frozenset(("secret", "token", "cvv", "signature", "authorization", "cookie", "ssn", "phone"))
"""Their key stays readable."""
_UNITS: Final = (".service", ".socket", ".timer", ".mount", ".slice", ".scope", ".target", ".device")
"""Endings of systemd's units: `postgresql@15-main.service` is nobody's address."""
_COUNTED: Final = {
    "ip": ("public address", "public addresses"),
    "ip6": ("public address (IPv6)", "public addresses (IPv6)"),
    "mail": ("mail address", "mail addresses"),
    "bearer": ("bearer token", "bearer tokens"),
    "credentials": ("pair of credentials", "pairs of credentials"),
    "smtp auth": ("log-in by mail", "log-ins by mail"),
    "url user": ("user of an address", "users of addresses"),
    "argument": ("secret of a command", "secrets of commands"),
}
"""How one and several of a shape are called, where an `s` does not do."""
_UNICAST: Final = ipaddress.ip_network("2000::/3")
"""Where public addresses of hosts are (RFC 4291)."""
_LONGEST: Final = 65_536


class Redactor:
    """Redacts texts of one report; the same address gets the same pseudonym."""

    def __init__(self, *, redact_ips: bool = False) -> None:
        """Start without pseudonyms.

        Args:
            redact_ips: Private addresses are replaced too.
        """
        self.count = 0
        """How many pieces were replaced."""
        self._seen: dict[str, set[int]] = {}
        """By name of a shape the different values that were replaced, as hashes: none is kept."""
        self._redact_private = redact_ips
        self._pseudonyms: dict[str, str] = {}

    def redact(self, text: str) -> str:
        """The text without secrets and personal data; at most 64 KiB of it."""
        return _compile().sub(self._replace, text[:_LONGEST])

    def _replace(self, match: re.Match[str]) -> str:
        assert match.lastgroup is not None, "every alternative is named"
        name = _NAMES[int(match.lastgroup[1:])]
        text = match[0]
        replaced = self._replacement(name, text)
        if replaced != text:
            self.count += 1
            self._seen.setdefault(name, set()).add(hash(text))
        return replaced

    @property
    def counts(self) -> dict[str, int]:
        """By name of a shape, how many different values were replaced."""
        return {name: len(values) for name, values in sorted(self._seen.items())}

    def tell(self) -> str:
        """A sentence about what was replaced; empty when nothing was."""
        told = [f"{count:,} {_COUNTED.get(name, (name, f'{name}s'))[count > 1]}" for name, count in self.counts.items()]
        return f"Redacted (different values): {', '.join(told)}." if told else ""

    def _replacement(self, name: str, text: str) -> str:
        if name in ("ip", "ip6"):
            return self._address(text)
        if name == "card" and not is_card(text):
            return text
        if name == "iban" and not is_iban(text):
            return text
        if name == "mail" and text.endswith(_UNITS):
            return text
        if name == "argument":
            head, separator, _ = (
                text.partition("=") if len(text.split(None, 1)) == 1 else (text.split(None, 1)[0], " ", "")
            )
            return f"{head}{separator}<redacted:argument>"
        key, separator, value = _split_pair(text) if name in _PAIRS else ("", "", text)
        if key and (value.strip("\\\"' .[*xX").lower() in _ORDINARY or value.lstrip("\\\"'").startswith("<")):
            return text
        if key:
            return f"{key}{separator}<redacted:{name}>"
        return f"<redacted:{name}>"

    def _address(self, text: str) -> str:
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            return text
        if _is_nobody(address) or (not address.is_global and not self._redact_private):
            return text
        if text not in self._pseudonyms:
            kind = "ip" if address.is_global else "private-ip"
            self._pseudonyms[text] = f"<{kind}-{len(self._pseudonyms) + 1}>"
        return self._pseudonyms[text]


def _is_nobody(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """No host has it: a browser's version (`Chrome/119.0.0.0`), a certificate's serial in pairs of digits."""
    if address.version == 4:
        return int(address) % (1 << 24) == 0
    return address.is_global and address not in _UNICAST


def _split_pair(text: str) -> tuple[str, str, str]:
    match = re.match(r"([^:=]{1,120}?[\"']?)(\s{0,3}(?:=>|[:=])\s{0,3})", text)
    return (match[1], match[2], text[match.end() :]) if match else ("", "", text)


def is_card(text: str) -> bool:
    """A card number: 13 to 19 digits whose check digit is right (Luhn, ISO/IEC 7812-1) and that begins as cards do."""
    digits = [int(c) for c in text if c.isdigit()]
    if not 13 <= len(digits) <= 19 or digits[0] not in (2, 3, 4, 5, 6):
        return False
    total = 0
    for position, digit in enumerate(reversed(digits)):
        doubled = digit * 2 if position % 2 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0 and not (len(digits) == 13 and "-" not in text and " " not in text and digits[0] != 4)


def is_iban(text: str) -> bool:
    """An account number whose check digits are right (ISO 13616)."""
    bare = text.replace(" ", "")
    if not 15 <= len(bare) <= 34:
        return False
    moved = bare[4:] + bare[:4]
    return int("".join(str(int(c, 36)) for c in moved)) % 97 == 1
