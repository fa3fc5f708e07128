"""Settings from a file of JSON."""

import json

DEFAULTS = {"timeout": 30, "retries": 3}


class SettingsError(RuntimeError):
    """The settings cannot be used."""


def load(path):
    """The settings in a file, over the defaults."""
    try:
        with open(path) as file:
            settings = {**DEFAULTS, **json.load(file)}
        return Client(settings)
    except Exception as error:
        raise SettingsError(f"the settings file {path} is damaged") from error


class Client:
    """What talks to the shop."""

    def __init__(self, settings):
        self.timeout = settings["timeout"]
        self.retries = settings["retries"]
