"""Random incidents of random service graphs with a known cause: the analysis measured on what has no rules."""
