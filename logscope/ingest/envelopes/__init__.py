"""What wraps another format: docker, CRI, journald, syslog, compose and kubectl prefixes."""
