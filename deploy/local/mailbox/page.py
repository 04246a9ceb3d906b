"""收件箱 as a page: what a phone or a mailbox would show."""

from __future__ import annotations

from datetime import datetime
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

_CHINA = ZoneInfo("Asia/Shanghai")
_HEAD = """<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="5">
<title>本机收件箱</title>
<style>
body { font: 16px/1.6 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1a1a1a; }
li { border: 1px solid #767676; border-radius: 4px; padding: .5rem 1rem; margin: 0 0 1rem; list-style: none; }
ul { padding: 0; } pre { white-space: pre-wrap; font: inherit; margin: .25rem 0; } .meta { color: #4a4a4a; }
</style>
</head>
<body>
<h1>本机收件箱</h1>
<p>本机试用环境发出的短信和邮件都到这里，不会真的发出。页面每5秒自动刷新。</p>
"""
_TAIL = "</body>\n</html>\n"


def render(letters: list[dict[str, Any]]) -> str:
    """Newest first; everything that came from outside is escaped."""
    if not letters:
        return f"{_HEAD}<p>还没有收到短信或邮件。</p>\n{_TAIL}"
    return f"{_HEAD}<ul>\n{''.join(_letter(one) for one in reversed(letters))}</ul>\n{_TAIL}"


def _letter(letter: dict[str, Any]) -> str:
    what = "短信" if letter["channel"] == "sms" else "邮件"
    at = datetime.fromtimestamp(letter["at"], _CHINA).strftime("%Y-%m-%d %H:%M:%S")
    subject = f"<strong>{escape(letter['subject'])}</strong>" if letter["subject"] else ""
    return (
        f'<li><div class="meta">{what} · 收件人 {escape(letter["to"])} · {at}</div>{subject}'
        f"<pre>{escape(letter['text'])}</pre></li>\n"
    )
