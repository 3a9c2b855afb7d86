// SPDX-License-Identifier: Apache-2.0
#include "explore/page.hpp"

#include <stdexcept>
#include <string_view>
#include <vector>

#include "core/base/embedded.hpp"
#include "page/assets.hpp"

namespace lanewise {

const std::vector<EmbeddedFile>& embedded_explore_assets();

namespace explore {
namespace {

std::string_view own_asset(std::string_view name) {
  for (const EmbeddedFile& file : embedded_explore_assets()) {
    if (file.name == name) return file.bytes;
  }
  throw std::out_of_range("no asset of explore '" + std::string(name) + "'");
}

}  // namespace

std::string page_policy(const std::string& nonce) {
  // Plot writes its own style into each drawing, which is why styles within the document are allowed.
  return "default-src 'none'; script-src 'nonce-" + nonce +
         "'; style-src 'unsafe-inline'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
         "frame-ancestors 'none'";
}

std::string page_html(const std::string& nonce) {
  std::string out = "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  out += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Lanewise explore</title>\n";
  out += "<link rel=\"icon\" href=\"data:,\">\n<style>\n";
  out += std::string(own_asset("explore.css")) + "</style>\n</head>\n<body>\n" + std::string(own_asset("explore.html"));
  const auto add_script = [&](std::string_view script) {
    out += "<script nonce=\"" + nonce + "\">\n" + std::string(script) + "</script>\n";
  };
  for (const char* library : {"d3.js", "plot.js"}) add_script(page::asset(library));
  for (const char* script : {"format.js", "server.js", "dials.js", "charts.js", "basket.js", "explore.js"}) {
    add_script(own_asset(script));
  }
  return out + "</body>\n</html>\n";
}

}  // namespace explore
}  // namespace lanewise
