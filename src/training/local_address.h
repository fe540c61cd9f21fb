// Which of this machine's addresses leads to another machine.
#pragma once

#include <string>

namespace heed {

// The numeric address that packets to `host` go out from; nothing is sent. Throws Error where the
// name is not known or there is no way to it.
std::string local_address(const std::string& host, int port);

bool is_loopback(const std::string& address);

}  // namespace heed
