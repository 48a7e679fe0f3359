"""Pictures that pages may show, and the consent of the people in them."""

from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Length, Now, Trim, TruncDate
from django.db.models.lookups import GreaterThan
from django.utils import timezone
from PIL import Image as Pixels

from clinic_site.append_only import Rule
from clinic_site.audit_log.models import DraftSave
from clinic_site.pages.shapes import Image, canonical, sha256
from clinic_site.publishing.pictures import (
    CARD,
    FORMS,
    MAX_BYTES,
    MIN_SHARED,
    SHARED,
    WIDTHS,
    at_width,
    cut,
    encode,
    keep,
    on_white,
    open_safely,
)
from clinic_site.text.saying import has_visible_letters, says_nothing

IN_PERCENT = [MinValueValidator(0, "At least 0."), MaxValueValidator(100, "At most 100.")]


def _written(field: str) -> GreaterThan:
    return GreaterThan(Length(Trim(field)), 0)


class PictureQuerySet(models.QuerySet):
    def held_back(self):
        """Those of people whose consent has ended, by the database's calendar, or was withdrawn: patients see
        them nowhere.
        """
        ended = models.Q(consent_withdrawn_on__isnull=False) | models.Q(consent_until__lt=TruncDate(Now()))
        return self.filter(ended).exclude(shows_person=False)


def held_back_rule(name: str, event: str, edition: str, when: str = "") -> Rule:
    """The trigger that refuses a row where the `edition` (a column of it) shows somebody whose consent no
    longer holds.

    The database reckons in UTC, so it grants a consent that ends a day more than the verbs do.
    """

    def refused(yesterday: str) -> str:
        return (
            f"{when}EXISTS (SELECT 1 FROM publishing_mark m JOIN publishing_picture p ON p.file = m.key "
            f"WHERE m.edition_id = {edition} AND m.kind = 'picture' AND p.shows_person IS NOT FALSE "
            f"AND (p.consent_withdrawn_on IS NOT NULL OR p.consent_until < {yesterday}))"
        )

    says = "a person is shown only while their consent holds"
    return Rule(
        name, event, refused("CURRENT_DATE - 1"), says, refused_on_sqlite=refused("date('now', '-1 day')")
    )


_SEALED = (
    "OLD.shows_person IS NOT FALSE AND EXISTS (SELECT 1 FROM publishing_mark m WHERE m.kind = "
    "'picture' AND m.key = OLD.file)"
)


