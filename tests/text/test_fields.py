"""What a record's values tell, whoever wrote it."""

import pytest

from logscope.text.fields import tells_alteration


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("template[/etc/mysql/mariadb.conf.d/60-site.cnf] updated file contents", True),
        ("replaced /etc/mosquitto/passwd", True),
        ("workers=120 (was 4)", True),
        ("No changes made for /etc/nginx/nginx.conf", False),
        ("config.yaml not changed", False),
        ("reading /etc/app.yaml", False),
        ("wrote 20 rows to /var/lib/x.csv", False),
    ],
)
def test_settings_that_were_written_are_an_alteration(line, expected):
    """A file of settings that is another one since, or a value beside the former one; data and reading are none."""
    assert tells_alteration(line) is expected
