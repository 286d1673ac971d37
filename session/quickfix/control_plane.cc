#include "session/quickfix/control_plane.h"

#include <quickfix/DataDictionaryProvider.h>
#include <quickfix/Session.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <map>
#include <set>
#include <stdexcept>

#include "session/quickfix/staging.h"

namespace portcullis {
namespace session {
namespace quickfix {

namespace {

// No dictionary has tags above this.
constexpr int kLastTag = 65535;

using DictionaryPointer = ptr::shared_ptr<FIX::DataDictionary>;

// The range wraps around midnight and leaves nothing out: any two times less than a day apart, the
// earlier one first, are in the same range. The store's creation time is always one hour ahead.
FIX::TimeRange endless_range() {
  return FIX::TimeRange(FIX::UtcTimeOnly(0, 0, 0, 1000000, 9), FIX::UtcTimeOnly(0, 0, 0, 999999, 9));
}

// QuickFIX registers sessions by id in a global map and erases by id, so ids must be unique in the
// process even when two engines have sessions with the same CompIDs.
std::string unique_qualifier() {
  static std::atomic<std::uint64_t> counter{0};
  return "portcullis-" + std::to_string(++counter);
}

std::string name_of(const SessionSettings& settings) {
  return settings.begin_string + ":" + settings.sender_comp_id + "->" + settings.target_comp_id;
}

void refuse_unchecked_data(const FIX::DataDictionary& dictionary, const std::string& path,
                           const std::vector<int>& checked) {
  for (int tag = 1; tag <= kLastTag; ++tag) {
    if (!dictionary.isDataField(tag) || std::find(checked.begin(), checked.end(), tag) != checked.end()) continue;
    throw std::runtime_error(path + ": field " + std::to_string(tag) +
                             " is of type DATA, but its length is not checked; a STRING was expected");
  }
}

}  // namespace

struct ControlPlane::Shared {
  std::map<std::string, DictionaryPointer> dictionaries;  // by path and options
  std::set<std::string> open_sessions;                    // by name_of()

  DictionaryPointer dictionary(const std::string& path, const SessionSettings& settings) {
    const std::string key = path + (settings.check_user_defined_fields ? "|user" : "|") +
                            (settings.allow_unknown_fields ? "|unknown" : "|");
    DictionaryPointer& entry = dictionaries[key];
    if (!entry) {
      DictionaryPointer loaded(new FIX::DataDictionary(path));
      refuse_unchecked_data(*loaded, path, settings.checked_data_fields);
      loaded->checkUserDefinedFields(settings.check_user_defined_fields);
      loaded->allowUnknownMsgFields(settings.allow_unknown_fields);
      entry = loaded;
    }
    return entry;
  }
};

namespace {

class QuickFixSession : public ControlSession {
 public:
  QuickFixSession(ControlPlane::Shared& shared, const SessionSettings& settings,
                  const FIX::DataDictionaryProvider& dictionaries)
      : shared_(shared),
        settings_(settings),
        staging_(settings_),
        store_factory_(staging_),
        log_factory_(staging_),
        session_(
            staging_, store_factory_,
            FIX::SessionID(settings.begin_string, settings.sender_comp_id, settings.target_comp_id, unique_qualifier()),
            // A heartbeat other than 0 is what makes a FIX::Session an initiator.
            dictionaries, endless_range(), settings.initiator ? settings.heart_bt_int_s : 0, &log_factory_) {
    session_.setCheckLatency(false);
    // A latency that no time can keep: when the check is on, it always fails.
    session_.setMaxLatency(-1);
    session_.setResetOnLogon(settings.reset_on_logon && !settings.initiator);
    if (!settings.default_appl_ver_id.empty()) session_.setSenderDefaultApplVerID(settings.default_appl_ver_id);
    heart_bt_int_s_ = settings.heart_bt_int_s;
    shared_.open_sessions.insert(name_of(settings_));
  }

  ~QuickFixSession() override { shared_.open_sessions.erase(name_of(settings_)); }

  void connected() override {
    guarded(Numbers(), 0, nullptr, nullptr, [this] {
      session_.setResponder(nullptr);
      session_.disconnect();
      session_.logon();
      session_.setResponder(&staging_);
    });
  }

  void disconnected() override {
    guarded(Numbers(), 0, nullptr, nullptr, [this] {
      session_.setResponder(nullptr);
      session_.disconnect();
    });
  }

  Staged send_logon(const Numbers& numbers, std::int64_t now_ns, const LogonRequest& request) override {
    return guarded(numbers, now_ns, &request, nullptr, [this, &request] {
      heart_bt_int_s_ = request.heart_bt_int_s;
      state().heartBtInt(FIX::HeartBtInt(request.heart_bt_int_s));
      session_.next(FIX::UtcTimeStamp());
    });
  }

