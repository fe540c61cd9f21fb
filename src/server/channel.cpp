#include "server/channel.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "util/error.h"
#include "util/file_content.h"
#include "util/text.h"

namespace heed {
namespace {

constexpr size_t kBufferBytes = 16 << 10;
// What is thrown away of a refused body, so that its sender comes to read the answer.
constexpr std::chrono::seconds kLinger(3);
constexpr size_t kLingerBytes = 256 << 20;

// What is wrong with a file that should hold a PEM `label`: "CERTIFICATE" or "PRIVATE KEY".
// OpenSSL's own reasons are for those who know its source.
std::string pem_fault(const std::string& path, std::string_view label) {
  std::string text;
  try {
    text = read_file(path == "-" ? "./-" : path);  // and not standard input
  } catch (const Error& error) {
    return error.what();
  }
  bool found = false, encrypted = false;
  for (const std::string& line : split(text, '\n')) {
    found = found ||
            (line.starts_with("-----BEGIN ") && trim(line).ends_with(std::string(label) + "-----"));
    encrypted = encrypted || line.find("ENCRYPTED") != std::string::npos;
  }
  std::string what = label == "CERTIFICATE" ? "certificate" : "private key";
  if (!found) return fmt::format("{}: no PEM {} in it", path, what);
  if (encrypted) return fmt::format("{}: the key has a password: store it without one", path);
  return fmt::format("{}: the PEM {} in it is damaged, or too weak to be served", path, what);
}

bool is_of_another_key() {
  auto error = ERR_peek_last_error();
  int reason = ERR_GET_REASON(error);
  return ERR_GET_LIB(error) == ERR_LIB_X509 &&
         (reason == X509_R_KEY_VALUES_MISMATCH || reason == X509_R_KEY_TYPE_MISMATCH);
}

int poll_milliseconds(Channel::Clock::time_point deadline) {
  if (deadline == Channel::Clock::time_point::max()) return -1;
  auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Channel::Clock::now());
  return static_cast<int>(std::clamp<int64_t>(left.count(), 0, 1 << 30));
}

}  // namespace

TlsContext load_tls(const std::string& certificate, const std::string& private_key) {
  if (certificate.empty() && private_key.empty()) return nullptr;
  ERR_clear_error();
  TlsContext context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  if (!context) fail("TLS: OpenSSL cannot begin; is there memory left?");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_mode(context.get(),
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // Or it would ask for a password at the terminal.
  SSL_CTX_set_default_passwd_cb(context.get(), [](char*, int, int, void*) { return -1; });
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate.c_str()) != 1) {
    ERR_clear_error();
    fail_usage("[server] certificate = {}", pem_fault(certificate, "CERTIFICATE"));
  }
  bool loaded =
      SSL_CTX_use_PrivateKey_file(context.get(), private_key.c_str(), SSL_FILETYPE_PEM) == 1;
  bool fits = loaded ? SSL_CTX_check_private_key(context.get()) == 1 : !is_of_another_key();
  ERR_clear_error();
  if (!fits) {
    fail_usage("[server] private_key = {} is not the key of certificate = {}", private_key,
               certificate);
  }
  if (!loaded) fail_usage("[server] private_key = {}", pem_fault(private_key, "PRIVATE KEY"));
  return context;
}

Channel::Channel(int socket, TlsContext tls) : socket_(socket), tls_(std::move(tls)) {
  fcntl(socket_, F_SETFL, fcntl(socket_, F_GETFL) | O_NONBLOCK);
  fcntl(socket_, F_SETFD, FD_CLOEXEC);
  int on = 1;  // an answer's head and body are two writes: neither is to wait for the other
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  find_address();
  if (!tls_) return;
  session_ = SSL_new(tls_.get());
  if (session_ != nullptr) SSL_set_fd(session_, socket_);
}

Channel::~Channel() {
  if (session_ != nullptr) {
    if (SSL_is_init_finished(session_)) SSL_shutdown(session_);
    ERR_clear_error();
    SSL_free(session_);
  }
  ::close(socket_);
}

void Channel::find_address() {
  sockaddr_storage address = {};
  socklen_t size = sizeof address;
  if (getpeername(socket_, reinterpret_cast<sockaddr*>(&address), &size) != 0) return;
  char text[INET6_ADDRSTRLEN] = "";
  if (address.ss_family == AF_INET) {
    auto* four = reinterpret_cast<sockaddr_in*>(&address);
    inet_ntop(AF_INET, &four->sin_addr, text, sizeof text);
    port_ = ntohs(four->sin_port);
  } else if (address.ss_family == AF_INET6) {
    auto* six = reinterpret_cast<sockaddr_in6*>(&address);
    inet_ntop(AF_INET6, &six->sin6_addr, text, sizeof text);
    port_ = ntohs(six->sin6_port);
  }
  address_ = text;
}

