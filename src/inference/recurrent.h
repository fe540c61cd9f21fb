// The recurrent encoder-decoders compiled for translation.
#pragma once

#include <memory>
#include <optional>

#include "inference/model_inference.h"
#include "model/recurrent.h"

namespace heed {

class RecurrentInference : public ModelInference {
 public:
  RecurrentInference(std::shared_ptr<const Recurrent> model, OutputLayer output,
                     const Placement& placement)
      : ModelInference(*model, std::move(output), placement),
        model_(std::move(model)),
        kernel_(model_->decoder().packed_step()) {}
  std::unique_ptr<Decoding> begin(const IdMatrix& source,
                                  const DecodingWants& wants) const override;
  int64_t preferred_rows() const override { return 0; }

 private:
  std::shared_ptr<const Recurrent> model_;
  std::optional<kernels::RecurrentLayers> kernel_;  // of its decoder's steps, where it has one
};

}  // namespace heed
