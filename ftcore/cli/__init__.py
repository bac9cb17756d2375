"""The command line: each command has its file, which calls the library function of the same name."""
