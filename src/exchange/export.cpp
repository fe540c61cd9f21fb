#include "exchange/export.h"

#include "exchange/ctranslate2.h"
#include "exchange/hugging_face.h"
#include "util/log.h"
#include "util/progress.h"
#include "util/text.h"

namespace heed {

void export_model(const std::string& folder, const std::string& format, const std::string& output) {
  NewFolder made(output);
  Progress progress({.what = "exporting " + short_name(folder)});
  WholeModel model = read_model(folder);
  (format == "ctranslate2" ? export_ctranslate2 : export_hugging_face)(model, made);
  made.finish();
  log_info("exported {} to {}, for {}: {} source and {} target pieces", folder, output, format,
           with_commas(model.tokenizers.source->vocab_size()),
           with_commas(model.tokenizers.target->vocab_size()));
}

}  // namespace heed
