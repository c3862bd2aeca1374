"""The web that an agent searches and visits: a corpus in a file, or the live one where it is asked for."""