bool Channel::wait_for(short events, Clock::time_point deadline) {
  while (true) {
    pollfd one = {socket_, events, 0};
    int ready = poll(&one, 1, poll_milliseconds(deadline));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
    if (Clock::now() >= deadline) {
      timed_out_ = true;
      return false;
    }
  }
}

bool Channel::wait_for_tls(int result, Clock::time_point deadline) {
  int reason = SSL_get_error(session_, result);
  ERR_clear_error();
  if (reason == SSL_ERROR_WANT_READ) return wait_for(POLLIN, deadline);
  if (reason == SSL_ERROR_WANT_WRITE) return wait_for(POLLOUT, deadline);
  return false;
}

bool Channel::greet() {
  if (!tls_) return true;
  if (session_ == nullptr) return false;
  if (SSL_is_init_finished(session_)) return true;
  for (int result = SSL_accept(session_); result != 1; result = SSL_accept(session_)) {
    if (!wait_for_tls(result, read_deadline_)) return false;
  }
  return true;
}

ptrdiff_t Channel::read_some(char* into, size_t size) {
  while (true) {
    // A sender that never pauses must not outrun its deadline.
    if (Clock::now() >= read_deadline_) {
      timed_out_ = true;
      return -1;
    }
    if (session_ != nullptr) {
      int got = SSL_read(session_, into, static_cast<int>(size));
      if (got > 0) return got;
      if (SSL_get_error(session_, got) == SSL_ERROR_ZERO_RETURN) return 0;
      if (!wait_for_tls(got, read_deadline_)) return -1;
      continue;
    }
    ssize_t got = recv(socket_, into, size, 0);
    if (got >= 0) return got;
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) return -1;
    if (!wait_for(POLLIN, read_deadline_)) return -1;
  }
}

ptrdiff_t Channel::read(char* into, size_t size) {
  if (taken_ == buffer_.size()) {
    buffer_.resize(kBufferBytes);
    ptrdiff_t got = read_some(buffer_.data(), buffer_.size());
    buffer_.resize(got > 0 ? static_cast<size_t>(got) : 0);
    taken_ = 0;
    if (got <= 0) return got;
  }
  size_t count = std::min({size, buffer_.size() - taken_, allowance_});
  if (count == 0) {
    overrun_ = true;
    return -1;
  }
  allowance_ -= count;
  std::memcpy(into, buffer_.data() + taken_, count);
  taken_ += count;
  return static_cast<ptrdiff_t>(count);
}

bool Channel::write(std::string_view bytes) {
  Clock::time_point deadline = Clock::now() + write_limit_;
  while (!bytes.empty()) {
    ptrdiff_t sent = 0;
    if (session_ != nullptr) {
      int result = SSL_write(session_, bytes.data(),
                             static_cast<int>(std::min<size_t>(bytes.size(), 1 << 30)));
      if (result <= 0 && !wait_for_tls(result, deadline)) return false;
      sent = std::max(result, 0);
    } else {
      sent = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0) {
        bool full = errno == EAGAIN || errno == EWOULDBLOCK;
        if (!full && errno != EINTR) return false;
        if (full && !wait_for(POLLOUT, deadline)) return false;
        sent = 0;
      }
    }
    bytes.remove_prefix(static_cast<size_t>(sent));
    if (!bytes.empty() && Clock::now() >= deadline) {
      timed_out_ = true;
      return false;
    }
  }
  return true;
}

bool Channel::has_buffered() const {
  return taken_ < buffer_.size() || (session_ != nullptr && SSL_pending(session_) > 0);
}

bool Channel::peer_waits() const {
  pollfd one = {socket_, POLLRDHUP, 0};
  return poll(&one, 1, 0) == 0;
}

void Channel::linger() {
  if (session_ != nullptr) {
    SSL_shutdown(session_);
    ERR_clear_error();
  }
  shutdown(socket_, SHUT_WR);
  Clock::time_point deadline = Clock::now() + kLinger;
  char waste[kBufferBytes];
  for (size_t total = 0; total < kLingerBytes && Clock::now() < deadline;) {
    ssize_t got = recv(socket_, waste, sizeof waste, 0);
    if (got == 0) return;
    if (got > 0) {
      total += static_cast<size_t>(got);
    } else if (errno != EINTR) {
      bool empty = errno == EAGAIN || errno == EWOULDBLOCK;
      if (!empty || !wait_for(POLLIN, deadline)) return;
    }
  }
}

}  // namespace heed
