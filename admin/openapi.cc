#include "admin/openapi.h"

#include "admin/schemas.h"

namespace portcullis::admin {

namespace json = boost::json;

namespace {

constexpr std::string_view kDescription =
    "Decimals are strings. Errors are problem+json (RFC 9457). Every list is an array; the next page of a "
    "paged one stands in the header Link. Roles include the ones before them: viewer, operator, risk, admin.";

// "Name", "[Name]" for a list of it, "A|B" for one of both.
json::object schema_of(const std::string& name) {
  if (const std::size_t bar = name.find('|'); bar != std::string::npos) {
    return {{"oneOf", json::array{schema_of(name.substr(0, bar)), schema_of(name.substr(bar + 1))}}};
  }
  if (name.starts_with('[')) return {{"type", "array"}, {"items", schema_of(name.substr(1, name.size() - 2))}};
  return {{"$ref", "#/components/schemas/" + name}};
}

json::object answer_of(const Answer& answer) {
  json::object result{{"description", answer.description}};
  if (!answer.schema.empty()) {
    const char* type = answer.schema == "Problem" ? "application/problem+json" : "application/json";
    result["content"] = json::object{{type, json::object{{"schema", schema_of(answer.schema)}}}};
  }
  return result;
}

json::object operation_of(const Endpoint& endpoint) {
  json::object operation{{"summary", endpoint.summary}};
  json::array parameters;
  for (const Parameter& parameter : endpoint.parameters) {
    const char* in = parameter.in == Parameter::In::kPath    ? "path"
                     : parameter.in == Parameter::In::kQuery ? "query"
                                                             : "header";
    parameters.emplace_back(json::object{{"name", parameter.name},
                                         {"in", in},
                                         {"required", parameter.required},
                                         {"description", parameter.description},
                                         {"schema", json::object{{"type", parameter.type}}}});
  }
  if (!parameters.empty()) operation["parameters"] = std::move(parameters);
  if (!endpoint.request_schema.empty()) {
    operation["requestBody"] = json::object{
        {"required", endpoint.request_schema != "Reason"},
        {"content", json::object{{"application/json", json::object{{"schema", schema_of(endpoint.request_schema)}}}}}};
  }
  json::object responses;
  for (const Answer& answer : endpoint.answers) responses[std::to_string(answer.status)] = answer_of(answer);
  if (endpoint.role) {
    operation["description"] = std::string("Role: ") + to_text(*endpoint.role) + ".";
    operation["x-role"] = to_text(*endpoint.role);
    operation["security"] = json::array{json::object{{"bearer", json::array{}}}};
    responses["401"] = answer_of({401, "no token, or an unknown one", "Problem"});
    responses["403"] = answer_of({403, "the role is too low, or a foreign origin", "Problem"});
    responses["429"] = answer_of({429, "too many failed logins from this address", "Problem"});
  } else {
    operation["security"] = json::array{};
  }
  operation["responses"] = std::move(responses);
  return operation;
}

}  // namespace

json::object openapi_document(const std::vector<Endpoint>& endpoints, const std::string& version) {
  json::object paths;
  for (const Endpoint& endpoint : endpoints) {
    std::string method = endpoint.method;
    for (char& c : method) c = static_cast<char>(c - 'A' + 'a');
    json::value& path = paths[endpoint.path];
    if (!path.is_object()) path = json::object{};
    path.get_object()[method] = operation_of(endpoint);
  }
  return {
      {"openapi", "3.1.0"},
      {"info", json::object{{"title", "Portcullis"}, {"version", version}, {"description", kDescription}}},
      {"servers", json::array{json::object{{"url", "/api/v1"}}}},
      {"paths", std::move(paths)},
      {"components", json::object{{"schemas", schemas()},
                                  {"securitySchemes",
                                   json::object{{"bearer", json::object{{"type", "http"}, {"scheme", "bearer"}}}}}}}};
}

}  // namespace portcullis::admin
