"""One file a format: each reader gives the rows of one kind of data file, one by one."""
