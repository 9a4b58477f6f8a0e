"""The configuration file: what it sets, what wins over it, what it warns of."""

import pytest

from logscope.cli.arguments import parse_arguments
from logscope.cli.config import apply_config
from logscope.cli.config_file import read_config
from logscope.cli.config_place import load_config
from logscope.errors import UsageError
from logscope.runner.settings import LogSettings, find_settings


@pytest.fixture
def configure(tmp_path):
    def write(text):
        place = tmp_path / "config.toml"
        place.write_text(text)
        return load_config(str(place))

    return write


def test_options_of_the_file_are_defaults(configure):
    """What the command line does not give is taken from the file."""
    parsed = parse_arguments(["a.log"])
    apply_config(configure('theme = "ansi-dark"\nbell = true'), parsed.options, parsed.given.__contains__)
    assert (parsed.options.theme, parsed.options.bell) == ("ansi-dark", True)


def test_the_command_line_wins(configure):
    """An option that is typed is not replaced."""
    parsed = parse_arguments(["--tz", "UTC", "a.log"])
    apply_config(configure('tz = "Europe/Berlin"'), parsed.options, parsed.given.__contains__)
    assert parsed.options.tz == "UTC"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('\ncolour = "red"', ":2: unknown key 'colour'"),
        ("bell = 1", ":1: bell must be true or false"),
        ("[[services]]\nname = 'x'", "a service needs files"),
        ("[[services]]\nfiles = 'x'\ntz = 'Mars/Base'", ":3: unknown time zone 'Mars/Base'"),
        ("[[services]]\nfiles = 'x'\nport = 3", ":3: unknown key 'port' of a service"),
        ("[keys]\nquit = 3", ":2: quit must be a text"),
        ("bell = true\nsince = 'never'", ":2: since: 'never' is no time"),
        ("display_tz = 'Mars'", ":1: display_tz: unknown time zone 'Mars'"),
    ],
)
def test_what_is_not_understood_is_told_with_its_line(configure, text, words):
    """A wrong entry is one warning with file and line, never an end."""
    warnings = configure(text).warnings
    assert len(warnings) == 1
    assert words in warnings[0]


def test_a_file_that_is_no_toml_is_refused_with_its_place(configure):
    """A broken file is an error that names it: guessing would be worse."""
    with pytest.raises(UsageError, match=r"config\.toml: .*line 1, column"):
        configure("theme = = 1\nbell = true")


def test_no_file_is_no_configuration(tmp_path, monkeypatch):
    """The usual place may be empty; a named file may not."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert load_config(None).warnings == ()
    with pytest.raises(UsageError, match="No such file"):
        load_config(str(tmp_path / "none.toml"))


def test_services_are_found_by_name_or_whole_path():
    """A pattern without a slash is of the name, one with a slash of the whole path; the first entry wins."""
    by_name, by_path = LogSettings(("cart*.log",), "cart"), LogSettings(("/srv/*/app.log",), "app")
    assert find_settings([by_name, by_path], ["/x/cart-2.log"]) is by_name
    assert find_settings([by_name, by_path], ["/srv/a/app.log"]) is by_path
    assert find_settings([by_name, by_path], ["/srv/app2.log"]) is None


def test_a_service_of_the_file_names_the_zone_and_the_log(tmp_path, capsys):
    """Name and zone of an entry hold for the logs that it matches."""
    from logscope.cli.main import main

    log, place = tmp_path / "a.log", tmp_path / "c.toml"
    log.write_text("2026-03-02 14:00:00 INFO started\n2026-03-02 14:00:05 ERROR broken\n" * 3)
    place.write_text('[[services]]\nname = "cart"\nfiles = "a.log"\ntz = "+02:00"\n')
    assert main(["analyze", "--json", "--config", str(place), str(log)]) == 0
    printed = capsys.readouterr().out
    assert '"service":"cart"' in printed.replace(" ", "")
    assert "2026-03-02T12:00:05.000000Z" in printed


@pytest.mark.parametrize("value", ["9" * 5000, "[" * 9000])
def test_a_value_that_cannot_be_held_is_told(value):
    """What the parser itself cannot take is told in one sentence, with the place."""
    with pytest.raises(UsageError, match=r"config\.toml: a value is nested too deep, or a number too long"):
        read_config("config.toml", f"x = {value}")
