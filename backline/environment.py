"""Read environment variables into models, and say in a sentence which of them is wrong."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseSettings, Extra, ValidationError, validator
from pydantic.env_settings import InitSettingsSource, SettingsSourceCallable
from pydantic.fields import ModelField

from backline.failures import Told


class SettingsError(Told, ValueError):
    """A setting is missing or wrong; the message names it and says what it takes."""


_Model = TypeVar("_Model", bound="Environment")


class Environment(BaseSettings):
    """Base of what is read from the environment.

    A field names its variable, `Field(env="REDIS_URL")`; one without is handed to `read`. What a
    validator raises goes on after that name ("must start with redis://"); only a `SettingsError`
    is a whole sentence. A variable that is empty counts as one that is not set, except with
    `Field(empty=True)`. A secret is a field with `repr=False`.

    Made with arguments it reads nothing, so that a test needs no environment.
    """

    class Config:
        frozen = True
        extra = Extra.forbid

        @classmethod
        def customise_sources(
            cls,
            init_settings: InitSettingsSource,
            env_settings: SettingsSourceCallable,
            file_secret_settings: SettingsSourceCallable,
        ) -> tuple[SettingsSourceCallable, ...]:
            """Read what `read` was given, in place of `os.environ`; it goes before defaults."""
            environ = init_settings.init_kwargs.pop("environ", None)
            if environ is None:
                return (init_settings,)
            return (lambda model: given_to(type(model), environ)), init_settings

    @classmethod
    def read(
        cls: type[_Model], environ: Mapping[str, str] | None = None, **defaults: Any
    ) -> _Model:
        """Read and check the variables.

        Args:
            environ: in place of the process's own.
            defaults: of fields, by name; a variable that is set goes before them.

        Raises:
            SettingsError: with a sentence that names the first variable that is missing or wrong.
        """
        env = os.environ if environ is None else environ
        try:
            return cls(environ=env, **defaults)
        except ValidationError as error:
            sentence = cls._sentence(error, env)
        # Outside of the block, so that nothing of what was read hangs on the error.
        raise SettingsError(sentence)

    @classmethod
    def read_if_given(cls: type[_Model], environ: Mapping[str, str] | None = None) -> _Model | None:
        """Read the variables if any of those that it cannot do without is set; None otherwise.

        Raises:
            SettingsError: as `read`.
        """
        env = os.environ if environ is None else environ
        return cls.read(env) if cls._needed_and_given(env) else None

    @classmethod
    def when_missing(cls, others: Sequence[str]) -> str:
        """Say what goes on after the name of a variable that is missing.

        Args:
            others: variables it cannot do without either, and which are set.
        """
        return "is missing"

    @classmethod
    def _needed_and_given(cls, environ: Mapping[str, str]) -> list[str]:
        return [
            _variable(field)
            for name, field in cls.__fields__.items()
            if field.required and name in given_to(cls, environ)
        ]

    @classmethod
    def _sentence(cls, error: ValidationError, environ: Mapping[str, str]) -> str:
        first = error.errors()[0]
        if first["type"] == "value_error.settings":
            return first["msg"]
        variable = _variable(cls.__fields__[str(first["loc"][0])])
        if first["type"] == "value_error.missing":
            return f"{variable} {cls.when_missing(cls._needed_and_given(environ))}"
        return f"{variable} {first['msg']}"


def given_to(model: type[BaseSettings], environ: Mapping[str, str]) -> dict[str, str]:
    """Find the values of a model's variables that are set, by the names of its fields."""
    given = {}
    for name, field in model.__fields__.items():
        value = environ.get(_variable(field))
        if value is not None and model.__config__.anystr_strip_whitespace:
            value = value.strip()
        if value or (value is not None and field.field_info.extra.get("empty")):
            given[name] = value
    return given


def _variable(field: ModelField) -> str:
    return str(field.field_info.extra.get("env", ""))


def shaped(field: str, pattern: str, sentence: str) -> Any:
    """Make a validator: the whole of a value matches, or the sentence says what it takes.

    None, where nothing is set, needs no shape.
    """

    def check(value: str | None) -> str | None:
        if value is not None and not re.fullmatch(pattern, value):
            raise ValueError(sentence)
        return value

    return validator(field, allow_reuse=True)(check)
