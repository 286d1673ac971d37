#pragma once

#include <boost/json.hpp>

#include "order/events.h"

namespace portcullis::persistence {

// The fields of an event by which it is told from another of its kind; all of it stands in the journal.
void add_event_fields(boost::json::object& to, const order::EventView& event);

}  // namespace portcullis::persistence
