#pragma once

#include <vector>

#include "admin/api.h"

namespace portcullis::admin {

// Every endpoint of the server. To add one: a function in a file of this folder, and its line in
// registry.cc with method, path and role. Routing, authentication, the OpenAPI document and its test
// all read this list.
const std::vector<Endpoint>& endpoints();

}  // namespace portcullis::admin
