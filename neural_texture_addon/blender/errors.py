"""What the artist can mend.

UserError       one line for self.report, naming the thing and what to do
"""


class UserError(Exception):
    """One line that says what is wrong and what to do."""
