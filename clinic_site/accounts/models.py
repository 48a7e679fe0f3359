"""Who may sign in, and what they are entitled to say."""

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, Group, Permission, PermissionsMixin
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.functional import cached_property

from clinic_site.accounts.invitations import Invitation  # noqa: F401 : a model of this room
from clinic_site.accounts.people_search import PersonSearchKeys
from clinic_site.accounts.roles import MANAGER
from clinic_site.append_only import Rule
from clinic_site.registry import unsigned_word_checks
from clinic_site.text.search_keys import SearchKeyQuerySet


class UserQuerySet(SearchKeyQuerySet):
    def managers(self):
        """Those who may sign in, and let the others in."""
        return self.filter(is_active=True, is_staff=True, groups__name=MANAGER)


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]  # made by a function
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


class User(PersonSearchKeys, AbstractBaseUser, PermissionsMixin):
    """A person who signs in. The e-mail address is the sign-in name, kept in lower case."""

    email = models.EmailField("e-mail address", unique=True)
    name = models.CharField(max_length=120, help_text="First and last name, as pages show it.")
    title = models.CharField(max_length=30, blank=True, help_text="Dr, RN, NP …")
    position = models.CharField(
        max_length=80, blank=True, help_text="For the About page: what this person does here."
    )
    registration_body = models.CharField(
        max_length=120, blank=True, help_text="The college or council that licenses them."
    )
    registration_number = models.CharField(max_length=40, blank=True)
    about = models.TextField(
        blank=True, help_text="A few sentences for the About page. Left empty: not shown there."
    )
    is_sample = models.BooleanField(
        "a sample",
        default=False,
        help_text="Made for trying the site. What a sample signs stays labelled a sample.",
        editable=False,
    )
    groups = models.ManyToManyField(  # type: ignore[assignment]  # Django's own, in the words of this site
        Group,
        verbose_name="roles",
        blank=True,
        related_name="user_set",
        related_query_name="user",
        help_text="What this person may do here.",
    )
    is_staff = models.BooleanField("may open the admin", default=False)
    is_active = models.BooleanField("may sign in", default=True)
    wants_weekly_mail = models.BooleanField("gets the weekly mail", default=True, editable=False)
    joined_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = UserManager()

    database_rules = (
        Rule(
            "sample_stays",
            "UPDATE",
            "OLD.is_sample AND NEW.is_sample IS NOT TRUE",
            "a sample account stays one, whatever its name",
        ),
    )

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

    def clean(self) -> None:
        """Raises ValidationError, by field, where what the About page says of them can't stand unsigned."""
        super().clean()
        wrong = {
            name: faults
            for name in ("title", "position", "about", "registration_body", "registration_number")
            if (faults := [fault for check in unsigned_word_checks for fault in check(getattr(self, name))])
        }
        if wrong:
            raise ValidationError(wrong)

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

    def has_role_permission(self, permission: str) -> bool:
        """Whether one of this person's roles grants `permission` ("app.codename").

        Being a superuser doesn't count: the rules of publishing and of the ledger bind everybody.
        """
        app, codename = permission.split(".")
        return (
            self.is_active
            and self.groups.filter(
                permissions__codename=codename, permissions__content_type__app_label=app
            ).exists()
        )

    def may_entitle(self, person: "User") -> bool:
        """Whether this person, who may edit people, may change that one's roles, registration and right to
        sign in. Nobody their own; but the first manager of a site is a superuser who takes a role while no
        manager could give it.
        """
        return self.pk != person.pk or (self.is_superuser and not User.objects.managers().exists())

    @property
    def logged_as(self) -> str:
        """The log keeps nobody's name: it looks it up."""
        return f"Person {self.pk}"

    @cached_property
    def role_permissions(self) -> frozenset[str]:
        """Everything that this person's roles grant, asked once: for pages that choose what to show.

        Verbs ask `may`.
        """
        if not self.is_active:
            return frozenset()
        if not self.is_superuser:
            return frozenset(self.get_group_permissions())
        role_permissions = Permission.objects.filter(group__user=self).values_list(
            "content_type__app_label", "codename"
        )
        return frozenset(f"{app}.{codename}" for app, codename in role_permissions)

    def end_sessions(self) -> None:
        """Sign this person out, wherever they are signed in."""
        for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
            if session.get_decoded().get("_auth_user_id") == str(self.pk):
                session.delete()

    def get_full_name(self):
        return self.name

    def get_short_name(self):
        return self.name
