// The log of a process that works beside others: one of them writes it for all.
#pragma once

namespace heed {

// From now on stderr gets errors alone.
void log_errors_only();

}  // namespace heed
