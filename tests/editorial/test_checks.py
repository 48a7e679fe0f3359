"""Each editorial rule finds what it's for, and a good draft passes them all."""

from datetime import timedelta

import pytest
from django.utils import timezone

from clinic_site.editorial.banned_words import banned_in
from clinic_site.editorial.checks import RULES, Draft, Text, examine, to_judge
from clinic_site.editorial.unsigned_words import complaints
from clinic_site.evidence.models import Claim, Licence, Source
from clinic_site.pages.shapes import Page, Part
from clinic_site.publishing.models import Picture, PublishingError, Section, UrgentHelp
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]


@pytest.fixture
def draft(editor, clinician):
    return factories.treatment("sweat", by=editor, checked_by=clinician, summary="In short.")


@pytest.fixture
def answer(editor, clinician):
    return factories.answer("sore", by=editor, checked_by=clinician)


def write(document, anchor: str, body: str) -> None:
    section = Section.objects.get(document=document, anchor=anchor)
    section.body = body
    section.save()


def found(document, rule: str) -> list[str]:
    return [finding.sentence for finding in document.findings() if finding.rule == rule]


def stops(document) -> set[str]:
    return {finding.rule for finding in document.findings() if finding.stops}


def change(key: str, **values) -> None:
    Claim.objects.filter(key=key).update(**values)


def check_again(clinician) -> None:
    for claim in Claim.objects.all():
        claim.mark_checked(by=clinician)


def test_a_good_draft_has_nothing_to_mend(draft, answer):
    assert draft.findings() == []
    assert answer.findings() == []


# --- each rule, by a draft with that one fault --------------------------------------------------------------


def figure(draft, clinician):
    write(draft, "timing", "<p>It starts in two days and then lasts [[sweat-lasts]].</p>")


def unknown(draft, clinician):
    write(draft, "timing", "<p>It lasts [[sweat-lasts]], and starts [[sweat-starts]].</p>")


def unchecked(draft, clinician):
    change("sweat-lasts", grade="B")


def sourceless(draft, clinician):
    Claim.objects.get(key="sweat-lasts").sources.clear()
    check_again(clinician)


def uncompared(draft, clinician):
    change("sweat-helps", comparator="", comparator_low=None)
    check_again(clinician)


def superseded(draft, clinician):
    Claim.objects.get(key="sweat-lasts").sources.update(status="superseded")


def disagreeing(draft, clinician):
    factories.claim(
        "other-helps",
        measure="Better in sweat",
        low=80,
        unit="percent",
        population="adults",
        comparator_low=30,
    )


def mechanism(draft, clinician):
    write(draft, "how-it-works", "<p>It lasts [[sweat-lasts]]. It calms the nerve.</p>")


def baseless(draft, clinician):
    write(draft, "side-effects", "<p>There may be a few.</p>")


def amid(draft, clinician):
    change("sweat-lasts", phrase="")
    check_again(clinician)


def missing(draft, clinician):
    write(draft, "not-known", "")


def without_the_warning(draft, clinician):
    UrgentHelp.objects.all().delete()


def undescribed(draft, clinician):
    picture = Picture.objects.create(file="arm.webp", width=2, height=2, alt="?", shows_person=False)
    draft.sections.filter(anchor="timing").update(picture=picture)


def ended(draft, clinician):
    until = timezone.localdate() - timedelta(days=1)
    picture = Picture.objects.create(
        file="arm.webp",
        width=2,
        height=2,
        alt="An arm",
        shows_person=True,
        consent="A. P., in writing",
        consent_until=until,
    )
    draft.sections.filter(anchor="timing").update(picture=picture)


def headings(draft, clinician):
    write(draft, "timing", "<h4>Later</h4><p>It lasts [[sweat-lasts]].</p>")


def link(draft, clinician):
    write(draft, "timing", '<p>It lasts [[sweat-lasts]]. <a href="/treatments/">Read more here</a>.</p>')


