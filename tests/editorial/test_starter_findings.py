"""The count of what is left to judge on the starter content may only fall."""

from types import SimpleNamespace

from tests.editorial import starter_findings


def document(*findings):
    return SimpleNamespace(KIND="answer", slug="sun", findings=lambda: findings)


def finding(rule, stops=False):
    return SimpleNamespace(rule=rule, title=rule.title(), sentence="A sentence.", stops=stops)


def test_what_stops_is_told_and_the_rest_is_counted_by_rule():
    drafts = [document(finding("a"), finding("b", stops=True)), document(finding("a"), finding("c"))]
    assert starter_findings.counted(drafts) == (["answer/sun: B: A sentence."], {"a": 2, "c": 1})


def test_more_of_one_rule_is_not_made_good_by_fewer_of_another():
    assert starter_findings.risen({"a": 2, "b": 1}, {"a": 1, "b": 5, "c": 9}) == [
        "a: 2 findings, where 1 are kept"
    ]
    assert starter_findings.risen({"new": 1}, {}) == ["new: 1 findings, where 0 are kept"]
    assert starter_findings.risen({"a": 1}, {"a": 1}) == []
