#include "admin/assets.h"

#include <zlib.h>

#include "base/check.h"

namespace portcullis::admin {

std::string inflate(std::string_view gzip) {
  z_stream stream{};
  constexpr int kGzipOnly = 16 + MAX_WBITS;
  PORTCULLIS_CHECK(inflateInit2(&stream, kGzipOnly) == Z_OK, "zlib does not start");
  // zlib takes a pointer to non-const, but does not write through it.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(gzip.data()));
  stream.avail_in = static_cast<uInt>(gzip.size());
  std::string plain;
  int state = Z_OK;
  while (state == Z_OK) {
    char chunk[16384];
    stream.next_out = reinterpret_cast<Bytef*>(chunk);
    stream.avail_out = sizeof chunk;
    state = ::inflate(&stream, Z_NO_FLUSH);
    plain.append(chunk, sizeof chunk - stream.avail_out);
  }
  inflateEnd(&stream);
  PORTCULLIS_CHECK(state == Z_STREAM_END, "an embedded asset is no complete gzip stream");
  return plain;
}

}  // namespace portcullis::admin