def banned(draft, clinician):
    write(draft, "timing", "<p>It lasts [[sweat-lasts]] and cures sweat.</p>")


def offered(draft, clinician):
    write(draft, "timing", "<p>It lasts [[sweat-lasts]], at $20 off.</p>")


def branded(draft, clinician):
    write(draft, "timing", "<p>Botox lasts [[sweat-lasts]].</p>")


def outrun(draft, clinician):
    Source.objects.filter(claims__key="sweat-lasts").update(kind="news")


def told_as_less(draft, clinician):
    write(draft, "timing", "<p>It lasts [[sweat-lasts]]. See a doctor if you have trouble breathing.</p>")


def told_two_ways(draft, clinician):
    said = "See your dentist if your jaw locks. Get help at once for a locked jaw."
    write(draft, "timing", f"<p>It lasts [[sweat-lasts]]. {said}</p>")


def contradicted(draft, clinician):
    write(draft, "timing", "<p>It fades [[sweat-lasts]]. Nobody has reported how long it lasts.</p>")


def second_hand(draft, clinician):
    Source.objects.filter(claims__key="sweat-lasts").update(is_secondary=True)


def uncounted(draft, clinician):
    change("sweat-harms", low=5, unit="percent", measure="people with a sore spot")
    check_again(clinician)


def hedged(draft, clinician):
    write(draft, "timing", f"<p>It lasts [[sweat-lasts]].{' There was no comparison group.' * 4}</p>")


def sent_elsewhere(draft, clinician):
    write(draft, "timing", "<p>It lasts [[sweat-lasts]]. Ask the clinic how it waits.</p>")


def without_nothing(draft, clinician):
    draft.choices.filter(kind="nothing").delete()


def too_sure(draft, clinician):
    draft.choices.filter(kind="nothing").update(strength="some")


def choice_uncompared(draft, clinician):
    figure = {"measure": "better on tablets", "low": 60, "unit": "percent"}
    factories.claim(
        "tablets", checked_by=clinician, kind="alternative", sentence="They helped 60%.", **figure
    )
    draft.choices.filter(kind="nothing").update(works="[[tablets]]")


STOPPING = {
    "choices-without-nothing": without_nothing,
    "strength-beyond-its-facts": too_sure,
    "choice-without-comparator": choice_uncompared,
    "emergency-told-as-less": told_as_less,
    "sign-with-two-urgencies": told_two_ways,
    "key-fact-contradicted": contradicted,
    "grade-beyond-its-reading": second_hand,
    "side-effect-without-comparator": uncounted,
    "repeated-caveat": hedged,
    "ask-the-clinic": sent_elsewhere,
    "grade-beyond-its-sources": outrun,
    "unclaimed-figure": figure,
    "unknown-claim": unknown,
    "unchecked-claim": unchecked,
    "claim-without-source": sourceless,
    "benefit-without-comparator": uncompared,
    "superseded-source": superseded,
    "claims-that-disagree": disagreeing,
    "mechanism-without-claim": mechanism,
    "part-without-claim": baseless,
    "claim-amid-a-sentence": amid,
    "missing-part": missing,
    "missing-shared-block": without_the_warning,
    "picture-without-alternative": undescribed,
    "picture-of-a-person": ended,
    "heading-order": headings,
    "link-text": link,
    "banned-word": banned,
    "offer": offered,
    "brand-without-medicine": branded,
}


@pytest.mark.parametrize("rule", STOPPING)
def test_a_fault_is_found_by_its_rule_and_stops_the_submission(rule, draft, editor, clinician):
    STOPPING[rule](draft, clinician)
    assert stops(draft) == {rule}
    with pytest.raises(PublishingError) as refused:
        draft.submit(by=editor, change_note="Tried.")
    assert {f.rule for f in refused.value.findings if f.stops} == {rule}


