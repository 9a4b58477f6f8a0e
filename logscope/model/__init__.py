"""The vocabulary: values that every floor shares. Frozen, small, without behaviour that needs a clock or a disk."""
