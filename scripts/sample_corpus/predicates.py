"""What people and things do, as data for clauses.Predicate. Kept plausible: nobody reads a soup.

Flags: #state no progressive, no perfect; #noneg not negated; #clock goes with a time of day; #now a
single event that 'when' can name; #done leaves a result ('has just ...'); #chance is not done on
purpose, so nobody wants it.
"""

HUMAN = """
read; acc the|a @readable; at library park garden living_room train bed; #done
read; acc the newspaper|magazine; at cafe kitchen garden office
write; acc a|the @writable; at library office; #done
write; acc a poem|story; ppo about the ! city|forest|sea || about poss @pet|@kin
eat; acc a|the|the+ @fruit; at kitchen garden park; #done
eat; acc a|the @dish|egg|cake|apple_cake; at restaurant cafe kitchen
eat; acc - @massfood; at kitchen
drink; acc - @drink; at cafe kitchen garden
cook; acc the ! soup|rice|meat|fish|egg; at kitchen; #done
cook; acc -+ ! @cookplural; at kitchen
bake; acc a|the @bakeable; #done
buy; acc a|the @shop; at market; #done
buy; acc a+ @shopfood; at supermarket
buy; acc -+|the+ @fruit|@vegetable|flower|rose|egg; at market
buy; acc a|the @ticket; at station airport; #done
sell; acc poss @buyable|@home|guitar|piano|boat; #done
repair; acc the|poss @device|@bike|boat|car; #done
wash; acc the|poss @washable|car|bicycle|shirt|sweater; #done
clean; acc the ! @room; #done
clean; acc the|poss ! window|kitchen
open; acc the @openable|bottle|box; #done
close; acc the @openable|box; #done
carry; acc the|poss @luggage|basket|box; dir into the house || to>zu.dat the station || into the flat
wear; acc a|the|poss @clothing|hat|scarf; #state
lay; acc the|poss @flat; dir on+ the table|bed|chair|shelf || into the bag|box|basket || next_to+ the telephone|lamp; #done
set; acc the|poss @upright; dir on+ the table|shelf || next_to+ the radio|computer || into the cupboard; #done
hang; acc the|poss @clothing; dir into the ! cupboard
hang; acc the|a picture|mirror|clock; dir on>an.acc the wall || above>über.acc the sofa|bed|piano; #done
give; dat the|poss @kid|@kin|neighbour||$person; acc a|the @gift; #done
show; dat the|poss @kin|@guest|neighbour||$person; acc the|poss @showable|house|flat|@room
lend; dat the|poss @kin|neighbour|student||$person; acc the|poss @lendable; #done
send; dat the|poss @kin||$person; acc a|the @gift|photo|poem; #done
explain; acc the question|problem|answer; to the|poss @kid|student|son|daughter|brother
tell; dat the|poss @kid|@kin|@guest||$person; acc a|the story
visit; acc the|poss @kin|neighbour|parents||$person
visit; acc the museum|castle|zoo|tower|church
meet; acc the|poss @kin|@job|neighbour||$person; at station park cafe restaurant airport; #clock; #now
call; acc the|poss @kin|doctor|neighbour|parents||$person; #clock; #now; #done
invite; acc the|poss @kin|neighbour|parents||$person; dir to>zu.dat the party|wedding; #done
help; dat the|poss @kin|@kid|neighbour||$person; at kitchen garden office
thank; dat the|poss @kin|@job|neighbour||$person; ppo for the @gift|answer|flower || for the help
wait; ppo for>auf.acc the|poss @kin|taxi|bus|train||$person; at station airport
look_for; acc the|poss @smallthing|umbrella|hat
get_up; #clock; #now; #done
wake_up; #clock; #now; #done; #chance
fall_asleep; at living_room train; #clock; #now; #done; #chance
turn_on; acc the @switch; at kitchen bedroom living_room; #done
turn_off; acc the @switch; at kitchen bedroom office; #done
put_on; acc the|a|poss @clothing
put_on; acc the+|poss+ shoe
pick_up; acc the|poss @kid|@kin|parents||$person; dir from the station || =from school>von der Schule>0-0 1-1 1-2 || from the airport; #clock; #done
come_back; dir =from work>von der Arbeit>0-0 1-1 1-2 || from the doctor || =from school>aus der Schule>0-0 1-1 1-2; #now; #clock; #done
come_back; dir from>aus.dat $city||$country; #now; #done
go_shopping; ins with the|poss @kin||$person; #clock
go_shopping; loc in the ! supermarket || at>auf.dat the ! market; #clock
arrive; loc *station|airport || at>in.dat the hotel; #clock; #now; #done; #chance
arrive; loc in $city; #clock; #now; #done; #chance
bring_along; acc a|the|poss @gift|cake|salad|guitar|camera
take_along; acc the|poss umbrella|camera|passport|map|blanket
come_along; dir *cinema|park|museum|theatre|zoo|beach
tidy_up; acc the|poss ! @room|cupboard; #done
prepare; acc the breakfast|dinner|party|trip|meeting; #done
throw_away; acc the|poss @flat|@clothing|box; #done
take_part; ppo in>an.dat the meeting|trip
watch_tv; ins with the|poss @kin||$person; #clock
watch; acc a|the film; at cinema
see; acc a|the @pet|@bird|horse|@waterbird; at park garden forest; #chance
hear; acc a|the song|story
listen; acc the song; at bedroom living_room
play; ins with the|poss @kid|@pet||$person; at garden park playground
play; acc the0 ! piano|guitar; at living_room; #noneg
play; acc - football|tennis|chess; ?ins with the|poss @kin||$person; at park school; #noneg
sing; acc a|the song; at church garden
dance; ins with the|poss @kin|neighbour|friend||$person
sleep; loc *garden|living_room|hotel || on the ! sofa
swim; loc in the ! sea|river|lake
go; dir *station|airport|park|library|school|hospital|market|supermarket|restaurant|museum|theatre|cinema|church|beach|lake|zoo|playground|castle|forest|home|bakery; #clock
ride; dir to>nach.dat $city||$country; ins =by train>mit dem Zug>0-0 1-1 1-2 || =by bus>mit dem Bus>0-0 1-1 1-2 || =by car>mit dem Auto>0-0 1-1 1-2
ride; dir *station|airport|university|beach|market; ins =by bus>mit dem Bus>0-0 1-1 1-2 || =by bicycle>mit dem Fahrrad>0-0 1-1 1-2
run; dir *station|park|home|playground|school
travel; dir to>nach.dat $city||$country; ?ins with the|poss @kin||$person
fly; dir to>nach.dat $city||$country; ?ins with the|poss @kin||$person
stay; loc *home|bed|hospital|hotel
come; dir *home|school; #clock; #now
learn; acc - ! @language; at school university; #noneg
live; loc in $city || in a|the village|city|house|castle || on>auf.dat a|the island || next_to the church|school|park|station; #state
find; acc the|a|poss @smallthing; loc in the ! @room|garden || under the bed|table|sofa|cupboard || behind the door|sofa|shelf; #done; #chance
lose; acc the|poss @smallthing|umbrella|hat|passport; at park station forest beach; #chance
forget; acc the|poss umbrella|hat|camera|passport|book|bag; ?loc in the ! train|bus|taxi || =at home>zu Hause; #chance
count; acc the+ coin|chair|stamp|flower|sheep
draw; acc a|the @animal|house|tree|bird|castle
paint; acc a|the picture; at garden
hold; acc the|a|poss @flat|ball|camera; ppo in poss ! hand; #state
plant; acc a|the tree|rose|flower; at garden
water; acc the+ ! flower|rose
pick; acc -+|the+ cherry|apple|pear|strawberry|rose; at garden
feed; acc the|poss|the+ @pet; #clock; #done
feed; acc the+ @farmanimal; #clock; #done
understand; acc the question|problem|answer|story|poem; #state
answer; acc the question; #done
like; acc - ! @massfood|coffee|tea|milk|music|football; #state; #noneg
like; acc the @film|song|picture|flat|house|cat|dog; #state
need; acc a @shop|@furniture|car|bicycle; #state
have; acc a @pet|@bike|car|@instrument|horse|boat; #state
have; acc a problem|question|idea; #state
be_interested; ppo in>für.acc - ! music|chess|tennis|football || in>für.acc the museum|castle|city|trip; #state
look_forward; ppo to>auf.acc the|poss @party|trip|holidays|birthday || to>auf.acc the concert; #state
sit_down; dir on+ the ! sofa|chair|bed || next_to+ the|poss @kin || at>an.acc the ! table || under+ a|the tree
rest; at garden bedroom living_room park
get_dressed; #clock; #now; #done
be_afraid; ppo of>vor.dat the exam|@zooanimal|dog || of>vor.dat -+ ! dog|horse|frog|bear; #state; #noneg
study; ins for poss|the exam; at library
build; acc a|the house|boat
laugh; ppo at>über.acc the film|story|answer|idea|picture
think; ppo about>an.acc the|poss @kin|holidays|exam|trip; #state
ask; acc the|poss @kin|@job||$person
take; acc the ! bus|train; dir to>zu.dat the station|airport|university
work.person; loc *office|hospital|library|garden|school|restaurant|hotel|museum|university|farm
work.person; loc in>in.dat $city || in a school|hospital|restaurant|hotel|museum|bakery
know.person; acc the|poss @job|neighbour|city|village|museum|song||$person; #state
know.person; acc the|this @job|story|song|film|castle; #state
"""