@pytest.mark.parametrize(
    "said",
    [
        "If you can’t breathe well, call us.",
        "See a doctor soon if swallowing gets hard.",
        "Get medical help for double vision.",
        "Talk to your pharmacist about blurred sight.",
        "Ask your GP for an urgent visit if you are hoarse.",
        "Contact your nurse if you have weakness all over.",
        "Get help today if you lose control of your bladder.",
        "See a doctor if your voice is gone.",
        "Call us if food sticks in your throat.",
        "Make an appointment if you see two of everything.",
        "Trouble swallowing usually passes; no need to call.",
        "A hoarse voice is normal at first.",
        "Let us know if you are wheezing.",
        "Take an antihistamine if you are short of breath.",
        "Get checked if you cannot swallow.",
        "If your legs are weak, tell us at your next visit.",
        "Drop in if your sight is blurred.",
    ],
)
def test_an_emergency_is_told_as_one_however_it_is_worded(draft, said):
    signs = (
        "Trouble breathing\nTrouble swallowing\nHoarse\nWeakness all over your body\nDouble vision\nBladder"
    )
    UrgentHelp.objects.update(signs=signs)
    write(draft, "timing", f"<p>It lasts [[sweat-lasts]]. {said}</p>")
    assert found(draft, "emergency-told-as-less")


def test_a_sign_in_a_list_is_read_with_what_leads_to_it(draft):
    write(draft, "timing", "<p>It lasts [[sweat-lasts]]. Call us for:</p><ul><li>trouble breathing</li></ul>")
    assert stops(draft) == {"emergency-told-as-less"}


@pytest.mark.parametrize(
    "said",
    [
        "Call the emergency number if you have trouble breathing.",
        "Trouble breathing is an emergency.",
        "Tell the clinician about any past trouble with breathing.",
        "Mention trouble with breathing before treatment.",
        "Some people had trouble breathing.",
        "See a doctor if you sweat at night.",
        "A bruise usually passes.",
        "Let us know if a lid droops.",
    ],
)
def test_what_tells_nobody_to_wait_is_left_alone(draft, said):
    write(draft, "timing", f"<p>It lasts [[sweat-lasts]]. {said}</p>")
    assert stops(draft) == set()


def test_a_gap_that_its_part_fills_is_a_contradiction_too(draft):
    draft.roles.filter(role="lasts").update(claim=None, gap="Nobody has measured it.")
    change("sweat-lasts", low=3, unit="months", measure="how long it lasts")
    write(draft, "timing", "<p>It lasts [[sweat-lasts]].</p>")
    assert found(draft, "key-fact-contradicted")
    write(draft, "timing", "<p>Of the neck we know that it held [[sweat-lasts]].</p>")
    assert not found(draft, "key-fact-contradicted")


def test_a_caveat_may_be_said_three_times(draft):
    write(draft, "timing", f"<p>It lasts [[sweat-lasts]].{' There was no comparison group.' * 3}</p>")
    assert stops(draft) == set()


def test_another_clinic_may_be_asked(draft):
    write(draft, "timing", "<p>It lasts [[sweat-lasts]]. Call the clinic that treated you.</p>")
    assert stops(draft) == set()


def long_winded(draft, clinician):
    write(draft, "timing", f"<p>It lasts [[sweat-lasts]] and {'so '.join(['on '] * 13)}.</p>")


def stated(draft, clinician):
    write(draft, "timing", "<p>It lasts [[sweat-lasts]]. Your skin usually calms down.</p>")


def bare(draft, clinician):
    write(draft, "timing", "<p>The score fell by 7 and it lasts [[sweat-lasts]].</p>")


def practical(draft, clinician):
    write(draft, "timing", "<p>It lasts [[sweat-lasts]], so ring ((24 hours)) before.</p>")


def stiff(draft, clinician):
    write(draft, "timing", "<p>It lasts [[sweat-lasts]]. Do you require help?</p>")


ADVISING = {
    "reading-ease": long_winded,
    "plainer-word": stiff,
    "statement-without-claim": stated,
    "bare-number": bare,
    "practical-figure": practical,
}
TO_JUDGE = {"statement-without-claim", "bare-number", "practical-figure"}


