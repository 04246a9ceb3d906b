"""Small made-up texts of every kind that an author writes, and a way to get one place of them wrong."""

import re
from copy import deepcopy
from typing import Any

Content = dict[str, Any]

HEAD: Content = {
    "title": "虚构标准",
    "source": "虚构文件",
    "authority": "national",
    "effective_from": "2026-01-01",
    "effective_to": None,
    "certain": True,
}
MONEY: Content = {"type": "decimal2", "unit": "万元", "label": "研发费用", "origin": "form"}
LADDER: Content = {
    "value": "spent",
    "unit": "万元",
    "steps": [
        {"at_least": 30, "points": 5},
        {"at_least": 20, "below": 30, "points": 3},
        {"at_least": 10, "below": 20, "points": "0.5"},
        {"below": 10, "points": 0},
    ],
}


def condition(id: str, **parts: object) -> Content:
    return {"id": id, "label": f"条件{id}", "clause": "第一条"} | parts


def indicator(id: str, group: str, max_: object, **parts: object) -> Content:
    return {"id": id, "group": group, "label": f"指标{id}", "max": max_, "clause": "第二条", "formula": "略"} | parts


PACK: Content = HEAD | {
    "kind": "pack",
    "id": "made-up@1",
    "tier": "made_up",
    "kinds": ["declaration"],
    "inputs": {
        "spent": MONEY,
        "before": MONEY | {"label": "前年研发费用"},
        "ready": {"type": "boolean", "label": "已就绪", "origin": "form"},
        "digital": {"type": "choice", "label": "数字化水平", "origin": "digital", "options": {"none": "未定级", "1": "一级"}},
    },
    "evidence": {"report": "审计报告"},
    "gates": [
        condition("A", when="ready", evidence=["report"]),
        condition(
            "B",
            all=[
                {"id": "B1", "label": "已就绪", "when": "ready"},
                {"label": "增长", "value": "growth(spent, before)", "unit": "percent", "at_least": 5, "compound_years": 2},
            ],
        ),
    ],
    "direct": [condition("D", any=[{"label": "已就绪", "when": "ready"}, {"label": "评定", "judgement": {"by": "expert"}}])],
    "score": {"pass_at": 6, "label": "合格分", "clause": "第三条"},
    "groups": [
        {"id": "g", "label": "一类", "max": 5, "clause": "第二条", "nonzero": True},
        {"id": "h", "label": "二类", "max": 5, "clause": "第二条", "floor": 1},
    ],
    "indicators": [
        indicator("L", "g", 5, ladder=LADDER),
        indicator("C", "h", 3, cases=[
            {"when": "digital == '1'", "points": 3, "text": "一级"},
            {"when": "ready", "points": 1, "text": "就绪"},
            {"otherwise": True, "points": 0, "text": "其他"},
        ]),
        indicator("S", "h", 2, sum={"cap": 2, "items": [
            {"when": "ready", "points": 1, "text": "就绪"},
            {"when": "spent > 10000", "points": 1, "text": "有投入"},
        ]}),
    ],
}  # fmt: skip

