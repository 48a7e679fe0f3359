"""What patients read: the pointer to each live edition, what lists find it by, its address, and the stops
laid over it.

Taking a page away is deleting its pointer; taking a claim away everywhere is a stop.
"""

from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, Concat
from django.utils import timezone
from modelsearch import index

from clinic_site.append_only import Rule, WrittenOnce, WrittenOnceQuerySet
from clinic_site.evidence.models import Claim
from clinic_site.pages import shapes
from clinic_site.pages.search_text import index_text
from clinic_site.publishing.kinds import KINDS
from clinic_site.publishing.pictures import Picture, held_back_rule
from clinic_site.publishing.refusing import Refused


class Mark(WrittenOnce):
    """What an edition holds, by key: so that lists find it by subject, and a stop finds what it touches."""

    class Kind(models.TextChoices):
        CLAIM = "claim"
        SOURCE = "source"
        SUBJECT = "subject"
        PICTURE = "picture"  # by the name of its file

    edition = models.ForeignKey("Edition", models.PROTECT, related_name="marks")
    kind = models.CharField(max_length=8, choices=Kind)
    key = models.CharField(max_length=120)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "key", "edition"], name="one_mark_a_key")]

    def __str__(self):
        return f"{self.kind} {self.key}"


class Address(models.Model):
    """Where a document was once live. It never belongs to another one."""

    kind = models.CharField(max_length=12)
    slug = models.SlugField(max_length=80)
    document = models.ForeignKey("Document", models.PROTECT, related_name="addresses")

    class Meta:
        verbose_name_plural = "addresses"
        constraints = [models.UniqueConstraint(fields=["kind", "slug"], name="an_address_leads_to_one_page")]

    def __str__(self):
        return f"{self.kind}/{self.slug}"


def refuse_taken_address(kind: str, slug: str, document_id: int) -> None:
    """Raises Refused for an address where another page was live once: old links must go on leading there."""
    if Address.objects.filter(kind=kind, slug=slug).exclude(document_id=document_id).exists():
        raise Refused(taken_address(slug))


def taken_address(slug: str) -> str:
    """What staff are told of an address that belongs to another page."""
    return f"The address “{slug}” belongs to another page. Choose another one in the draft, and submit that."


class Stop(WrittenOnce):
    """ "Stop saying this": laid over every reading of a claim until it's lifted."""

    stamps = ("lifted_at", "lifted_by")

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

    objects = StopQuerySet.as_manager()

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
            raise Refused("Your role doesn't stop claims.")
        if Stop.objects.open().filter(claim=claim).exists():
            raise Refused("This claim is stopped already.")
        if not because.strip():
            raise Refused("Say why, for the colleague who will lift it.")
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
            raise Refused("A stop is lifted by a clinician or a manager.")
        if self.lifted_at:
            raise Refused("This stop was lifted already.")
        self.stamp(lifted_at=timezone.now(), lifted_by=by)
        self.index_again()

    def index_again(self) -> None:
        for live in Live.objects.filter(
            edition__marks__kind=Mark.Kind.CLAIM, edition__marks__key=self.claim.key
        ):
            index.insert_or_update_object(live)


class GroupKeys(models.Aggregate):
    """Keys joined by spaces, in one value, on both engines."""

    function = "GROUP_CONCAT"
    template = "%(function)s(%(expressions)s, ' ')"
    output_field = models.TextField()

    def as_postgresql(self, compiler, connection, **extra):
        return self.as_sql(compiler, connection, function="STRING_AGG", **extra)


def stopped_keys(edition: str = "pk"):
    """An expression: what is stopped now for a row's `edition`, by keys joined by spaces.

    All stopped claims, and those of its pictures that are held back.
    """
    held = Picture.objects.held_back().order_by().values("file")
    shown = Mark.objects.filter(edition=OuterRef(edition), kind=Mark.Kind.PICTURE, key__in=held)
    text = models.TextField()
    claims, pictures = (
        Coalesce(
            Subquery(found.order_by().values(one=Value(1)).annotate(keys=GroupKeys(key)).values("keys")[:1]),
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


class LiveQuerySet(models.QuerySet):
    def standing(self):
        """Live now: signed, not withdrawn, whatever the pointer says. Carries `stopped` for the reading."""
        return self.filter(edition__signed_at__isnull=False, edition__withdrawn_at=None).annotate(
            stopped=stopped_keys("edition")
        )

    def about(self, *subjects: str):
        """Those that are about any of the subjects ("topic:side-effects")."""
        return self.filter(
            Exists(Mark.objects.filter(edition=OuterRef("edition"), kind=Mark.Kind.SUBJECT, key__in=subjects))
        )

    def cards(self):
        """What a list needs, without the pages' text, in one query."""
        return self.standing().select_related("edition").defer("edition__page_text")


class Live(index.Indexed, models.Model):
    """The pointer to the edition that patients read. Taking a page away is deleting its pointer."""

    database_rules = tuple(
        Rule(
            f"signed_only_{event.lower()}",
            event,
            "NOT EXISTS (SELECT 1 FROM publishing_edition e WHERE e.id = NEW.edition_id AND e.document_id = "
            "NEW.document_id AND e.kind = NEW.kind AND e.signed_at IS NOT NULL AND e.live_from IS NOT NULL "
            "AND e.withdrawn_at IS NULL)",
            "only a signed edition can be live",
        )
        for event in ("INSERT", "UPDATE")
    ) + tuple(
        held_back_rule(f"consent_{event.lower()}", event, "NEW.edition_id") for event in ("INSERT", "UPDATE")
    )
    # the verbs index it: a signal would do so for rows that a fixture loads too
    search_auto_update = False
    search_fields = [index.SearchField("search_text")]

    document = models.OneToOneField("Document", models.PROTECT, related_name="live")
    edition = models.OneToOneField("Edition", models.PROTECT, related_name="live")
    kind = models.CharField(max_length=12)
    slug = models.SlugField(max_length=80)
    posted_on = models.DateField()

    objects = LiveQuerySet.as_manager()

    class Meta:
        verbose_name = "live page"
        constraints = [models.UniqueConstraint(fields=["kind", "slug"], name="one_live_page_an_address")]
        indexes = [models.Index(fields=["kind", "-posted_on", "-id"], name="live_newest_first")]

    def __str__(self):
        return f"{self.kind}/{self.slug}"

    def get_absolute_url(self):
        return KINDS[self.kind].address_of(self.slug)

    def search_text(self) -> str:
        return index_text(self.words())

    def words(self) -> shapes.Page:
        """What patients read here at this moment."""
        return self.edition.page_without(stopped_now())
