#include "decoding/engine.h"

#include <atomic>
#include <system_error>

#include "util/error.h"

namespace heed {
namespace {

constexpr size_t kPoolBatches = 16;  // enough that batches hold lines of like length

EngineOptions completed(EngineOptions options) {
  SearchOptions& search = options.search;
  if (search.mbr != "off") search.n_best = std::max(search.n_best, search.beam_size);
  if (options.lines.replace_unknown) search.want_attention = true;
  return options;
}

}  // namespace

int64_t worker_count(const Inference& model, const EngineOptions& options) {
  int64_t most = model.parallel_batches();
  return most == 0 ? options.workers : std::min(options.workers, most);
}

// A request on its way, from the queue to its translation.
struct Engine::Job {
  std::vector<Part> parts;
  std::vector<std::vector<Hypothesis>> found;  // of each part
  std::atomic<size_t> left = 0;                // parts not searched for yet
  std::atomic<bool> failed = false;
  TranslationNotes notes;
  std::promise<Translated> promise;
};

Engine::Engine(LoadedModel model, const EngineOptions& options)
    : model_(std::move(model)),
      options_(completed(options)),
      n_best_(options.search.n_best),
      prepare_(model_.tokenizers, options_.lines,
               {model_.config.data.max_length, options_.search.want_attention}),
      assemble_(model_.tokenizers, options_.search, options_.lines),
      queue_({batch_of(model_, options_), pool()}) {
  start_workers();
}

Engine::~Engine() { stop_workers(); }

// Sentences in a batch: as many as are fastest together.
size_t Engine::batch_of(const LoadedModel& model, const EngineOptions& options) {
  int64_t hypotheses = options.search.sampling() ? options.search.n_best : options.search.beam_size;
  int64_t rows = model.inference->preferred_rows();
  if (rows == 0) return static_cast<size_t>(options.batch_size);
  return static_cast<size_t>(std::clamp<int64_t>(rows / hypotheses, 1, options.batch_size));
}

void Engine::start_workers() {
  int64_t count = worker_count(*model_.inference, options_);
  try {
    while (std::ssize(workers_) < count) {
      workers_.emplace_back([this, alone = count == 1] {
        if (!alone) model_.inference->enter_worker();
        work();
      });
    }
  } catch (const std::system_error& error) {
    stop_workers();
    fail("could not start thread {} of {}: {}; set --threads lower, or the system's limit higher",
         workers_.size() + 1, count, error.code().message());
  }
}

void Engine::stop_workers() {
  queue_.close();
  for (std::thread& worker : workers_) worker.join();
}

size_t Engine::pool() const { return kPoolBatches * static_cast<size_t>(options_.batch_size); }

std::future<Translated> Engine::submit(const Request& request, Clock::time_point deadline) {
  auto job = std::make_shared<Job>();
  std::future<Translated> future = job->promise.get_future();
  Prepared prepared = prepare_(request);
  job->parts = std::move(prepared.parts);
  job->notes = std::move(prepared.notes);
  job->found.resize(job->parts.size());
  job->left = job->parts.size();
  if (job->parts.empty()) finish(*job);
  for (size_t i = 0; i < job->found.size(); ++i) {
    queue_.push({job, i}, std::ssize(job->parts[i].source), deadline);
  }
  return future;
}

std::vector<Translated> Engine::translate(const std::vector<Request>& requests) {
  std::vector<std::future<Translated>> futures;
  for (const Request& request : requests) futures.push_back(submit(request));
  hurry();
  std::vector<Translated> all;
  for (auto& future : futures) all.push_back(future.get());
  return all;
}

void Engine::work() {
  for (std::vector<Piece> batch = queue_.take(); !batch.empty(); batch = queue_.take()) {
    try {
      run(batch);
    } catch (...) {
      for (const Piece& piece : batch) {
        if (!piece.job->failed.exchange(true)) {
          piece.job->promise.set_exception(std::current_exception());
        }
      }
    }
  }
}

void Engine::run(const std::vector<Piece>& batch) const {
  std::vector<SentenceView> sentences;
  std::vector<Demand> demands;
  for (const Piece& piece : batch) {
    const Part& part = piece.job->parts[piece.part];
    sentences.emplace_back(part.source);
    demands.push_back(part.demand);
  }
  IdMatrix ids = pad_sentences(sentences, model_.tokenizers.source->special());
  auto found =
      search(*model_.inference, ids, model_.tokenizers.target->special(), options_.search, demands);
  for (size_t i = 0; i < batch.size(); ++i) {
    Job& job = *batch[i].job;
    job.found[batch[i].part] = std::move(found[i]);
    if (--job.left == 0 && !job.failed) finish(job);
  }
}

void Engine::finish(Job& job) const {
  for (size_t i = 0; i < job.parts.size(); ++i) {
    assemble_.note_end(job.found[i][0], job.parts[i], job.notes);
  }
  job.promise.set_value({assemble_(job.parts, job.found, n_best_), std::move(job.notes)});
}

}  // namespace heed
