"""Settings from `clinic.yml` and the environment, checked once at start.

Environment: `BACKLINE_CLINIC` (path of clinic.yml), `DATABASE_URL`, `REDIS_URL`, `RABBITMQ_URL`,
`BACKLINE_MODELS` (folder of trained models), `BACKLINE_PROJECT` (folder of domain.yml and data/),
`BACKLINE_ACTIONS_URL` (an action server), `BACKLINE_PROXIES` (how many proxies are in front).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import yaml
from pydantic import (
    BaseModel,
    Extra,
    Field,
    ValidationError,
    conint,
    constr,
    root_validator,
    validator,
)

from backline.countries import clinics_numbers
from backline.environment import Environment, shaped
from backline.environment import SettingsError as SettingsError
from backline.policy.plans import Therapy

Country = Literal["AU", "GB", "US", "NZ"]

PUBLIC_NUMBERS = clinics_numbers()
"""Numbers that help, by the clinic's country (`data/countries.yml`)."""


MIN_METRICS_TOKEN = 32


_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d"
_Text = constr(strip_whitespace=True, min_length=1, max_length=500)


class PhoneSettings(BaseModel):
    """The clinic's phone line, as written under `phone_line` in `clinic.yml`.

    Attributes:
        transfer_to: the number that callers are connected to who want a person, written like
            +61255500100; without it they are told the clinic's number.
        text_from: a number of the same account of Twilio that sends text messages; with it, callers
            from a mobile telephone are offered their result as one.
        language: what callers speak, as BCP 47 writes it.
        voice: the voice of Twilio that speaks to them.
        speech_model: the model by which Twilio hears them; without one Twilio chooses, for the
            language, and takes another one when that is out of order.
    """

    transfer_to: constr(regex=r"^\+[1-9]\d{6,14}$") | None = None  # type: ignore[valid-type]
    text_from: constr(regex=r"^\+[1-9]\d{6,14}$") | None = None  # type: ignore[valid-type]
    language: Literal["en-AU", "en-GB", "en-NZ", "en-US"] = "en-AU"
    voice: constr(regex=r"^[A-Za-z0-9.-]+$") = "Polly.Olivia-Neural"  # type: ignore[valid-type]
    speech_model: constr(regex=r"^[A-Za-z0-9_.-]+$") | None = None  # type: ignore[valid-type]

    class Config:
        extra = Extra.forbid
        allow_mutation = False


_NoticeEvent = Literal["emergency", "violence", "urgent", "call_back"]
_NOTICE_EVENTS: list[_NoticeEvent] = ["emergency", "violence", "urgent", "call_back"]
_SeesPeople = Literal["receptionist", "therapist", "clinician", "administrator"]
_SEE_PEOPLE: tuple[_SeesPeople, ...] = ("receptionist", "therapist", "clinician", "administrator")


class NoticeRules(BaseModel):
    """Which notices staff get, as written under `notices` in `clinic.yml`.

    Attributes:
        email: addresses that get them.
        tell: of what.
        quiet_hours: when only emergencies and violence are told, such as 20:00-07:00.
        digest_at: when the morning's figures are sent, such as 07:30.
        personal: whether age, channel and rules may stand in a notice.
        browser: by role, what the desk's page may notify of those who ask it to.
    """

    email: list[constr(regex=r"^[^\s@<>,]+@[^\s@<>,]+\.[^\s@<>,]+$", max_length=254)] = []  # type: ignore[valid-type]
    tell: list[_NoticeEvent] = _NOTICE_EVENTS
    quiet_hours: str | None = None
    digest_at: str | None = None
    personal: bool = False
    browser: dict[_SeesPeople, list[_NoticeEvent]] = dict.fromkeys(_SEE_PEOPLE, _NOTICE_EVENTS)

    class Config:
        extra = Extra.forbid
        allow_mutation = False

    @validator("quiet_hours")
    def _two_times(cls, given: str | None) -> str | None:
        if given is not None and (
            not re.fullmatch(rf"{_TIME}-{_TIME}", given) or given[:5] == given[6:]
        ):
            raise ValueError('is written in quotation marks, like "20:00-07:00"')
        return given

    @validator("digest_at")
    def _one_time(cls, given: str | None) -> str | None:
        if given is not None and not re.fullmatch(_TIME, given):
            raise ValueError('is written in quotation marks, like "07:30"')
        return given

    @property
    def quiet(self) -> tuple[dt.time, dt.time] | None:
        """When the quiet hours begin and end, by the clinic's clock."""
        if self.quiet_hours is None:
            return None
        begins, _, ends = self.quiet_hours.partition("-")
        return dt.time.fromisoformat(begins), dt.time.fromisoformat(ends)

    @property
    def digest(self) -> dt.time | None:
        """When the digest is sent, by the clinic's clock."""
        return None if self.digest_at is None else dt.time.fromisoformat(self.digest_at)


