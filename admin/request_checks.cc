#include "admin/request_checks.h"

#include <algorithm>
#include <boost/url/authority_view.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/pct_string_view.hpp>

namespace portcullis::admin {

namespace {

Error bad_target(std::string_view why) {
  return {"the request target " + std::string(why) + "; an absolute path with valid percent escapes was expected"};
}

bool is_valid_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i]);
    const std::size_t length = first < 0x80         ? 1
                               : (first >> 5) == 6  ? 2
                               : (first >> 4) == 14 ? 3
                               : (first >> 3) == 30 ? 4
                                                    : 0;
    if (length == 0 || i + length > text.size()) return false;
    std::uint32_t point = length == 1 ? first : first & (0x7Fu >> length);
    for (std::size_t k = 1; k < length; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      if ((next & 0xC0) != 0x80) return false;
      point = point << 6 | (next & 0x3F);
    }
    constexpr std::uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (point < kSmallest[length] || point > 0x10FFFF || (point >= 0xD800 && point < 0xE000)) return false;
    i += length;
  }
  return true;
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
  });
}

Result<std::string> decoded(std::string_view text, bool plus_is_space) {
  const auto escaped = boost::urls::make_pct_string_view(text);
  if (!escaped) return bad_target("has a broken percent escape");
  boost::urls::encoding_opts options;
  options.space_as_plus = plus_is_space;
  std::string plain = escaped->decode(options);
  if (has_control(plain)) return bad_target("holds a control character");
  if (!is_valid_utf8(plain)) return bad_target("is not UTF-8");
  return plain;
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

}  // namespace

Result<Target> parse_target(std::string_view target) {
  if (target.empty() || target.front() != '/') return bad_target("is not in origin form");
  if (target.find('#') != std::string_view::npos) return bad_target("holds a fragment");
  const std::size_t mark = target.find('?');
  Target result;
  result.path = std::string(target.substr(0, mark));
  std::string_view rest = std::string_view(result.path).substr(1);
  for (;;) {
    const std::size_t slash = rest.find('/');
    auto segment = decoded(rest.substr(0, slash), false);
    if (!segment) return segment.error();
    if (*segment == "." || *segment == "..") return bad_target("holds a dot segment");
    result.segments.push_back(std::move(*segment));
    if (slash == std::string_view::npos) break;
    rest.remove_prefix(slash + 1);
  }
  if (mark == std::string_view::npos) return result;
  rest = target.substr(mark + 1);
  while (!rest.empty()) {
    const std::size_t end = rest.find('&');
    const std::string_view pair = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    auto name = decoded(pair.substr(0, equals), true);
    if (!name) return name.error();
    auto value = decoded(equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1), true);
    if (!value) return value.error();
    for (const auto& [earlier, unused] : result.parameters) {
      if (earlier == *name) return bad_target("has the parameter '" + *name + "' twice");
    }
    result.parameters.emplace_back(std::move(*name), std::move(*value));
  }
  return result;
}

bool host_allowed(std::string_view host, const std::vector<std::string>& allowed) {
  const auto authority = boost::urls::parse_authority(host);
  if (!authority || authority->has_userinfo() || authority->encoded_host().empty()) return false;
  if (authority->host_type() == boost::urls::host_type::ipv4 ||
      authority->host_type() == boost::urls::host_type::ipv6) {
    return true;
  }
  const std::string name = lower(authority->host());
  if (name == "localhost") return true;
  return std::any_of(allowed.begin(), allowed.end(), [&](const std::string& other) { return lower(other) == name; });
}

bool origin_is_own(std::string_view origin, std::string_view host) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (origin.starts_with(scheme) && lower(origin.substr(scheme.size())) == lower(host)) return true;
  }
  return false;
}

}  // namespace portcullis::admin
