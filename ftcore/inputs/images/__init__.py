"""Images: folders, lists of files, arrays and pixel columns."""
