#include "training/communicator.h"

#include <unistd.h>

#include <torch/types.h>

#include <algorithm>

#include "model/parameters.h"
#include "training/gloo_communicator.h"
#include "util/copy_bytes.h"
#include "util/signals.h"
#include "util/tree_sum.h"

namespace heed {
namespace {

at::Tensor bytes_of(const std::string& text, int64_t size) {
  at::Tensor bytes = at::zeros({size}, at::kByte);
  copy_bytes(bytes.data_ptr(), text.data(), text.size());
  return bytes;
}

std::string text_of(const at::Tensor& bytes, int64_t size) {
  return {static_cast<const char*>(bytes.const_data_ptr()), static_cast<size_t>(size)};
}

}  // namespace

void Communicator::sum(std::span<double> numbers) {
  if (size() == 1) return;
  auto count = std::ssize(numbers);
  at::Tensor all = gather(at::from_blob(numbers.data(), {count}, at::kDouble).clone());
  auto given = all.accessor<double, 2>();
  for (int64_t i = 0; i < count; ++i) {
    std::vector<double> column;
    for (int64_t process = 0; process < size(); ++process) column.push_back(given[process][i]);
    numbers[i] = tree_sum(std::move(column));
  }
}

int64_t Communicator::largest(int64_t number) {
  return gather(at::full({1}, number, at::kLong)).max().item<int64_t>();
}

bool Communicator::stop_asked() const { return stop_signal() != 0; }

Communicator::Gathered Communicator::gather_beside(const std::string& own, const Stopped&) {
  return std::vector{own};
}

std::vector<std::string> Communicator::gather_texts(const std::string& own) {
  return gather_texts_by([this](const at::Tensor& tensor) { return gather(tensor); }, own);
}

std::vector<std::string> Communicator::gather_texts_by(const Gather& gather,
                                                       const std::string& own) {
  at::Tensor lengths = gather(at::full({1}, std::ssize(own), at::kLong));
  int64_t longest = std::max<int64_t>(lengths.max().item<int64_t>(), 1);
  at::Tensor all = gather(bytes_of(own, longest));
  std::vector<std::string> texts;
  for (int64_t process = 0; process < lengths.size(0); ++process) {
    texts.push_back(text_of(all[process], lengths[process].item<int64_t>()));
  }
  return texts;
}

std::string Communicator::share_text(const std::string& text) {
  at::Tensor length = at::full({1}, std::ssize(text), at::kLong);
  share(length);
  auto count = length.item<int64_t>();
  at::Tensor bytes = leads() ? bytes_of(text, count) : at::zeros({count}, at::kByte);
  if (count > 0) share(bytes);
  return text_of(bytes, count);
}

void OneProcess::sum_gradients(Parameters& parameters, Workers& workers, const Backward& backward) {
  backward();
  parameters.accumulate(workers);
}

int64_t processes_here(Communicator& communicator) {
  char name[256] = {};
  gethostname(name, sizeof name - 1);
  return std::ranges::count(communicator.gather_texts(name), std::string(name));
}

std::unique_ptr<Communicator> join_processes(const Launch& launch, const TrainingConfig& config) {
  if (launch.size == 1) return std::make_unique<OneProcess>();
  return join_by_gloo(launch, config);
}

}  // namespace heed
