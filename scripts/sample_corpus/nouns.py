"""Nouns. One row: key | English singular, plural | German singular, gender, plural, genitive
[oblique] | classes | adjectives that make sense with it ('$name' is a group from words.py). '-' is a
form that does not exist.

The oblique form is for weak nouns (der Student, den Studenten).
"""

from .tokens import Entry

PEOPLE = """
teacher | teacher teachers | Lehrer m Lehrer Lehrers | job man | $person
doctor | doctor doctors | Arzt m Ärzte Arztes | job man | $person famous
baker | baker bakers | Bäcker m Bäcker Bäckers | job man | $person
gardener | gardener gardeners | Gärtner m Gärtner Gärtners | job man | $person
farmer | farmer farmers | Bauer m Bauern Bauern Bauern | job man | $person rich poor
student | student students | Student m Studenten Studenten Studenten | job man | young clever friendly
painter | painter painters | Maler m Maler Malers | job man | $person famous poor
waiter | waiter waiters | Kellner m Kellner Kellners | job man | $person
singer | singer singers | Sänger m Sänger Sängers | job man | $person famous
mechanic | mechanic mechanics | Mechaniker m Mechaniker Mechanikers | mechanic man | $person
worker | worker workers | Arbeiter m Arbeiter Arbeiters | worker man | $person strong
player | player players | Spieler m Spieler Spielers | player man | young famous strong
king | king kings | König m Könige Königs | king man | old young rich
patient | patient patients | Patient m Patienten Patienten Patienten | patient man | old young
woman | woman women | Frau f Frauen Frau | adult woman | $person
man | man men | Mann m Männer Mannes | adult man | $person
girl | girl girls | Mädchen n Mädchen Mädchens | kid | little clever friendly
boy | boy boys | Junge m Jungen Jungen Jungen | kid man | little clever friendly
child | child children | Kind n Kinder Kindes | kid | little clever
brother | brother brothers | Bruder m Brüder Bruders | kin man | little
sister | sister sisters | Schwester f Schwestern Schwester | kin woman | little
mother | mother mothers | Mutter f Mütter Mutter | kin woman |
father | father fathers | Vater m Väter Vaters | kin man |
grandmother | grandmother grandmothers | Großmutter f Großmütter Großmutter | kin woman |
grandfather | grandfather grandfathers | Großvater m Großväter Großvaters | kin man |
aunt | aunt aunts | Tante f Tanten Tante | kin woman | rich
uncle | uncle uncles | Onkel m Onkel Onkels | kin man | rich
son | son sons | Sohn m Söhne Sohnes | kin man | little
daughter | daughter daughters | Tochter f Töchter Tochter | kin woman | little
neighbour | neighbour neighbours | Nachbar m Nachbarn Nachbarn Nachbarn | neighbour man | friendly old new
friend | friend friends | Freund m Freunde Freundes | friend man | old
guest | guest guests | Gast m Gäste Gastes | guest man | friendly
tourist | tourist tourists | Tourist m Touristen Touristen Touristen | tourist man | young
parents | - parents | - m Eltern - | parents |
"""