class StaffSettings(BaseModel):
    """How staff answer at the desk, as written under `staff` in `clinic.yml`.

    Attributes:
        answer_within_minutes: after which somebody who asked for a person, and whom nobody
            answered, is told to call.
        show_names: whether people see the first names of staff.
    """

    answer_within_minutes: conint(ge=1, le=1440)  # type: ignore[valid-type]
    show_names: bool = False

    class Config:
        extra = Extra.forbid
        allow_mutation = False


class Clinic(BaseModel):
    """What patients are told about the clinic, as written in `clinic.yml`."""

    name: _Text  # type: ignore[valid-type]
    phone: _Text  # type: ignore[valid-type]
    address: _Text  # type: ignore[valid-type]
    hours: _Text  # type: ignore[valid-type]
    booking_url: constr(regex=r"^https?://\S+$")  # type: ignore[valid-type]
    time_zone: str
    country: Country = "AU"
    emergency_number: _Text  # type: ignore[valid-type]
    health_line: _Text  # type: ignore[valid-type]
    crisis_line: _Text  # type: ignore[valid-type]
    poisons_line: _Text  # type: ignore[valid-type]
    violence_line: _Text  # type: ignore[valid-type]
    child_line: _Text  # type: ignore[valid-type]
    practitioners: list[str]
    therapies: list[Therapy]
    prices: _Text  # type: ignore[valid-type]
    retention_days: conint(ge=1, le=3650)  # type: ignore[valid-type]
    massage_needs_signed_policy: bool = False
    """Whether no massage or combined programme is recommended by a policy that is not signed."""
    emergency_alarm_percent: conint(ge=1, le=100) | None = None  # type: ignore[valid-type]
    """Above which share of emergencies among a week's results the desk says so; None: never."""
    sites: list[str] = []
    """Origins of the websites whose pages may show the chat, beside this server's own."""
    phone_line: PhoneSettings | None = None
    """None where no calls are answered."""
    notices: NoticeRules | None = None
    """None where no e-mail is sent to staff."""
    staff: StaffSettings | None = None
    """None where nobody at the desk waits for people who ask for a person."""

    class Config:
        extra = Extra.forbid
        allow_mutation = False

    @root_validator(pre=True)
    def _numbers_of_the_country(cls, values: dict[str, Any]) -> dict[str, Any]:
        return {**PUBLIC_NUMBERS.get(str(values.get("country", "AU")), {}), **values}

    @validator("time_zone")
    def _known_time_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            raise ValueError(
                f"unknown time zone {value!r}; write it like Australia/Sydney"
            ) from None
        return value

    @validator("sites", each_item=True)
    def _an_origin(cls, value: str) -> str:
        site = value.strip().rstrip("/").lower()
        if not re.fullmatch(r"https?://[a-z0-9.-]+(:\d{1,5})?", site):
            raise ValueError(f"{value!r} is no site; write it like https://www.clinic.example")
        return site

    @property
    def notify_of(self) -> Mapping[str, Sequence[str]]:
        """Give, by role, what browsers of the staff may notify of."""
        by_role = (self.notices or NoticeRules()).browser
        return {str(role): events for role, events in by_role.items()}

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class Settings(Environment):
    """All settings of one Backline.

    Attributes:
        project: folder of `domain.yml`, `config.yml`, `data/` and `actions/`.
        database_url: SQLAlchemy URL that the store and Rasa's tracker store share.
        redis_url: where Rasa's lock store keeps its locks; None for one process.
        rabbitmq_url: where Rasa's event broker sends events; None for nowhere.
        actions_url: the webhook of an action server; None to run actions in the server's process.
        proxies: how many proxies in front of the server add their visitor to X-Forwarded-For.
        clinic_file: path of `clinic.yml`.
        clinic: what stands in it.
        models: folder of trained models.
        metrics_token: opens `/metrics` to other machines; None to answer this machine alone.
    """

    # In the order in which they are checked. URLs of services may hold a password.
    project: Path = Field(Path("."), env="BACKLINE_PROJECT")
    database_url: str = Field(None, env="DATABASE_URL", repr=False)
    redis_url: str | None = Field(None, env="REDIS_URL", repr=False)
    rabbitmq_url: str | None = Field(None, env="RABBITMQ_URL", repr=False)
    actions_url: str | None = Field(None, env="BACKLINE_ACTIONS_URL", repr=False)
    proxies: int = Field(0, env="BACKLINE_PROXIES")
    clinic_file: Path = Field(None, env="BACKLINE_CLINIC", empty=True)
    clinic: Clinic = None  # type: ignore[assignment]
    models: Path = Field(None, env="BACKLINE_MODELS", empty=True)
    metrics_token: str | None = Field(None, env="BACKLINE_METRICS_TOKEN", repr=False)

    _redis = shaped("redis_url", r"(?s)rediss?://.*", "must start with redis:// or rediss://")
    _rabbitmq = shaped("rabbitmq_url", r"(?s)amqps?://.*", "must start with amqp:// or amqps://")

    @validator("database_url", pre=True)
    def _database(cls, url: str | None, values: dict[str, Any]) -> str:
        if url is None:
            return f"sqlite:///{values['project'] / 'backline.db'}"
        if "://" not in url:
            raise ValueError(
                "must be a URL such as postgresql://user@host/backline or "
                f"sqlite:///backline.db; got {url!r}"
            )
        # Hosting services hand out the scheme that SQLAlchemy no longer takes.
        old = "postgres://"
        return f"postgresql://{url.removeprefix(old)}" if url.startswith(old) else url

    @validator("actions_url")
    def _webhook(cls, url: str | None) -> str | None:
        if url is not None and not url.startswith(("http://", "https://")):
            raise ValueError(f"must be a URL such as http://actions:5055/webhook; got {url!r}")
        return url

    @validator("proxies", pre=True)
    def _few(cls, proxies: Any) -> int:
        if not re.fullmatch(r"[0-9]", str(proxies)):
            raise ValueError(
                f"must be the number of proxies in front of the server, 0 to 9; got {proxies!r}"
            )
        return int(proxies)

    @validator("clinic_file", pre=True)
    def _clinic_file(cls, file: Any, values: dict[str, Any]) -> Path:
        return values["project"] / "clinic.yml" if file is None else Path(file)

    @validator("clinic", pre=True)
    def _clinic(cls, clinic: Clinic | None, values: dict[str, Any]) -> Clinic:
        return load_clinic(values["clinic_file"]) if clinic is None else clinic

    @validator("models", pre=True)
    def _models(cls, folder: Any, values: dict[str, Any]) -> Path:
        return values["project"] / "models" if folder is None else Path(folder)

    @validator("metrics_token", pre=True)
    def _token(cls, given: str | None) -> str | None:
        token = (given or "").strip() or None
        if token is not None and not re.fullmatch(rf"[!-~]{{{MIN_METRICS_TOKEN},}}", token):
            raise ValueError(f"takes at least {MIN_METRICS_TOKEN} random characters without spaces")
        return token


def load_clinic(path: Path) -> Clinic:
    """Read and check a clinic.yml.

    Raises:
        SettingsError: it cannot be read, or a setting in it is missing, unknown or wrong.
    """
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be read ({error.strerror}); set BACKLINE_CLINIC to your clinic.yml"
        ) from None
    except UnicodeDecodeError:
        raise SettingsError(f"{path} is no text in UTF-8") from None
    except yaml.YAMLError as error:
        said = " ".join(str(error).split())
        raise SettingsError(f"{path} is not valid YAML: {said}") from None
    if not isinstance(data, dict) or not all(isinstance(name, str) for name in data):
        raise SettingsError(f"{path} must hold settings, one `name: value` a line")
    try:
        return Clinic(**data)
    except ValidationError as error:
        first = error.errors()[0]
        setting = ".".join(str(part) for part in first["loc"])
        raise SettingsError(f"{path}: {setting}: {first['msg']}") from None


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read all settings and check them.

    Raises:
        SettingsError: with a sentence that names the setting.
    """
    return Settings.read(environ)
