"""What a record's values tell, whoever wrote it."""

import json

import pytest

from logscope.text.fields import (
    CHANGED,
    list_fields,
    tell_differences,
    tell_fields,
    tell_values,
    tells_alteration,
    tells_version,
)


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
        ("applied relay/limits.yaml", True),
        ("reading /etc/app.yaml", False),
        ("wrote 20 rows to /var/lib/x.csv", False),
        ("File changed:\n--- \n+++ \n@@ -1,2 +1,2 @@\n-a on;\n+a off;", True),
        ("panic @@ -1 +x @@", False),
        ('{"flag": "wide_nests", "old": "off", "new": "on"}', True),
        ("setting=pool.max old_value=50 new_value=10", True),
        ('{"egg": 4, "new": "on"}', False),
        ("old habits: renew them", False),
        ("PUT /nests uid=bird_3310 -> 200 (95ms)", False),
        ("pool.max 20 -> 200", True),
        ("changed: [edge-2] => (item=sites-enabled/heron.conf)", True),
        ("ok: [edge-2] => (item=sites-enabled/heron.conf)", False),
        ('{"msg": "source of tides switched", "source": "full", "previous": "delta"}', True),
        ("level=info msg=switched source=full previous=delta", True),
        ("the previous run took 3 s", False),
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


@pytest.mark.parametrize(
    "wrapped",
    [
        "tides-1  | {}",
        "[pod/tides-6f7c9d4b8-x2lqp/tides] {}",
        "2026-11-27T21:33:36.586561733Z stdout F {}",
    ],
)
def test_an_object_behind_the_head_of_a_container_tells_its_fields(wrapped):
    """Who runs it writes in front of each line; what it wrote itself is an object all the same."""
    said = '{"level":30,"name":"tides","msg":"flag changed","flag":"high_water","value":true}'
    assert tell_fields(wrapped.replace("{}", said)) == "flag=high_water, value=true"
    assert tell_fields("tides-1  | flag changed {high_water}") == ""


@pytest.mark.parametrize("name", ["log", "MESSAGE"])
def test_an_object_within_an_object_tells_its_fields(name):
    """Docker's files and the journal keep what a service wrote in one field."""
    said = json.dumps({"msg": "flag changed", "flag": "high_water", "value": True})
    assert tell_fields(json.dumps({name: said + "\n", "stream": "stdout"})) == "flag=high_water, value=true"
    assert tell_fields(json.dumps({name: "flag changed", "stream": "stdout"})) == ""


@pytest.mark.parametrize(
    "sample",
    [
        '{\n  "service": "cart",\n  "version": "v2.4.0",\n "by": "drone"\n}',
        '  {\n    "service": "cart",\n    "version": "v2.4.0",\n "by": "drone"\n  },',
        '[ {\n  "service": "cart",\n  "version": "v2.4.0",\n  "by": "drone"\n}',
        '}, {\n  "service": "cart",\n  "version": "v2.4.0",\n "by": "drone"\n}',
    ],
)
def test_an_object_over_several_lines_tells_what_it_would_in_one(sample):
    """Also as an element of a list, with what stands between two of them."""
    assert list_fields(sample, CHANGED) == ["service=cart", "version=v2.4.0", "by=drone"]
    assert tells_version(sample)
    assert tell_values(sample) == {"drone"}


@pytest.mark.parametrize(
    ("record", "told"),
    [
        (
            {
                "kind": "Event", "apiVersion": "audit.k8s.io/v1", "auditID": "dbd0a991", "verb": "patch",
                "user": {"username": "m.ruiz"},
                "objectRef": {"resource": "deployments", "namespace": "shop", "name": "cart", "subresource": "scale"},
                "requestObject": {"apiVersion": "v1", "spec": {"replicas": 6, "paused": False}},
            },
            "verb=patch, resource=deployments/scale shop/cart, replicas=6, paused=false, user=m.ruiz",
        ),
        (
            {
                "eventVersion": "1.09", "eventTime": "2026-11-24T14:06:40Z", "eventSource": "dynamodb.amazonaws.com",
                "eventName": "UpdateTable", "eventID": "8419867e",
                "userIdentity": {"type": "AssumedRole", "arn": "arn:aws:sts::123456789012:assumed-role/ci/terraform"},
                "requestParameters": {"tableName": "carts", "provisionedThroughput": {"readCapacityUnits": 20}},
            },
            "tableName=carts, readCapacityUnits=20, user=ci/terraform",
        ),
        (
            {
                "protoPayload": {
                    "methodName": "v1.compute.firewalls.patch", "resourceName": "projects/shop/global/firewalls/web",
                    "authenticationInfo": {"principalEmail": "ana"}, "request": {"denied": [{"IPProtocol": "tcp"}]},
                }
            },
            "method=v1.compute.firewalls.patch, resource=projects/shop/global/firewalls/web, IPProtocol=tcp, user=ana",
        ),
        ({"apiVersion": "v1", "replicas": 6}, "apiVersion=v1, replicas=6"),
    ],
)  # fmt: skip
def test_an_audit_trail_tells_who_did_what(record, told):
    """What all of its records hold is not told; what was asked for is, however deep it stands."""
    assert tell_fields(json.dumps(record)) == told


def test_no_secret_of_an_audit_trail_is_told():
    """A credential stays out, whoever set it; what lies deeper than any setting is not looked for."""
    asked = {"secretKey": "x1", "dbPassword": "x2", "size": 3, "a": {"b": {"c": {"d": {"e": {"f": {"g": 4}}}}}}}
    record = {"eventName": "a", "eventSource": "b", "userIdentity": {"invokedBy": "x"}, "requestParameters": asked}
    assert tell_fields(json.dumps(record)) == "size=3, user=x"


PATCHED = {
    "kind": "Event", "apiVersion": "audit.k8s.io/v1", "verb": "patch", "user": {"username": "kim"},
    "objectRef": {"resource": "fleets", "name": "arena"}, "requestObject": {"spec": {"replicas": 2}},
}  # fmt: skip


def test_who_patches_an_object_of_a_cluster_altered_it():
    """A controller updates what it looks after all day, and who reads alters nothing."""
    assert tells_alteration(json.dumps(PATCHED))
    assert not tells_alteration(json.dumps(PATCHED | {"verb": "get"}))
    assert not tells_alteration(json.dumps(PATCHED | {"user": {"username": "system:serviceaccount:hpa"}}))
    assert not tells_alteration('{"objectRef": "fleets", "verb": "patch", "user": "kim"}')


def test_what_a_secret_holds_is_told_by_no_name():
    """What is written into a secret is called whatever its owner likes."""
    secret = PATCHED | {"requestObject": {"data": {"dsn": "aHVudGVyMg=="}, "type": "Opaque"}}
    assert not any("aHVu" in told for told in list_fields(json.dumps(secret)))
