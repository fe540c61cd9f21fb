// heed serve: the server from its start to its end.
#pragma once

#include "server/service.h"

namespace heed {

// Serves until SIGINT or SIGTERM; then lets nobody new in, answers what is in flight, and returns
// 128 and the signal's number. SIGHUP loads the models, the API keys and the certificate anew. Says
// where it serves in the log. Throws what loading the models throws, and UsageError for an address
// that cannot be had.
int serve(const ServerConfig& config, const Service::CatalogueLoader& load);

}  // namespace heed
