// What the processes of one training agree on. All call the same functions in the same order.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "config/training_config.h"
#include "training/launch.h"
#include "util/workers.h"

namespace heed {

class Parameters;

class Communicator {
 public:
  virtual ~Communicator() = default;
  virtual int rank() const { return 0; }
  virtual int size() const { return 1; }
  // Whether this is the process that writes the model folder and the log.
  bool leads() const { return rank() == 0; }

  // A tensor [n] on the CPU, of one type and length in all processes, of each of them: [P, n].
  virtual at::Tensor gather(const at::Tensor& own) = 0;
  // `tensor` becomes what it is in process 0.
  virtual void share(at::Tensor tensor) = 0;
  // Runs `backward`, one backward pass of each replica, adds the replicas' gradients to
  // parameters.gradients(), and makes this the sum over all processes, measured, in each of them.
  // What is complete travels while the rest is computed.
  using Backward = std::function<void()>;
  virtual void sum_gradients(Parameters& parameters, Workers& workers,
                             const Backward& backward) = 0;

  // Each number becomes its sum over all processes, added up by tree_sum().
  virtual void sum(std::span<double> numbers);
  // The largest that any process gives.
  virtual int64_t largest(int64_t number);
  // A text of each process.
  std::vector<std::string> gather_texts(const std::string& own);
  // The same for another thread than the one that calls all else, in whatever order the two come;
  // nothing once `stopped` says so, after which it is not called again.
  using Stopped = std::function<bool()>;
  using Gathered = std::optional<std::vector<std::string>>;
  virtual Gathered gather_beside(const std::string& own, const Stopped& stopped);
  // The text of process 0.
  std::string share_text(const std::string& text);

  // Whether a signal has asked this process to stop, or, as far as is known yet, any.
  virtual bool stop_asked() const;
  // Tells the others how far this process is.
  virtual void at_step(int64_t) {}
  // To be called last: the training ends here, in all processes.
  virtual void finish() {}
  // To be called last where it cannot go on here; the others end with this reason.
  virtual void leave(const std::string&) {}

  double seconds_waited() const { return waited_; }  // for others, in all
  double bytes_sent() const { return sent_; }        // to others, in all

 protected:
  // gather_texts(), where `gather` is what gather() is to it.
  using Gather = std::function<at::Tensor(const at::Tensor&)>;
  static std::vector<std::string> gather_texts_by(const Gather& gather, const std::string& own);

  double waited_ = 0, sent_ = 0;
};

// A training in one process has nothing to agree on.
class OneProcess : public Communicator {
 public:
  at::Tensor gather(const at::Tensor& own) override { return own.unsqueeze(0); }
  void share(at::Tensor) override {}
  void sum_gradients(Parameters& parameters, Workers& workers, const Backward& backward) override;
};

// How many of the processes are on this machine, itself included.
int64_t processes_here(Communicator& communicator);

// Joins the other processes; waits for them to come. Throws UsageError where this build cannot,
// Error where not all have come in time.
std::unique_ptr<Communicator> join_processes(const Launch& launch, const TrainingConfig& config);

}  // namespace heed
