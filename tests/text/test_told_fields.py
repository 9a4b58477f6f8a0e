"""What a record's values tell, whoever wrote it."""

import pytest

from logscope.text.fields import CHANGED, tell_differences, tell_fields, tells_alteration


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("template[/etc/mysql/mariadb.conf.d/60-site.cnf] updated file contents", True),
        ("replaced /etc/mosquitto/passwd", True),
        ("workers=120 (was 4)", True),
        ('(runner) rendered "(dynamic)" => "/secrets/db.json"', True),
        ('template rendered {"source": "quotes.ctmpl", "target": "/srv/quotes/secret.json"}', True),
        ("page rendered for /account/orders in 12 ms", False),
        ("rendered to user in 4 ms", False),
        ("No changes made for /etc/nginx/nginx.conf", False),
        ("config.yaml not changed", False),
        ("reading /etc/app.yaml", False),
        ("wrote 20 rows to /var/lib/x.csv", False),
        ("File changed:\n--- \n+++ \n@@ -1,2 +1,2 @@\n-a on;\n+a off;", True),
        ("panic @@ -1 +x @@", False),
        ('{"flag": "wide_nests", "old": "off", "new": "on"}', True),
        ("setting=pool.max old_value=50 new_value=10", True),
        ('{"egg": 4, "new": "on"}', False),
        ("old habits: renew them", False),
        ("changed: [edge-2] => (item=sites-enabled/heron.conf)", True),
        ("ok: [edge-2] => (item=sites-enabled/heron.conf)", False),
        ("(/Stage[main]/Relay/File[/etc/relay/relay.conf]/content) +ReadTimeout 1", True),
        ("/Stage[main]/Relay/File[/etc/relay/relay.conf]/content (notice): -ReadTimeout 30", True),
        ("(/Stage[main]/Relay/File[/etc/relay/relay.conf]/content) --- /etc/relay/relay.conf", False),
    ],
)
def test_settings_that_were_written_are_an_alteration(line, expected):
    """A file of settings that is another one since, or a value beside the former one; data and reading are none."""
    assert tells_alteration(line) is expected


def test_a_change_is_told_with_whose_it_is_and_what_it_brings():
    """Any record may hold its service and version; of a release they are the news."""
    line = 'ts=2026-11-27T01:35:36Z level=info msg="rollout" app=invoices version=5.4.0 previous=5.3.2'
    assert tell_fields(line) == "previous=5.3.2"
    assert tell_fields(line, CHANGED) == "app=invoices, version=5.4.0, previous=5.3.2"


def test_a_diff_is_told_by_the_lines_that_differ():
    """Of what a configuration tool prints of a file, what it took away and what it put there."""
    record = (
        "File changed:\n--- a\n+++ b\n@@ -1,3 +1,3 @@\n user web;\n-ssl_protocols TLSv1.2;\n+ssl_protocols TLSv1.3;\n"
    )
    assert tell_differences(record) == "-ssl_protocols TLSv1.2; +ssl_protocols TLSv1.3;"
    assert tell_differences("File changed: a -> b") == ""
