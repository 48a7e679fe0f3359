"""What falls due by itself for questions: telling who asked, and forgetting the question."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from blog.emails import send_answer
from blog.models import Question
from blog.models.question import KEPT
from clinic_site.registry import ScheduledTask, scheduled_tasks


def tell_who_asked(now: datetime) -> int:
    """Patients can read the answer: who left an address gets a link, and the address goes."""
    told = 0
    for pk in Question.objects.answered().order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            question = Question.objects.answered().select_for_update(of=("self",)).filter(pk=pk).first()
            if question is None:
                continue
            to, question.email, question.told_at = question.email, "", now
            question.save(update_fields=["email", "same_email", "told_at"])
            if to:
                send_answer(question, question.answer, to)
                told += 1
    return told


def forget(now: datetime) -> int:
    old = Q(told_at__lte=now - KEPT) | Q(closed_at__lte=now - KEPT)
    return Question.objects.filter(old).delete()[0]


scheduled_tasks.append(ScheduledTask("answers sent to who asked", tell_who_asked))
scheduled_tasks.append(ScheduledTask("questions erased", forget))
