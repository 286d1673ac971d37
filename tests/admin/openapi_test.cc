#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <set>

#include "admin/server.h"
#include "tests/admin/fake_gateway.h"
#include "tests/admin/http_client.h"

// The OpenAPI document is true: every path, method, role and schema in it is compared with what the
// running server answers.

namespace portcullis::admin {
namespace {

namespace json = boost::json;

class AdminOpenApi : public testing::Test {
 protected:
  void SetUp() override {
    auto started = Server::start(test_options(), gateway_, gateway_, gateway_, gateway_);
    ASSERT_TRUE(started.ok()) << started.error().what;
    server_ = std::move(*started);
    const auto response = call(server_->port(), "GET", "/openapi.json", "");
    ASSERT_EQ(response.status, 200u);
    document_ = json::parse(response.body);
  }

  // What does not fit `schema`, one line each; empty when it fits. Understands what schemas.cc writes.
  std::vector<std::string> misfits(const json::value& value, const json::value& schema, const std::string& where) {
    const json::object& rules = schema.as_object();
    if (const json::value* reference = rules.if_contains("$ref")) {
      const std::string name = std::string(reference->as_string()).substr(std::string("#/components/schemas/").size());
      return misfits(value, document_.at("components").at("schemas").at(name), where + ":" + name);
    }
    if (const json::value* choices = rules.if_contains("oneOf")) {
      for (const json::value& choice : choices->as_array()) {
        if (misfits(value, choice, where).empty()) return {};
      }
      return {where + " fits none of oneOf"};
    }
    const json::value* type = rules.if_contains("type");
    if (type == nullptr) return {};
    std::set<std::string> types;
    if (type->is_string()) types.emplace(type->as_string());
    if (type->is_array()) {
      for (const json::value& each : type->as_array()) types.emplace(each.as_string());
    }
    if (value.is_null() && types.contains("null")) return {};
    if (value.is_string() && types.contains("string")) {
      const json::value* values = rules.if_contains("enum");
      if (values == nullptr) return {};
      for (const json::value& each : values->as_array()) {
        if (each == value) return {};
      }
      return {where + " is none of the enum: " + json::serialize(value)};
    }
    if (value.is_bool() && types.contains("boolean")) return {};
    if ((value.is_int64() || value.is_uint64()) && types.contains("integer")) return {};
    std::vector<std::string> faults;
    const auto add = [&](std::vector<std::string> more) { faults.insert(faults.end(), more.begin(), more.end()); };
    if (value.is_array() && types.contains("array")) {
      for (const json::value& each : value.as_array()) add(misfits(each, rules.at("items"), where + "[]"));
      return faults;
    }
    if (value.is_object() && types.contains("object")) {
      const json::value* properties = rules.if_contains("properties");
      for (const auto& member : value.as_object()) {
        const std::string name(member.key());
        if (properties != nullptr && properties->as_object().contains(name)) {
          add(misfits(member.value(), properties->at(name), where + "." + name));
        } else if (rules.at("additionalProperties").is_object()) {
          add(misfits(member.value(), rules.at("additionalProperties"), where + "." + name));
        } else {
          faults.push_back(where + "." + name + " is not in the schema");
        }
      }
      if (const json::value* required = rules.if_contains("required")) {
        for (const json::value& name : required->as_array()) {
          if (!value.as_object().contains(name.as_string())) {
            faults.push_back(where + " lacks " + std::string(name.as_string()));
          }
        }
      }
      return faults;
    }
    return {where + " has the wrong type: " + json::serialize(value)};
  }

  // A body that every command of that schema takes.
  static std::string body_for(const std::string& schema) {
    static const std::map<std::string, std::string> bodies = {
        {"Reason", "{}"},
        {"KillSwitch", R"({"scope":"account","id":"ALPHA-2","state":"block_new","reason":"walk"})"},
        {"LimitChange", R"({"limits":{"max_order_quantity":"9"},"reason":"walk"})"},
        {"Quote", R"({"bid":"1.1","ask":"1.2"})"},
        {"Rate", R"({"rate":"1.1"})"},
        {"SequenceReset", R"({"next_sender_seq":5,"reason":"walk"})"},
        {"Resolution", R"({"as":"rejected","evidence":"walk","reason":"walk"})"},
        {"PositionAdjustment",
         R"({"account":"ALPHA-1","symbol":"EUR/USD","quantity":"1","price":"1.1","evidence":"w","reason":"w"})"}};
    return bodies.at(schema);
  }

  static std::string filled_in(std::string path) {
    static const std::vector<std::pair<std::string, std::string>> values = {
        {"/sessions/{id}", "/sessions/alpha"},
        {"/reports/{name}", "/reports/restricted_hits"},
        {"{order_id}", "LDN1-1-1"},
        {"/limits/{scope}/{id}", "/limits/account/ALPHA-1"},
        {"{symbol}", "EUR%2FUSD"},
        {"{currency}", "EUR"},
        {"/alerts/{id}", "/alerts/A1"},
        {"/proposals/{id}", "/proposals/P1-1"}};
    for (const auto& [from, to] : values) {
      if (const std::size_t at = path.find(from); at != std::string::npos) path.replace(at, from.size(), to);
    }
    EXPECT_EQ(path.find('{'), std::string::npos) << "no value for a parameter of " << path;
    return "/api/v1" + path;
  }

