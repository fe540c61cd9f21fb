// The interface described for programs (OpenAPI 3) and for people.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace heed {

std::string openapi(const std::string& version);

// The names of what a call takes.
std::vector<std::string> field_names(std::string_view path);

// A page with every call and its parameters.
std::string openapi_page();

}  // namespace heed
