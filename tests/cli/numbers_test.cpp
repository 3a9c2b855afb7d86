// SPDX-License-Identifier: Apache-2.0
// Forms and precisions of layers as genes and as advice, as a person asks for them.
#include "tests/cli/codesign_jobs.hpp"

namespace lanewise::cli::testing {
namespace {

// An engine that gains by all of them.
const std::string kFourBits = "hwconfigs/ne-1024.yaml";
const Arguments kSparse = {"--set", "sparsity.structured=2:4", "--set", "compression.zeros=bitmask",
                           "--set", "compression.palette=true"};

Arguments on_engine(Arguments arguments) {
  arguments.insert(arguments.end(), {"--hw", kFourBits});
  arguments.insert(arguments.end(), kSparse.begin(), kSparse.end());
  return arguments;
}

TEST(Numbers, an_encoding_of_a_space_shows_the_forms_that_it_says) {
  const Json plain = run_json({"network", "show", kMobileNet});
  const Json shown = run_json({"network", "show", kMobileNet, "--space", "numbers", "--encoding",
                               "default~all.prune.stage3=2:4~all.weights.rest=int4"});
  std::int64_t pruned = 0;
  for (const Json& op : shown.at("operators")) pruned += op.at("weight_form") == "2:4 + 0.5" ? 1 : 0;
  EXPECT_GT(pruned, 3);
  EXPECT_LT(shown.at("total").at("parameter_bytes"), plain.at("total").at("parameter_bytes"));
  const Json genes = run_json({"space", "show", "numbers", kMobileNet});
  EXPECT_EQ(genes.at("genes").at(0).at("values"), (Json{"as_is", "2:4", "0.5"}));
}

TEST(Numbers, the_files_of_a_searchs_finalists_are_its_networks) {
  const ScratchFolder folder;
  Arguments arguments = codesign(folder.file("out"), {"--json", "--space", "numbers"});
  std::replace(arguments.begin(), arguments.end(), kEngine, kFourBits);
  arguments.insert(arguments.end(), kSparse.begin(), kSparse.end());
  const Finished finished = run(arguments);
  ASSERT_EQ(finished.status, 0) << finished.err;
  EXPECT_NE(finished.err.find("warning: space 'numbers': nothing says what accuracy"), std::string::npos)
      << finished.err;
  const Json result = Json::parse(finished.out);
  ASSERT_FALSE(result.at("finalists").empty());
  bool changed = false;
  for (const Json& finalist : result.at("finalists")) {
    const auto file = [&](const char* key) { return folder.file("out/" + finalist.at(key).get<std::string>()); };
    changed = changed || !finalist.at("genes").empty();
    const Json total = run_json({"simulate", file("network_file"), "--hw", file("engine_file"), "--compression",
                                 file("forms_file"), "--layer-precision", file("precisions_file")})
                           .at("total");
    EXPECT_EQ(total.at("latency_cycles"), finalist.at("simulated").at("latency_cycles"));
    EXPECT_EQ(total.at("parameter_bytes"), finalist.at("simulated").at("parameter_bytes"));
  }
  EXPECT_TRUE(changed);
}

// A row of each form for each layer that is pruned as a rule, with losses that differ from layer to layer.
std::string losses_of(const Json& network) {
  std::string text = "layer,form,loss\n*,dense,0.5\n";
  int n = 0;
  for (const Json& op : network.at("operators")) {
    if (op.at("weight_elements") == 0) continue;
    ++n;
    for (const auto& [form, loss] :
         std::vector<std::pair<const char*, double>>{{"int8", 0.5},
                                                     {"int4", 0.5 + 0.004 * (n % 7 + 1)},
                                                     {"2:4", 0.5 + 0.003 * (n % 5 + 1)},
                                                     {"16 clusters", 0.5 + 0.001 * (n % 3)}}) {
      // The network's own numbers take no structure of four in its first layer, so that there is no such row.
      if (n > 1) text += op.at("name").get<std::string>() + "," + form + "," + std::to_string(loss) + "\n";
    }
  }
  return text;
}

TEST(Numbers, advice_writes_the_plan_that_it_simulated) {
  const ScratchFolder folder;
  const std::string losses = folder.write("losses.csv", losses_of(run_json({"network", "show", kSqueezeNet})));
  const std::string precisions = folder.file("precisions.txt"), forms = folder.file("forms.txt");
  const Json advice =
      run_json(on_engine({"advise", kSqueezeNet, "--precision-moves", "--compression-moves", "--sensitivity", losses,
                          "--max-loss", "0.05", "--precision-out", precisions, "--compression-out", forms}));
  const Json& plan = advice.at("plan");
  EXPECT_LE(plan.at("loss"), 0.05);
  EXPECT_GT(plan.at("layers"), 3);
  const double given = advice.at("given").at("latency_cycles"), planned = plan.at("simulated").at("latency_cycles");
  EXPECT_LT(planned, given);
  double loss = 0, saved = 0;
  std::int64_t taken = 0;
  for (const Json& move : advice.at("moves")) {
    if (!move.at("taken")) continue;
    ++taken;
    loss += move.at("loss").get<double>();
    saved += move.at("saved").get<double>();
  }
  EXPECT_EQ(taken, plan.at("layers"));
  EXPECT_NEAR(loss, plan.at("loss"), 1e-9);
  EXPECT_NEAR(saved, plan.at("saved_by_themselves"), 1e-9);
  const Json total =
      run_json(on_engine({"simulate", kSqueezeNet, "--compression", forms, "--layer-precision", precisions}))
          .at("total");
  EXPECT_EQ(total.at("latency_cycles"), plan.at("simulated").at("latency_cycles"));
  // More loss never saves less.
  const Json more = run_json(on_engine({"advise", kSqueezeNet, "--precision-moves", "--compression-moves",
                                        "--sensitivity", losses, "--max-loss", "0.1"}));
  EXPECT_GE(more.at("plan").at("saved_by_themselves"), plan.at("saved_by_themselves"));
}

TEST(Numbers, without_losses_moves_are_ranked_and_their_accuracy_is_unknown) {
  const Finished finished = run(on_engine({"advise", kSqueezeNet, "--compression-moves", "--top", "3"}));
  ASSERT_EQ(finished.status, 0) << finished.err;
  EXPECT_NE(finished.out.find("accuracy lost: unknown"), std::string::npos) << finished.out;
  EXPECT_NE(finished.out.find("No plan"), std::string::npos) << finished.out;
  const Json advice = run_json(on_engine({"advise", kSqueezeNet, "--compression-moves"}));
  EXPECT_TRUE(advice.at("plan").is_null());
  double before = 1e9;
  for (const Json& move : advice.at("moves")) {
    EXPECT_TRUE(move.at("loss").is_null());
    EXPECT_LE(move.at("saved"), before);
    before = move.at("saved");
  }
}

TEST(Numbers, what_does_not_go_together_is_refused_in_one_line) {
  const ScratchFolder folder;
  const std::string losses = folder.write("losses.csv", "layer,form,loss\nnowhere,int4,0.1\n");
  const auto refused = [&](const Arguments& more, const std::string& words) {
    Arguments arguments = {"advise", kSqueezeNet, "--hw", kEngine};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Finished finished = run(arguments);
    EXPECT_NE(finished.status, 0);
    EXPECT_NE(finished.err.find(words), std::string::npos) << finished.err;
    EXPECT_EQ(std::count(finished.err.begin(), finished.err.end(), '\n'), 1) << finished.err;
  };
  refused({"--sensitivity", losses, "--max-loss", "1"}, "goes with --precision-moves or --compression-moves");
  refused({"--precision-moves", "--sensitivity", losses}, "go together");
  refused({"--precision-moves", "--precision-out", folder.file("p")}, "nobody knows");
  refused({"--precision-moves", "--out", folder.file("m.yaml")}, "--precision-out");
  refused({"--precision-moves", "--sensitivity", losses, "--max-loss", "1"}, "'nowhere' is no convolution");
  EXPECT_FALSE(std::filesystem::exists(folder.file("p")));
}

}  // namespace
}  // namespace lanewise::cli::testing
