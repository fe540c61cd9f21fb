// An input in parts, for as many machines, and outputs that a run was interrupted in.
#pragma once

#include <string>

#include "decoding/output_form.h"
#include "decoding/requests.h"

namespace heed {

// Part `number`, from 1, of `count`: the lines that begin in that share of the text's bytes, so
// that the parts' outputs one after another are the whole's.
struct Shard {
  int64_t number = 1, count = 1;
};

// "3/16". Throws UsageError for anything else.
Shard parse_shard(const std::string& text);

// Reads the text once to find its size, and again to count the lines before. Throws UsageError for
// what is no file: a pipe can be read only once.
LineRange find_shard(const std::string& path, const Shard& shard);

// What an interrupted run has left in a file of output.
struct LeftOutput {
  int64_t inputs = 0;  // lines of input whose output is there and whole
  int64_t lines = 0;   // that it has: one for each hypothesis
  int64_t bytes = 0;   // that it takes
};

// How much of the input a line of such an output is of.
struct OutputRule {
  OutputForm form;
  int64_t n_best = 1;
  int64_t first_line = 0;  // number of the first, in forms that number lines
  bool utility = false;    // as OutputOptions has it
};

// Looks at the output of whole lines of input, of at most `most_lines` in all; nothing where there
// is no file. A last line without its end is not whole, nor is a list of n best that no other
// follows. Throws Error for lines whose numbers are not those of this output, or whose form is not
// its form: plain text counts as another form where every line of it has that form.
LeftOutput look_at_output(const std::string& path, const OutputRule& rule,
                          int64_t most_lines = INT64_MAX);

}  // namespace heed
