// What there is to translate: lines, each with what its translation must begin with and hold.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "util/line_reader.h"

namespace heed {

struct SearchOptions;

// A translation while it is searched for.
struct Draft {
  std::string settled;  // the translation begins with it
  std::string likely;   // how it goes on as things stand; may still become another text
};

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
  // Hears of drafts as they change, from the thread that searches, which must not be held up.
  // Empty: nobody listens. Of a text that is translated in several parts it hears of the first
  // alone.
  std::function<void(const Draft&)> listen = {};
};

// Files that go beside the input, a line for each of its lines; none where empty.
struct RequestFiles {
  std::string prefix;       // a prefix a line, blank for none
  std::string constraints;  // phrases separated by TABs
};

// The lines of an input that are taken.
struct LineRange {
  int64_t skipped = 0;           // lines before it
  int64_t end_byte = INT64_MAX;  // the first line that begins there, or later, is not in it
};

class RequestReader {
 public:
  // Lines over a megabyte are cut with a warning, so that memory stays bounded. Throws Error where
  // fewer lines are there than `range` skips.
  RequestReader(LineReader& input, const RequestFiles& files, const LineRange& range = {});

  // False after the last line. Throws Error with both counts where a file beside the input has
  // another number of lines, and for a line there of over a megabyte.
  bool next(Request& request);
  // Whether the next line can be had within so many milliseconds.
  bool ready(int64_t milliseconds) { return input_.ready(milliseconds); }

 private:
  std::string line_beside(std::optional<LineReader>& file);
  void check_end(std::optional<LineReader>& file);
  void warn_of_repairs() const;

  LineReader& input_;
  std::optional<LineReader> prefixes_, constraints_;
  int64_t end_byte_;
};

}  // namespace heed
