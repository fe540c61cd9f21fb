#include "decoding/shortlist.h"

#include "util/error.h"
#include "util/files.h"
#include "util/log.h"
#include "util/text.h"

namespace heed {
namespace {

void check(const DecodingConfig& options, const Placement& placement) {
  if (options.sampling() || options.beam_groups > 1 || options.no_repeat_ngram > 0) {
    fail_usage(
        "shortlist = {}: not with sampling, beam_groups or no_repeat_ngram, which look at all "
        "pieces; leave one of the two out",
        options.shortlist);
  }
  if (!placement.packing) {
    fail_usage("shortlist = {}: on the CPU alone; leave it out here", options.shortlist);
  }
}

Lexicon learn(const std::string& folder, const Bundle& bundle) {
  const DataConfig& data = bundle.config.data;
  for (const auto* side : {&data.train_source, &data.train_target}) {
    for (const std::string& file : *side) {
      if (!file_exists(file)) {
        fail(
            "{}/lexicon.txt: no such file, and the training text that it is learned from is not "
            "there: {}; put it there once, or leave shortlist out",
            folder, file);
      }
    }
  }
  log_info("lexicon: learning from {} (once)", join(data.train_source, ", "));
  Corpus corpus =
      read_corpus({data.train_source, data.train_target}, bundle.tokenizers.pair(), data);
  return Lexicon::learn(corpus, bundle.tokenizers.source->vocab_size());
}

}  // namespace

std::shared_ptr<const Lexicon> load_shortlist(const std::vector<std::string>& folders,
                                              const Bundle& bundle, const DecodingConfig& options,
                                              const Placement& placement) {
  if (options.shortlist == 0) return nullptr;
  check(options, placement);
  if (folders.size() > 1) {
    fail_usage("shortlist = {}: one model alone, not an ensemble of {}", options.shortlist,
               folders.size());
  }
  const std::string& folder = folders[0];
  std::string path = folder + "/lexicon.txt";
  VocabularySizes sizes = bundle.tokenizers.sizes();
  LexiconKey key{bundle.tokenizers.checksum(), sizes.source, sizes.target};
  if (file_exists(path)) return std::make_shared<const Lexicon>(Lexicon::read(path, key));
  auto lexicon = std::make_shared<const Lexicon>(learn(folder, bundle));
  try {
    lexicon->write(path, key);
  } catch (const Error& error) {
    log_warning("{}; the lexicon will be learned anew each time", error.what());
  }
  return lexicon;
}

}  // namespace heed