FOOD = """
bread | bread - | Brot n - Brotes | massfood shopfood bakeable | fresh
cheese | cheese - | Käse m - Käses | massfood shopfood | good
butter | butter - | Butter f - Butter | shopfood | fresh
honey | honey - | Honig m - Honigs | massfood shopfood | sweet
rice | rice - | Reis m - Reises | massfood shopfood cookable |
meat | meat - | Fleisch n - Fleisches | massfood shopfood cookable | fresh
fish | fish - | Fisch m - Fisches | massfood shopfood cookable | fresh
chocolate | chocolate - | Schokolade f - Schokolade | massfood shopfood | good
soup | soup soups | Suppe f Suppen Suppe | dish cookable | hot good
salad | salad salads | Salat m Salate Salats | dish | fresh good
pizza | pizza pizzas | Pizza f Pizzas Pizza | dish | hot big
cake | cake cakes | Kuchen m Kuchen Kuchens | cake bakeable gift | big sweet good
apple_cake | apple_cake apple_cakes | Apfelkuchen m Apfelkuchen Apfelkuchens | cake bakeable | big good
egg | egg eggs | Ei n Eier Eies | egg cookable | fresh
apple | apple apples | Apfel m Äpfel Apfels | fruit | $fruit red green
pear | pear pears | Birne f Birnen Birne | fruit | $fruit green
orange | orange oranges | Orange f Orangen Orange | fruit | $fruit
banana | banana bananas | Banane f Bananen Banane | fruit | $fruit yellow green
cherry | cherry cherries | Kirsche f Kirschen Kirsche | fruit | $fruit red
strawberry | strawberry strawberries | Erdbeere f Erdbeeren Erdbeere | fruit | $fruit red
tomato | tomato tomatoes | Tomate f Tomaten Tomate | vegetable | fresh red green
potato | potato potatoes | Kartoffel f Kartoffeln Kartoffel | vegetable cookplural | big small
carrot | carrot carrots | Karotte f Karotten Karotte | vegetable cookplural | fresh big
water | water - | Wasser n - Wassers | drink | cold fresh
milk | milk - | Milch f - Milch | drink shopfood | cold fresh warm
tea | tea - | Tee m - Tees | drink hotdrink | hot
coffee | coffee - | Kaffee m - Kaffees | drink hotdrink | hot
apple_juice | apple_juice - | Apfelsaft m - Apfelsafts | drink shopfood | cold sweet
orange_juice | orange_juice - | Orangensaft m - Orangensafts | drink shopfood | cold fresh
wine | wine - | Wein m - Weins | drink | good red
beer | beer - | Bier n - Biers | drink | cold
lemonade | lemonade - | Limonade f - Limonade | drink | cold sweet
breakfast | breakfast - | Frühstück n - Frühstücks | meal |
dinner | dinner - | Abendessen n - Abendessens | meal |
"""

