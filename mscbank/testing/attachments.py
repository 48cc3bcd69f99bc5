"""Files on any thing: what they are is found in their bytes, which are kept once."""

from __future__ import annotations

import hashlib
from datetime import datetime

import sqlalchemy as sa

from mscbank import things
from mscbank.audit.service import record
from mscbank.database import session
from mscbank.errors import Refused
from mscbank.permissions import Actor, Permission
from mscbank.schemas import Upload
from mscbank.settings import settings
from mscbank.testing import file_rules
from mscbank.testing.files import Attachment, Content


def attach(about: str, file: Upload, *, by: Actor, at: datetime) -> Attachment:
    """Keep a file (PDF, CSV or FCS) on a thing, for ever. The same bytes are kept once."""
    by.must(Permission.ATTACH)
    thing = things.by_code(about)
    data = file["data"]
    file_rules.small_enough(len(data), settings().attachment_mib)
    media_type = file_rules.media_type(data)
    content = keep(data)
    file_rules.not_attached(bool(session.scalar(sa.select(sa.exists().where(
        Attachment.about == thing.code, Attachment.sha256 == content.sha256)))))
    attachment = Attachment(
        about=thing.code, file_name=file_rules.plain_name(file["name"]), media_type=media_type,
        sha256=content.sha256, size=content.size, recorded_by_id=by.id, recorded_at=at)
    session.add(attachment)
    session.flush()
    record("attach", thing, by=by, at=at, attachment=attachment.code,
           file_name=attachment.file_name, media_type=media_type, sha256=content.sha256,
           size=content.size)
    return attachment


def keep(data: bytes) -> Content:
    """The row of these bytes, written where they are new. The entry is the calling act's."""
    digest = hashlib.sha256(data).hexdigest()
    if content := session.scalar(sa.select(Content).where(Content.sha256 == digest)):
        return content
    content = Content(sha256=digest, size=len(data), data=data)
    session.add(content)
    session.flush()
    return content


def bytes_of(sha256: str) -> bytes:
    """The bytes of this digest; refused where they are no longer those."""
    data = session.scalar(sa.select(Content.data).where(Content.sha256 == sha256))
    if data is None or hashlib.sha256(data).hexdigest() != sha256:
        raise Refused("The bytes of this file are no longer those that were kept: do not use it; "
                      "tell quality assurance.", reasons=("file changed",))
    return data


def about(code: str) -> list[Attachment]:
    """The files on the thing with this code, oldest first."""
    return list(session.scalars(
        sa.select(Attachment).where(Attachment.about == code).order_by(Attachment.id)))
