"""Advice: in the order of work, filled only with what is safe, each follow-up with its lines."""

import re
import tomllib
from importlib import resources

import pytest

from logscope.analysis.kinds.components import components
from logscope.knowledge.advice import Adviser, Finding, FindingKind, Harm, fill_placeholders, load_adviser
from logscope.knowledge.loader import load_package_rules
from logscope.knowledge.matcher import Matcher
from logscope.knowledge.rule import Kind, RuleClass
from logscope.knowledge.undoing import LaterChange, passes
from logscope.knowledge.unreachable import advise_unreachable
from logscope.model.advice import Risk
from logscope.model.causes import Link, Trigger
from logscope.model.files import LineRef

RULES = load_package_rules()
MATCHER = Matcher(RULES)
ADVISER = load_adviser()
LINE = LineRef("redis.log", 7)
OOM = MATCHER.match("OOM command not allowed when used memory > 'maxmemory'.", "redis")


def make_trigger(link=Link.NAMED):
    return Trigger("deploy.log", 12, "Deployed 2.4.1", 0, 1_000_000, link, "deploy", "release 2.4.1")


def advise(match=None, cls=None, trigger=None, findings=(), entities=None, **more):
    return ADVISER.advise(match, cls, trigger, findings, entities or {}, **more)


def test_nothing_known_gives_no_advice():
    """Without a rule, a class, a trigger or a finding nothing is said."""
    actions = advise()
    assert (actions.check, actions.do, actions.avoid, actions.follow_up) == ((), (), (), ())


def test_undoing_the_trigger_comes_first():
    """What set it off is undone before the limit is relieved."""
    actions = advise(OOM, trigger=make_trigger())
    undo = "Undo what set it off, back to what ran before 2.4.1: deploy: release 2.4.1 (deploy.log:12)"
    assert actions.do[0].text == undo
    assert actions.do[0].source == "measured"
    assert all(action.rule == "redis.maxmemory-noeviction" for action in actions.do[1:])


def test_trigger_known_by_time_only_is_something_to_check():
    """A change that only came before is not undone blindly."""
    actions = advise(OOM, trigger=make_trigger(Link.TIME))
    assert "known by time only" in actions.check[0].text
    assert actions.do[0].text.startswith("Undo what may have set it off, if the check shows that it did, back to")


def test_a_later_change_that_did_not_help_is_named():
    """Where another version runs by now, the way back leads behind both."""
    ref = LineRef("/var/log/deploy.log", 15)
    for came_back, outcome in ((False, "did not end it"), (True, "it came back")):
        text = advise(OOM, trigger=make_trigger(), later=LaterChange(ref, came_back=came_back)).do[0].text
        assert text.endswith(f"(deploy.log:12); deploy.log:15 came after it and {outcome}")


@pytest.mark.parametrize(
    ("message", "rule"),
    [
        ("javax.net.ssl.SSLHandshakeException: Received fatal alert: unknown_ca", "tls.own-issuer-refused"),
        ("tls: failed to verify certificate: x509: certificate signed by unknown authority", "tls.unknown-issuer"),
    ],
)
def test_an_exchanged_certificate_file_is_put_back_where_tls_fails(message, rule):
    """A received alert and a check of one's own have different rules; both put back the file that was exchanged."""
    match = MATCHER.match(message)
    change = Trigger(
        "ansible.log", 3, "x", 0, 1, Link.NAMED, "ansible", "changed: [api-1] copy /etc/pki/internal-ca.pem"
    )
    actions = advise(match, trigger=change)
    assert match.rule.id == rule
    assert actions.do[0].text == (
        "Put back the certificate or list of authorities that was replaced, and reload: "
        "ansible: changed: [api-1] copy /etc/pki/internal-ca.pem (ansible.log:3)"
    )
    assert not any(action.text.startswith("Bring the former") for action in actions.do)


def test_another_change_before_tls_failed_is_undone_as_it_is():
    """A release that speaks of no certificate is no certificate that was replaced."""
    match = MATCHER.match("x509: certificate signed by unknown authority")
    assert advise(match, trigger=make_trigger()).do[0].text.startswith("Undo what set it off")


def test_work_that_several_services_need_is_told_once():
    """Three services that wait in vain get one item, with the names of all and a line of each."""
    waited = [
        Finding(FindingKind.MISSING_BREAKER, f"{who} waited in vain {n} times", (LineRef(f"{who}.log", n),), who)
        for n, who in enumerate(("cart", "pay", "web"), 1)
    ]
    (one,) = advise(findings=waited).follow_up
    assert one.text.startswith("cart, pay and web: ")
    assert one.reason == "cart waited in vain 1 times; likewise pay and web"
    assert one.lines == tuple(finding.lines[0] for finding in waited)