class Picture(models.Model):
    """A picture that pages may show, with its description, its licence, the point that matters in it and, for
    people, their consent.
    """

    # a picture of a person that an edition shows keeps its row: where that went, nobody could withdraw a
    # consent any more
    database_rules = (
        Rule("sealed_delete", "DELETE", _SEALED, "a picture of a person that an edition shows isn't deleted"),
        Rule(
            "sealed_file",
            "UPDATE",
            f"OLD.file <> NEW.file AND {_SEALED}",
            "a picture of a person that an edition shows isn't replaced",
        ),
        *(
            Rule(
                f"consent_said_{event.lower()}",
                event,
                f"NEW.shows_person IS TRUE AND {says_nothing('NEW.consent')}",
                "the consent to a picture of a person says who agreed to what",
            )
            for event in ("INSERT", "UPDATE")
        ),
    )

    file = models.FileField(
        "picture",
        upload_to="",
        help_text=f"JPEG, PNG, WebP or AVIF, at most {MAX_BYTES // 1024**2} MB. Its name doesn't matter.",
    )
    alt = models.CharField(
        "description",
        max_length=300,
        blank=True,
        help_text="What it shows, in a sentence, for somebody who can't see it: “A nurse marks five points "
        "on a forehead.”",
    )
    is_decorative = models.BooleanField(
        "decorative",
        default=False,
        help_text="It says nothing that the text doesn't, and needs no description.",
    )
    credit = models.CharField(
        "credit and licence",
        max_length=200,
        blank=True,
        help_text="Who made it and under which licence. Patients read it below the picture.",
    )
    # NULL: it was uploaded before anybody was asked. It isn't submitted before somebody answers
    shows_person = models.BooleanField(
        "does it show a person?",
        null=True,
        choices=[(True, "Yes"), (False, "No")],
        help_text="Yes also for a part of somebody: a hand, a tattoo, a back seen from afar.",
        error_messages={"blank": "Say whether it shows a person."},
    )
    consent = models.CharField(
        "written consent",
        max_length=200,
        blank=True,
        help_text="For a picture of a person: who agreed to what, in writing, and when. Only staff read it.",
    )
    consent_until = models.DateField(
        "consent ends on",
        null=True,
        blank=True,
        help_text="The first page of the admin says so in time. From the day after, patients see the picture "
        "nowhere. Empty: it doesn't end.",
    )
    consent_withdrawn_on = models.DateField(
        "consent withdrawn on",
        null=True,
        blank=True,
        help_text="With any date here, patients see the picture nowhere, at once.",
    )
    focus_x = models.PositiveSmallIntegerField("from the left, in percent", default=50, validators=IN_PERCENT)
    focus_y = models.PositiveSmallIntegerField("from the top, in percent", default=50, validators=IN_PERCENT)
    width = models.PositiveIntegerField(editable=False, default=0)
    height = models.PositiveIntegerField(editable=False, default=0)
    files = models.JSONField(editable=False, default=dict)  # form -> [[width, name]], widest first
    # what is cut around the focus: {"focus": [x, y], "card": [[width, name]], "shared": name}
    crops = models.JSONField(editable=False, default=dict)
    added_at = models.DateTimeField(auto_now_add=True)

    objects = PictureQuerySet.as_manager()

    class Meta:
        ordering = ["-added_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(is_decorative=True) | models.Q(_written("alt")),
                name="picture_described_or_decorative",
            ),
            models.CheckConstraint(
                condition=models.Q(shows_person__isnull=True)
                | models.Q(shows_person=False)
                | models.Q(_written("consent")),
                name="picture_of_a_person_has_consent",
            ),
            models.CheckConstraint(
                condition=models.Q(focus_x__gte=0, focus_x__lte=100, focus_y__gte=0, focus_y__lte=100),
                name="picture_focus_in_percent",
            ),
        ]

    def __str__(self):
        return self.alt or self.file.name

    def clean_fields(self, exclude=None):
        """Each thing that is wrong, on its own field, whatever else is wrong."""
        wrong = {}
        try:
            super().clean_fields(exclude)
        except ValidationError as error:
            wrong = error.update_error_dict(wrong)
        for field, sentence in self._wrong_words():
            if field not in (exclude or ()):
                wrong.setdefault(field, []).append(ValidationError(sentence))
        if self.file and not self.file._committed and not {"file"} & {*wrong, *(exclude or ())}:
            try:
                self._opened = self.file, open_safely(self.file)
            except ValidationError as error:
                wrong["file"] = error.error_list
        if wrong:
            raise ValidationError(wrong)

    def _wrong_words(self) -> Iterator[tuple[str, str]]:
        described = has_visible_letters(self.alt)
        if self.is_decorative and self.alt.strip():
            yield "is_decorative", "It has a description. Take the description out, or this mark."
        if not (self.is_decorative or described):
            yield "alt", "Say in a sentence what it shows, or mark it as decorative below."
        if self.shows_person:
            yield from self._wrong_consent()

    def _wrong_consent(self) -> Iterator[tuple[str, str]]:
        if not has_visible_letters(self.consent):
            words = "A person is shown only with their written consent: say who agreed to what, and when."
            yield "consent", words
        if self._state.adding and self.consent_has_ended:
            words = "This consent has ended, so the picture can't be shown. Ask the person again first."
            yield "consent_until", words
        if self._state.adding and self.consent_withdrawn_on:
            yield "consent_withdrawn_on", "This consent was withdrawn, so the picture can't be shown."

    def save(self, *args, **kwargs):
        if self.file and not self.file._committed:
            file, picture = vars(self).pop("_opened", (None, None))
            picture = picture if file is self.file else open_safely(self.file)
            sizes = [at_width(picture, w) for n, w in enumerate(WIDTHS) if n == 0 or w < picture.width]
            self.width, self.height = sizes[0].size
            self.files = {form: [[p.width, keep(encode(p, form), form)] for p in sizes] for form in FORMS}
            self.file = self.files["webp"][0][1]
            self.crops = {}
        if self.crops.get("focus") != list(self.focus):
            self.crops = self._cut()
        super().save(*args, **kwargs)

    @property
    def focus(self) -> tuple[int, int]:
        return self.focus_x, self.focus_y

    @property
    def consent_has_ended(self) -> bool:
        return self.consent_until is not None and self.consent_until < timezone.localdate()

    @property
    def why_held_back(self) -> str:
        """Why patients don't see it, as the end of a sentence; empty where they may."""
        if self.shows_person is False:
            return ""
        if self.consent_withdrawn_on:
            return f"was withdrawn on {self.consent_withdrawn_on:%-d %B %Y}"
        return f"ended on {self.consent_until:%-d %B %Y}" if self.consent_has_ended else ""

    @property
    def file_names(self) -> set[str]:
        """Every file that it's kept in."""
        kept = [*self.files.values(), self.crops.get("card", [])]
        return {self.file.name, self.crops.get("shared", ""), *(name for sizes in kept for _, name in sizes)}

    @property
    def words_key(self) -> str:
        return f"picture:{self.file.name}"

    def note_save(self, *, by) -> None:
        """Remember that `by` described it: they can't sign the next edition of a page that shows it."""
        words = [self.file.name, self.alt, self.is_decorative, self.credit, list(self.focus)]
        DraftSave.note(self.words_key, by=by, digest=sha256(canonical(words)))

    def _cut(self) -> dict:
        """What is cut around the focus, of the widest that is kept: the same picture and focus give the same
        files.
        """
        widest = self.files["webp"][0][1] if self.files.get("webp") else ""
        if not widest or not default_storage.exists(widest):
            return {}
        with default_storage.open(widest) as file:
            whole = Pixels.open(file, formats=["WEBP"])
            whole.load()
        card, shared = cut(whole, CARD, self.focus), cut(whole, SHARED, self.focus)
        cards = [at_width(card, width) for n, width in enumerate(WIDTHS[1:]) if n == 0 or width < card.width]
        made = {
            "focus": list(self.focus),
            "card": [[p.width, keep(encode(p, "webp"), "webp")] for p in cards],
            "shared": "",
        }
        if shared.width >= MIN_SHARED:
            made["shared"] = keep(encode(on_white(at_width(shared, SHARED[0])), "jpeg"), "jpeg")
        return made

    def as_image(self) -> Image:
        """The picture as a page seals it.

        A missing description is sealed as "?", which the checks refuse. A person's picture is never handed to
        other sites: their copies couldn't be taken back when the consent ends.
        """
        return Image(
            name=self.file.name,
            width=self.width,
            height=self.height,
            alt="" if self.is_decorative else self.alt or "?",
            credit=self.credit,
            webp=tuple((width, name) for width, name in self.files.get("webp", [])),
            avif=tuple((width, name) for width, name in self.files.get("avif", [])),
            focus=tuple(self.crops.get("focus", (50, 50))),
            card=tuple((width, name) for width, name in self.crops.get("card", [])),
            shared=self.crops.get("shared", "") if self.shows_person is False else "",
        )
