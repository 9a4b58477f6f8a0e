# ruff: noqa: E501 -- a layout is a single line
"""How loggers write a line: each takes the moment, a level (info, warn, error), a component and the message."""

import json

KLOG = {"info": "I", "warn": "W", "error": "E"}


def logback(when, level, name, text):
    return f"{when:%Y-%m-%d %H:%M:%S},{when.microsecond // 1000:03d} {level.upper():5} [worker-3] c.acme.{name}.Handler - {text}"


def spring(when, level, name, text):
    return f"{when:%Y-%m-%dT%H:%M:%S}.{when.microsecond // 1000:03d}Z {level.upper():>5} 7 --- [http-4] com.acme.{name}.Handler           : {text}"


def python_logging(when, level, name, text):
    word = "WARNING" if level == "warn" else level.upper()
    return f"{when:%Y-%m-%d %H:%M:%S},{when.microsecond // 1000:03d} - {name} - {word} - {text}"


def zap(when, level, name, text):
    return json.dumps({"level": level, "ts": when.timestamp(), "logger": name, "msg": text})


def pino(when, level, name, text):
    number = {"info": 30, "warn": 40, "error": 50}[level]
    return json.dumps({"level": number, "time": int(when.timestamp() * 1000), "name": name, "msg": text})


def logfmt(when, level, name, text):
    return f"time={when:%Y-%m-%dT%H:%M:%S}.{when.microsecond // 1000:03d}Z level={level} component={name} msg={json.dumps(text)}"


def klog(when, level, name, text):
    return f"{KLOG[level]}{when:%m%d %H:%M:%S.%f}       1 {name}.go:118] {text}"


def syslog(when, level, name, text):
    return f"{when:%b} {when.day:2d} {when:%H:%M:%S} host7 {name}[2214]: {level.upper()}: {text}"


def postgres(when, level, name, text):
    word = {"info": "LOG", "warn": "WARNING", "error": "ERROR"}[level]
    return f"{when:%Y-%m-%d %H:%M:%S}.{when.microsecond // 1000:03d} UTC [4711] {word}:  {text}"


def redis(when, level, name, text):
    mark = {"info": "*", "warn": "#", "error": "#"}[level]
    return f"1:M {when:%d %b %Y %H:%M:%S}.{when.microsecond // 1000:03d} {mark} {text}"


def access(when, status, method, route, size):
    """A line of the edge's access log, cut to seconds."""
    return f'10.9.8.7 - - [{when:%d/%b/%Y:%H:%M:%S} +0000] "{method} {route} HTTP/1.1" {status} {size} "-" "app/2.1"'


def java_trace(exception, text, name):
    """A trace of the JVM behind a message."""
    return f"\n{exception}: {text}\n\tat com.acme.{name}.Client.call(Client.java:88)\n\tat com.acme.{name}.Handler.serve(Handler.java:41)\n\tat java.base/java.lang.Thread.run(Thread.java:840)"


def python_trace(exception, text, name):
    """A trace of Python behind a message."""
    return f'\nTraceback (most recent call last):\n  File "/srv/{name}/handler.py", line 41, in serve\n    return self.client.call(request)\n  File "/srv/{name}/client.py", line 88, in call\n    raise CallFailed(reply)\n{exception}: {text}'


SERVICES = (logback, spring, python_logging, zap, pino, logfmt, klog, syslog)
INFRASTRUCTURE = (postgres, redis, syslog, logfmt, klog)
TRACES = {logback: java_trace, spring: java_trace, python_logging: python_trace}
"""Layouts whose errors may carry a trace."""
