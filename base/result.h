#pragma once

#include <string>
#include <utility>
#include <variant>

#include "base/check.h"

// Bad input at an edge is a Result: the value, or an Error that says what was wrong, where, and what
// was expected. (GCC 12 has no std::expected.) A business "no" is an order::Reject, not an Error.

namespace portcullis {

struct Error {
  std::string what;  // one sentence for the person who reads it
};

template <typename T, typename E = Error>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::in_place_index<0>, std::move(value)) {}
  Result(E error) : value_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return value_.index() == 0; }
  explicit operator bool() const { return ok(); }

  const T& value() const& {
    PORTCULLIS_CHECK(ok(), "value() of a Result that holds an error");
    return std::get<0>(value_);
  }
  T& value() & {
    PORTCULLIS_CHECK(ok(), "value() of a Result that holds an error");
    return std::get<0>(value_);
  }
  T&& value() && {
    PORTCULLIS_CHECK(ok(), "value() of a Result that holds an error");
    return std::get<0>(std::move(value_));
  }
  const T& operator*() const& { return value(); }
  T& operator*() & { return value(); }
  const T* operator->() const { return &value(); }
  T* operator->() { return &value(); }

  const E& error() const {
    PORTCULLIS_CHECK(!ok(), "error() of a Result that holds a value");
    return std::get<1>(value_);
  }

 private:
  std::variant<T, E> value_;
};

// A Result without a value: success, or why not.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Error error) : failed_(true), error_(std::move(error)) {}

  bool ok() const { return !failed_; }
  explicit operator bool() const { return ok(); }
  const Error& error() const {
    PORTCULLIS_CHECK(failed_, "error() of a Status that is ok");
    return error_;
  }

 private:
  bool failed_ = false;
  Error error_;
};

}  // namespace portcullis
