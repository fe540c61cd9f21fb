// heed's models as files of other toolkits.
#pragma once

#include <string>

namespace heed {

// Makes the folder `output` of a model folder, in the form of ctranslate2 or huggingface. Throws
// Error naming the option that the form cannot express, or the file that is missing or damaged;
// then nothing is left.
void export_model(const std::string& folder, const std::string& format, const std::string& output);

}  // namespace heed
