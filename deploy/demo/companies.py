"""Companies that we made up, with valid codes; their figures are chosen to pass or fail their pack."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, ClassVar

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_ORGANISATION = (3, 7, 9, 10, 5, 8, 4, 2)


def credit_code(region: str, serial: int) -> str:
    """A valid code of an enterprise (GB 32100-2015) whose organisation code is made up as well (GB 11714)."""
    body = f"MA1TD{serial:03d}" if serial < 1000 else f"MA1{serial:05d}"
    total = sum(w * (int(c) if c.isdigit() else ord(c) - 55) for w, c in zip(_ORGANISATION, body, strict=True))
    check = {0: "0", 1: "X"}.get(total % 11, str(11 - total % 11))
    first = f"91{region}{body}{check}"
    mod = sum(_ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(first)) % 31
    return first + _ALPHABET[(31 - mod) % 31]


def identity_number(serial: int) -> str:
    """A valid number (GB 11643) of nobody; a day holds a thousand of them."""
    born = date(1990, 1, 1) + timedelta(days=serial // 1000)
    first = f"320102{born:%Y%m%d}{serial % 1000:03d}"
    total = sum(int(c) * w for c, w in zip(first, (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), strict=True))
    return first + "10X98765432"[total % 11]


@dataclass(frozen=True)
class Company:
    """One made-up enterprise; `region` is its true 注册地, `authority` whose rules apply."""

    serial: int
    name: str
    authority: str
    region: str
    figures: dict[str, Any] = field(default_factory=dict)

    @property
    def login(self) -> str:
        return f"demo{self.serial:04d}"

    @property
    def code(self) -> str:
        return credit_code(self.region[:6], self.serial)

    @property
    def registration(self) -> dict[str, Any]:
        return {
            "login": self.login, "password": PASSWORD, "email": f"{self.login}@example.com",
            "phone": f"1380000{self.serial:04d}", "kind": "legal", "agreements": ["registration", "privacy"],
        }  # fmt: skip

    @property
    def real_name(self) -> dict[str, Any]:
        return {
            "credit_code": self.code, "name": self.name, "legal_representative": "示例法人",
            "document_number": identity_number(self.serial), "phone": f"1380000{self.serial:04d}", "address": "示例路1号",
            "industry": "3484", "size": "小型", "holding": "私人控股", "promise": True,
        }  # fmt: skip

    def profile(self, region: str | None = None) -> dict[str, Any]:
        return {
            "authority": self.authority, "region": region or self.region, "address": "示例路1号", "postcode": "210000",
            "industry": "3484", "segment": "精密零部件", "product": "微型精密齿轮", "registered_on": "2015-03-02",
            "capital": "1000.00", "size": "小型", "legal_representative": "示例法人", "contact": "示例联系人",
            "contact_mobile": f"1380000{self.serial:04d}", "email": f"{self.login}@example.com",
        }  # fmt: skip

    def answers(self, form: str) -> dict[str, Any]:
        return {**COMMON, **FORMS[form], **{k: v for k, v in self.figures.items() if k in FORMS[form] or k in COMMON}}


@dataclass(frozen=True)
class Numbered(Company):
    """As many as a long load needs: `serial` from 1 to 99,999; login name, phone and codes follow from it."""

    logins: ClassVar[str] = "firm"
    phones: ClassVar[str] = "139000"

    @property
    def login(self) -> str:
        return f"{self.logins}{self.serial:05d}"

    @property
    def phone(self) -> str:
        return f"{self.phones}{self.serial:05d}"

    @property
    def registration(self) -> dict[str, Any]:
        return super().registration | {"phone": self.phone}

    @property
    def real_name(self) -> dict[str, Any]:
        return super().real_name | {"phone": self.phone}

    def profile(self, region: str | None = None) -> dict[str, Any]:
        return super().profile(region) | {"contact_mobile": self.phone}


PASSWORD = "Demo-2024-梯度"
COMMON: dict[str, Any] = {
    "main_product_name": "微型精密齿轮", "staff_total": 86, "rd_staff": 22, "revenue_y1": "5200.00",
    "main_revenue_y1": "4680.00", "net_profit_y1": "572.00", "revenue_y2": "4500.00", "main_revenue_y2": "4050.00",
    "net_profit_y2": "430.00", "revenue_y3": "3900.00", "main_revenue_y3": "3500.00", "net_profit_y3": "350.00",
    "total_assets_y1": "6100.00", "total_liabilities_y1": "2440.00", "tax_paid_y1": "310.00",
    "rd_expense_y1": "364.00", "ip_class1": 3, "ip_class2": 9, "rd_institution_level": "city", "commitment": True,
}  # fmt: skip
_STANDING = {
    "legal_person": True, "abnormal_or_dishonest": False, "restricted_product": False, "serious_incident_3y": False,
    "ip_class1_high_value": 0, "ip_class1_self_developed": 2, "introduction": "示例企业，专注微型精密齿轮。",
}  # fmt: skip
FORMS: dict[str, dict[str, Any]] = {
    "jiangsu-pool": {"main_product_years": 8, "main_product_share": "90", "titles_held": ["none"]},
    "innovative-2022": _STANDING
    | {
        "main_product_years": 8, "main_product_class": "机械零部件", "rd_expense_y2": "300.00", "tax_paid_y2": "280.00",
        "rd_expense_y3": "240.00", "tax_paid_y3": "260.00", "science_award_3y": False, "valid_honours": ["none"],
        "strategic_emerging": True, "new_equity_3y": "0.00",
    },
    "jiangsu-srdi-2022": _STANDING
    | {
        "rd_expense_y2": "300.00", "new_equity_2y": "0.00", "market_segment_name": "微型齿轮", "market_years": 8,
        "main_product_field": "industrial_base", "quality_award": False, "management_certifications": ["iso9001"],
        "own_brand": True, "standards_participated": False, "provincial_award_rank_3y": 0,
        "national_award_rank_3y": 0, "maker_contest_top500_3y": False,
    },
}  # fmt: skip

WEAK = {
    "ip_class1": 0, "ip_class1_high_value": 0, "ip_class1_self_developed": 0, "ip_class2": 0, "rd_expense_y1": "20.00",
    "main_revenue_y1": "2500.00", "main_revenue_y2": "3000.00", "total_liabilities_y1": "5500.00", "rd_staff": 1,
    "strategic_emerging": False, "rd_institution_level": "none",
}  # fmt: skip

NANJING = Company(1, "南京梯度示例精密科技有限公司", "320000", "320102")
XIAMEN = Company(2, "厦门梯度示例光电有限公司", "350200", "350203")
FAILING = Company(3, "南京梯度示例贸易有限公司", "320000", "320102", WEAK)
EARLY = Company(4, "南京梯度示例早退科技有限公司", "320000", "320102")
LATE = Company(5, "南京梯度示例迟退科技有限公司", "320000", "320102")
MISPLACED = Company(6, "南京梯度示例移送科技有限公司", "320000", "320104")
CORRECTED = Company(7, "南京梯度示例更正科技有限公司", "320000", "320104")
