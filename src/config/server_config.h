// The [server] section: limits of heed serve. See config.h.
#pragma once

#include <cstdint>
#include <string>

namespace heed {

struct ServerConfig {
  std::string host;
  int64_t port;
  int64_t max_body, max_beam, max_queue;
  int64_t max_characters, max_batch, requests_per_minute;  // 0: no limit
  int64_t deadline;                                        // seconds
  std::string api_keys;
  bool api_key_required;
  std::string metrics_key;
  std::string certificate, private_key;
  int64_t max_connections, connection_threads;
  int64_t idle_timeout, read_timeout, write_timeout;  // seconds
};

}  // namespace heed