@pytest.mark.parametrize("rule", ADVISING)
def test_advice_is_given_and_stops_nothing(rule, draft, editor, clinician):
    ADVISING[rule](draft, clinician)
    assert [(f.rule, f.stops, f.judge) for f in draft.findings()] == [(rule, False, rule in TO_JUDGE)]
    assert draft.submit(by=editor, change_note="Tried.").is_waiting


def test_every_rule_is_tried_here():
    assert {rule.id for rule in RULES} == {*STOPPING, *ADVISING}


def test_what_has_to_be_mended_comes_first_and_what_is_to_judge_last(draft, clinician):
    for fault in (stated, banned, practical, long_winded):
        fault(draft, clinician)
        write(draft, "benefits", Section.objects.get(document=draft, anchor="timing").body)
    order = [(not f.stops, f.judge) for f in draft.findings()]
    assert order == sorted(order)


def test_the_signer_of_a_sealed_page_is_shown_the_same_sentences(draft, editor, clinician):
    write(
        draft,
        "timing",
        "<p>It lasts [[sweat-lasts]]. Your skin usually calms down. Ring ((24 hours)) before.</p>",
    )
    edition = draft.submit(by=editor, change_note="First.")
    assert to_judge(edition.page) == [f for f in draft.findings() if f.judge] != []


def test_every_rule_says_why_and_what_to_do():
    assert all(rule.title and rule.why.endswith(".") and rule.fix.endswith(".") for rule in RULES)


def test_each_problem_has_its_own_nothing_and_its_own_treatment(draft):
    draft.choices.create(problem="Palms", name="A lotion", works="No study.", strength="none", order=5)
    assert found(draft, "choices-without-nothing") == [
        "Its choices for “Palms” don't name doing nothing.",
        "Its choices for “Palms” don't name its own treatment.",
    ]
    draft.choices.all().delete()
    assert found(draft, "choices-without-nothing") == ["It lists no choices."]


@pytest.mark.parametrize(
    ("grade", "strength", "stands"),
    [
        ("A", "strong", True),
        ("B", "strong", False),
        ("B", "some", True),
        ("C", "some", False),
        ("C", "weak", True),
    ],
)
def test_how_strong_a_choice_is_called_follows_from_the_grades_of_its_facts(
    draft, clinician, grade, strength, stands
):
    change("sweat-helps", grade=grade)
    check_again(clinician)
    draft.choices.filter(kind="own").update(strength=strength)
    assert (found(draft, "strength-beyond-its-facts") == []) is stands


# --- figures, and where they may hide -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("where", "put"),
    [
        ("Title", lambda d: type(d).objects.filter(pk=d.pk).update(title="Dry in three days")),
        ("Summary", lambda d: type(d).objects.filter(pk=d.pk).update(summary="Dry in three days.")),
        ("Short name", lambda d: type(d).objects.filter(pk=d.pk).update(short="Dry in 3 days")),
        ("Heading", lambda d: d.sections.filter(anchor="timing").update(heading="Dry in three days")),
        (
            "Key fact “Starts”",
            lambda d: d.roles.filter(role="starts").update(claim=None, gap="Ask us: maybe three days."),
        ),
        (
            "Choice “Doing nothing”",
            lambda d: d.choices.filter(kind="nothing").update(risks="Three bad days."),
        ),
        (
            "Choice “Doing nothing, Palms”",
            lambda d: d.choices.filter(kind="nothing").update(problem="Palms", what="Three days off"),
        ),
        (
            "Picture in “When it starts, peaks and fades”",
            lambda d: d.sections.filter(anchor="timing").update(
                picture=Picture.objects.create(
                    file="a.webp", alt="An arm after three days", shows_person=False
                )
            ),
        ),
    ],
)
def test_a_figure_is_found_wherever_the_page_says_it(draft, where, put):
    put(draft)
    draft = type(draft).objects.get(pk=draft.pk)
    assert [f.where for f in draft.findings() if f.rule == "unclaimed-figure"] == [where]


