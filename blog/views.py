from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from blog.emails import tell_staff
from blog.forms import QuestionForm
from blog.models import Answer, Question
from blog.paging import by_key
from clinic_site.accounts.rate_limits import is_within
from clinic_site.publishing.models import Edition, Live, Mark
from clinic_site.publishing.prepared import Prepared
from clinic_site.publishing.reading import answers_for_readers, as_it_stood, cards, history_of, read

TOO_MANY = (
    "Many questions have come from your network just now. Please try again in an hour. Yours was not sent."
)


def live_answers():
    return Live.objects.cards().filter(kind=Answer.KIND)


# From year to year by the index: a count of years would read every answer, and cost more the more there are.
_WAYS_IN = """
WITH RECURSIVE years(newest) AS (
    SELECT MAX(posted_on) FROM publishing_live WHERE kind = '{kind}'
    UNION ALL
    SELECT (SELECT MAX(posted_on) FROM publishing_live WHERE kind = '{kind}' AND posted_on < {start_of_year})
    FROM years WHERE newest IS NOT NULL
)
SELECT 'year', CAST(newest AS VARCHAR(10)), '' FROM years WHERE newest IS NOT NULL
UNION ALL
SELECT 'topic', slug, title FROM blog_topic
"""
_START_OF_YEAR = {
    "sqlite": "date(newest, 'start of year')",
    "postgresql": "CAST(date_trunc('year', newest) AS DATE)",
}


def ways_in() -> dict[str, list]:
    """Topics as (slug, title) by title, and the years that have live answers, newest first, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(_WAYS_IN.format(kind=Answer.KIND, start_of_year=_START_OF_YEAR[connection.vendor]))
        rows = cursor.fetchall()
    return {
        "topics": sorted(
            ((slug, title) for way, slug, title in rows if way == "topic"), key=lambda topic: topic[1]
        ),
        "years": sorted((int(day[:4]) for way, day, _ in rows if way == "year"), reverse=True),
    }


def answer_list(request, queryset, ways, **context):
    """A page of a list of answers, newest first."""
    page = by_key(queryset, request.GET.get("after"), request.GET.get("before"))
    return render(
        request, "blog/answers.html", {"cards": cards(page.rows), "paging": page, **ways, **context}
    )


@require_safe
def answers(request):
    return answer_list(request, live_answers(), ways_in(), heading="Questions and answers")


@require_safe
def topic(request, slug):
    ways = ways_in()
    title = dict(ways["topics"]).get(slug)
    if title is None:
        raise Http404
    return answer_list(request, live_answers().about(f"topic:{slug}"), ways, heading=title, topic=slug)


@require_safe
def year(request, year):
    return answer_list(
        request,
        live_answers().filter(posted_on__year=year),
        ways_in(),
        heading=f"Answers from {year}",
        year=year,
    )


@require_safe
@answers_for_readers
def answer(request, slug):
    reading = read(Answer, slug)
    return render(
        request, "blog/answer.html", {"reading": reading, "page": reading.page, "related": related(reading)}
    )


def _shares(kind: str, edition: int) -> Exists:
    """Whether a row has a subject of that kind in common with an edition."""
    mine = Mark.objects.filter(edition=edition, kind=Mark.Kind.SUBJECT, key__startswith=f"{kind}:")
    theirs = Mark.objects.filter(edition=OuterRef("pk"), kind=Mark.Kind.SUBJECT)
    return Exists(theirs.filter(key__in=mine.values("key")))


_sharing_a_subject = Prepared(
    lambda edition: (
        Edition.objects.for_cards()
        .alias(is_near=_shares("treatment", edition))
        .filter(Q(is_near=True) | _shares("topic", edition), live__kind=Answer.KIND)
        .exclude(pk=edition)
        .order_by("-is_near", "-live__posted_on", "-live__pk")[:24]
    ),
    int,
)


def _subjects(page) -> dict[str, str]:
    """The names of what a page or a card is about, treatments first, by their subjects."""
    treatments = {f"treatment:{slug}": name for slug, name in page.treatments}
    return treatments | {f"topic:{slug}": title for slug, title in page.topics}


def related(reading, most: int = 4) -> list[tuple]:
    """(card, reason) of live answers about the same problem: those that share a treatment with this one, then
    those that share a topic and are about no other treatment. One query.
    """
    page, names = reading.page, _subjects(reading.page)
    found = []
    for card in cards(_sharing_a_subject(reading.edition.pk)):
        mine = _subjects(card)
        shared = [subject for subject in names if subject in mine]
        is_near = any(subject.startswith("treatment:") for subject in shared)
        if is_near or not (page.treatments and card.treatments):
            found.append(((is_near, len(shared)), card, shared))
    found.sort(key=lambda row: row[0], reverse=True)
    return [
        (card, "Also about " + " and ".join(names[s].lower() for s in shared[:2]))
        for _, card, shared in found[:most]
    ]


@require_safe
@answers_for_readers
def history(request, slug):
    return render(request, "publishing/history.html", {"history": history_of(Answer, slug)})


@require_safe
@answers_for_readers
def edition(request, slug, number):
    reading = as_it_stood(Answer, slug, number)
    return render(
        request, "blog/answer.html", {"reading": reading, "page": reading.page, "related": [], "is_old": True}
    )


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request):
    form = QuestionForm(request.POST or None)
    status = 422 if request.method == "POST" else 200
    if form.is_valid():
        if question := take_question(request, form):
            return redirect(reverse("blog:asked") + f"?reference={question.reference}")
        form.add_error(None, TOO_MANY)
        status = 429
    return render(request, "blog/ask.html", {"form": form}, status=status)


def take_question(request, form: QuestionForm) -> Question | None:
    """The question that the form makes, or made when it was sent before. None where too many came."""
    token, typed = form.cleaned_data["token"], {name: form.cleaned_data[name] for name in form.Meta.fields}
    if before := Question.objects.filter(token=token, **typed).first():
        return before
    if not is_within(request, "ask"):
        return None
    with transaction.atomic():
        question, is_new = Question.take(token, **typed)
        if is_new:
            tell_staff(question)
    return question


@require_safe
def asked(request):
    reference = request.GET.get("reference", "")
    is_one = reference.isascii() and reference.isalnum()
    question = Question.objects.filter(reference=reference).first() if is_one else None
    if question is None:
        raise Http404
    context = {"reference": reference, "is_danger": question.names_danger, "waits": bool(question.email)}
    return render(request, "blog/asked.html", context)
