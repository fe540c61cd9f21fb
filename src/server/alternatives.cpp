#include "server/alternatives.h"

#include <algorithm>
#include <set>

#include "util/text.h"

namespace heed {
namespace {

// Where a prefix ends: in which sentence, and what it holds of that.
struct PrefixEnd {
  std::vector<std::string> whole;  // the sentences before
  std::string rest;

  size_t sentence() const { return whole.size(); }
};

PrefixEnd end_of(const std::string& prefix, size_t sentences) {
  std::vector<std::string> parts = divide_prefix(prefix, sentences);
  size_t last = sentences;
  while (last > 0 && parts[last - 1].empty()) --last;
  PrefixEnd end;
  if (last == 0) return end;
  bool complete = ends_sentence(parts[last - 1]) && last < sentences;
  end.whole.assign(parts.begin(), parts.begin() + static_cast<ptrdiff_t>(last - !complete));
  if (!complete) end.rest = parts[last - 1];
  return end;
}

bool begins_with(const std::vector<std::string>& words, const std::vector<std::string>& first) {
  return words.size() > first.size() && std::equal(first.begin(), first.end(), words.begin());
}

class Finder {
 public:
  Finder(const ServedModel& model, const AlternativesDemand& demand, Call& call)
      : model_(model), demand_(demand), call_(call), source_(divide(demand.text)) {}

  Alternatives run() {
    if (source_.sentences.empty()) return {};
    end_ = end_of(demand_.prefix, source_.sentences.size());
    std::vector<std::string> begun = next_pieces();
    std::vector<Request> requests;
    for (const std::string& prefix : begun) requests.push_back(request(end_.sentence(), prefix));
    for (size_t i = end_.sentence() + 1; i < source_.sentences.size(); ++i) {
      requests.push_back(request(i, ""));
    }
    std::vector<Translation> found;
    call_.translate(model_, std::move(requests), [&](size_t, Translated& translated) {
      found.push_back(std::move(translated.translations[0]));
      translated.notes.of_prefix.clear();  // of one's own: told above
      add_warnings(translated.notes, warnings_);
    });
    auto rest = found.begin() + static_cast<ptrdiff_t>(begun.size());
    std::vector<std::string> behind;
    for (auto one = rest; one != found.end(); ++one) behind.push_back(one->text);
    return {distinct({found.begin(), rest}, behind), warnings_};
  }

 private:
  Request request(size_t sentence, const std::string& prefix) const {
    return {.text = source_.sentences[sentence].text, .prefix = prefix};
  }

  // The prefix with each of the best next pieces. Where one of these shows nothing, as the mark of
  // a space alone does, also with what comes behind it.
  std::vector<std::string> next_pieces() {
    std::vector<std::string> begun;
    for (int64_t pieces = 1; pieces <= 2; ++pieces) {
      bool nothing = false;
      for (const std::string& next : continue_by(pieces)) {
        bool broken = next.find("\uFFFD") != std::string::npos;  // half a character
        nothing = nothing || next == end_.rest;
        if (!broken && next != end_.rest) begun.push_back(next);
      }
      if (!nothing) break;
    }
    return begun;
  }

  std::vector<std::string> continue_by(int64_t pieces) {
    Request one = request(end_.sentence(), end_.rest);
    auto width = static_cast<int64_t>(2 * demand_.count);
    int64_t known = std::ssize(model_.model.tokenizers.target->encode(end_.rest));
    one.search =
        model_.searches->find({.beam_size = width, .n_best = width, .max_length = known + pieces});
    std::vector<std::string> texts;
    call_.translate(model_, {one}, [&](size_t, Translated& translated) {
      for (Translation& next : translated.translations) texts.push_back(std::move(next.text));
      // It ends early, as is wanted, and what its source lacks is told later.
      TranslationNotes told;
      told.of_prefix = translated.notes.of_prefix;
      add_warnings(told, warnings_);
    });
    return texts;
  }

  std::vector<Alternative> distinct(std::vector<Translation> found,
                                    const std::vector<std::string>& behind) const {
    std::vector<std::string> first = split_words(end_.rest);
    std::ranges::stable_sort(found, std::greater<>(), &Translation::score);
    std::set<std::string> known;
    std::vector<Alternative> alternatives;
    for (const Translation& one : found) {
      std::vector<std::string> words = split_words(one.text);
      // A piece may have made the prefix's last word longer.
      if (!begins_with(words, first) || !known.insert(words[first.size()]).second) continue;
      std::vector<std::string> texts = end_.whole;
      texts.push_back(one.text);
      texts.insert(texts.end(), behind.begin(), behind.end());
      alternatives.push_back(
          {words[first.size()], put_together(source_, texts, model_.direction.target), one.score});
      if (alternatives.size() == demand_.count) break;
    }
    return alternatives;
  }

  const ServedModel& model_;
  const AlternativesDemand& demand_;
  Call& call_;
  SentenceText source_;
  PrefixEnd end_;
  std::vector<std::string> warnings_;
};

}  // namespace

Alternatives find_alternatives(const ServedModel& model, const AlternativesDemand& demand,
                               Call& call) {
  return Finder(model, demand, call).run();
}

}  // namespace heed