def test_a_figure_in_a_correction_is_found(answer):
    answer.correction = "We said that it lasts two years."
    assert found(answer, "unclaimed-figure") == ["We said that it lasts two years. [two years]"]


def test_a_patients_question_may_hold_what_the_clinic_may_not_say(answer):
    answer.title = "Will it cure me in 3 days for good?"
    answer.detail = "My friend was cured in 3 days, at $50 off."
    assert answer.findings() == []


def test_the_usual_headings_are_no_findings(draft):
    assert Section.objects.filter(document=draft, anchor="in-brief").exists()
    assert draft.heading_of(draft.sections.get(anchor="in-brief")) == "In one minute"
    assert found(draft, "unclaimed-figure") == []


def test_titles_of_sources_may_hold_figures(draft):
    source = Claim.objects.get(key="sweat-lasts").sources.get()
    source.title = "A 52-week trial of 322 adults, 2007"
    source.save()
    assert draft.findings() == []


@pytest.mark.parametrize(
    "trick",
    [
        "th\u00adree months",
        "three\u200b months",
        "⟪three months⟫",
        "⟦three months⟧",
        "three&nbsp;months",
        "<em>three</em> months",
    ],
)
def test_a_figure_cant_hide(draft, trick):
    write(draft, "timing", f"<p>It lasts [[sweat-lasts]]. Or it lasts {trick}.</p>")
    assert found(draft, "unclaimed-figure")


def test_markup_in_a_title_hides_no_figure(draft):
    draft.title = 'Dry <span class="claim" data-claim="x">in three days</span>'
    assert found(draft, "unclaimed-figure")


@pytest.mark.parametrize(
    "mark", ["[[sweat-lasts", "sweat-lasts]]", "[[two words]]", "[sweat-lasts]", "((24 <em>hours</em>))"]
)
def test_a_broken_mark_is_found(draft, mark):
    write(draft, "timing", f"<p>It lasts [[sweat-lasts]], or {mark} it does.</p>")
    assert "unknown-claim" in stops(draft)


# --- claims -------------------------------------------------------------------------------------------------


def test_a_benefit_without_a_comparison_group_says_so(draft, clinician):
    change("sweat-helps", comparator="none", comparator_low=None)
    check_again(clinician)
    assert stops(draft) == {"benefit-without-comparator"}
    change("sweat-helps", sentence="In a study (no comparison group) 60% were better.")
    check_again(clinician)
    assert stops(draft) == set()


def test_a_benefit_cant_keep_its_figure_in_words_alone(draft, clinician):
    change(
        "sweat-helps",
        comparator="",
        comparator_low=None,
        low=None,
        sentence="Nine in ten people were better.",
    )
    check_again(clinician)
    assert stops(draft) == {"benefit-without-comparator"}


def test_a_superseded_source_of_a_licence_is_found(draft):
    source = Licence.objects.filter(use__in=draft.uses.all()).first().source
    source.status = "retracted"
    source.save()
    assert found(draft, "superseded-source") == [f"{source.key}: {source.title} (retracted; licence status)"]


@pytest.mark.parametrize(
    ("values", "disagree"),
    [
        ({"low": 80}, True),
        ({"low": 20, "high": 50}, True),
        ({"low": 50, "high": 70}, False),
        ({"low": 80, "population": "children"}, False),
        ({"low": 80, "country": "CA"}, False),
        ({"low": 80, "at_days": 28}, False),
        ({"low": 80, "measure": "something else"}, False),
    ],
)
def test_claims_disagree_where_ranges_on_one_thing_dont_overlap(draft, values, disagree):
    factories.claim(
        "other", **{"measure": "better in sweat", "unit": "percent", "population": "adults", **values}
    )
    assert bool(found(draft, "claims-that-disagree")) is disagree


