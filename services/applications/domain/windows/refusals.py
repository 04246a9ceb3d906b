"""Why a window's command is refused."""

from collections.abc import Mapping

from libs.events.errors import Refused


class WindowInvalid(Refused):
    """Every wrong field with what is wrong."""

    code = "applications.window-invalid"
    title = "申报时间的设置有误"
    status = 422

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(
            "；".join(faults.values()),
            way_out="请按各项提示改正",
            errors=[{"field": field, "message": message} for field, message in faults.items()],
        )


class UnknownWindow(Refused):
    code = "applications.unknown-window"
    title = "没有这个申报时间"
    status = 404


class WindowThere(Refused):
    code = "applications.window-there"
    title = "该申报时间已经设置"


class NotAnExtension(Refused):
    code = "applications.not-an-extension"
    title = "延长后的截止时间必须晚于现在的截止时间"


class OutsideYourRegion(Refused):
    code = "applications.window-outside-your-region"
    title = "申报时间覆盖的区划超出任职辖区"
    status = 403
