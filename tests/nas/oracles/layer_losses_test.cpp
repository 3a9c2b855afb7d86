// SPDX-License-Identifier: Apache-2.0
#include "nas/oracles/layer_losses.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "core/base/error.hpp"
#include "core/network/import.hpp"

namespace lanewise::nas {
namespace {

namespace fs = std::filesystem;

class LossFile : public testing::Test {
 protected:
  void TearDown() override { fs::remove(path_); }
  LayerLosses read(const std::string& text) {
    std::ofstream(path_) << text;
    return LayerLosses(path_);
  }
  std::string path_ =
      (fs::temp_directory_path() /
       (std::string("lanewise_losses_") + testing::UnitTest::GetInstance()->current_test_info()->name() + ".csv"))
          .string();
};

network::LayerNumbers numbers(const char* text) { return network::parse_layer_numbers(text); }

TEST_F(LossFile, takes_the_loss_of_the_network_off_and_adds_up_what_has_no_row) {
  const LayerLosses losses = read(
      "layer,form,loss\n*,dense,1\na,int8,1.125\na,int4,1.5\na,2:4,1.25\na,16 clusters,0.5\na,2:4 + int4,1.5625\n");
  EXPECT_EQ(losses.of("a", numbers("int4")), 0.5);
  EXPECT_EQ(losses.of("a", numbers("16 clusters")), 0);  // better by chance
  EXPECT_EQ(losses.of("a", numbers("2:4 + 16 clusters")), 0.25);
  EXPECT_EQ(losses.of("a", numbers("2:4 + int4")), 0.5625);  // a row of its own
  EXPECT_EQ(losses.of("a", numbers("2:4 + int8")), 0.375);
  EXPECT_EQ(losses.of("a", numbers("weights=int4")), 0.5);
  EXPECT_EQ(losses.of("a", numbers("weights=int4,activations=int8")), 0.625);
  EXPECT_EQ(losses.of("a", network::LayerNumbers{}), 0);
  EXPECT_FALSE(losses.of("a", numbers("0.5")));
  EXPECT_FALSE(losses.of("b", numbers("int4")));
  EXPECT_EQ(read("form,layer,loss\nint4,a,0.25\n").of("a", numbers("int4")), 0.25);
}

TEST_F(LossFile, refuses_what_it_cannot_mean) {
  for (const auto& [text, rule] : std::vector<std::pair<const char*, const char*>>{
           {"layer,loss\na,1\n", "form"},
           {"layer,form,loss\na,int5,1\n", ":2: column 'form'"},
           {"layer,form,loss\na,dense,1\n", ":2: column 'form'"},
           {"layer,form,loss\na,int4,much\n", ":2:"},
           {"layer,form,loss\na,int4,1e300\n", "must be from"},
           {"layer,form,loss\na,int4,1\na,int4,2\n", "has a row of 'int4' already"},
           {"layer,form,loss\n*,int4,1\na,int4,2\n", "must be 'dense'"},
           {"layer,form,loss\n*,dense,1\n", "no row of a layer"},
           {"layer,form,loss\n,int4,1\n", "must hold the name of a layer"}}) {
    try {
      read(text);
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find(rule), std::string::npos) << error.what();
      EXPECT_NE(std::string(error.what()).find(path_), std::string::npos) << error.what();
    }
  }
}

TEST_F(LossFile, an_oracle_adds_up_the_losses_of_a_networks_layers) {
  network::ImportOptions options;
  options.compression.layers = {{"*features.18*", network::parse_structure("2:4"), "test"},
                                {"*classifier*", {0, 0, 0.5, 16}, "test"}};
  options.layers = {{"*classifier*", {Precision::kInt4, std::nullopt}, "test"}};
  const network::Graph graph = network::import_network(LANEWISE_SOURCE_DIR "/models/mobilenet_v2.onnx", options);
  std::string wide, last;
  for (const network::Operator& op : graph.operators()) {
    if (network::has_form(op) && op.name.find("features.18") != std::string::npos) wide = op.name;
    if (network::has_form(op) && op.name.find("classifier") != std::string::npos) last = op.name;
  }
  const auto ask = [&](const std::string& rows) {
    read("layer,form,loss\n" + rows);
    AccuracySettings settings;
    settings.oracle = "losses";
    settings.texts["losses"] = path_;
    const auto oracle = make_accuracy_oracle(settings, {}, {});
    EXPECT_TRUE(oracle->measures());
    EXPECT_FALSE(oracle->higher_is_better());
    AccuracyQuery query;
    query.encoding = "x";
    query.graph = &graph;
    return oracle->measure({query}).front();
  };
  const std::string known = wide + ",2:4,0.5\n" + last + ",0.5,0.25\n" + last + ",16 clusters,0.125\n";
  EXPECT_EQ(ask(known + last + ",int4,1\n").failure.substr(0, path_.size()), path_);  // activations in int8: no row
  const AccuracyAnswer all = ask(known + last + ",weights=int4,1\n" + last + ",int8,2\n" + wide + ",int8,4\n");
  EXPECT_EQ(all.failure, "");
  EXPECT_EQ(all.score, 0.5 + 0.25 + 0.125 + 1 + 2 + 4);
  EXPECT_NE(ask(wide + ",2:4,0.5\n").failure.find(last), std::string::npos);
}

}  // namespace
}  // namespace lanewise::nas
