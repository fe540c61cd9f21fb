"""Verbs. One row: key | English base, 3rd person, past, participle, -ing [particle] | German [sich]
infinitive, ich, du, er, participle, auxiliary (h haben, s sein), imperative of du [; word that
closes the clause] [; preterite ich/er, plural].

A German prefix that splits off is written before '+': an+rufen. The English particle says where it
stands: '+for' always right behind the verb, '~along' behind the object, '%on' behind the verb, but
behind a pronoun.
"""

from .tokens import Entry

VERBS = """
read | read reads read read reading | lesen lese liest liest gelesen h lies
write | write writes wrote written writing | schreiben schreibe schreibst schreibt geschrieben h schreib
eat | eat eats ate eaten eating | essen esse isst isst gegessen h iss
drink | drink drinks drank drunk drinking | trinken trinke trinkst trinkt getrunken h trink
cook | cook cooks cooked cooked cooking | kochen koche kochst kocht gekocht h koch
bake | bake bakes baked baked baking | backen backe backst backt gebacken h back
buy | buy buys bought bought buying | kaufen kaufe kaufst kauft gekauft h kauf
sell | sell sells sold sold selling | verkaufen verkaufe verkaufst verkauft verkauft h verkauf
repair | repair repairs repaired repaired repairing | reparieren repariere reparierst repariert repariert h reparier
wash | wash washes washed washed washing | waschen wasche wäschst wäscht gewaschen h wasch
clean | clean cleans cleaned cleaned cleaning | putzen putze putzt putzt geputzt h putz
open | open opens opened opened opening | öffnen öffne öffnest öffnet geöffnet h öffne
close | close closes closed closed closing | schließen schließe schließt schließt geschlossen h schließ
carry | carry carries carried carried carrying | tragen trage trägst trägt getragen h trag
wear | wear wears wore worn wearing | tragen trage trägst trägt getragen h trag
lay | put puts put put putting | legen lege legst legt gelegt h leg
set | put puts put put putting | stellen stelle stellst stellt gestellt h stell
hang | hang hangs hung hung hanging | hängen hänge hängst hängt gehängt h häng
hang_be | hang hangs hung hung hanging | hängen hänge hängst hängt gehangen h häng ; hing hingen
lie | lie lies lay lain lying | liegen liege liegst liegt gelegen h lieg ; lag lagen
stand | stand stands stood stood standing | stehen stehe stehst steht gestanden h steh ; stand standen
be_stand | BE | stehen stehe stehst steht gestanden h steh ; stand standen
sit | sit sits sat sat sitting | sitzen sitze sitzt sitzt gesessen h sitz ; saß saßen
give | give gives gave given giving | geben gebe gibst gibt gegeben h gib
show | show shows showed shown showing | zeigen zeige zeigst zeigt gezeigt h zeig
lend | lend lends lent lent lending | leihen leihe leihst leiht geliehen h leih
send | send sends sent sent sending | schicken schicke schickst schickt geschickt h schick
bring | bring brings brought brought bringing | bringen bringe bringst bringt gebracht h bring
explain | explain explains explained explained explaining | erklären erkläre erklärst erklärt erklärt h erklär
tell | tell tells told told telling | erzählen erzähle erzählst erzählt erzählt h erzähl
visit | visit visits visited visited visiting | besuchen besuche besuchst besucht besucht h besuch
meet | meet meets met met meeting | treffen treffe triffst trifft getroffen h triff
call | call calls called called calling | an+rufen rufe rufst ruft angerufen h ruf
invite | invite invites invited invited inviting | ein+laden lade lädst lädt eingeladen h lad
help | help helps helped helped helping | helfen helfe hilfst hilft geholfen h hilf
thank | thank thanks thanked thanked thanking | danken danke dankst dankt gedankt h dank
wait | wait waits waited waited waiting | warten warte wartest wartet gewartet h warte
look_for | look looks looked looked looking +for | suchen suche suchst sucht gesucht h such
get_up | get gets got got getting +up | auf+stehen stehe stehst steht aufgestanden s steh
wake_up | wake wakes woke woken waking +up | auf+wachen wache wachst wacht aufgewacht s wach
fall_asleep | fall falls fell fallen falling +asleep | ein+schlafen schlafe schläfst schläft eingeschlafen s schlaf
turn_on | turn turns turned turned turning %on | ein+schalten schalte schaltest schaltet eingeschaltet h schalte
turn_off | turn turns turned turned turning %off | aus+schalten schalte schaltest schaltet ausgeschaltet h schalte
put_on | put puts put put putting %on | an+ziehen ziehe ziehst zieht angezogen h zieh
pick_up | pick picks picked picked picking %up | ab+holen hole holst holt abgeholt h hol
come_back | come comes came come coming +back | zurück+kommen komme kommst kommt zurückgekommen s komm
go_shopping | go goes went gone going +shopping | ein+kaufen kaufe kaufst kauft eingekauft h kauf
arrive | arrive arrives arrived arrived arriving | an+kommen komme kommst kommt angekommen s komm
leave | leave leaves left left leaving | ab+fahren fahre fährst fährt abgefahren s fahr
bring_along | bring brings brought brought bringing ~along | mit+bringen bringe bringst bringt mitgebracht h bring
take_along | take takes took taken taking ~along | mit+nehmen nehme nimmst nimmt mitgenommen h nimm
come_along | come comes came come coming +along | mit+kommen komme kommst kommt mitgekommen s komm
tidy_up | tidy tidies tidied tidied tidying %up | auf+räumen räume räumst räumt aufgeräumt h räum
prepare | prepare prepares prepared prepared preparing | vor+bereiten bereite bereitest bereitet vorbereitet h bereite
throw_away | throw throws threw thrown throwing %away | weg+werfen werfe wirfst wirft weggeworfen h wirf
take_part | take takes took taken taking +part | teil+nehmen nehme nimmst nimmt teilgenommen h nimm
watch_tv | watch watches watched watched watching +television | fern+sehen sehe siehst sieht ferngesehen h sieh
see | see sees saw seen seeing | sehen sehe siehst sieht gesehen h sieh
watch | watch watches watched watched watching | sehen sehe siehst sieht gesehen h sieh
hear | hear hears heard heard hearing | hören höre hörst hört gehört h hör
listen | listen listens listened listened listening +to | hören höre hörst hört gehört h hör
play | play plays played played playing | spielen spiele spielst spielt gespielt h spiel
sing | sing sings sang sung singing | singen singe singst singt gesungen h sing
dance | dance dances danced danced dancing | tanzen tanze tanzt tanzt getanzt h tanz
sleep | sleep sleeps slept slept sleeping | schlafen schlafe schläfst schläft geschlafen h schlaf
work.person | work works worked worked working | arbeiten arbeite arbeitest arbeitet gearbeitet h arbeite
work.device | work works worked worked working | funktionieren funktioniere funktionierst funktioniert funktioniert h funktionier
swim | swim swims swam swum swimming | schwimmen schwimme schwimmst schwimmt geschwommen s schwimm
go | go goes went gone going | gehen gehe gehst geht gegangen s geh
ride | go goes went gone going | fahren fahre fährst fährt gefahren s fahr
run | run runs ran run running | laufen laufe läufst läuft gelaufen s lauf
travel | travel travels travelled travelled travelling | reisen reise reist reist gereist s reise
fly | fly flies flew flown flying | fliegen fliege fliegst fliegt geflogen s flieg
stay | stay stays stayed stayed staying | bleiben bleibe bleibst bleibt geblieben s bleib
come | come comes came come coming | kommen komme kommst kommt gekommen s komm
learn | learn learns learned learned learning | lernen lerne lernst lernt gelernt h lern
live | live lives lived lived living | wohnen wohne wohnst wohnt gewohnt h wohn
find | find finds found found finding | finden finde findest findet gefunden h finde
lose | lose loses lost lost losing | verlieren verliere verlierst verliert verloren h verlier
forget | forget forgets forgot forgotten forgetting | vergessen vergesse vergisst vergisst vergessen h vergiss
take | take takes took taken taking | nehmen nehme nimmst nimmt genommen h nimm
count | count counts counted counted counting | zählen zähle zählst zählt gezählt h zähl
draw | draw draws drew drawn drawing | zeichnen zeichne zeichnest zeichnet gezeichnet h zeichne
paint | paint paints painted painted painting | malen male malst malt gemalt h mal
hold | hold holds held held holding | halten halte hältst hält gehalten h halte
plant | plant plants planted planted planting | pflanzen pflanze pflanzt pflanzt gepflanzt h pflanz
water | water waters watered watered watering | gießen gieße gießt gießt gegossen h gieß
pick | pick picks picked picked picking | pflücken pflücke pflückst pflückt gepflückt h pflück
feed | feed feeds fed fed feeding | füttern füttere fütterst füttert gefüttert h füttere
understand | understand understands understood understood understanding | verstehen verstehe verstehst versteht verstanden h versteh
answer | answer answers answered answered answering | beantworten beantworte beantwortest beantwortet beantwortet h beantworte
ask | ask asks asked asked asking | fragen frage fragst fragt gefragt h frag
say | say says said said saying | sagen sage sagst sagt gesagt h sag
think | think thinks thought thought thinking | denken denke denkst denkt gedacht h denk ; dachte dachten
believe | believe believes believed believed believing | glauben glaube glaubst glaubt geglaubt h glaub
hope | hope hopes hoped hoped hoping | hoffen hoffe hoffst hofft gehofft h hoff
know.fact | know knows knew known knowing | wissen weiß weißt weiß gewusst h wisse ; wusste wussten
know.person | know knows knew known knowing | kennen kenne kennst kennt gekannt h kenne ; kannte kannten
like | like likes liked liked liking | mögen mag magst mag gemocht h mag ; mochte mochten
need | need needs needed needed needing | brauchen brauche brauchst braucht gebraucht h brauche
have | have has had had having | haben habe hast hat gehabt h hab ; hatte hatten
be | BE | sein bin bist ist gewesen s sei ; war waren
belong | belong belongs belonged belonged belonging | gehören gehöre gehörst gehört gehört h gehör
cost | cost costs cost cost costing | kosten koste kostest kostet gekostet h koste
begin | begin begins began begun beginning | an+fangen fange fängst fängt angefangen h fang
end | end ends ended ended ending | enden ende endest endet geendet h ende
build | build builds built built building | bauen baue baust baut gebaut h bau
laugh | laugh laughs laughed laughed laughing | lachen lache lachst lacht gelacht h lach
cry | cry cries cried cried crying | weinen weine weinst weint geweint h wein
rain | rain rains rained rained raining | regnen regne regnest regnet geregnet h regne
snow | snow snows snowed snowed snowing | schneien schneie schneist schneit geschneit h schnei
look_forward | look looks looked looked looking +forward | sich freuen freue freust freut gefreut h freu
be_interested | BE +interested | sich interessieren interessiere interessierst interessiert interessiert h interessier
sit_down | sit sits sat sat sitting +down | sich setzen setze setzt setzt gesetzt h setz
hurry | hurry hurries hurried hurried hurrying | sich beeilen beeile beeilst beeilt beeilt h beeil
remember | remember remembers remembered remembered remembering | sich erinnern erinnere erinnerst erinnert erinnert h erinnere
rest | rest rests rested rested resting | sich aus+ruhen ruhe ruhst ruht ausgeruht h ruh
get_dressed | get gets got got getting +dressed | sich an+ziehen ziehe ziehst zieht angezogen h zieh
be_afraid | BE +afraid | haben habe hast hat gehabt h hab ; Angst ; hatte hatten
be_late | BE +late | haben habe hast hat gehabt h hab ; Verspätung ; hatte hatten
be_called | BE +called | heißen heiße heißt heißt geheißen h heiß ; hieß hießen
deposit | deposit deposits deposited deposited depositing | ein+zahlen zahle zahlst zahlt eingezahlt h zahl
receive | receive receives received received receiving | bekommen bekomme bekommst bekommt bekommen h bekomm
win | win wins won won winning | gewinnen gewinne gewinnst gewinnt gewonnen h gewinn
burn | burn burns burned burned burning | brennen brenne brennst brennt gebrannt h brenn ; brannte brannten
light | light lights lit lit lighting | an+zünden zünde zündest zündet angezündet h zünde
press | press presses pressed pressed pressing | drücken drücke drückst drückt gedrückt h drück
break | break breaks broke broken breaking | brechen breche brichst bricht gebrochen h brich
lift | lift lifts lifted lifted lifting | heben hebe hebst hebt gehoben h heb
hit | hit hits hit hit hitting | schlagen schlage schlägst schlägt geschlagen h schlag
grow | grow grows grew grown growing | wachsen wachse wächst wächst gewachsen s wachs
bloom | bloom blooms bloomed bloomed blooming | blühen blühe blühst blüht geblüht h blüh
hurt | hurt hurts hurt hurt hurting | weh+tun tue tust tut wehgetan h tu ; tat taten
examine | examine examines examined examined examining | untersuchen untersuche untersuchst untersucht untersucht h untersuch
try | try tries tried tried trying | versuchen versuche versuchst versucht versucht h versuch
study | study studies studied studied studying | lernen lerne lernst lernt gelernt h lern
bear | bear bears bore born bearing | gebären gebäre gebärst gebärt geboren h gebär
replace | replace replaces replaced replaced replacing | ersetzen ersetze ersetzt ersetzt ersetzt h ersetz
"""