def test_placeholders_without_a_value_stay_visible():
    """Entities fill what they can; the rest stays as `<...>`."""
    commands = [action.command for action in advise(OOM, entities={"host": "10.0.3.7"}).check]
    assert "redis-cli -h 10.0.3.7 -p <port> INFO memory" in commands


@pytest.mark.parametrize("value", ["a b", "$(reboot)", "-rf", "`id`", "a;b", "a\nb", "a'b", "x" * 200, "é", "a|b", ""])
def test_values_that_a_shell_would_interpret_are_not_filled_in(value):
    """Log text never becomes shell syntax or an option."""
    assert fill_placeholders("run <host>", {"host": value}) == "run <host>"


def test_destructive_commands_are_filled_with_places_only():
    """In a destructive command where is filled in, never what."""
    actions = advise(OOM, entities={"host": "h1", "port": "6379", "key": "cart:12"})
    [unlink] = [action for action in actions.do if action.command and "UNLINK" in action.command]
    assert (unlink.command, unlink.risk) == ("redis-cli -h h1 -p 6379 UNLINK <key>", Risk.DESTRUCTIVE)


def test_captures_of_the_line_fill_placeholders():
    """What the matched line names is used in commands."""
    match = MATCHER.match("app.service: Failed with result 'oom-kill'.", "systemd")
    assert any("systemctl show app.service" in (action.command or "") for action in advise(match).check)


def test_follow_ups_of_a_rule_need_the_lines_of_the_cause():
    """No follow-up without a line that it rests on."""
    assert advise(OOM).follow_up == ()
    follow_ups = advise(OOM, cause_lines=(LINE,)).follow_up
    assert follow_ups
    assert all(item.lines == (LINE,) and item.rule == "redis.maxmemory-noeviction" for item in follow_ups)


@pytest.mark.parametrize("kind", FindingKind)
def test_findings_become_follow_ups_with_their_lines(kind):
    """What was measured becomes a follow-up whose reason is the measurement; without lines it becomes nothing."""
    [item] = advise(findings=[Finding(kind, "measured so", (LINE,))]).follow_up
    assert (item.reason, item.lines, item.rule) == ("measured so", (LINE,), None)
    assert advise(findings=[Finding(kind, "measured so", ())]).follow_up == ()


@pytest.mark.parametrize("cls", [cls for cls in RuleClass if cls.kind in (Kind.CAUSE, Kind.SYMPTOM)])
def test_unknown_components_get_careful_advice_by_class(cls):
    """Every class of cause and symptom has something to check and something to leave; restarts come last."""
    actions = advise(cls=cls)
    assert actions.check
    assert actions.avoid
    assert all(action.source.startswith("general advice") for action in actions.check + actions.do)
    assert not any("estart" in action.text for action in actions.do[:-1])


def test_who_hangs_is_looked_at_before_it_is_restarted():
    """Its log stopped: its process first, then a stack of it, then a restart; those who wait for it are left alone."""
    actions = advise(cls=RuleClass.TIMEOUT, is_hung=True)
    assert {action.source for action in (*actions.check, *actions.do)} == {"general advice (hung)"}
    assert "restart" in actions.do[-1].text
    assert "wait for it" in actions.avoid[0].text


def test_silent_services_get_the_checks_of_their_rules():
    """A service that is blamed but logs nothing by design: how to ask it, and nothing to do yet."""
    actions = advise(silent=MATCHER.find_silent("redis"), entities={"host": "r1"})
    assert any("Redis writes no log line" in action.text for action in actions.check)
    assert any(action.command == "redis-cli -h r1 -p <port> INFO errorstats" for action in actions.check)
    assert actions.do == ()


def test_first_aid_is_for_servers_that_lines_can_name():
    """Each server with first aid bears the name that the analysis gives it, and asking it changes nothing."""
    text = (resources.files("logscope.knowledge") / "unreachable.toml").read_text("utf-8")
    servers = tomllib.loads(text)
    assert servers.keys() <= {component.name for component in components()}
    for name in servers:
        checks, (start,) = advise_unreachable(name)
        assert not any(CHANGING.search(strip_names(check.command)) for check in checks), name
        assert start.risk is Risk.DISRUPTIVE


def test_missing_text_for_a_finding_is_noticed_at_once():
    """The texts are complete, or the adviser does not start."""
    with pytest.raises(KeyError):
        Adviser({"class": {}, "finding": {}})


CHANGING = re.compile(
    r"\b(?:rm|mv|kill|pkill|reboot|shutdown|restart|stop|start|reload|delete|drop|truncate|update|insert|alter|flush\w*|"
    r"unlink|expire|purge\w*|terminate_backend|cancel_backend|apply|rollout undo|drain|cordon|set-property|sysctl -w|"
    r"config set|mkfs|fsck|dd|chmod|chown|defrag|disarm|compact|makestep|prlimit|install)\b|"
    r"-X (?:POST|PUT|DELETE)|>\s*/(?!dev/null)",
    re.IGNORECASE,
)


