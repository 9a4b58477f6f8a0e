"""What users got: requests and attempts, operations by their ids, work left unfinished."""