OTHERS = """
the|any @pet :: sleep; loc on the sofa|bed|carpet || under the table|bed|chair || next_to the door || in the ! kitchen
the|any @pet :: run; dir into the garden|house|kitchen || through the garden|park|kitchen
the @zooanimal|@farmanimal|@pet :: drink; acc - ! water
the+ @waterbird :: swim; loc in>auf.dat the lake
the lion|bear :: eat; acc - ! meat
the+ monkey :: eat; acc the+|-+ banana|pear
the+ @farmanimal :: stand; loc in_front_of the house || under the|a tree || on the farm
the+ cow|sheep :: sleep; loc under the tree
a|the bird :: sit; loc on the|a chair || in>auf.dat the|a tree || on the ! tower
the|any @flat :: lie; loc on the table|bed|chair|shelf || under the table|bed|sofa || in the ! bag|box || next_to the telephone|lamp; #state
the|any @upright :: stand; loc on the table|shelf || next_to the radio|computer || in the ! cupboard; #state
the|any @furniture|piano :: stand; loc in the ! @room || next_to the window|door || in_front_of the window|mirror; #state
the|any picture|mirror|clock :: hang_be; loc on>an.dat the wall || above the sofa|bed|piano || next_to the door; #state
the|any @clothing :: lie; loc on the bed|chair|sofa || under the bed|table; #state
the church|school|library|hospital|hotel :: stand; loc next_to the park|station|market|museum || behind the ! bridge|castle|theatre; #state
the|any @device :: work.device; #state
the|this @device|@bike|@furniture|@instrument|boat :: belong; to the|any @kin|@job|neighbour||$person; #state
"""

