"""Checks an export of the ledger.

It needs Python 3.9 or newer and nothing else: neither the website nor its database.

    python manage.py export_ledger > ledger.csv
    python docs/check_ledger.py ledger.csv [NUMBER:DIGEST]

The second argument is a head of the ledger that was noted earlier, as `manage.py prove` or this script told
it.

It proves that the transfers are numbered without a gap and in the order of time; that each digest is the
SHA-256 of the row and of the digest before it; that every amount goes from one account to another, so that
all accounts add up to zero; that no account but the clinic's own is below zero after any transfer; that no
cause moved credit twice and no referral was rewarded twice; that a reversal goes back the way of one earlier
transfer, once, for no more than it moved; and that the head that was noted still stands. It prints the
totals, and ends with 1 and the number of the transfer where something doesn't hold.
"""

import csv
import hashlib
import json
import re
import sys
from collections import Counter

CLINICS_OWN = {"promotions", "redeemed", "expired", "adjustments"}
HOLDERS = re.compile(r"account-\d+")
CAUSES = {  # from where, to where, and what the cause of such a transfer looks like
    ("promotions", "holder"): r"referral:\d+:(member|friend)",
    ("holder", "redeemed"): r"redemption:[0-9a-f-]{36}",
    ("holder", "expired"): r"expiry:\d+:\d+",
    ("adjustments", "holder"): r"adjustment:\d+",
    ("holder", "adjustments"): r"adjustment:\d+",
}
NUMBERS, WORDS = (
    ("reverses", "by", "approved_by"),
    ("spent_on", "invoice", "reason"),
)  # any of them may be empty


def check(file, noted=""):
    """Returns (the transfers that break something, in words; what each account holds, in cents; totals by
    way; the head).
    """
    wrong, balances, totals, causes, seen = [], Counter(), Counter(), {}, {}
    digest, last, at, heads = "", 0, "", {}
    for line, row in enumerate(csv.DictReader(file), 2):
        try:
            here, cents = int(row["number"]), int(row["cents"])
            reverses, by, approved_by = (int(row[name]) if row[name] else None for name in NUMBERS)
            source, destination, key = row["source"], row["destination"], row["key"]
            facts = [
                here,
                row["at"],
                source,
                destination,
                cents,
                key,
                reverses,
                *(row[name] for name in WORDS),
                by,
                approved_by,
            ]
            text = json.dumps([*facts, digest], ensure_ascii=False, separators=(",", ":"))
        except (KeyError, TypeError, ValueError):
            wrong.append(f"line {line}: that is no transfer")
            continue
        way = tuple(end if end in CLINICS_OWN else "holder" for end in (source, destination))

        def breaks(words, here=here):
            wrong.append(f"transfer {here}: {words}")

        if here != last + 1:
            breaks(f"transfer {last + 1} should stand here")
        if row["at"] < at:
            breaks("it is dated before the transfer before it")
        if hashlib.sha256(text.encode()).hexdigest() != row["digest"]:
            breaks("it doesn't match its digest")
        if cents <= 0 or source == destination:
            breaks("it moves nothing")
        if any(end not in CLINICS_OWN and not HOLDERS.fullmatch(end) for end in (source, destination)):
            breaks("it has an account that there can't be")
        if key in causes:
            breaks(f"its cause, {key}, moved credit in transfer {causes[key]} before")
        if reverses is not None:
            was = seen.pop(
                reverses, None
            )  # what was reversed once, and what reverses, is not there to be reversed
            if was is None:
                breaks(f"transfer {reverses} can't be reversed, or was reversed before")
            elif was[:2] != (destination, source) or cents > was[2]:
                breaks(f"it doesn't go back the way of transfer {reverses}")
            if key != f"reversal:{reverses}":
                breaks(f"its cause, {key}, is not that reversal")
        elif not re.fullmatch(CAUSES.get(way, "(?!)"), key):
            breaks(f"credit does not move from {source} to {destination} for the cause {key}")
        elif destination != "expired":
            seen[here] = (source, destination, cents)
        balances[source] -= cents
        balances[destination] += cents
        if source not in CLINICS_OWN and balances[source] < 0:
            breaks(f"it leaves {source} at {balances[source]} cents")
        totals[(*way, reverses is not None)] += cents
        causes[key], heads[here] = here, row["digest"]
        digest, last, at = row["digest"], here, row["at"]
    noted_number, _, noted_digest = noted.partition(":")
    if noted and not re.fullmatch(r"\d+:[0-9a-f]{64}", noted):
        wrong.append(f"head {noted}: it was not noted like that, but as NUMBER:DIGEST")
    elif noted and heads.get(int(noted_number)) != noted_digest:
        wrong.append(f"transfer {noted_number}: it is not the one that was noted, or is missing")
    return wrong, balances, totals, f"{last}:{digest}"


def main(path, noted=""):
    with open(path, newline="", encoding="utf-8-sig") as file:
        wrong, balances, totals, head = check(file, noted)
    for (source, destination, is_reversal), cents in sorted(totals.items()):
        print(f"{cents / 100:>16,.2f}  {source} to {destination}{' (reversed)' if is_reversal else ''}")
    owed = sum(cents for account, cents in balances.items() if account not in CLINICS_OWN)
    print(
        f"{owed / 100:>16,.2f}  owed, on {sum(account not in CLINICS_OWN for account in balances):,} accounts"
    )
    print(f"{sum(balances.values()) / 100:>16,.2f}  all accounts together")
    print(f"head {head}")
    print("\n".join(wrong) if wrong else "Everything holds.")
    return 1 if wrong else 0


if __name__ == "__main__":
    if not 2 <= len(sys.argv) <= 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
