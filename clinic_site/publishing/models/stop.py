"""Stops: a claim is taken out of everything that patients can read, and what is stopped now."""

from typing import ClassVar

from django.conf import settings
from django.db import models, transaction
from django.db.models import OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, Concat
from django.utils import timezone
from modelsearch import index

from clinic_site.append_only import Rule, WrittenOnce, WrittenOnceQuerySet
from clinic_site.evidence.models import Claim
from clinic_site.publishing.errors import PublishingError
from clinic_site.publishing.models.mark import Mark
from clinic_site.publishing.models.picture import Picture
from clinic_site.publishing.prepared import Joined
from clinic_site.text.saying import has_visible_letters, says_nothing


class Stop(WrittenOnce):
    """ "Stop saying this": laid over every reading of a claim until it's lifted."""

    stamps = ("lifted_at", "lifted_by")
    database_rules = (Rule("said", "INSERT", says_nothing("NEW.because"), "a stop has a reason in words"),)

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="stops")
    at = models.DateTimeField(default=timezone.now, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)
    because = models.TextField(
        "why", help_text="For staff. Patients read that the statement is being checked."
    )
    lifted_at = models.DateTimeField(null=True, editable=False)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False
    )

    class StopQuerySet(WrittenOnceQuerySet):
        def open(self):
            return self.filter(lifted_at=None)

    objects: ClassVar = StopQuerySet.as_manager()

    class Meta:
        permissions = [("lift_stop", "May lift a stop")]
        constraints = [
            models.UniqueConstraint(
                fields=["claim"], condition=Q(lifted_at=None), name="one_open_stop_a_claim"
            ),
            models.CheckConstraint(
                condition=Q(lifted_at=None, lifted_by=None)
                | Q(lifted_at__isnull=False, lifted_by__isnull=False),
                name="a_lifting_has_a_name",
            ),
        ]

    def __str__(self):
        return f"Stop: {self.claim.key}"

    @staticmethod
    @transaction.atomic
    def say(claim: Claim, *, by, because: str) -> "Stop":
        """Take a claim out of everything that patients can read, at once and alone."""
        if not by.has_role_permission("publishing.add_stop"):
            raise PublishingError("Your role doesn't stop claims.")
        if Stop.objects.open().filter(claim=claim).exists():
            raise PublishingError("This claim is stopped already.")
        if not has_visible_letters(because):
            raise PublishingError("Say why, for the colleague who will lift it.")
        stop = Stop.objects.create(claim=claim, by=by, because=because.strip())
        stop.index_again()
        return stop

    @staticmethod
    def of(claim: Claim) -> "Stop | None":
        """The one that is open on this claim."""
        return Stop.objects.open().filter(claim=claim.pk).first()

    @transaction.atomic
    def lift(self, *, by) -> None:
        """Let patients read the claim again."""
        if not by.has_role_permission("publishing.lift_stop"):
            raise PublishingError("A stop is lifted by a clinician or a manager.")
        if self.lifted_at:
            raise PublishingError("This stop was lifted already.")
        self.stamp(lifted_at=timezone.now(), lifted_by=by)
        self.index_again()

    def index_again(self) -> None:
        """Let the search find each live page by what it says now."""
        said = Mark.objects.filter(kind=Mark.Kind.CLAIM, key=self.claim.key, edition__live__isnull=False)
        for mark in said.select_related("edition__live"):
            index.insert_or_update_object(mark.edition.live)


def stopped_keys(edition: str = "pk"):
    """An expression: what is stopped now for a row's `edition`, by keys joined by spaces.

    All stopped claims, and those of its pictures that are held back.
    """
    held = Picture.objects.held_back().order_by().values("file")
    shown = Mark.objects.filter(edition=OuterRef(edition), kind=Mark.Kind.PICTURE, key__in=held)
    text: models.TextField = models.TextField()
    claims, pictures = (
        Coalesce(
            Subquery(
                found.order_by()
                .values(one=Value(1))
                .annotate(keys=Joined(key, Value(" ")))
                .values("keys")[:1]
            ),
            Value("", text),
        )
        for found, key in ((Stop.objects.open(), "claim__key"), (shown, "key"))
    )
    return Concat(claims, Value(" ", text), pictures, output_field=text)


def stopped_now() -> list[str]:
    """Everything that is stopped now: claims by their keys, pictures that are held back by the names of their
    files.
    """
    claims, held = (
        Stop.objects.open().order_by().values_list("claim__key"),
        Picture.objects.held_back().order_by(),
    )
    return [key for (key,) in claims.union(held.values_list("file"), all=True)]
