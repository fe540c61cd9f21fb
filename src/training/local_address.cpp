#include "training/local_address.h"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "util/clock.h"
#include "util/error.h"
#include "util/log.h"

namespace heed {
namespace {

// Of a UDP socket that is connected to there; empty where there is no way.
std::string address_towards(const addrinfo& there) {
  int descriptor = ::socket(there.ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return "";
  sockaddr_storage own{};
  socklen_t length = sizeof own;
  char text[NI_MAXHOST] = {};
  auto* address = reinterpret_cast<sockaddr*>(&own);
  bool found = ::connect(descriptor, there.ai_addr, there.ai_addrlen) == 0 &&
               ::getsockname(descriptor, address, &length) == 0 &&
               ::getnameinfo(address, length, text, sizeof text, nullptr, 0, NI_NUMERICHOST) == 0;
  ::close(descriptor);
  return found ? text : "";
}

// Why a name is not known; empty where it is.
std::string fault_of_name(const std::string& host) {
  addrinfo hints{}, *list = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  int code = ::getaddrinfo(host.c_str(), nullptr, &hints, &list);
  if (code != 0) return gai_strerror(code);
  ::freeaddrinfo(list);
  return "";
}

}  // namespace

void wait_for_name(const std::string& host, double patience) {
  constexpr std::chrono::seconds kBetween(1);
  double began = seconds_now();
  for (bool told = false;; told = true) {
    std::string fault = fault_of_name(host);
    if (fault.empty()) return;
    if (seconds_now() - began >= patience) {
      fail_usage(
          "MASTER_ADDR = {}: no machine of this name is known after {:.0f} s ({}): set it to the "
          "name or the address of the machine where process 0 is",
          host, patience, fault);
    }
    if (!told) {
      log_info(
          "MASTER_ADDR = {}: no machine of this name is known yet ({}); waiting up to {:.0f} s",
          host, fault, patience);
    }
    std::this_thread::sleep_for(kBetween);
  }
}

std::string local_address(const std::string& host, int port) {
  addrinfo hints{}, *list = nullptr;
  hints.ai_socktype = SOCK_DGRAM;
  int code = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
  if (code != 0) fail("cannot find the machine {} (MASTER_ADDR): {}", host, gai_strerror(code));
  std::string found;
  for (const addrinfo* there = list; there != nullptr && found.empty(); there = there->ai_next) {
    found = address_towards(*there);
  }
  ::freeaddrinfo(list);
  if (found.empty()) fail("this machine has no network that leads to {} (MASTER_ADDR)", host);
  return found;
}

bool is_loopback(const std::string& address) {
  return address.starts_with("127.") || address == "::1";
}

}  // namespace heed
