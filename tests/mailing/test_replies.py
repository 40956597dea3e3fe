"""What a person wrote, in the languages and with the programs people write with."""

from __future__ import annotations

import pytest

from alliance.mailing import replies

WROTE = [
    "On Mon, Apr 2, 2012 at 6:26 PM, Megan One <one@example.org> wrote:",
    "On 22 Aug 2015, at 19:21, Adam Renberg <adam@example.org> wrote:",
    "Am 22.08.2015 um 19:21 schrieb Jürgen Groß <j.gross@example.org>:",
    "Am Montag, 2. April 2012, 18:26:33 schrieb Megan:",
    "Le 22 août 2015 à 19:21, Amélie Dupont <amelie@example.org> a écrit :",
    "Le lun. 2 avr. 2012 à 18:26, Amélie\n<amelie@example.org> a écrit :",
    "El 22/8/2015, a las 19:21, José <jose@example.org> escribió:",
    "El lun, 2 abr 2012 a las 18:26, José (<jose@example.org>) escribió:",
    "Il giorno 22 ago 2015, alle ore 19:21, Anna <anna@example.org> ha scritto:",
    "Em seg., 2 de abr. de 2012 às 18:26, João <joao@example.org> escreveu:",
    "Op 22 aug. 2015, om 19:21 heeft Jan <jan@example.org> het volgende geschreven:",
    "Op ma 2 apr. 2012 om 18:26 schreef Jan <jan@example.org>:",
    "Den 22. aug. 2015 kl. 19.21 skrev Lars <lars@example.org>:",
    "mån 2 apr. 2012 kl. 18:26 skrev Lars <lars@example.org>:",
    "Matti <matti@example.org> kirjoitti ma 2. huhtik. 2012 klo 18.26:",
    "22 авг. 2015 г., в 19:21, Иван <ivan@example.org> написал(а):",
    "пн, 2 апр. 2012 г. в 18:26, Иван Петров <ivan@example.org>:",
    '02.04.2012 14:20 пользователь "bob" <\nbob@example.org> написал:',
    '26.06.2014, 14:41, "Alexander L" <abc@example.org>:',
    "Понедельник, 2 апреля 2012, 18:26 +04:00 от Ivan <ivan@example.org>:",
    "W dniu 22.08.2015 o 19:21, Jan Kowalski pisze:",
    "pon., 2 kwi 2012 o 18:26 Jan <jan@example.org> napisał(a):",
    "Dne 22.8.2015 v 19:21 Jan Novák napsal(a):",
    "Jan <jan@example.org> ezt írta (időpont: 2012. ápr. 2., H, 18:26):",
    "În lun., 2 apr. 2012 la 18:26, Ion <ion@example.org> a scris:",
    "2 Nis 2012 Pzt 18:26 tarihinde Ali <ali@example.org> şunu yazdı:",
    "Στις Δευ 2 Απρ 2012 στις 6:26 μ.μ., ο χρήστης Γ. <g@example.org> έγραψε:",
    "в пн, 2 квіт. 2012 р. о 18:26 Іван <ivan@example.org> пише:",
    "在 2012年4月2日 下午6:26，王芳 <wang@example.org>写道：",
    "王芳 <wang@example.org> 于2012年4月2日周一 18:26写道：",
    "王芳 <wang@example.org> 於 2012年4月2日 週一 下午6:26寫道：",
    "2012年4月2日(月) 18:26 佐藤 <sato@example.org>:",
    "2012년 4월 2일 (월) 오후 6:26, 김 <kim@example.org>님이 작성:",
    "في الاثنين، 2 أبريل 2012 في 6:26 م تمت كتابة ما يلي بواسطة\nأمينة <amina@example.org>:",
    "في ٢٢\u200f/٠٨\u200f/٢٠١٥ ١٩:٢١، كتب أمينة <amina@example.org>:",
    "2015-08-22 19:21 GMT+02:00 Adam <adam@example.org>:",
    "2012/4/2 bob <bob@example.org>",
    "--- On Wed, 4/4/12, bob@example.org <bob@example.org> wrote:",
    "Jane Doe/UN wrote on 04/02/2012 06:26:55 PM:",
    "jane@example.org wrote:",
    "Quoting Jane Doe <jane@example.org>:",
    "Vào 18:26, Th 2, 2 thg 4, 2012 An <an@example.org> đã viết:",
    "Pada tanggal Sen, 2 Apr 2012 18.26, Budi <budi@example.org> menulis:",
]


