"""Bytes to records: layouts learnt from samples, lines parsed, records fingerprinted. Pure; opens no file."""