  FakeGateway gateway_;
  std::unique_ptr<Server> server_;
  json::value document_;
};

TEST_F(AdminOpenApi, HasEveryPathOfTheContract) {
  const json::object& paths = document_.at("paths").as_object();
  const std::vector<std::pair<std::string, std::string>> wanted = {{"get", "/health/live"},
                                                                   {"get", "/health/ready"},
                                                                   {"get", "/metrics"},
                                                                   {"get", "/sessions"},
                                                                   {"get", "/orders"},
                                                                   {"get", "/orders/{order_id}"},
                                                                   {"get", "/executions"},
                                                                   {"get", "/decisions"},
                                                                   {"get", "/exposures"},
                                                                   {"get", "/limits"},
                                                                   {"put", "/limits/{scope}/{id}"},
                                                                   {"put", "/reference/quotes/{symbol}"},
                                                                   {"put", "/reference/rates/{currency}"},
                                                                   {"post", "/kill-switch"},
                                                                   {"post", "/orders/{order_id}/cancel"},
                                                                   {"post", "/orders/{order_id}/resolve"},
                                                                   {"post", "/positions/adjust"},
                                                                   {"post", "/sessions/{id}/enable"},
                                                                   {"post", "/sessions/{id}/disable"},
                                                                   {"post", "/sessions/{id}/logout"},
                                                                   {"post", "/sessions/{id}/sequence"},
                                                                   {"get", "/proposals"},
                                                                   {"post", "/proposals/{id}/approve"},
                                                                   {"post", "/proposals/{id}/reject"},
                                                                   {"get", "/alerts"},
                                                                   {"post", "/alerts/{id}/ack"},
                                                                   {"get", "/openapi.json"}};
  for (const auto& [method, path] : wanted) {
    ASSERT_TRUE(paths.contains(path)) << path;
    EXPECT_TRUE(paths.at(path).as_object().contains(method)) << method << " " << path;
  }
}

TEST_F(AdminOpenApi, IsWhatTheServerDoes) {
  const std::vector<std::string> ranks = {"viewer", "operator", "risk", "admin"};
  const std::vector<std::string> users = {"viewer", "ops", "risk1", "root"};
  for (const auto& [path, operations] : document_.at("paths").as_object()) {
    for (const auto& [method_key, operation] : operations.as_object()) {
      std::string method(method_key);
      for (char& c : method) c = static_cast<char>(std::toupper(c));
      const std::string target = filled_in(std::string(path));
      const std::string what = method + " " + target;
      std::string body;
      if (const json::value* request_body = operation.as_object().if_contains("requestBody")) {
        const json::value& schema = request_body->at("content").at("application/json").at("schema");
        const std::string name = std::string(schema.at("$ref").as_string()).substr(21);
        body = body_for(name);
        EXPECT_TRUE(misfits(json::parse(body), schema, name).empty()) << what << ": this test's own body";
      }
      std::string user;
      if (const json::value* role = operation.as_object().if_contains("x-role")) {
        EXPECT_EQ(call(server_->port(), method, target, "", body).status, 401u) << what;
        std::size_t rank = 0;
        while (ranks[rank] != std::string_view(role->as_string())) ++rank;
        user = users[rank];
        if (rank > 0) {
          const std::string below = token_of(users[rank - 1]);
          EXPECT_EQ(call(server_->port(), method, target, below, body).status, 403u) << what;
        }
      }
      const std::string version = "If-Match: 7\r\n";
      const auto response = call(server_->port(), method, target, user.empty() ? "" : token_of(user), body,
                                 method == "PUT" ? version : "");
      const json::object& answers = operation.at("responses").as_object();
      const std::string status = std::to_string(response.status);
      ASSERT_TRUE(answers.contains(status)) << what << " gave " << status << " " << response.body;
      if (const json::value* content = answers.at(status).as_object().if_contains("content")) {
        const auto& [type, media] = *content->as_object().begin();
        EXPECT_EQ(response.headers.at("content-type"), std::string(type)) << what;
        for (const std::string& fault : misfits(json::parse(response.body), media.at("schema"), what)) {
          ADD_FAILURE() << fault;
        }
      }
    }
  }
}

TEST_F(AdminOpenApi, ReferencesNoSchemaThatIsMissing) {
  const std::string text = json::serialize(document_);
  const std::string marker = "#/components/schemas/";
  for (std::size_t at = text.find(marker); at != std::string::npos; at = text.find(marker, at + 1)) {
    const std::size_t start = at + marker.size();
    const std::string name = text.substr(start, text.find('"', start) - start);
    EXPECT_TRUE(document_.at("components").at("schemas").as_object().contains(name)) << name;
  }
}

}  // namespace
}  // namespace portcullis::admin
