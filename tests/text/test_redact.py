# ruff: noqa: E501 -- samples are single lines
"""Secrets go, ordinary phrases stay."""

import time

import pytest

from logscope.text.redact import Redactor, is_card, is_iban

SECRETS = [
    "password=hunter2secret", "passwd: s3cr3t!", "pwd='abc def'", 'db_password = "p@ss"', "PASSWORD=Tr0ub4dor&3",
    "api_key=abcdef123456", "apikey: 9f8e7d6c5b", "X-Api-Key: 0123456789abcdef", "client_secret=s3cr3tvalue",
    "access_token=ya29.a0AfH6SMBx", "refresh_token: 1//0gabc-def", "session_id=8f14e45fceea167a", "secret: topsecretvalue",
    "Authorization: Bearer abcdefghijklmnopqrstuvwxyz", "Authorization: Basic dXNlcjpwYXNz", "authorization=Token abc123def",
    "bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc", "Cookie: sid=31d4d96e407aad42; theme=dark",
    "Set-Cookie: session=abcdef0123456789; HttpOnly", "postgres://app:s3cr3t@db:5432/shop", "redis://:pw12345@cache:6379/0"
    .replace("//:", "//x:"), "https://user:pass@host/path", "https://b.s3.amazonaws.com/k?X-Amz-Signature=0f1e2d3c4b5a",
    "https://acc.blob.core.windows.net/c?sv=2022&sig=abc%2Fdef", "GET /login?token=abcdef0123456789 HTTP/1.1",
    "https://hooks.slack.com/services/T000/B000/XXXXXXXX", "https://discord.com/api/webhooks/123/abcDEF",
    "AKIAIOSFODNN7EXAMPLE", "ASIAY34FZKBOKMUTVV7A", "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "github_pat_11ABCDEFG0123456789_abcdefghij", "glpat-ABCdef123456_7890xyz", "xoxb-123456789012-abcdefghijkl",
    "sk-proj-abcdefghijklmnopqrstuvwx", "sk_live_4eC39HqLyjWDarjtT1zdp7dc", "rk_test_4eC39HqLyjWDarjtT1zdp7dc",
    "AIzaSyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY", "npm_abcdefghijklmnopqrstuvwxyz0123456789",
    "SG.abcdefghijklmnopqrst.ABCDEFGHIJKLMNOPQRSTUVWX", "hvs.CAESIJabcdefghijklmnop",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\n-----END RSA PRIVATE KEY-----",
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
    "card 4111 1111 1111 1111", "card=5500-0000-0000-0004", "pan 378282246310005", "cvv=123", "cvc: 4321",
    "mail joe.doe+x@example.co.uk bounced", "SSN 123-45-6789", "call +49 30 901820 now", "phone +1 (415) 555-2671",
    "IBAN DE89 3704 0044 0532 0130 00", "iban GB82WEST12345698765432", "from 8.8.8.8", "peer 2001:4860:4860::8888",
    '{"password":"abc123","user":"x"}', '{"authToken": "abcdef123"}', "private_key=MIIEvQIBADANB", "credential: abcd1234",
    "signing_key=0011223344556677", "encryption-key: 99887766", "proxy-authorization: Basic dXNlcjpwYXNz",
]  # fmt: skip

ORDINARY = [
    "TTY=pts/0 ; PWD=/home/wren ; USER=root ; COMMAND=/usr/sbin/nft -f /etc/nftables.conf",
    "token expired for user", "password: invalid", "password=null", "secret missing", "invalid token", "order 1795437083949",
    "epoch 1772719328123 ms", "uuid 94ba554b-cee1-4062-9b9f-0fe14c66e62a", "rid=dd3826857345", "at 2026-11-23 12:31:24.143",
    "10.0.0.7:6379 refused", "192.168.1.10 is up", "127.0.0.1", "redis-main:6379", "took 5000ms", "exit status 1",
    "version 1.2.3.4-beta", "key not found", "primary key violation", "foreign key constraint", "keys=512", "tokens used: 8",
    "cache key user:12 expired", "session opened", "session timeout after 30 s", "author: name", "authorized as admin",
    "cookie jar full", "PHP 8.2.31", "SKU-00921 added", "amount=37981", "12:34:56 a:b", "deadbeef", "trace=bac45277-1f9",
    "code 1205", "phone number missing", "card declined", "iban invalid", "user u7922 logged in", "GET /catalog/SKU-1 200",
    "pid 15827", "0x7f8a9c001200", "sha256:9f86d081884c7d659a2feaa0c55ad015", "node-1.internal", "be_inventory/inv1",
    "4,096 bytes", "99.9 %", "worker-6", "2026/11/23 12:46:27.970500", "I1123 12:46:27.906584", "[nio-8080-exec-1]",
    "com.acme.shop.cart.CartService", "level=error", "status=503", "retry 3 of 5", "queue depth 1234567", "port=22004",
    "limit 100 MB", "the secret of good logs", "basic auth is off", "bearer of bad news", "call the phone company",
]  # fmt: skip


@pytest.mark.parametrize("text", SECRETS)
def test_a_secret_does_not_leave(text):
    """Every shape is replaced, and counted."""
    redactor = Redactor()
    shown = redactor.redact(text)
    assert shown != text
    assert redactor.count >= 1


@pytest.mark.parametrize("text", ORDINARY)
def test_an_ordinary_phrase_stays(text):
    """What an engineer needs to read is not touched."""
    redactor = Redactor()
    assert redactor.redact(text) == text
    assert redactor.count == 0


def test_the_same_address_gets_the_same_pseudonym():
    """A reader can follow one client through a report."""
    redactor = Redactor()
    first = redactor.redact("a 8.8.8.8 b 1.1.1.1")
    assert redactor.redact("8.8.8.8") in first
    assert first == "a <ip-1> b <ip-2>"


def test_private_addresses_go_when_asked():
    """`--redact-ips` takes them too."""
    assert "10.0.0.7" not in Redactor(redact_ips=True).redact("10.0.0.7:6379")


def test_check_digits_decide():
    """Numbers of the right length are cards or accounts only when their check digits are right."""
    assert is_card("4111111111111111")
    assert not is_card("4111111111111112")
    assert is_iban("DE89370400440532013000")
    assert not is_iban("DE89370400440532013001")


@pytest.mark.parametrize(
    "piece", ["a=", "password=", "eyJ", "1.", "4111 ", "-----BEGIN ", "a@a.", "?key=", "::", "+1 "]
)
def test_no_text_makes_it_slow(piece):
    """Sixty-four KiB of the worst repeat are done at once: every pattern is linear."""
    text = piece * (60_000 // len(piece))
    start = time.process_time()
    Redactor().redact(text)
    assert time.process_time() - start < 2.0
