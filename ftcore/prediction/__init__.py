"""What a model says of rows that pass by: read in chunks, predicted, and written in their order."""
