"""Who is named by a line."""

import pytest

from logscope.analysis.kinds.addresses import listening_ports
from logscope.analysis.kinds.entities import FULL_NAME, host_label
from logscope.analysis.kinds.naming import build_names

SERVICES = {
    "checkout-service": None,
    "payment-gateway": None,
    "redis-server": "redis",
    "redis-monitor": None,
    "kafka-consumer": None,
    "orders-db": "postgres",
    "inventory": None,
    "haproxy": None,
}


@pytest.fixture(scope="module")
def names():
    return build_names(SERVICES)


def test_who_speaks_another_server_s_protocol_is_meant_by_its_messages():
    """Clients of CockroachDB use the drivers of PostgreSQL, and quote its errors; where both are, each is itself."""
    assert build_names({"cockroach-n3": None, "till": None}).node_of_component("postgres") == "cockroachdb"
    assert build_names({"tidb": None, "till": None}).node_of_component("mysql") == "tidb"
    assert build_names({"tidb": None, "mysql": None}).node_of_component("mysql") == "mysql"


def test_what_a_server_holds_is_no_host(names):
    """An address may be that of a queue, a topic or a bucket, whatever it is called."""
    assert names.mentions("full: queue://inventory.OUT, topic://heron.in, s3://heron-backups/1", own="haproxy") == {}
    assert "heron" in names.mentions("full: tcp://heron.example:61616", own="haproxy")


def test_files_of_one_server_share_a_node(names):
    """A server's log and its monitor's are the same node; a client whose name holds the server's is not."""
    nodes = names.node_of_service
    assert (nodes["redis-server"], nodes["redis-monitor"]) == ("redis", "redis")
    assert nodes["kafka-consumer"] == "kafka-consumer"
    assert nodes["orders-db"] == "orders-db", "a file keeps its name, whatever server writes it"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Redis ConnectionTimeout: redis-main:6379 after 5000 ms", "redis"),
        ("io.lettuce.core.RedisCommandTimeoutException: Command timed out", "redis"),
        ("checkout failed: payment-gateway answered 503", "payment-gateway"),
        ("PaymentGateway 503 upstream rejected", "payment-gateway"),
        ("org.postgresql.util.PSQLException: FATAL: sorry", "orders-db"),
        ('File "/srv/venv/lib/python3.11/site-packages/psycopg/connection.py", line 126', "orders-db"),
        ("Server be_inventory/inv1 is DOWN, reason: Layer4 connection problem", "inventory"),
        ("dial tcp 10.0.3.7:11211: connect: connection refused", "memcached"),
        ("GET http://pricing.internal:8080/v1/p failed", "pricing"),
        ("HTTPSConnectionPool(host='api.heron.example', port=443): Read timed out. (read timeout=10)", "heron"),
        ('connection to server at "10.0.4.2", port 6379 failed: timeout expired', "redis"),
        ('connection to server at "heron.internal" (10.0.4.2), port 443 failed: timeout expired', "heron"),
        ("oom-kill:global_oom,task_memcg=/system.slice/inventory.service,task=java,pid=4112", "inventory"),
        ("connect timed out: cache-1.internal/10.7.0.21:11211", "memcached"),
        ("connect timed out: heron.internal/10.7.0.21:8443", "heron"),
    ],
)
def test_a_name_is_found_in_many_forms(names, text, expected):
    """Names are found as words, camel case, class names, library paths, host:port and URLs."""
    assert expected in names.mentions(text, own="nobody")


@pytest.mark.parametrize(
    "text",
    [
        "market.push:send:53 - offer withdrawn",
        "GET /inventory/SKU-7 200 46ms",
        "profile.go:109 done",
        "client 127.0.0.1:50512 closed",
        "Out of memory: Killed process 4112 (java) total-vm:9822114kB, UID:998 pgtables:12004kB",
        "all well",
    ],
)
def test_paths_places_and_clients_are_not_blamed(names, text):
    """A route, a place in the code and a client's port name nobody surely."""
    assert {node: w for node, w in names.mentions(text, own="nobody").items() if w >= 0.8} == {}


def test_the_own_name_is_left_out(names):
    """A line that names its own service blames nobody."""
    assert names.mentions("redis-server: maxmemory reached", own="redis") == {}


