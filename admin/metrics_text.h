#pragma once

#include <string>
#include <vector>

#include "admin/port.h"

namespace portcullis::admin {

// Prometheus' text format 0.0.4. Every sample carries the label gateway.
std::string metrics_text(const std::vector<MetricView>& metrics, const std::string& gateway_id);

}  // namespace portcullis::admin
