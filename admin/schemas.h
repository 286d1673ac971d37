#pragma once

#include <boost/json.hpp>

namespace portcullis::admin {

// The components/schemas of the OpenAPI document: the shape of every body that json.cc writes and
// BodyReader reads. tests/admin compares what the running server answers against it.
boost::json::object schemas();

}  // namespace portcullis::admin
