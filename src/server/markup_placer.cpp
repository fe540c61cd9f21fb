#include "server/markup_placer.h"

#include <unicode/uchar.h>

#include <algorithm>
#include <map>
#include <set>

#include "util/text.h"

namespace heed {
namespace {

bool is_word_char(char32_t c) { return u_isalnum(static_cast<UChar32>(c)); }

}  // namespace

MarkupPlacer::MarkupPlacer(const MarkupLine& line, const TranslatedText& translation)
    : line_(line) {
  WordLinks links = link_words(translation, {.divide_unspaced = true});
  read_source(links.source);
  read_target(translation.text(), links.target);
  link(links);
  take_kept();
  take_stacks();
  find_lost_elements();
  for (const MarkupLine::Object& object : line_.objects_) {
    // One that stands within a word goes behind it.
    auto next = std::ranges::lower_bound(source_, object.at, {}, &SourceWord::begin);
    objects_.emplace_back(place_of(static_cast<size_t>(next - source_.begin())), &object);
  }
  std::ranges::stable_sort(objects_, {}, [](const auto& one) { return one.first; });
}

MarkupPlacer::Parts MarkupPlacer::parts_of(const std::string& word) {
  size_t first = word.size(), last = 0;
  for (size_t at = 0; at < word.size();) {
    DecodedChar c = decode_utf8(word, at);
    size_t end = at + static_cast<size_t>(c.bytes);
    if (is_word_char(c.code_point)) {
      first = std::min(first, at);
      last = end;
    }
    at = end;
  }
  if (first >= last) return {"", word, ""};
  return {word.substr(0, first), word.substr(first, last - first), word.substr(last)};
}

const MarkupPlacer::Stack& MarkupPlacer::stack_at(size_t byte) const {
  static const Stack kNone;
  auto after = std::ranges::upper_bound(line_.runs_, byte, {}, &MarkupLine::Run::begin);
  return after == line_.runs_.begin() ? kNone : std::prev(after)->stack;
}

void MarkupPlacer::read_source(const std::vector<std::string>& words) {
  const std::string& text = line_.text();
  for (size_t end = 0; const std::string& word : words) {
    size_t at = text.find(word, end);
    if (at == std::string::npos) break;
    end = at + word.size();
    Parts parts = parts_of(word);
    size_t core = at + parts.lead.size(), core_end = core + parts.core.size();
    // The elements that hold most of the word.
    std::map<Stack, size_t> counts;
    for (size_t byte = core; byte < core_end; ++byte) ++counts[stack_at(byte)];
    auto most = std::ranges::max_element(
        counts, {}, [](const auto& one) { return std::pair(one.second, one.first.size()); });
    source_.push_back({.begin = at,
                       .end = end,
                       .lead = stack_at(at),
                       .core = most->first,
                       .trail = stack_at(end - 1),
                       .has_lead = !parts.lead.empty(),
                       .has_trail = !parts.trail.empty()});
  }
}

void MarkupPlacer::read_target(const std::string& text, const std::vector<std::string>& words) {
  size_t at = 0;
  for (const std::string& word : words) {
    size_t begin = text.find(word, at);
    target_.push_back({.parts = parts_of(word), .space = begin > at});
    at = begin + word.size();
  }
}

// Words without a link go with the one before them, the first ones with the one behind them.
void MarkupPlacer::link(const WordLinks& links) {
  for (const Link& one : links.links) {
    auto target = static_cast<size_t>(one.target), source = static_cast<size_t>(one.source);
    if (target < target_.size() && source < source_.size()) target_[target].source = source;
  }
  for (size_t i = 1; i < target_.size(); ++i) {
    if (!target_[i].source) target_[i].source = target_[i - 1].source;
  }
  for (size_t i = target_.size(); i-- > 1;) {
    if (!target_[i - 1].source) target_[i - 1].source = target_[i].source;
  }
}

// What is kept as it is takes the place of the first word that is linked to it; its other words go.
void MarkupPlacer::take_kept() {
  for (const MarkupLine::Kept& kept : line_.kept_) {
    for (SourceWord& word : source_) {
      if (word.begin < kept.end && word.end > kept.begin) word.kept = &kept;
    }
  }
  std::set<const MarkupLine::Kept*> placed;
  for (TargetWord& word : target_) {
    if (!word.source || source_[*word.source].kept == nullptr) continue;
    const MarkupLine::Kept* kept = source_[*word.source].kept;
    word.left_out = !placed.insert(kept).second;
    word.kept = kept;
  }
  for (const MarkupLine::Kept& kept : line_.kept_) {
    if (placed.contains(&kept) || target_.empty()) continue;
    auto word = std::ranges::find(source_, &kept, &SourceWord::kept);
    size_t at = word == source_.end() ? 0 : place_of(static_cast<size_t>(word - source_.begin()));
    TargetWord stands{.parts = {}, .source = {}, .space = at > 0, .kept = &kept};
    if (word != source_.end()) stands.source = static_cast<size_t>(word - source_.begin());
    if (at == 0 && !target_.empty()) target_[0].space = true;
    target_.insert(target_.begin() + static_cast<ptrdiff_t>(at), std::move(stands));
  }
}

void MarkupPlacer::take_stacks() {
  for (TargetWord& word : target_) {
    if (!word.source) continue;
    const SourceWord& from = source_[*word.source];
    word.core = word.kept != nullptr ? word.kept->stack : from.core;
    word.lead = from.has_lead ? from.lead : word.core;
    word.trail = from.has_trail ? from.trail : word.core;
  }
}

// That holds the byte, or is the next behind it.
size_t MarkupPlacer::source_word_at(size_t byte) const {
  auto word = std::ranges::upper_bound(source_, byte, {}, &SourceWord::end);
  return static_cast<size_t>(word - source_.begin());
}

size_t MarkupPlacer::place_of(size_t source_word) const {
  if (source_word >= source_.size()) return target_.size();
  for (size_t i = 0; i < target_.size(); ++i) {
    if (target_[i].source == source_word) return i;
  }
  for (size_t i = target_.size(); source_word > 0 && i-- > 0;) {
    if (target_[i].source == source_word - 1) return i + 1;
  }
  return source_word * target_.size() / source_.size();
}

void MarkupPlacer::find_lost_elements() {
  std::vector<int64_t> seen(line_.elements_.size());  // how often each stands around a word's part
  auto count = [&](const TargetWord& word, int64_t by) {
    auto add = [&](const Stack& stack) {
      for (size_t element : stack) seen[element] += by;
    };
    if (word.left_out) return;
    add(word.core);
    if (!word.parts.lead.empty()) add(word.lead);
    if (!word.parts.trail.empty()) add(word.trail);
  };
  for (const TargetWord& word : target_) count(word, 1);
  for (size_t element = 0; element < line_.elements_.size(); ++element) {
    if (seen[element] > 0) continue;
    size_t at = place_of(source_word_at(line_.elements_[element].at));
    const Stack& own = line_.elements_[element].stack;
    TargetWord* word = at < target_.size() ? &target_[at] : nullptr;
    bool fits = word != nullptr && !word->left_out && word->core.size() < own.size() &&
                std::equal(word->core.begin(), word->core.end(), own.begin());
    if (fits) {
      count(*word, -1);
      word->lead = word->core = own;
      if (word->parts.trail.empty()) word->trail = own;
      count(*word, 1);
    } else {
      lost_.emplace_back(at, element);
    }
  }
}

void MarkupPlacer::go_to(const Stack& stack, bool space) {
  auto differ = std::ranges::mismatch(open_, stack);
  for (auto one = open_.end(); one != differ.in1;) out_ += line_.elements_[*--one].close;
  if (space) out_ += ' ';
  for (auto one = differ.in2; one != stack.end(); ++one) out_ += line_.elements_[*one].open;
  open_ = stack;
}

void MarkupPlacer::write_objects(size_t target_word) {
  for (const auto& [at, element] : lost_) {
    if (at != target_word) continue;
    const MarkupLine::Element& lost = line_.elements_[element];
    go_to({}, false);
    out_ += lost.open + lost.close;
  }
  bool word_space = target_word < target_.size() && target_[target_word].space;
  for (const auto& [at, object] : objects_) {
    if (at != target_word) continue;
    go_to(object->stack, object->space_before && !out_.empty());
    out_ += object->raw;
    space_after_object_ = object->space_after || (word_space && !object->space_before);
  }
}

void MarkupPlacer::write(const TargetWord& word) {
  bool space = space_after_object_.value_or(word.space);
  space_after_object_.reset();
  if (word.kept != nullptr) {
    go_to(word.core, space);
    out_ += encode_entities(word.parts.lead) + word.kept->raw + encode_entities(word.parts.trail);
    return;
  }
  bool has_lead = !word.parts.lead.empty();
  if (has_lead) {
    go_to(word.lead, space);
    out_ += encode_entities(word.parts.lead);
  }
  go_to(word.core, space && !has_lead);
  out_ += encode_entities(word.parts.core);
  if (word.parts.trail.empty()) return;
  go_to(word.trail, false);
  out_ += encode_entities(word.parts.trail);
}

std::string MarkupPlacer::place() {
  for (size_t i = 0; i < target_.size(); ++i) {
    write_objects(i);
    if (!target_[i].left_out) write(target_[i]);
  }
  write_objects(target_.size());
  go_to({}, false);
  return std::move(out_);
}

}  // namespace heed
