// The translation engine: requests in, from any number of threads; translations out.
#pragma once

#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <thread>
#include <vector>

#include "decoding/assembly.h"
#include "decoding/batch_queue.h"
#include "decoding/loaded_model.h"
#include "decoding/preparation.h"

namespace heed {

struct EngineOptions {
  SearchOptions search = {};
  LineOptions lines = {};
  int64_t batch_size = 64;  // sentences at most
  // Batches translated at the same time, each on a thread of its own. Which ones a request is
  // translated with does not change its translation.
  int64_t workers = 1;
};

// What has become of a request.
struct Translated {
  // Best first, at most n_best. Blank lines have one empty translation, and lines in several parts
  // one that joins the best of each.
  std::vector<Translation> translations;
  TranslationNotes notes;
};

// Threads that these options give the model: no more than it can use.
int64_t worker_count(const Inference& model, const EngineOptions& options);

// A request goes through pure stages: prepare, wait in the queue, search, assemble.
class Engine {
 public:
  // The options with what they imply: minimum Bayes risk needs more hypotheses than it returns.
  static EngineOptions completed(EngineOptions options);

  // Throws Error where the system gives no more threads, and what Preparation throws.
  Engine(LoadedModel model, const EngineOptions& options);
  // Translates what has been submitted.
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // The future throws what translating threw. The request waits for others to be translated with
  // until `deadline`, or until somebody calls hurry().
  using Clock = BatchQueue<int>::Clock;
  std::future<Translated> submit(const Request& request,
                                 Clock::time_point deadline = BatchQueue<int>::kNever);
  void hurry() { queue_.hurry(); }

  // All of them, and waits for them.
  std::vector<Translated> translate(const std::vector<Request>& requests);

  // Requests in flight that keep all workers busy; more at once gain nothing.
  size_t window() const { return 2 * pool(); }

 private:
  struct Job;
  // A part of a job on its way.
  struct Piece {
    std::shared_ptr<Job> job;
    size_t part;
  };
  size_t pool() const;
  static size_t batch_of(const LoadedModel& model, const EngineOptions& options);
  void start_workers();
  void stop_workers();
  void work();
  void run(std::vector<Piece> batch) const;
  void run_alike(const std::vector<Piece>& batch) const;
  void finish(Job& job) const;
  static bool is_wanted(const Piece& piece);
  std::function<bool(const SearchNews&)> watch(const Piece& piece) const;
  static void answer(const std::vector<Piece>& batch, const std::exception_ptr& error);
  const SearchOptions& search_of(const Job& job) const;

  LoadedModel model_;
  EngineOptions options_;
  int64_t n_best_;  // as asked for: minimum Bayes risk searches for more
  Preparation prepare_;
  BatchQueue<Piece> queue_;
  std::vector<std::thread> workers_;
};

}  // namespace heed
