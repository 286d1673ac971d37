#include "admin/http.h"

#include <boost/json.hpp>

#include "admin/json.h"

namespace portcullis::admin {

std::string_view status_phrase(unsigned status) {
  switch (status) {
    case 200:
      return "OK";
    case 202:
      return "Accepted";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 409:
      return "Conflict";
    case 411:
      return "Length Required";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 421:
      return "Misdirected Request";
    case 422:
      return "Unprocessable Content";
    case 426:
      return "Upgrade Required";
    case 428:
      return "Precondition Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return "Internal Server Error";
  }
}

Response problem(unsigned status, std::string_view detail, const std::vector<std::string>& faults) {
  boost::json::object body{
      {"type", "about:blank"}, {"title", status_phrase(status)}, {"status", status}, {"detail", detail}};
  if (!faults.empty()) body["errors"] = boost::json::array(faults.begin(), faults.end());
  Response response;
  response.status = status;
  response.content_type = "application/problem+json";
  response.body = serialized(body);
  return response;
}

}  // namespace portcullis::admin
