// The bytes of one connection, plain or by TLS, each read and write with a deadline. The socket
// never blocks.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct ssl_ctx_st;
struct ssl_st;

namespace heed {

// What TLS needs, from files in PEM form. Null where both are empty. Throws UsageError naming the
// file and OpenSSL's reason.
using TlsContext = std::shared_ptr<ssl_ctx_st>;
TlsContext load_tls(const std::string& certificate, const std::string& private_key);

class Channel {
 public:
  using Clock = std::chrono::steady_clock;

  // Takes the socket over.
  Channel(int socket, TlsContext tls);
  ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  int socket() const { return socket_; }
  const std::string& address() const { return address_; }  // of the other side
  int port() const { return port_; }

  // Of what is read from now on; of each write in turn.
  void set_read_deadline(Clock::time_point deadline) { read_deadline_ = deadline; }
  void set_write_limit(std::chrono::seconds limit) { write_limit_ = limit; }
  // Reads fail once so many more bytes have been read.
  void set_read_allowance(size_t bytes) { allowance_ = bytes; }

  // TLS's greeting, once; true where there is none. Falls under the read deadline.
  bool greet();
  // At most `size` bytes; 0: the other side has closed; -1: failed or too late.
  ptrdiff_t read(char* into, size_t size);
  // All of them, or false.
  bool write(std::string_view bytes);
  // Whether bytes are at hand without a wait for the socket.
  bool has_buffered() const;
  // Whether a read or write came to its deadline.
  bool timed_out() const { return timed_out_; }
  bool overrun() const { return overrun_; }  // whether the allowance was too small
  // Whether the other side is still there. One that has closed its half only counts as gone.
  bool peer_waits() const;

  // Says good-bye; then takes in for a while, and throws away, what the other side still sends:
  // else the system tells it that the connection broke, and it may never see the answer.
  void linger();

 private:
  // poll() for POLLIN or POLLOUT.
  bool wait_for(short events, Clock::time_point deadline);
  ptrdiff_t read_some(char* into, size_t size);
  // After a TLS call that did not succeed: waits for what it asked for. False: it failed.
  bool wait_for_tls(int result, Clock::time_point deadline);
  void find_address();

  int socket_;
  TlsContext tls_;
  ssl_st* session_ = nullptr;
  std::string address_;
  int port_ = 0;
  Clock::time_point read_deadline_ = Clock::time_point::max();
  std::chrono::seconds write_limit_{60};
  size_t allowance_ = SIZE_MAX;
  bool timed_out_ = false, overrun_ = false;
  std::string buffer_;  // read, not yet taken: from `taken_` on
  size_t taken_ = 0;
};

}  // namespace heed
