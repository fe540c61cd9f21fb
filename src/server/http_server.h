// The HTTP server: connections, and the library that reads and writes what goes over them. Whoever
// is slow, idle or hostile costs a bound of memory and no time of others.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "config/config.h"
#include "server/http.h"

namespace heed {

// What the server counts of itself.
struct HttpCounts {
  size_t connections = 0, idle_connections = 0, threads = 0;
};

class HttpServer {
 public:
  // Called by many threads. Must not throw.
  using Handler = std::function<HttpAnswer(const HttpRequest&)>;

  // Listens already, so that clients that come early wait. Throws UsageError for an address that
  // cannot be had and for certificates that cannot be read.
  HttpServer(const ServerConfig& config, Handler handler);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Hears of each answer to a request that never came to the handler. Called by many threads; to be
  // set before run(). Must not throw.
  struct Refusal {
    std::string path;  // empty where it could not be read
    int status;
    double seconds;
  };
  void on_refusal(std::function<void(const Refusal&)> hear);

  // "http://127.0.0.1:5000", with the port that was chosen where 0 was asked for.
  std::string url() const;
  // Serves until stop() has been called and all that was in flight has been answered.
  void run();
  // Nobody new is let in. May be called by any thread, and before run().
  void stop();

  HttpCounts counts() const;

  // Of connections from now on; those that are open keep theirs. Throws UsageError for what cannot
  // be read, and the certificate of before stays.
  void reload_certificate();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace heed
