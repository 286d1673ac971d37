#include "fix/peek.h"

namespace portcullis::fix {

bool Peek::search(std::string_view message) {
  const std::size_t found = message.substr(0, kSearched).find(std::string_view(beginning_, sizeof beginning_));
  if (found == std::string_view::npos) return false;
  at_ = static_cast<std::uint32_t>(found);
  return true;
}

}  // namespace portcullis::fix
