#include "server/http_server.h"

#include <httplib.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <optional>
#include <thread>

#include "server/crew.h"
#include "server/exchange.h"
#include "server/lobby.h"
#include "server/request_body.h"
#include "util/log.h"
#include "util/text.h"

namespace heed {
namespace {

using std::chrono::seconds;

constexpr int kBacklog = 1024;  // connections that the system holds until they are taken
constexpr size_t kRequestsAConnection = 1'000'000;  // as the answers say; nobody counts
constexpr size_t kHeadBytes = 64 << 10;             // of a request's first line and headers
constexpr int64_t kBodiesInMemory = 16;  // each as large as one may be, of all requests together

// The library hands its handlers nothing of the caller's. One thread handles a request from its
// first byte to its last.
thread_local Exchange* exchange_here = nullptr;

// A new connection goes into the lobby on the thread that takes it in: that takes no time.
class AtOnce : public httplib::TaskQueue {
 public:
  void enqueue(std::function<void()> task) override { task(); }
  void shutdown() override {}
};

// Many connections need many descriptors: as many as this process may have.
void raise_descriptor_limit() {
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

struct HttpServer::Impl : httplib::Server {
  Impl(const ServerConfig& server, HttpServer::Handler handler_);

  void listen_on(int port);
  bool listens_again(int port);
  bool process_and_close_socket(socket_t socket) override;
  void serve(std::unique_ptr<Channel> channel);
  bool serve_one(Channel& channel, Exchange& exchange);
  void take_head(httplib::Request& request, Exchange& exchange) const;
  void handle(const httplib::Request& from, httplib::Response& to,
              const httplib::ContentReader* reader);
  std::string read_body(const httplib::ContentReader& reader, Exchange& exchange, BodyShare& share);
  bool explain_error(httplib::Response& response) const;
  void tell_refusal(const Exchange& exchange, int status) const;

  ServerConfig config;
  HttpServer::Handler handler;
  std::function<void(const HttpServer::Refusal&)> on_refusal = [](const auto&) {};
  TlsContext tls;
  std::mutex tls_mutex;
  int socket = -1;  // that it listens on
  int port = 0;
  std::atomic<bool> stopping = false;
  std::atomic<int64_t> active = 0;      // connections that are served, not in the lobby
  std::atomic<int64_t> body_bytes = 0;  // in memory, of all requests
  std::optional<Crew> crew;
  std::optional<Lobby> lobby;
};

HttpServer::Impl::Impl(const ServerConfig& server, HttpServer::Handler handler_)
    : config(server),
      handler(std::move(handler_)),
      tls(load_tls(server.certificate, server.private_key)) {
  raise_descriptor_limit();
  crew.emplace(static_cast<size_t>(config.connection_threads));
  lobby.emplace(seconds(config.idle_timeout), [this](std::unique_ptr<Channel> channel) {
    ++active;
    // A task can be copied, a connection cannot.
    auto shared = std::make_shared<std::unique_ptr<Channel>>(std::move(channel));
    try {
      crew->give([this, shared] { serve(std::move(*shared)); });
    } catch (const Error& error) {
      --active;
      log_warning("a connection is closed unread: {}", error.what());
    }
  });
  new_task_queue = [] { return new AtOnce; };
  set_keep_alive_timeout(config.idle_timeout);
  set_keep_alive_max_count(kRequestsAConnection);
  set_socket_options([this](socket_t one) {
    int on = 1;  // and not the library's SO_REUSEPORT: two servers would share the port in silence
    setsockopt(one, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    socket = one;
  });
  // To the library a request has a body (POST) or none (GET), and its path is "/".
  Get("/", [this](const auto& request, auto& response) { handle(request, response, nullptr); });
  Post("/", [this](const auto& request, auto& response, const httplib::ContentReader& reader) {
    handle(request, response, &reader);
  });
  set_error_handler(HandlerWithResponse([this](const httplib::Request&, httplib::Response& to) {
    return explain_error(to) ? HandlerResponse::Handled : HandlerResponse::Unhandled;
  }));
  set_post_routing_handler([](const httplib::Request&, httplib::Response& response) {
    if (!exchange_here->close) return;
    response.headers.erase("Keep-Alive");
    response.set_header("Connection", "close");
  });
  set_expect_100_continue_handler([](const httplib::Request&, httplib::Response& response) {
    // A body that is too large is refused before it is sent.
    response.status = !exchange_here->fault.empty() ? 400 : exchange_here->close ? 413 : 100;
    return response.status;
  });
  listen_on(static_cast<int>(config.port));
}

void HttpServer::Impl::listen_on(int wanted) {
  errno = 0;
  int bound = wanted == 0                         ? bind_to_any_port(config.host)
              : bind_to_port(config.host, wanted) ? wanted
                                                  : -1;
  if (bound < 0) {
    fail_usage("cannot listen on {} port {}: {}; choose another --host or --port", config.host,
               wanted, errno == 0 ? "no such address" : system_reason());
  }
  port = bound;
  ::listen(socket, kBacklog);  // again: the library's own queue holds five
}

bool HttpServer::Impl::listens_again(int wanted) {
  try {
    listen_on(wanted);
    return true;
  } catch (const Error& error) {
    log_warning("{}; trying again", error.what());
    return false;
  }
}

bool HttpServer::Impl::process_and_close_socket(socket_t one) {
  std::unique_lock lock(tls_mutex);
  auto channel = std::make_unique<Channel>(one, tls);
  lock.unlock();
  channel->set_write_limit(seconds(config.write_timeout));
  auto open = static_cast<int64_t>(lobby->waiting()) + active;
  if (open >= config.max_connections && !lobby->drop_oldest()) return false;
  lobby->enter(std::move(channel));
  return true;
}

void HttpServer::Impl::serve(std::unique_ptr<Channel> channel) {
  try {
    bool goes_on = true;
    do {
      Exchange exchange{*channel};
      exchange_here = &exchange;
      goes_on = serve_one(*channel, exchange);
      exchange_here = nullptr;
      if (exchange.close) channel->linger();
    } while (goes_on && channel->has_buffered());
    if (goes_on) lobby->enter(std::move(channel));
  } catch (const std::exception& error) {
    exchange_here = nullptr;
    log_warning("a connection broke off: {}", error.what());
  }
  channel.reset();
  --active;
}

// Whether another request may follow.
bool HttpServer::Impl::serve_one(Channel& channel, Exchange& exchange) {
  channel.set_read_deadline(Channel::Clock::now() + seconds(config.read_timeout));
  channel.set_read_allowance(kHeadBytes);
  if (!channel.greet()) return false;
  ChannelStream stream(exchange);
  bool closed = false, last = stopping;
  bool done = process_request(stream, last, closed,
                              [&](httplib::Request& request) { take_head(request, exchange); });
  if (!done && channel.overrun()) {  // before the first line had an end
    HttpAnswer answer = error_answer(431, "The request's head is too large");
    channel.write(
        fmt::format("HTTP/1.1 431 Request Header Fields Too Large\r\n"
                    "Content-Type: {}\r\nContent-Length: {}\r\n\r\n{}",
                    answer.content_type, answer.body.size(), answer.body));
    exchange.close = true;
    tell_refusal(exchange, answer.status);
  }
  return done && !closed && !last && !exchange.close;
}

// Takes from the library's request what the library would act upon in ways of its own: patterns of
// paths, a limit per type of body, forms in parts held without a bound, compression, ranges.
void HttpServer::Impl::take_head(httplib::Request& request, Exchange& exchange) const {
  exchange.head_read = true;
  exchange.method = request.method;
  exchange.path = std::move(request.path);
  exchange.content_type = request.get_header_value("Content-Type");
  request.path = "/";
  request.ranges.clear();
  request.headers.erase("Content-Type");
  request.headers.erase("Accept-Encoding");
  take_host(request, exchange);
  // "Content-Length : 5" is one header to a proxy and none to the library (RFC 9112, 5.1).
  for (const auto& [name, value] : request.headers) {
    if (!is_header_name(name)) exchange.fault = "no header's name holds a space or a sign like it";
  }
  if (exchange.open_line) exchange.fault = "each line of the head ends in CR LF";
  BodyFraming framing = framing_of({.lengths = header_values(request, "Content-Length"),
                                    .codings = header_values(request, "Transfer-Encoding")});
  if (!framing.fault.empty()) exchange.fault = framing.fault;
  if (exchange.empty_framing) exchange.fault = "a body's length or coding is not empty";
  bool has_body = framing.has_body() || !framing.fault.empty();
  if (request.method != "HEAD") request.method = has_body ? "POST" : "GET";
  if (!has_body) return;
  exchange.chunked = framing.chunked;
  take_coding(request, exchange);
  auto allowed = static_cast<size_t>(config.max_body);
  if (framing.length > config.max_body || exchange.method == "HEAD") exchange.close = true;
  // Chunks of one byte take six.
  exchange.channel.set_read_allowance(framing.chunked ? 6 * allowed + kHeadBytes : allowed);
}

std::string HttpServer::Impl::read_body(const httplib::ContentReader& reader, Exchange& exchange,
                                        BodyShare& share) {
  auto too_large = [&] {
    refuse(413, "Request body exceeds limit ({} bytes, server.max_body)", config.max_body);
  };
  if (exchange.close) too_large();  // its length says so
  std::string body;
  // The library takes no trailer. It does take compressed bodies.
  bool chunks = exchange.chunked && !exchange.compressed, crowded = false;
  exchange.close = true;  // unless all of it has been read
  auto take = [&](const char* bytes, size_t count) {
    crowded = share.add(static_cast<int64_t>(count)) > kBodiesInMemory * config.max_body;
    if (crowded || share.bytes() > config.max_body) return false;
    body.append(bytes, count);
    return true;
  };
  auto source = [&](char* into, size_t size) { return exchange.channel.read(into, size); };
  bool whole = chunks ? read_chunks(source, take) : reader(take);
  if (crowded) throw HttpError(503, "Too many large requests at once; try again").retry_after(1);
  if (share.bytes() > config.max_body || exchange.channel.overrun()) too_large();
  if (exchange.channel.timed_out()) {
    refuse(408, "The request's body did not arrive within {} s (server.read_timeout)",
           config.read_timeout);
  }
  if (!whole) refuse(400, "Invalid request: the body is damaged or ends early");
  // A trailer, if there is one, has not been read of compressed chunks.
  exchange.close = exchange.chunked && exchange.compressed;
  return body;
}

void HttpServer::Impl::handle(const httplib::Request& from, httplib::Response& to,
                              const httplib::ContentReader* reader) {
  Exchange& exchange = *exchange_here;
  BodyShare share(body_bytes);
  HttpRequest request;
  request.method = exchange.method;
  request.path = exchange.path;
  request.content_type = exchange.content_type;
  request.authorization = from.get_header_value("Authorization");
  request.query.insert(from.params.begin(), from.params.end());
  request.address = exchange.channel.address();
  std::string host =
      exchange.host.empty() ? fmt::format("{}:{}", config.host, port) : exchange.host;
  request.origin = (config.certificate.empty() ? "http://" : "https://") + host;
  request.client_waits = [&channel = exchange.channel] { return channel.peer_waits(); };
  HttpAnswer answer;
  bool handled = false;
  try {
    if (!exchange.fault.empty()) {
      exchange.close = true;
      refuse(400, "Invalid request: {}", exchange.fault);
    }
    if (!exchange.unknown_coding.empty()) {
      exchange.close = true;
      refuse(415, "Content-Encoding {} is not known here; send gzip, deflate or none",
             printable(exchange.unknown_coding, 80));
    }
    if (reader != nullptr) request.body = read_body(*reader, exchange, share);
    if (media_type(request.content_type) == "multipart/form-data") {
      request.parts = parse_multipart(request.body, request.content_type);
      request.body.clear();
    }
    handled = true;
    answer = handler(request);
  } catch (const HttpError& error) {
    answer = error_answer(error);
  }
  if (!handled) tell_refusal(exchange, answer.status);
  to.status = answer.status;
  for (const auto& [name, value] : answer.headers) to.set_header(name.c_str(), value);
  if (!answer.stream) {
    to.set_header("Content-Type", answer.content_type);
    to.body = std::move(answer.body);
    return;
  }
  to.set_chunked_content_provider(answer.content_type.c_str(),
                                  [stream = answer.stream](size_t, httplib::DataSink& sink) {
                                    stream([&](std::string_view bytes) {
                                      sink.write(bytes.data(), bytes.size());
                                      return sink.is_writable();
                                    });
                                    sink.done();
                                    return true;
                                  });
}

// Of errors that the library has found: the answer's body. False: the answer is a handler's.
bool HttpServer::Impl::explain_error(httplib::Response& response) const {
  if (!response.body.empty()) return false;
  Exchange& exchange = *exchange_here;
  if (exchange.head_read && response.status != 413 && exchange.fault.empty()) return false;
  exchange.close = true;
  HttpAnswer answer = answer_to_fault(exchange, response.status, config);
  tell_refusal(exchange, answer.status);
  response.status = answer.status;
  response.set_header("Content-Type", answer.content_type);
  for (const auto& [name, value] : answer.headers) response.set_header(name.c_str(), value);
  response.body = std::move(answer.body);  // the library adds its length
  return true;
}

void HttpServer::Impl::tell_refusal(const Exchange& exchange, int status) const {
  std::chrono::duration<double> taken = Channel::Clock::now() - exchange.start;
  on_refusal({exchange.path, status, taken.count()});
}

HttpServer::HttpServer(const ServerConfig& config, Handler handler)
    : impl_(std::make_unique<Impl>(config, std::move(handler))) {}

HttpServer::~HttpServer() = default;

void HttpServer::on_refusal(std::function<void(const Refusal&)> hear) {
  impl_->on_refusal = std::move(hear);
}

std::string HttpServer::url() const {
  const std::string& host = impl_->config.host;
  bool six = host.find(':') != std::string::npos;
  return fmt::format("{}://{}{}{}:{}", impl_->config.certificate.empty() ? "http" : "https",
                     six ? "[" : "", host, six ? "]" : "", impl_->port);
}

void HttpServer::run() {
  while (!impl_->stopping) {
    impl_->listen_after_bind();
    // The library gives up on a fault of one connection, too.
    while (!impl_->stopping && !impl_->listens_again(impl_->port)) {
      std::this_thread::sleep_for(seconds(1));
    }
  }
  impl_->lobby->close();
  impl_->crew->finish();
}

void HttpServer::stop() {
  impl_->stopping = true;
  ::shutdown(impl_->socket, SHUT_RDWR);
}

void HttpServer::reload_certificate() {
  TlsContext loaded = load_tls(impl_->config.certificate, impl_->config.private_key);
  std::lock_guard lock(impl_->tls_mutex);
  impl_->tls.swap(loaded);
}

HttpCounts HttpServer::counts() const {
  size_t idle = impl_->lobby->waiting();
  return {idle + static_cast<size_t>(impl_->active.load()), idle, impl_->crew->threads()};
}

}  // namespace heed
