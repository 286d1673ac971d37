#include "order/events.h"

#include <array>
#include <cstring>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "order/whole_event.h"

namespace portcullis::order {
namespace {

TEST(EventWriter, GivesBackWhatWasAdded) {
  alignas(8) std::array<std::byte, 1024> memory;
  EventWriter writer(memory.data(), memory.size());
  writer.add(TargetAdvanced{.session = SessionId(3), .next_target = 42});
  const std::array<CheckResult, 2> checks{CheckResult{Control::kB1, Scope::kFirm, 1, 0, 0, 0, 5, 10},
                                          CheckResult{Control::kD3, Scope::kAccount, 0, 0, 7, 9, 5, 10}};
  Decided decided{};
  decided.decision = 1;
  decided.check_count = 2;
  writer.add_with_tail(decided, checks);

  int seen = 0;
  EXPECT_TRUE(for_each_event(writer.bytes(), [&](const EventView& event) {
    if (seen++ == 0) {
      EXPECT_EQ(event.as<TargetAdvanced>().next_target, 42u);
      EXPECT_EQ(event.as<TargetAdvanced>().session, SessionId(3));
    } else {
      EXPECT_EQ(event.as<Decided>().check_count, 2u);
      EXPECT_EQ(event.tail(sizeof(Decided)).size(), 2 * sizeof(CheckResult));
    }
  }));
  EXPECT_EQ(seen, 2);
}

TEST(ForEachEvent, RefusesATruncatedSection) {
  alignas(8) std::array<std::byte, 256> memory;
  EventWriter writer(memory.data(), memory.size());
  writer.add(EpochStarted{.epoch = 7});
  for (std::size_t size = 1; size < writer.size(); ++size) {
    EXPECT_FALSE(for_each_event(writer.bytes().first(size), [](const EventView&) {})) << size;
  }
}

// Room for one event, full of what was there before.
struct Section {
  alignas(8) std::array<std::byte, 1024> memory;
  EventWriter writer{memory.data(), memory.size()};
  Section() { memory.fill(std::byte{0xEE}); }