@pytest.mark.parametrize("line", WROTE)
def test_what_stands_below_an_attribution_is_a_quote(line: str) -> None:
    made = replies.reply_of(f"I agree with this.\n\n{line}\n\n> We propose a fund.\n> Every year.\n")
    assert made.text == "I agree with this."
    assert "We propose a fund." in made.cut


@pytest.mark.parametrize("line", WROTE)
def test_an_answer_below_the_quote_is_kept_alone(line: str) -> None:
    assert replies.reply_of(f"{line}\n> We propose a fund.\n\nI agree with this.").text == "I agree with this."


BLOCKS = [
    "-----Original Message-----\nFrom: bob <bob@example.org>\nSent: Mon, Apr 2, 2012 5:49 pm\nTo: jane\nSubject: Test",
    "________________________________\nFrom: CRM [crm@example.org]\nSent: Friday, 23 March 2012 5:08 p.m.\nTo: John\nSubject: [contact]",
    "*From:* Kim [mailto:kim@example.org]\n*Sent:* Monday, January 15, 2018 2:15 AM\n*To:* user@example.org\n*Subject:* Message",
    "-----Ursprüngliche Nachricht-----\nVon: Jürgen <j@example.org>\nGesendet: Montag, 2. April 2012 18:26\nAn: Anna\nBetreff: Test",
    "De : Amélie <amelie@example.org>\nEnvoyé : lundi 2 avril 2012 18:26\nÀ : Jean\nObjet : Test",
    "-----Message d'origine-----\nDe : Amélie\nDate : lundi\nÀ : Jean\nObjet : Test",
    "De: José <jose@example.org>\nEnviado el: lunes, 2 de abril de 2012 18:26\nPara: Ana\nAsunto: Prueba",
    "De: João\nEnviada em: segunda-feira\nPara: Ana\nAssunto: Teste",
    "Da: Anna\nInviato: lunedì 2 aprile 2012 18:26\nA: Marco\nOggetto: Prova",
    "Van: Jan\nVerzonden: maandag 2 april 2012 18:26\nAan: Piet\nOnderwerp: Test",
    "От: Иван <ivan@example.org>\nОтправлено: 2 апреля 2012 г. 18:26\nКому: Анна\nТема: Проверка",
    "发件人: 王芳 <wang@example.org>\n发送时间: 2012年4月2日 18:26\n收件人: 李\n主题: 测试",
    '------------------ 原始邮件 ------------------\n发件人: "王";\n发送时间: 2012年\n收件人: "李"\n主题: 测试',
    "من: أمينة <amina@example.org>\nتاريخ الإرسال: الاثنين\nإلى: علي\nالموضوع: تجربة",
    "Från: Lars\nSkickat: den 2 april 2012 18:26\nTill: Eva\nÄmne: Test",
    "Fra: Lars\nSendt: 2. april 2012 18:26\nTil: Eva\nEmne: Test",
    "Od: Jan\nWysłano: 2 kwietnia 2012 18:26\nDo: Anna\nTemat: Test",
    "---------- Forwarded message ----------\nFrom: bob <bob@example.org>\nDate: Mon, Apr 2, 2012\nSubject: Test\nTo: jane@example.org",
    "Begin forwarded message:\n\nFrom: bob <bob@example.org>\nDate: April 2, 2012\nTo: jane@example.org\nSubject: Test",
]


@pytest.mark.parametrize("block", BLOCKS)
def test_what_stands_below_a_block_of_headers_is_the_original(block: str) -> None:
    made = replies.reply_of(f"I agree with this.\nAnd with that.\n\n{block}\n\nWe propose a fund.\n\nRegards,\nBob\n")
    assert made.text == "I agree with this.\nAnd with that."
    assert "We propose a fund." in made.cut


@pytest.mark.parametrize("block", BLOCKS)
def test_a_mail_that_only_forwards_is_kept_whole(block: str) -> None:
    assert "We propose a fund." in replies.reply_of(f"{block}\n\nWe propose a fund.").text


