"""Who may what in the admin: every address, and how it answers each kind of person.

`test_rights.py` holds the site to it.

A line: a room (a model, or "-" for pages of no model), the names of its views, and a mark for each kind of
person:

    o  opens, and what is sent is taken       .  refused (403)
    r  opens, and whatever is sent is refused  >  led to the sign-in
    -  there is nothing for them (404)
    v  opens, but the verb refuses: being a superuser is no role
"""

# Manager, Editor, Clinician, Front desk, a superuser without a role, staff without a role, a member, nobody
# signed in
USERS = ("manager", "editor", "clinician", "desk", "root", "roleless", "member", "nobody")

TABLE = """
# room, views                                                                   M E C D S n m -
- index password_change mail_and_calendar                                       o o o o o o > >
- view_on_site                                                                  - - - - - - > >
- referrals_desk                                                                r . . r r . > >
- referrals_late_mention                                                        o . . o v . > >
- referrals_report referrals_report_csv                                         r . . . r . > >
- claim_search                                                                r r r . r . > >
- password_change_done jsi18n                                                   r r r r r r > >
- autocomplete                                                                  r r r . r . > >
- guide                                                                         o o o o o o > >
- guide_sheets                                                                  o o o o o o > >
- app_list                                                                      o o o - o - > >
- login logout                                                                  o o o o o o o o
blog.answer check compare preview preview_page changelist add history delete change   o o o . o . > >
blog.answer submit withdraw                                                     o o o . . . > >
blog.topic changelist add history delete change                                 o o o . o . > >
clinic.accreditation changelist add history delete change                       o o . . o . > >
clinic.details changelist history change                                        o o . . o . > >
clinic.details add delete                                                       . . . . . . > >
notifications.mail again                                                        o . . o . . > >
notifications.mail changelist history                                           o . . o o . > >
notifications.mail add delete                                                   . . . . . . > >
notifications.mail change                                                       r . . r r . > >
clinic.message answered not-answered                                            o . . o . . > >
clinic.message changelist history                                               o . . o o . > >
clinic.message add delete                                                       . . . . . . > >
clinic.message change                                                           r . . r r . > >
visits.visitrequest reached booked came closed                                  o . . o . . > >
visits.visitrequest changelist history                                          o . . o o . > >
visits.visitrequest add delete                                                  . . . . . . > >
visits.visitrequest change                                                      r . . r r . > >
clinic.policy check compare preview preview_page changelist add history delete        o o . . o . > >
clinic.policy change                                                            o o . . o . > >
clinic.policy submit withdraw                                                   o o . . . . > >
search.synonym changelist add history delete change                             o o . . o . > >
clinic.testimonial changelist add history delete change                         o o . . o . > >
evidence.claim check                                                            . . o . . . > >
evidence.claim lift                                                             o . o . . . > >
evidence.claim stop submit-batch                                                o o o . . . > >
evidence.claim changelist add history delete change                             o o o . o . > >
evidence.source changelist add history delete change                            o o o . o . > >
evidence.source submit-batch                                                    o o o . . . > >
evidence.use changelist add history delete change                               o o o . o . > >
notices.notice check compare preview preview_page changelist add history delete       o o . . o . > >
notices.notice change                                                           o o . . o . > >
notices.notice submit withdraw                                                  o o . . . . > >
publishing.edition compare preview preview_page changelist history              o o o . o . > >
publishing.edition sign send-back                                               . . o . . . > >
publishing.edition publish restore                                              o . o . . . > >
publishing.edition withdraw preview-link take-back                              o o o . . . > >
publishing.edition add delete                                                   . . . . . . > >
publishing.edition change                                                       r r r . r . > >
publishing.previewlink take-back                                                o o o . . . > >
publishing.previewlink changelist history                                       o o o . o . > >
publishing.previewlink add delete                                               . . . . . . > >
publishing.previewlink change                                                   r r r . r . > >
publishing.picture changelist add history delete change                         o o o . o . > >
publishing.stop lift                                                            o . o . . . > >
publishing.stop changelist history                                              o o o . o . > >
publishing.stop add delete                                                      . . . . . . > >
publishing.stop change                                                          r r r . r . > >
publishing.batch sign send-back                                                 . . o . . . > >
publishing.batch changelist history                                             o o o . o . > >
publishing.batch add delete                                                     . . . . . . > >
publishing.batch change                                                         r r r . r . > >
publishing.urgenthelp changelist history change                                 o o o . o . > >
publishing.urgenthelp add delete                                                . . . . . . > >
publishing.beforetreatment changelist history change                            o o o . o . > >
publishing.beforetreatment add delete                                           . . . . . . > >
referrals.account redeem                                                        o . . o . . > >
referrals.account adjust                                                        o . . . . . > >
referrals.account changelist history                                            o . . o o . > >
referrals.account add delete                                                    . . . . . . > >
referrals.account change                                                        r . . r r . > >
referrals.adjustment approve turn-down                                          o . . . . . > >
referrals.adjustment changelist history                                         o . . . o . > >
referrals.adjustment add delete                                                 . . . . . . > >
referrals.adjustment change                                                     r . . . r . > >
referrals.member confirm                                                        o . . o . . > >
referrals.member changelist history                                             o . . o o . > >
referrals.member add delete                                                     . . . . . . > >
referrals.member change                                                         r . . r r . > >
referrals.referral attended declined                                            o . . o . . > >
referrals.referral changelist history                                           o . . o o . > >
referrals.referral add delete                                                   . . . . . . > >
referrals.referral change                                                       r . . r r . > >
referrals.reversal changelist history                                           o . . . o . > >
referrals.reversal add delete                                                   . . . . . . > >
referrals.reversal change                                                       r . . . r . > >
referrals.switch changelist add history                                         o . . . o . > >
referrals.switch delete                                                         . . . . . . > >
referrals.switch change                                                         r . . . r . > >
referrals.terms changelist add history                                          o . . . o . > >
referrals.terms delete                                                          . . . . . . > >
referrals.terms change                                                          r . . . r . > >
referrals.transfer receipt changelist history                                   o . . o o . > >
referrals.transfer reverse                                                      o . . . . . > >
referrals.transfer add delete                                                   . . . . . . > >
referrals.transfer change                                                       r . . r r . > >
accounts.invitation again take-back                                             o . . . . . > >
accounts.invitation changelist add history                                      o . . . o . > >
accounts.invitation delete                                                      . . . . . . > >
accounts.invitation change                                                      r . . . r . > >
audit_log.auditentry changelist history                                         o . . . o . > >
audit_log.auditentry add delete                                                 . . . . . . > >
audit_log.auditentry change                                                     r . . . r . > >
accounts.user personal_data                                                     o . . . . . > >
accounts.user new-password reset-second-factor                                  o . . . . . > >
accounts.user changelist history change                                         o . . . o . > >
accounts.user add delete                                                        . . . . . . > >
treatments.overview check compare preview preview_page changelist history delete      o o o . o . > >
treatments.overview change                                                      o o o . o . > >
treatments.overview submit withdraw                                             o o o . . . > >
treatments.overview add                                                         . . . . . . > >
treatments.treatment check compare preview preview_page changelist add history        o o o . o . > >
treatments.treatment delete change                                              o o o . o . > >
treatments.treatment submit withdraw                                            o o o . . . > >
"""


def parsed() -> dict[str, dict[str, str]]:
    """{"blog.answer change": {"manager": "o", …}, …}"""
    lines = {}
    for line in filter(None, map(str.strip, TABLE.splitlines())):
        if line.startswith("#"):
            continue
        room, *rest = line.split()
        views, marks = rest[: -len(USERS)], rest[-len(USERS) :]
        for view in views:
            assert f"{room} {view}" not in lines, f"There are two lines for {room} {view}"
            lines[f"{room} {view}"] = dict(zip(USERS, marks, strict=True))
    return lines


def opened_by(view: str) -> dict[str, set[str]]:
    """By model: which kinds of people open that view of it."""
    return {
        name.split()[0]: {kind for kind, mark in marks.items() if mark in "orv"}
        for name, marks in parsed().items()
        if name.split()[1] == view and "." in name
    }
