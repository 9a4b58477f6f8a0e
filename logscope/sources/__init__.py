"""Where bytes come from: files, rotated parts, compression, standard input. Only this room opens logs."""
