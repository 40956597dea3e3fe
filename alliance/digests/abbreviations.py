"""Abbreviations after which a full stop does not end a sentence, as United Nations documents use them."""

ABBREVIATIONS: dict[str, frozenset[str]] = {
    "en": frozenset(
        "para paras art arts no nos p pp vol vols sect sects ch chap chaps fig figs add corr rev res doc docs ed eds "
        "annex st mr mrs ms dr prof amb gen col hon rt sr jr messrs e.g i.e cf viz vs al etc approx est dept gov govt "
        "inc ltd co corp u.n u.s u.k a.m p.m jan feb mar apr jun jul aug sep sept oct nov dec e.u op cit ibid".split()
    ),
    "fr": frozenset(
        "m mm mme mlle me dr pr par art al p pp vol chap sect fig n no nos add corr rev cf etc p.ex ex c.-à-d env "
        "éd s.e mgr st ste janv févr avr juil sept oct nov déc résol doc docs o.n.u".split()
    ),
    "es": frozenset(
        "sr sra srta sres dr dra d da dña ud uds párr párrs art arts pág págs p pp vol cap secc fig núm núms no add "
        "corr rev cf etc p.ej ej ee uu ee.uu excmo excma lic ing prof gral res doc docs aprox".split()
    ),
    "ru": frozenset(
        "т.е т.д т.п т.к т.н т е д п к н г гг п пп ст стр с см ср гл рис табл изд ред напр др пр им проф акад "
        "тыс млн млрд руб долл чел кв ул обл док рез доп испр тел ч разд".split()
    ),
    "ar": frozenset("د أ م ص ف ج ه ق رقم".split()),
    "zh": frozenset("no vol p pp mr dr".split()),
}

# Abbreviations that may well end a sentence: what follows decides (a capital after them begins a new one).
MAY_END = frozenset("etc al inc ltd co corp u.n u.s u.k a.m p.m т.д т.п д п др пр г гг ee.uu uu e.u o.n.u no me".split())