  Staged next(const Numbers& numbers, std::int64_t now_ns, const Frame& frame) override {
    const bool was_logged_on = logged_on();
    Staged staged = guarded(numbers, now_ns, nullptr, &frame, [this, &frame] {
      session_.setCheckLatency(frame.sending_time_is_bad);
      session_.next(std::string(frame.data, frame.size), FIX::UtcTimeStamp());
    });
    if (logged_on() && (!was_logged_on || staged.reset)) {
      // An acceptor has taken the value from the Logon. With 0, QuickFIX's timers never act.
      if (!settings_.initiator) heart_bt_int_s_ = state().heartBtInt();
      state().heartBtInt(FIX::HeartBtInt(0));
    }
    if (!logged_on() && !staged.accepted && !staged.disconnect) {
      // QuickFIX would wait for a better Logon(A), and a malformed one would hold the session's slot.
      disconnected();
      staged.disconnect = true;
    }
    return staged;
  }

  Staged send_logout(const Numbers& numbers, std::int64_t now_ns, const std::string& text) override {
    return guarded(numbers, now_ns, nullptr, nullptr, [this, &text] {
      session_.logout(text);
      session_.next(FIX::UtcTimeStamp());
    });
  }

  bool logged_on() const override { return state().receivedLogon() && state().sentLogon(); }
  bool enabled() const override { return state().enabled(); }
  bool logout_sent() const override { return state().sentLogout(); }
  void look_ahead() const override { __builtin_prefetch(&state()); }
  int heart_bt_int_s() const override { return heart_bt_int_s_; }
  bool resend_requested() const override { return state().resendRequested(); }
  void clear_resend_request() override { state().resendRange(0, 0); }

 private:
  // One call into QuickFIX: stages, catches whatever it throws, and leaves nothing in its queue.
  template <typename Call>
  Staged guarded(const Numbers& numbers, std::int64_t now_ns, const LogonRequest* logon, const Frame* frame,
                 Call call) {
    staging_.begin(numbers, now_ns, logon, frame);
    try {
      const bool resets = (frame != nullptr && frame->authorised_reset) || (logon != nullptr && logon->reset);
      if (!resets && (numbers.next_sender > kMaxSeqNum || numbers.next_target > kMaxSeqNum)) {
        throw std::out_of_range("sequence numbers past 2147483646: the session must be reset");
      }
      call();
    } catch (const FIX::InvalidMessage& error) {
      // The frame does not parse; QuickFIX has logged why and changed nothing but, on a Logon, closed.
      staging_.unreadable(error.what());
    } catch (const std::exception& error) {
      staging_.fail(error.what());
    }
    state().clearQueue();
    Staged staged = staging_.finish();
    if (staged.fault || staged.disconnect) {
      session_.setResponder(nullptr);
      session_.disconnect();
    }
    return staged;
  }

  // FIX::Session hands out its SessionState as its log; SessionState is what it is built from.
  FIX::SessionState& state() const {
    return static_cast<FIX::SessionState&>(*const_cast<FIX::Session&>(session_).getLog());
  }

  ControlPlane::Shared& shared_;
  const SessionSettings settings_;
  Staging staging_;
  StagingStoreFactory store_factory_;
  StagingLogFactory log_factory_;
  FIX::Session session_;
  int heart_bt_int_s_ = 0;
};

}  // namespace

ControlPlane::ControlPlane() : shared_(new Shared) {}
ControlPlane::~ControlPlane() = default;

std::unique_ptr<ControlSession> ControlPlane::open(const SessionSettings& settings, std::string* error) {
  if (settings.initiator && settings.heart_bt_int_s < 1) {
    *error = name_of(settings) + ": HeartBtInt(108) of an initiator is " + std::to_string(settings.heart_bt_int_s) +
             ", at least 1 was expected";
    return nullptr;
  }
  if (shared_->open_sessions.count(name_of(settings)) != 0) {
    *error = name_of(settings) + ": a session with these CompIDs is open, each may be open once";
    return nullptr;
  }
  try {
    FIX::DataDictionaryProvider dictionaries;
    dictionaries.addTransportDataDictionary(FIX::BeginString(settings.begin_string),
                                            shared_->dictionary(settings.dictionary_path, settings));
    if (!settings.application_dictionary_path.empty()) {
      dictionaries.addApplicationDataDictionary(FIX::ApplVerID(settings.default_appl_ver_id),
                                                shared_->dictionary(settings.application_dictionary_path, settings));
    }
    return std::unique_ptr<ControlSession>(new QuickFixSession(*shared_, settings, dictionaries));
  } catch (const std::exception& failure) {
    *error = name_of(settings) + ": " + failure.what();
    return nullptr;
  }
}

}  // namespace quickfix
}  // namespace session
}  // namespace portcullis
