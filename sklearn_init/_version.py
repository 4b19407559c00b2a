"""The version, of which files and pickles keep a stamp."""

__version__ = "0.1.0.dev0"
