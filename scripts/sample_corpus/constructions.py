"""The constructions of the corpus and how often each is drawn."""

from .compound import chain, coordinated, situation, two_clauses, when_past, while_clause
from .measures import age, be_adjective, clock_now, comparison, dated, price, superlative, there_is
from .questions import (how_many, how_much, indirect_question, request, wh_object, wh_person, wh_place, wh_time, yes_no,
                        you_question)
from .relative import relative_object, relative_owner, relative_place, relative_subject
from .simple import ambiguous, plain, plain_other, scheduled, short, that_clause, weather
from .verbal import (infinitive, it_is_to, it_object, it_subject, likes_to, not_but, passive, possessive, purpose, since,
                     where_is_it)

# (share, construction)
KINDS = [
    (15, plain), (3, plain_other), (36, ambiguous), (5, that_clause), (2.5, scheduled), (1.5, weather), (2, short),
    (11, situation), (6, chain), (4, when_past), (3, while_clause), (2.5, coordinated), (5, two_clauses),
    (4, relative_subject), (6, relative_object), (1.5, relative_place), (2, relative_owner),
    (2.5, yes_no), (1.5, wh_object), (1.5, wh_person), (1, wh_place), (1.2, wh_time), (1.2, how_many), (0.6, how_much),
    (4.5, request), (2.5, you_question), (4, indirect_question),
    (2.5, be_adjective), (3, comparison), (1.5, superlative), (2.5, there_is), (2, price), (1.5, age), (1, clock_now),
    (1.5, dated),
    (2.2, possessive), (3.5, passive), (2.2, infinitive), (1, likes_to), (1, it_is_to), (2, purpose), (4, it_object),
    (2, it_subject), (1.4, where_is_it), (1.5, not_but), (2, since),
]
