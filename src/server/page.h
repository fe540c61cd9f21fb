// The page at /, compiled into the executable.
#pragma once

#include "server/router.h"

namespace heed {

// / and the files that the page is made of.
void add_page(Router& router);

}  // namespace heed