  EventView event() const {
    std::optional<EventView> event;
    EXPECT_TRUE(for_each_event(writer.bytes(), [&](const EventView& one) { event = one; }));
    return *event;
  }
  EventView written(const ExecutionDraft& draft, const Need& reserved) {
    write(writer, draft, reserved);
    return event();
  }
};

OrderIdentity some_identity() {
  OrderIdentity identity{};
  identity.order = OrderNumber(1);
  identity.request = RequestNumber(2);
  identity.account = AccountId(3);
  identity.instrument = InstrumentId(4);
  identity.client = ClientId(5);
  identity.session = SessionId(6);
  identity.side = Side::kSell;
  identity.dealt = Dealt::kTerm;
  identity.trader = TraderId(7);
  identity.settle_date = 20'000;
  return identity;
}

bool same(const OrderIdentity& a, const OrderIdentity& b) { return std::memcmp(&a, &b, sizeof a) == 0; }

TEST(AcceptedEvent, AnOrderLikeMostSaysNothingThatItHasNot) {
  Terms terms;
  terms.order_qty = Quantity::of(5);
  terms.price = Price::of(2);
  terms.has_price = true;
  terms.time_in_force = TimeInForce::kImmediateOrCancel;
  const Valuation valuation{Price::of(3), Rate::of(4), 1};
  const Need reserved{Quantity::of(5), Amount::of(6), Amount::of(7)};
  Section section;
  write_accepted(section.writer, some_identity(), "CL-1234", terms, valuation, reserved);
  const EventView event = section.event();
  EXPECT_EQ(event.payload().size(), sizeof(OrderAccepted) + 8);
  EXPECT_EQ(event.payload().back(), std::byte{0});  // behind seven bytes of text
  EXPECT_FALSE(AcceptedView::is_whole(EventView(event.type(), event.payload().first(sizeof(OrderAccepted)))));
  const AcceptedView view(event);
  EXPECT_TRUE(same(view.identity(), some_identity()));
  EXPECT_EQ(view.cl_ord_id(), "CL-1234");
  EXPECT_EQ(view.terms(), terms);
  EXPECT_EQ(view.valuation(), valuation);
  EXPECT_EQ(view->reserved, reserved);
}

TEST(AcceptedEvent, GivesBackWhatFewOrdersSay) {
  for (int which = 0; which < 8; ++which) {
    OrderIdentity identity = some_identity();
    Terms terms;
    Valuation valuation;
    switch (which) {
      case 0: terms.stop_px = Price::of(1); terms.has_stop_px = true; break;
      case 1: terms.expire_time = UtcTime::from_ns(5); break;
      case 2: terms.order_qty2 = Quantity::of(9); break;
      case 3: terms.price2 = Price::of(-1); break;
      case 4: terms.expire_date = 21'000; break;
      case 5: valuation.multiplier = 100; break;
      case 6: identity.settle_date2 = 20'030; break;
      default: identity.fixing_date = 19'998; break;
    }
    const std::string cl_ord_id(63, 'c');
    Section section;
    write_accepted(section.writer, identity, cl_ord_id, terms, valuation, Need{});
    EXPECT_EQ(section.event().payload().size(), sizeof(OrderAccepted) + sizeof(AcceptedRarely) + 64) << which;
    const AcceptedView view(section.event());
    EXPECT_TRUE(same(view.identity(), identity)) << which;
    EXPECT_EQ(view.cl_ord_id(), cl_ord_id);
    EXPECT_EQ(view.terms(), terms) << which;
    EXPECT_EQ(view.valuation(), valuation) << which;
  }
}

TEST(ExecutionEvent, AnAcknowledgementSaysNothingThatItHasNot) {
  ExecutionDraft draft;
  draft.head.order = OrderNumber(7);
  draft.head.exec_type = ExecType::kNew;
  draft.head.flags = ExecutionApplied::kApplied;
  draft.exec_id = "E-1";
  draft.broker_order_id = "B-77";
  draft.reserved_after = Need{Quantity::of(5), Amount::of(6), Amount::of(7)};
  Section section;
  const EventView event = section.written(draft, draft.reserved_after);
  EXPECT_EQ(event.payload().size(), sizeof(ExecutionApplied) + 8);
  EXPECT_EQ(event.payload().back(), std::byte{0});  // behind seven bytes of text
  const ExecutionView view(event);
  EXPECT_EQ(view->order, OrderNumber(7));
  EXPECT_TRUE(view->applied());
  EXPECT_FALSE(view->late());
  EXPECT_EQ(view.exec_id(), "E-1");
  EXPECT_EQ(view.broker_order_id(), "B-77");
  EXPECT_EQ(view.text(), "");
  EXPECT_EQ(view.trade(), nullptr);
  EXPECT_EQ(view.terms_after(), nullptr);
  EXPECT_FALSE(view.refers_to().has_value());
  EXPECT_EQ(view.reserved_after(draft.reserved_after), draft.reserved_after);
  EXPECT_TRUE(view.booking().base.is_zero());
}

TEST(ExecutionEvent, GivesBackEveryPart) {
  for (unsigned parts = 0; parts < 16; ++parts) {
    const Need before{Quantity::of(10), Amount::of(20), Amount::of(30)};
    ExecutionDraft draft;
    draft.head.cum_after = Quantity::of(3);
    draft.head.flags = ExecutionApplied::kLate | ExecutionApplied::kClosesRequest;
    draft.reserved_after = before;
    if ((parts & 1) != 0) draft.refers_to = ExecutionNumber(99);
    if ((parts & 2) != 0) {
      Trade& trade = draft.trade.emplace();
      trade.last_qty = Quantity::of(3);
      trade.last_px = Price::of(2);
      trade.booking.term = Amount::of(-6);
      trade.set_value(-(Wide{5} << 70));
    }
    if ((parts & 4) != 0) draft.reserved_after.base = Quantity::of(4);
    if ((parts & 8) != 0) draft.terms_after.emplace().order_qty = Quantity::of(11);
    const std::string id(parts, 'x');
    draft.exec_id = id;
    draft.text = "why";
    Section section;
    const EventView event = section.written(draft, before);
    EXPECT_EQ(event.payload().size() % 8, 0u);
    EXPECT_TRUE(ExecutionView::is_whole(event));
    EXPECT_FALSE(ExecutionView::is_whole(EventView(event.type(), event.payload().first(event.payload().size() - 8))));
    const ExecutionView view(event);
    EXPECT_FALSE(view->applied());
    EXPECT_TRUE(view->late());
    EXPECT_TRUE(view->closes_request());
    EXPECT_EQ(view->cum_after, Quantity::of(3));
    EXPECT_EQ(view.refers_to(), draft.refers_to);
    EXPECT_EQ(view.reserved_after(before), draft.reserved_after);
    EXPECT_EQ(view.exec_id(), id);
    EXPECT_EQ(view.text(), "why");
    ASSERT_EQ(view.trade() != nullptr, draft.trade.has_value());
    if (view.trade() != nullptr) {
      EXPECT_EQ(view.last_qty(), Quantity::of(3));
      EXPECT_EQ(view.last_px(), Price::of(2));
      EXPECT_EQ(view.trade()->value(), -(Wide{5} << 70));
      EXPECT_EQ(view.booking().term, Amount::of(-6));
    }
    ASSERT_EQ(view.terms_after() != nullptr, draft.terms_after.has_value());
    if (view.terms_after() != nullptr) {
      EXPECT_EQ(*view.terms_after(), *draft.terms_after);
    }
  }
}

TEST(ExecutionEvent, WhatIsReleasedTakesNoRoom) {
  const Need before{Quantity::of(10), Amount::of(20), Amount::of(30)};
  ExecutionDraft draft;
  Section section;
  const EventView event = section.written(draft, before);
  EXPECT_EQ(event.payload().size(), sizeof(ExecutionApplied));
  EXPECT_EQ(ExecutionView(event).reserved_after(before), Need{});
}

TEST(ExecutionEvent, CutsTextsAtWhatItHolds) {
  const std::string text(300, 't');
  ExecutionDraft draft;
  draft.exec_id = draft.broker_order_id = draft.text = text;
  Section section;
  const ExecutionView view(section.written(draft, Need{}));
  EXPECT_EQ(view.exec_id(), text.substr(0, 63));
  EXPECT_EQ(view.broker_order_id(), text.substr(0, 63));
  EXPECT_EQ(view.text(), text.substr(0, 127));
}

// A type that has a name and no size would be taken as whole, however little there is of it.
TEST(WholeEvent, EveryTypeHasALeastSize) {
  int types = 0;
  for (std::uint16_t number = 0; number < 1'000; ++number) {
    const EventView empty(static_cast<EventType>(number), {});
    const bool known = to_string(empty.type()) != "unknown";
    types += known ? 1 : 0;
    EXPECT_EQ(is_whole(empty), !known) << number;
  }
  EXPECT_EQ(types, 55);
}

TEST(WholeEvent, SaysWhatWasExpected) {
  const std::array<std::byte, 40> memory = {};
  EXPECT_EQ(why_not_whole(EventView(EventType::kOrderAccepted, memory)),
            "its OrderAccepted has 40 bytes; at least 96 were expected");
  EXPECT_TRUE(is_whole(EventView(EventType::kOrderRouted, memory)));
}

}  // namespace
}  // namespace portcullis::order
