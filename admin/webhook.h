#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "admin/port.h"
#include "base/result.h"

namespace portcullis::admin {

struct WebhookOptions {
  std::string url;      // http:// or https://; it may hold a token and is never shown
  std::string gateway;  // stands in each message
  std::string ca_file;  // of PEM certificates to trust with https; empty: the system's
  std::uint32_t look_every_ms = 500;
  std::uint32_t timeout_ms = 5'000;      // of one delivery
  std::uint32_t first_retry_ms = 1'000;  // doubling
  std::uint32_t last_retry_ms = 60'000;
};

// Posts each alert to the address of `alerts.webhook` as JSON, on a thread of its own: {"gateway": …, "alert": {…}} as
// GET /alerts shows it. In their order, each until the other side answers with 2xx, so one may come twice; at most
// kMaxWaiting wait, then the oldest goes, counted. Alerts from before this start are sent when they are critical and
// nobody has acknowledged them. The views outlive it.
class Webhook {
 public:
  static constexpr std::size_t kMaxWaiting = 1'000;

  struct Counters {
    std::uint64_t delivered = 0;
    std::uint64_t failed = 0;  // deliveries, each tried again
    std::uint64_t lost = 0;    // to a full queue
    std::uint64_t waiting = 0;
    std::string last_error;    // without the address
  };

  static Result<std::unique_ptr<Webhook>> start(WebhookOptions options, Views& views);
  ~Webhook();

  Counters counters() const;

 private:
  class Impl;
  explicit Webhook(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace portcullis::admin
