from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.lexical import MOST_TERMS, LexicalIndex
from index.store import Store
from index.types import Alignment, Document, Metadata, Passage, Run, Sentence
from index.words import LONGEST, analyse

LIGHTHOUSES = {
    "en": "The lighthouse on Gull Point was built in 1871. Its keeper lit twelve lamps each evening.",
    "de": "Der Leuchtturm auf der Möweninsel wurde 1871 gebaut. Seine Wärter zündeten jeden Abend zwölf Lampen an.",
    "ru": "Маяк на Чайкином мысу построили в 1871 году. Смотритель зажигал двенадцать ламп каждый вечер.",
    "zh": "海鸥岬的灯塔建于1871年。守塔人每天傍晚点亮十二盏油灯。",
    "ja": "カモメ岬の灯台は1871年に建てられた。灯台守は毎晩十二個のランプをともした。",
    "ko": "갈매기곶 등대는 1871년에 세워졌다. 등대지기는 매일 저녁 등불 열두 개를 켰다.",
    "el": "Ο φάρος στο ακρωτήρι των Γλάρων χτίστηκε το 1871. Ο φαροφύλακας άναβε δώδεκα λυχνάρια κάθε βράδυ.",
    "ar": "بُنيت المنارة على رأس النورس عام ١٨٧١. كان الحارس يشعل اثني عشر مصباحًا كل مساء.",
    "he": "המגדלור בכף השחפים נבנה בשנת 1871. השומר הדליק שנים עשר פנסים בכל ערב.",
    "hi": "गल अंतरीप का प्रकाशस्तंभ 1871 में बना था। रखवाला हर शाम बारह दीपक जलाता था।",
    "th": "ประภาคารที่แหลมนกนางนวลสร้างขึ้นในปี 1871 ผู้ดูแลจุดตะเกียงสิบสองดวงทุกเย็น",
}
MARKETS = {
    "en": "The cheese market of Lorn opens at six. Farmers bring goats on the first Monday.",
    "de": "Der Käsemarkt von Lorn öffnet um sechs Uhr. Bauern bringen am ersten Montag ihre Ziegen mit.",
    "ru": "Сырный рынок в Лорне открывается в шесть. Фермеры приводят коз в первый понедельник.",
    "zh": "洛恩的奶酪市场六点开门。农民在第一个星期一带来山羊。",
    "ja": "ローンのチーズ市場は六時に開く。農家は最初の月曜日に山羊を連れてくる。",
    "ko": "로른의 치즈 시장은 여섯 시에 문을 연다. 농부들은 첫 월요일에 염소를 데려온다.",
    "el": "Η αγορά τυριών της Λορν ανοίγει στις έξι. Οι αγρότες φέρνουν κατσίκες την πρώτη Δευτέρα.",
    "ar": "يفتح سوق الجبن في لورن عند السادسة. يجلب المزارعون الماعز في أول يوم اثنين.",
    "he": "שוק הגבינות של לורן נפתח בשש. האיכרים מביאים עזים ביום שני הראשון.",
    "hi": "लॉर्न का पनीर बाज़ार छह बजे खुलता है। किसान पहले सोमवार को बकरियाँ लाते हैं।",
    "th": "ตลาดชีสของลอร์นเปิดหกโมงเช้า เกษตรกรพาแพะมาในวันจันทร์แรก",
}
QUESTIONS = {  # other forms of the words than in the text, where the language has them
    "en": ("Who was keeping the lighthouses?", "Where are cheeses sold?"),
    "de": ("Wann baute man die Leuchttürme?", "Wann öffnen die Käsemärkte und wer bringt eine Ziege?"),
    "ru": ("Когда строили маяки?", "Когда на сырных рынках бывают козы фермеров?"),
    "zh": ("灯塔是哪一年建成的?", "奶酪在哪个市场?"),
    "ja": ("灯台はいつ建てられましたか", "チーズの市場はどこですか"),
    "ko": ("등대를 언제 세웠습니까?", "치즈를 파는 시장은 어디입니까?"),
    "el": ("Ποιος φρόντιζε τους φάρους;", "Πού είναι οι αγορές με τυριά;"),
    "ar": ("متى بنيت المنارات؟", "أين أسواق الجبن؟"),
    "he": ("מתי נבנה המגדלור?", "איפה שוק הגבינות?"),
    "hi": ("प्रकाशस्तंभ कब बना?", "पनीर बाज़ार कहाँ है?"),
    "th": ("ประภาคารสร้างเมื่อไร", "ตลาดชีสอยู่ที่ไหน"),
}


