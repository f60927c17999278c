"""What people ask after a result, about the visit and about words: wordings that no example has."""

from __future__ import annotations

import pytest

from backline.nlu.answer_finder import AnswerFinder
from tests.unit.nlu.conftest import asked_of

WORDINGS = {
    "one_massage": [
        "is a single massage enough for now?",
        "do I honestly need all four of them?",
        "could I simply try one and look how it goes?",
        "can I not just do the one?",
        "will one be enough for me?",
    ],
    "how_many_massages": [
        "how many massages would be right for me?",
        "how many of these massages do you want me to have?",
        "how many treatments will that be?",
    ],
    "massage_yes_or_no": [
        "so do I get the massage, yes or no?",
        "am I allowed the massage or not?",
        "so is it a yes or a no to the massage?",
    ],
    "length_of_a_massage": [
        "how long does the massage last?",
        "how many minutes is a massage?",
        "is a session an hour long?",
    ],
    "when_is_free": [
        "have you got any time on friday?",
        "could I come in tomorrow afternoon?",
        "is there an appointment left this week?",
        "is thursday still free?",
        "what days have you got?",
    ],
    "how_long_until_better": [
        "do you think I'll be right by Christmas?",
        "how long until my back is better?",
        "will it be gone by the time of our flight?",
        "when do you think it will be over?",
    ],
    "can_you_fix_it": [
        "can you get me right again?",
        "will it still be bad in another 20 years?",
        "will I have this for life?",
        "is it curable?",
    ],
    "rest_or_walk": [
        "should I lie down till then or keep walking?",
        "is it best to stay in bed?",
        "am I better off resting or moving about?",
        "can I walk around with it?",
    ],
    "outing": [
        "can I still go to my bingo night?",
        "is it ok to go to a party on saturday?",
        "can I go to a play at the theatre?",
    ],
    "sport": [
        "can he train on thursday, yes or no?",
        "can my boy play in the match on sunday?",
        "can she go to football practice?",
    ],
    "come_alone": [
        "do I need to bring my mum or can I just come?",
        "does my dad have to come with me?",
        "I'm 16, can I come on my own?",
    ],
    "what_is_chiropractic": [
        "what is a chiropractor, do they crack bones?",
        "is chiropractic the cracking thing?",
        "do I have to have my back cracked?",
    ],
    "what_is_a_spasm": ["what do you call a spasm?", "how would I know it's a spasm?"],
    "what_is_settled": ["settled? what does that mean?", "what do you mean by settled?"],
    "low_dose_aspirin": [
        "does my baby aspirin count as a thinner?",
        "is a low dose aspirin a blood thinner too?",
        "does 75 mg aspirin count?",
    ],
    "what_is_waterworks": ["what's this about the waterworks?", "waterworks? what do you mean?"],
    "is_there_a_human": ["is there any human there?", "is there a real human at all?"],
    "show_a_note": [
        "can I show ye a note from the midwife?",
        "is a letter from my doctor any good?",
    ],
    "vouchers": ["have you got vouchers?", "can I get a voucher for my wife?"],
    "parking": ["have you got parking?", "where could we leave the car?"],
    "pets": ["can my dog come with me?", "am I allowed to bring the dog in?"],
    "access": ["is there a lift in the building?", "can I get in with a wheelchair?"],
    "ways_to_pay": ["can I pay with a card?", "do you accept cash?"],
    "can_it_wait": [
        "can I wait until thursday? yes or no please",
        "I asked about thursday, yes or no?",
        "is it ok if I go on thursday?",
        "would it be alright to leave it till the weekend?",
        "can I just take Tylenol and see how it goes until Friday?",
    ],
    "whom_to_see": [
        "I should see which doctor?",
        "to which doctor must I go?",
        "what doctor do I go to for this?",
    ],
}


@pytest.mark.parametrize(
    ("text", "name"), [(text, name) for name, texts in WORDINGS.items() for text in texts]
)
def test_a_wording_that_is_no_example_finds_its_answer(
    finder: AnswerFinder, text: str, name: str
) -> None:
    assert name in asked_of(finder, text)


@pytest.mark.parametrize(
    "text",
    [
        "it is free of pain in the morning",
        "my mum has the same",
        "I had one massage and it helped",
        "I have had no spasms",
        "I take aspirin for my heart",
        "the dog pulled me over",
        "I work at a car park",
        "my waterworks are fine",
        "are you a real person?",
        "is this chat free?",
        "how much is one massage?",
        "do you do acupuncture?",
        "can I talk to a person please",
    ],
)
def test_what_only_sounds_like_it_finds_none_of_them(finder: AnswerFinder, text: str) -> None:
    assert not set(asked_of(finder, text)) & set(WORDINGS)