def strip_names(command):
    """A command without placeholders and without what it only searches for."""
    return re.sub(r"grep (?:-\w+ )*(?:'[^']*'|\S+)", "grep", re.sub(r"<[a-z_]+>", "x", command or ""))


def test_commands_keep_their_promise():
    """Checks only read; what deletes or overwrites is marked destructive; a redirection never hits a file."""
    deletes = re.compile(r"(?i)\b(?:rm|delete|drop|purge\w*|unlink|truncate|flushall|flushdb)\b")
    for rule in RULES.rules:
        for check in rule.checks:
            assert not CHANGING.search(strip_names(check.command)), (rule.id, check.command)
        for action in rule.actions:
            if deletes.search(action.command or ""):
                assert action.risk is Risk.DESTRUCTIVE, (rule.id, action.command)
            if action.risk is Risk.SAFE:
                assert not CHANGING.search(strip_names(action.command)), (rule.id, action.command)


def test_a_moment_stands_in_quotes():
    """`<time>` is filled with blanks in it: every command quotes it."""
    for rule in RULES.rules:
        for action in (*rule.checks, *rule.actions):
            command = action.command or ""
            assert command.count("<time>") == command.count("'<time>'"), (rule.id, command)


def test_a_moment_is_filled_only_with_a_moment():
    """A time goes where a time belongs, and nothing else does."""
    assert fill_placeholders("--since '<time>'", {"time": "2026-03-02 14:00:58 UTC"}) == (
        "--since '2026-03-02 14:00:58 UTC'"
    )
    for value in ("2026-03-02 14:00:58 UTC'; reboot '", "now", "@1"):
        assert fill_placeholders("--since '<time>'", {"time": value}) == "--since '<time>'"


def test_a_rule_about_another_side_does_not_silence_the_class():
    """A supervisor's rule says what died; that a resource ran out is said besides."""
    exited = MATCHER.match("exited: shop (exit status 1; not expected)", "supervisord")
    actions = advise(exited, RuleClass.EXHAUSTION)
    assert {action.rule for action in actions.do} == {"supervisor.exited", None}
    same = advise(exited, RuleClass.CRASH)
    assert {action.rule for action in same.do} == {"supervisor.exited"}


def test_only_what_a_person_can_undo_is_to_be_undone():
    """A job is stopped; an election is looked into; what is known by time alone is only checked."""

    def first(text, link=Link.NAMED):
        actions = advise(trigger=Trigger("a.log", 1, text, 0, 1, link, "svc", text))
        return (*actions.do, *actions.check)[0]

    assert first("job reports-export starting").text.startswith("Stop what set it off")
    assert first("leader elected: node2").text.startswith("See what came of what set it off")
    assert first("leader elected: node2").risk is Risk.SAFE


def test_a_follow_up_says_whose_it_is():
    """A finding about one service begins with its name."""
    finding = Finding(FindingKind.RETRY_STORM, "it tried 900 times", (LineRef("a.log", 3),), "checkout")
    (work,) = advise(findings=[finding]).follow_up
    assert work.text.startswith("checkout: retry with exponential backoff")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("config reloaded", "Undo what may have set it off, if the check shows that it did: svc: config reloaded"),
        (
            "snapshot of / started",
            "Stop what may have set it off, if the check shows that it did and it may be interru",
        ),
        ("leader elected: node2", None),
        (
            "cron.absent: Cron x removed",
            "Undo what may have set it off, if the check shows that it did: svc: cron.absent: ",
        ),
        (
            "warmer 2.4.0 started (2.3.1 before)",
            "Undo what may have set it off, if the check shows that it did: svc: warmer 2.4.0 ",
        ),
        (
            "read /etc/hosts - 2 names",
            "Undo what may have set it off, if the check shows that it did: svc: read /etc/ho",
        ),
    ],
)
def test_the_way_back_from_what_is_known_by_time_only_is_told_on_condition(text, told):
    """It comes before what relieves a limit, and the check before it; a rule's own way back stays beside it."""
    trigger = Trigger("a.log", 1, text, 0, 1, Link.TIME, "svc", text)
    alone = advise(trigger=trigger)
    assert alone.check[0].text.startswith("See whether this set it off")
    assert [one.text[:80] for one in alone.do] == ([] if told is None else [told[:80]])
    beside = advise(OOM, trigger=trigger)
    assert (*alone.do, *advise(OOM).do) == beside.do


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("Deployed release 2.4.1", "2.4.1"),
        ("secret rotated, version 8 -> 9", "9"),
        ("upgrading from version 2.3 to version 2.4", "2.4"),
        ("release r42 started (from r41)", "r42"),
        ("app now at build 77, was build 76", "77"),
        ("downgrade from release 12", ""),
        ("Reloading, version 2.9", ""),
    ],
)
def test_the_way_back_leads_before_the_version_that_came(text, version):
    """Where a change tells the former version too, that one is what is to be reached."""
    told = advise(trigger=Trigger("a.log", 1, text, 0, 1, Link.NAMED, "svc", text)).do[0].text
    assert told.partition(":")[0] == f"Undo what set it off{f', back to what ran before {version}' if version else ''}"


