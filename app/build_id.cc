#include "app/build_id.h"

#include <elf.h>
#include <link.h>

#include <cstring>
#include <string_view>

namespace portcullis::app {
namespace {

constexpr std::size_t padded(std::size_t size) {
  return (size + 3) & ~std::size_t{3};
}

// The note NT_GNU_BUILD_ID (elf(5)) of one segment of notes, or nothing.
std::string_view find_build_id(std::string_view notes) {
  while (notes.size() >= sizeof(ElfW(Nhdr))) {
    ElfW(Nhdr) note;
    std::memcpy(&note, notes.data(), sizeof note);
    notes.remove_prefix(sizeof note);
    const std::size_t whole = padded(note.n_namesz) + padded(note.n_descsz);
    if (whole > notes.size()) return {};
    if (note.n_type == NT_GNU_BUILD_ID && notes.substr(0, note.n_namesz) == std::string_view("GNU", 4)) {
      return notes.substr(padded(note.n_namesz), note.n_descsz);
    }
    notes.remove_prefix(whole);
  }
  return {};
}

// Called for the program first, then for its libraries: the first call ends the walk.
int read_program(dl_phdr_info* info, std::size_t, void* into) {
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = info->dlpi_phdr[i];
    if (segment.p_type != PT_NOTE) continue;
    const std::string_view notes(reinterpret_cast<const char*>(info->dlpi_addr + segment.p_vaddr), segment.p_memsz);
    const std::string_view id = find_build_id(notes);
    if (id.empty()) continue;
    constexpr char kDigits[] = "0123456789abcdef";
    for (const char c : id) {
      const auto byte = static_cast<unsigned char>(c);
      static_cast<std::string*>(into)->push_back(kDigits[byte >> 4]);
      static_cast<std::string*>(into)->push_back(kDigits[byte & 15]);
    }
    break;
  }
  return 1;
}

}  // namespace

std::string build_id() {
  std::string id;
  dl_iterate_phdr(read_program, &id);
  return id;
}

}  // namespace portcullis::app
