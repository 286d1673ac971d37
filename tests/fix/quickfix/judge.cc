#include "tests/fix/quickfix/judge.h"

#include <quickfix/DataDictionary.h>
#include <quickfix/Message.h>

#include <map>
#include <memory>
#include <utility>

namespace quickfix_judge {

namespace {

const FIX::DataDictionary& dictionary(const std::string& begin_string, bool user_defined_tags) {
  static std::map<std::pair<std::string, bool>, std::unique_ptr<FIX::DataDictionary>> loaded;
  std::unique_ptr<FIX::DataDictionary>& entry = loaded[std::make_pair(begin_string, user_defined_tags)];
  if (!entry) {
    const std::string file = begin_string == "FIX.4.2" ? "FIX42.xml" : "FIX44.xml";
    entry.reset(new FIX::DataDictionary(std::string(PORTCULLIS_DICTIONARIES) + "/" + file));
    entry->checkUserDefinedFields(!user_defined_tags);
  }
  return *entry;
}

}  // namespace

Judgement judge(const std::string& begin_string, const std::string& bytes, bool user_defined_tags) {
  const FIX::DataDictionary& rules = dictionary(begin_string, user_defined_tags);
  try {
    const FIX::Message message(bytes, rules, true);
    rules.validate(message);
    return {true, ""};
  } catch (const FIX::Exception& refusal) {
    return {false, refusal.what()};
  } catch (const std::exception& failure) {
    return {false, failure.what()};
  }
}

}  // namespace quickfix_judge
