"""The fingerprint of one record as a pure function: masks, fields, exceptions, and what makes it cheap."""
