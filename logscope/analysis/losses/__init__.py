"""What users lost though no line says so: requests that stopped coming or take long; and what costs nobody anything."""