def test_the_way_back_names_what_the_command_names():
    """`supervisorctl start mailer` is undone by `supervisorctl stop mailer`."""
    gave_up = MATCHER.match("gave up: mailer entered FATAL state, too many start retries too quickly", "supervisord")
    (start,) = [one for one in advise(gave_up).do if one.command == "supervisorctl start mailer"]
    assert start.undo == "supervisorctl stop mailer"


def test_whether_somebody_was_alerted_is_asked_first():
    """A pager's log is seldom among those that are read: that none is there does not mean that nobody was called."""
    finding = Finding(FindingKind.NO_ALERT, "nothing in these logs tells that a person was alerted", (LINE,))
    (work,) = advise(findings=[finding]).follow_up
    assert work.text.startswith("See whether a person was alerted")


def test_where_nothing_failed_there_is_something_to_look_at_and_to_do():
    """Slow work, requests that do not get here, a worker that nearly stopped: each is looked into in another way."""
    told = {harm: advise(harm=harm) for harm in Harm}
    assert all(one.check and one.do for one in told.values())
    assert "queue" in told[Harm.SLUMP].check[0].text
    assert "DNS" in told[Harm.LOST].check[0].text
    assert "waits for" in told[Harm.SLOW].check[0].text


def test_what_somebody_finds_is_nothing_to_undo():
    """Space below a reserve that is configured: the word for a setting makes no change of it."""
    for text in ("Space on '/dev/sdb1' is 98304000, which is below the configured reserve", "quota exceeded for app"):
        actions = advise(trigger=Trigger("a.log", 1, text, 0, 1, Link.NAMED, "svc", text))
        assert [one.text.split(":")[0] for one in actions.check] == ["See what came of what set it off"]
        assert actions.do == ()


def test_a_rule_without_actions_leaves_them_to_its_class():
    """It knows what to ask and what to leave alone; nobody is left without a thing to do."""
    lost = MATCHER.match("billiard.exceptions.WorkerLostError: Worker exited prematurely: signal 15 (SIGTERM)", "jobs")
    assert not lost.rule.actions
    actions = advise(lost)
    assert [one.source for one in actions.do] == ["general advice (crash)"] * 3
    assert {one.rule for one in actions.check} == {lost.rule.id}
    guessed = advise(lost, trigger=make_trigger(Link.TIME)).do
    assert guessed[0].text.startswith("Undo what may have set it off")
    # The way back is told by then.
    assert [one.source for one in guessed[1:]] == ["general advice (crash)"] * 2
    first_aid = advise(lost, unreachable="redis").do
    assert [one.command for one in first_aid] == ["systemctl start redis-server"]


def test_what_is_restarted_already_is_not_to_be_restarted():
    """Do and do not never contradict each other: a process that is started again each time it dies needs no hand."""
    heap = MATCHER.match("java.lang.OutOfMemoryError: Java heap space", "prices")
    loop = Finding(FindingKind.CRASH_LOOP, "it ended 6 times", (LINE,), "prices")
    assert any(one.text.startswith("Restart the instance") for one in advise(heap).do)
    for actions in (advise(heap, findings=[loop]), advise(cls=RuleClass.CRASH, findings=[loop])):
        assert actions.do
        assert not [one.text for one in actions.do if one.text.startswith(("Restart", "Start"))]
        assert any(one.text.startswith("Restarting by hand") for one in actions.avoid)


def test_going_back_to_whatever_was_is_said_once():
    """The rule of a supervisor and the class of the fault both know nothing better than the version before."""
    exited = MATCHER.match("exited: worker (exit status 1; not expected)", "supervisord")
    texts = [one.text for one in advise(exited, cls=RuleClass.BUG).do]
    assert len([text for text in texts if text.startswith("Go back to")]) == 1


@pytest.mark.parametrize(
    ("text", "is_over"),
    [
        ("compaction of table zones started", True),
        ("nightly backup of shop started", True),
        ("module.net.rule[db]: applied by job 12", False),
        ("job tighten-grants: config changed", False),
        ("leader elected: node2", False),
    ],
)
def test_only_work_is_over_once_it_is_done(text, is_over):
    """A change that was made stays in force: that its line says so tells nothing of what follows."""
    assert passes(Trigger("a.log", 1, text, 0, 1, Link.NAMED, "svc", text)) is is_over
