"""The one error that a person can cause and mend."""


class InputError(Exception):
    """Something given from outside is wrong.

    The message is one line that names the file, row or field and what was expected. The command
    line prints it and exits with code 2; there is no traceback.
    """

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(str(message).split()))
