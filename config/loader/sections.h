#pragma once

#include "config/config.h"
#include "config/loader/reader.h"

// One function a section of the file, each filling its part of Config and reporting its own faults.
// What needs two sections is in cross_checks.h.

namespace portcullis::config {

void read_gateway(const Value& value, GatewaySection& out);
void read_acceptor(const Value& value, AcceptorSection& out);
void read_clients(const Value& value, std::vector<Client>& out);
void read_brokers(const Value& value, std::vector<Broker>& out);
void read_routes(const Value& value, std::vector<Route>& out);
void read_instruments(const Value& value, std::vector<Instrument>& out);
void read_reference(const Value& value, ReferenceSection& out);
void read_risk(const Value& value, RiskSection& out);
void read_shadow(const Value& value, RiskSection& out);
// Names and roles without tokens, as core_text() writes them.
void read_operators(const Value& value, AdminSection& out);
void read_blotter(const Value& value, BlotterSection& out);
void read_admin(const Value& value, AdminSection& out);
void read_emergency(const Value& value, EmergencySection& out);
void read_alerts(const Value& value, AlertsSection& out);

// The keys of `risk` about soft levels, responses and breakers.
void read_risk_responses(MapReader& map, RiskSection& out);

// Of clients and brokers.
void read_version(const Value& value, FixVersion& out);
void read_schedule(const Value& value, std::optional<Schedule>& out);

}  // namespace portcullis::config