THINGS = """
book | book books | Buch n Bücher Buches | readable flat gift shop lendable smallthing | $text thick old new
novel | novel novels | Roman m Romane Romans | readable gift shop | $text
newspaper | newspaper newspapers | Zeitung f Zeitungen Zeitung | readable flat | old
magazine | magazine magazines | Zeitschrift f Zeitschriften Zeitschrift | readable flat | old new
report | report reports | Bericht m Berichte Berichts | readable writable | $text
story | story stories | Geschichte f Geschichten Geschichte | readable writable tellable | $text
poem | poem poems | Gedicht n Gedichte Gedichts | readable writable | $text
coat | coat coats | Mantel m Mäntel Mantels | clothing shop hangable | $thing $colour warm
jacket | jacket jackets | Jacke f Jacken Jacke | clothing shop hangable | $thing $colour warm
dress | dress dresses | Kleid n Kleider Kleides | womenswear shop hangable | $thing $colour
shirt | shirt shirts | Hemd n Hemden Hemdes | clothing shop | $thing $colour
hat | hat hats | Hut m Hüte Hutes | headwear shop | $thing $colour
scarf | scarf scarves | Schal m Schals Schals | headwear shop gift | $colour warm new long
sweater | sweater sweaters | Pullover m Pullover Pullovers | clothing shop gift | $thing $colour warm
shoe | shoe shoes | Schuh m Schuhe Schuhs | shoes | $thing $colour
table | table tables | Tisch m Tische Tisches | furniture surface | $thing heavy
chair | chair chairs | Stuhl m Stühle Stuhls | furniture surface countable | $thing
lamp | lamp lamps | Lampe f Lampen Lampe | device switch upright shop it | $thing
cupboard | cupboard cupboards | Schrank m Schränke Schranks | furniture | $thing heavy
shelf | shelf shelves | Regal n Regale Regals | surface | old new
bed | bed beds | Bett n Betten Bettes | furniture | $thing comfortable
sofa | sofa sofas | Sofa n Sofas Sofas | furniture | $thing $colour comfortable
armchair | armchair armchairs | Sessel m Sessel Sessels | furniture | $thing comfortable
carpet | carpet carpets | Teppich m Teppiche Teppichs | carpet shop | $thing $colour
mirror | mirror mirrors | Spiegel m Spiegel Spiegels | hangable shop | $thing
picture | picture pictures | Bild n Bilder Bildes | hangable gift showable | $thing
door | door doors | Tür f Türen Tür | openable lockable | heavy $colour
window | window windows | Fenster n Fenster Fensters | openable | big small
wall | wall walls | Wand f Wände Wand | wall | white
clock | clock clocks | Uhr f Uhren Uhr | device hangable shop it | $thing
computer | computer computers | Computer m Computer Computers | device switch shop it | $thing fast
radio | radio radios | Radio n Radios Radios | device switch shop it | $thing
camera | camera cameras | Kamera f Kameras Kamera | device shop gift lendable smallthing it | $thing
telephone | telephone telephones | Telefon n Telefone Telefons | device it | $thing
bag | bag bags | Tasche f Taschen Tasche | container luggage shop | $thing $colour heavy light.weight
box | box boxes | Kiste f Kisten Kiste | container | big small heavy empty
basket | basket baskets | Korb m Körbe Korbs | container | big small empty
suitcase | suitcase suitcases | Koffer m Koffer Koffers | luggage shop openable | $thing $colour heavy light.weight
umbrella | umbrella umbrellas | Regenschirm m Regenschirme Regenschirms | takeable shop | $thing $colour
bottle | bottle bottles | Flasche f Flaschen Flasche | upright | big small empty green
glass | glass glasses | Glas n Gläser Glases | upright | big small empty clean
cup | cup cups | Tasse f Tassen Tasse | upright | big small empty clean white
coffee_cup | coffee_cup coffee_cups | Kaffeetasse f Kaffeetassen Kaffeetasse | upright gift | $thing
vase | vase vases | Vase f Vasen Vase | upright gift shop | $thing
plate | plate plates | Teller m Teller Tellers | washable | big small empty clean
knife | knife knives | Messer n Messer Messers | flat washable smallthing | long small clean
spoon | spoon spoons | Löffel m Löffel Löffels | flat washable smallthing | big small clean
ball | ball balls | Ball m Bälle Balles | toy gift smallthing | $colour big small
doll | doll dolls | Puppe f Puppen Puppe | toy gift shop | $thing
guitar | guitar guitars | Gitarre f Gitarren Gitarre | instrument shop lendable | $thing
piano | piano pianos | Klavier n Klaviere Klaviers | piano | $thing black
train_ticket | train_ticket train_tickets | Fahrkarte f Fahrkarten Fahrkarte | ticket flat smallthing | expensive cheap
map | map maps | Karte f Karten Karte | flat showable smallthing | old new
stamp | stamp stamps | Briefmarke f Briefmarken Briefmarke | stamp countable | $colour
passport | passport passports | Reisepass m Reisepässe Reisepasses | document takeable smallthing | new old
pencil | pencil pencils | Bleistift m Bleistifte Bleistifts | flat lendable countable smallthing | red green long
present | present presents | Geschenk n Geschenke Geschenks | gift bringable | big small expensive
flower | flower flowers | Blume f Blumen Blume | flower countable | $colour beautiful fresh
rose | rose roses | Rose f Rosen Rose | flower | red white yellow beautiful
tree | tree trees | Baum m Bäume Baumes | tree | old big
car | car cars | Auto n Autos Autos | vehicle rides buyable washable2 | $thing $colour fast
bicycle | bicycle bicycles | Fahrrad n Fahrräder Fahrrads | bike buyable washable2 lendable | $thing $colour
bus | bus buses | Bus m Busse Busses | public rides |
train | train trains | Zug m Züge Zuges | public rides |
ship | ship ships | Schiff n Schiffe Schiffes | ship | big old white
boat | boat boats | Boot n Boote Bootes | boat | old small white
taxi | taxi taxis | Taxi n Taxis Taxis | taxi |
film | film films | Film m Filme Films | film | $text old
song | song songs | Lied n Lieder Liedes | song | beautiful old sad
concert | concert concerts | Konzert n Konzerte Konzerts | event |
lesson | lesson - | Unterricht m - Unterrichts | event |
party | party parties | Party f Partys Party | party |
exam | exam exams | Prüfung f Prüfungen Prüfung | exam | difficult easy
meeting | meeting meetings | Besprechung f Besprechungen Besprechung | event | important long
wedding | wedding weddings | Hochzeit f Hochzeiten Hochzeit | party |
birthday | birthday birthdays | Geburtstag m Geburtstage Geburtstags | birthday |
holidays | - holidays | - m Ferien - | holidays |
trip | trip trips | Ausflug m Ausflüge Ausflugs | trip | long beautiful
weather | weather - | Wetter n - Wetters | weather | good bad
question | question questions | Frage f Fragen Frage | question | difficult easy important
answer | answer answers | Antwort f Antworten Antwort | answer | short long good
idea | idea ideas | Idee f Ideen Idee | idea | good new
problem | problem problems | Problem n Probleme Problems | problem | difficult big
word | word words | Wort n Wörter Wortes | word | long short difficult
name | name names | Name m Namen Namens Namen | name |
time | time - | Zeit f - Zeit | time |
money | money - | Geld n - Geldes | money |
help | help - | Hilfe f - Hilfe | help |
music | music - | Musik f - Musik | music | loud beautiful
football | football - | Fußball m - Fußballs | sport |
tennis | tennis - | Tennis n - Tennis | sport |
chess | chess - | Schach n - Schachs | sport |
german | German - | Deutsch n - - | language |
english | English - | Englisch n - - | language |
spanish | Spanish - | Spanisch n - - | language |
french | French - | Französisch n - - | language |
colour | colour colours | Farbe f Farben Farbe | colour |
price | price prices | Preis m Preise Preises | price |
hand | hand hands | Hand f Hände Hand | hand | cold warm clean
hair | hair - | Haar n Haare Haares | hair |
homework | homework - | - f Hausaufgaben - | homework | difficult
account | account accounts | Konto n Konten Kontos | account | new
loan | loan loans | Kredit m Kredite Kredits | loan | small big
envelope | envelope envelopes | Umschlag m Umschläge Umschlags | envelope | white big
alphabet | alphabet alphabets | Alphabet n Alphabete Alphabets | alphabet |
blackboard | blackboard blackboards | Tafel f Tafeln Tafel | blackboard |
candle | candle candles | Kerze f Kerzen Kerze | candle | red white long
team | team teams | Mannschaft f Mannschaften Mannschaft | team |
keyboard | keyboard keyboards | Tastatur f Tastaturen Tastatur | keyboard | new old
mattress | mattress mattresses | Matratze f Matratzen Matratze | mattress | old
coin | coin coins | Münze f Münzen Münze | coin smallthing countable | old small
stone | stone stones | Stein m Steine Steins | stone | heavy big
nest | nest nests | Nest n Nester Nestes | nest | big small
blanket | blanket blankets | Decke f Decken Decke | blanket | warm old
pain | pain - | - m Schmerzen - | pain |
form | form forms | Formular n Formulare Formulars | form |
contract | contract contracts | Vertrag m Verträge Vertrags | contract | old new important
photo | photo photos | Foto n Fotos Fotos | showable flat smallthing | old beautiful
frog | frog frogs | Frosch m Frösche Frosches | frog | small green
oil | oil - | Öl n - Öls | oil |
"""

