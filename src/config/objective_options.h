#pragma once

#include "config/rows.h"

namespace heed {

void add_objective_rows(Rows<TrainingConfig>& rows);

}  // namespace heed
