"""What somebody asks on the site. Staff answer it in words of their own; these stay unpublished."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.text import slugify

from blog.models.answer import Answer
from clinic_site.accounts.form_tokens import take_once
from clinic_site.publishing.errors import PublishingError
from clinic_site.publishing.models.address import Address
from clinic_site.publishing.models.document import RESERVED
from clinic_site.text import references
from clinic_site.text.emergency_words import names_danger
from clinic_site.text.normalise import normal_email, plain_words
from clinic_site.text.search_keys import SearchKeyField, SearchKeyQuerySet

# a question goes so long after it was answered or closed
KEPT = timedelta(days=90)
# words in a row: a draft that repeats as many as this of a question publishes it
OWN_WORDS = 6


def new_reference() -> str:
    return references.new_reference("Q")


class CloseReason(models.TextChoices):
    """Why a question gets no answer. A choice: a sentence would end up telling of somebody."""

    PERSONAL = "personal", "it is about one person’s own care"
    OUTSIDE = "outside", "it isn’t about what this site explains"
    NO_QUESTION = "none", "it is no question, or was sent to annoy"


class QuestionQuerySet(SearchKeyQuerySet):
    def waiting(self):
        """Neither closed, nor with an answer that is written or being written."""
        return self.filter(answer=None, closed_at=None)

    def answered(self):
        """Patients can read the answer, and whoever asked wasn't told yet."""
        return self.filter(answer__live__isnull=False, told_at=None, closed_at=None)


class Question(models.Model):
    """What somebody asked. Their address is there only while they wait for the answer."""

    reference = models.CharField(max_length=10, unique=True, default=new_reference, editable=False)
    # of the form that it came by: sent twice, it's one question
    token = models.UUIDField(unique=True, editable=False)
    words = models.TextField("your question", max_length=2000)
    email = models.EmailField("your e-mail address", blank=True)
    same_email = SearchKeyField(of="email", make=normal_email)
    at = models.DateTimeField("received", default=timezone.now, editable=False)
    answer = models.ForeignKey(Answer, models.SET_NULL, null=True, blank=True, related_name="questions")
    told_at = models.DateTimeField("answer sent", null=True, blank=True, editable=False)
    closed_at = models.DateTimeField("closed", null=True, blank=True, editable=False)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    closed_because = models.CharField("why", max_length=8, choices=CloseReason, blank=True, editable=False)

    objects: ClassVar = QuestionQuerySet.as_manager()

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None, closed_because="")
                | Q(closed_at__isnull=False, closed_by__isnull=False, closed_because__in=CloseReason.values),
                name="a_closed_question_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(told_at=None, closed_at=None) | Q(email=""),
                name="an_address_goes_with_the_answer",
            ),
        ]

    def __str__(self):
        return self.reference

    @property
    def names_danger(self) -> bool:
        """Whether it tells of a sign that can't wait."""
        return names_danger(self.words)

    @property
    def state(self) -> str:
        if self.closed_at:
            return "Closed"
        if self.told_at:
            return "Answered"
        return "Answer being written" if self.answer_id else "Waiting"

    @classmethod
    def take(cls, token: UUID, **typed: Any) -> "tuple[Question, bool]":
        """The question, and whether it's new."""
        return take_once(cls, token, **typed)

    def _lock_open(self) -> None:
        """Read it anew, and lock it. Raises PublishingError where it's closed or its answer was sent."""
        self.refresh_from_db(from_queryset=type(self).objects.select_for_update())
        if self.closed_at or self.told_at:
            raise PublishingError("Somebody has closed or answered this question already.")

    @transaction.atomic
    def draft_answer(
        self, *, title: str, by: Any, topics: Iterable = (), treatments: Iterable = ()
    ) -> Answer:
        """A new draft that answers it, under a title in the words of whoever writes it.

        Raises PublishingError where the title repeats the question, or where there is a draft already.
        """
        self._lock_open()
        if self.answer_id:
            raise PublishingError("Somebody is writing an answer to this question already.")
        if own := self.repeated_in(title):
            raise PublishingError(f"The title repeats what somebody sent us: “{own}”. Use words of your own.")
        draft = Answer(title=title, slug=free_slug(title), answered_by=by)
        try:
            draft.full_clean()
        except ValidationError as error:
            raise PublishingError(" ".join(error.messages)) from error
        draft.save()
        draft.topics.set(topics)
        draft.treatments.set(treatments)
        draft.note_save(by=by)
        self.answer = draft
        self.save(update_fields=["answer"])
        return draft

    @transaction.atomic
    def answer_with(self, answer: Answer) -> None:
        """An answer that patients can read, or will, answers it."""
        self._lock_open()
        self.answer = answer
        self.save(update_fields=["answer"])

    @transaction.atomic
    def close(self, *, because: str, by: Any, now: datetime | None = None) -> str:
        """It gets no answer. Returns the address of whoever waited, which is gone from the row."""
        self._lock_open()
        to, self.email = self.email, ""
        self.closed_at, self.closed_by, self.closed_because = now or timezone.now(), by, because
        self.save()
        return to

    def repeated_in(self, text: str) -> str:
        """Words that stand in a row both in the question and in `text`, as a draft that publishes them does;
        empty where there are fewer than `OWN_WORDS`.
        """
        asked, told = plain_words(self.words).split(), f" {plain_words(text)} "
        runs = (" ".join(asked[n : n + OWN_WORDS]) for n in range(len(asked) - OWN_WORDS + 1))
        return next((run for run in runs if f" {run} " in told), "")


def free_slug(title: str) -> str:
    """An address for an answer under that title: one that no answer has or had."""
    base = slugify(title)[:70].strip("-") or "answer"
    base = f"answer-{base}" if base.isdigit() else base
    beginning = {"slug__startswith": base}
    taken = RESERVED.union(
        Answer.objects.filter(**beginning).values_list("slug", flat=True),
        Address.objects.filter(kind=Answer.KIND, **beginning).values_list("slug", flat=True),
    )
    numbered = (f"{base}-{n}" for n in range(2, len(taken) + 3))
    return next(slug for slug in (base, *numbered) if slug not in taken)
