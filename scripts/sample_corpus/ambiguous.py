"""Sentences for the ambiguous words. Each frame holds a context that leaves only one sense.

Frames are written as in predicates.py, and end in the tenses they allow: @ p past, r present,
f future, m modal, g progressive. #not: as often with 'not'.
"""

FRAMES = {
    "bank.money": """
        deposit; acc - ! money; loc at>bei.dat the bank.money @pfm
        deposit; acc the|poss ! money; loc at>bei.dat the bank.money @pfm
        work.person; loc in>in.dat a|the bank.money @prm
        have; acc a account; loc at>bei.dat the|a|this bank.money @pr
        need; acc - ! money; ppo from the bank.money @pr
        receive; acc a loan; ppo from the bank.money @pfm
        the bank.money :: give; dat the|any @job|@kin; acc a loan @pf
        the bank.money :: close; #clock @prf
        the bank.money :: open; #clock @prf""",
    "bank.river": """
        sit; loc on>an.dat the bank.river of the river|canal @prmg
        sleep; loc on>an.dat the bank.river of the river|canal @pmg
        the+ child|boy|girl|@waterbird|tourist :: sit; loc on>an.dat the bank.river of the river|canal @pg
        the|any boat :: lie; loc on>an.dat the bank.river of the river|canal @pr
        run; dir to>zu.dat the bank.river of the river|canal @pfm
        swim; dir to>zu.dat the bank.river of the river|canal @pfm
        a|the house|tree|castle :: stand; loc on>an.dat the bank.river of the river|canal @pr
        find; acc a|the @coin|stone|hat|frog; loc on>an.dat the bank.river of the river|canal @p
        live; loc on>an.dat the bank.river of the river|canal @r""",
    "letter.post": """
        write; dat the|poss @kin|neighbour||$person; acc a letter.post @pfmg
        send; dat the|poss @kin||$person; acc a|the|this letter.post @pfm
        receive; acc a letter.post; ppo from the|poss @kin|parents|neighbour||$person @pf
        lay; acc the letter.post; dir into the envelope @pfm
        read; acc the letter.post; ppo from poss @kin||$person @pfmg
        the letter.post :: lie; loc in the envelope || under the newspaper @pr""",
    "letter.alphabet": """
        write; acc a letter.alphabet; dir on>an.acc the blackboard @pfm
        write; acc the first|last letter.alphabet of the alphabet|word; dir on>an.acc the blackboard @pfm
        learn; acc the+ ! letter.alphabet of the alphabet @pmg
        count; acc the+ ! letter.alphabet of the word @pmg
        know.person; acc the+|every ! letter.alphabet of the alphabet @r
        this word :: have; acc num+ ! letter.alphabet @r
        forget; acc the+|a letter.alphabet of the alphabet @p
        the first|last letter.alphabet of this word|name :: be; adj small|big @r
        read; acc the+ ! letter.alphabet of the word @pm""",
    "match.fire": """
        light; acc the|a candle; ins with a|the match.fire @pfm
        a|the match.fire :: burn @g
        the+ match.fire :: be; adj wet|dry @pr
        the+ child|boy|girl :: play; ins with -+ ! match.fire @pg
        buy; acc -+ match.fire; loc in the supermarket @pfm
        need; acc a match.fire; ppo for the candle @pr
        look_for; acc the+ match.fire; ppo for the candle @pm""",
    "match.sport": """
        the|any team :: win; acc the|this match.sport @pfm
        the|any team :: lose; acc the|this match.sport @pf
        watch; acc the|a match.sport; loc in the stadium @pfmg
        the match.sport :: begin; loc in the stadium; #clock @pf
        the+ player :: be; adj tired|hungry|thirsty; loc after the match.sport @p
        the match.sport of the|any team :: be; adj important|difficult|boring @pr
        the match.sport :: end; #clock @pf""",
    "key.lock": """
        open; acc the door|cupboard; ins with the|poss key.lock @pfm
        open; acc the box|suitcase; ins with a|the key.lock @pfm
        lose; acc the|poss key.lock; loc in the ! park|forest|cinema|supermarket @p
        forget; acc poss|the key.lock; loc =at home>zu Hause || in the ! car|office @p
        lay; acc the|poss key.lock; dir into the bag || on+ the table @pfm
        look_for; acc the|poss key.lock; ppo for the house|flat|car @pg
        find; acc the|a|poss key.lock; loc under the carpet|sofa|bed || in the ! bag @p
        the|any key.lock :: lie; loc under the carpet|sofa|newspaper || in the ! bag @pr
        give; dat the|poss @kin|neighbour|@guest; acc the key.lock of the flat|house @pfm""",
    "key.press": """
        press; acc a|the key.press; ppo on>auf.dat the keyboard @pfm
        press; acc the red|green|white|black key.press of the keyboard|computer|radio @pfm
        a|the key.press of the keyboard|piano :: be; adj broken|dirty @pr
        this keyboard :: have; acc num+ ! key.press @r
        clean; acc the+ ! key.press of the keyboard|piano @pmg
        the+ key.press of the piano :: be; adj white|black|dirty @pr""",
    "spring.season": """
        the+ tree|flower|rose :: bloom; loc in - ! spring.season @rf
        plant; acc -+|the+ flower|rose|tree; loc in - ! spring.season @pfm
        travel; dir to>nach.dat $city||$country; loc in - ! spring.season @pfm
        visit; acc the|poss @kin|parents; loc in - ! spring.season @pfm
        the+ bird|duck|crane.bird :: come_back; loc in - ! spring.season @rf
        work.person; loc in - ! spring.season; at garden @rm""",
    "spring.metal": """
        a|the spring.metal of the mattress|sofa|armchair :: be; adj broken @pr
        the mechanic :: replace; acc the|a spring.metal of the clock|sofa @pf
        replace; acc the spring.metal of the mattress|sofa|armchair @pfm
        the mattress|armchair|sofa :: have; acc num+ ! spring.metal @r
        the old clock|armchair|mattress :: need; acc a spring.metal @r
        buy; acc a spring.metal; ppo for the ! clock|armchair|mattress @pfm""",
    "spring.water": """
        drink; acc - ! water; ppo from>aus.dat the spring.water @pm
        the water :: come; ppo from>aus.dat a spring.water @r
        see; acc a spring.water; loc in the ! forest @p
        find; acc a spring.water; loc in the ! forest || on>auf.dat the ! mountain @p
        the+ cow|horse|sheep :: drink; ppo from>aus.dat the spring.water @pg
        look_for; acc a spring.water; loc in the ! forest @pmg""",
    "seal.animal": """
        a|the|the+ seal.animal :: lie; loc on>an.dat the beach || on>auf.dat a stone @p
        a|the|the+ seal.animal :: swim; loc in the sea @pg
        a|the|the+ seal.animal :: eat; acc - ! fish @pg
        feed; acc the|the+ seal.animal; loc in the zoo @pfmg
        see; acc a|num+ seal.animal; loc at>an.dat the beach @p
        the+ seal.animal :: sleep; loc on>an.dat the beach @pg""",
    "seal.stamp": """
        the king :: break; acc the seal.stamp of the contract @p
        break; acc the seal.stamp of the contract @pfm
        this contract :: have; acc a seal.stamp @r
        examine; acc the seal.stamp of the contract @pfm
        look_for; acc the seal.stamp of the king @pgm
        the seal.stamp of the king|university|city :: be; adj red|old @r""",
    "bat.animal": """
        -+|the+ bat.animal :: sleep; loc in the cave|tower|castle || in>auf.dat the attic @prg
        a|the|the+ bat.animal :: fly; dir through the bedroom|kitchen|garden|forest || into the cave @pg
        see; acc a|num+ bat.animal; loc in the cave|forest || in>auf.dat the attic @p
        be_afraid; ppo of>vor.dat -+ ! bat.animal @pr
        the+ bat.animal :: be; adj hungry|tired|young @pr""",
    "bat.sport": """
        hit; acc the ball; ins with the|poss bat.sport @pfm
        the player :: need; acc a bat.sport; ppo for the match.sport @pr
        the player :: lose; acc the|poss bat.sport; loc in the stadium @p
        the player :: hold; acc the|a bat.sport; ppo in poss ! hand @pg
        the bat.sport of the player :: be; adj broken|new|heavy|light.weight @pr""",
    "palm.tree": """
        sit; loc under a|the palm.tree; loc on>an.dat the ! beach @pgm
        a|the palm.tree :: stand; loc on>an.dat the beach || in_front_of the hotel || in the ! park @pr
        the+ palm.tree :: grow; loc on>auf.dat the island || on>an.dat the beach @r
        plant; acc a|the palm.tree; loc in the ! garden|park @pfm
        the monkey|bird :: sit; loc in>auf.dat the|a palm.tree @pg
        rest; loc under a|the palm.tree @pgm""",
    "palm.hand": """
        hold; acc a|the coin|stone|frog; ppo in poss ! palm.hand @pg
        the doctor :: examine; acc the palm.hand of the patient @pf
        any+ palm.hand :: be; adj wet|dirty|dry|clean @pr
        any+ palm.hand :: hurt @r
        lay; acc a|the coin|stone; dir into any ! palm.hand @pm
        wash; acc poss+ ! palm.hand @pm
        the coin|stone|frog :: lie; loc in any ! palm.hand @pr""",
    "crane.machine": """
        the|a crane.machine :: lift; acc the|a stone|car|boat|piano @pfg
        the|a crane.machine :: stand; loc on>auf.dat the building_site || next_to the bridge @pr
        the worker :: repair; acc the crane.machine @pfg
        see; acc a|num+ crane.machine; loc on>auf.dat the building_site @p
        need; acc a crane.machine; ppo for the bridge|building_site @pr
        the worker :: turn_off; acc the crane.machine @pf""",
    "crane.bird": """
        the+|a crane.bird :: fly; dir over>über.acc the ! forest|lake|village @pg
        the|a crane.bird :: eat; acc a frog @pg
        the|a crane.bird :: build; acc a nest @pg
        the nest of the crane.bird :: be; adj big|small @pr
        the+|num+ crane.bird :: stand; loc in the ! lake|river @p
        feed; acc the+ crane.bird; loc in the zoo @pfmg""",
    "chest.box": """
        the chest.box :: stand; loc in>auf.dat the attic || under the window @pr
        lay; acc the+|the blanket|coin|coat|dress; dir into the chest.box @pfm
        find; acc -+|a coin; loc in the|a chest.box @p
        the chest.box :: be; adj empty|heavy|full @pr
        open; acc the chest.box; ins with the|a key.lock @pfm
        carry; acc the chest.box; dir into>auf.acc the attic || into the ! house @pfm
        the|poss blanket :: lie; loc in the chest.box @pr""",
    "chest.body": """
        the patient :: have; acc - pain; ppo in>in.dat the ! chest.body @pr
        the doctor :: examine; acc the ! chest.body of the patient @pfg
        the doctor :: examine; acc any ! chest.body @pfm
        any chest.body :: hurt @r
        the chest.body of the patient :: hurt @r
        the+ patient :: have; acc - pain; ppo in>in.dat the ! chest.body @p
        have; acc - pain; ppo in>in.dat the ! chest.body @pr""",
    "date.day": """
        forget; acc the date.day of the exam|wedding|meeting|concert @p
        write; acc the date.day; dir on+ the form|envelope @pfm
        know.person; acc the date.day of the exam|wedding|meeting|concert @r
        the date.day of the wedding|meeting|exam|concert :: be; adj important @r
        the date.day :: be_stand; loc on the form|train_ticket|contract @r""",
    "date.fruit": """
        eat; acc a|the|the+|-+ date.fruit @pfmg
        buy; acc -+|the+ date.fruit; loc at>auf.dat the market @pfm
        bake; acc a cake; ins with -+ date.fruit @pfm
        the+ date.fruit :: be; adj sweet|cheap|expensive|fresh @pr
        the monkey :: eat; acc a|the date.fruit @pg
        pick; acc -+|the+ date.fruit @pfm""",
    "trunk.car": """
        lay; acc the|poss @luggage|box|blanket|umbrella; dir into the trunk.car of the car|taxi @pfm
        the trunk.car of the car|taxi :: be; adj full|empty|open|small|big @pr
        close; acc the trunk.car of the car|taxi @pfm
        clean; acc the trunk.car of the|poss car @pfmg
        open; acc the trunk.car of the|poss car @pfm
        forget; acc the|poss bag|umbrella|map|present; loc in the trunk.car of the car|taxi @p
        find; acc the|poss hat|umbrella|map; loc in the trunk.car of the car|taxi @p
        the|any suitcase|bag|basket :: lie; loc in the trunk.car of the car|taxi @pr""",
    "trunk.elephant": """
        the elephant :: drink; acc - ! water; ins with poss ! trunk.elephant @prg
        the elephant :: lift; acc the|a tree|stone|boat; ins with poss ! trunk.elephant @pg
        the trunk.elephant of the elephant :: be; adj long|strong @r
        the elephant :: hold; acc a|the banana|apple|ball|flower; ins with poss ! trunk.elephant @pg
        draw; acc the trunk.elephant of the elephant @pfm""",
    "trunk.tree": """
        the trunk.tree of the tree :: be; adj thick|strong|wet @r
        the bird|cat :: sit; loc on>auf.dat the trunk.tree of a|the tree @pg
        sit; loc on>auf.dat the trunk.tree of a|the old tree @pgm
        the worker :: lift; acc the trunk.tree of the tree @pg
        paint; acc the trunk.tree of the tree @pfm""",
    "light.weight": """
        the|any @luggage|box|basket :: be; adj light.weight @pr
        carry; acc the|a|poss light.weight bag|suitcase; dir into the house @pfm
        take_along; acc a|the light.weight bag|suitcase @pfm
        buy; acc a|the light.weight bag|suitcase @pfm
        look_for; acc a|poss light.weight bag|suitcase @pg""",
    "light.bright": """
        the|any @room|flat :: be; adj light.bright @pr
        work.person; loc in a light.bright room|office|kitchen @prm
        look_for; acc a light.bright flat|room|office @gm
        have; acc a light.bright kitchen|bathroom|flat|office @r
        live; loc in a light.bright flat|house @r
        sleep; loc in a light.bright room|bedroom @pm
        buy; acc a light.bright flat|house @pfm""",
    "work.device": """
        the|this|any @device :: work.device; #not @rp
        the+|any+ @device :: work.device; #not @rp""",
}


def frames():
    """(sense, predicate text, tenses) for each usable frame."""
    found = []
    for sense, text in FRAMES.items():
        for line in text.strip().splitlines():
            predicate, _, tenses = line.rpartition("@")
            found.append((sense, predicate.strip(), tenses.strip()))
    return found
