"""Where each value of a loop comes from, and what the loop was made with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from scenes import fonts
from scenes.display_token import bytes_of
from scenes.sentences import sentences
from scenes.traced_value import Fact, Recorded, traced_values
from scenes.transcript import Transcript, module_of
from scenes.wording import Wording
from traced_loops import code_digest
from traced_loops.rendering.jobs import Drawn, Job, content_of

SCHEMA_VERSION = 3  # of provenance.schema.json, which says what each key means
DIGITAL_SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/dataDrivenMedia"


def digest(job: Job) -> str:
    """SHA-256 of what the provenance depends on beside the words it asks for."""
    code = code_digest.drawing_digest(__name__, module_of(job.entry))
    parts = [job.digest, json.dumps(job.origin, sort_keys=True), code]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def provenance(
    job: Job, drawn: Drawn, told: Transcript, media: Mapping[str, str], wording: Wording
) -> dict[str, Any]:
    """What is known of the loop beside its files, whose SHA-256 by name is ``media``.

    ``wording`` is the one that ``told`` was told with.
    """
    content = content_of(job)
    values, facts = [], {}
    said = sentences(content, wording)
    for path, shown in traced_values(content):
        entry: dict[str, Any] = {"path": path, "said": said[path], "value": shown.value, "form": shown.form}
        printed, rounding = (tell(shown.value, shown.form) for tell in (wording.printed, wording.rounding))
        entry |= {} if printed is None else {"printed": printed}
        entry |= {} if rounding is None else {"rounding": rounding}
        if shown.own is not None or shown.form == "bytes":
            entry["bytes"] = bytes_of(shown).hex().upper()
        match shown.origin:
            case Recorded() as origin:
                entry["from"] = asdict(origin)
            case Fact() as fact:
                entry["fact"] = fact.name
                facts[fact.name] = fact.source
        values.append({**entry, **drawn.boxes.get(path, {})})
    return {
        "schema_version": SCHEMA_VERSION,
        "loop": job.entry.number,
        "idea": wording(job.entry.idea),
        "subject": content.subject,
        "media": dict(media),
        "digital_source_type": DIGITAL_SOURCE_TYPE,
        "tags": dict(job.tags),
        "language": job.language,
        "theme": job.theme,
        "shape": job.shape,
        "frames": drawn.frames,
        "frames_per_second": job.quality.fps,
        "size": list(drawn.size),
        "beats": [dict(beat) for beat in drawn.beats],
        "transcript": asdict(told),
        "recording": dict(job.origin),
        "values": values,
        "facts": facts,
        "fonts": fonts.digests(),
        "drawn_with": code_digest.versions(),
        "licence": "MIT",
        # last, when all words were asked for: by these a later run knows whether anything has changed
        "made_of": {
            "picture": job.digest,
            "picture_words": dict(drawn.words),
            "provenance": digest(job),
            "provenance_words": dict(wording.asked),
        },
    }
