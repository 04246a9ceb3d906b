"""A size standard read from policy content and checked; faults name the path, with `lines` also the line."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from services.assessment.domain.rules.check_pack import refuse_twice, require
from services.assessment.domain.rules.faults import Lines
from services.assessment.domain.rules.load import NO_LINES, load
from services.assessment.domain.size.standard import SizeIndustry, SizeStandard


def load_size(content: Mapping[str, Any], file: str = "", lines: Lines = NO_LINES) -> SizeStandard:
    """划型标准. PolicyFault for unknown fields and indicators, bounds that do not fall, codes that stand twice."""
    return load(content, SizeStandard, check_size, file, lines)


def check_size(standard: SizeStandard) -> None:
    require(len(standard.classes) > 1, "$.classes", "规模至少两类")
    refuse_twice(list(standard.classes), "$.classes")
    require(standard.sme_from in standard.classes, "$.sme_from", "没有这一规模")
    for name, indicator in standard.indicators.items():
        measured = indicator.type in ("integer", "decimal2") and indicator.unit is not None
        require(measured, f"$.indicators.{name}", "划型指标须为带单位的整数或金额")
    asked = {"industry", "declared", *standard.indicators}
    require(set(standard.fields) == asked, "$.fields", f"须给出 {'、'.join(sorted(asked))} 在表单中的字段")
    refuse_twice([one.id for one in standard.industries], "$.industries")
    for index, industry in enumerate(standard.industries):
        check_bounds(industry, standard, f"$.industries[{index}].bounds")
    check_codes(standard)


def check_bounds(industry: SizeIndustry, standard: SizeStandard, path: str) -> None:
    require(bool(industry.bounds), path, "至少一项指标")
    for name, bounds in industry.bounds.items():
        place = f"{path}.{name}"
        require(name in standard.indicators, place, "没有这一指标")
        require(
            len(bounds) + 1 == len(standard.classes),
            place,
            f"须给出{'、'.join(standard.classes[:-1])}各自的下限",
        )
        falls = all(higher > lower for higher, lower in pairwise(bounds))
        require(falls and bounds[-1] > 0, place, "下限须为正数，且自大至小")


def check_codes(standard: SizeStandard) -> None:
    groups = [(f"$.industries[{i}].codes", one.codes) for i, one in enumerate(standard.industries)]
    groups += [(f"$.not_covered[{i}].codes", one.codes) for i, one in enumerate(standard.not_covered)]
    seen: dict[str, str] = {}
    for path, codes in groups:
        for index, code in enumerate(codes):
            place = f"{path}[{index}]"
            require(code.isascii() and code.isdigit(), place, "应为行业代码的前几位数字")
            require(code not in seen, place, f"代码前缀 {code} 重复")
            seen[code] = place
