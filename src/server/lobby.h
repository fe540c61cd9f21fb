// Connections between two requests: they wait here, thousands on one thread, until one has
// something to say or has been silent for too long.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "server/channel.h"

namespace heed {

class Lobby {
 public:
  using Ready = std::function<void(std::unique_ptr<Channel>)>;

  // `ready` gets each connection that has something to say, on the lobby's thread, and must not
  // throw. Throws Error where the system gives no more descriptors, std::system_error where it
  // gives no thread.
  Lobby(std::chrono::seconds patience, Ready ready);
  ~Lobby() { close(); }
  Lobby(const Lobby&) = delete;
  Lobby& operator=(const Lobby&) = delete;

  // Closes it at once where the lobby is closed.
  void enter(std::unique_ptr<Channel> channel);
  // Closes the connection that has waited longest; false where none waits.
  bool drop_oldest();
  // Closes all that wait, and all that would enter from now on.
  void close();
  size_t waiting() const;

 private:
  struct Guest {
    std::unique_ptr<Channel> channel;
    Channel::Clock::time_point since;
  };
  using Guests = std::unordered_map<int, Guest>;  // by socket

  void run();
  void call(int socket);
  void drop_silent();
  std::unique_ptr<Channel> take_out(Guests::iterator guest);

  std::chrono::seconds patience_;
  Ready ready_;
  int poll_, wake_;  // descriptors of epoll, and of an event that wakes it
  mutable std::mutex mutex_;
  Guests guests_;
  bool closed_ = false;
  std::thread thread_;
};

}  // namespace heed
