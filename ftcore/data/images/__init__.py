"""Images as examples: folders, lists of files, arrays and pixel columns, prepared once and mapped into memory."""
