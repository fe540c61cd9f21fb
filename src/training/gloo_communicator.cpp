#include "training/gloo_communicator.h"

#include <torch/utils.h>

#ifdef HEED_GLOO
#include <omp.h>

#include <future>
#include <mutex>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include "model/parameters.h"
#include "training/local_address.h"
#include "training/presence.h"
#include "util/clock.h"
#include "util/log.h"
#include "util/tree_sum.h"
#endif
#include "util/error.h"

namespace heed {

#ifndef HEED_GLOO

bool has_gloo() { return false; }

std::unique_ptr<Communicator> join_by_gloo(const Launch& launch, const TrainingConfig&) {
  fail_usage(
      "{} started {} processes, and this heed was built without the headers of Gloo, by which they "
      "would work together: install libgloo-dev (scripts/setup.sh does) and build again, or start "
      "one process",
      launch.launcher, launch.size);
}

#else

namespace {

using c10d::ProcessGroupGloo;
using Group = c10::intrusive_ptr<ProcessGroupGloo>;
using StorePointer = c10::intrusive_ptr<c10d::Store>;

// Of the flat gradient: while one part is added up, the next travels.
constexpr int64_t kBucketElements = 1 << 20;
constexpr double kPatience = 300;     // seconds that processes may take to come and to connect
constexpr double kNamePatience = 30;  // and the name of the machine where they meet
// Between looks at who is lost. That is what ends a wait: Gloo's own limit would end a wait for a
// process that is busy, too.
constexpr std::chrono::milliseconds kSlice(500), kNoLimit = std::chrono::hours(24 * 30);

class HasStopped {};

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

// A group that waits for a process that is gone cannot be taken down: this one is about to end too.
void abandon(Group& group) {
  static std::vector<Group> abandoned;
  if (group) abandoned.push_back(std::move(group));
}

// Part of the flat gradient on its way.
struct Bucket {
  Tensor values;    // [n] float32
  Tensor staged;    // [P * share] of the type that travels: `values` themselves where they fit
  Tensor received;  // [P, share]: this process's share, from each
  Tensor sum;       // [share]
  c10::intrusive_ptr<c10d::Work> work;
};

class GlooCommunicator : public Communicator {
 public:
  GlooCommunicator(const Launch& launch, const TrainingConfig& config);
  ~GlooCommunicator() override;

  int rank() const override { return launch_.rank; }
  int size() const override { return launch_.size; }
  Tensor gather(const Tensor& own) override;
  Gathered gather_beside(const std::string& own, const Stopped& stopped) override;
  void share(Tensor tensor) override;
  void sum_gradients(Parameters& parameters, Workers& workers, const Backward& backward) override;
  bool stop_asked() const override { return Communicator::stop_asked() || presence_->stop_asked(); }
  void at_step(int64_t step) override { presence_->at_step(step); }
  void finish() override;
  void leave(const std::string& reason) override;

 private:
  StorePointer connect(bool serves) const;
  std::string address();
  Group make_group(const std::string& name);
  void wait(c10d::Work& work);
  void wait_for(c10d::Work& work, const Stopped& stopped = {});
  Tensor gather_by(ProcessGroupGloo& group, const Tensor& own, const Stopped& stopped = {});
  [[noreturn]] void lose(const std::string& message);
  int64_t bucket_size() const { return kBucketElements / size() * size(); }
  Bucket send_out(const Tensor& values);
  void add_up(Bucket& bucket);
  std::vector<Bucket> exchange(Parameters& parameters);

