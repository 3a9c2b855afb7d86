// SPDX-License-Identifier: Apache-2.0
// Searches: the whole of one, or an algorithm that asks and is told by a loop of one's own.
#include "nas/search.hpp"

#include <fmt/format.h>

#include "core/base/error.hpp"
#include "nas/algorithms/archive.hpp"
#include "nas/metric.hpp"
#include "python/bindings/problem.hpp"

namespace lanewise::python {
namespace {

using ProblemPointer = std::shared_ptr<DesignQuestions>;

// Designs of a space without anything that says what they are worth: somebody else does.
class OpenProblem : public nas::Problem {
 public:
  explicit OpenProblem(SpacePointer space) : space_(std::move(space)) {}
  const std::vector<nas::Gene>& genes() const override { return space_->space->genes(); }
  nas::Genotype canonical(const nas::Genotype& genotype) const override { return space_->space->canonical(genotype); }
  std::vector<nas::Evaluation> evaluate(const std::vector<nas::Genotype>&) override {
    throw InternalError("a search by ask and tell evaluates nothing itself");
  }

 private:
  SpacePointer space_;
};

struct AskTell {
  SpacePointer space;
  ProblemPointer problem;             // null where somebody else evaluates
  std::unique_ptr<OpenProblem> open;  // null where there is a problem
  std::unique_ptr<nas::Algorithm> algorithm;
  InUse in_use;
};

std::unique_ptr<AskTell> start(const SpacePointer& space, const ProblemPointer& problem, const std::string& algorithm,
                               const nas::SearchOptions& options, const std::vector<std::string>& seeds) {
  auto made = std::make_unique<AskTell>();
  made->space = space;
  made->problem = problem;
  if (problem == nullptr) made->open = std::make_unique<OpenProblem>(space);
  const nas::Problem& asked = problem != nullptr ? static_cast<const nas::Problem&>(problem->problem()) : *made->open;
  made->algorithm = nas::make_algorithm(algorithm, asked, options, space->decode(seeds));
  return made;
}

std::vector<std::string> ask(AskTell& search) {
  const InUse::Guard guard(search.in_use, "this Search");
  std::vector<std::string> encodings;
  for (const nas::Genotype& genotype : search.algorithm->ask()) {
    encodings.push_back(search.space->space->encode(genotype));
  }
  return encodings;
}

void tell(AskTell& search, const std::vector<std::string>& encodings,
          const std::vector<std::vector<double>>& objectives, const std::vector<double>& violations) {
  const InUse::Guard guard(search.in_use, "this Search");
  if (objectives.size() != encodings.size() || violations.size() != encodings.size()) {
    throw Error(
        fmt::format("tell: {} encodings, {} rows of objectives and {} violations: there must be one of each "
                    "for every encoding",
                    encodings.size(), objectives.size(), violations.size()));
  }
  std::vector<nas::Evaluation> evaluations;
  for (std::size_t i = 0; i < encodings.size(); ++i) {
    if (objectives[i].empty() || objectives[i].size() != objectives.front().size()) {
      throw Error("tell: every encoding needs the same number of objectives, one or more");
    }
    for (const double value : objectives[i]) {
      if (std::isnan(value)) throw Error(fmt::format("tell: {}: an objective is NaN", encodings[i]));
    }
    if (!(violations[i] >= 0)) throw Error(fmt::format("tell: {}: a violation must be 0 or above", encodings[i]));
    evaluations.push_back({objectives[i], violations[i]});
  }
  search.algorithm->tell(search.space->decode(encodings), evaluations);
}

// One tuple per individual: encoding, objectives, violation.
py::list rows_of(const SpaceHandle& space, const std::vector<nas::Individual>& individuals) {
  py::list rows;
  for (const nas::Individual& individual : individuals) {
    rows.append(py::make_tuple(space.space->encode(individual.genotype), individual.evaluation.objectives,
                               individual.evaluation.violation));
  }
  return rows;
}

struct Run {
  nas::SearchResult result;
  std::vector<nas::Individual> history;
};

Run run(DesignQuestions& questions, const std::string& name, const nas::SearchOptions& options,
        const nas::SearchBudget& budget, const std::vector<std::string>& seeds, const Progress& progress) {
  const InUse::Guard guard(questions.in_use(), "this Problem");
  Run made;
  const auto algorithm = nas::make_algorithm(name, questions.problem(), options, questions.space().decode(seeds));
  nas::SearchHooks hooks;
  hooks.after_batch = [&](const nas::SearchBatch& batch) {
    made.history.insert(made.history.end(), batch.individuals.begin(), batch.individuals.end());
    progress(fmt::format("searching: {} on the front", batch.point.front), batch.point.evaluations, budget.evaluations);
  };
  made.result = nas::search(questions.problem(), *algorithm, budget, {}, hooks);
  return made;
}

py::tuple evaluate(DesignQuestions& questions, const std::vector<std::string>& encodings) {
  const std::vector<nas::Evaluation> evaluations = without_gil([&] {
    const InUse::Guard guard(questions.in_use(), "this Problem");
    return questions.problem().evaluate(questions.space().decode(encodings));
  });
  const std::size_t width = questions.objectives().metrics.size();
  std::vector<double> objectives, violations;
  for (const nas::Evaluation& evaluation : evaluations) {
    objectives.insert(objectives.end(), evaluation.objectives.begin(), evaluation.objectives.end());
    violations.push_back(evaluation.violation);
  }
  return py::make_tuple(py::array_t<double>({encodings.size(), width}, objectives.data()),
                        py::array_t<double>(static_cast<py::ssize_t>(violations.size()), violations.data()));
}

// One dict per encoding: every metric but accuracy, and why there is no such design.
py::list price(DesignQuestions& questions, const std::vector<std::string>& encodings) {
  const std::vector<nas::PricedDesign> designs = without_gil([&] {
    const InUse::Guard guard(questions.in_use(), "this Problem");
    return questions.price(questions.space().decode(encodings));
  });
  py::list rows;
  for (std::size_t i = 0; i < designs.size(); ++i) {
    py::dict row;
    row["encoding"] = encodings[i];
    for (const nas::MetricTraits& traits : nas::metrics()) {
      if (traits.metric != nas::Metric::kAccuracy) row[traits.name] = designs[i].metrics[traits.metric];
    }
    row["failure"] = designs[i].failure;
    rows.append(row);
  }
  return rows;
}

nas::SearchOptions options_of(std::uint64_t seed, int population, int batch) {
  nas::SearchOptions options;
  options.seed = seed;
  options.population = population;
  options.batch = batch;
  return options;
}

}  // namespace

void bind_search(py::module_& module) {
  py::class_<DesignQuestions, ProblemPointer>(module, "Problem", "What designs of a space are worth.")
      .def(py::init([](std::shared_ptr<SpaceHandle> space, std::string objectives, std::vector<std::string> limits,
                       const EstimatorHandle* estimator, int jobs, py::object accuracy, bool higher_is_better) {
             ProblemQuestion question;
             question.objectives = std::move(objectives);
             question.limits = std::move(limits);
             if (estimator != nullptr) question.estimator = *estimator;
             question.jobs = jobs;
             question.accuracy = std::move(accuracy);
             question.higher_is_better = higher_is_better;
             return without_gil([&] { return std::make_shared<DesignQuestions>(space, question); });
           }),
           py::arg("space"), py::arg("objectives"), py::arg("limits"), py::arg("estimator"), py::arg("jobs"),
           py::arg("accuracy"), py::arg("higher_is_better"))
      .def_property_readonly("objectives",
                             [](const DesignQuestions& questions) {
                               std::vector<std::string> names;
                               for (const nas::Metric metric : questions.objectives().metrics) {
                                 names.emplace_back(nas::traits_of(metric).name);
                               }
                               return names;
                             })
      .def_property_readonly("maximised",
                             [](const DesignQuestions& questions) {
                               std::vector<std::string> names;
                               for (const nas::Metric metric : questions.objectives().maximised) {
                                 names.emplace_back(nas::traits_of(metric).name);
                               }
                               return names;
                             })
      .def_property_readonly("limits",
                             [](const DesignQuestions& questions) {
                               std::vector<std::string> texts;
                               for (const nas::Limit& limit : questions.limits()) texts.push_back(limit.text);
                               return texts;
                             })
      .def("evaluate", &evaluate, py::arg("encodings"), "Objectives [designs, objectives] and violations [designs].")
      .def("price", &price, py::arg("encodings"), "One dict per design.");

  py::class_<AskTell>(module, "Search", "A search algorithm that asks and is told.")
      .def(py::init([](std::shared_ptr<SpaceHandle> space, ProblemPointer problem, const std::string& algorithm,
                       std::uint64_t seed, int population, int batch, const std::vector<std::string>& seeds) {
             return without_gil(
                 [&] { return start(space, problem, algorithm, options_of(seed, population, batch), seeds); });
           }),
           py::arg("space"), py::arg("problem"), py::arg("algorithm"), py::arg("seed"), py::arg("population"),
           py::arg("batch"), py::arg("seeds"))
      .def("ask", [](AskTell& search) { return without_gil([&] { return ask(search); }); })
      .def(
          "tell",
          [](AskTell& search, const std::vector<std::string>& encodings,
             const std::vector<std::vector<double>>& objectives, const std::vector<double>& violations) {
            without_gil([&] { tell(search, encodings, objectives, violations); });
          },
          py::arg("encodings"), py::arg("objectives"), py::arg("violations"))
      .def("__len__", [](const AskTell& search) { return search.algorithm->told().size(); })
      .def("told", [](const AskTell& search) { return rows_of(*search.space, search.algorithm->told()); })
      .def("front",
           [](const AskTell& search) { return rows_of(*search.space, nas::front_of(search.algorithm->told())); })
      .def("save", [](const AskTell& search) { return search.algorithm->save(); })
      .def(
          "load", [](AskTell& search, const std::string& state) { search.algorithm->load(state); }, py::arg("state"));

  module.def(
      "search",
      [](const ProblemPointer& problem, const std::string& algorithm, std::uint64_t seed, int population, int batch,
         const std::vector<std::string>& seeds, std::int64_t evaluations, double seconds, int patience,
         const py::object& callback) {
        const Progress progress = progress_of(callback);
        nas::SearchBudget budget;
        budget.evaluations = evaluations;
        budget.seconds = seconds;
        budget.no_gain_batches = patience;
        const Run made = without_gil(
            [&] { return run(*problem, algorithm, options_of(seed, population, batch), budget, seeds, progress); });
        py::dict out;
        out["history"] = rows_of(problem->space(), made.history);
        out["front"] = rows_of(problem->space(), made.result.front);
        out["least_violating"] = rows_of(problem->space(), made.result.least_violating);
        out["evaluations"] = made.result.evaluations;
        out["reference"] = made.result.reference;
        out["end"] = nas::to_string(made.result.end);
        py::list curve;
        for (const nas::CurvePoint& point : made.result.curve) {
          curve.append(py::make_tuple(point.evaluations, point.hypervolume, point.front));
        }
        out["curve"] = curve;
        return out;
      },
      py::arg("problem"), py::arg("algorithm"), py::arg("seed"), py::arg("population"), py::arg("batch"),
      py::arg("seeds"), py::arg("evaluations"), py::arg("seconds"), py::arg("patience"), py::arg("progress"));
  module.def("algorithms", [] {
    std::vector<std::pair<std::string, std::string>> all;
    for (const nas::AlgorithmKind& kind : nas::algorithms()) all.emplace_back(kind.name, kind.description);
    return all;
  });
  module.def("metrics", [] {
    std::vector<std::pair<std::string, std::string>> all;
    for (const nas::MetricTraits& traits : nas::metrics()) all.emplace_back(traits.name, traits.meaning);
    return all;
  });
}

}  // namespace lanewise::python
