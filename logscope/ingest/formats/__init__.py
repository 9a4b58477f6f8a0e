"""What a line of a known shape says: text, JSON, logfmt, tables; the catalogue is data."""
