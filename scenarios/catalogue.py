"""Every message and heading of the command line and the report in two languages (双语消息目录).

>>> say("scenario", "zh")
'情景'
"""

from __future__ import annotations

import functools
from importlib import resources

from simulate.strict_yaml import read_yaml

LANGUAGES = ("en", "zh")


@functools.lru_cache(maxsize=1)
def catalogue() -> dict[str, dict[str, str]]:
    """Return the messages: key to language to text (消息目录)."""
    return read_yaml((resources.files("scenarios") / "catalogue.yaml").read_text("utf-8")).data


def say(key: str, lang: str = "en", /, **values) -> str:
    """Return a message in a language with its blanks filled (消息)."""
    return catalogue()[key][lang].format(**values)


def indicator_name(name: str, lang: str = "en") -> str:
    """Return an indicator's heading (指标名称)."""
    from simulate.indicators import INDICATORS

    indicator = INDICATORS[name]
    return indicator.title_zh if lang == "zh" else indicator.title


def unit_name(name: str, lang: str = "en") -> str:
    """Return an indicator's unit (单位)."""
    from simulate.indicators import INDICATORS

    indicator = INDICATORS[name]
    return indicator.unit_zh if lang == "zh" else indicator.unit


# dimensions whose values speak for themselves
_PLAIN = ("sex", "form", "occupation", "cohort", "province")


def group_name(group: dict, lang: str = "en") -> str:
    """Return the heading of a group of people (人群名称).

    >>> group_name({"sex": "female", "migrant": "yes"}), group_name({"sex": "female"}, "zh")
    ('female, migrant: yes', '女')
    """
    from simulate.groups import DIMENSIONS

    found = []
    for name, value in group.items():
        dimension = DIMENSIONS[name]
        terms = {term.name: term.name_zh for term in dimension.values}
        word = terms.get(str(value), str(value)) if lang == "zh" else str(value).replace("_", " ")
        if name == "exposure":
            word = say(f"exposure_{value}", lang)
        elif name == "occupation" and value == "none":
            word = say("occupation_none", lang)
        elif name not in _PLAIN:
            word = f"{dimension.name_zh}：{word}" if lang == "zh" else f"{name.replace('_', ' ')}: {word}"
        found.append(word)
    return ("，" if lang == "zh" else ", ").join(found) or say("everyone", lang)
