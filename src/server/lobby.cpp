#include "server/lobby.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <vector>

#include "util/error.h"

namespace heed {
namespace {

constexpr int kLookMilliseconds = 500;  // at who has been silent for too long

}  // namespace

Lobby::Lobby(std::chrono::seconds patience, Ready ready)
    : patience_(patience),
      ready_(std::move(ready)),
      poll_(epoll_create1(EPOLL_CLOEXEC)),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (poll_ < 0 || wake_ < 0) fail("could not wait for connections: {}", system_reason());
  epoll_event event = {};
  event.events = EPOLLIN;
  event.data.fd = wake_;
  epoll_ctl(poll_, EPOLL_CTL_ADD, wake_, &event);
  thread_ = std::thread([this] { run(); });
}

void Lobby::enter(std::unique_ptr<Channel> channel) {
  int socket = channel->socket();
  std::lock_guard lock(mutex_);
  if (closed_) return;
  guests_[socket] = {std::move(channel), Channel::Clock::now()};
  epoll_event event = {};
  event.events = EPOLLIN | EPOLLRDHUP;
  event.data.fd = socket;
  if (epoll_ctl(poll_, EPOLL_CTL_ADD, socket, &event) != 0) guests_.erase(socket);
}

std::unique_ptr<Channel> Lobby::take_out(Guests::iterator guest) {
  epoll_ctl(poll_, EPOLL_CTL_DEL, guest->first, nullptr);
  std::unique_ptr<Channel> channel = std::move(guest->second.channel);
  guests_.erase(guest);
  return channel;
}

void Lobby::call(int socket) {
  std::unique_ptr<Channel> channel;
  {
    std::lock_guard lock(mutex_);
    auto guest = guests_.find(socket);
    if (guest == guests_.end()) return;  // dropped meanwhile
    channel = take_out(guest);
  }
  ready_(std::move(channel));
}

void Lobby::drop_silent() {
  std::vector<std::unique_ptr<Channel>> dropped;
  std::lock_guard lock(mutex_);
  auto latest = Channel::Clock::now() - patience_;
  for (auto guest = guests_.begin(); guest != guests_.end();) {
    auto next = std::next(guest);
    if (guest->second.since < latest) dropped.push_back(take_out(guest));
    guest = next;
  }
}

bool Lobby::drop_oldest() {
  std::lock_guard lock(mutex_);
  auto oldest =
      std::ranges::min_element(guests_, {}, [](const auto& guest) { return guest.second.since; });
  if (oldest == guests_.end()) return false;
  take_out(oldest);
  return true;
}

void Lobby::run() {
  std::array<epoll_event, 256> events;
  auto look = Channel::Clock::now();
  while (true) {
    int count =
        epoll_wait(poll_, events.data(), static_cast<int>(events.size()), kLookMilliseconds);
    for (int i = 0; i < count; ++i) {
      if (events[i].data.fd == wake_) return;
      call(events[i].data.fd);
    }
    if (Channel::Clock::now() - look > std::chrono::milliseconds(kLookMilliseconds)) {
      drop_silent();
      look = Channel::Clock::now();
    }
  }
}

void Lobby::close() {
  {
    std::lock_guard lock(mutex_);
    if (closed_) return;
    closed_ = true;
    uint64_t one = 1;
    [[maybe_unused]] auto written = ::write(wake_, &one, sizeof one);
  }
  thread_.join();
  Guests left;
  {
    std::lock_guard lock(mutex_);
    left.swap(guests_);
  }
  // Who has sent a request meanwhile still gets an answer.
  for (auto& [socket, guest] : left) {
    pollfd one = {socket, POLLIN, 0};
    if (poll(&one, 1, 0) > 0) ready_(std::move(guest.channel));
  }
  ::close(poll_);
  ::close(wake_);
}

size_t Lobby::waiting() const {
  std::lock_guard lock(mutex_);
  return guests_.size();
}

}  // namespace heed