def test_times_are_compared_across_units(draft, clinician):
    change("sweat-lasts", measure="lasts", low=3, unit="months", population="adults")
    check_again(clinician)
    other = factories.claim("other", measure="lasts", low=13, unit="weeks", population="adults")
    assert len(found(draft, "claims-that-disagree")) == 1  # 91.3 days and 91: a range would hold both
    Claim.objects.filter(pk=other.pk).update(low=12, high=14)
    assert found(draft, "claims-that-disagree") == []


def test_a_heading_in_how_it_works_needs_no_claim(draft):
    write(draft, "how-it-works", "<h3>In the skin</h3><p>It lasts [[sweat-lasts]].</p>")
    assert draft.findings() == []


@pytest.mark.parametrize(
    ("sentence", "is_listed"),
    [
        ("It lifts the face.", True),
        ("It lifts it", True),
        ("Ask the clinic which brand it uses.", False),
        ("Bring a list of your medicines.", False),
        ("What could go wrong?", False),
        ("Sore spots.", False),
        ("Tell us before you start:", False),
    ],
)
def test_what_rests_on_the_writers_word_is_laid_before_the_signer(draft, sentence, is_listed):
    write(draft, "timing", f"<p>{sentence}</p><p>It lasts [[sweat-lasts]].</p>")
    assert found(draft, "statement-without-claim") == [sentence] * is_listed


def test_a_statement_names_the_words_that_claim_a_frequency_or_an_authority(draft):
    write(draft, "timing", "<p>Experts usually agree. It lasts [[sweat-lasts]].</p>")
    assert found(draft, "statement-without-claim") == ["Experts usually agree. [“experts”, “usually”]"]


def test_a_policy_page_may_state_and_offer(draft):
    page = Page(
        kind="policy",
        slug="x",
        title="Terms",
        parts=(Part(anchor="a", heading="A", html="<p>A friend gets $50 credit. It is so.</p>"),),
    )
    assert examine(Draft(page=page, is_medical=False)) == []


def test_sentences_are_shown_as_they_were_typed():
    html = (
        '<p>It is <span class="claim" data-claim="a-b">small<sup class="ref"><a '
        'href="#source-1">1</a></sup></span> now. '
    )
    html += '<span class="claim" data-claim="c">It fades.<sup class="ref">2</sup></span> '
    html += 'Ring <span class="practical">24 hours</span> before.</p>'
    told = Text("Somewhere", html).sentences()
    assert [s.shown for s in told] == ["It is [[a-b]] now.", "[[c]].", "Ring ((24 hours)) before."]
    assert [s.claims for s in told] == [("a-b",), ("c",), ()]
    assert [s.own for s in told] == ["It is … now.", "….", "Ring … before."]


# --- structure ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "in_order"),
    [
        ("<h3>One</h3><h4>Two</h4><h3>Three</h3>", True),
        ("<h3>One</h3><h3>Two</h3>", True),
        ("<h4>One</h4>", False),
        ("<h3></h3>", False),
        ("<h3>One</h3><h4> </h4>", False),
    ],
)
def test_headings_stand_in_order(draft, body, in_order):
    write(draft, "timing", f"{body}<p>It lasts [[sweat-lasts]].</p>")
    assert ("heading-order" not in stops(draft)) is in_order


@pytest.mark.parametrize(
    ("words", "says_where"),
    [
        ("how long jaw treatment lasts", True),
        ("About us", True),
        ("Side effects", True),
        ("click here", False),
        ("Click here to read more!", False),
        ("here", False),
        ("Find out more", False),
        ("This page", False),
        ("https://clinic.example/x", False),
        ("www.clinic.example", False),
        ("", False),
    ],
)
def test_links_say_where_they_go(draft, words, says_where):
    write(draft, "timing", f'<p>It lasts [[sweat-lasts]]: <a href="/x/">{words}</a>.</p>')
    assert ("link-text" not in stops(draft)) is says_where


def test_a_decorative_picture_needs_no_description(draft):
    picture = Picture.objects.create(
        file="arm.webp", width=2, height=2, is_decorative=True, shows_person=False
    )
    draft.sections.filter(anchor="timing").update(picture=picture)
    assert draft.findings() == []


