"""References: told from each other on the phone, and never the same twice."""

from clinic_site.text.references import new_reference


def test_a_reference_says_what_it_is_and_has_no_letter_that_sounds_or_looks_like_another():
    made = {new_reference("M") for _ in range(500)}
    assert len(made) == 500
    assert {reference[0] for reference in made} == {"M"}
    assert {len(reference) for reference in made} == {8}
    assert not set("".join(reference[1:] for reference in made)) & set("01ILO")
