"""The suite that every backend must pass, usable by anyone who writes a new one."""
