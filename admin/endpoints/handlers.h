#pragma once

#include "admin/api.h"

// The endpoints by resource, one .cc file each; registry.cc gives them their paths.

namespace portcullis::admin {

void get_live(Api& api, const Request& request, Reply reply);
void get_ready(Api& api, const Request& request, Reply reply);
void get_metrics(Api& api, const Request& request, Reply reply);
void get_openapi(Api& api, const Request& request, Reply reply);
void get_gateway(Api& api, const Request& request, Reply reply);

void get_sessions(Api& api, const Request& request, Reply reply);
void enable_session(Api& api, const Request& request, Reply reply);
void disable_session(Api& api, const Request& request, Reply reply);
void logout_session(Api& api, const Request& request, Reply reply);
void set_session_sequence(Api& api, const Request& request, Reply reply);

void get_orders(Api& api, const Request& request, Reply reply);
void get_order(Api& api, const Request& request, Reply reply);
void cancel_order(Api& api, const Request& request, Reply reply);
void resolve_order(Api& api, const Request& request, Reply reply);
void get_executions(Api& api, const Request& request, Reply reply);
void get_decisions(Api& api, const Request& request, Reply reply);

void get_reports(Api& api, const Request& request, Reply reply);
void get_report(Api& api, const Request& request, Reply reply);

void get_exposures(Api& api, const Request& request, Reply reply);
void adjust_position(Api& api, const Request& request, Reply reply);
void get_limits(Api& api, const Request& request, Reply reply);
void put_limits(Api& api, const Request& request, Reply reply);
void put_quote(Api& api, const Request& request, Reply reply);
void put_rate(Api& api, const Request& request, Reply reply);

void get_kill_states(Api& api, const Request& request, Reply reply);
void get_mass_cancels(Api& api, const Request& request, Reply reply);
void set_kill_state(Api& api, const Request& request, Reply reply);

void get_proposals(Api& api, const Request& request, Reply reply);
void get_proposal(Api& api, const Request& request, Reply reply);
void approve_proposal(Api& api, const Request& request, Reply reply);
void reject_proposal(Api& api, const Request& request, Reply reply);

void get_alerts(Api& api, const Request& request, Reply reply);
void acknowledge_alert(Api& api, const Request& request, Reply reply);

}  // namespace portcullis::admin
