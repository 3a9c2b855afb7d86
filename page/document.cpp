// SPDX-License-Identifier: Apache-2.0
#include "page/document.hpp"

#include "page/assets.hpp"

namespace lanewise::page {
namespace {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

// JSON in which no text can end a script element: a "<" may as well be written by its number.
std::string without_tags(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  for (const char c : json) {
    if (c == '<') {
      out += "\\u003c";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

std::string document(std::string_view title, const std::vector<Data>& data,
                     const std::vector<std::string_view>& scripts) {
  std::string out = "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  out += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
  out +=
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
      "script-src 'unsafe-inline'; img-src data: blob:\">\n";
  out += "<title>" + escaped(title) + "</title>\n<style>\n" + std::string(asset("page.css")) + "</style>\n</head>\n";
  out += "<body>\n<main id=\"page\"></main>\n";
  for (const Data& entry : data) {
    out += "<script type=\"application/json\" id=\"" + entry.id + "\">" + without_tags(entry.json) + "</script>\n";
  }
  out += "<script type=\"text/plain\" id=\"licences\">" + std::string(asset("licences.txt")) + "</script>\n";
  for (const std::string_view library : {std::string_view("d3.js"), std::string_view("plot.js")}) {
    out += "<script>" + std::string(asset(library)) + "</script>\n";
  }
  for (const std::string_view script : scripts) out += "<script>\n" + std::string(asset(script)) + "</script>\n";
  return out + "</body>\n</html>\n";
}

}  // namespace lanewise::page