ANIMALS = """
dog | dog dogs | Hund m Hunde Hundes | pet animal | $animal
cat | cat cats | Katze f Katzen Katze | pet animal | $animal
horse | horse horses | Pferd n Pferde Pferdes | horse farmanimal animal | $animal strong
cow | cow cows | Kuh f Kühe Kuh | farmanimal animal | $animal
sheep | sheep sheep | Schaf n Schafe Schafes | farmanimal animal | old white
bird | bird birds | Vogel m Vögel Vogels | bird animal | small $colour
duck | duck ducks | Ente f Enten Ente | waterbird animal | small white
rabbit | rabbit rabbits | Kaninchen n Kaninchen Kaninchens | pet animal | small white brown
elephant | elephant elephants | Elefant m Elefanten Elefanten Elefanten | zooanimal animal | old big
lion | lion lions | Löwe m Löwen Löwen Löwen | zooanimal animal | old big
monkey | monkey monkeys | Affe m Affen Affen Affen | zooanimal animal | small clever
bear | bear bears | Bär m Bären Bären Bären | zooanimal animal | big brown strong
"""

PLACES = """
station | station stations | Bahnhof m Bahnhöfe Bahnhofs | building | $building
airport | airport airports | Flughafen m Flughäfen Flughafens | building | big new
park | park parks | Park m Parks Parks | outdoors | beautiful big small
garden | garden gardens | Garten m Gärten Gartens | outdoors | beautiful big small
kitchen | kitchen kitchens | Küche f Küchen Küche | room | $room
living_room | living_room living_rooms | Wohnzimmer n Wohnzimmer Wohnzimmers | room | $room
bedroom | bedroom bedrooms | Schlafzimmer n Schlafzimmer Schlafzimmers | room | $room
bathroom | bathroom bathrooms | Badezimmer n Badezimmer Badezimmers | room | $room
room | room rooms | Zimmer n Zimmer Zimmers | room | $room
flat | flat flats | Wohnung f Wohnungen Wohnung | home | $room expensive cheap
house | house houses | Haus n Häuser Hauses | home building | $building $colour
library | library libraries | Bibliothek f Bibliotheken Bibliothek | building | $building
school | school schools | Schule f Schulen Schule | building | $building
university | university universities | Universität f Universitäten Universität | building | $building
hospital | hospital hospitals | Krankenhaus n Krankenhäuser Krankenhauses | building | $building
office | office offices | Büro n Büros Büros | office room | $room
market | market markets | Markt m Märkte Marktes | outdoors | big small
supermarket | supermarket supermarkets | Supermarkt m Supermärkte Supermarkts | building opens | big new
restaurant | restaurant restaurants | Restaurant n Restaurants Restaurants | building opens | good expensive cheap new
cafe | café cafés | Café n Cafés Cafés | building opens | good small new
museum | museum museums | Museum n Museen Museums | building opens | $building
theatre | theatre theatres | Theater n Theater Theaters | building | $building
cinema | cinema cinemas | Kino n Kinos Kinos | building opens | $building
church | church churches | Kirche f Kirchen Kirche | building | $building beautiful
hotel | hotel hotels | Hotel n Hotels Hotels | building | $building expensive cheap
bakery | bakery bakeries | Bäckerei f Bäckereien Bäckerei | building opens | good small new
beach | beach beaches | Strand m Strände Strandes | outdoors | beautiful long
lake | lake lakes | See m Seen Sees | outdoors | big small deep
river | river rivers | Fluss m Flüsse Flusses | water | long deep
canal | canal canals | Kanal m Kanäle Kanals | water | long deep
sea | sea seas | Meer n Meere Meeres | water | cold deep
mountain | mountain mountains | Berg m Berge Berges | mountain | high
forest | forest forests | Wald m Wälder Waldes | outdoors | big dark
village | village villages | Dorf n Dörfer Dorfes | town | small old beautiful
city | city cities | Stadt f Städte Stadt | town | big old beautiful
street | street streets | Straße f Straßen Straße | street | long
bridge | bridge bridges | Brücke f Brücken Brücke | structure | $building long
castle | castle castles | Schloss n Schlösser Schlosses | building | $building beautiful
tower | tower towers | Turm m Türme Turms | building structure | $building high
farm | farm farms | Bauernhof m Bauernhöfe Bauernhofs | farm | big small old
island | island islands | Insel f Inseln Insel | island | small beautiful
zoo | zoo zoos | Zoo m Zoos Zoos | outdoors | big
playground | playground playgrounds | Spielplatz m Spielplätze Spielplatzes | outdoors | new big
stadium | stadium stadiums | Stadion n Stadien Stadions | stadium | big new
cave | cave caves | Höhle f Höhlen Höhle | cave | dark deep
attic | attic attics | Dachboden m Dachböden Dachbodens | attic | dark
building_site | building_site building_sites | Baustelle f Baustellen Baustelle | building_site | big
class | class classes | Klasse f Klassen Klasse | class | small big
"""

