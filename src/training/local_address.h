// Which of this machine's addresses leads to another machine.
#pragma once

#include <string>

namespace heed {

// The numeric address that packets to `host` go out from; nothing is sent. Throws Error where the
// name is not known or there is no way to it.
std::string local_address(const std::string& host, int port);

// Waits until the machine's name is known, `patience` seconds at most: a cluster may make it later
// than it starts a process. Throws UsageError naming MASTER_ADDR where it stays unknown.
void wait_for_name(const std::string& host, double patience);

bool is_loopback(const std::string& address);

}  // namespace heed
