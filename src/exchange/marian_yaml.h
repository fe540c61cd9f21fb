// The YAML files that Marian writes, line by line: general readers of YAML lose entries of its
// vocabularies.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace heed {

// Options: `key: value`, `key: [a, b]`, or `key:` and a line `- value` for each. What is nested
// deeper is left out. Throws Error naming `where` and the line that is none of these.
class MarianOptions {
 public:
  MarianOptions() = default;
  MarianOptions(std::string_view text, const std::string& where);

  bool has(const std::string& key) const { return values_.contains(key); }
  // The value, or `otherwise` where the option is not there or empty.
  std::string text(const std::string& key, const std::string& otherwise) const;
  std::vector<std::string> list(const std::string& key) const;
  // Throws Error naming the option where its value is no number.
  double number(const std::string& key, double otherwise) const;

 private:
  std::string where_;
  std::map<std::string, std::vector<std::string>> values_;
};

// A vocabulary: `piece: id` lines, the piece plain or in quotes, or `? piece` and `: id`; the
// pieces in the order of their ids. Throws Error naming `where` and the line that is neither, or an
// id that is missing or comes twice.
std::vector<std::string> read_marian_vocabulary(std::string_view text, const std::string& where);

}  // namespace heed