def _put(store: Store, name: str, text: str, title: str = "") -> None:
    document = Document(
        name, f"/{name}.txt", "txt", Metadata(title=title or None), text, text, Alignment((Run(0, 0, len(text)),))
    )
    vectors = np.ones((1, 4), np.float32)
    with store.transaction():
        store.put(document, [Sentence(0, len(text))], vectors, [Passage(0, len(text), 0, 0)], vectors, reader=1)
        store.link(document.source, name)


@pytest.fixture
def many_languages(tmp_path: Path) -> tuple[Store, LexicalIndex]:
    store = Store(tmp_path / "library.db")
    for language in LIGHTHOUSES:
        _put(store, f"lighthouse-{language}", LIGHTHOUSES[language])
        _put(store, f"market-{language}", MARKETS[language])
    index = LexicalIndex(tmp_path)
    index.catch_up(store)
    return store, index


def _documents(store: Store, hits: list[tuple[int, float]]) -> list[str]:
    rows = store.passages([i for i, _ in hits])
    return [rows[i][0] for i, _ in hits]


@pytest.mark.parametrize("language", QUESTIONS)
def test_each_language_finds_its_own_text_among_all(many_languages: tuple[Store, LexicalIndex], language: str) -> None:
    store, index = many_languages
    for question, subject in zip(QUESTIONS[language], ("lighthouse", "market"), strict=True):
        assert _documents(store, index.search(question, 3))[:1] == [f"{subject}-{language}"]


@pytest.mark.parametrize("language", QUESTIONS)
def test_a_question_and_a_sentence_are_split_alike(language: str) -> None:
    asked, other = QUESTIONS[language]
    lighthouse, market = (set(analyse(texts[language])) for texts in (LIGHTHOUSES, MARKETS))
    assert len(lighthouse & set(analyse(asked))) > len(market & set(analyse(asked)))
    assert len(market & set(analyse(other))) > len(lighthouse & set(analyse(other)))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The Cars' DRIVERS", "the car driver"),
        ("Müller in Zürich", "muller in zurich"),
        ("Straße", "strasse"),
        ("ﬁnal ｏｆｆｅｒ", "final offer"),
        ("cafe\N{COMBINING ACUTE ACCENT}", "café"),
        ("İstanbul", "istanbul"),
        ("inter\N{SOFT HYPHEN}national", "international"),
        ("ёлка", "Елка"),
        ("новые законы", "новый закон"),
        ("كِتَاب", "كتاب"),
        ("１８７１年", "1871 年"),
        ("ﾗﾝﾌﾟ", "ランプ"),
        ("don’t stop", "don't stop"),
    ],
)
def test_forms_of_the_same_words_are_the_same_terms(one: str, other: str) -> None:
    assert analyse(one) == analyse(other) != []


def test_scripts_without_blanks_are_split_in_pairs() -> None:
    assert analyse("中国人口 2020年") == ["中国", "国人", "人口", "2020", "年"]
    assert analyse("IBM在北京") == ["ibm", "在北", "北京"]


@given(st.text(alphabet=st.characters(max_codepoint=0x17F), max_size=60))
def test_latin_words_are_the_same_terms_beside_another_script(text: str) -> None:
    # Texts of Latin letters alone are not put through the stemmers of the other scripts.
    assert analyse(f"{text} маяк")[:-1] == analyse(text)


@given(st.text(max_size=80))
def test_any_text_is_split_and_terms_are_whole(text: str) -> None:
    for term in analyse(text):
        assert term
        assert not any(c.isspace() for c in term)
        assert len(term.encode()) <= 3 * LONGEST


BAD = {
    "nothing": "",
    "blanks": " \t\n ",
    "marks": "?! ... --- ()",
    "stop words": "what is it that they have been to",
    "query syntax": 'body:keeper AND (lighthouse OR -lamps)^2 +"twelve lamps"~3 [a TO b} /ke.*/ *',
    "sql": "'; DROP TABLE passages; -- SELECT * FROM documents WHERE 1=1",
    "control characters": "light\x00house\x07 keeper\x1b[31m\x7f lamps",
    "emoji": "🔦🗼 keeper 👩‍🚒",
    "half a character": "keeper \ud83d lamps \udc00",
    "a long word": "k" * 100_000,
    "long chinese": "灯塔" * 20_000,
    "a thousand names": " ".join(f"Name{n} Keeper{n}" for n in range(1000)) + " lighthouse",
    "a private character": "\ue000\uffff\U0010ffff keeper",
}


