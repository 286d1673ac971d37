#pragma once

#include <boost/json.hpp>
#include <string>
#include <vector>

#include "admin/api.h"

namespace portcullis::admin {

// The OpenAPI 3.1 document of the given endpoints, so that it cannot differ from what is served.
boost::json::object openapi_document(const std::vector<Endpoint>& endpoints, const std::string& version);

}  // namespace portcullis::admin
