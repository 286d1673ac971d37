#pragma once

#include <optional>
#include <string_view>

#include "app/governance_views.h"

namespace portcullis::app {

class Gateway;

// As find_scope, for what an operator is about to change: a trader who has sent no order yet, CLIENT/TRADER of a client
// whose orders name their traders, gets its scope here, so that it can be stopped or limited before it trades. A
// journal record of its own. Core thread only.
std::optional<NamedScope> named_scope(Gateway& gateway, order::Scope scope, std::string_view name);

}  // namespace portcullis::app
