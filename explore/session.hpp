// SPDX-License-Identifier: Apache-2.0
// What the page may ask for, without anything of HTTP: a path and a body in, a status and a body out.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "explore/answers.hpp"
#include "explore/basket.hpp"
#include "explore/design_space.hpp"
#include "explore/subject.hpp"
#include "study/evaluation/measurement_source.hpp"

namespace lanewise::explore {

struct Reply {
  int status = 200;
  std::string type = "application/json";
  std::string body;
  std::string file_name;  // of a download; "": none
};

// A status with {"error": "lanewise: error: …"}.
Reply error_reply(int status, const std::string& message);

// May be asked by several threads at once.
class Session {
 public:
  // The subject must outlive it. `folder` is where a basket may be saved; "": nowhere. Throws Error as Answers and
  // Basket do.
  Session(const Subject& subject, std::unique_ptr<study::MeasurementSource> simulator, std::string folder);

  // What only looks: "/api/state", "/api/basket", "/api/progress", "/api/file" (of the fields `design`, a number of the
  // basket, and `kind`: engine, network; or kind=table). 404 for any other path, 400 with an error in one line.
  Reply get(const std::string& path, const std::map<std::string, std::string>& fields);
  // What works or changes something; `body` is a JSON object. "/api/estimate", "/api/along", "/api/simulate",
  // "/api/cancel", "/api/limits", "/api/basket/add", "/api/basket/remove", "/api/basket/save". 409 where another
  // simulation is under way.
  Reply post(const std::string& path, const std::string& body);
  // Gives up the simulation under way, for good.
  void close() { answers_.simulations().cancel(); }

 private:
  std::string state() const;
  std::string basket() const;
  std::string basket_table() const;
  std::string estimate(const std::string& body) const;
  std::string along(const std::string& body) const;
  std::string simulate(const std::string& body);
  std::string set_limits(const std::string& body);
  std::string add_to_basket(const std::string& body);
  std::string remove_from_basket(const std::string& body);
  std::string save_basket(const std::string& body) const;
  Reply file(const std::map<std::string, std::string>& fields) const;

  const Subject& subject_;
  DesignSpace designs_;
  Answers answers_;
  Basket basket_;
};

}  // namespace lanewise::explore
