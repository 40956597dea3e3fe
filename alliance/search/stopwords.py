"""Words too common to say anything, by language, folded as the index folds them.

The lists are those Snowball publishes (BSD), folded, with the small words of questions and elisions added; the Arabic
one is our own.
"""

from __future__ import annotations

_LISTS = {
    "en": """
        a about above after again against all also am an and any are aren as at be because been before being below
        between both but by can cannot could couldn d did didn do does doesn doing don down during each few for from
        further had hadn has hasn have haven having he her here hers herself him himself his how i if in into is isn
        it its itself just ll m may me might more most must my myself no nor not now of off on once only or other
        our ours ourselves out over own re s same shall she should shouldn so some such t than that the their theirs
        them themselves then there these they this those through to too under until up upon us ve very via was wasn
        we were weren what when where which while who whom why will with won would wouldn you your yours yourself
        yourselves
    """,
    "fr": """
        a afin ai aie aient aies ainsi ait as au aura aurai auraient aurais aurait auras aurez auriez aurions aurons
        auront aussi aux avaient avais avait avec avez aviez avions avons ayant ayante ayantes ayants ayez ayons c
        car ce celle celles celui ces cet cette ceux chez combien comme comment d dans de depuis des donc dont du
        elle elles en entre es est et etaient etais etait etant etante etantes etants ete etee etees etes etiez
        etions etre eu eue eues eumes eurent eus eusse eussent eusses eussiez eussions eut eutes eux faire fait
        fumes furent fus fusse fussent fusses fussiez fussions fut futes il ils j je jusqu l la le leur leurs lors
        lorsqu lorsque lui m ma mais me meme mes moi mon n ne ni nos notre nous on ont ou par parce pas pendant peut
        plus pour pourquoi puisqu qu quand que quel quelle quelles quels qui quoi s sa se sera serai seraient serais
        serait seras serez seriez serions serons seront ses si soient sois soit sommes son sont sous soyez soyons
        suis sur t ta te tes toi ton tous tout toute toutes tu un une vers vos votre vous y
    """,
    "es": """
        a adonde al algo algunas algunos ante antes cada como con contra cual cuales cuando cuanta cuantas cuanto
        cuantos de del desde donde durante e el ella ellas ellos en entre era erais eramos eran eras eres es esa
        esas ese eso esos esta estaba estabais estabamos estaban estabas estad estais estamos estan estando estas
        este esteis estemos esten estes esto estos estoy fue fui fuimos fuiste fuisteis ha habeis habia habiais
        habiamos habian habias habiendo han has hasta hay haya hayais hayamos hayan hayas he hemos hube hubo la las
        le les lo los mas me mi mia mias mio mios mis mucho muchos muy nada ni no nos nosotras nosotros nuestra
        nuestras nuestro nuestros o os otra otras otro otros para pero poco por porque que quien quienes se sea
        seais seamos sean seas segun ser sera seran seras seria seriais seriamos serian serias si sin sobre sois
        somos son soy su sus suya suyas suyo suyos tambien tanto te tened teneis tenemos tenga tengais tengamos
        tengan tengas tengo tenia teniais teniamos tenian tenias ti tiene tienen tienes todo todos tu tus tuya tuyas
        tuyo tuyos un una uno unos vosostras vosostros vuestra vuestras vuestro vuestros y ya yo
    """,
    "ru": """
        а без более больше будет будто бы был была были было быть в вам вас вдруг ведь во вот впрочем все всегда
        всего всех всю вы где да даже два для до другой его ее ей ему если есть еще ж же за зачем здесь и из или им
        иногда их к как какая какие каких какое какой каком когда конечно которая которое которые который которых
        кто куда ли лучше между меня мне много может можно мой моя мы на над надо наконец нас не него нее ней нельзя
        нет ни нибудь никогда ним них ничего но ну о об один он она они опять от перед по под после потом потому
        почему почти при про раз разве с сам свою себе себя сейчас сколько со совсем так также такой там тебя тем
        теперь то тогда того тоже только том тот три тут ты у уж уже хорошо хоть чего чем через что чтоб чтобы чуть
        эта эти это этого этой этом этот эту я
    """,
    "ar": """
        اذا التي الذي الذين اللتين اللذين اللواتي الى الي اليه اليها اليهم ان انا انت انه انها او اي اية ايضا اين ب
        بعد بعض بل به بها بهم بين تكون تلك ثم حتى حول حيث خلال دون ذات ذلك ذو سوى ضد على عليه عليها عليهم عن عند
        عندما عنه عنها غير ف فان في فيه فيها فيهم قبل قد ك كان كانت كل كم كما كيف ل لا لان لقد لكن لكي لم لماذا لن
        له لها لهم ليس ليست ما ماذا متى مع من منذ منه منها منهم نحن نعم هذا هذه هل هم هن هنا هناك هو هي و وان وعلى
        وفي وقد وكان وكانت ولا ولم وما ومن وهو وهي يكون
    """,
}

STOP_WORDS: dict[str, frozenset[str]] = {language: frozenset(words.split()) for language, words in _LISTS.items()}
