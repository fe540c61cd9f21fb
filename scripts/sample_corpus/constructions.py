"""The constructions of the corpus and how often each is drawn."""

from . import compound, measures, questions, relative, simple, verbal

USUAL = 0.28  # the share of nouns with an adjective, where a row sets no other

# (share, construction[, share of nouns with an adjective])
ROWS = [
    (15, simple.plain), (3, simple.plain_other), (36, simple.ambiguous, 0.25),
    (5, simple.that_clause, 0.15), (2.5, simple.scheduled), (1.5, simple.weather),
    (2, simple.short),
    (11, compound.situation), (6, compound.chain), (4, compound.when_past),
    (3, compound.while_clause, 0.12), (2.5, compound.coordinated), (5, compound.two_clauses, 0.2),
    (4, relative.relative_subject, 0.12), (6, relative.relative_object, 0.0),
    (1.5, relative.relative_place, 0.0), (2, relative.relative_owner, 0.0),
    (2.5, questions.yes_no), (1.5, questions.wh_object), (1.5, questions.wh_person),
    (1, questions.wh_place), (1.2, questions.wh_time), (1.2, questions.how_many),
    (0.6, questions.how_much), (4.5, questions.request, 0.12), (2.5, questions.you_question, 0.12),
    (4, questions.indirect_question, 0.12),
    (2.5, measures.be_adjective, 0.0), (3, measures.comparison), (1.5, measures.superlative),
    (2.5, measures.there_is), (2, measures.price), (1.5, measures.age), (1, measures.clock_now),
    (1.5, measures.dated),
    (2.2, verbal.possessive, 0.15), (3.5, verbal.passive, 0.2), (2.2, verbal.infinitive, 0.15),
    (1, verbal.likes_to), (1, verbal.it_is_to), (2, verbal.purpose, 0.15),
    (4, verbal.it_object, 0.2), (2, verbal.it_subject, 0.0), (1.4, verbal.where_is_it),
    (1.5, verbal.not_but, 0.1), (2, verbal.since),
]
KINDS = [(share, (construction, *(rate or [USUAL]))) for share, construction, *rate in ROWS]
