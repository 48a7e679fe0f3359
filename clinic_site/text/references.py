"""What something is known by when it's read out on the phone: "M7K2PQ4X"."""

import secrets

LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # no 0 and O, no 1, I and L
LENGTH = 7  # after the first letter, which tells what it is


def new_reference(first: str) -> str:
    return first + "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
