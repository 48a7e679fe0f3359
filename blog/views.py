from django.db.models import CharField, Count, Exists, F, OuterRef, Value
from django.db.models.functions import Cast, ExtractYear
from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from blog.models import Answer, Topic
from blog.paging import by_key
from clinic_site.publishing.models import Edition, Live, Mark
from clinic_site.publishing.prepared import Prepared
from clinic_site.publishing.reading import answers_for_readers, as_it_stood, cards, history_of, read


def live_answers():
    return Live.objects.cards().filter(kind=Answer.KIND)


def ways_in() -> dict[str, list[tuple[str, str, int]]]:
    """Topics and years with their number of live answers, in one query: {"topic": [(slug, title, n)], "year": ...}."""
    standing = Live.objects.standing().filter(kind=Answer.KIND)
    years = (
        standing.annotate(key=Cast(ExtractYear("posted_on"), CharField())).order_by()
        .values("key").annotate(n=Count("pk"), way=Value("year"), name=F("key")).values_list("way", "key", "name", "n")
    )  # fmt: skip
    topics = Topic.objects.order_by().values_list(Value("topic"), "slug", "title", Value(0))
    found = {"topic": [], "year": []}
    for way, key, name, n in years.union(topics, all=True):
        found[way].append((key, name, n))
    return {"topics": sorted(found["topic"], key=lambda t: t[1]), "years": sorted(found["year"], reverse=True)}


def answer_list(request, queryset, ways, **context):
    """A page of a list of answers, newest first."""
    page = by_key(queryset, request.GET.get("after"), request.GET.get("before"))
    return render(request, "blog/answers.html", {"cards": cards(page.rows), "paging": page, **ways, **context})


@require_safe
def answers(request):
    return answer_list(request, live_answers(), ways_in(), heading="Questions and answers")


@require_safe
def topic(request, slug):
    ways = ways_in()
    title = {key: title for key, title, _ in ways["topics"]}.get(slug)
    if title is None:
        raise Http404
    return answer_list(request, live_answers().about(f"topic:{slug}"), ways, heading=title, topic=slug)


@require_safe
def year(request, year):
    return answer_list(request, live_answers().filter(posted_on__year=year), ways_in(), heading=f"Answers from {year}", year=year)


@require_safe
@answers_for_readers
def answer(request, slug):
    reading = read(Answer, slug)
    return render(request, "blog/answer.html", {"reading": reading, "page": reading.page, "related": related(reading)})


_sharing_a_subject = Prepared(
    lambda edition: Edition.objects.for_cards().filter(
        Exists(
            Mark.objects.filter(
                edition=OuterRef("pk"), kind=Mark.Kind.SUBJECT,
                key__in=Mark.objects.filter(edition=edition, kind=Mark.Kind.SUBJECT).values("key"),
            )
        ),
        live__kind=Answer.KIND,
    ).exclude(pk=edition).order_by("-posted_on", "-pk")[:24],
    int,
)  # fmt: skip


def related(reading, most: int = 4) -> list[tuple]:
    """(card, reason) of live answers that share a treatment or a topic with this one, nearest first. One query."""
    page = reading.page
    names = {f"treatment:{slug}": name for slug, name in page.treatments} | {
        f"topic:{slug}": title for slug, title in page.topics
    }
    found = []
    for card in cards(_sharing_a_subject(reading.edition.pk)):
        mine = [f"treatment:{slug}" for slug, _ in card.treatments] + [f"topic:{slug}" for slug, _ in card.topics]
        shared = [subject for subject in names if subject in mine]
        found.append((len(shared) + any(s.startswith("treatment:") for s in shared), card, shared))
    found.sort(key=lambda row: -row[0])
    return [(card, "Also about " + " and ".join(names[s].lower() for s in shared[:2])) for _, card, shared in found[:most]]


@require_safe
@answers_for_readers
def history(request, slug):
    return render(request, "publishing/history.html", {"history": history_of(Answer, slug)})


@require_safe
@answers_for_readers
def edition(request, slug, number):
    reading = as_it_stood(Answer, slug, number)
    return render(request, "blog/answer.html", {"reading": reading, "page": reading.page, "related": [], "is_old": True})