@pytest.mark.parametrize(
    ("person", "ends_in", "stopped"),
    [
        (None, None, True),
        (False, None, False),
        (True, None, False),
        (True, 0, False),
        (True, -1, True),
        (False, -1, False),
    ],
)
def test_a_person_is_shown_as_long_as_they_agreed_to(draft, person, ends_in, stopped):
    until = None if ends_in is None else timezone.localdate() + timedelta(days=ends_in)
    picture = Picture.objects.create(
        file="arm.webp",
        width=2,
        height=2,
        alt="An arm",
        shows_person=person,
        consent="A. P.",
        consent_until=until,
    )
    draft.sections.filter(anchor="timing").update(picture=picture)
    assert stops(draft) == ({"picture-of-a-person"} if stopped else set())


# --- words --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sentence",
    [
        "It cures sweat.",
        "A cure at last.",
        "It will be curing you.",
        "Wrinkles are erased.",
        "A permanent change.",
        "Sweat is gone for good.",
        "The treatment is safe.",
        "It is completely safe and effective.",
        "Results are guaranteed.",
        "It has no side effects.",
        "It works without any side-effects.",
        "It is side-effect-free.",
        "There is no risk.",
        "A risk-free visit.",
        "It is painless.",
        "It takes years off your face.",
        "You lose ten years off your age.",
        "You will look years younger.",
        "The best clinic in town.",
        "We are the best to ask.",
        "This is our best to date.",
        "The leading clinic.",
        "A long-term solution.",
        "A lasting answer to sweat.",
        "Botox is the solution.",
        "It stops sweat.",
        "It can stop the pain.",
        "It keeps working and stops nerves from firing.",
        "It does hurt, but it cures.",
        "It is not only a help, it cures.",
        "It gets rid of lines.",
        "Lines are eliminated.",
        "Lines vanish.",
        "Instant results.",
        "A miracle for your skin.",
        "Do you want to be rid of it for ever? Try it: it is safe.",
    ],
)
def test_a_word_that_promises_too_much_is_found(sentence):
    assert banned_in(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "It is not a cure.",
        "There is no cure.",
        "It won't cure migraine.",
        "Nobody can guarantee a result.",
        "No result is guaranteed.",
        "The change is not permanent.",
        "It does not take the trouble away for good.",
        "That does not mean there is no risk.",
        "It is safe for most people.",
        "Wait until it is safe to drive.",
        "Ask whether it is safe with your medicines.",
        "Will it stop me grinding my teeth?",
        "It stops working after a while.",
        "Do not stop taking your tablets.",
        "You can stop the treatment.",
        "Stop driving if you feel weak.",
        "The effect is at its best later.",
        "Use it best before the date.",
        "It is best to leave hard exercise for a day.",
        "It’s best not to lie down.",
        "At best it helps a little.",
        "It can dry the eye, leading to sore eyes.",
        "A secure place.",
        "That is so for good reason.",
        "The answer is no.",
    ],
)
def test_an_honest_sentence_is_left_alone(sentence):
    assert banned_in(sentence) == []


@pytest.mark.parametrize(
    "words", ["Refer a friend!", "Now 20% off.", "£30 discount today.", "A free consultation."]
)
def test_offers_are_found(draft, words):
    write(draft, "timing", f"<p>It lasts [[sweat-lasts]]. {words}</p>")
    assert "offer" in stops(draft)


def test_a_price_is_no_offer(draft):
    write(draft, "timing", "<p>It lasts [[sweat-lasts]] and costs $400.</p>")
    assert stops(draft) == set()


def test_a_brand_may_stand_beside_the_medicine(draft, clinician):
    write(draft, "timing", "<p>Botulinum toxin (one brand is Botox) lasts [[sweat-lasts]].</p>")
    assert draft.findings() == []


def test_lines_outside_editions_are_held_to_figures_and_words():
    assert complaints("Calm care, close to home") == []
    assert len(complaints("The best clinic. Dry in three days.")) == 2
