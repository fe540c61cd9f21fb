// Translations as they are printed: plain text, Moses's n-best lists, tables, JSON lines.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "decoding/alignment.h"
#include "decoding/translation.h"

namespace heed {

enum class OutputForm {
  kText,   // the text alone
  kScore,  // score TAB text
  kMoses,  // line ||| text ||| logprob=... length=... ||| score
  kTabs,   // line TAB rank TAB score TAB log P TAB length TAB text
  kJson,   // an object with all there is; needs pieces and attention
};

struct OutputOptions {
  OutputForm form = OutputForm::kText;
  AlignmentUnit unit = AlignmentUnit::kWord;
  bool utility = false;  // minimum Bayes risk has set it
};

// The translations of one input line (numbered from 0), each with '\n' at its end. "|||" in a text
// becomes "&#124;&#124;&#124;" in Moses's form, a TAB in a table a space: no field is broken.
std::string print_translations(int64_t line, const std::vector<Translation>& translations,
                               const OutputOptions& options);

// Whether a line, without its '\n', may be one that print_translations prints in this form. Of
// plain text every line may be.
bool may_have_form(const std::string& line, OutputForm form, bool utility);

}  // namespace heed
