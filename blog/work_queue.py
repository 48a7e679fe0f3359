"""Questions from patients that nobody took up yet."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils import timezone

from blog.models import Question
from clinic_site.registry import Priority, WorkItem, WorkQueue, work_queue, work_queues


def waiting_questions(user) -> Iterator[WorkQueue]:
    if "blog.change_question" not in user.role_permissions:
        return

    def row(question: Question) -> WorkItem:
        came = f"Received on {timezone.localtime(question.at):%-d %B %Y, %H:%M}"
        note = f"May be an emergency: read it now. {came}" if question.names_danger else came
        address = reverse("admin:blog_question_change", args=[question.pk])
        return WorkItem(question.reference, "Read", address, note)

    listed = reverse("admin:blog_question_changelist") + "?state=waiting"
    yield from work_queue(
        Priority.QUESTIONS, "Questions from patients", Question.objects.waiting().order_by("at"), row, listed
    )


work_queues.append(waiting_questions)
