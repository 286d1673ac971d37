#include "app/journal_roots.h"

#include <openssl/evp.h>

#include <array>
#include <cstring>
#include <memory>
#include <span>

#include "base/check.h"
#include "base/time.h"
#include "gateway/record.h"
#include "persistence/blotter/store.h"
#include "persistence/journal_reader.h"

namespace portcullis::app {
namespace {

using Digest = std::array<unsigned char, 32>;

class Sha256 {
 public:
  Sha256() : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
    PORTCULLIS_CHECK(context_ != nullptr && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1,
                     "SHA-256 is not to be had");
  }
  void add(const void* data, std::size_t size) {
    PORTCULLIS_CHECK(EVP_DigestUpdate(context_.get(), data, size) == 1, "SHA-256 failed");
  }
  void add(std::uint64_t number) {
    unsigned char bytes[8];
    std::memcpy(bytes, &number, sizeof bytes);  // little-endian hosts only, as the journal itself
    add(bytes, sizeof bytes);
  }
  Digest finish() {
    Digest digest;
    PORTCULLIS_CHECK(EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr) == 1, "SHA-256 failed");
    return digest;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

std::string hexadecimal(const Digest& digest) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : digest) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

}  // namespace

Result<JournalRoots> read_roots(const std::string& journal_directory,
                                const std::function<void(const JournalRoot&)>& tell) {
  auto opened = persistence::JournalReader::open_whole(persistence::posix_file_system(), journal_directory);
  if (!opened) return opened.error();
  persistence::JournalReader reader = std::move(opened).value();
  JournalRoots roots;
  roots.journal_id = persistence::hexadecimal(reader.journal_id());
  constexpr std::string_view kName = "portcullis-journal";
  Sha256 first;
  first.add(kName.data(), kName.size());
  first.add(reader.journal_id());
  Digest chain = first.finish();
  JournalRoot day;
  while (true) {
    auto next = reader.next();
    if (!next) return next.error();
    if (!*next) break;
    const persistence::JournalRecord& record = **next;
    const auto view = gateway::read_record(record.content_version, record.payload);
    if (!view) return Error{reader.place_of(record) + ": " + view.error().what};
    const std::string date = Date::of(view->time()).to_iso();
    if (!day.date.empty() && date > day.date) {
      day.root = hexadecimal(chain);
      tell(day);
      day = JournalRoot();
    }
    if (day.date.empty()) {
      day.date = date;
      day.first_index = record.position.index;
    }
    Sha256 link;
    link.add(chain.data(), chain.size());
    link.add(record.position.index);
    link.add(record.payload.data(), record.payload.size());
    chain = link.finish();
    day.last_index = roots.last_index = record.position.index;
    ++roots.records;
  }
  roots.root = hexadecimal(chain);
  if (!day.date.empty()) {
    day.root = roots.root;
    tell(day);
  }
  return roots;
}

}  // namespace portcullis::app
