"""Who may sign in, and what they are entitled to say."""

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, Group, Permission, PermissionsMixin
from django.contrib.sessions.models import Session
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.functional import cached_property

from clinic_site.append_only import WrittenOnce
from clinic_site.staff.finding import Found, KeysFollow
from clinic_site.staff.invitations import Invitation  # noqa: F401 : a model of this room
from clinic_site.staff.roles import MANAGER


class People(KeysFollow):
    def managers(self):
        """Those who may sign in, and let the others in."""
        return self.filter(is_active=True, is_staff=True, groups__name=MANAGER)


class UserManager(BaseUserManager.from_queryset(People)):
    use_in_migrations = True

    def create_user(self, email, password=None, **fields):
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email, password=None, **fields):
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, email):
        return self.get(email=(email or "").strip().lower())


class User(Found, AbstractBaseUser, PermissionsMixin):
    """A person who signs in. The e-mail address is the sign-in name, kept in lower case."""

    email = models.EmailField("e-mail address", unique=True)
    name = models.CharField(max_length=120, help_text="As it stands on a page: first and last name.")
    title = models.CharField(max_length=30, blank=True, help_text="Dr, RN, NP …")
    position = models.CharField(max_length=80, blank=True, help_text="For the About page: what this person does here.")
    registration_body = models.CharField(max_length=120, blank=True, help_text="The college or council that licenses them.")
    registration_number = models.CharField(max_length=40, blank=True)
    about = models.TextField(blank=True, help_text="A few sentences for the About page. Left empty: not shown there.")
    is_sample = models.BooleanField(
        "a sample",
        default=False,
        help_text="Made for trying the site. What a sample signs stays labelled a sample.",
        editable=False,
    )
    groups = models.ManyToManyField(
        Group, verbose_name="roles", blank=True, related_name="user_set", related_query_name="user",
        help_text="What this person may do here.",
    )  # fmt: skip
    is_staff = models.BooleanField("may open the admin", default=False)
    is_active = models.BooleanField("may sign in", default=True)
    wants_weekly_mail = models.BooleanField("gets the weekly mail", default=True, editable=False)
    joined_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = UserManager()

    EMAIL_FIELD = USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="address_in_lower_case"),
            # a registration is a body and a number, or nothing: half of one can't be looked up
            models.CheckConstraint(
                condition=models.Q(registration_body="", registration_number="")
                | ~models.Q(registration_body="") & ~models.Q(registration_number=""),
                name="registration_is_whole",
            ),
        ]
        ordering = ["name"]
        permissions = [("forget_person", "Can see what is held about a person, and forget them")]

    def __str__(self):
        return self.name or self.email

    def save(self, *args, **kwargs):
        self.email = (self.email or "").strip().lower()
        super().save(*args, **kwargs)

    @property
    def signature(self) -> str:
        """Name, title and registration in one line, as it's written under a page."""
        name = f"{self.title} {self.name}".strip()
        if self.registration_body:
            return f"{name} ({self.registration_body}, {self.registration_number})"
        return name

    def may(self, permission: str) -> bool:
        """Whether one of this person's roles grants `permission` ("app.codename").

        Being a superuser doesn't count: the rules of publishing and of the ledger bind everybody.
        """
        app, codename = permission.split(".")
        return (
            self.is_active
            and self.groups.filter(permissions__codename=codename, permissions__content_type__app_label=app).exists()
        )

    def may_entitle(self, person: "User") -> bool:
        """Whether this person, who may edit people, may change that one's roles, registration and right to sign in. Nobody their
        own; but the first manager of a site is a superuser who takes a role while no manager could give it.
        """
        return self.pk != person.pk or (self.is_superuser and not User.objects.managers().exists())

    @property
    def logged_as(self) -> str:
        """The log keeps nobody's name: it looks it up."""
        return f"Person {self.pk}"

    @cached_property
    def granted(self) -> frozenset[str]:
        """Everything that this person's roles grant, asked once: for pages that choose what to show. Verbs ask `may`."""
        if not self.is_active:
            return frozenset()
        if not self.is_superuser:
            return frozenset(self.get_group_permissions())
        granted = Permission.objects.filter(group__user=self).values_list("content_type__app_label", "codename")
        return frozenset(f"{app}.{codename}" for app, codename in granted)

    def end_sessions(self) -> None:
        """Sign this person out, wherever they are signed in."""
        for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
            if session.get_decoded().get("_auth_user_id") == str(self.pk):
                session.delete()

    def get_full_name(self):
        return self.name

    def get_short_name(self):
        return self.name


