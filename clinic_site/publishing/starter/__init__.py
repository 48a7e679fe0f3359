"""How the starter content reaches patients: the way that every page takes, by the sample people."""

import tomllib
from collections.abc import Sequence
from pathlib import Path

from clinic_site.publishing.models import SHARED_BLOCKS, Document, PublishingError, Section
from clinic_site.registry import StarterRun, starter_content

HERE = Path(__file__).parent
NOTE = "First edition on this site."


def add_sections(document: Document, bodies: dict[str, str], more: Sequence[dict] = ()) -> None:
    """The fixed parts by anchor, then the extra ones ({anchor, heading, body})."""
    sections = [Section(document=document, anchor=anchor, body=body) for anchor, body in bodies.items()]
    sections += [
        Section(document=document, anchor=m["anchor"], heading=m["heading"], body=m["body"]) for m in more
    ]
    for position, section in enumerate(sections):
        section.position = position
        section.save()


def publish(document: Document, starter: StarterRun, *, note: str = NOTE, nature: str | None = None) -> None:
    """Saved and submitted by the editor, signed by the sample person of the role that signs it."""
    signer = starter.people[document.SIGNED_BY.lower()]
    document.full_clean()
    document.note_save(by=starter.people["editor"])
    if starter.report_only:
        findings = document.findings()
        starter.report(f"\n{document.KIND}/{document.slug}: {len(findings)} findings")
        for f in findings:
            starter.report(f"  {'STOPS ' if f.stops else 'advice'} {f.rule} | {f.where} | {f.sentence}")
        return
    try:
        edition = document.submit(by=starter.people["editor"], change_note=note, nature=nature)
        edition.sign(by=signer)
    except PublishingError as refused:
        told = "\n".join(f"  {f.rule} | {f.where} | {f.sentence}" for f in refused.findings if f.stops)
        raise PublishingError(
            f"{document.KIND}/{document.slug}: {refused}\n{told}", refused.findings
        ) from refused


def fill(starter: StarterRun) -> None:
    for block in SHARED_BLOCKS.values():
        text = tomllib.loads((HERE / f"{block.WORDS}.toml").read_text())
        fields = {name: "\n".join(said) if isinstance(said, list) else said for name, said in text.items()}
        row = block(**fields)
        row.pk = 1
        row.save()


starter_content.append(fill)
