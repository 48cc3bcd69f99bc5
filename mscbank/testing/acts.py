"""The acts of this step. "record result" and "correct result" stand in the step ``release``."""

from __future__ import annotations

from mscbank.acts import Act
from mscbank.permissions import Permission
from mscbank.signatures.meanings import Meaning
from mscbank.testing import (
    attachments,
    investigations,
    register,
    results,
    samples,
    schemas,
)
from mscbank.testing.models import Investigation, Laboratory, Method, Result, Sample

ACTS: tuple[Act, ...] = (
    Act("add laboratory", Permission.KEEP_REGISTER, register.add_laboratory, room="laboratories",
        schema=schemas.AddLaboratory),
    Act("renew accreditation", Permission.KEEP_REGISTER, register.renew_accreditation,
        on=Laboratory, schema=schemas.RenewAccreditation, possible=register.in_force),
    Act("end laboratory", Permission.KEEP_REGISTER, register.end_laboratory, on=Laboratory,
        schema=schemas.EndEntry, possible=register.in_force),
    Act("add method", Permission.KEEP_REGISTER, register.add_method, room="methods",
        schema=schemas.AddMethod),
    Act("end method", Permission.KEEP_REGISTER, register.end_method, on=Method,
        schema=schemas.EndEntry, possible=register.in_force),
    Act("take sample", Permission.TEST, samples.take_sample, room="samples",
        schema=schemas.TakeSample),
    Act("send sample", Permission.TEST, samples.send_sample, on=Sample,
        schema=schemas.SendSample, possible=samples.can_send),
    Act("receive sample", Permission.TEST, samples.receive_sample, on=Sample,
        schema=schemas.ReceiveSample, possible=samples.can_receive),
    Act("use up sample", Permission.TEST, samples.use_up_sample, on=Sample,
        schema=schemas.EndSample, possible=samples.can_end),
    Act("discard sample", Permission.TEST, samples.discard_sample, on=Sample,
        schema=schemas.EndSample, possible=samples.can_end),
    Act("confirm result", Permission.CONFIRM_RESULT, results.confirm_result, on=Result,
        possible=results.can_confirm),
    Act("attach", Permission.ATTACH, attachments.attach, room="attachments",
        schema=schemas.Attach),
    Act("open investigation", Permission.INVESTIGATE, investigations.open_investigation, on=Result,
        schema=schemas.OpenInvestigation, possible=investigations.can_open,
        answer=lambda investigation: {"number": investigation.number}),
    Act("answer checklist", Permission.INVESTIGATE, investigations.answer_checklist,
        on=Investigation, schema=schemas.AnswerChecklist, possible=investigations.still_open),
    Act("conclude investigation", Permission.CONCLUDE_INVESTIGATION,
        investigations.conclude_investigation, on=Investigation,
        schema=schemas.ConcludeInvestigation, meaning=Meaning.INVESTIGATION_CONCLUDED,
        record=investigations.investigation_record, possible=investigations.can_conclude),
)
