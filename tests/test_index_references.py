from __future__ import annotations

import pytest

from index.references import is_reference


@pytest.mark.parametrize(
    "note",
    [
        "Ines Falk, ‘The harbours of the north’, Lorn Press, 2011.",
        "Falk, I. “A crane’s life”. Harbour Review, Vol. 3, No. 2, pp. 11-14.",
        "See also Tomas Brandt, Lorn revisited, Skarv Museum, 2019, p. 7.",
        "Ibid., p. 12.",
        "https://lorn.example/harbour/2014",
        "Tomas Brandt,",
        "Harbour News, 3 May 2014.",
        "Vgl. Ines Falk: „Der Hafen von Lorn“, Skarv 2011, S. 7.",
        "См. Фальк И. «Гавань Лорна». М., 2011. С. 7.",
    ],
)
def test_a_note_that_names_a_work_is_a_reference(note: str) -> None:
    assert is_reference(note)


@pytest.mark.parametrize(
    "note",
    [
        "The harbour was opened in 1911.",
        "Of the total, 15 million went to the crane and 10 million to the quay.",
        "Compare the reports of 2011 and 2014, which count the same ships twice.",
        "Brandt counted four trawlers in 2019; Falk had counted nine.",
        "In 2017, after the herring had moved north.",
        "In 2011, nine ships of Lorn.",
        "Members: Lorn, Skarv, Ulm and, from 2015, two towns on the southern coast.",
        "Die Gavan wurde 1911 eröffnet.",
        "В 2011 году в гавани стояло девять судов.",
        "该港口于1911年开放。",
    ],
)
def test_a_note_that_says_something_is_none(note: str) -> None:
    assert not is_reference(note)
