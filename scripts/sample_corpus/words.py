"""Adjectives, names, places as names, and expressions of time."""

from .tokens import Entry

# key | English positive, comparative, superlative | German positive, stem before an ending,
# comparative, superlative stem. '-' is a form that is not used.
ADJECTIVES = """
old | old older oldest | alt alt älter ältest
young | young younger youngest | jung jung jünger jüngst
new | new newer newest | neu neu neuer neuest
big | big bigger biggest | groß groß größer größt
small | small smaller smallest | klein klein kleiner kleinst
little | little - - | klein klein - -
tall | tall taller tallest | groß groß größer größt
long | long longer longest | lang lang länger längst
short | short shorter shortest | kurz kurz kürzer kürzest
high | high higher highest | hoch hoh höher höchst
deep | deep deeper deepest | tief tief tiefer tiefst
thick | thick thicker thickest | dick dick dicker dickst
heavy | heavy heavier heaviest | schwer schwer schwerer schwerst
light.weight | light lighter lightest | leicht leicht leichter leichtest
light.bright | light lighter lightest | hell hell heller hellst
dark | dark darker darkest | dunkel dunkl dunkler dunkelst
cold | cold colder coldest | kalt kalt kälter kältest
warm | warm warmer warmest | warm warm wärmer wärmst
hot | hot hotter hottest | heiß heiß heißer heißest
fresh | fresh fresher freshest | frisch frisch frischer frischest
sweet | sweet sweeter sweetest | süß süß süßer süßest
good | good better best | gut gut besser best
bad | bad - - | schlecht schlecht - -
fast | fast faster fastest | schnell schnell schneller schnellst
slow | slow slower slowest | langsam langsam langsamer langsamst
loud | loud louder loudest | laut laut lauter lautest
quiet | quiet - - | ruhig ruhig - -
cheap | cheap cheaper cheapest | billig billig billiger billigst
expensive | expensive more_expensive most_expensive | teuer teur teurer teuerst
beautiful | beautiful more_beautiful most_beautiful | schön schön schöner schönst
comfortable | comfortable more_comfortable most_comfortable | bequem bequem bequemer bequemst
interesting | interesting more_interesting most_interesting | interessant interessant interessanter interessantest
boring | boring - - | langweilig langweilig - -
important | important more_important most_important | wichtig wichtig wichtiger wichtigst
difficult | difficult more_difficult most_difficult | schwierig schwierig schwieriger schwierigst
easy | easy easier easiest | einfach einfach einfacher einfachst
clever | clever cleverer cleverest | klug klug klüger klügst
strong | strong stronger strongest | stark stark stärker stärkst
rich | rich richer richest | reich reich reicher reichst
poor | poor - - | arm arm - -
famous | famous - - | berühmt berühmt - -
friendly | friendly - - | freundlich freundlich - -
happy | happy - - | glücklich glücklich - -
sad | sad - - | traurig traurig - -
tired | tired - - | müde müd - -
ill | ill - - | krank krank - -
healthy | healthy - - | gesund gesund - -
hungry | hungry - - | hungrig hungrig - -
thirsty | thirsty - - | durstig durstig - -
broken | broken - - | kaputt kaputt - -
dirty | dirty - - | schmutzig schmutzig - -
clean | clean cleaner cleanest | sauber sauber sauberer sauberst
wet | wet - - | nass nass - -
dry | dry - - | trocken trocken - -
empty | empty - - | leer leer - -
full | full - - | voll voll - -
open | open - - | offen offen - -
sunny | sunny - - | sonnig sonnig - -
red | red - - | rot rot - -
blue | blue - - | blau blau - -
green | green - - | grün grün - -
white | white - - | weiß weiß - -
black | black - - | schwarz schwarz - -
brown | brown - - | braun braun - -
yellow | yellow - - | gelb gelb - -
grey | grey - - | grau grau - -
first | first - - | - erst - -
last | last - - | - letzt - -
"""

GROUPS = {
    "$colour": "red blue green white black brown grey".split(),
    "$person": "old young friendly happy".split(),
    "$thing": "old new small big expensive cheap beautiful".split(),
    "$text": "new long short interesting boring".split(),
    "$fruit": "fresh sweet big small".split(),
    "$animal": "old young big small black white brown".split(),
    "$building": "old new big small".split(),
    "$room": "big small warm cold light.bright dark".split(),
}


class Adjective(Entry):
    def __init__(self, key, english, german):
        super().__init__(key)
        self.en, self.en_comparative, self.en_superlative = (
            form.replace("_", " ") for form in english.split())
        self.de, self.stem, self.de_comparative, self.de_superlative = german.split()

    def forms(self):
        """All German surface forms, and the stem of the superlative."""
        endings = ["", "e", "en", "em", "er", "es"]
        return [self.stem + ending for ending in endings] + [self.de_comparative,
                                                             self.de_superlative]

    def lemma(self):
        return self.de


ADJECTIVE = Adjective.read(ADJECTIVES)

MEN = "Paul Tim Jan Ben Peter Martin Stefan Daniel David Michael Simon Robert Adam Oskar Emil".split()
WOMEN = "Anna Lena Maria Sarah Julia Laura Eva Nina Emma Clara Sophie Lisa Hannah Martha Mia".split()
SURNAMES = "Weber Fischer Wagner Becker Schneider Hoffmann Neumann Lehmann Krüger Hartmann " \
           "Schubert Winkler".split()
CITIES = "Berlin Hamburg London Paris Dresden Leipzig Bremen Madrid Dublin Stuttgart Oslo Potsdam " \
         "Munich=München Vienna=Wien Cologne=Köln Rome=Rom".split()
COUNTRIES = "Italy=Italien France=Frankreich Spain=Spanien Sweden=Schweden Norway=Norwegen " \
            "Austria=Österreich".split()

MONTHS = "January=Januar February=Februar March=März April=April May=Mai June=Juni July=Juli " \
         "August=August September=September October=Oktober November=November " \
         "December=Dezember".split()
DAYS = "Monday=Montag Tuesday=Dienstag Wednesday=Mittwoch Thursday=Donnerstag Friday=Freitag " \
       "Saturday=Samstag Sunday=Sonntag".split()
PARTS = "morning=Morgen afternoon=Nachmittag evening=Abend".split()

# English | German | alignment, where it is not word by word or all with all
TIMES = {
    "past": """
        yesterday | gestern
        last week | letzte Woche
        last year | letztes Jahr
        yesterday evening | gestern Abend
        yesterday morning | gestern Morgen
        this morning | heute Morgen
        @ago
        @weekday
        @lastday
        @date""",
    "fut": """
        tomorrow | morgen
        next week | nächste Woche
        next year | nächstes Jahr
        soon | bald
        tomorrow evening | morgen Abend
        tomorrow morning | morgen früh
        this evening | heute Abend
        @in
        @weekday
        @nextday
        @date""",
    "hab": """
        every day | jeden Tag
        every morning | jeden Morgen
        every evening | jeden Abend
        every week | jede Woche
        @weekdays""",
}
FREQUENCY = """
often | oft
always | immer
sometimes | manchmal
never | nie
usually | meistens
rarely | selten"""
