// What the server says of itself: whether it lives, its numbers, its interface.
#pragma once

#include <functional>

#include "server/http_server.h"
#include "server/router.h"
#include "server/service.h"

namespace heed {

// /health, /metrics, /spec and /docs. `service` must live as long.
void add_status(Router& router, Service& service, std::function<HttpCounts()> counts);

}  // namespace heed
