// Trainings to look at: one self-contained HTML page with the curves of one or several.
#pragma once

#include <string>
#include <vector>

#include "report/training_run.h"

namespace heed {

struct TrainingReport {
  std::string title = {};
  std::string made = {};   // when, as the reader is to see it
  int reload_seconds = 0;  // the page loads itself anew after so many; 0: never
  std::vector<TrainingRun> runs = {};
};

// The page needs nothing but itself. The curves of a long training are thinned: each of at most
// kMostPoints points is then the mean of several reports.
inline constexpr size_t kMostPoints = 3000;
std::string render_training_report(const TrainingReport& report);

}  // namespace heed
