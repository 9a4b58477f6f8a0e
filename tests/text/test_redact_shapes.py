"""The secret part of each shape is gone, not merely something of it; what an engineer needs stays as written."""

import time

import pytest

from logscope.text.redact import Redactor

HEX32 = "0123456789abcdef0123456789abcdef"

SECRETS = [
    # (text, the part that must not be left)
    ("jdbc:oracle:thin:scott/tiger@//db:1521/orcl", "tiger"),
    ("redis-cli -h cache -a S3cretPw ping", "S3cretPw"),
    ("docker login -u bob -p hunter22 reg", "hunter22"),
    ("ALTER USER app WITH PASSWORD 'n3wpw'", "n3wpw"),
    ("CREATE USER 'a'@'%' IDENTIFIED BY 'n3wpw'", "n3wpw"),
    ("AUTH s3cr3tredis", "s3cr3tredis"),
    ("CONFIG SET requirepass s3cr3tredis", "s3cr3tredis"),
    ("cookie: JSESSIONID=0000abcDEF; other=zzz999", "zzz999"),
    ("user jane%40example.com", "jane"),
    ("Your login code is 493021", "493021"),
    ("kubectl create secret generic x --from-literal=pw=hunter22", "hunter22"),
    ("secretKey: zXy987wvU654", "zXy987wvU654"),
    ("SECRET_KEY_BASE=0123456789abcdef", "0123456789abcdef"),
    ("kennwort=geheim1", "geheim1"),
    ("pin: 4821", "4821"),
    ('{"password":"hunter 22"}', "hunter 22"),
    ('{"password": "a\\"b c"}', "b c"),
    ('{\\"password\\":\\"hunter22\\"}', "hunter22"),
    ('"password": "cut off in the mid', "cut"),
    ("{'passwd': 'hunter22'}", "hunter22"),
    ("DB_PASSWORD=hunter22", "hunter22"),
    ("spring.datasource.password=hunter22", "hunter22"),
    ("PGPASSWORD=hunter22 psql -h db", "hunter22"),
    ("MYSQL_PWD=hunter22", "hunter22"),
    ("passphrase => 'correct horse'", "correct horse"),
    ("X-Api-Key: abcd1234efgh", "abcd1234efgh"),
    ("AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "MDENG"),
    ("aws_session_token=FwoGZXIvYXdzEBYaDK", "FwoGZXIvYXdzEBYaDK"),
    ('"id_token":"abcd1234efgh"', "abcd1234efgh"),
    ("csrf_token=abcd1234efgh", "abcd1234efgh"),
    ("token=abcd1234efgh5678", "abcd1234efgh5678"),
    ("X-Vault-Token: s.abcd1234efgh5678", "abcd1234efgh5678"),
    ("JSESSIONID=0A1B2C3D4E5F60718293", "0A1B2C3D4E5F60718293"),
    ("PHPSESSID=abcd1234efgh5678", "abcd1234efgh5678"),
    ("Authorization: Basic dXNlcjpwYXNz", "dXNlcjpwYXNz"),
    ('"Authorization": ["Bearer abcd1234efgh"]', "abcd1234efgh"),
    ('Authorization: Digest username="Mufasa", response="6629fae49393"', "6629fae49393"),
    ("Authorization: AWS4-HMAC-SHA256 Credential=AK/x, SignedHeaders=host, Signature=fe5f80f7", "fe5f80f7"),
    ("Cookie: sid=abcd1234; theme=dark", "abcd1234"),
    ("-----BEGIN OPENSSH PRIVATE KEY-----\\nb3BlbnNzaC1rZXkt", "b3BlbnNzaC1rZXkt"),
    ("-----BEGIN PGP PRIVATE KEY BLOCK-----\nlQOYBF\n-----END PGP PRIVATE KEY BLOCK-----", "lQOYBF"),
    ("redis://:hunter22@cache:6379/0", "hunter22"),
    ("amqp://shop:p%40ss:w@rd9@mq:5672", "rd9"),
    ("jdbc:mysql://db/shop?user=a&password=hunter22", "hunter22"),
    ("https://storage.googleapis.com/b/o?X-Goog-Signature=abcdef0123456789", "abcdef0123456789"),
    ("GET /cb?code=abcd1234efgh&state=x", "abcd1234efgh"),
    (f"GET /maps?key={HEX32}", HEX32),
    ("AccountKey=abcdEFGH1234/+==;EndpointSuffix=core.windows.net", "abcdEFGH1234"),
    ("curl -u admin:hunter22 http://es:9200", "hunter22"),
    ("mysql --password hunter22 -h db", "hunter22"),
    ("host=db user=shop password='hunter 22' dbname=x", "22"),
    (f"shpat_{HEX32}", HEX32),
    ("call (415) 555-2671 now", "555-2671"),
    ("phone +44 20 7946 0958.", "7946"),
    ("paid with 4111 1111 1111 1111.", "1111"),
    ("refused by 8.8.8.8.", "8.8.8.8"),
    ("client: 8.8.4.4:51234", "8.8.4.4"),
    ("2001:4860:4860::8888: refused", "4860::8888"),
    ("[2001:4860:4860::8844]:443 refused", "4860::8844"),
    ("::ffff:8.8.8.8 connected", "8.8.8.8"),
    ("POST https://api.telegram.org/bot123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw/send", "AAHdqTcv"),
    ("bot 110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw refused", "AAHdqTcv"),
    ("whsec_abcdefghijklmnopqrstuvwx0123", "mnopq"),
    ("xapp-1-A0123-456-abcdef0123456789", "abcdef01"),
    ("GOCSPX-abcdefghijklmnopqrstuvwxyz12", "mnopq"),
    (f"dapi{HEX32}", HEX32),
    ("NRAK-ABCDEFGHIJKLMNOPQRSTUVWXYZ1", "MNOPQ"),
    (f"dsn https://{HEX32}@o1.ingest.sentry.io/12", HEX32),
    (f"key-{HEX32}", HEX32),
    (f"{HEX32}-us12", HEX32),
    ("sq0atp-abcdefghijklmnopqrstuv", "mnopq"),
    ("dckr_pat_abcdefghijklmnopqrstuvwxyz1", "mnopq"),
    ("hf_abcdefghijklmnopqrstuvwxyzABCDEF12", "mnopq"),
    ("ATATT3xFfGF0abcdefghijklmnopqrstuvwxyz0123456789", "mnopq"),
    ("lin_api_abcdefghijklmnopqrstuvwxyz0123456789", "mnopq"),
    ("secret_abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "mnopq"),
    (f"routing_key={HEX32}", HEX32),
    (f'"integration_key": "{HEX32}"', HEX32),
    ("otp=123456", "123456"),
    ("your verification code: 482913", "482913"),
    ("root:$6$rounds=5000$abcdefgh$ABCDEFGHIJKLMNOP/abcdefghijklmnop.:19000", "ABCDEFGHIJ"),
    ("user:$2y$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ012345", "ABCDEFGHIJ"),
    ("admin:$apr1$abcdefgh$ABCDEFGHIJKLMNOPQRSTU.", "ABCDEFGHIJ"),
    (f"account AC{HEX32}", HEX32),
    ("the password is hunter22", "hunter22"),
    ("password hunter22 was tried", "hunter22"),
    ("mysql -u root -phunter22 shop", "hunter22"),
    ("sshpass -p hunter22 ssh db", "hunter22"),
    ("AUTH PLAIN AGFkbWluAGh1bnRlcjIy", "AGFkbWlu"),
    ("Proxy-Authorization: NTLM TlRMTVNTUAAB", "TlRMTVNTUAAB"),
    ("x-amz-security-token: FwoGZXIvYXdzEBYaDK", "FwoGZX"),
    ('{"ssn":"123456789"}', "123456789"),
    ("client_assertion=abcdef0123456789", "abcdef0123"),
    ("SAMLResponse=PHNhbWxwOlJlc3BvbnNl0123", "PHNhbW"),
    ("connect.sid=s%3Aabcdefgh.ijklmnop", "ijklmnop"),
    ("phone=0171 1234567", "1234567"),
    ("MIIEpAIBAAKCAQEA7bq1Zk3vQ0x9s8c7W6e5R4t3Y2u1I0oPAsDfGhJkLzXcVbNm", "7bq1Zk3v"),
    ("client-key-data: LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQo=", "U0EgUFJJ"),
    (".dockerconfigjson: eyJhdXRocyI6eyJyIjp7ImF1dGgiOiJhYmMifX19", "eyJyIjp7"),
    ('{"auths":{"r.example":{"auth":"dXNlcjpwYXNzd29yZA=="}}}', "dXNlcjpw"),
    ("sshpass -p 'T0p Secret' ssh db", "Secret"),
    ('app --password "two words" --port 80', "words"),
    ("openssl pkcs12 -in a.p12 -passin pass:p12secret", "p12secret"),
    ("ldapsearch -D cn=admin,dc=shop -w adm1nLdap -b dc=shop", "adm1nLdap"),
    ("snmpwalk -v2c -c publ1cComm 10.0.0.1", "publ1cComm"),
    ("net use \\\\srv\\share /user:acme\\bob P4ssw0rd!", "P4ssw0rd"),
    ("< PASS f7pPassw0rd", "f7pPassw0rd"),
    ("SET PASSWORD FOR 'app'@'%' = 'setpw99'", "setpw99"),
    ('wifi psk="correcthorse"', "correcthorse"),
    ("figd_abcdefghij-KLMNOPQRSTUVWXYZ0123456789", "KLMNOP"),
    ("abcdefghij0123.atlasv1.abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJ", "uvwxyz"),
    ("abC8Q~defGHIjklMNOpqrSTUvwxYZ012345678ab", "MNOpqr"),
    ("s.abcdefGHIJ7Lmnopqr9tUVWX", "7Lmnop"),
    ('Digest username="bob", realm="r", response="6629fae49393a05397450978507c4ef1"', "6629fae4"),
    ("hmac signature=9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822c", "9f86d081"),
    (f"AC{HEX32}:9f86d081884c7d659a2feaa0c55ad015", "9f86d081"),
    ("card declined cvv 123", "123"),
    ("mail to jürgen.müller@beispiel.de bounced", "jürgen"),
    ("mail to 用户@例子.广告 bounced", "用户"),
    ("EAAGm0PX4ZCpsBAabcdefghijklmnopqrstuv", "mnopq"),
]

ORDINARY = [
    "git@github.com:acme/app.git",
    "AUTH failed: WRONGPASS",
    "pin count 3",
    "password_hash column missing",
    "token refresh failed for realm shop",
    "unexpected token < in JSON at position 0",
    "syntax error, unexpected token ';'",
    'password authentication failed for user "shop"',
    "password rejected",
    "secretName: db-credentials",
    'Error: secret "db-credentials" not found',
    "no credentials provided",
    "authorization: denied",
    "bearer token has expired",
    "order 4111111111111112 rejected",
    "ts=1772460123456789",
    "at 1772460123456789012",
    "trace_id=4bf92f3577b34da6a3ce929d0e0e4736",
    "commit 0123456789abcdef0123456789abcdef01234567",
    "listening on 0.0.0.0:8080",
    "fe80::1 unreachable",
    "[::1]:6379 refused",
    "http://cart.internal:8080/items?page=2",
    "postgres://shop@db:5432/shop",
    "12:34:56:789 tick",
    "nginx/1.25.3",
    "std::vector<int>::at: out of range",
    "ORA-01017: invalid username/password; logon denied",
    "GET /items?key=shoes",
    "GET /cart?se=1",
    "GET /x?code=404",
    "00:1a:2b:3c:4d:5e link down",
    "root@db-1 session opened",
    "max_tokens=4096",
    "disk 93% full: 12345678901 of 13000000000 bytes",
    "passwordless login disabled",
    "100-200-3000 parts",
    "docker run -u 1000:1000 shop",
    "routing_key=orders.created",
    "password is required",
    "password attempt 3 of 5",
    "password expired 30 days ago",
    "passcode missing",
    "phone: unknown",
    "otp service timed out",
    "pid 5123456789 of 2",
    "mysql -u root -h db-1 -P 3306",
    "price $25 for 3 items",
    "security code missing",
    "fax line 2 busy",
    "ratio 10:AA",
    "auth plain mechanism not offered",
    "key-value store",
    "$1 $2 $5 bound",
    "password: ****",
    "GET /items?code=SUMMER26&key=color 200",
    "signature: mismatch",
    "signature=RS256 verified",
    "PASS src/cart.test.js",
    "secret: created",
    "psk: enabled",
    "user@1000.service: Main process exited, code=killed, status=9/KILL",
    "Started postgresql@15-main.service - PostgreSQL Cluster 15-main.",
    "cvv check failed",
    "auth: required",
    '{"auth":"required"}',
    "sha512 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 ok",
    "certificate-authority-data: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1J",
    "o.s.AnnotationConfigServletWebServerApplicationContext closed",
    "snmpd -c /etc/snmp/snmpd.conf",
]


@pytest.mark.parametrize(("text", "secret"), SECRETS)
def test_the_secret_part_is_gone(text, secret):
    """Nothing of the secret is left, it was counted, and redacting again changes nothing."""
    redactor = Redactor()
    redacted = redactor.redact(text)
    assert secret not in redacted
    assert redactor.count >= 1
    assert redacted == redactor.redact(redacted)


@pytest.mark.parametrize("text", ORDINARY)
def test_an_ordinary_phrase_is_untouched(text):
    """What is no secret stays as it was written."""
    assert Redactor().redact(text) == text


@pytest.mark.parametrize(
    "piece",
    ["=", "password", "password=", "password=\"\\", "a.", "1.", "A1 ", "-----BEGIN PRIVATE KEY-----", "://a:", "+1 2",
     "cookie: a=b; ", "authorization: x,a=", "token", "_token=", "eyJ", "2001:", " -u a", "\\\""],
)  # fmt: skip
def test_cost_is_linear(piece):
    """Twice the text of the worst repetitions costs about twice as much, and 64 KiB less than a second."""
    started = time.process_time()
    Redactor().redact(piece * (65_536 // len(piece)))
    assert time.process_time() - started < 1


def test_what_was_redacted_is_counted_by_kind():
    """Different values are counted, not how often one stands there."""
    redactor = Redactor()
    redactor.redact("password=hunter22 then password=hunter22 from 8.8.8.8")
    redactor.redact("password=other33 mail a@example.com")
    assert redactor.counts == {"ip": 1, "mail": 1, "secret": 2}
    assert redactor.tell() == "Redacted (different values): 1 public address, 1 mail address, 2 secret."
    assert Redactor().tell() == ""
