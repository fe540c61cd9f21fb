// Models of other toolkits into heed's folders.
#pragma once

#include <string>

namespace heed {

// Makes the model folder `output` of `source`: a folder or zip file of OPUS-MT as Marian wrote it,
// or a folder as Hugging Face has it. Throws Error naming the file and what is wrong with it; then
// nothing is left.
void import_model(const std::string& source, const std::string& output);

}  // namespace heed
