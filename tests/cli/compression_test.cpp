// SPDX-License-Identifier: Apache-2.0
// Pruned and clustered weights as a person asks for them.
#include <gtest/gtest.h>

#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

Json shown(const Arguments& extra) {
  Arguments arguments{"network", "show", kMobileNet};
  arguments.insert(arguments.end(), extra.begin(), extra.end());
  return run_json(arguments);
}

std::vector<std::string> forms(const Json& network) {
  std::vector<std::string> all;
  for (const Json& op : network.at("operators")) all.push_back(op.at("weight_form"));
  return all;
}

TEST(Compression, a_what_if_counts_what_is_left) {
  const Json dense = shown({}), half = shown({"--prune", "2:4"}), share = shown({"--prune", "0.25", "--cluster", "16"});
  EXPECT_EQ(dense.at("total").at("weight_nonzeros"), dense.at("total").at("weight_elements"));
  std::int64_t spared = 0, pruned = 0, quarter = 0;
  for (std::size_t i = 0; i < dense.at("operators").size(); ++i) {
    const Json& op = half.at("operators").at(i);
    const std::int64_t elements = op.at("weight_elements");
    const bool is_pruned = op.at("weight_form") == "2:4 + 0.5";
    (is_pruned ? pruned : spared) += elements;
    EXPECT_EQ(share.at("operators").at(i).at("weight_form") == "0.25 + 16 clusters", is_pruned) << op.at("name");
    if (is_pruned) quarter += elements / 4;
    // What is spared is the first layer and depthwise ones.
    if (elements > 0 && !is_pruned) {
      EXPECT_TRUE(elements == 3 * 3 * 3 * 32 || op.at("detail").get<std::string>().find(" g") != std::string::npos)
          << op.at("name");
    }
  }
  EXPECT_EQ(half.at("total").at("weight_nonzeros"), spared + pruned / 2);
  EXPECT_EQ(share.at("total").at("weight_nonzeros"), spared + quarter);
  EXPECT_GT(pruned, 10 * spared);
}

TEST(Compression, forms_written_to_a_file_read_back_the_same) {
  const ScratchFolder folder;
  const std::string some = folder.write(
      "some.txt",
      "* density=0.9\n*classifier* structure=2:4,density=0.4,clusters=16  # the head\n*features.1/* density=1\n");
  for (const Arguments& how :
       {Arguments{}, Arguments{"--prune", "1:4", "--cluster", "300"}, Arguments{"--compression", some}}) {
    const std::string written = folder.file("written.txt"), again = folder.file("again.txt");
    Arguments first = how;
    first.insert(first.end(), {"--compression-out", written});
    const Json given = shown(first);
    const Json read = shown({"--compression", written, "--compression-out", again});
    EXPECT_EQ(forms(read), forms(given));
    EXPECT_EQ(read, given);
    EXPECT_EQ(text_of(again), text_of(written));
  }
}

TEST(Compression, a_file_may_give_precisions_too_and_exceptions_to_what_ifs) {
  const ScratchFolder folder;
  const std::string file = folder.write("file.txt", "*classifier* density=1,weights=int4\n");
  const Json plain = shown({}), given = shown({"--prune", "2:4", "--compression", file});
  EXPECT_EQ(plain.at("total").at("parameter_bytes").get<std::int64_t>() -
                given.at("total").at("parameter_bytes").get<std::int64_t>(),
            (1280 * 1000 + 1000) / 2);
  EXPECT_EQ(given.at("operators").back().at("weight_form"), "dense");
}

