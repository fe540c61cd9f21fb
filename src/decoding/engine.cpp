#include "decoding/engine.h"

#include <algorithm>
#include <atomic>
#include <system_error>

#include "util/error.h"

namespace heed {
namespace {

constexpr size_t kPoolBatches = 16;  // enough that batches hold lines of like length

std::exception_ptr called_off() {
  return std::make_exception_ptr(Error("the translation was called off"));
}

}  // namespace

int64_t worker_count(const Inference& model, const EngineOptions& options) {
  int64_t most = model.parallel_batches();
  return most == 0 ? options.workers : std::min(options.workers, most);
}

EngineOptions Engine::completed(EngineOptions options) {
  SearchOptions& search = options.search;
  if (search.mbr != "off") search.n_best = std::max(search.n_best, search.beam_size);
  if (options.lines.replace_unknown) search.want_attention = true;
  return options;
}

// A request on its way, from the queue to its translation.
struct Engine::Job {
  std::vector<Part> parts;
  std::shared_ptr<const SearchOptions> search;  // null: the engine's
  std::shared_ptr<const std::atomic<bool>> cancelled;
  std::function<void(const Draft&)> listen;
  std::vector<std::vector<Hypothesis>> found;  // of each part
  std::atomic<size_t> left = 0;                // parts not searched for yet
  std::atomic<bool> answered = false;
  TranslationNotes notes;
  std::promise<Translated> promise;
};

Engine::Engine(LoadedModel model, const EngineOptions& options)
    : model_(std::move(model)),
      options_(completed(options)),
      n_best_(options.search.n_best),
      prepare_(model_.tokenizers, options_.lines, {model_.config.data.max_length, options_.search}),
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
  job->search = request.search;
  job->cancelled = request.cancelled;
  job->listen = request.listen;
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
  for (std::vector<Piece> batch = queue_.take(); !batch.empty(); batch = queue_.take()) run(batch);
}

const SearchOptions& Engine::search_of(const Job& job) const {
  return job.search ? *job.search : options_.search;
}

bool Engine::is_wanted(const Piece& piece) {
  return !piece.job->cancelled || !*piece.job->cancelled;
}

void Engine::answer(const std::vector<Piece>& batch, const std::exception_ptr& error) {
  for (const Piece& piece : batch) {
    if (!piece.job->answered.exchange(true)) piece.job->promise.set_exception(error);
  }
}

// What nobody wants any more is not searched for. Requests of other options than the first one's
// are searched for apart.
void Engine::run(std::vector<Piece> batch) const {
  auto unwanted = std::stable_partition(batch.begin(), batch.end(), is_wanted);
  answer({unwanted, batch.end()}, called_off());
  batch.erase(unwanted, batch.end());
  while (!batch.empty()) {
    auto same = [first = batch[0]](const Piece& piece) {
      return piece.job->search == first.job->search;
    };
    auto others = std::stable_partition(batch.begin(), batch.end(), same);
    std::vector<Piece> alike(batch.begin(), others);
    batch.erase(batch.begin(), others);
    try {
      run_alike(alike);
    } catch (...) {
      answer(alike, std::current_exception());
    }
  }
}

// Hands on what the search for a job's first part comes to, while it is wanted.
std::function<bool(const SearchNews&)> Engine::watch(const Piece& piece) const {
  return [this, piece](const SearchNews& news) {
    if (!is_wanted(piece)) return false;
    piece.job->listen(
        Assembly(model_.tokenizers, search_of(*piece.job), options_.lines).draft(news));
    return true;
  };
}

void Engine::run_alike(const std::vector<Piece>& batch) const {
  std::vector<SentenceView> sentences;
  std::vector<Demand> demands;
  for (const Piece& piece : batch) {
    const Part& part = piece.job->parts[piece.part];
    sentences.emplace_back(part.source);
    demands.push_back(part.demand);
    if (piece.job->listen && piece.part == 0) demands.back().watch = watch(piece);
  }
  IdMatrix ids = pad_sentences(sentences, model_.tokenizers.source->special());
  auto found = search(*model_.inference, ids, model_.tokenizers.target->special(),
                      search_of(*batch[0].job), demands);
  for (size_t i = 0; i < batch.size(); ++i) {
    Job& job = *batch[i].job;
    if (found[i].empty()) answer({batch[i]}, called_off());
    job.found[batch[i].part] = std::move(found[i]);
    if (--job.left == 0 && !job.answered) finish(job);
  }
}

void Engine::finish(Job& job) const {
  Assembly assemble(model_.tokenizers, search_of(job), options_.lines);
  for (size_t i = 0; i < job.parts.size(); ++i) {
    assemble.note_end(job.found[i][0], job.parts[i], job.notes);
  }
  int64_t n_best = job.search ? job.search->n_best : n_best_;
  Translated translated{assemble(job.parts, job.found, n_best), std::move(job.notes)};
  if (!job.answered.exchange(true)) job.promise.set_value(std::move(translated));
}

}  // namespace heed
