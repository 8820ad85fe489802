"""What a check finds: faults, and how much was compared."""

import re
import unicodedata


class Findings:
    """Collects faults of one check, and counts what was held against the sources."""

    def __init__(self, name):
        self.name, self.faults, self.n_checked = name, [], 0

    def equal(self, where, found, expected):
        """Notes a fault where two values differ."""
        self.n_checked += 1
        if found != expected:
            self.faults.append(f"{where}: {found!r}, and the sources say {expected!r}")

    def true(self, where, holds, message):
        """Notes a fault where something does not hold."""
        self.n_checked += 1
        if not holds:
            self.faults.append(f"{where}: {message}")


def letters(text):
    """Letters and digits alone: what stays of a text whatever is done to its spaces, quotes and punctuation."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", text) if letter.isalnum())


def spoken(markdown):
    """The letters of a turn as its source writes it: links lose their addresses."""
    return letters(re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", markdown))


def without_times(text):
    """A text file without the times that stand before turns and paragraphs."""
    return re.sub(r"\[(\d+:)?\d+:\d\d\]", "", text)
