#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace portcullis::admin {

// A file of the console, compiled in by console/build.mjs.
struct Asset {
  std::string_view path;          // "/", "/console.js"
  std::string_view content_type;  // "text/html; charset=utf-8"
  std::string_view etag;          // with its quotes
  std::string_view gzip;          // the content, compressed
};

// Empty in a build without the console.
const std::vector<Asset>& console_assets();

// The content of a gzip stream that this program was built with.
std::string inflate(std::string_view gzip);

}  // namespace portcullis::admin
