// What there is to translate: lines, each with what its translation must begin with and hold.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "util/line_reader.h"

namespace heed {

struct SearchOptions;

struct Request {
  std::string text;
  std::string prefix = {};                // the translation begins with it; empty: with anything
  std::vector<std::string> phrases = {};  // the translation holds each of them
  uint64_t number = 1;                    // of its line, from 1: what sampling draws depends on it
  // In place of the engine's options, as Engine::completed leaves them. Requests are translated
  // together where this is the same object.
  std::shared_ptr<const SearchOptions> search = nullptr;
  // Once it is true the translation is no longer wanted, and its future throws.
  std::shared_ptr<const std::atomic<bool>> cancelled = nullptr;
};

// Files that go beside the input, a line for each of its lines; none where empty.
struct RequestFiles {
  std::string prefix;       // a prefix a line, blank for none
  std::string constraints;  // phrases separated by TABs
};

class RequestReader {
 public:
  // Lines over a megabyte are cut with a warning, so that memory stays bounded.
  RequestReader(LineReader& input, const RequestFiles& files);

  // False after the last line. Throws Error with both counts where a file beside the input has
  // another number of lines.
  bool next(Request& request);
  // Whether the next line can be had within so many milliseconds.
  bool ready(int64_t milliseconds) { return input_.ready(milliseconds); }

 private:
  std::string line_beside(std::optional<LineReader>& file);
  void check_end(std::optional<LineReader>& file);

  LineReader& input_;
  std::optional<LineReader> prefixes_, constraints_;
};

}  // namespace heed
