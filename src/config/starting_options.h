// Rows of the option table: what a training begins with, and who judges it.
#pragma once

#include "config/rows.h"

namespace heed {

// Of [training]: the initial model, and the program that measures translations.
void add_starting_rows(Rows<TrainingConfig>& rows);
// Of [tokenizer]: pieces that text is not split into.
void add_piece_rows(Rows<TokenizerConfig>& rows);
// Of [data]: what tells the directions of one model apart.
void add_tag_rows(Rows<DataConfig>& rows);

}  // namespace heed
