// The interface described for programs (OpenAPI 3) and for people.
#pragma once

#include <string>

namespace heed {

std::string openapi(const std::string& version);

// A page with every call and its parameters.
std::string openapi_page();

}  // namespace heed
