"""Why an enterprise's command is refused."""

from collections.abc import Mapping, Sequence

from libs.events.errors import Refused

VERIFY = "请用法人账户完成实名认证；自然人账户可重新注册法人账户，或以法人认证绑定企业"


class NotVerified(Refused):
    code = "applications.not-verified"
    title = "法人账户尚未完成实名认证"


class ProfileThere(Refused):
    code = "applications.profile-there"
    title = "企业基本信息已经填写"


class NoProfile(Refused):
    code = "applications.no-profile"
    title = "企业基本信息尚未填写"


class ProfileInvalid(Refused):
    """Every wrong field with its name and what is wrong."""

    code = "applications.profile-invalid"
    title = "企业基本信息有误"
    status = 422

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(
            f"有 {len(faults)} 项需要改正",
            rule="《优质中小企业梯度培育平台企业操作手册》：完善企业基本信息",
            way_out="请按各项提示改正后再保存",
            errors=[{"field": field, "message": message} for field, message in faults.items()],
        )


class HoldersUpdateYearly(Refused):
    """已认定企业只可进行信息更新."""

    code = "applications.holders-update-yearly"
    title = "已认定企业不能直接编辑基本信息"

    def __init__(self, fields: Sequence[str], titles: Sequence[str]) -> None:
        super().__init__(
            "已认定企业只能直接修改联系人、电话和邮箱，其余内容在每年的信息更新中修改",
            rule="《优质中小企业梯度培育平台企业操作手册》：信息更新",
            way_out="请在信息更新期内修改；发生更名、合并、重组、跨省迁移等的，请报告重大变更",
            fields=list(fields),
            titles=list(titles),
        )
