"""A plain page of a service's routes from its OpenAPI document: nothing is loaded from elsewhere."""

from html import escape
from typing import Any

_STYLE = (
    "body{font:15px/1.6 system-ui,'Noto Sans CJK SC',sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "code{background:#f2f4f7;padding:.1rem .3rem;border-radius:3px}td{padding:.3rem .8rem .3rem 0;vertical-align:top}"
)


def page(service: str, openapi: dict[str, Any]) -> str:
    rows = "".join(
        f"<tr><td><code>{method.upper()}</code></td><td><code>{escape(path)}</code></td>"
        f"<td>{escape((operation.get('description') or operation.get('summary') or '').splitlines()[0])}</td></tr>"
        for path, operations in openapi["paths"].items()
        for method, operation in operations.items()
    )
    return (
        f"<!doctype html><html lang=zh-CN><meta charset=utf-8><title>Tidu {service}</title><style>{_STYLE}</style>"
        f"<h1>{service} 接口</h1><p><a href='/api/{service}/openapi.json'>OpenAPI</a> · <a href='/'>首页</a></p>"
        f"<table>{rows}</table></html>"
    )
