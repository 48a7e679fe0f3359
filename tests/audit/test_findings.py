"""The audit itself: it finds what it says it looks for."""

import pytest

from tests.audit import keyboard
from tests.audit.looking import WITHOUT_AN_EDGE, Wire, look_at_the_layout, weigh
from tests.audit.pages import Page

pytestmark = pytest.mark.browser

BAR = (
    "<p style='position:fixed; inset:0 0 auto; height:120px; background:#fff; margin:0'>A bar that stays</p>"
)


@pytest.fixture
def tab(browser):
    context = browser.new_context(viewport={"width": 320, "height": 600}, reduced_motion="reduce")
    yield context.new_page()
    context.close()


def walked(tab, html: str) -> list[str]:
    tab.set_content(
        f"<style>:focus-visible {{ outline: 3px solid; outline-offset: 3px }}</style><body>{html}</body>"
    )
    page = Page("/")
    keyboard.walk(tab, page, "here")
    return list(page.found["keyboard"])


def laid_out(tab, html: str) -> list[str]:
    tab.set_content(f"<main>{html}</main>")
    page = Page("/")
    look_at_the_layout(tab, page, "here")
    return list(page.found["too wide"])


def test_a_sound_page_is_walked_through_in_silence(tab):
    far = "<p style='height:2000px'>Long</p>"
    folded = "<details><summary>More</summary><a href='#c'>Within</a></details>"
    choice = "<input type=radio name=a aria-label=one><input type=radio name=a aria-label=two>"
    assert (
        walked(
            tab,
            f"<a href='#a'>First</a>{far}<button>Second</button>{folded}{choice}<a href='#d' hidden>None</a>",
        )
        == []
    )


@pytest.mark.parametrize(
    ("html", "complaint"),
    [
        ("<a href='#a' style='outline:0'>Unseen</a>", "has no outline"),
        ("<a href='#a' style='outline-color:transparent'>Unseen</a>", "transparent"),
        ("<button>One</button><button tabindex=2>Two</button>", 'Tab should reach <button tabindex="2">Two'),
        (
            "<button onblur='this.focus()'>Trap</button><a href='#a'>Next</a>",
            'Tab should reach <a href="#a">Next',
        ),
        ("<a href='#a' style='position:absolute; left:-999px'>Away</a>", "off the screen"),
        (f"{BAR}<a href='#a'>Under the bar</a>", "it lies under p."),
        (
            "<div style='overflow:hidden; width:99px'><a href='#a' style='display:block'>Cut</a></div>",
            "cut off by div",
        ),
    ],
)
def test_what_stands_in_the_way_of_a_keyboard_is_found(tab, html, complaint):
    assert any(complaint in found for found in walked(tab, html))


def test_words_that_run_off_the_side_or_are_cut_off_are_found(tab):
    assert laid_out(tab, "<p>Short</p>") == []
    assert "px" in laid_out(tab, "<p style='width:400px'>Wide</p>")[0]
    for size in ("width:50px; white-space:nowrap", "height:20px"):
        assert "p.cut is cut off" in laid_out(
            tab, f"<p class='cut' style='overflow:hidden; {size}'>{'Many words. ' * 9}</p>"
        )
    # what scrolls is all there
    assert laid_out(tab, f"<p style='overflow:auto; height:20px'>{'Many words. ' * 9}</p>") == []


def test_a_button_that_its_ground_alone_shows_is_found(tab):
    tab.set_content(
        "<button style='border:0; background:green'>Flat</button><button>Sound</button><input type=checkbox>"
    )
    assert len(tab.evaluate(WITHOUT_AN_EDGE)) == 1


def test_a_first_view_is_weighed_without_its_photographs(tab):
    def answer(route):
        kind = {"a": ("text/css", 95_000), "b": ("image/webp", 90_000)}.get(route.request.url[-1])
        if kind is None:
            links = "<link rel=stylesheet href='/a'><img src='/b'>" + "".join(
                f"<img src='/{n}.svg'>" for n in range(12)
            )
            return route.fulfill(content_type="text/html", body=links)
        return route.fulfill(content_type=kind[0], body="a" * kind[1])

    page, wire = Page("/treatments/jowls/"), Wire(tab.context.new_cdp_session(tab))
    tab.route("**/*", answer)
    tab.goto("http://clinic.example/treatments/jowls/")
    weigh(page, wire)
    assert 95_000 < page.bytes < 150_000
    assert page.requests == 14
    assert [finding.split()[-1] for finding in page.found["weight"]] == ["many", "requests"]


def test_a_page_of_its_own_may_be_indexed_and_no_other():
    own = '<link rel="canonical" href="https://clinic.example/blog/">'
    assert Page("/blog/", html=own).may_be_indexed
    assert not Page("/blog/", html=own + '<meta name="robots" content="noindex">').may_be_indexed
    assert not Page("/blog/?after=x", html=own).may_be_indexed
    assert not Page("/blog/", 410, html=own).may_be_indexed
