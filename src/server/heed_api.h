// heed's own interface: everything that a search can be asked, and what it has seen.
#pragma once

#include "server/router.h"
#include "server/service.h"

namespace heed {

// /v1/translate and /v1/alternatives. `service` must live as long.
void add_heed_api(Router& router, Service& service);

}  // namespace heed
