"""Sources to rows, rows to token arrays, arrays to batches."""
