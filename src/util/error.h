// Errors as exceptions. A message says what, where (file:line or key), the numbers, and what to do.
#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <utility>

namespace heed {

// Bad input or a failure at run time: the command ends with exit code 1.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The system would not read a file that is there (no permission, no descriptor left, a failing
// disk): this says nothing of what the file holds.
class ReadError : public Error {
 public:
  using Error::Error;
};

// Wrong usage or configuration: the command ends with exit code 2.
class UsageError : public Error {
 public:
  using Error::Error;
};

template <typename... Args>
[[noreturn]] void fail(fmt::format_string<Args...> format, Args&&... args) {
  throw Error(fmt::format(format, std::forward<Args>(args)...));
}

template <typename... Args>
[[noreturn]] void fail_usage(fmt::format_string<Args...> format, Args&&... args) {
  throw UsageError(fmt::format(format, std::forward<Args>(args)...));
}

// The system's reason for the last failed call, e.g. "No space left on device".
std::string system_reason();

}  // namespace heed