# What is said with a clock time.
SCHEDULED = """
the train|bus :: leave
the train|bus|ship :: arrive
the film|@event|party :: begin
the film|meeting|lesson|concert :: end
the @opens|library|castle :: open
the @opens|library|zoo :: close
"""

# Causes, what follows from them, and what happens all the same. S is the same person throughout.
SITUATIONS = """
cause: be; adj tired
so: go; dir *bed | drink; acc - ! coffee|tea | stay; loc *home | rest; at garden bedroom | sit_down; dir on+ the sofa | not go; dir *cinema|theatre|park | fall_asleep; at living_room | not cook
but: read; acc a novel|report | go; dir *cinema|theatre | help; dat poss @kin | play; acc - football|tennis | watch; acc a film | tidy_up; acc the kitchen|bathroom | not sleep

cause: it :: rain
so: take_along; acc the|poss umbrella | stay; loc *home | take; acc the ! bus | take; acc a ! taxi | put_on; acc poss|a coat|jacket | close; acc the window | not go; dir *park|beach|playground | watch; acc a film | read; acc a novel|book
but: go; dir *park|market|beach|zoo | play; acc - football | swim; loc in the ! lake | work.person; loc *garden | run; dir *park | not take_along; acc the umbrella | not wear; acc a coat

cause: be; adj hungry
so: eat; acc a @fruit|@dish | eat; acc - ! bread|cheese | cook; acc the ! soup|rice | go; dir *restaurant|bakery | buy; acc - ! bread|cheese | go; dir into the kitchen
but: not eat; acc the @fruit|soup | wait; ppo for>auf.acc poss @kin | not cook; acc the soup | not go; dir into the kitchen

cause: be; adj thirsty
so: drink; acc - ! water|apple_juice|orange_juice|lemonade | open; acc the ! bottle | look_for; acc a ! cafe | go; dir *cafe
but: not drink; acc the ! tea|coffee|water | not open; acc the ! bottle

cause: be; adj ill
so: stay; loc *bed|home | call; acc the doctor | go; dir to>zu.dat the doctor | drink; acc - ! tea | not go; dir *school|office|university | not work.person
but: go; dir *school|office | play; acc - football | visit; acc poss @kin | work.person; loc *office|garden

cause: it :: be; adj cold
so: put_on; acc a|poss coat|sweater|jacket | close; acc the window|door | drink; acc - ! tea|coffee | stay; loc *home | buy; acc a coat|sweater|scarf | wear; acc a coat|scarf|hat | not swim
but: swim; loc in the ! sea|lake|river | go; dir *beach|lake | open; acc the window | not put_on; acc the coat|jacket | not wear; acc a hat|coat

cause: it :: be; adj hot
so: open; acc the window|door | swim; loc in the ! sea|lake|river | drink; acc - ! water|lemonade | sit_down; dir under+ a tree | go; dir *beach|lake | not wear; acc a coat|jacket
but: work.person; loc *garden | wear; acc a coat|sweater|jacket | drink; acc - ! tea|coffee | play; acc - football|tennis | not open; acc the window

cause: have; acc - ! time
so: visit; acc the museum|castle|zoo | help; dat poss @kin | read; acc a book|novel|magazine | go; dir *cinema|theatre|park | bake; acc a cake | tidy_up; acc the ! @room | go_shopping; ins with poss @kin | play; acc - chess|tennis
but: not visit; acc poss @kin | not help; dat poss @kin | not tidy_up; acc the ! @room | not read; acc the report|newspaper

cause: not have; acc - ! time
so: take; acc a ! taxi | hurry | not visit; acc poss @kin | not read; acc the newspaper|report | not come_along; dir *cinema|park|zoo|beach | not cook | not call; acc poss @kin
but: help; dat poss @kin | play; ins with the+ child | call; acc poss @kin | water; acc the+ ! flower | read; acc the newspaper

cause: have; acc a exam
so: study; at library | stay; loc *home | not watch_tv | not go; dir *cinema|theatre|beach | get_up; man =early>früh | go; dir *library
but: go; dir *cinema|beach | play; acc - tennis|football | watch_tv | not study

cause: have to work.person
so: get_up; man =early>früh | not come_along; dir *cinema|beach|zoo | not visit; acc poss @kin | not have; acc - ! time | go; dir *office
but: go; dir *cinema|beach | stay; loc *bed|home

cause: the train|bus :: be_late
so: come; man =late>spät; dir *home | wait; loc *station | take; acc a taxi | call; acc poss @kin
but: arrive; man =early>früh | not take; acc a taxi

cause: be; adj happy
so: sing; acc a song | dance; ins with poss @kin|friend | laugh | call; acc poss @kin
but: not laugh | not sing

cause: be; adj sad
so: cry | call; acc poss @kin | stay; loc *home | not laugh
but: laugh | sing; acc a song | go; dir to>zu.dat the party | not cry

cause: the music :: be; adj loud
so: close; acc the window|door | not sleep | go; dir *library|home | turn_off; acc the ! radio
but: fall_asleep | sleep | not close; acc the window|door | not turn_off; acc the ! radio

cause: poss car :: be; adj broken
so: take; acc the ! bus|train | take; acc a ! taxi | call; acc a mechanic | go; dir *office; ins =by bus>mit dem Bus>0-0 1-1 1-2 | stay; loc *home | need; acc a bicycle
but: not take; acc the ! bus|train | not call; acc the mechanic

cause: the weather :: be; adj good
so: go; dir *beach|park|lake|zoo | swim; loc in the ! lake|sea | play; ins with the+ child; loc *garden|park | sit; loc *garden|park | work.person; loc *garden
but: stay; loc *home|bed | watch_tv | not go; dir *beach|park|lake | take_along; acc the|poss umbrella

cause: the weather :: be; adj bad
so: stay; loc *home | take; acc the ! bus | watch_tv | not go; dir *beach|park|lake | take_along; acc the|poss umbrella
but: go; dir *park|beach|lake | play; acc - football | work.person; loc *garden

cause: poss parents|aunt|uncle|grandmother :: come; dir =for dinner>zum Abendessen
so: bake; acc a cake|apple_cake | tidy_up; acc the ! living_room|kitchen | cook; acc - ! fish|meat | buy; acc -+ flower|rose | go_shopping | clean; acc the ! kitchen|bathroom|living_room
but: not tidy_up; acc the ! living_room|kitchen | not cook | go; dir *cinema | not go_shopping

cause: be_afraid; ppo of>vor.dat the dog
so: not go; dir into the garden | run; dir *home | stay; loc in the house | close; acc the door
but: go; dir into the garden | stay; loc *garden
"""

