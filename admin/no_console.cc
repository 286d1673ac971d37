#include "admin/assets.h"

// Stands in for the generated file when PORTCULLIS_CONSOLE is off.

namespace portcullis::admin {

const std::vector<Asset>& console_assets() {
  static const std::vector<Asset> kNone;
  return kNone;
}

}  // namespace portcullis::admin
