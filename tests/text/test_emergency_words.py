"""Words of danger, as people type them; and those that sound like it and are harmless."""

import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given

from clinic_site.publishing import starter
from clinic_site.text.emergency_words import SIGNS, names_danger, signs_in
from tests.text.disguises import disguised, patient

ROOT = Path(starter.__file__).parents[2]
URGENT = tomllib.loads((ROOT / "publishing/starter/urgent-help.toml").read_text(encoding="utf-8"))
DANGER = [
    line
    for line in """
trouble swallowing
I can’t breathe
lockjaw
I cannot speak
slurred speech
CHOKING
cant breath
throat closing
I can't swallow
drooling
face drooping
slurred
not able to talk
double vision
voice gone
face swelling
swollen lips
my tongue is swollen
worst headache of my life
chest pain with sweating
fainting
I fainted
can not speak
can`t speak
diﬃcult to speak
I am not able to talk
cant breethe
trouble swollowing
call 911 swallowing
Trouble breathing
Trouble swallowing or speaking
New weakness all over your body
Double or blurred vision with drooping eyelids
Loss of control of your bladder
Signs of a severe allergy: a wheeze, a swollen face or feeling faint
a wheeze
a swollen face
feeling faint
hoarseness
change or loss of voice
i cant talk
can no longer swallow
hard to breathe
difficulty breathing
breathing problems
short of breath
shortness of breath
out of breath
struggling to breathe
no fit breathe
cannae breathe
food stuck in throat
lump in my throat
throat feels tight
tight throat
my throat is swelling up
cant swalow
dificulty swallowing
can't get my words out
words wont come out
my speech is funny and slurred
lost my voice
voice is hoarse
cant see
blurry vision
seeing double
vision went blurry
my arms and legs are weak
weak all over
can't lift my head
can't move my arm
i wet myself
cant hold my pee
lost bladder control
incontinent since the injection
hives all over
allergic reaction
anaphylaxis
passed out
blacked out
light-headed
light headed
sudden severe headache
thunderclap headache
headache with stiff neck
headache and confusion
tight chest
chest tightness
heart attack
face droop one side
my mouth is drooping on one side
one side of my face dropped
dribbling
saliva running out of my mouth cant control
wheezing
I can't breath properly
breathing is getting harder
I couldn't breathe last night
not breathing
he stopped breathing
unable to swallow
I am talking funny
floppy neck
my head drops forward
headache after a bump on the head
I fell and have a headache
suicidal
I want to die
kill myself
end my life
no puedo respirar
my legs gave way
my legs wont work
legs like jelly
I cant stand up
too weak to get out of bed
everything is blurry
two images of everything
mom sounds drunk
my husband is talking gibberish
face has blown up like a balloon
my lips are huge
lips going blue
thunder clap headache
fell and banged my head
i peed my pants
coughing when I eat
I cough every time I drink
hard to get food down
gagging on food
something sitting on my chest
crushing pain down left arm
I can't smile on one side
pins and needles down one side
I want to end it all
I am scared I might be dying
woozy and about to fall
covered in welts
wind pipe closing
respiratory distress
ich kann nicht atmen
no puedo tragar
difficulté à respirer
je ne peux pas avaler
struggle to swallow
having trouble talking
trouble with speech
difficulty in speaking
not able to swallow
cannot eat or drink
can't open my mouth
eyes drooping and double vision
feel like passing out
collapsed
not being able to speak
could not talk
cudnt breathe
can't brethe
swollowing problem
throte closing
my throat is closing up
tongue swelling
face is swollen
eyes swollen shut
lips swelling
ambulance
Ｉ ｃａｎｔ ｂｒｅａｔｈｅ
i cаnt brеathe
sweating and chest pain
chest pain that spreads to the jaw
A sudden, extremely painful headache
A headache with loss of vision, drowsiness, confusion or a red eye
heavy sweating comes with chest pain, light-headedness
severe headache with a sore scalp
drooping lids and trouble swallowing
i am choking
can barely speak
can hardly breathe
hurts to swallow
water comes out of my nose when I drink
my words are slurring
new weakness
muscle weakness all over
weakness in arms
loss of vision
having a stroke
swallowing is hard
speaking is difficult
can t breathe
fighting for breath
gasping for air
not getting enough air
voice change
lost control of bladder
trouble seeing
cant catch my breath
""".strip().splitlines()
    if line
]
HARMLESS = [
    line
    for line in """
does it hurt
my mum had a stroke years ago can I have it
i'm dying to try it
pay by phone 999 dollars
can't see myself having it
I want smaller lips not huge ones
how to get rid of the tension in my legs
can I eat and drink before
stand up comedy
cough medicine
blue jeans
is the water cold
speech therapy
I fell asleep with a headache
I want to die my hair
head drop-in clinic
mal de tête
Can I speak to somebody?
talk to a nurse
jaw pain
Do you have a lift?
Is there a lift?
swallow bird
swallow tattoo
horse riding after botox
difficulty taking time off
spelling of my name is wrong on the page
I'm going to see my friend at your clinic
hard to see you on the map
head and scalp sweating
what can't I drink after botox
what can I not eat after
do you numb the hands before palm injections
numbing cream on face
there is no air conditioning
112 King Street
it costs $999
in the wind
side effects drop
heart-shaped face flattering
my emergency contact
I cannot take Friday
can't say enough good things
no voice mail please
I can't hear you on the phone
cannot stand the sweating
can not come on Monday
did not call back
two sessions eye area
close my account
neck tightness
tight neck bands
tight smile
blurry photo on your page
double booking
stop grinding teeth at night
lost weight face
swollen jaw muscle
eyelid droop after botox
uneven smile
is a headache normal after
sore injection site
pain at injection site
chest sweating
heart condition and botox
asthma and botox
stroke patients botox
latex allergy
speech therapist
public speaking sweat
I sweat when I speak
voice over artist botox
swallow pills before
when can I eat
does it hurt to breathe through nose after
eyelid twitch
treatment for drooping eyelid
drooping eyelid
bad breath
breathing exercises
faint lines around mouth
faint scar
sweaty hands
sweating
migraine
chronic migraine treatment
severe migraine treatment
headache after botox
I can't wait
can't find the price
cannot see results
can't see any difference
when will I see results
double chin
double chin treatment
face lift
droopy mouth corners treatment
neck bands
overactive bladder treatment
how much does it cost
can I drink alcohol after
no drinking before treatment
I can't speak English
speak to reception
can't talk to reception until Monday
teeth grinding
jaw clicking
tight jaw
swelling after treatment
bruising
weak chin
numbing cream
does it hurt
close to home
opening hours
what time do you close
chest hair
voice mail
cannot log in
trouble finding the door
hard to find you
difficult to park
problem with my booking
I have no trouble swallowing
can't make my appointment
lost my referral code
my code is lost
blocked pores
skin tightening
fuzzy photo
two treatments at the same time
how does botox work on muscles
can it stop sweating
allergy to eggs
choker necklace
afraid of needles
body odour
armpit sweating stop
vision of the clinic
eye test
words on our pages
heart-shaped face
mouth ulcers
side effects
wake up with headache
tired
no more headaches
shallow lines
is it safe
Refer a friend
credit gone
my reward is gone
smile lines
gummy smile
weekday mornings after 9
face slimming
lip flip
emerge
stop smoking
nose tip droop
drooping nose tip
eyebrow drop
dropped eyebrow after botox
red eye
eye pain
hand sweating
sweaty feet
feet hurt
pain in jaw
jaw hurts when chewing
talk about prices
say hello
tongue tie
frown lines
hold my place
wheelchair
lift access
walk in appointments
can I walk in without appointment
can I fly after
Not possible on Mondays
It is impossible to reach you by phone
phone not working
cannot open the link
can't open the form
""".strip().splitlines()
    if line
]