class Saved(WrittenOnce):
    """Somebody saved words that patients may read one day: a draft, a claim, the warning. Written once."""

    words = models.CharField(
        max_length=100, db_index=True, help_text="Which words, by their key: “document:12”, “claim:sweat-lasts”."
    )
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now, db_index=True)
    digest = models.CharField(
        max_length=64, blank=True, help_text="Of the words as they were saved: two saves with one digest changed nothing."
    )

    def __str__(self):
        return f"{self.user} saved {self.words}"


class Logged(WrittenOnce):
    """Somebody did something to a row. Written once, by `log.write`, with what it tells."""

    at = models.DateTimeField("when", default=timezone.now, db_index=True)
    by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="who", help_text="None: nobody who was signed in."
    )  # fmt: skip
    verb = models.CharField("did what", max_length=40, db_index=True)
    model = models.CharField("kind of row", max_length=80, help_text="“blog.answer”")
    row = models.CharField(max_length=64, blank=True, help_text="Its key.")
    name = models.CharField("to what", max_length=200, blank=True, help_text="As the row was called then.")
    person = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", help_text="Whom it was done to: their name is looked up, not kept."
    )  # fmt: skip
    said = models.TextField("what happened", blank=True)
    changes = models.JSONField(default=list, help_text="(field, before, after) each; of people the field alone.")

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["model", "row"], name="logged_of_a_row")]
        verbose_name, verbose_name_plural = "log entry", "log entries"

    def __str__(self):
        return f"{self.whom} {self.verb}"

    @property
    def whom(self) -> str:
        """What it was done to, as it's called now where that is a person."""
        return (self.person and self.person.name) or self.name or "–"

    @property
    def fields(self) -> str:
        """The fields that changed, in one line: with what stood in them where that was kept and is short."""
        return "; ".join(_in_short(*change) for change in self.changes)


def _in_short(field: str, before: str = "", after: str = "") -> str:
    is_short = len(before) + len(after) <= 80 and not set("<\n") & set(before + after)
    if not (before or after) or not is_short:
        return field
    return f"{field}: {before or 'none'} → {after or 'none'}" if before else f"{field}: {after}"


class LoggedWord(WrittenOnce):
    """A word that an entry of the log is found by."""

    word = models.CharField(max_length=40, db_index=True)
    entry = models.ForeignKey(Logged, models.PROTECT, db_index=False, related_name="+")

    def __str__(self):
        return self.word


class WeeklyMail(WrittenOnce):
    """Somebody was told what waits for them in the week of that Monday, or nothing waited, or they chose the mail after it: once,
    however often `tick` runs.
    """

    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    week = models.DateField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "week"], name="told_once_a_week")]

    def __str__(self):
        return f"{self.user}, week of {self.week}"


class CalendarAddress(models.Model):
    """The private address of somebody's calendar; see `feed`. What opens it isn't here, only its digest."""

    user = models.OneToOneField(User, models.CASCADE, related_name="+")
    number = models.CharField(max_length=32)
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(auto_now=True)

    def __str__(self):
        return f"Calendar of person {self.user_id}"


class Heartbeat(models.Model):
    """When `tick` last ran to its end. One row."""

    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_heartbeat")]

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M:%S}"
