"""What patients read: the pointer to each live edition. Withdrawing a page is deleting its pointer."""

from django.db import models
from django.db.models import Exists, OuterRef
from modelsearch import index

from clinic_site.append_only import Rule
from clinic_site.pages import shapes
from clinic_site.pages.search_text import index_text
from clinic_site.publishing.document_types import DOCUMENT_TYPES
from clinic_site.publishing.models.mark import Mark
from clinic_site.publishing.models.picture import held_back_rule
from clinic_site.publishing.models.stop import stopped_keys, stopped_now


class LiveQuerySet(models.QuerySet):
    def readable(self):
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
        return self.readable().select_related("edition").defer("edition__page_text")


class Live(index.Indexed, models.Model):
    """The pointer to the edition that patients read. Withdrawing a page is deleting its pointer."""

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

    @classmethod
    def shows(cls, *, samples: bool) -> Exists:
        """Whether something live was signed by a sample of the starter content, or by somebody real."""
        return Exists(cls.objects.filter(edition__signed_as_sample=samples))

    def get_absolute_url(self):
        return DOCUMENT_TYPES[self.kind].address_of(self.slug)

    def search_text(self) -> str:
        return index_text(self.words())

    def words(self) -> shapes.Page:
        """What patients read here at this moment."""
        return self.edition.page_without(stopped_now())
