# ruff: noqa: E501 -- lines as programs write them are long
"""Writers of single formats, for measuring each alone: the 25 most important ones and their usual variants."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta

from generate_logs import START, LineMaker, Writer, make_logback, make_logfmt, make_nginx, make_pino

_SYSLOG_NUMBER = {"DEBUG": 7, "INFO": 6, "WARN": 4, "ERROR": 3}
_LETTER = {"DEBUG": "D", "INFO": "I", "WARN": "W", "ERROR": "E"}
_UNITS = ("sshd", "cron", "redis-server", "nginx", "checkout", "kernel", "systemd")


def _n(writer: Writer, most: int) -> int:
    return int(writer.random.random() * most)


def _ms(at: datetime, mark: str = ".") -> str:
    return f"{at:%H:%M:%S}{mark}{at.microsecond // 1000:03d}"


def _nanos(writer: Writer, at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond * 1000 + _n(writer, 1000):09d}".rstrip("0") + "Z"


def syslog_3164(writer: Writer, at: datetime, level: str, text: str) -> str:
    unit = _UNITS[_n(writer, len(_UNITS))]
    word = {"ERROR": "error: ", "WARN": "warning: "}.get(level, "")
    return f"{at:%b} {at.day:2d} {at:%H:%M:%S} web1 {unit}[{_n(writer, 9000) + 300}]: {word}{text}"


def syslog_iso(writer: Writer, at: datetime, level: str, text: str) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond:06d}+00:00 web1 app[{_n(writer, 9000) + 300}]: {level} {text}"


def syslog_5424(writer: Writer, at: datetime, level: str, text: str) -> str:
    pri = 8 + _SYSLOG_NUMBER[level]
    return f"<{pri}>1 {at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z web1 app {_n(writer, 9000)} ID{_n(writer, 50)} - {text}"


def journald_json(writer: Writer, at: datetime, level: str, text: str) -> str:
    unit = _UNITS[_n(writer, 3)]
    return json.dumps(
        {
            "__CURSOR": f"s=a;i={_n(writer, 10**6):x}", "__REALTIME_TIMESTAMP": str(int(at.timestamp() * 1e6)),
            "_BOOT_ID": "3a2b", "PRIORITY": str(_SYSLOG_NUMBER[level]), "_SYSTEMD_UNIT": f"{unit}.service",
            "SYSLOG_IDENTIFIER": unit, "_PID": str(_n(writer, 9000)), "MESSAGE": text,
        }
    )  # fmt: skip


def journald_short(writer: Writer, at: datetime, level: str, text: str) -> str:
    return f"{at:%b %d %H:%M:%S} web1 {_UNITS[_n(writer, 3)]}[{_n(writer, 9000)}]: {text}"


def docker_json(writer: Writer, at: datetime, level: str, text: str) -> str:
    line = make_logback(writer, at, level, text).split("\n")[0]
    return json.dumps({"log": line + "\n", "stream": "stdout", "time": _nanos(writer, at)}, separators=(",", ":"))


def cri(writer: Writer, at: datetime, level: str, text: str) -> str:
    stream = "stderr" if level == "ERROR" else "stdout"
    return f"{_nanos(writer, at)} {stream} F {at:%Y-%m-%d} {_ms(at)} {level} [main] c.s.Cart - {text}"


def zap(writer: Writer, at: datetime, level: str, text: str) -> str:
    fields = {
        "level": level.lower(),
        "ts": round(at.timestamp(), 6),
        "caller": f"svc/cart.go:{_n(writer, 90)}",
        "msg": text,
    }
    return json.dumps({**fields, "trace_id": f"{_n(writer, 2**60):x}"}, separators=(",", ":"))


def zerolog(writer: Writer, at: datetime, level: str, text: str) -> str:
    fields = {"level": level.lower(), "component": "cart", "user": _n(writer, 10**6), "time": int(at.timestamp())}
    return json.dumps({**fields, "message": text}, separators=(",", ":"))


def slog_json(writer: Writer, at: datetime, level: str, text: str) -> str:
    fields = {"time": f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond * 1000:09d}Z", "level": level, "msg": text}
    return json.dumps({**fields, "user": _n(writer, 10**6)}, separators=(",", ":"))


def bunyan(writer: Writer, at: datetime, level: str, text: str) -> str:
    number = {"DEBUG": 20, "INFO": 30, "WARN": 40, "ERROR": 50}[level]
    fields = {
        "name": "cart",
        "hostname": "web1",
        "pid": 17,
        "level": number,
        "reqId": f"{_n(writer, 2**40):x}",
        "msg": text,
    }
    stamp = f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"
    return json.dumps({**fields, "time": stamp, "v": 0}, separators=(",", ":"))


def winston(writer: Writer, at: datetime, level: str, text: str) -> str:
    stamp = f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"
    return json.dumps({"level": level.lower(), "message": text, "timestamp": stamp}, separators=(",", ":"))


def ecs(writer: Writer, at: datetime, level: str, text: str) -> str:
    stamp = f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"
    fields = {"@timestamp": stamp, "log.level": level, "message": text, "ecs.version": "1.2.0"}
    return json.dumps(
        {**fields, "process.thread.name": f"http-{_n(writer, 40)}", "log.logger": "c.s.Cart"}, separators=(",", ":")
    )


def serilog(writer: Writer, at: datetime, level: str, text: str) -> str:
    fields = {"@t": f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond * 10:07d}Z", "@mt": text}
    name = {"ERROR": "Error", "WARN": "Warning", "DEBUG": "Debug"}.get(level)
    return json.dumps({**fields, **({"@l": name} if name else {}), "User": _n(writer, 10**6)}, separators=(",", ":"))


def logfmt_logrus(writer: Writer, at: datetime, level: str, text: str) -> str:
    return f'time="{at:%Y-%m-%dT%H:%M:%S}Z" level={level.lower()} msg="{text}" user={_n(writer, 10**6)}'


def spring(writer: Writer, at: datetime, level: str, text: str) -> str:
    thread = f"nio-8080-exec-{_n(writer, 40)}"
    return f"{at:%Y-%m-%d} {_ms(at)} {level:>5} 71 --- [{thread:>15}] c.s.checkout.CartService         : {text}"


def log4j_thread_first(writer: Writer, at: datetime, level: str, text: str) -> str:
    return (
        f"{at:%Y-%m-%d} {_ms(at, ',')} [http-nio-8080-exec-{_n(writer, 200)}] {level} c.s.checkout.CartService - {text}"
    )


def gunicorn(writer: Writer, at: datetime, level: str, text: str) -> str:
    word = {"WARN": "WARNING"}.get(level, level)
    return f"[{at:%Y-%m-%d %H:%M:%S} +0000] [{_n(writer, 90) + 10}] [{word}] {text}"


def celery(writer: Writer, at: datetime, level: str, text: str) -> str:
    word = {"WARN": "WARNING"}.get(level, level)
    return f"[{at:%Y-%m-%d} {_ms(at, ',')}: {word}/ForkPoolWorker-{_n(writer, 16)}] {text}"


def loguru(writer: Writer, at: datetime, level: str, text: str) -> str:
    word = {"WARN": "WARNING"}.get(level, level)
    return f"{at:%Y-%m-%d} {_ms(at)} | {word:<8} | cart.service:find:{_n(writer, 400)} - {text}"


def nginx_error(writer: Writer, at: datetime, level: str, text: str) -> str:
    word = {"WARN": "warn", "ERROR": "error", "INFO": "notice", "DEBUG": "info"}[level]
    return (
        f"{at:%Y/%m/%d %H:%M:%S} [{word}] 71#71: *{_n(writer, 10**6)} {text}, client: 10.1.{_n(writer, 250)}.3, server: _, "
        f'request: "GET /cart/{_n(writer, 10**6)} HTTP/1.1", upstream: "http://10.0.0.7:80/"'
    )


def apache_error(writer: Writer, at: datetime, level: str, text: str) -> str:
    word = {"WARN": "warn", "ERROR": "error", "INFO": "notice", "DEBUG": "info"}[level]
    return f"[{at:%a %b %d %H:%M:%S}.{at.microsecond:06d} {at:%Y}] [proxy:{word}] [pid 81:tid {_n(writer, 900)}] [client 10.1.{_n(writer, 250)}.3:{_n(writer, 60000)}] AH00957: {text}"


def access_vhost(writer: Writer, at: datetime, level: str, text: str) -> str:
    return "www.example.com:443 " + make_nginx(writer, at, level, text).rsplit(" ", 1)[0]


def postgres(writer: Writer, at: datetime, level: str, text: str) -> str:
    name = {"WARN": "WARNING", "INFO": "LOG", "DEBUG": "LOG"}.get(level, level)
    head = f"{at:%Y-%m-%d} {_ms(at)} UTC [{_n(writer, 9000) + 300}] shop@shop "
    line = f"{head}{name}:  {text}"
    return f"{line}\n{head}STATEMENT:  select * from cart where id = {_n(writer, 10**6)}" if name == "ERROR" else line


def postgres_rds(writer: Writer, at: datetime, level: str, text: str) -> str:
    name = {"WARN": "WARNING", "INFO": "LOG", "DEBUG": "LOG"}.get(level, level)
    return f"{at:%Y-%m-%d %H:%M:%S} UTC:10.1.{_n(writer, 250)}.3({_n(writer, 60000)}):app@shop:[{_n(writer, 9000)}]:{name}:  {text}"


def mysql(writer: Writer, at: datetime, level: str, text: str) -> str:
    word = {"WARN": "Warning", "ERROR": "ERROR", "INFO": "Note", "DEBUG": "System"}[level]
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond:06d}Z {_n(writer, 9000)} [{word}] [MY-0{10000 + _n(writer, 300)}] [Server] {text}"


def mariadb(writer: Writer, at: datetime, level: str, text: str) -> str:
    word = {"WARN": "Warning", "ERROR": "ERROR"}.get(level, "Note")
    return f"{at:%Y-%m-%d} {at.hour:2d}:{at:%M:%S} {_n(writer, 9000)} [{word}] InnoDB: {text}"


def redis(writer: Writer, at: datetime, level: str, text: str) -> str:
    mark = {"WARN": "#", "ERROR": "#", "DEBUG": "-"}.get(level, "*")
    return f"71:M {at:%d %b %Y} {_ms(at)} {mark} {text}"


def redis_time_only(writer: Writer, at: datetime, level: str, text: str) -> str:
    mark = {"WARN": "#", "ERROR": "#", "DEBUG": "-"}.get(level, "*")
    return f"{_ms(at)} {mark} {text}"


def haproxy(writer: Writer, at: datetime, level: str, text: str) -> str:
    status = {"ERROR": 503, "WARN": 404}.get(level, 200)
    took = _n(writer, 3000)
    return (
        f"{at:%b} {at.day:2d} {at:%H:%M:%S} lb haproxy[71]: 10.1.{_n(writer, 250)}.3:{_n(writer, 60000)} [{at:%d/%b/%Y}:{_ms(at)}] web cart/c1 "
        f'0/0/1/{took}/{took + 2} {status} {_n(writer, 9000)} - - ---- 9/9/1/0/3 0/0 "GET /cart/{_n(writer, 10**6)} HTTP/1.1"'
    )


def dmesg(writer: Writer, at: datetime, level: str, text: str) -> str:
    uptime = (at - START).total_seconds() + 86400
    return f"[{uptime:12.6f}] eth0: {text}"


def klog(writer: Writer, at: datetime, level: str, text: str) -> str:
    return f"{_LETTER[level]}{at:%m%d %H:%M:%S}.{at.microsecond:06d} {_n(writer, 90) + 10:7d} kubelet.go:{_n(writer, 3000)}] {text}"


def kafka(writer: Writer, at: datetime, level: str, text: str) -> str:
    return f"[{at:%Y-%m-%d} {_ms(at, ',')}] {level} [Broker id={_n(writer, 9)}] {text} (kafka.server.ReplicaManager)"


def zookeeper(writer: Writer, at: datetime, level: str, text: str) -> str:
    return f"{at:%Y-%m-%d} {_ms(at, ',')} [myid:1] - {level:<5} [QuorumPeer:o.a.z.Learner@{_n(writer, 900)}] - {text}"


def elasticsearch(writer: Writer, at: datetime, level: str, text: str) -> str:
    return f"[{at:%Y-%m-%dT}{_ms(at, ',')}][{level:<5}][o.e.c.r.a.AllocationService] [node-{_n(writer, 9)}] {text}"


def mongodb(writer: Writer, at: datetime, level: str, text: str) -> str:
    return json.dumps(
        {"t": {"$date": f"{at:%Y-%m-%dT}{_ms(at)}+00:00"}, "s": _LETTER[level], "c": "NETWORK", "id": 22900 + _n(writer, 90),
         "ctx": f"conn{_n(writer, 9000)}", "msg": text, "attr": {"remote": f"10.0.0.7:{_n(writer, 60000)}"}}, separators=(",", ":"),
    )  # fmt: skip


def mongodb_text(writer: Writer, at: datetime, level: str, text: str) -> str:
    return f"{at:%Y-%m-%dT}{_ms(at)}+0000 {_LETTER[level]} NETWORK  [conn{_n(writer, 9000)}] {text}"


def rabbitmq(writer: Writer, at: datetime, level: str, text: str) -> str:
    word = {"WARN": "warning"}.get(level, level.lower())
    return f"{at:%Y-%m-%d %H:%M:%S}.{at.microsecond:06d}+00:00 [{word}] <0.{_n(writer, 900)}.0> {text}"


def envoy_access(writer: Writer, at: datetime, level: str, text: str) -> str:
    status, flag = {"ERROR": (503, "UF,URX"), "WARN": (404, "-")}.get(level, (200, "-"))
    return (
        f'[{at:%Y-%m-%dT}{_ms(at)}Z] "GET /cart/{_n(writer, 10**6)} HTTP/2" {status} {flag} "-" 0 {_n(writer, 9000)} {_n(writer, 3000)} - "-" "curl/8" '
        f'"{_n(writer, 2**31):08x}-1111-2222-3333-444455556666" "cart" "10.0.0.7:80"'
    )


def envoy_app(writer: Writer, at: datetime, level: str, text: str) -> str:
    word = {"WARN": "warning"}.get(level, level.lower())
    return f"[{at:%Y-%m-%d} {_ms(at)}][{_n(writer, 9)}][{word}][upstream] [source/common/x.cc:{_n(writer, 400)}] {text}"


def rails(writer: Writer, at: datetime, level: str, text: str) -> str:
    return f"{level[0]}, [{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond:06d} #{_n(writer, 90) + 10}] {level:>5} -- : [{_n(writer, 2**40):x}] {text}"


def sidekiq(writer: Writer, at: datetime, level: str, text: str) -> str:
    return (
        f"{at:%Y-%m-%dT}{_ms(at)}Z pid=71 tid=g{_n(writer, 90)} class=MailJob jid={_n(writer, 2**60):x} {level}: {text}"
    )


def java_gc(writer: Writer, at: datetime, level: str, text: str) -> str:
    uptime = (at - START).total_seconds()
    return (
        f"[{at:%Y-%m-%dT}{_ms(at)}+0000][{uptime:.3f}s][info][gc] GC({_n(writer, 9000)}) Pause Young (Normal) (G1 Evacuation Pause) "
        f"{_n(writer, 4000)}M->{_n(writer, 2000)}M(4096M) {_n(writer, 90000) / 1000:.3f}ms"
    )


def cassandra(writer: Writer, at: datetime, level: str, text: str) -> str:
    return f"{level:<5} [ReadStage-{_n(writer, 32)}] {at:%Y-%m-%d} {_ms(at, ',')} ReadCallback.java:{_n(writer, 300)} - {text}"


def uwsgi(writer: Writer, at: datetime, level: str, text: str) -> str:
    status = {"ERROR": 504, "WARN": 404}.get(level, 200)
    return (
        f"[pid: 81|app: 0|req: {_n(writer, 9000)}/{_n(writer, 90000)}] 10.1.{_n(writer, 250)}.3 () {{40 vars in 800 bytes}} [{at:%a %b} {at.day:2d} {at:%H:%M:%S %Y}] "
        f"GET /cart/{_n(writer, 10**6)} => generated {_n(writer, 9000)} bytes in {_n(writer, 3000)} msecs (HTTP/1.1 {status}) 4 headers in 200 bytes (1 switches on core 0)"
    )


def php_fpm(writer: Writer, at: datetime, level: str, text: str) -> str:
    word = {"WARN": "WARNING", "INFO": "NOTICE", "DEBUG": "NOTICE"}.get(level, level)
    return f"[{at:%d-%b-%Y %H:%M:%S}] {word}: [pool www] {text}"


def aws_alb(writer: Writer, at: datetime, level: str, text: str) -> str:
    status = {"ERROR": 502, "WARN": 404}.get(level, 200)
    return (
        f"https {at:%Y-%m-%dT%H:%M:%S}.{at.microsecond:06d}Z app/web/ab12 10.1.{_n(writer, 250)}.3:{_n(writer, 60000)} 10.0.0.7:80 0.000 "
        f'{_n(writer, 3000) / 1000:.3f} 0.001 {status} {status} 210 {_n(writer, 9000)} "GET https://x:443/cart/{_n(writer, 10**6)} HTTP/1.1" "curl/8" - -'
    )


def w3c(writer: Writer, at: datetime, level: str, text: str) -> str:
    status = {"ERROR": 500, "WARN": 404}.get(level, 200)
    return f"{at:%Y-%m-%d %H:%M:%S} 10.0.0.7 GET /cart/{_n(writer, 10**6)} - 443 - 10.1.{_n(writer, 250)}.3 Mozilla/5.0 {status} 0 0 {_n(writer, 3000)}"


FORMATS: dict[str, LineMaker] = {
    "1 syslog 3164": syslog_3164, "1 syslog iso": syslog_iso, "2 journald json": journald_json,
    "2 journald short": journald_short, "3 docker json-file": docker_json, "4 kubernetes cri": cri, "5 zap": zap,
    "5 zerolog": zerolog, "5 slog json": slog_json, "5 pino": make_pino, "5 bunyan": bunyan, "5 winston": winston, "5 ecs": ecs,
    "5 serilog": serilog, "6 logfmt logrus": logfmt_logrus, "6 logfmt slog": make_logfmt, "7 logback": make_logback,
    "7 thread first": log4j_thread_first, "7 spring": spring, "8 gunicorn": gunicorn, "8 celery": celery,
    "8 loguru": loguru, "9 nginx error": nginx_error, "10 nginx access": make_nginx, "10 access vhost": access_vhost,
    "11 apache error": apache_error, "12 postgresql": postgres, "12 postgresql rds": postgres_rds, "13 mysql": mysql,
    "13 mariadb": mariadb, "14 redis": redis, "14 redis time only": redis_time_only, "15 haproxy": haproxy,
    "16 dmesg": dmesg, "17 klog": klog, "18 kafka": kafka, "18 zookeeper": zookeeper, "19 elasticsearch": elasticsearch,
    "20 mongodb json": mongodb, "20 mongodb text": mongodb_text, "21 rabbitmq": rabbitmq, "22 envoy access": envoy_access,
    "22 envoy app": envoy_app, "23 rails": rails, "23 sidekiq": sidekiq, "24 java gc": java_gc, "24 cassandra": cassandra,
    "25 syslog 5424": syslog_5424, "25 uwsgi": uwsgi, "25 php-fpm": php_fpm, "25 aws alb": aws_alb, "25 w3c": w3c,
}  # fmt: skip
"""By number in the list of the 25 and name."""

HEADERS: dict[str, str] = {
    "25 w3c": "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status sc-substatus sc-win32-status time-taken\n",
}  # fmt: skip


def make_format(make: Callable[[Writer, datetime, str, str], str], name: str, megabytes: float) -> str:
    """Lines of one format, about so many bytes of them."""
    writer = Writer(name)
    lines: list[str] = []
    size, n = 0, 0
    step = 3600 / (megabytes * 8000)
    while size < megabytes * 1e6:
        at = START + timedelta(seconds=n * step)
        line = make(writer, at, *writer.event(False))
        lines.append(line)
        size += len(line) + 1
        n += 1
    return HEADERS.get(name, "") + "\n".join(lines) + "\n"