class Verb(Entry):
    def __init__(self, key, english, german):
        super().__init__(key)
        forms = english.split()
        self.particle, self.placing = None, ""
        if forms[-1][0] in "+~%":
            self.placing, self.particle = forms[-1][0], forms.pop()[1:]
        self.is_be = forms == ["BE"]
        self.base, self.third, self.past, self.participle, self.ing = (
            ("be", "is", "was", "been", "being") if self.is_be else forms)
        forms, *extras = (part.split() for part in german.split(";"))
        self.reflexive = forms[0] == "sich"
        if self.reflexive:
            forms.pop(0)
        self.prefix, _, self.stem = ("+" + forms[0]).rpartition("+")
        self.prefix = self.prefix.strip("+")
        self.present = forms[1:4] + ["sind" if self.stem == "sein" else self.stem]
        self.de_participle, self.auxiliary, self.imperative = forms[4:7]
        self.closing = next((part[0] for part in extras if len(part) == 1), None)
        preterite = next((part for part in extras if len(part) == 2), None)
        self.preterite = preterite and [preterite[0], preterite[0], preterite[0], preterite[1]]

    def forms(self):
        """German surface forms that show which verb it is."""
        return list(dict.fromkeys([self.stem, *self.present, self.de_participle,
                                   *(self.preterite or [])]))

    def lemma(self):
        return self.infinitive()

    def command(self, person):
        form = self.stem if person == "Sie" else self.imperative
        return "seien" if form == "sein" else form

    def infinitive(self):
        return self.prefix + self.stem

    def zu_infinitive(self):
        return [self.prefix + "zu" + self.stem] if self.prefix else ["zu", self.stem]


VERBS = Verb.read(VERBS)
