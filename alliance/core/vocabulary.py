"""Fixed lists of the field: languages, stakeholder types, countries, regional groups."""

from __future__ import annotations

import functools
import json
from collections.abc import Collection
from typing import Any

from alliance.core import i18n, shipped
from alliance.core.i18n import lazy_gettext as _l

LANGUAGES = i18n.LANGUAGES
STAKEHOLDER_TYPES = ("government", "private_sector", "civil_society", "international_organization", "academia_technical", "media")
ROLES = ("participant", "moderator", "secretariat")

# United Nations regional groups (Department for General Assembly and Conference Management); Türkiye, in two of them,
# is counted where it votes. The two permanent observer States are added to the group they sit nearest.
_GROUPS = {
    "african": "DZ AO BJ BW BF BI CV CM CF TD KM CG CD CI DJ EG GQ ER SZ ET GA GM GH GN GW KE LS LR LY MG MW ML MR MU MA MZ NA NE NG RW ST SN SC SL SO ZA SS SD TZ TG TN UG ZM ZW",
    "asia_pacific": "AF BH BD BT BN KH CN CY FJ IN ID IR IQ JP JO KZ KI KW KG LA LB MY MV MH FM MN MM NR NP KP OM PK PW PG PH PS QA KR WS SA SG SB LK SY TJ TH TL TO TM TV AE UZ VU VN YE",
    "eastern_european": "AL AM AZ BY BA BG HR CZ EE GE HU LV LT ME MK MD PL RO RU RS SK SI UA",
    "latin_american_caribbean": "AG AR BS BB BZ BO BR CL CO CR CU DM DO EC SV GD GT GY HT HN JM MX NI PA PY PE KN LC VC SR TT UY VE",
    "western_european_others": "AD AU AT BE CA DK FI FR DE GR IS IE IL IT LI LU MT MC NL NZ NO PT SM ES SE CH TR GB US VA",
}
REGION_OF = {country: region for region, countries in _GROUPS.items() for country in countries.split()}
COUNTRIES = tuple(sorted(REGION_OF))
REGIONS = tuple(_GROUPS)

_REGION_LABELS = {
    "african": _l("African States"),
    "asia_pacific": _l("Asia-Pacific States"),
    "eastern_european": _l("Eastern European States"),
    "latin_american_caribbean": _l("Latin American and Caribbean States"),
    "western_european_others": _l("Western European and other States"),
}

# English short names in United Nations usage where they differ from the common ones (UNTERM).
_UN_NAMES = {
    "BO": "Bolivia (Plurinational State of)", "BN": "Brunei Darussalam", "CD": "Democratic Republic of the Congo",
    "CG": "Congo", "CV": "Cabo Verde", "FM": "Micronesia (Federated States of)", "GB": "United Kingdom of Great Britain and Northern Ireland",
    "IR": "Iran (Islamic Republic of)", "KP": "Democratic People's Republic of Korea", "KR": "Republic of Korea",
    "LA": "Lao People's Democratic Republic", "MD": "Republic of Moldova", "MM": "Myanmar", "NL": "Netherlands (Kingdom of the)",
    "PS": "State of Palestine", "RU": "Russian Federation", "SY": "Syrian Arab Republic", "TZ": "United Republic of Tanzania",
    "US": "United States of America", "VA": "Holy See", "VE": "Venezuela (Bolivarian Republic of)", "VN": "Viet Nam",
    "KN": "Saint Kitts and Nevis", "LC": "Saint Lucia", "VC": "Saint Vincent and the Grenadines", "TT": "Trinidad and Tobago",
    "BA": "Bosnia and Herzegovina", "AG": "Antigua and Barbuda", "ST": "Sao Tome and Principe", "CI": "Côte d'Ivoire",
}  # fmt: skip


@functools.cache
def _stakeholder_titles() -> dict[str, dict[str, Any]]:
    rows = json.loads(shipped.data("reference", "stakeholder_types.json").read_text(encoding="utf-8"))
    return {row["code"]: row for row in rows}


def stakeholder_label(code: str | None) -> str:
    """The name of a stakeholder type in the current language; who declared none is unclassified."""
    if not code:
        return i18n.gettext("Unclassified")
    return str(_stakeholder_titles()[code]["title"][i18n.current_locale()])


def country_name(code: str | None) -> str:
    """The short name of a country in the current language ("" for none)."""
    if not code:
        return ""
    if i18n.current_locale() == "en" and code in _UN_NAMES:
        return _UN_NAMES[code]
    return str(i18n.babel_locale().territories.get(code) or code)


def region_of(country: str | None) -> str | None:
    """The regional group of a country."""
    return REGION_OF.get(country or "")


def region_label(code: str | None) -> str:
    """The name of a regional group in the current language."""
    return str(_REGION_LABELS[code]) if code else i18n.gettext("Region not stated")


def types_not_heard(heard: Collection[str | None]) -> list[str]:
    """The stakeholder types that are not among those who spoke."""
    return [code for code in STAKEHOLDER_TYPES if code not in heard]


def regions_not_heard(heard: Collection[str | None]) -> list[str]:
    """The regional groups that are not among those spoken from."""
    return [code for code in REGIONS if code not in heard]


def country_choices() -> list[tuple[str, str]]:
    """(code, name) of every country, by name in the current language."""
    return sorted(((code, country_name(code)) for code in COUNTRIES), key=lambda pair: pair[1])


def stakeholder_choices() -> list[tuple[str, str]]:
    """(code, name) of every stakeholder type, in their official order."""
    return [(code, stakeholder_label(code)) for code in STAKEHOLDER_TYPES]


def language_choices() -> list[tuple[str, str]]:
    """(code, own name) of the six languages."""
    return [(code, i18n.own_name(code)) for code in LANGUAGES]
