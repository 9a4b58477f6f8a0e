"""Learns how one file is written, from samples, and freezes it as a plan."""