def test_a_port_is_learnt_from_the_one_that_listens(names):
    """A client names an address; the file whose server says that it listens there is meant. A name says who it is."""
    assert list(listening_ports("Started on port 22004")) == [22004]
    assert not list(listening_ports("export failed: connect ECONNREFUSED 10.0.9.7:4318"))
    names.learn_port(22004, "inventory")
    assert "inventory" in names.mentions("upstream: http://127.0.0.1:22004/stock", own="haproxy")
    assert "heron" in names.mentions("upstream: http://heron.example:22004/stock", own="haproxy"), (
        "a name says who it is"
    )


def test_a_host_means_who_writes_on_it():
    """`sftp to drop1` means the server whose lines carry that host, and of several there one of them."""
    names = build_names({"auth": None, "left": None, "right": None, "shop": None})
    names.learn_host("drop1.corp.example", ["auth"])
    names.learn_host("box", ["left", "right"])
    names.learn_host("shop", ["auth"])
    assert names.mentions("sftp to drop1: connection closed", own="shop").keys() == {"auth"}
    assert names.members_of("box") == ["left", "right"]
    assert names.mentions("no answer of box", own="shop").keys() == {"box"}
    assert names.mentions("shop answered 503", own="left").keys() == {"shop"}, "a service's name stays its own"


@pytest.mark.parametrize(
    ("host", "label"),
    [
        ("cart-6d4cf56db6-x7k2p", "cart"),
        ("db1.prod.example.com", "db1"),
        ("10.0.0.7", "10.0.0.7"),
    ],
)
def test_a_host_is_shown_by_its_bare_name(host, label):
    """Domain and pod suffix are left out; addresses stay whole."""
    assert label == host_label(host)


def test_a_log_named_by_its_part_is_no_word_and_belongs_to_who_writes_it():
    """`nginx/error.log` is the server's own log, and the word "error" in other logs does not name it."""
    names = build_names({"error": "nginx", "worker": None, "checkout": None})
    assert names.node_of_service["error"] == "nginx"
    assert not names.mentions("payment error in worker 3: WORKER TIMEOUT", own="checkout")


def test_a_role_word_glued_to_a_name_is_no_part_of_it():
    """`cart request failed` blames the service whose log is called cartsvc; a short rest is no name."""
    names = build_names({"cartsvc": None, "myapp": None})
    assert set(names.mentions("cart request failed: connect ECONNREFUSED", "bff")) == {"cartsvc"}
    assert not names.mentions("my request failed", "bff")


def test_what_a_server_calls_its_data_is_no_service():
    """The stream of orders is the broker's; whoever is spoken to is named all the same."""
    names = build_names({"orders": None, "nats-server": None})
    assert names.mentions("quorum is lost, stream ORDERS halted", "nats") == {}
    assert list(names.mentions("orders answered 503", "nats")) == ["orders"]
    names = build_names({"tariff-web": None, "ERRORLOG": None})
    assert names.mentions("The transaction log for database 'Tariff' is full", "ERRORLOG") == {}
    assert list(names.mentions("no answer for database tariff-web", "ERRORLOG")) == ["tariff-web"]


def test_replicas_share_a_name_that_means_one_of_them():
    """`thumb` is each of thumb-1 and thumb-2: another one's word for it, but nobody's for a fellow."""
    names = build_names({"thumb-1/app": None, "thumb-2/app": None, "gallery": None})
    assert list(names.mentions("GET thumb/7 failed", "gallery")) == ["thumb"]
    assert names.members_of("thumb") == ["thumb-1/app", "thumb-2/app"]
    assert names.mentions("thumb[2] cannot write", "thumb-2/app") == {}
    assert list(names.mentions("thumb-2 is down", "gallery")) == ["thumb-2/app"]


def test_a_part_of_a_program_in_its_own_log_is_the_program():
    """`gitaly.StreamServerInterceptor` in gitaly's log is gitaly; `cart-db` in a log called cart is another one."""
    names = build_names({"gitaly": None, "cart": None})
    assert names.node_of_record("gitaly.StreamServerInterceptor", "gitaly") == "gitaly"
    assert names.node_of_record("cart-db", "cart") == "cart-db"
    assert names.node_of_record("gitaly2", "gitaly") == "gitaly2"


def test_several_logs_in_one_servers_format_are_its_members():
    """Who names the database means one of its hosts, whatever their logs are called."""
    names = build_names({"left": "postgres", "right": "postgres", "shop": None})
    assert set(names.members_of("postgres")) == {"left", "right"}
    assert names.mentions("psycopg.OperationalError: connection refused", own="shop").keys() == {"postgres"}


