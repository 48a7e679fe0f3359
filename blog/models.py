"""Questions that patients ask, and their answers."""

from django.conf import settings
from django.db import models
from django.urls import reverse

from blog.pages import AnswerPage
from clinic_site.pages import decompose
from clinic_site.pages.compose import Composer
from clinic_site.publishing.models import Document
from clinic_site.publishing.urgent import UrgentHelp
from treatments.models import Treatment


class Topic(models.Model):
    """What answers are about, beside treatments."""

    slug = models.SlugField(unique=True)
    title = models.CharField(max_length=60)

    class Meta:
        ordering = ["title"]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("blog:topic", args=[self.slug])


class Answer(Document):
    """The question is the document's title."""

    KIND = "answer"
    PARTS = {"answer": "Answer"}
    REVIEW_DAYS = 730
    url_name = "blog:answer"
    page_shape = AnswerPage

    detail = models.TextField(
        "the question at more length", blank=True, help_text="In the patient's own words."
    )
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="answers")
    topics = models.ManyToManyField(Topic, blank=True, related_name="answers")
    treatments = models.ManyToManyField(Treatment, blank=True, related_name="answers")
    first_posted = models.DateField(
        "posted on",
        null=True,
        blank=True,
        help_text="Only for an answer that was first posted elsewhere. Left empty: the day it's submitted.",
    )
    correction = models.TextField(
        blank=True,
        help_text="If an earlier answer was wrong: what it said and what is true. Patients read it above the "
        "answer.",
    )

    class Meta:
        ordering = ["-created_at"]

    def texts(self):
        return [*super().texts(), self.correction]

    def own_keys(self):
        urgent = UrgentHelp.current() if self.is_about_a_treatment else None
        return urgent.keys if urgent else []

    @property
    def is_about_a_treatment(self) -> bool:
        return self.treatments.exists()

    def first_posted_on(self):
        return self.first_posted or super().first_posted_on()

    def take_words_of(self, page):
        self.detail, self.correction = page.detail, decompose.typed_line(page.correction)
        lacks = super().take_words_of(page)
        topics = Topic.objects.in_bulk([slug for slug, _ in page.topics], field_name="slug")
        self.topics.set(topics.values())
        lacks += [
            f"The topic “{title}” is there no more." for slug, title in page.topics if slug not in topics
        ]
        now = {slug: self._treatment_once_at(slug) for slug, _ in page.treatments}
        self.treatments.set([treatment for treatment in now.values() if treatment])
        lacks += [
            f"The treatment “{name}” is there no more." for slug, name in page.treatments if not now[slug]
        ]
        if page.answered_by != self.answered_by.signature:
            lacks.append(
                f"It was answered by {page.answered_by}. The draft goes on naming "
                f"{self.answered_by.signature}."
            )
        return lacks

    @staticmethod
    def _treatment_once_at(slug: str) -> Treatment | None:
        """The treatment with that address, or the one that had it."""
        return (
            Treatment.objects.filter(slug=slug).first()
            or Treatment.objects.filter(addresses__slug=slug).first()
        )

    def missing(self):
        lacks = []
        if not self.summary.strip():
            lacks.append("The one-line summary is empty.")
        if not (self.is_about_a_treatment or self.topics.exists()):
            lacks.append("Choose a treatment or a topic: otherwise nobody finds the answer.")
        if self.is_about_a_treatment and UrgentHelp.current() is None:
            lacks.append("The text “when to get help now” is missing.")
        return lacks

    def compose_with(self, composer: Composer) -> AnswerPage:
        topics = tuple(self.topics.values_list("slug", "title"))
        treatments = tuple(self.treatments.values_list("slug", "short"))
        summary, correction = composer.line(self.summary), composer.line(self.correction, refs=True)
        parts = self.parts(composer)
        urgent = UrgentHelp.current() if treatments else None
        return AnswerPage(
            kind=self.KIND,
            slug=self.slug,
            title=self.title,
            summary=summary,
            parts=parts,
            detail=self.detail,
            answered_by=self.answered_by.signature,
            topics=topics,
            treatments=treatments,
            correction=correction,
            urgent=urgent.compose_with(composer) if urgent else None,
            subjects=(
                *(f"topic:{slug}" for slug, _ in topics),
                *(f"treatment:{slug}" for slug, _ in treatments),
            ),
            **composer.finish(),
        )
