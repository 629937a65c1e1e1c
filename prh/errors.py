"""The one exception that means "you can mend this": shown as a single line, exit code 2."""


class PrhError(Exception):
    """Something the user can put right; the message names what, and how."""


class ConfigError(PrhError):
    """A config value that cannot work.

    Args:
        key: The config key as it is written on the command line, e.g. ``dataset.n``.
        problem: What is wrong with its value.
        remedy: What to do next.
    """

    def __init__(self, key: str, problem: str, remedy: str = "") -> None:
        super().__init__(f"{key}: {problem}." + (f" {remedy}." if remedy else ""))
        self.key = key
        self.problem = problem
        self.remedy = remedy


class Unavailable(ConfigError):
    """What a config names is somewhere on the network, and cannot be had from there now."""
