"""Sentences: where they end in the texts people have, and that none is lost in any text."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.languages import cut_as, language_of
from index.sentences import MAX_LENGTH, sentences


def cut(text: str, language: str = "en") -> list[str]:
    return [text[sentence.start : sentence.end] for sentence in sentences(text, language)]


# Marked by hand: a sentence a string. Joined with spaces, or without where the language has none.

ENGLISH = [
    ["The ferry left at noon.", "Nobody saw it go!", "Why?"],
    ["Dr. J. R. Smith met Mr. Lee at 5 p.m. on Monday.", "They spoke of the bridge."],
    ["The train came at 5 p.m.", "The crowd had gone home."],
    ["The U.S. and the U.K. agreed.", "Others did not."],
    ["He went to the U.S. in May.", "It was warm."],
    ["She flew to the U.S.", "The plan failed."],
    ["The U.S. Senate voted on the U.S.-built pier.", "It passed."],
    ["See No. 5, vol. 3, p. 12 of the log.", "It is short."],
    ["Is that so?", "No.", "It is not."],
    ["Trade fell. (Harbour News, Sept. 24)", "Then it rose."],
    ["Trade fell (Harbour News, September 24).", "It rose again (Log, 3)."],
    ["“We go,” he said.", "“It is done.”", "He left."],
    ["“Is it done?” she asked.", "“Yes!” he said.", "They left."],
    ["He said, “It is done.”", "Then he left."],
    ['She wrote: "The pier is closed. Go home."', "Nobody did."],
    ["It was over. (That is what the log says, and the log was kept with care by three men.)", "So it is."],
    ["It cost 3.5 million.", "That was 1.2 per cent more."],
    ["Many birds, e.g. gulls, stay.", "Others, i.e. swallows, go."],
    ["Gen. Aas and Lt. Col. Moe of the 2nd Bn. came by sea.", "Adm. Lie did not."],
    ["Skarv Shipping Inc. bought two ships from Berg Bros. & Co. in June.", "Lund Ltd. sold one."],
    ["The pier belongs to Skarv Shipping Inc.", "The ships do not."],
    ["Solvang et al. measured the ice.", "Berg et al. (2016) did not."],
    ["It was cold … and it stayed cold.", "Then came spring…", "Nobody minded."],
    ["He hesitated... then he jumped.", "The water was warm.", "He had thought so..."],
    ["Write to keeper@skarv.example.org or see www.skarv.example.org/light.html for more.", "It is free."],
    ["Version 2.0.1 runs on Node.js and .NET.", "It is small."],
    ["The J.P. Morgan of the coast, W. H. Lund, died in St. Anne's on Feb. 3.", "His son, H. Lund Jr., sold all."],
    ["The fleet has two tasks: (a) to fish; (b) to be seen.", "It does (b)."],
    ["Temperatures fell to approx. 4 deg. in the harbour.", "Cf. the table on pp. 3-4."],
    ["What a day!", "The lamp was lit by 9:30 a.m. and the ice was gone."],
    ["He asked why.", "“Because,” she said, “I can.”", "That was all."],
    ["They met in Washington, D.C., and again in Skarv.", "Both talks failed."],
    ["The treaty of 1921 v. the treaty of 1947 is an old quarrel.", "It bores everyone."],
    ["“The quay is ours!” shouted the crowd.", "It was not."],
    ["Prices rose by 4 per cent in the first quarter, etc., but nobody cared.", "Wages, rents, etc.", "All rose."],
    ["The keeper (he was eighty. He was also deaf.) heard nothing.", "The ship sank."],
    ["What is it worth?", "$3.2 bn.", "That is a lot."],
    ["He retired in 1990.", "3 ships were sold."],
    ["iPhones were banned.", "eBay was not."],
]
RUSSIAN = [
    ["Маяк построили в 1908 г. на скале.", "Он стоит до сих пор."],
    ["Война шла в 1941–1945 гг.", "Маяк не горел."],
    ["В 1941–1945 гг. маяк не горел.", "Потом его зажгли."],
    ["Доклад прочли В. В. Соколов и И.И. Лунд.", "Их слушали молча."],
    ["Музей им. А. С. Попова закрыт, т. е. пуст.", "Книги, карты и т. д. увезли."],
    ["Там были книги, карты и т. д.", "Их увезли."],
    ["Он стоил 3,5 млн. руб. в ценах 1990 г.", "Это много."],
    ["Он стоил 3,5 млн руб.", "Это много."],
    ["См. рис. 3 и табл. 2 на стр. 14.", "Там всё есть."],
    ["Г-н Берг живёт на ул. Морской, д. 5, кв. 3.", "Он смотритель."],
    ["«Маяк погас», — сказал он.", "«Не может быть!» — ответила она."],
    ["— Кто там?", "— Смотритель.", "— Входите!"],
    ["Он сказал: «Маяк погас».", "Все молчали."],
    ["Проф. Лунд и акад. Берг спорили до 5 ч. утра.", "Спор кончился миром."],
    ["В г. Скарв живут 5 тыс. чел.", "Летом их больше."],
    ["До н. э. здесь жили рыбаки.", "Следов осталось мало."],
    ["Это было давно… и неправда.", "Забудьте!"],
    ["Зачем?", "Никто не знает.", "И не узнает…"],
    ["Пункт 3.2 договора, п. 4 и ст. 5 закона в силе.", "Остальное отменили."],
    ["США, ЕС и др. страны согласились.", "Напр., Норвегия."],
    ["Уже в 1941 г. Германия знала.", "Она молчала."],
    ["Уния кончилась в 1905 г.", "Норвегия осталась одна."],
]
CHINESE = [
    ["渡轮每天开四次。", "冬天港口结冰。"],
    ["他说：“渡轮停了。”", "大家都走了。"],
    ["“你去吗？”他问。", "她没有回答。"],
    ["他问：“你去吗？”", "她没有回答。", "船开了。"],
    ["真的吗？", "真的！", "好……"],
    ["价格上涨了3.5%。", "工资没有变。"],
    ["《海岸评论》2016年第3期刊登了此文。", "作者不详。"],
    ["船长（他已八十岁。）没有听见。", "船沉了。"],
    ["港口分为三部分：旧港；新港；渔港。", "旧港最小。"],
    ["新华社北京3月14日电。", "记者林晓月报道。"],
    ["他去了U.S.和U.K.两国。", "后来回来了！"],
    ["这项计划很好。（新华社，3月14日）", "它失败了。"],
    ["「渡輪停了。」他說。", "船開了。"],
    ["第一，渡轮老了；第二，没有钱。", "所以停了。"],
    ["GDP增长6.9%，低于预期。", "为什么？！", "没人知道。"],
    ["灯塔建于1908年。", "它高30米。"],
]
GERMAN = [
    ["Viele Vögel, z. B. Möwen, bleiben.", "Andere, d. h. Schwalben, ziehen fort."],
    ["Viele Vögel, z.B. Möwen, bleiben.", "Andere gehen."],
    ["Am 3. Oktober wurde der Turm geweiht.", "Er steht noch."],
    ["Im 19. Jahrhundert gab es hier nichts.", "Heute ist das anders."],
    ["Dr. Berg und Prof. Lund kamen am 14.3.2016 um 9.30 Uhr an.", "Sie blieben bis zum 2. Mai."],
    ["Der Bau kostete ca. 3,5 Mio. Euro bzw. 4 Mio. Dollar.", "Das war viel."],
    ["König Haakon VII. besuchte den Turm.", "Er blieb drei Tage."],
    ["Siehe Abb. 3, S. 12 ff. und Bd. 2.", "Dort steht alles."],
    ["Die Skarv GmbH u. Co. KG wurde 1908 gegr. und 1950 verkauft.", "Niemand weinte."],
    ["„Der Turm ist dunkel“, sagte er.", "„Das kann nicht sein!“, rief sie."],
    ["Er sagte: „Der Turm ist dunkel.“", "Alle schwiegen."],
    ["Brot, Fisch, Salz usw. kamen per Schiff.", "Im Winter kam nichts."],
    ["Sie brachten Brot, Fisch, Salz usw.", "Im Winter kam nichts."],
    ["Die Str. nach Skarv ist i. d. R. gesperrt, u. a. im Winter.", "Im Sommer ist sie frei."],
    ["Der 1. FC Skarv verlor am 5. Spieltag 0:3.", "Das war am 12. August."],
    ["Warum?", "Niemand weiß es.", "Vgl. Art. 5 Abs. 2 GG."],
    ["Der Turm wurde Nr. 4.", "Das war neu."],
]
FRENCH = [
    ["Le phare fut construit en 1908.", "Il est toujours là."],
    ["M. Berg et Mme Lund arrivèrent à 9 h. 30.", "Ils restèrent."],
    ["M. le maire a parlé.", "Personne n'a répondu."],
    ["« Le phare est éteint. »", "Tout le monde se tut."],
    ["« Le phare est éteint », dit-il.", "« Impossible ! » répondit-elle."],
    ["Il demanda : « Pourquoi ? »", "Elle ne dit rien."],
    ["Pourquoi ?", "Personne ne sait !", "C'est ainsi…"],
    ["Voir fig. 3, p. 12, art. 5, etc.", "Tout y est."],
    ["Le pain, le sel, etc. venaient par bateau.", "L'hiver, rien."],
    ["J.-C. Lund naquit av. J.-C., disait-on.", "C'était faux."],
    ["La S.N.C.F. et l'O.N.U. sont d'accord.", "C'est rare."],
    ["Le prix est de 3,5 millions d'euros env.", "C'est trop."],
    ["Le Dr. Berg habite au n° 5, bd. de la Mer.", "Il est vieux."],
    ["Il hésita… puis sauta.", "L'eau était froide."],
    ["Au XIXe siècle, c.-à-d. avant 1900, il n'y avait rien.", "Puis vint le phare."],
]
# The first string is the language.
RIGHT_TO_LEFT = [
    ["ar", "بُني المنار عام 1908.", "ما زال قائما."],
    ["ar", "هل انطفأ المنار؟", "لا أحد يعلم!", "ربما غدا."],
    ["ar", "قال: «انطفأ المنار.»", "سكت الجميع."],
    ["ar", "ارتفعت الأسعار 3.5 في المئة؛ أما الأجور فلم ترتفع.", "لماذا؟"],
    ["ar", "وصل د. برغ إلى الميناء.", "لم يره أحد."],
    ["fa", "فانوس دریایی در سال ۱۲۸۷ ساخته شد.", "هنوز پابرجاست."],
    ["fa", "آیا خاموش شد؟", "کسی نمی‌داند.", "شاید فردا."],
    ["he", "המגדלור נבנה בשנת 1908.", "הוא עומד עד היום."],
    ["he", "האם כבה?", "איש אינו יודע!", "אולי מחר."],
    ["he", 'ד"ר ברג הגיע לנמל.', "איש לא ראה אותו."],
]
OTHER = [
    ["es", "¿Por qué?", "Nadie lo sabe.", "¡Qué pena!"],
    ["es", "El Sr. Berg y la Sra. Lund llegaron a las 9 a. m. del 3 de mayo.", "Se quedaron."],
    ["es", "EE. UU. y la UE firmaron.", "Otros no."],
    ["it", "Il sig. Berg arrivò nel 1908.", "Rimase fino al sec. XX."],
    ["pt", "O Sr. Berg chegou às 9h.", "Ficou até maio."],
    ["ja", "渡し船は毎日四回出る。", "冬は港が凍る。", "なぜか？", "「知らない。」と彼は言った。"],
    ["ko", "등대는 1908년에 세워졌다.", "지금도 서 있다.", "왜?"],
    ["hi", "दीपस्तंभ १९०८ में बना।", "वह आज भी खड़ा है।"],
    ["uk", "Маяк збудували 1908 р. на скелі.", "Він стоїть досі."],
    ["pl", "Prof. Berg przybył 3 maja 1908 r. do portu.", "Został tam."],
    ["nl", "Dhr. Berg kwam o.a. in mei.", "Hij bleef."],
]
MIXED = [
    ["en", "The sign read “灯塔已关闭。”", "Nobody could read it."],
    ["en", "In Russian it is «маяк».", "In Chinese it is 灯塔.", "Both mean a light."],
    ["zh", "他写道：The light is out.", "It is cold.", "然后他走了。"],
    ["ru", "Он сказал: «OK».", "Фирма Skarv Shipping Inc. купила судно.", "Оно тонет."],
]

CASES = [
    *(("en", case) for case in ENGLISH),
    *(("ru", case) for case in RUSSIAN),
    *(("zh", case) for case in CHINESE),
    *(("de", case) for case in GERMAN),
    *(("fr", case) for case in FRENCH),
    *((language, case) for language, *case in (*RIGHT_TO_LEFT, *OTHER, *MIXED)),
]


@pytest.mark.parametrize(("language", "expected"), CASES, ids=lambda value: value if isinstance(value, str) else None)
def test_sentences_end_where_they_end(language: str, expected: list[str]) -> None:
    text = ("" if language in ("zh", "ja") else " ").join(expected)
    assert cut(text, language) == expected


@pytest.mark.parametrize(("language", "cases"), [("ru", RUSSIAN), ("zh", CHINESE), ("ar", RIGHT_TO_LEFT[:4])])
def test_a_script_tells_the_language_where_nobody_says_it(language: str, cases: list[list[str]]) -> None:
    for case in cases:
        expected = case[1:] if language == "ar" else case
        text = ("" if language == "zh" else " ").join(expected)
        assert cut(text, "") == cut(text, "en") == expected


def test_a_language_in_latin_letters_is_told_by_its_words() -> None:
    german = (
        "Der Turm auf der Klippe wurde im 19. Jahrhundert gebaut und ist nicht hoch. Die Wärter kamen aus dem Dorf, "
        "und "
        "sie blieben für ein Jahr oder zwei. Am 3. Oktober 1908 wurde das Licht zum ersten Mal von ihnen entzündet."
    )
    assert language_of(german) == "de"
    assert len(cut(german, "")) == 3
    assert language_of(
        "The tower on the cliff was built in the last century and is not high. The keepers came from the village, "
        "and they "
        "stayed for a year or two. In the autumn of 1908 the lamp was lit for the first time by one of them."
    ) == "en"  # fmt: skip
    assert language_of(
        "Le phare fut construit sur la falaise au siècle dernier et il est dans un village que les gardiens ne "
        "quittent pas."
        " Ils restaient pour une année ou plus avec les oiseaux du large."
    ) == "fr"  # fmt: skip
    assert language_of("Name Preis Menge Apfel 3 4 Birne 5 6 Quitte 7 8 " * 5) is None


def test_a_page_may_be_marked_with_another_language() -> None:
    english = (
        "The tower on the cliff was built in the last century and is not high. Its keepers came from the village. "
    )
    assert language_of(english * 2, "de") == "en"
    assert language_of("The light is out.", "de") == "de"
    assert language_of("Маяк стоит на скале.", "bg") == "bg"
    assert language_of("Маяк стоит на скале.", "en") == "ru"


def test_a_given_language_holds_where_its_script_does() -> None:
    ukrainian = "Маяк збудували 1908 р. на скелі. Він стоїть досі."
    assert cut_as(ukrainian, "") == "uk"
    assert cut_as("Маяк стоит.", "bg") == "bg"
    assert cut_as("Маяк стоит.", "de") == "ru"
    assert cut_as("The light is out.", "ru") == "ru"  # too short to tell
    assert cut_as("کسی نمی‌داند چه شد.", "") == "fa"
    assert cut_as("灯台は高い。", "zh") == "ja"


def test_chinese_and_russian_are_known_by_their_script() -> None:
    chinese = "渡轮每天开四次。冬天港口结冰。"
    assert language_of(chinese) == "zh"
    assert cut(chinese) == ["渡轮每天开四次。", "冬天港口结冰。"]
    russian = "Паром ходит четыре раза в день. Зимой гавань замерзает."
    assert language_of(russian) == "ru"
    assert cut(russian) == ["Паром ходит четыре раза в день.", "Зимой гавань замерзает."]
    assert language_of("The ferry crosses the sound.") is None
    assert language_of("") is None


def test_no_sentence_crosses_a_line() -> None:
    text = "The harbour\n\nThe ferry crosses\n\nthe sound. It is slow.\nYear: 2011; Cars: 310\n"
    text += "Year: 2012; Cars: 308"
    assert cut(text) == [
        "The harbour",
        "The ferry crosses",
        "the sound.",
        "It is slow.",
        "Year: 2011; Cars: 310",
        "Year: 2012; Cars: 308",
    ]


def test_a_monster_is_cut_at_semicolons() -> None:
    item = "the harbour master counted every ship that came in from the north before the ice closed the sound; "
    parts = cut(item * 40)
    assert len(parts) > 3
    assert all(len(part) <= MAX_LENGTH and part.endswith("sound;") for part in parts)


def test_a_monster_without_a_space_is_cut_too() -> None:
    assert all(len(part) <= MAX_LENGTH for part in cut("x" * 5_000))


def test_a_long_paragraph_is_cut_as_a_short_one() -> None:
    unit = "The ferry left (Log, 3). Dr. Berg saw it. Nobody else did!"
    assert cut(" ".join([unit] * 500)) == cut(unit) * 500


@pytest.mark.parametrize(
    "unit",
    [
        "<!--",
        "word12. ",
        "a.",
        "U.S. ",
        '"',
        "(",
        "! ",
        "т. д. ",
        "etc. A",
        "г. ",
        "。",
        "؟",
        "…",
        "1. ",
        "A. ",
        ".”",
        "—",
        "\u064b",
        "x" * 900 + " ",
        "中",
    ],
)
def test_no_line_takes_quadratic_time(unit: str) -> None:
    start = time.process_time()
    sentences(unit * (200_000 // len(unit)))
    assert time.process_time() - start < 3


def test_nothing_from_nothing() -> None:
    assert sentences("") == sentences(" \n\n \t") == []


def test_two_megabytes_take_less_than_three_seconds() -> None:
    text = ("The ferry crosses the sound. It is slow (Log, 3). Nobody knows why it still sails.\n\n" * 25_000)[
        :2_000_000
    ]
    start = time.process_time()
    sentences(text)
    assert time.process_time() - start < 3


PIECES = st.sampled_from(
    [
        ". ",
        "\n",
        "\n\n",
        " ",
        "(a, 3)",
        "A",
        "word",
        "Mr.",
        "U.S.",
        "“",
        "”",
        '"',
        "！",
        "。",
        "港",
        "й",
        "😀",
        "…",
        "(",
        ")",
        "?!",
        "т. д. ",
        "etc. ",
        " 1990 г. ",
        "3. ",
        "؟ ",
        "।",
        "— ",
        "「",
        "」と",
        "usw. ",
    ]
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(PIECES, max_size=50).map("".join) | st.text(max_size=300),
    st.sampled_from(["en", "zh", "ru", "de", "ar", "xx", ""]),
)
def test_every_character_is_in_exactly_one_sentence(text: str, language: str) -> None:
    at = 0
    for sentence in sentences(text, language):
        assert at <= sentence.start < sentence.end <= len(text)
        assert not text[at : sentence.start].strip()
        inner = text[sentence.start : sentence.end]
        assert inner == inner.strip() and "\n" not in inner and len(inner) <= MAX_LENGTH
        at = sentence.end
    assert not text[at:].strip()