# Senses of ambiguous nouns. They have no class, so that only sentences that settle the sense use
# them.
AMBIGUOUS = """
bank.money | bank banks | Bank f Banken Bank | | new small
bank.river | bank banks | Ufer n Ufer Ufers | |
letter.post | letter letters | Brief m Briefe Briefes | | long short important
letter.alphabet | letter letters | Buchstabe m Buchstaben Buchstabens Buchstaben | | big small
match.fire | match matches | Streichholz n Streichhölzer Streichholzes | | long
match.sport | match matches | Spiel n Spiele Spiels | | important difficult
key.lock | key keys | Schlüssel m Schlüssel Schlüssels | | old small new
key.press | key keys | Taste f Tasten Taste | | green red black white
spring.season | spring springs | Frühling m Frühlinge Frühlings | |
spring.metal | spring springs | Feder f Federn Feder | | strong small
spring.water | spring springs | Quelle f Quellen Quelle | | cold deep
seal.animal | seal seals | Robbe f Robben Robbe | | young old big small
seal.stamp | seal seals | Siegel n Siegel Siegels | | red old
bat.animal | bat bats | Fledermaus f Fledermäuse Fledermaus | | small black
bat.sport | bat bats | Schläger m Schläger Schlägers | | new heavy old
palm.tree | palm palms | Palme f Palmen Palme | | big old
palm.hand | palm palms | Handfläche f Handflächen Handfläche | | warm cold
crane.machine | crane cranes | Kran m Kräne Krans | | big strong yellow
crane.bird | crane cranes | Kranich m Kraniche Kranichs | | young grey
chest.box | chest chests | Truhe f Truhen Truhe | | old big heavy
chest.body | chest chests | Brust f Brüste Brust | |
date.day | date dates | Datum n Daten Datums | |
date.fruit | date dates | Dattel f Datteln Dattel | | sweet fresh
trunk.car | trunk trunks | Kofferraum m Kofferräume Kofferraums | |
trunk.elephant | trunk trunks | Rüssel m Rüssel Rüssels | |
trunk.tree | trunk trunks | Stamm m Stämme Stammes | | thick
"""