# Chains of a day: any earlier link can be 'before' any later one.
CHAINS = [
    """get_up | get_dressed | prepare; acc the breakfast | read; acc the newspaper | feed; acc the|poss @pet | go; dir *school|office|station""",
    """come; dir *home | cook; acc the ! soup|rice|fish|meat | tidy_up; acc the kitchen | watch; acc a film | turn_off; acc the ! lamp|computer | go; dir *bed""",
    """buy; acc the train_ticket | read; acc the newspaper | travel; dir to>nach.dat $city||$country | visit; acc poss @kin | come_back; dir =home>nach Hause""",
    """call; acc poss @kin | go_shopping | bake; acc a cake|apple_cake | set; acc the ! vase|bottle; dir on+ the ! table | tidy_up; acc the living_room | meet; acc poss @kin; at cafe restaurant""",
    """wash; acc the|poss car|bicycle | repair; acc the lamp|radio|clock | work.person; loc *garden | drink; acc - ! coffee|tea | visit; acc poss neighbour | watch_tv""",
]


# What goes on for a while.
DURATIVE = """
read; acc the|a book|novel|newspaper|magazine
sleep
work.person; loc *garden|office
cook; acc the ! soup|rice
bake; acc a cake|apple_cake
watch; acc a film
clean; acc the ! kitchen|bathroom|window
write; acc a report|poem
drink; acc - ! tea|coffee
repair; acc poss|the radio|bicycle|lamp|clock
listen; acc the music
play; ins with the dog|cat
wait; ppo for>auf.acc the ! bus|train|taxi
look_for; acc poss|the umbrella|hat|passport
wash; acc poss|the car|bicycle
paint; acc a|the picture
water; acc the+ ! flower|rose
tidy_up; acc the ! living_room|bedroom|kitchen
"""

