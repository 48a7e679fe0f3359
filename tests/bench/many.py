"""Lists and search with 10, 1,000 and 10,000 live answers. Run in a process and a database of its own.

The answers are loaded in bulk, through the same rows, seals and triggers as signed editions have. Their words
are drawn from a made-up vocabulary, a common word far more often than a rare one.
"""

from datetime import date, timedelta
from random import Random

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402
from django.utils import timezone  # noqa: E402
from modelsearch import index  # noqa: E402

from blog.models import Answer, Topic  # noqa: E402
from blog.pages import AnswerPage  # noqa: E402
from blog.paging import key_of  # noqa: E402
from blog.views import live_answers  # noqa: E402
from clinic_site.accounts.sample_users import make_sample_users  # noqa: E402
from clinic_site.clinic.models import Details  # noqa: E402
from clinic_site.pages.shapes import Part, Urgent, seal  # noqa: E402
from clinic_site.publishing.models import Address, Document, Edition, EditionWriter, Live, Mark  # noqa: E402
from tests.bench.inside import cost  # noqa: E402

SIZES = (10, 1_000, 10_000)
COMMON, RARE = "eyelid", "quokka"
WORDS = {"common": COMMON, "rare": RARE, "absent": "xylophone"}
BATCH = 500
SEARCH_MS, FLAT = (
    50,
    1.5,
)  # what a search may take; how much slower a page may be with 10,000 answers than with 10

_random = Random(5)
_syllables = "ba de fi go lu ma ne pi ro su ta ve".split()
_vocabulary = ["".join(_random.choices(_syllables, k=3)) for _ in range(3000)]
_weights = [1 / rank for rank in range(1, len(_vocabulary) + 1)]


def _words(n: int) -> str:
    words = _random.choices(_vocabulary, _weights, k=180)
    if n % 5 < 2:  # in four answers of ten
        words[n % 180] = COMMON
    if n == 5:
        words[7] = RARE
    sentences = [" ".join(words[i : i + 12]).capitalize() + "." for i in range(0, len(words), 12)]
    return "".join(f"<p>{' '.join(sentences[i : i + 4])}</p>" for i in range(0, len(sentences), 4))


def _page(n: int, topic: Topic) -> AnswerPage:
    return AnswerPage(
        kind=Answer.KIND,
        slug=f"question-{n}",
        title=f"What is {_vocabulary[n % 3000]} {n}?",
        summary=f"In short, number {n}.",
        parts=(Part(anchor="answer", heading="Answer", html=_words(n)),),
        answered_by="Somebody",
        topics=((topic.slug, topic.title),),
        subjects=(f"topic:{topic.slug}",),
        urgent=Urgent(title="When to get help now", lead="Call {emergency}."),
    )


@transaction.atomic
def load(first: int, last: int, people: dict, topic: Topic) -> None:
    """Make answers `first` to `last` - 1 live, each with one signed edition."""
    now, writer, signer = timezone.now(), people["editor"], people["clinician"]
    pages = [_page(n, topic) for n in range(first, last)]
    posted = [date(2010, 1, 1) + timedelta(days=n // 3) for n in range(first, last)]
    # rows of a subclass's own table can't be inserted in bulk: parents first, then each child row as it is
    documents = Document.objects.bulk_create(
        Document(kind=p.kind, slug=p.slug, title=p.title, summary=p.summary) for p in pages
    )
    children = [Answer(document_ptr=document, answered_by=writer) for document in documents]
    for child, document in zip(children, documents, strict=True):
        child.__dict__.update({name: value for name, value in document.__dict__.items() if name != "_state"})
        child.save_base(raw=True, force_insert=True)
    editions = Edition.objects.bulk_create(
        Edition(
            document=document,
            kind=page.kind,
            slug=page.slug,
            number=1,
            change_note="First edition.",
            posted_on=day,
            submitted_at=now,
            submitted_by=writer,
            **seal(page),
        )
        for document, page, day in zip(documents, pages, posted, strict=True)
    )
    EditionWriter.objects.bulk_create(EditionWriter(edition=edition, user=writer) for edition in editions)
    Mark.objects.bulk_create(
        Mark(edition=edition, kind=Mark.Kind.SUBJECT, key=subject)
        for edition, page in zip(editions, pages, strict=True)
        for subject in page.subjects
    )
    Edition.objects.filter(pk__in=[edition.pk for edition in editions]).stamp(
        signed_at=now,
        signed_by=signer,
        signed_name=signer.signature,
        signed_as_sample=True,
        live_from=now,
        went_live_at=now,
    )
    Address.objects.bulk_create(Address(kind=d.kind, slug=d.slug, document=d) for d in documents)
    rows = Live.objects.bulk_create(
        Live(
            document=edition.document,
            edition=edition,
            kind=edition.kind,
            slug=edition.slug,
            posted_on=edition.posted_on,
        )
        for edition in editions
    )
    for live in rows:
        index.insert_or_update_object(live)


def far_pages(count: int) -> dict[str, str]:
    """The first, a middle and the last page of the list, by path."""
    newest_first = live_answers().order_by("-posted_on", "-pk")
    middle, end = newest_first[count // 2], newest_first[max(count - 21, 0)]
    return {
        "first": "/blog/",
        "middle": f"/blog/?after={key_of(middle)}",
        "last": f"/blog/?after={key_of(end)}",
    }


def main() -> int:
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    people, _ = make_sample_users()
    Details(pk=1, name="A clinic of many answers").save()
    topic = Topic.objects.create(slug="everything", title="Everything")
    loaded, typical, met = 0, {}, True
    print("Lists and search by number of answers: ms, typical / 95th of 100, and queries.", flush=True)
    for size in SIZES:
        for start in range(loaded, size, BATCH):
            load(start, min(start + BATCH, size), people, topic)
        loaded = size
        asked = far_pages(size) | {
            f"search, {name} word": f"/search/?q={word}" for name, word in WORDS.items()
        }
        asked["an answer"] = "/blog/question-5/"
        for name, path in asked.items():
            found = cost(path)
            typical[size, name] = found.typical
            slow = name.startswith("search") and found.typical > SEARCH_MS
            met &= not slow
            print(
                f"  {size:6,} {name:20} {found.typical:7.1f} / {found.slow:5.1f}   {found.queries} queries"
                f"{f'   over {SEARCH_MS} ms' if slow else ''}",
                flush=True,
            )
    small, large = SIZES[0], SIZES[-1]
    for name in ("first", "middle", "last"):
        ratio = typical[large, name] / typical[small, "first"]
        flat = ratio <= FLAT
        met &= flat
        print(
            f"  the {name} page of {large:,} beside the first of {small:,}: "
            f"{ratio:.2f}{'' if flat else f'   over {FLAT}'}"
        )
    return 0 if met else 1


if __name__ == "__main__":
    raise SystemExit(main())