@pytest.mark.parametrize("bad", BAD)
def test_whatever_is_asked_is_text(many_languages: tuple[Store, LexicalIndex], bad: str) -> None:
    store, index = many_languages
    began = time.process_time()
    found = _documents(store, index.search(BAD[bad], 5))
    assert time.process_time() - began < 1
    if "keeper" in BAD[bad] or "light" in BAD[bad]:
        assert found[0] == "lighthouse-en"
    index.frequencies(analyse(BAD[bad]))


def test_of_very_many_terms_the_rarest_are_looked_up(many_languages: tuple[Store, LexicalIndex]) -> None:
    store, index = many_languages
    for number in range(5):
        _put(store, f"common-{number}", " ".join(f"filler{n}x" for n in range(3 * MOST_TERMS)))
    index.catch_up(store)
    words = " ".join(f"filler{n}x" for n in range(3 * MOST_TERMS))
    assert "lighthouse-en" in _documents(store, index.search(f"{words} lighthouse", 30))


def test_limited_to_documents_the_scores_are_the_same(many_languages: tuple[Store, LexicalIndex]) -> None:
    store, index = many_languages
    asked = "Who was the keeper of the lighthouse at the cheese market of Lorn in 1871?"
    everywhere = index.search(asked, 30)
    wanted = ["market-en", "lighthouse-ko", "nowhere"]
    found = index.search(asked, 30, within=wanted)
    assert _documents(store, found) == ["market-en", "lighthouse-ko"]
    assert found == [hit for hit in everywhere if _documents(store, [hit])[0] in wanted]
    assert len(index.search(asked, 1, within=wanted)) == 1
    assert index.search(asked, 30, within=[]) == []


def test_words_of_the_title_count_less_than_those_of_the_text(tmp_path: Path) -> None:
    store = Store(tmp_path / "library.db")
    _put(store, "titled", "It was built of grey stone from the quarry.", title="The Vesper bridge")
    _put(store, "told", "The Vesper bridge was built of grey stone.")
    _put(store, "other", "The cheese market opens at six.")
    index = LexicalIndex(tmp_path)
    index.catch_up(store)
    assert _documents(store, index.search("vesper bridges", 5)) == ["told", "titled"]


def test_equal_scores_come_in_the_order_of_ids(tmp_path: Path) -> None:
    store = Store(tmp_path / "library.db")
    for number in range(9):
        _put(store, f"copy-{number}", "The same words stand here.")
    index = LexicalIndex(tmp_path)
    index.catch_up(store)
    assert [i for i, _ in index.search("same words", 9)] == store.passage_ids().tolist()


@pytest.mark.parametrize("older", ['{"generation": 22, "titles": 0, "folder": "words-22-22", "passages": [1]}', "junk"])
def test_an_index_of_another_format_is_built_anew(many_languages: tuple[Store, LexicalIndex], older: str) -> None:
    store, index = many_languages
    state = store.path.parent / "words.json"
    state.write_text(older, encoding="utf-8")
    again = LexicalIndex(store.path.parent)
    again.catch_up(store)
    assert len(again) == len(index) == 22
    assert again.search("灯塔", 5) == index.search("灯塔", 5) != []


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from(sorted(LIGHTHOUSES)), min_size=1, unique=True), st.data())
def test_a_library_that_grew_and_shrank_answers_like_one_built_anew(
    tmp_path_factory: pytest.TempPathFactory, languages: list[str], data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("grown")
    store, index = Store(folder / "library.db"), LexicalIndex(folder)
    for language in languages:
        _put(store, language, LIGHTHOUSES[language])
        index.catch_up(store)
    for language in data.draw(st.lists(st.sampled_from(languages), unique=True)):
        with store.transaction():
            store.delete(language)
        index.catch_up(store)
    anew = LexicalIndex(tmp_path_factory.mktemp("anew"))
    anew.catch_up(store)
    for asked in ("1871", *(question for language in languages for question in QUESTIONS[language])):
        assert index.search(asked, 20) == anew.search(asked, 20)
    store.close()
