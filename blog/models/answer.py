"""Questions that patients ask, and their answers."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date

from blog.pages import AnswerPage
from clinic_site.pages.compose import Composer
from clinic_site.pages.shapes import BeforeTreatment
from clinic_site.publishing.models import Document
from clinic_site.publishing.schema_org import person, reviewed_page
from clinic_site.text.saying import has_visible_letters
from treatments.models import Treatment, TreatmentClaim, emergencies_of

# the address of the answer that says what to do after a treatment: the page of each treatment leads there
AFTERCARE = "aftercare"

POSTED_AHEAD = "That day is still to come. Choose the day when it was first posted."


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
    LABEL = "Answer"
    SEARCH_RANK = 20
    PARTS = {"answer": "Answer"}
    REVIEW_DAYS = 730
    SHARED_BLOCKS = ("urgent",)
    url_name = "blog:answer"
    page_shape = AnswerPage

    detail = models.TextField(
        "the question at more length",
        blank=True,
        help_text="As a patient might put it. Nobody’s own words: who asked must not find them here.",
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
    shows_before_treatment = models.BooleanField(
        "show “before treatment”",
        default=False,
        help_text="For an answer about who should not have the injections, or what to tell the clinic.",
    )

    class Meta:
        ordering = ["-created_at"]

    @classmethod
    def structured_data(cls, reading):
        """An Article on a reviewed page: who reviewed it, and when, are facts about the page."""
        page = reading.page
        about = [{"@type": "MedicalTherapy", "name": name} for _, name in page.treatments]
        about = about or [{"@type": "Thing", "name": title} for _, title in page.topics]
        data = {
            "@type": "Article",
            "headline": page.title,
            "author": person(page.answered_by),
            "datePublished": reading.posted_on.isoformat(),
            "dateModified": (reading.updated_on or reading.posted_on).isoformat(),
            "mainEntityOfPage": reviewed_page(reading) | ({"about": about} if about else {}),
        }
        return {name: value for name, value in data.items() if value}

    def shared_blocks(self):
        return (*self.SHARED_BLOCKS, *(["before_treatment"] if self.shows_before_treatment else []))

    def restore_before_treatment(self, sealed: BeforeTreatment | None) -> list[str]:
        self.shows_before_treatment = sealed is not None
        self.save()
        return []

    def emergency_keys(self):
        """Those of the treatments that it's about."""
        return emergencies_of(TreatmentClaim.objects.filter(treatment__answers=self)) if self.pk else []

    def compose_first_posted(self, composer: Composer) -> str:
        return self.first_posted.isoformat() if self.first_posted else ""

    def restore_first_posted(self, posted: str) -> list[str]:
        self.first_posted = parse_date(posted)
        self.save(update_fields=["first_posted"])
        return []

    def clean(self):
        super().clean()
        if self.first_posted and self.first_posted > timezone.localdate():
            raise ValidationError({"first_posted": POSTED_AHEAD})

    def first_posted_on(self):
        return self.first_posted or super().first_posted_on()

    @property
    def was_read_elsewhere(self) -> bool:
        return self.first_posted is not None

    def take_over(self, *, by):
        if self.answered_by.is_sample and not by.is_sample:
            self.answered_by = by
            self.save(update_fields=["answered_by"])

    def named_on_page(self):
        return {self.answered_by_id}

    def compose_answered_by(self, composer: Composer) -> str:
        return self.answered_by.signature

    def restore_answered_by(self, signature: str) -> list[str]:
        if signature == self.answered_by.signature:
            return []
        return [f"It was answered by {signature}. The draft goes on naming {self.answered_by.signature}."]

    def compose_topics(self, composer: Composer) -> tuple[tuple[str, str], ...]:
        return tuple(self.topics.values_list("slug", "title"))

    def restore_topics(self, wanted: tuple[tuple[str, str], ...]) -> list[str]:
        topics = Topic.objects.in_bulk([slug for slug, _ in wanted], field_name="slug")
        self.topics.set(topics.values())
        return [f"The topic “{title}” is no longer there." for slug, title in wanted if slug not in topics]

    def compose_treatments(self, composer: Composer) -> tuple[tuple[str, str], ...]:
        return tuple(self.treatments.values_list("slug", "short"))

    def restore_treatments(self, wanted: tuple[tuple[str, str], ...]) -> list[str]:
        now = {slug: self._treatment_once_at(slug) for slug, _ in wanted}
        self.treatments.set([treatment for treatment in now.values() if treatment])
        return [f"The treatment “{name}” is no longer there." for slug, name in wanted if not now[slug]]

    @staticmethod
    def _treatment_once_at(slug: str) -> Treatment | None:
        """The treatment with that address, or the one that had it."""
        return (
            Treatment.objects.filter(slug=slug).first()
            or Treatment.objects.filter(addresses__slug=slug).first()
        )

    def words_of_a_question(self) -> str:
        """Words in a row that somebody who asked sent us, and that the draft repeats; empty: none."""
        told = [self.title, self.summary, self.detail, *self.texts()]
        runs = (q.repeated_in(text) for q in self.questions.all() for text in told) if self.pk else ()
        return next(filter(None, runs), "")

    def missing(self):
        lacks = []
        if not has_visible_letters(self.summary):
            lacks.append("The one-line summary is empty.")
        if not (self.treatments.exists() or self.topics.exists()):
            lacks.append("Choose a treatment or a topic: otherwise nobody finds the answer.")
        if self.first_posted and self.first_posted > timezone.localdate():
            lacks.append(f"Posted on: {POSTED_AHEAD}")
        if own := self.words_of_a_question():
            lacks.append(f"It repeats what somebody sent us: “{own}”. Use words of your own.")
        return lacks