@pytest.mark.parametrize(
    "footer",
    [
        "Sent from my iPhone", "Sent from my Verizon, Samsung Galaxy smartphone", "Sent from Yahoo Mail on Android", "Get Outlook for iOS<https://aka.ms/o0ukef>",
        "Sent from Mail for Windows 10", "Envoyé de mon iPhone", "Envoyé depuis mon téléphone Samsung.", "Von meinem iPhone gesendet", "Enviado desde mi iPhone",
        "Enviado do meu iPhone", "Inviato da iPhone", "Verstuurd vanaf mijn iPhone", "Skickat från min iPhone", "Sendt fra min iPhone", "Отправлено с iPhone",
        "Отправлено из мобильной Почты Mail.ru", "Wysłane z iPhone'a", "iPhone'umdan gönderildi", "发自我的 iPhone", "从我的 iPhone 发送", "iPhoneから送信", "أُرسلت من الـ iPhone",
        "تم الإرسال من هاتفي", "-- \nJane Doe\nNGO Forum", "--\nJane Doe", "--\nSent from my phone. Please excuse my brevity.", "-- \nThis is a long signature line that says something. And it goes on.",
        "_______________________________________________\nforum mailing list\nforum@example.org\nhttps://example.org/mailman/listinfo/forum",
        "This e-mail and any attachments are confidential and intended solely for the addressee. If you are not the intended recipient, delete it.",
        "---\nThis email has been checked for viruses by Avast antivirus software.", "—\nReply to this email directly or view it on the forum.",
    ],
)  # fmt: skip
def test_footers_go(footer: str) -> None:
    assert replies.reply_of(f"I agree with this.\n\n{footer}\n").text == "I agree with this."
    assert replies.reply_of(f"I agree with this.\n\n{footer}\n\n{WROTE[0]}\n> Yes\n").text == "I agree with this."


@pytest.mark.parametrize(
    "text",
    [
        "Sent from my desk, is much easier then my mobile phone.",
        "On Monday the minister wrote:\n\nWe shall see.",
        "One outstanding question I had:\n\nLocally, when I run",
        "Thanks,\nAlex",
        "Jane Doe\nDirector, Access for All",
        "A fix -- this is not a signature.\n\nkthxbai",
        "Two points:\n\n---\n\nFirst, the fund must be open to all, for that is what was promised in Tunis.\n\nSecond, it must be audited.",
        "From: Geneva\n\nI write to you about the fund.",
        "The treaty says:\n\n> All States shall co-operate.",
        "Date: 5 May\nPlace: Geneva\n\nSee you there",
        "> All States shall co-operate.\n\nI do not think so.",
        "Envoyé spécial du ministère, je vous remercie.",
        "Discussed on 5 May 2012 at 10:30 with the delegates; they wrote:\n\n1. Yes\n2. No",
        "على: نعم",
        "Agreed\n\n--\nJane Doe, for the NGO forum",
    ],
)
def test_when_unsure_all_is_kept(text: str) -> None:
    assert replies.reply_of(text).text == text


def test_an_answer_between_the_lines_keeps_the_quote() -> None:
    mail = f"Hi,\n\n{WROTE[0]}\n> Shall we?\n\nYes.\n\n> When?\n>\n\nTomorrow.\n\n> -- \n> Bob\n\n-- \nJane\n"
    assert replies.reply_of(mail).text == "Hi,\n\n> Shall we?\n\nYes.\n\n> When?\n>\n\nTomorrow."


def test_a_quote_the_program_broke_is_still_a_quote() -> None:
    mail = f"No.\n\n{WROTE[0]}\n> {'word ' * 14}\nbroken off\n> and so on\n"
    assert replies.reply_of(mail).text == "No."


def test_only_a_quote_is_nothing_of_ones_own() -> None:
    made = replies.reply_of(f"{WROTE[0]}\n> Shall we?\n")
    assert not made.is_own
    assert replies.reply_of("Yes").is_own


def test_lines_broken_on_purpose_stay_broken() -> None:
    assert replies.as_posted("Regards,\nJane\n\n- one\n- two") == "Regards,  \nJane\n\n- one\n- two"
    wrapped = f"{'word ' * 14}\n{'word ' * 3}".replace(" \n", "\n").strip()
    assert replies.as_posted(wrapped) == wrapped


def test_bad_input_takes_no_time() -> None:
    for text in (
        "On " * 20_000 + "wrote:",
        "> " * 20_000,
        "From: a\n" * 20_000,
        "-- \n" * 5_000,
        ("x" * 70 + "\n") * 5_000,
        "Sent from " + "a " * 9_000,
    ):
        replies.reply_of(text)
