#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "persistence/file.h"

namespace portcullis::persistence {

// A file that is written beside another and takes its place as a whole. Readers see the old content or the new, and
// after commit() the new is on stable storage: write beside (the name with ".tmp"), sync, rename, sync of the
// directory. What is large goes to the disk in pieces (File::write_out). What was not committed is removed by the
// destructor; only a process that dies leaves it. One thread.
class Replacement {
 public:
  // Of directory + "/" + name, which need not exist.
  static IoResult<Replacement> begin(FileSystem& files, const std::string& directory, const std::string& name);
  Replacement(Replacement&& other) noexcept;
  Replacement& operator=(Replacement&&) = delete;
  ~Replacement();

  IoResult<> append(std::span<const std::byte> bytes);
  // Over what was appended: for a header that says how much follows.
  IoResult<> write_at(std::uint64_t offset, std::span<const std::byte> bytes);
  IoResult<> commit();

 private:
  Replacement(FileSystem& files, std::string directory, const std::string& name)
      : files_(files), directory_(std::move(directory)), path_(directory_ + "/" + name), beside_(path_ + ".tmp") {}

  FileSystem& files_;
  std::string directory_;
  std::string path_;
  std::string beside_;  // empty: there is nothing to be removed
  std::unique_ptr<File> file_;
  std::uint64_t size_ = 0;   // appended
  std::uint64_t given_ = 0;  // of it, handed to the disk
};

// The same for content that is at hand.
IoResult<> replace_file(FileSystem& files, const std::string& directory, const std::string& name,
                        std::span<const std::span<const std::byte>> parts);

}  // namespace portcullis::persistence
