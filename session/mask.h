#pragma once

#include <string>
#include <string_view>

namespace portcullis::session {

// What may stand in the journal, in a log or on a screen of a message that may hold secrets: the values
// of Password(554), NewPassword(925), EncryptedPassword(1402), EncryptedNewPassword(1404) and, in a
// Logon(A), RawData(96) are replaced by "***", which hides their length too. Where `message` is a valid
// frame, so is the result: the length fields (95, 1401, 1403), BodyLength(9) and CheckSum(10) follow.
std::string mask_secrets(std::string_view message);

// Whether mask_secrets could change anything: only then is it worth its copy.
bool may_hold_secrets(std::string_view msg_type);

}  // namespace portcullis::session
