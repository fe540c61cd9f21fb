// DeepL's interface, so that its clients work with another address.
#pragma once

#include "server/router.h"
#include "server/service.h"

namespace heed {

// /v2/translate, /v2/languages, /v2/usage. `service` must live as long.
void add_deepl(Router& router, Service& service);

}  // namespace heed
