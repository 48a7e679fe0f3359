"""The ledger's promises, recomputed from the rows: one walk over the transfers, in the order of their
numbers.

Which kinds of transfer there are, and what each says and needs, stands in `transfer_kinds`. Whether it was so
is worked out here, by other means than the verbs and the triggers have: from the rows as they stand, each
transfer in its place in history. A transfer that breaks a promise is named by its number.
"""

from clinic_site import append_only
from clinic_site.registry import ProofResult, ProofRun, proofs
from referrals.proofs.needs import LedgerWalk

NAMES = {
    8: "every transfer has one cause, takes a way that credit may take, and is undone at most once",
    9: "no account is below zero after any transfer, and nothing was spent that was on hold or expired",
    10: "what is written once can't be changed: every trigger is in place",
    11: "every reward was earned: one a referral and side, attended before, under the terms that its member "
    "accepted",
    12: "no transfer was changed, added or removed, and nobody moved credit of their own or alone over the "
    "limit",
}


def prove(proving: ProofRun) -> list[ProofResult]:
    walk = LedgerWalk().run()
    walk.compare_heads(proving.head)
    owed = sum(holder.balance for holder in walk.holders.values())
    for name, cents in [*walk.totals.items(), ("owed", owed)]:
        proving.notes.append(f"{name:<22} {cents // 100:>14,}.{cents % 100:02}")
    if walk.before:
        proving.notes.append(f"head {walk.before.number}:{walk.before.digest}")
        proving.notes.append(
            "Note the head somewhere else: `prove --head` tells whether the ledger up to it still stands."
        )
    missing = [f"the trigger {name} is missing" for name in append_only.missing()]
    counts = {8: (walk.count, "transfers"), 9: (len(walk.holders), "accounts"), 11: (walk.rewards, "rewards")}
    counts[10] = (sum(len(append_only.rules_of(model)) for model in append_only.guarded_models()), "triggers")
    counts[12] = counts[8]
    broken = {**walk.broken, 10: missing}
    return [
        ProofResult(promise, NAMES[promise], counts[promise][0], broken[promise], counts[promise][1])
        for promise in NAMES
    ]


proofs.append(prove)
