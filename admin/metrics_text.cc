#include "admin/metrics_text.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <sstream>

namespace portcullis::admin {

namespace {

prometheus::MetricType type_of(MetricView::Kind kind) {
  switch (kind) {
    case MetricView::Kind::kCounter:
      return prometheus::MetricType::Counter;
    case MetricView::Kind::kGauge:
      return prometheus::MetricType::Gauge;
    case MetricView::Kind::kHistogram:
      return prometheus::MetricType::Histogram;
  }
  return prometheus::MetricType::Untyped;
}

prometheus::ClientMetric metric_of(const MetricView::Sample& sample, MetricView::Kind kind) {
  prometheus::ClientMetric metric;
  switch (kind) {
    case MetricView::Kind::kCounter:
      metric.counter.value = sample.value;
      break;
    case MetricView::Kind::kGauge:
      metric.gauge.value = sample.value;
      break;
    case MetricView::Kind::kHistogram:
      metric.histogram.sample_sum = sample.value;
      for (const MetricView::Bucket& bucket : sample.buckets) {
        metric.histogram.bucket.push_back({bucket.cumulative, bucket.upper_bound});
        metric.histogram.sample_count = bucket.cumulative;
      }
      break;
  }
  return metric;
}

}  // namespace

std::string metrics_text(const std::vector<MetricView>& metrics, const std::string& gateway_id) {
  std::vector<prometheus::MetricFamily> families;
  for (const MetricView& view : metrics) {
    prometheus::MetricFamily family;
    family.name = view.name;
    family.help = view.help;
    family.type = type_of(view.kind);
    for (const MetricView::Sample& sample : view.samples) {
      prometheus::ClientMetric metric = metric_of(sample, view.kind);
      bool names_gateway = false;
      for (const auto& [name, value] : sample.labels) {
        names_gateway = names_gateway || name == "gateway";
        metric.label.push_back({name, value});
      }
      if (!names_gateway) metric.label.push_back({"gateway", gateway_id});
      family.metric.push_back(std::move(metric));
    }
    families.push_back(std::move(family));
  }
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, families);
  return out.str();
}

}  // namespace portcullis::admin
