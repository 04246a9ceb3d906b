"""A plain page of a service's routes from its OpenAPI document: nothing is loaded from elsewhere."""

from collections import defaultdict
from html import escape
from typing import Any

_STYLE = (
    "body{font:15px/1.6 system-ui,'Noto Sans CJK SC',sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1f2933}"
    "h2{margin:2rem 0 .5rem;font-size:1.15rem}dt{margin-top:.8rem}dd{margin:.15rem 0 0;color:#4b5563}"
    "code{background:#f2f4f7;padding:.1rem .3rem;border-radius:3px;overflow-wrap:anywhere}a{color:#0b5cad}"
)
_FURTHER = "其他"


def page(service: str, openapi: dict[str, Any]) -> str:
    """Routes by their tags, in the document's order; each with the first line of what it says of itself."""
    by_tag: dict[str, list[str]] = defaultdict(list)
    for path, operations in openapi["paths"].items():
        for method, operation in operations.items():
            by_tag[next(iter(operation.get("tags") or [_FURTHER]))].append(_route(method, path, operation))
    parts = "".join(f"<h2>{escape(tag)}</h2><dl>{''.join(routes)}</dl>" for tag, routes in by_tag.items())
    return (
        f"<!doctype html><html lang=zh-CN><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<title>Tidu {service}</title><style>{_STYLE}</style>"
        f"<h1>{service} 接口</h1><p><a href='/api/{service}/openapi.json'>OpenAPI</a> · <a href='/'>首页</a></p>"
        f"{parts}</html>"
    )


def _route(method: str, path: str, operation: dict[str, Any]) -> str:
    words = (operation.get("description") or operation.get("summary") or "").splitlines()[:1]
    said = f"<dd>{escape(words[0])}</dd>" if words else ""
    return f"<dt><code>{method.upper()}</code> <code>{escape(path)}</code></dt>{said}"
