// Where a line's markup stands in its translation.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "server/markup.h"

namespace heed {

class MarkupPlacer {
 public:
  // Both must live as long.
  MarkupPlacer(const MarkupLine& line, const TranslatedText& translation);

  std::string place();

 private:
  using Stack = MarkupLine::Stack;
  // A word is three parts: what stands around it need not be in the same elements.
  struct Parts {
    std::string lead, core, trail;
  };
  struct SourceWord {
    size_t begin, end;  // bytes of the line's text
    Stack lead, core, trail;
    bool has_lead, has_trail;
    const MarkupLine::Kept* kept = nullptr;
  };
  struct TargetWord {
    Parts parts;
    Stack lead = {}, core = {}, trail = {};
    std::optional<size_t> source = {};
    bool space = false;  // in front of it
    bool left_out = false;
    const MarkupLine::Kept* kept = nullptr;
  };

  static Parts parts_of(const std::string& word);
  const Stack& stack_at(size_t byte) const;
  void read_source(const std::vector<std::string>& words);
  void read_target(const std::string& text, const std::vector<std::string>& words);
  void link(const WordLinks& links);
  void take_kept();
  void take_stacks();
  void find_lost_elements();
  size_t source_word_at(size_t byte) const;
  // The target word that something stands before which stood before this source word.
  size_t place_of(size_t source_word) const;

  // Goes from what is open to `stack`, with the space between where one is wanted.
  void go_to(const Stack& stack, bool space);
  void write_objects(size_t target_word);
  void write(const TargetWord& word);

  const MarkupLine& line_;
  std::vector<SourceWord> source_;
  std::vector<TargetWord> target_;
  std::vector<std::pair<size_t, const MarkupLine::Object*>> objects_;  // and where they go
  std::vector<std::pair<size_t, size_t>>
      lost_;  // elements whose words have gone, and where they go
  std::string out_;
  Stack open_;
  std::optional<bool> space_after_object_;
};

}  // namespace heed