# What people are asked to do.
REQUESTS = """
open; acc the ! door|window|box|suitcase|bottle
close; acc the ! door|window|box|suitcase
read; acc the @readable
write; acc a|the report|story
give; dat the @kid|@job; acc the|poss @gift|ball|book
show; dat poss @kin||the guest|teacher||$person; acc the|poss @showable|@room
bring_along; acc a|the|poss cake|salad|guitar|camera|present
take_along; acc the|poss umbrella|camera|passport|map
turn_on; acc the @switch
turn_off; acc the @switch
put_on; acc the|poss coat|jacket|sweater
call; acc poss @kin
call; acc the doctor
help; dat the|poss @kid|@kin
wait; ppo for>auf.acc the|poss @kin|bus|taxi
wait; loc in_front_of the ! museum|cinema|hotel|school
tidy_up; acc the|poss ! @room
clean; acc the ! kitchen|bathroom|window
wash; acc the|poss @washable|car
come_along; dir *cinema|park|museum|zoo|beach
come_back; man =soon>bald
get_up
sit_down; dir on+ the ! sofa|chair || next_to+ the|poss @kin || at>an.acc the ! table
hurry
go; dir *bed|school|home
feed; acc the|poss @pet
water; acc the+ ! flower|rose
explain; acc the question|problem; to the|poss @kid|son|daughter
tell; dat the|poss @kid|@guest; acc a|the story
look_for; acc the|poss @smallthing
throw_away; acc the newspaper|magazine|box
lay; acc the|poss @flat; dir on+ the table|bed|chair || into the bag|box
set; acc the @upright; dir on+ the table|shelf || into the cupboard
hang; acc the|poss coat|jacket; dir into the ! cupboard
drink; acc the|poss ! tea|milk|water
eat; acc the|poss ! soup|apple|salad
buy; acc - ! bread|milk|cheese|butter
press; acc the red|green|black|white key.press of the keyboard|radio|computer
play; ins with the|poss @kid|@pet
"""

# What is done to what; by whom
PASSIVE = """
build; nom the @building|bridge|house; by worker
repair; nom the @device|bridge|@bike|car|boat; by mechanic|worker
read; nom the|this @readable; by student|teacher
write; nom the|this @writable|letter.post; by teacher|student|doctor
paint; nom the|this picture; by painter|child
bake; nom the bread|cake|apple_cake; by baker|child
sell; nom the @buyable|@home|boat|picture; by neighbour|painter
open; nom the @openable; by waiter|teacher
close; nom the @openable; by teacher|guest
wash; nom the car|bicycle|@clothing; by boy|girl
examine; nom the patient|child|dog; by doctor
find; nom the @smallthing|umbrella|hat; by child|tourist|gardener
plant; nom the tree|flower|rose; by gardener|farmer
sing; nom the|this song; by singer|child
feed; nom the @pet; by child|neighbour
feed; nom the+ @farmanimal; by farmer|child
prepare; nom the party|meeting|trip|dinner; by waiter|teacher
water; nom the+ flower|rose; by gardener
"""


def situations():
    """(causes, effects, contraries), each a list of predicate texts."""
    found = []
    for block in SITUATIONS.strip().split("\n\n"):
        rows = dict(line.split(":", 1) for line in block.splitlines())
        split = lambda key: [part.strip() for part in rows[key].split(" | ")]
        found.append((rows["cause"].strip(), split("so"), split("but")))
    return found
