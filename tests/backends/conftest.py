"""This file puts its folder on the path: cases of several backends lie here."""
