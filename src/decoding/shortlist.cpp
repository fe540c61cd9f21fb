#include "decoding/shortlist.h"

#include <algorithm>
#include <thread>

#include "data/data_files.h"
#include "util/error.h"
#include "util/log.h"
#include "util/paths.h"
#include "util/temporary_file.h"
#include "util/text.h"

namespace heed {
namespace {

void check(const DecodingConfig& options) {
  if (options.sampling() || options.beam_groups > 1 || options.no_repeat_ngram > 0) {
    fail_usage(
        "shortlist = {}: not with sampling, beam_groups or no_repeat_ngram, which look at all "
        "pieces; leave one of the two out",
        options.shortlist);
  }
}

Lexicon learn(const std::string& path, const LoadedModel& model) {
  CorpusFiles files = training_files(model.config);
  files.alignment.clear();
  for (const auto* side : {&files.source, &files.target, &files.pairs}) {
    for (const std::string& file : *side) {
      if (!file_exists(file)) {
        fail(
            "{}: no such file, and the training text that it is learned from is not "
            "there: {}; put it there once, or leave shortlist out",
            path, file);
      }
    }
  }
  ParallelText text(files, temporary_folder());
  ReadOptions sample{.most = Lexicon::kPairs,
                     .seed = static_cast<uint64_t>(model.config.training.seed),
                     .threads = std::clamp<int64_t>(std::thread::hardware_concurrency(), 1, 8)};
  Corpus corpus = read_corpus(text, model.tokenizers.pair(), model.config.data, sample);
  log_info("lexicon: learning from {} (once): {} of {} pairs", files.names(),
           with_commas(corpus.size()), with_commas(text.lines()));
  return Lexicon::learn(corpus, model.tokenizers.source->vocab_size(), sample.threads);
}

}  // namespace

std::shared_ptr<const Lexicon> load_shortlist(const std::vector<std::string>& folders,
                                              const LoadedModel& model,
                                              const DecodingConfig& options) {
  if (options.shortlist == 0) return nullptr;
  check(options);
  if (folders.size() > 1) {
    fail_usage("shortlist = {}: one model alone, not an ensemble of {}", options.shortlist,
               folders.size());
  }
  std::string path = find_model(folders[0]).lexicon();
  LexiconKey key{.vocabularies = model.tokenizers.checksum(),
                 .source = model.tokenizers.source->vocab_size(),
                 .target = model.tokenizers.target->vocab_size()};
  if (file_exists(path)) return std::make_shared<const Lexicon>(Lexicon::read(path, key));
  auto lexicon = std::make_shared<const Lexicon>(learn(path, model));
  try {
    lexicon->write(path, key);
  } catch (const Error& error) {
    log_warning("{}; the lexicon will be learned anew each time", error.what());
  }
  return lexicon;
}

}  // namespace heed
