"""The command line: one file a command, thin over the library function of the same name."""