  Launch launch_;
  double timeout_;
  at::ScalarType travels_;
  StorePointer store_;  // outlives the group, in all processes
  std::unique_ptr<Presence> presence_;
  Group group_;
  Group beside_;                          // of gather_beside()
  bool beside_in_use_ = false;            // since a process has stopped in the middle of it
  std::unique_ptr<GradientWatch> watch_;  // of the parameters that were summed last:
  const Parameters* watched_ = nullptr;
  std::mutex mutex_;
  std::string lost_;  // why the groups are of no more use
};

GlooCommunicator::GlooCommunicator(const Launch& launch, const TrainingConfig& config)
    : launch_(launch),
      timeout_(config.timeout),
      travels_(config.reduce_precision == "bfloat16" ? at::kBFloat16 : at::kFloat) {
  bool serves = !launch.store_is_served && launch.rank == 0;
  wait_for_name(launch.host, kNamePatience);  // c10d would try for long, with a warning each time
  log_info("waiting for all {} processes at {}:{}, up to {:.0f} s", launch.size, launch.host,
           launch.port, kPatience);
  store_ = connect(serves);
  std::string server = launch.store_is_served ? "torchrun's agent" : "rank 0";
  presence_ = std::make_unique<Presence>(
      connect(false), PresenceOptions{.rank = launch.rank,
                                      .size = launch.size,
                                      .timeout = timeout_,
                                      .patience = kPatience,
                                      .store_name = fmt::format("the store of {} at {}:{}", server,
                                                                launch.host, launch.port),
                                      .store_of_rank_0 = !launch.store_is_served});
  group_ = make_group("main");
  beside_ = make_group("beside");
}

// A client of the store. All that torchrun starts again at a time use keys of their own.
StorePointer GlooCommunicator::connect(bool serves) const {
  c10d::TCPStoreOptions options;
  options.port = static_cast<uint16_t>(launch_.port);
  options.isServer = serves;
  options.waitWorkers = false;
  options.timeout = std::chrono::seconds(static_cast<int>(kPatience));
  try {
    auto store = c10::make_intrusive<c10d::TCPStore>(launch_.host, options);
    return c10::make_intrusive<c10d::PrefixStore>("heed/attempt_" + launch_.attempt, store);
  } catch (const std::exception& error) {
    fail("{} {}:{} (MASTER_ADDR, MASTER_PORT): {}",
         serves ? "cannot serve the other processes at" : "cannot reach", launch_.host,
         launch_.port, first_line(error.what()));
  }
}

// A machine that knows its own name as a loopback address finds what others reach it by on the way
// to one of them.
std::string GlooCommunicator::address() {
  std::string own = local_address(launch_.host, launch_.port);
  auto key = [](int rank) { return fmt::format("address/{}", rank); };
  store_->set(key(launch_.rank), own);
  if (!is_loopback(own)) return own;
  for (int rank = 0; rank < launch_.size; ++rank) {
    std::string other = store_->get_to_str(key(rank));
    if (!is_loopback(other)) return local_address(other, launch_.port);
  }
  return own;
}

Group GlooCommunicator::make_group(const std::string& name) {
  const char* interface = std::getenv("GLOO_SOCKET_IFNAME");
  std::string where = interface != nullptr ? interface : address();
  auto store = c10::make_intrusive<c10d::PrefixStore>(name, store_);
  auto make = [=, launch = launch_] {
    auto options = ProcessGroupGloo::Options::create(kNoLimit);
    options->devices.push_back(interface != nullptr
                                   ? ProcessGroupGloo::createDeviceForInterface(where)
                                   : ProcessGroupGloo::createDeviceForHostname(where));
    return c10::make_intrusive<ProcessGroupGloo>(store, launch.rank, launch.size, options);
  };
  std::packaged_task<Group()> task(make);
  std::future<Group> made = task.get_future();
  std::thread thread(std::move(task));
  double end = seconds_now() + kPatience;
  while (made.wait_for(kSlice) != std::future_status::ready) {
    auto loss = presence_->loss();
    if (!loss && seconds_now() < end) continue;
    thread.detach();  // it waits for who does not come
    lose(loss ? *loss
              : fmt::format("{} has no connection to all others from {} after {:.0f} s: is there "
                            "a firewall? GLOO_SOCKET_IFNAME chooses another interface",
                            presence_->name(), where, kPatience));
  }
  thread.join();
  try {
    return made.get();
  } catch (const std::exception& error) {
    fail("Gloo cannot connect from {}{}: {}", where,
         interface != nullptr ? " (GLOO_SOCKET_IFNAME)" : "", first_line(error.what()));
  }
}

void GlooCommunicator::lose(const std::string& message) {
  std::lock_guard lock(mutex_);
  lost_ = message;
  throw Error(message);
}

// Time is lost where the process itself waits, and none where a thread beside it does.
void GlooCommunicator::wait(c10d::Work& work) {
  double began = seconds_now();
  wait_for(work);
  waited_ += seconds_now() - began;
}

// Throws HasStopped where `stopped` is given and says so.
void GlooCommunicator::wait_for(c10d::Work& work, const Stopped& stopped) {
  for (bool done = false; !done;) {
    try {
      done = work.wait(kSlice);
    } catch (const std::exception& error) {
      if (stopped && stopped()) throw HasStopped();
      if (work.isCompleted()) lose(presence_->explain(first_line(error.what())));
      if (auto loss = presence_->loss()) lose(*loss);
    }
  }
}

Tensor GlooCommunicator::gather_by(ProcessGroupGloo& group, const Tensor& own,
                                   const Stopped& stopped) {
  Tensor sent = own.contiguous();
  Tensor all = at::empty({size() * sent.numel()}, sent.options());
  wait_for(*group._allgather_base(all, sent), stopped);
  return all.view({size(), -1});
}

Tensor GlooCommunicator::gather(const Tensor& own) {
  double began = seconds_now();
  Tensor all = gather_by(*group_, own);
  waited_ += seconds_now() - began;
  sent_ += static_cast<double>((size() - 1) * own.nbytes());
  return all;
}

Communicator::Gathered GlooCommunicator::gather_beside(const std::string& own,
                                                       const Stopped& stopped) {
  try {
    auto gather = [&](const Tensor& tensor) { return gather_by(*beside_, tensor, stopped); };
    return gather_texts_by(gather, own);
  } catch (const HasStopped&) {
    beside_in_use_ = true;
    return std::nullopt;
  }
}

void GlooCommunicator::share(Tensor tensor) {
  Tensor staged = tensor.cpu().contiguous();
  std::vector<Tensor> tensors{staged};
  wait(*group_->broadcast(tensors));
  if (!staged.is_same(tensor)) tensor.copy_(staged);
}

// Each process adds up its share of the bucket for all, in float32 and in a fixed order, and hands
// the sum out: what travels is no more than in a ring, and what travels rounded is added up exactly
// once.
Bucket GlooCommunicator::send_out(const Tensor& values) {
  int64_t count = values.numel(), share = (count + size() - 1) / size();
  Bucket bucket;
  bucket.values = values;
  if (travels_ == at::kFloat && share * size() == count && values.is_cpu()) {
    bucket.staged = values;
  } else {
    bucket.staged = at::zeros({share * size()}, at::dtype(travels_));
    bucket.staged.narrow(0, 0, count).copy_(values);
  }
  bucket.received = at::empty({size(), share}, at::dtype(travels_));
  Tensor received = bucket.received.view({-1});
  std::vector<int64_t> equally;
  bucket.work = group_->alltoall_base(received, bucket.staged, equally, equally);
  sent_ += 2.0 * static_cast<double>((size() - 1) * share * bucket.staged.element_size());
  return bucket;
}

void GlooCommunicator::add_up(Bucket& bucket) {
  wait_for(*bucket.work);
  std::vector<Tensor> parts;
  for (const Tensor& part : bucket.received.unbind()) parts.push_back(part.to(at::kFloat));
  bucket.sum = tree_sum(std::move(parts)).to(travels_);
  bucket.work = group_->_allgather_base(bucket.staged, bucket.sum);
}

// While one bucket is added up, the next travels. A backward pass begins where the model ends: the
// last matrices come first. What is no matrix stands behind them and is complete at the end.
std::vector<Bucket> GlooCommunicator::exchange(Parameters& parameters) {
  torch::NoGradGuard no_gradient;
  at::get_num_threads();   // which gives a new thread the process's number
  omp_set_num_threads(1);  // the others compute meanwhile
  int64_t size = parameters.gradients().numel(), most = bucket_size(), count = watch_->parts();
  std::vector<int64_t> order(count);
  for (int64_t i = 0; i < count; ++i) order[i] = i + 1 < count ? count - 2 - i : count - 1;
  std::vector<Bucket> buckets;
  for (int64_t part : order) {
    watch_->wait(part);
    int64_t begin = part * most, end = std::min(begin + most, size);
    parameters.accumulate_part(begin, end);
    buckets.push_back(send_out(parameters.gradients().slice(0, begin, end)));
    if (buckets.size() > 1) add_up(buckets[buckets.size() - 2]);
  }
  add_up(buckets.back());
  return buckets;
}

void GlooCommunicator::sum_gradients(Parameters& parameters, Workers& workers,
                                     const Backward& backward) {
  if (watched_ != &parameters) {
    watch_ = std::make_unique<GradientWatch>(parameters.gradients().numel(), bucket_size());
    parameters.watch(*watch_);
    watched_ = &parameters;
  }
  watch_->begin();
  auto exchanged = std::async(std::launch::async, [&] { return exchange(parameters); });
  try {
    backward();
  } catch (...) {
    watch_->end();
    exchanged.wait();
    throw;
  }
  watch_->end();
  torch::NoGradGuard no_gradient;
  double began = seconds_now();
  std::vector<Bucket> buckets = exchanged.get();
  waited_ += seconds_now() - began;
  for (Bucket& bucket : buckets) {
    wait(*bucket.work);
    if (bucket.staged.is_same(bucket.values)) continue;
    bucket.values.copy_(bucket.staged.narrow(0, 0, bucket.values.numel()));
  }
  parameters.measure(workers);
}

void GlooCommunicator::finish() {
  largest(0);  // all have come this far
  group_.reset();
  if (beside_in_use_) {
    abandon(beside_);
  } else {
    beside_.reset();
  }
  presence_->leave("");
}

void GlooCommunicator::leave(const std::string& reason) {
  presence_->leave(!lost_.empty() ? lost_
                                  : fmt::format("{} ended at step {}: {}", presence_->name(),
                                                presence_->step(), reason));
  if (lost_.empty()) lost_ = reason;
}

GlooCommunicator::~GlooCommunicator() {
  if (lost_.empty() && !beside_in_use_) return;
  abandon(group_);
  abandon(beside_);
}

}  // namespace

bool has_gloo() { return true; }

std::unique_ptr<Communicator> join_by_gloo(const Launch& launch, const TrainingConfig& config) {
  return std::make_unique<GlooCommunicator>(launch, config);
}

#endif

}  // namespace heed
