"""Files that follow from the rules: effective packs, schemas, pages. Written by `tidu rules write`, checked for being current."""

from pathlib import Path

from services.assessment.authoring.effective import written
from services.assessment.authoring.explain import explained
from services.assessment.authoring.library import WRITE, Library, read_library, read_texts
from services.assessment.authoring.schema import schemas
from services.assessment.domain.rules import PolicyFault

MINE = {"schemas": "*.schema.json", "pages": "*.md"}


def pages(library: Library) -> dict[str, str]:
    """File name → page of each pack."""
    return {f"{id.replace('@', '-')}.md": explained(pack, library) for id, pack in library.packs.items()}


def write_effective(folder: Path) -> list[Path]:
    """Effective packs are made anew; those that nothing makes any more are taken away. Raises PolicyFault."""
    library = read_texts(folder)
    for fault in library.faults:
        raise fault
    wanted = {folder / "packs" / one.file: written(one) for one in library.effective}
    old = [folder / text.file for text in library.texts if text.content.get("base")]
    return write(wanted, [path for path in old if path not in wanted])


def write_rest(folder: Path, docs: Path) -> list[Path]:
    wanted, gone = follows(read_library(folder), folder, docs)
    return write(wanted, gone)


def stale(library: Library, folder: Path, docs: Path) -> list[PolicyFault]:
    """Schemas and pages that are not what the rules say."""
    wanted, gone = follows(library, folder, docs)
    differing = [path for path, text in wanted.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    said = [(path, f"与规则不一致，{WRITE}") for path in differing] + [
        (path, f"没有这一规则，{WRITE}") for path in gone
    ]
    return [PolicyFault(f"{path.parent.name}/{path.name}", 1, "$", message) for path, message in said]


def follows(library: Library, folder: Path, docs: Path) -> tuple[dict[Path, str], list[Path]]:
    wanted = {folder / "schemas" / name: text for name, text in schemas().items()}
    wanted |= {docs / name: text for name, text in pages(library).items()}
    there = [*(folder / "schemas").glob(MINE["schemas"]), *docs.glob(MINE["pages"])]
    return wanted, sorted(path for path in there if path not in wanted)


def write(wanted: dict[Path, str], gone: list[Path]) -> list[Path]:
    changed = []
    for path, text in wanted.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            changed.append(path)
    for path in gone:
        path.unlink()
    return changed + gone