def test_what_several_logs_go_by_is_named_in_the_plural():
    """`thumbers` means those whose logs are thumber-1 and thumber-2."""
    names = build_names({"thumber-1": None, "thumber-2": None, "shop": None})
    assert names.mentions("not enough thumbers available", own="shop").keys() == {"thumber"}


def test_a_log_of_another_suffix_is_named_without_it():
    """`cart@docker` in a proxy's log means whose log is cart.clef, and that one is no stranger's in its own."""
    names = build_names({"cart.clef": None, "proxy": None})
    assert names.mentions("cart@docker http://10.3.1.7:8080 401", own="proxy").keys() == {"cart.clef", "10.3.1.7"}
    assert names.mentions("POST http://cart/v1 responded 401", own="cart.clef") == {}


def test_a_part_of_the_runtime_is_no_service():
    """`Microsoft.IdentityModel` is not the one whose log is called identity; a driver in a runtime means its server."""
    names = build_names({"identity": None, "shop": None, "mssql": None})
    assert names.mentions("Microsoft.IdentityModel.Tokens.SecurityTokenException: IDX10222", own="shop") == {}
    assert names.mentions("Acme.IdentityClient: 503", own="shop").keys() == {"identity"}
    assert names.mentions("System.Data.SqlClient.SqlException: login failed", own="shop").keys() == {"mssql"}


def test_initials_mean_the_only_one_in_whose_name_they_stand():
    """`PSR` is psr-relayd; what is written in capitals anywhere, and what two are called, is nobody."""
    names = build_names({"psr-relayd": None, "tls-edge": None, "vat-api": None, "vat-rates": None})
    assert names.mentions("PSR is dead", own="shop") == {"psr-relayd": 0.6}
    assert names.mentions("TLS handshake failed, VAT unknown, psr is dead", own="shop") == {}


def test_code_in_a_log_is_its_own_where_it_shares_a_name_with_another():
    """`relayNetAgent` in relay-net-agent's log is itself, not relay-server."""
    names = build_names({"relay-net-agent": None, "relay-server": None})
    assert names.mentions("relayNetAgent goes on", own="relay-net-agent") == {}


def test_a_host_is_called_like_one_of_what_its_log_is_called_several_of():
    """`http://coupon/v1` is asked of who writes coupons.log."""
    names = build_names({"coupons": None, "shop": None})
    assert names.mentions("GET http://coupon/v1 failed", own="shop").keys() == {"coupons"}


@pytest.mark.parametrize(
    "text",
    [
        "pull of docker.io/acme/shop:4.2 failed: toomanyrequests. https://www.heron.example/increase-rate-limit",
        "limit reached, see https://docs.heron.example/limits",
        'connect() failed, upstream: "fastcgi://unix:/run/php/fpm.sock:"',
    ],
)
def test_where_to_read_on_and_sockets_of_the_host_blame_nobody(names, text):
    """A page of documentation, a registry's path and a socket in the file system are no services."""
    assert not names.mentions(text, own="nobody")


def test_an_address_that_is_called_is_named_still():
    """`GET https://www.heron.example/v1` asked it; only an address to read on at is none."""
    assert build_names({}).mentions("GET https://www.heron.example/v1 failed", own="") == {"heron": 0.8}


def test_a_socket_of_this_host_is_called_like_who_listens_on_it():
    """`clamd.ctl` means clamd, whose log is here; the folders in front of it mean nobody."""
    names = build_names({"clamd": None, "amavis": None})
    assert names.mentions("Can't connect to a UNIX socket /var/run/clamav/clamd.ctl", "amavis") == {"clamd": 1.0}
    assert names.mentions("unlink /srv/shop/app.sock", "amavis") == {}


@pytest.mark.parametrize(
    "text",
    [
        "request from UID:5432",
        "[W 260511 16:26:00 events:171] missed",
        "PID:6379 is gone",
        "10.0.0.4:5 - cid:4222 - slow",
    ],
)
def test_a_number_of_something_else_is_no_port(text):
    """An id, or a line of the source, blames no server that listens on a port of that number."""
    assert build_names({"web": None}).mentions(text, "web") == {}


def test_who_logs_in_is_not_who_is_called():
    """`sftp://insurer@sftp.heron.example` is heron's: neither the user nor the protocol is a name of it."""
    names = build_names({"web": None})
    assert list(names.mentions("cannot login to: sftp://insurer@sftp.heron.example:22", "web")) == ["heron"]


