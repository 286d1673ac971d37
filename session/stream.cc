#include "session/stream.h"

#include <unistd.h>

namespace portcullis::session {

void FileDescriptor::reset() {
  // Nothing can be done about a failing close; the descriptor is gone either way on Linux.
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

}  // namespace portcullis::session