TEST(Compression, what_cannot_be_is_refused_in_one_line) {
  const ScratchFolder folder;
  const auto refused = [&](const std::string& text, const std::vector<std::string>& parts) {
    const std::string file = folder.write("wrong.txt", text);
    expect_refused({"network", "show", kMobileNet, "--compression", file}, 1, parts);
  };
  refused("nowhere density=0.5\n", {"wrong.txt:1: 'nowhere' is no operator of network 'mobilenet_v2'"});
  refused("* structure=2:4\n", {"wrong.txt:1: 2:4 needs input channels that are a multiple of 4"});
  refused("\n* structure=2:4,density=0.6\n", {"wrong.txt:2: density 0.6: 2:4 leaves 0.5 at most"});
  refused("* clusters=0\n", {"wrong.txt:1: 0 clusters: must be 2 to 65536"});
  refused("* sparsity=0.5\n", {"wrong.txt:1: 'sparsity=0.5': must be structure=N:M, density=D"});
  refused("* weights=int5\n", {"wrong.txt:1: ", "int5"});
  refused("* density=0.5\n* density=0.6\n", {"wrong.txt:2: '*' has a line already"});
  refused("* \n", {"wrong.txt:1: a line needs a layer"});
  refused("# nothing\n", {"wrong.txt: names no layer"});
  expect_refused({"network", "show", kMobileNet, "--prune", "half"}, 1, {"--prune: 'half': must be N:M"});
  expect_refused({"network", "show", kMobileNet, "--compression", "counted"}, 1,
                 {"mobilenet_v2.onnx: weights cannot be counted"});
  expect_refused({"network", "show", "--space", "fm28", "--compression", "counted"}, 1, {"no weights to count"});
}

TEST(Compression, a_network_of_a_space_is_compressed_as_one_of_a_file) {
  const Json network = run_json({"network", "show", "--space", "fm28", "--prune", "2:4"});
  EXPECT_LT(network.at("total").at("weight_nonzeros").get<std::int64_t>(),
            network.at("total").at("weight_elements").get<std::int64_t>());
}

TEST(Compression, engines_that_know_nothing_of_it_are_as_fast_as_before) {
  const Json dense = run_json({"simulate", kSqueezeNet, "--hw", kEngine});
  const Json pruned = run_json({"simulate", kSqueezeNet, "--hw", kEngine, "--prune", "2:4", "--cluster", "16"});
  EXPECT_EQ(pruned.at("total").at("latency_cycles"), dense.at("total").at("latency_cycles"));
}

TEST(Compression, answers_say_how_layers_run_and_what_their_weights_are_stored_in) {
  const Arguments sparse = {"simulate", kSqueezeNet, "--hw",  kEngine,
                            "--prune",  "2:4",       "--set", "sparsity.structured=2:4"};
  EXPECT_FALSE(run_json({"simulate", kSqueezeNet, "--hw", kEngine}).at("total").contains("weights"));
  const Json plain = run_json(sparse);
  const Json& run = plain.at("total").at("weights");
  EXPECT_EQ(run.at("stored_share"), 1) << "no decoder";
  std::map<std::string, int> modes;
  std::int64_t bytes = 0;
  for (const Json& subgraph : plain.at("subgraphs")) {
    if (!subgraph.contains("weights")) continue;
    EXPECT_EQ(subgraph.at("weights").at("form"), "2:4 + 0.5");
    ++modes[subgraph.at("weights").at("mode")];
    bytes += subgraph.at("weights").at("bytes").get<std::int64_t>();
  }
  EXPECT_EQ(Json(modes), run.at("modes"));
  EXPECT_EQ(run.at("subgraphs"), modes["structured"] + modes["dense"]);
  EXPECT_GT(modes["dense"], 0) << "16 channels fill no more than one block either way";
  EXPECT_GT(modes["structured"], modes["dense"]);
  EXPECT_EQ(run.at("bytes"), bytes);

  Arguments coded = sparse;
  coded.insert(coded.end(), {"--set", "compression.zeros=indices", "--set", "compression.weights_per_cycle=256"});
  // Of each four weights two, with two bits each that say which; biases are stored plain.
  const double share = run_json(coded).at("total").at("weights").at("stored_share").get<double>();
  EXPECT_GT(share, 0.625);
  EXPECT_LT(share, 0.64);
  const Finished text = lanewise::cli::testing::run(coded);
  EXPECT_NE(text.out.find("subgraphs with a form run"), std::string::npos) << text.out;

  const Json fire =
      run_json({"explain", kSqueezeNet, "--hw", kEngine, "--prune", "2:4", "--set", "sparsity.structured=2:4",
                "--layer", plain.at("subgraphs").at(8).at("name").get<std::string>()});
  EXPECT_EQ(fire.at("subgraph").at("weights"), plain.at("subgraphs").at(8).at("weights"));
}

}  // namespace
}  // namespace lanewise::cli::testing