def test_a_stranger_whose_host_is_called_like_a_log_is_whose_log_that_is():
    """`redis-a.internal` writes redis-a.log: it is no server whose log was not given."""
    assert build_names({"redis-a": "redis", "shop": None}).label_of("redis-a.internal:6379") == "redis"


def test_a_balancers_server_is_named_behind_its_pool():
    """`be_rates/rates2` is one of three, of which the pool's name alone means any; a route is none."""
    names = build_names({"rates-1": None, "rates-2": None, "rates-3": None, "edge": None})
    assert names.mentions("Server be_rates/rates2 is DOWN, reason: Layer7 timeout", "edge") == {"rates-2": FULL_NAME}
    assert set(names.mentions("backend be_rates has no server", "edge")) == {"rates"}
    assert "rates-2" not in names.mentions("GET /api/rates2 failed", "edge")


def test_rules_of_a_server_are_about_the_node_that_lines_name():
    """Rules say `postgresql` where most lines say postgres; a language is no server."""
    assert build_names({"shop": None}).node_of_component("postgresql") == "postgres"
    assert build_names({"shop": None}).node_of_component("python") is None


@pytest.mark.parametrize(
    ("text", "is_meant"),
    [
        ("rollback while processing parcel pcl_5ccc36", False),
        ("parcel 4711 refused", False),
        ("parcelId=5 refused", False),
        ("parcel refused", True),
        ("parcel v2 refused", True),
        ("parcel 503", True),
        ("asked parcel 10.0.0.3:80", True),
        ("parcel-api 4711 refused", True),
        ("deploy-parcel-api #902 started", True),
    ],
)
def test_a_thing_by_its_number_is_not_the_service_of_that_name(text, is_meant):
    """A part of a service's name is a word of the trade as well, and with a number behind it one of its things."""
    assert ("parcel-api" in build_names({"parcel-api": None}).mentions(text, "")) is is_meant


def test_who_says_twice_what_it_is_is_that_server():
    """`cache-redis` and `db-postgres` are the servers, and no clients of them."""
    names = build_names({"cache-redis": None, "db-postgres": None, "shop": None})
    assert (names.node_of_service["cache-redis"], names.node_of_service["db-postgres"]) == ("redis", "postgres")
    assert names.mentions("write refused by redis", "shop") == {"redis": FULL_NAME}


@pytest.mark.parametrize(
    ("services", "node"),
    [
        (["db", "shop"], "db"),
        (["ledger-db-1", "shop"], "ledger-db-1"),
        (["db", "audit-db", "shop"], "postgres"),
        (["db-backup", "shop"], "postgres"),
        (["db", "postgres-2", "shop"], "postgres"),
    ],
)
def test_the_one_that_is_called_a_database_is_whichever_is_told_of(services, node):
    """`Connection refused to postgres:5432` is about the only log that says what it is, and not which."""
    names = build_names(dict.fromkeys(services))
    assert names.node_of_component("postgresql") == node
    assert node in names.mentions("connection refused to postgres:5432", "shop")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("charge not made: api.heron.lan: [Errno 111] Connection refused", ["heron"]),
        ("quote of rates.example.com timed out", ["rates"]),
        ("stock.client.http: connection refused", []),
        ("org.example.net: connection refused", []),
        ("see docs.heron.lan for more", []),
    ],
)
def test_a_host_that_cannot_be_reached_is_named_without_its_port(names, text, named):
    """Its dots and what is said behind it tell a host; a logger's name, or a page to read, is none."""
    assert list(names.mentions(text, "checkout-service")) == named


def test_the_own_program_is_not_another_part_of_it():
    """`pelican.driver` in the log of pelican-agent is its own code, and nobody's name in anybody else's."""
    names = build_names({"pelican-api": None, "pelican-agent": None, "shop": None})
    assert not names.mentions("pelican.driver.virt waited in vain", "pelican-agent")
    assert names.mentions("call of pelican-api failed", "pelican-agent") == {"pelican-api": FULL_NAME}


@pytest.mark.parametrize("text", [r"Acme\Inventory\Jobs failed", r"login of CORP\inventory failed"])
def test_parts_of_a_namespace_and_users_of_a_domain_are_nobody(names, text):
    """What stands behind a backslash is code, or who logged in."""
    assert not names.mentions(text, "checkout-service")
