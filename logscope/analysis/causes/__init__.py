"""Who began it: names and blame, suspects with their evidence, numbers that ran full, what set it off."""
