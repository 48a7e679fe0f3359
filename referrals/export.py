"""The ledger as CSV: every fact that a digest stands for, and the digest, so that whoever reads it can check
it without this software (`docs/check_ledger.py` does). Accounts have labels, staff have numbers: nothing in
it is personal.
"""

from collections.abc import Iterator, Sequence

from referrals.models import Transfer, facts_of, label_of

HEADER = (
    "number at source destination cents key reverses spent_on invoice reason by approved_by digest".split()
)
COLUMNS = (
    "number at source_id source__system destination_id destination__system cents key reverses__number "
    "spent_on invoice reason by_id approved_by_id digest"
).split()


def ledger_rows() -> Iterator[Sequence[object]]:
    """The rows of the file, the header first, in the order of the numbers: one at a time."""
    yield HEADER
    # one query: the rows are those of one moment, though others write meanwhile
    rows = Transfer.objects.order_by("number").values_list(*COLUMNS).iterator(chunk_size=2000)
    for number, at, source, from_system, destination, to_system, *others, digest in rows:
        labels = label_of(source, from_system), label_of(destination, to_system)
        yield [*facts_of(number, at, *labels, *others), digest]
