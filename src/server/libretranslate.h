// LibreTranslate's interface, so that its clients work unchanged. What it answers, and in which
// order it checks, is that of its release 1.9.6.
#pragma once

#include "server/router.h"
#include "server/service.h"

namespace heed {

// /translate, /detect, /languages, /frontend/settings, /suggest. `service` must live as long.
void add_libretranslate(Router& router, Service& service);

}  // namespace heed