@pytest.mark.parametrize("words", DANGER)
def test_words_of_danger(words):
    assert names_danger(words)
    assert names_danger(f"Hello, I was at your clinic on Monday. {words}. What should I do?")
    assert names_danger(words.upper())


@pytest.mark.parametrize(
    "words", ["swallow", "breathing", "swallowing after botox", "my breathing", "stroke", "seizure"]
)
def test_a_word_alone_asks_about_nothing_else(words):
    assert names_danger(words)


@pytest.mark.parametrize("words", HARMLESS)
def test_harmless_words(words):
    assert signs_in(words) == []


def test_ordinary_searches_are_harmless():
    searches = tomllib.loads((Path(__file__).parents[1] / "search/searches.toml").read_text(encoding="utf-8"))
    for row in searches["search"]:
        assert signs_in(row["query"]) == [], row["query"]


_SAME_SIGN = re.compile(r"(?:with|without|changed|gone|new|lost)\b")  # goes on with what stands before


def _parts(sign: str) -> list[str]:
    """What a sign of the urgent text names: "Trouble swallowing or speaking" is two."""
    sign = re.sub(r"\[\[.*?\]\]", "", sign)
    _, _, listed = sign.partition(":")
    parts: list[str] = []
    for part in re.split(r",\s*(?:or\s+|and\s+)?|\s+or\s+(?=an?\b|feeling\b|losing\b)", listed or sign):
        if parts and _SAME_SIGN.match(part):
            parts[-1] += f", {part}"
        elif trouble := re.match(r"(trouble|difficulty|problems?)\s+(.*)", part.strip(), re.I):
            parts += [f"{trouble[1]} {what}" for what in re.split(r"\s+(?:or|and)\s+", trouble[2])]
        else:
            parts.append(part.strip())
    return [part for part in parts if part]


@pytest.mark.parametrize("sign", [*URGENT["signs"], *URGENT.get("emergencies", [])])
def test_every_sign_of_the_urgent_text_has_words(sign):
    """A sign that is added to the urgent text gets its words in emergency_signs.toml."""
    assert names_danger(sign)
    for part in _parts(sign):
        assert names_danger(part), f"“{part}” of “{sign}” brings no notice: give it words"


def _emergencies() -> list[str]:
    """Sentences of the starter claims that send somebody to the emergency number."""
    found = []
    for file in sorted((ROOT / "evidence/starter").glob("claims-*.toml")):
        for claim in tomllib.loads(file.read_text(encoding="utf-8"))["claim"]:
            said = claim["sentence"]
            if re.search(r"\b911\b|emergency (?:help|number|services)|\bambulance\b", said):
                found.append(said)
    return found


@pytest.mark.parametrize("sentence", _emergencies())
def test_every_emergency_on_our_pages_has_words(sentence):
    asks = r"\b(?:911|ambulance|your local emergency number|emergency \w+)\b"
    assert names_danger(re.sub(asks, "", sentence, flags=re.I))


def test_each_sign_of_the_list_has_words():
    for sign in SIGNS:
        assert sign.alone or sign.near, sign.name
        assert names_danger(sign.name) or sign.name == "Somebody asks for help at once", sign.name


@patient
@given(disguised("I can't swallow and my throat is closing"))
def test_a_sign_in_other_characters_is_a_sign(text):
    assert names_danger(text)


def test_a_long_text_is_read_to_its_end():
    assert names_danger("All went well. " * 300 + "But now I can't breathe.")


def test_words_far_from_each_other_are_no_sign():
    assert not names_danger("It was hard to park. " + "The visit went well. " * 5 + "Then we had a talk.")
