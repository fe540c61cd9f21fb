// The rows of [server].
#include "config/rows.h"

namespace heed {
namespace {

constexpr double kYear = 365.0 * 24 * 3600;  // seconds

void add_limit_rows(Rows<ServerConfig>& rows) {
  using S = ServerConfig;
  rows.row("max_body", &S::max_body, "4194304", in(between(1024, 1 << 30)), kMayChange,
           "Bytes of a request's body, documents included; more is refused unread (413)")
      .row("max_characters", &S::max_characters, "0", in(at_least(0)), kMayChange,
           "Characters of a text; 0: no limit")
      .row("max_batch", &S::max_batch, "0", in(at_least(0)), kMayChange,
           "Texts of a request; 0: no limit")
      .row("max_beam", &S::max_beam, "16", in(between(1, 1000)), kMayChange,
           "Widest beam, and most alternatives, that a request may ask for")
      .row("max_queue", &S::max_queue, "2000", in(at_least(1)), kMayChange,
           "Sentences that wait, of all requests, before further requests are refused (503)")
      .row("requests_per_minute", &S::requests_per_minute, "0", in(at_least(0)), kMayChange,
           "Of each address, and of each key that has no number of its own; each text of a batch "
           "counts; 0: no limit")
      .row("deadline", &S::deadline, "120", in(between(1, kYear)), kMayChange,
           "Seconds until a translation that is not ready is given up (504)");
}

void add_connection_rows(Rows<ServerConfig>& rows) {
  using S = ServerConfig;
  rows.row("certificate", &S::certificate, "", kFilePath, kMayChange,
           "TLS certificate chain (PEM); empty: no TLS")
      .row("private_key", &S::private_key, "", kFilePath, kMayChange,
           "The certificate's private key (PEM)")
      .row("max_connections", &S::max_connections, "4096", in(at_least(1)), kMayChange,
           "Open connections; for one more, the one that has been idle longest is closed")
      .row("connection_threads", &S::connection_threads, "512", in(between(1, 100000)), kMayChange,
           "Requests that are read, translated and answered at the same time; idle connections "
           "take no thread")
      .row("idle_timeout", &S::idle_timeout, "60", in(between(1, kYear)), kMayChange,
           "Seconds that a connection may be idle between two requests")
      .row("read_timeout", &S::read_timeout, "30", in(between(1, kYear)), kMayChange,
           "Seconds for a request to arrive, head and body (408)")
      .row("write_timeout", &S::write_timeout, "60", in(between(1, kYear)), kMayChange,
           "Seconds for a client to take an answer, or each piece of a stream");
}

}  // namespace

void add_server_rows(std::vector<Option>& table) {
  using S = ServerConfig;
  Rows rows(table, "server", &Config::server);
  rows.row("host", &S::host, "127.0.0.1", kAny, kMayChange,
           "Address to listen on; 0.0.0.0 for all of this machine's")
      .row("port", &S::port, "5000", in(between(0, 65535)), kMayChange,
           "Port to listen on; 0: any free one")
      .row("api_keys", &S::api_keys, "", kFilePath, kMayChange,
           "File of API keys, one a line, each with a limit of requests per minute behind a space "
           "where it has one of its own")
      .row("api_key_required", &S::api_key_required, "true", kAny, kMayChange,
           "Refuse requests without a key where there are keys; false: they go by their address")
      .row("metrics_key", &S::metrics_key, "", kAny, kMayChange,
           "What /metrics asks for as Authorization: Bearer KEY; empty: nothing");
  add_limit_rows(rows);
  add_connection_rows(rows);
}

}  // namespace heed