FORM: Content = HEAD | {
    "kind": "digital",
    "id": "made-up-form@1",
    "form": "other",
    "dimensions": [
        {"id": "d1", "label": "一", "weight": 60, "subs": [{"id": "s1", "label": "一之一", "share": 100}]},
        {"id": "d2", "label": "二", "weight": 40, "subs": [
            {"id": "s2", "label": "二之一", "share": 50},
            {"id": "s3", "label": "二之二", "share": 50},
        ]},
    ],
    "questions": [
        {"id": "q1", "sub": "s1", "label": "甲", "type": "multi", "max": 60, "options": [
            {"id": "none", "label": "无", "points": 0, "exclusive": True},
            {"id": "a", "label": "有", "points": 40},
            {"id": "b", "label": "更有", "points": 20, "requires": ["a"]},
        ]},
        {"id": "q2", "sub": "s2", "label": "乙", "type": "single", "max": 20, "options": [
            {"id": "a", "label": "是", "points": 20}, {"id": "b", "label": "否", "points": 0}]},
        {"id": "q3", "sub": "s3", "label": "丙", "type": "single", "max": 20, "options": [
            {"id": "a", "label": "是", "points": 20}, {"id": "b", "label": "否", "points": 0}]},
    ],
    "scenes": [
        {"id": "c1", "label": "场景一", "stage": "一", "key": True,
         "levels": [{"level": 1, "text": "初"}, {"level": 2, "text": "中"}]},
        {"id": "c2", "label": "场景二", "stage": "一", "levels": [{"level": 1, "text": "初"}, {"level": 2, "text": "中"}]},
    ],
    "levels": [
        {"level": 2, "name": "二级", "score": 80, "scenes": 2, "key_scenes": 0},
        {"level": 1, "name": "一级", "score": 20, "scenes": 1, "key_scenes": 1},
    ],
}  # fmt: skip

MAP: Content = HEAD | {
    "kind": "digital_forms",
    "id": "made-up-map",
    "forms": {"other": "其他"},
    "questionnaires": {"other": None},
    "prefixes": [
        {"prefix": "13", "form": "manufacturing", "label": "甲"},
        {"prefix": "65", "form": "other", "label": "乙"},
    ],
    "otherwise": "other",
}

OVERRIDE: Content = HEAD | {
    "kind": "override",
    "id": "made-up-2027",
    "title": "二〇二七年通知",
    "source": "虚构通知",
    "edition": "2027",
    "order": 1,
    "packs": ["made-up@1"],
    "kinds": ["declaration"],
    "window_years": {"from": 2027, "to": 2027},
    "reason": "当年通知",
    "changes": [
        {"reason": "当年不考察", "waive": "B1"},
        {"reason": "换写法", "replace": "A", "condition": condition("A", when="ready && spent > 0")},
        {"reason": "换分档", "replace": "L", "indicator": indicator("L", "g", 5, ladder=LADDER)},
        {"reason": "加一条", "add": "gates", "condition": condition("N", when="ready")},
    ],
}

SUPPLEMENT: Content = HEAD | {
    "kind": "supplement",
    "id": "made-up-990000",
    "title": "某省补充",
    "source": "某省文件",
    "authority": "990000",
    "pack": "made-up@1",
    "replaces": ["C", "S"],
    "indicators": [
        indicator("X", "h", 2, judgement={"by": "authority"}),
        indicator("Y", "h", 3, cases=[
            {"when": "ready", "points": 3, "text": "就绪"},
            {"otherwise": True, "points": 0, "text": "其他"},
        ]),
    ],
}  # fmt: skip

BINDINGS: Content = HEAD | {
    "kind": "bindings",
    "id": "made-up-bindings",
    "bindings": [
        {"tier": "made_up", "kind": "declaration", "opens_from": "2026-01-01", "opens_to": "2026-12-31",
         "pack": "made-up@1", "basis": "第一条"},
        {"tier": "made_up", "kind": "declaration", "opens_from": "2027-01-01", "pack": "made-up@1+2027", "basis": "通知"},
        {"tier": "made_up", "kind": "re_review", "opens_from": "2026-06-01", "pack": "made-up@1", "basis": "第一条"},
    ],
}  # fmt: skip


def wrong(content: Content, place: str, value: object) -> Content:
    """A copy with `value` at a place such as `gates[1].all[0].when`; `...` takes away what is there."""
    changed = deepcopy(content)
    *way, last = [int(n) if n else name for n, name in re.findall(r"\[(\d+)\]|([^.\[\]]+)", place)]
    part: Any = changed
    for step in way:
        part = part[step]
    if value is ...:
        del part[last]
    elif isinstance(part, list) and last == len(part):
        part.append(value)
    else:
        part[last] = value
    return changed
