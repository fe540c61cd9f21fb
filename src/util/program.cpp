#include "util/program.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "util/clock.h"
#include "util/error.h"
#include "util/text.h"

extern char** environ;

namespace heed {
namespace {

constexpr size_t kKept = 4096;
constexpr int kPollMilliseconds = 50;
constexpr double kGraceSeconds = 2;  // from the request to end to the end

// A pipe whose ends no other program inherits.
struct Pipe {
  Pipe() {
    if (::pipe2(ends, O_CLOEXEC) != 0) fail("cannot make a pipe: {}", system_reason());
    ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  }
  ~Pipe() {
    for (int end : ends) {
      if (end >= 0) ::close(end);
    }
  }
  Pipe(const Pipe&) = delete;
  void close_writer() { ::close(std::exchange(ends[1], -1)); }

  int ends[2];
};

// Starts it as the leader of a process group of its own, with signals as a shell has them.
pid_t start(const std::string& command, const ProgramOptions& options, const Pipe& output,
            const Pipe& error) {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&files);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, options.input.c_str(), O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&files, output.ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&files, error.ends[1], STDERR_FILENO);
  sigset_t defaults, none;
  sigemptyset(&none);
  sigemptyset(&defaults);
  for (int signal : {SIGPIPE, SIGINT, SIGTERM}) sigaddset(&defaults, signal);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
  std::vector<std::string> words = {"sh", "-c", command + " \"$@\"", "sh"};
  if (options.arguments.empty()) words[2] = command;
  words.insert(words.end(), options.arguments.begin(), options.arguments.end());
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t process = -1;
  int fault = ::posix_spawn(&process, "/bin/sh", &files, &attributes, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  if (fault != 0) fail("cannot start /bin/sh with input {}: {}", options.input, strerror(fault));
  return process;
}

class Watch {
 public:
  Watch(const std::string& command, const ProgramOptions& options)
      : options_(options), process_(start(command, options, output_, error_)) {
    output_.close_writer();
    error_.close_writer();
  }

  ProgramRun run() {
    double deadline = seconds_now() + options_.seconds;
    while (!has_ended()) {
      read_some(kPollMilliseconds);
      if (written_ > options_.most_output) return end_it(ProgramRun::End::kOutput);
      if (seconds_now() > deadline) return end_it(ProgramRun::End::kTime);
    }
    while (read_some(0)) {
    }
    return reap();
  }

 private:
  // Whether it has; it stays a zombie, so that its number is nobody else's yet.
  bool has_ended() const {
    siginfo_t info{};
    int result = ::waitid(P_PID, static_cast<id_t>(process_), &info, WEXITED | WNOHANG | WNOWAIT);
    return result != 0 || info.si_pid == process_;
  }

  // False where nothing is to be read now.
  bool read_some(int milliseconds) {
    std::array<pollfd, 2> files{{{output_.ends[0], POLLIN, 0}, {error_.ends[0], POLLIN, 0}}};
    for (size_t i = 0; i < files.size(); ++i) {
      if (closed_[i]) files[i].fd = -1;
    }
    bool any = false;
    if (::poll(files.data(), files.size(), milliseconds) <= 0) return any;
    for (size_t i = 0; i < files.size(); ++i) {
      if (files[i].revents == 0) continue;
      std::array<char, 1 << 16> bytes;
      ssize_t got = ::read(files[i].fd, bytes.data(), bytes.size());
      closed_[i] = got == 0;
      if (got <= 0) continue;
      any = true;
      keep(i == 0, {bytes.data(), static_cast<size_t>(got)});
    }
    return any && written_ <= options_.most_output;
  }

  void keep(bool is_output, std::string_view bytes) {
    if (!is_output) {
      run_.error += bytes.substr(0, kKept - run_.error.size());
      return;
    }
    written_ += std::ssize(bytes);
    run_.output += bytes;
    if (run_.output.size() > kKept) run_.output.erase(0, run_.output.size() - kKept);
  }

  ProgramRun end_it(ProgramRun::End end) {
    ::kill(-process_, SIGTERM);
    for (double until = seconds_now() + kGraceSeconds; !has_ended() && seconds_now() < until;) {
      read_some(kPollMilliseconds);
    }
    reap();
    run_.end = end;
    return run_;
  }

  ProgramRun reap() {
    ::kill(-process_, SIGKILL);  // and what it has left in the background
    int status = 0;
    while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
    }
    bool exited = WIFEXITED(status);
    run_.end = exited ? ProgramRun::End::kExit : ProgramRun::End::kSignal;
    run_.code = exited ? WEXITSTATUS(status) : WTERMSIG(status);
    return run_;
  }

  const ProgramOptions& options_;
  Pipe output_, error_;
  pid_t process_;
  std::array<bool, 2> closed_{};
  int64_t written_ = 0;
  ProgramRun run_;
};

std::string first_line(std::string_view text) {
  for (const std::string& line : split(text, '\n')) {
    if (!is_blank(line)) return printable(trim(line), 200);
  }
  return "";
}

}  // namespace

std::string ProgramRun::failure(const ProgramOptions& options) const {
  std::string how;
  switch (end) {
    case End::kExit:
      how = fmt::format("exit code {}", code);
      break;
    case End::kSignal:
      how = fmt::format("ended by signal {} ({})", code, strsignal(code));
      break;
    case End::kTime:
      how = fmt::format("not done after {} seconds, and ended", options.seconds);
      break;
    case End::kOutput:
      how = fmt::format("wrote over {} bytes, and was ended", with_commas(options.most_output));
      break;
  }
  std::string said = first_line(error);
  return said.empty() ? how : how + ": " + said;
}

ProgramRun run_program(const std::string& command, const ProgramOptions& options) {
  return Watch(command, options).run();
}

}  // namespace heed
