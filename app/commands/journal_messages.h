#pragma once

#include <string>

namespace portcullis::app {

// `journal messages`: empty texts take everything.
struct MessagesOptions {
  std::string session;   // the configuration's id
  std::string contains;  // in the message with '|' before each field, as "|11=A1|"
};

// Prints a line a message to standard output; the exit code.
int print_messages(const std::string& journal, const MessagesOptions& options);

}  // namespace portcullis::app
