#pragma once

// The events that most of the gateway has to do with; those of latches, governance, swaps and evidence have headers of
// their own.

#include "order/accepted_event.h"
#include "order/event.h"
#include "order/execution_event.h"
#include "order/operator_events.h"
#include "order/order_events.h"
#include "order/session_events.h"
