// Documents: sent as a form's file, translated, fetched by their address.
#pragma once

#include <chrono>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "server/router.h"
#include "server/service.h"

namespace heed {

// ".txt" and so on.
const std::vector<std::string>& supported_file_endings();

// Translated documents, until they are fetched or forgotten.
class FileStore {
 public:
  using Clock = std::chrono::steady_clock;

  // `most_bytes` of all documents together: beyond it the oldest go.
  explicit FileStore(size_t most_bytes) : most_bytes_(most_bytes) {}

  // Returns the name to ask for it, which nobody can guess.
  std::string add(const std::string& name, std::string content,
                  Clock::time_point now = Clock::now());
  struct File {
    std::string id, name, content;
    Clock::time_point until;
  };
  // Throws HttpError (404) where it is not there, or no longer.
  File get(const std::string& id, Clock::time_point now = Clock::now());

 private:
  void forget(Clock::time_point now);

  size_t most_bytes_, bytes_ = 0;
  std::mutex mutex_;
  std::deque<File> files_;  // the oldest first
};

// /translate_file and /download_file. `service` must live as long.
void add_files(Router& router, Service& service);

}  // namespace heed
