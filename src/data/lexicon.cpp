#include "data/lexicon.h"

#include <algorithm>
#include <charconv>
#include <unordered_map>

#include "util/atomic_file.h"
#include "util/error.h"
#include "util/line_reader.h"
#include "util/paths.h"
#include "util/progress.h"
#include "util/text.h"
#include "util/workers.h"

namespace heed {
namespace {

constexpr int kIterations = 4;
constexpr int64_t kParts = 8;  // whatever the number of threads, so that the result is the same

using Distribution = std::unordered_map<int32_t, float>;  // of target pieces

// P(target | source) and its expected counts, in parts that threads make at the same time: part k
// is of the target pieces whose number leaves k when divided by kParts. The last row is that of the
// empty word, which every sentence has.
class ModelOne {
 public:
  ModelOne(const Corpus& corpus, int64_t vocabulary, Workers& workers)
      : corpus_(corpus), workers_(workers), parts_(kParts, Rows(vocabulary + 1)) {}

  // All targets are equally probable at first.
  void count(Progress& progress) {
    std::vector<Rows> counts(kParts);
    each_of(kParts, [&](int64_t part) { counts[part] = count_part(part, progress); });
    first_ = false;
    parts_ = std::move(counts);
    each_of(rows(), [&](int64_t row) { normalise(row); });
  }

  int64_t rows() const { return std::ssize(parts_[0]); }

  std::vector<std::pair<int32_t, float>> row(int64_t row) const {
    std::vector<std::pair<int32_t, float>> all;
    for (const Rows& part : parts_) all.insert(all.end(), part[row].begin(), part[row].end());
    return all;
  }

 private:
  using Rows = std::vector<Distribution>;  // by source piece

  template <typename Work>
  void each_of(int64_t count, const Work& work) {
    workers_.run([&](int64_t worker) {
      for (int64_t i = worker; i < count; i += workers_.count()) work(i);
    });
  }

  Rows count_part(int64_t part, Progress& progress) const {
    const Rows& before = parts_[part];
    Rows counts(before.size());
    std::vector<float> share;
    std::vector<int32_t> source;
    for (int64_t i = 0; i < corpus_.size(); ++i) {
      source.assign(corpus_.source[i].begin(), corpus_.source[i].end());
      source.push_back(static_cast<int32_t>(before.size()) - 1);
      for (int32_t target : corpus_.target[i]) {
        if (target % kParts != part) continue;
        share.assign(source.size(), 1);
        float sum = first_ ? static_cast<float>(source.size()) : 0;
        for (size_t k = 0; k < source.size() && !first_; ++k) {
          sum += share[k] = before[source[k]].at(target);
        }
        for (size_t k = 0; k < source.size(); ++k) counts[source[k]][target] += share[k] / sum;
      }
      progress.add();
    }
    return counts;
  }

  void normalise(int64_t row) {
    float sum = 0;
    for (const Rows& part : parts_) {
      for (const auto& [target, count] : part[row]) sum += count;
    }
    for (Rows& part : parts_) {
      for (auto& [target, count] : part[row]) count /= sum;
    }
  }

  const Corpus& corpus_;
  Workers& workers_;
  bool first_ = true;
  std::vector<Rows> parts_;
};

// The ids with the largest numbers, of equal ones the lower id first.
template <typename Numbers>
std::vector<int32_t> largest(const Numbers& numbers) {
  std::vector<std::pair<int32_t, float>> all(numbers.begin(), numbers.end());
  std::ranges::sort(all, [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  std::vector<int32_t> ids;
  for (const auto& [id, number] : all) {
    if (static_cast<int64_t>(ids.size()) == Lexicon::kMost) break;
    ids.push_back(id);
  }
  return ids;
}

std::string line_of(const std::vector<int32_t>& ids) {
  std::string line;
  for (int32_t id : ids) line += (line.empty() ? "" : " ") + std::to_string(id);
  return line + "\n";
}

constexpr std::string_view kTitle = "heed lexicon 1 ";

std::string title_of(const LexiconKey& key) { return std::string(kTitle) + key.vocabularies; }

std::vector<int32_t> ids_of(const std::string& line, const LexiconKey& key,
                            const std::string& where) {
  std::vector<int32_t> ids;
  for (const auto& word : split_words(line)) {
    int32_t id = -1;
    auto end = word.data() + word.size();
    auto [stop, error] = std::from_chars(word.data(), end, id);
    if (error != std::errc() || stop != end || id < 0 || id >= key.target) {
      fail("{}: \"{}\" is no number of a piece below {}: remove the file, and it is made anew",
           where, printable(word, 40), key.target);
    }
    ids.push_back(id);
  }
  return ids;
}

}  // namespace

Lexicon Lexicon::learn(const Corpus& corpus, int64_t source_pieces, int64_t threads) {
  Workers workers(std::min(threads, kParts));
  ModelOne model(corpus, source_pieces, workers);
  Progress progress({.what = "learning a lexicon", .total = kIterations * kParts * corpus.size()});
  for (int i = 0; i < kIterations; ++i) model.count(progress);
  Lexicon lexicon;
  for (int64_t i = 0; i < source_pieces; ++i)
    lexicon.translations_.push_back(largest(model.row(i)));
  std::unordered_map<int32_t, float> counts;
  for (int64_t i = 0; i < corpus.size(); ++i) {
    for (int32_t id : corpus.target[i]) counts[id] += 1;
  }
  lexicon.frequent_ = largest(counts);
  return lexicon;
}

std::vector<int32_t> Lexicon::candidates(std::span<const int32_t> source, int64_t each,
                                         std::span<const int32_t> always) const {
  std::vector<int32_t> known(source.begin(), source.end()), ids(always.begin(), always.end());
  std::ranges::sort(known);
  known.erase(std::unique(known.begin(), known.end()), known.end());
  auto add = [&](const std::vector<int32_t>& best) {
    auto count = std::min<ptrdiff_t>(each, static_cast<ptrdiff_t>(best.size()));
    ids.insert(ids.end(), best.begin(), best.begin() + count);
  };
  add(frequent_);
  for (int32_t id : known) {
    if (id < size()) add(translations_[id]);
  }
  std::ranges::sort(ids);
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

void Lexicon::write(const std::string& path, const LexiconKey& key) const {
  std::string text = title_of(key) + "\n" + line_of(frequent_);
  for (const auto& ids : translations_) text += line_of(ids);
  write_file_atomically(path, text);
}

bool Lexicon::is_one(const std::string& path) {
  if (!file_exists(path) || is_folder(path)) return false;
  std::string line;
  return LineReader(path).next(line) && line.starts_with(kTitle);
}

Lexicon Lexicon::read(const std::string& path, const LexiconKey& key) {
  std::vector<std::string> lines = read_lines(path);
  if (lines.empty() || lines[0] != title_of(key)) {
    fail("{}: is no lexicon of this model's vocabulary: remove it, and it is made anew", path);
  }
  if (static_cast<int64_t>(lines.size()) != key.source + 2) {
    fail("{}: {} lines where {} are wanted: remove it, and it is made anew", path, lines.size(),
         key.source + 2);
  }
  Lexicon lexicon;
  lexicon.frequent_ = ids_of(lines[1], key, path + ":2");
  for (size_t i = 2; i < lines.size(); ++i) {
    lexicon.translations_.push_back(ids_of(lines[i], key, path + ":" + std::to_string(i + 1)));
  }
  return lexicon;
}

}  // namespace heed