class Noun(Entry):
    def __init__(self, key, english, german, classes, adjectives):
        super().__init__(key)
        self.singular, self.plural = (None if form == "-" else form.replace("_", " ")
                                      for form in english.split())
        self.de, self.gender, self.de_plural, self.genitive, *oblique = german.split()
        self.oblique = oblique[0] if oblique else self.de
        self.classes, self.adjectives = classes.split(), adjectives.split()

    def is_a(self, *classes):
        return any(name in self.classes for name in classes)

    def lemma(self):
        return self.de

    def german(self, case, plural):
        if plural:
            ending = "n" if case == "dat" and self.de_plural[-1] not in "ns" else ""
            return self.de_plural + ending
        return {"nom": self.de, "gen": self.genitive}.get(case, self.oblique)

    def forms(self):
        """All German surface forms, in a fixed order."""
        numbers = [plural for plural in (False, True)
                   if (self.de_plural if plural else self.de) != "-"]
        return list(dict.fromkeys(self.german(case, plural) for plural in numbers
                                  for case in ("nom", "acc", "dat", "gen")))


NOUNS = Noun.read(PEOPLE + FOOD + THINGS + ANIMALS + PLACES + AMBIGUOUS)
CLASSES = {}
for _noun in NOUNS.values():
    for _name in _noun.classes:
        CLASSES.setdefault(_name, []).append(_noun)
