// SPDX-License-Identifier: Apache-2.0
// From the entries of a space file to the settings of its own networks.
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>

#include "core/base/error.hpp"
#include "core/engine/suggestion.hpp"
#include "core/network/precisions.hpp"
#include "nas/space/block_settings.hpp"
#include "nas/space/encoding_template.hpp"
#include "nas/space/entry_values.hpp"
#include "nas/space/gene_text.hpp"
#include "nas/space/setting_reader.hpp"

namespace lanewise::nas {
namespace {

using engine::RawConfig;
using engine::RawEntry;
using Kind = PropertyRule::Kind;

constexpr const char* kNetwork = "network";
constexpr double kMostChannels = 65536, kLargestSide = 16384;

const PropertyRule kActivationRule{
    "activation", Kind::kWord, 0, 0, {"relu", "relu6", "hard_swish", "silu", "gelu", "sigmoid", "tanh", "none"}};
const PropertyRule kPaddingRule{"padding", Kind::kWord, 0, 0, {"same", "causal", "valid"}};

// A property of a section: its rule, what it is where the file says nothing (nullptr: it must), where it goes.
template <class Owner>
struct Property {
  PropertyRule rule;
  const char* fallback;
  Setting Owner::*member;
};

const std::vector<Property<BlockSettings>>& input_properties() {
  static const std::vector<Property<BlockSettings>> all = {
      {{"batch", Kind::kWhole, 1, 4096, {}}, "1", &BlockSettings::batch},
      {{"channels", Kind::kWhole, 1, kMostChannels, {}}, nullptr, &BlockSettings::input_channels},
      {{"height", Kind::kWhole, 1, kLargestSide, {}}, nullptr, &BlockSettings::height},
      {{"width", Kind::kWhole, 1, kLargestSide, {}}, nullptr, &BlockSettings::width},
  };
  return all;
}

const std::vector<Property<BlockSettings>>& network_properties() {
  static const std::vector<Property<BlockSettings>> all = {
      {kActivationRule, "relu", &BlockSettings::activation},
      {{"depth_multiplier", Kind::kNumber, 0.05, 8, {}}, "1", &BlockSettings::depth_multiplier},
      {{"repeat_multiplier", Kind::kNumber, 0.05, 8, {}}, "1", &BlockSettings::repeat_multiplier},
      {{"channel_multiple", Kind::kWhole, 1, 4096, {}}, "1", &BlockSettings::channel_multiple},
  };
  return all;
}

const std::vector<Property<BlockSettings>>& stem_properties() {
  static const std::vector<Property<BlockSettings>> all = {
      {{"channels", Kind::kWhole, 0, kMostChannels, {}}, nullptr, &BlockSettings::stem_channels},
      {{"kernel", Kind::kPair, 1, 255, {}}, "3", &BlockSettings::stem_kernel},
      {{"stride", Kind::kPair, 1, 16, {}}, "2", &BlockSettings::stem_stride},
      {kActivationRule, "", &BlockSettings::stem_activation},
      {kPaddingRule, "same", &BlockSettings::stem_padding},
  };
  return all;
}

const std::vector<Property<StageSettings>>& stage_properties() {
  static const std::vector<Property<StageSettings>> all = {
      {{"type",
        Kind::kWord,
        0,
        0,
        {"ibn", "fused_ibn", "grouped_ibn", "convolution", "depthwise_separable", "tucker", "identity"}},
       nullptr,
       &StageSettings::type},
      {{"kernel", Kind::kPair, 1, 255, {}}, "3", &StageSettings::kernel},
      {{"expansion", Kind::kNumber, 0.1, 32, {}}, "6", &StageSettings::expansion},
      {{"channels", Kind::kWhole, 1, kMostChannels, {}}, nullptr, &StageSettings::channels},
      {{"repeats", Kind::kWhole, 0, 64, {}}, "1", &StageSettings::repeats},
      {{"stride", Kind::kPair, 1, 16, {}}, "1", &StageSettings::stride},
      {{"dilation", Kind::kPair, 1, 64, {}}, "1", &StageSettings::dilation},
      {{"groups", Kind::kWhole, 1, kMostChannels, {}}, "1", &StageSettings::groups},
      {{"squeeze_excite", Kind::kNumber, 0, 1, {}}, "0", &StageSettings::squeeze_excite},
      {kActivationRule, "", &StageSettings::activation},
      {{"residual", Kind::kWord, 0, 0, {"auto", "where_equal", "none"}}, "auto", &StageSettings::residual},
      {kPaddingRule, "same", &StageSettings::padding},
      {{"depth_multiplier", Kind::kNumber, 0.05, 8, {}}, "1", &StageSettings::depth_multiplier},
      {{"input_ratio", Kind::kNumber, 0.01, 8, {}}, "0.25", &StageSettings::input_ratio},
      {{"output_ratio", Kind::kNumber, 0.01, 8, {}}, "0.75", &StageSettings::output_ratio},
  };
  return all;
}

const std::vector<Property<HeadSettings>>& head_properties() {
  static const std::vector<Property<HeadSettings>> all = {
      {{"type", Kind::kWord, 0, 0, {"classification", "detection", "lraspp", "deeplab", "none", "anchor_free"}},
       nullptr,
       &HeadSettings::type},
      {{"channels", Kind::kWhole, 0, kMostChannels, {}}, "0", &HeadSettings::channels},
      {{"hidden", Kind::kWhole, 0, kMostChannels, {}}, "0", &HeadSettings::hidden},
      {{"classes", Kind::kWhole, 1, kMostChannels, {}}, "1000", &HeadSettings::classes},
      {kActivationRule, "", &HeadSettings::activation},
      {{"boxes", Kind::kWhole, 1, 64, {}}, "6", &HeadSettings::boxes},
      {{"layers", Kind::kWhole, 0, 16, {}}, "2", &HeadSettings::layers},
      {{"output_height", Kind::kWhole, 0, kLargestSide, {}}, "0", &HeadSettings::output_height},
      {{"output_width", Kind::kWhole, 0, kLargestSide, {}}, "0", &HeadSettings::output_width},
  };
  return all;
}

template <class Owner>
std::vector<std::string> names_of(const std::vector<Property<Owner>>& properties, std::vector<std::string> more) {
  std::vector<std::string> names;
  for (const Property<Owner>& property : properties) names.emplace_back(property.rule.name);
  names.insert(names.end(), more.begin(), more.end());
  return names;
}

class BlockReader {
 public:
  explicit BlockReader(const RawConfig& raw) : raw_(raw), reader_(raw, out_.genes, out_.engine_keys) {
    std::vector<const RawEntry*> leaves;
    for (const RawEntry& entry : raw.entries) {
      if (entry.key.rfind(std::string(kNetwork) + ".", 0) == 0) leaves.push_back(&entry);
    }
    root_ = branch_of(kNetwork, kNetwork, leaves);
    out_.path = raw.path;
  }

  BlockSettings run() {
    reader_.require_known(root_, names_of(network_properties(), {"input", "precision", "normalization", "genes", "stem",
                                                                 "stages", "head", "encoding"}));
    read_words();
    if (const Branch* genes = section("genes")) {
      for (const Branch& gene : genes->children) reader_.shared_gene(gene);
    }
    read(root_, network_properties(), out_, "", nullptr);
    read(required("input"), input_properties(), out_, "input.", nullptr);
    read_stem();
    read_stages();
    read_head();
    read_encoding();
    return std::move(out_);
  }

 private:
  [[noreturn]] void fail(const RawEntry& entry, const std::string& what) const {
    throw Error(raw_.place(entry) + what);
  }
  const Branch* section(const char* name) const {
    const Branch* const found = root_.child(name);
    if (found != nullptr && found->entry != nullptr) fail(*found->entry, "must be a map");
    return found;
  }
  const Branch& required(const char* name) const {
    const Branch* const found = section(name);
    if (found == nullptr) throw Error(fmt::format("{}: key '{}.{}': missing", raw_.path, kNetwork, name));
    return *found;
  }
  static const RawEntry& value(const Branch& branch) { return *branch.entry; }

  // Properties whose fallback is "" take `activation`.
  template <class Owner>
  void read(const Branch& branch, const std::vector<Property<Owner>>& properties, Owner& owner,
            const std::string& prefix, const Setting* activation) {
    for (const Property<Owner>& property : properties) {
      const Branch* const child = branch.child(property.rule.name);
      const std::string name = prefix + property.rule.name;
      Setting& setting = owner.*property.member;
      if (child != nullptr) {
        setting = reader_.setting(*child, property.rule, name);
      } else if (property.fallback == nullptr) {
        throw Error(
            fmt::format("{}:{}: key '{}.{}': missing", raw_.path, branch.first().line, branch.key, property.rule.name));
      } else if (property.fallback[0] == '\0') {
        setting = *activation;
      } else {
        setting = SettingReader::fixed(property.rule, property.fallback);
      }
      named_.emplace(name, setting);
    }
  }

  void read_words() {
    if (const Branch* precision = root_.child("precision")) {
      if (precision->entry == nullptr) fail(precision->first(), "must be a single value");
      out_.precision =
          engine::placed(raw_, value(*precision), [&] { return parse_precision(single(raw_, value(*precision))); });
    }
    if (const Branch* normalization = root_.child("normalization")) {
      if (normalization->entry == nullptr) fail(normalization->first(), "must be a single value");
      out_.normalization = static_cast<NormalizationRule>(choice(raw_, value(*normalization), {"batch", "folded"}));
    }
  }

  void read_stem() {
    const Branch* const stem = section("stem");
    if (stem == nullptr) {
      out_.stem_channels = SettingReader::fixed(stem_properties()[0].rule, "0");
      return;
    }
    reader_.require_known(*stem, names_of(stem_properties(), {}));
    read(*stem, stem_properties(), out_, "stem.", &out_.activation);
  }

  void read_stages() {
    const Branch& stages = required("stages");
    if (stages.children.size() > kMostStages) fail(stages.first(), fmt::format("more than {} stages", kMostStages));
    for (const Branch& branch : stages.children) {
      if (branch.entry != nullptr) fail(*branch.entry, "must be a map");
      if (branch.name.find('-') != std::string::npos) {
        refuse(raw_, branch.first(), branch.name, "is no name of a stage: must be letters, digits and '_'");
      }
      reader_.require_known(branch, names_of(stage_properties(), {"when", "encoding"}));
      StageSettings stage;
      stage.name = branch.name;
      if (const Branch* when = branch.child("when")) stage.when = reader_.conditions(*when);
      read(branch, stage_properties(), stage, branch.name + ".", &out_.activation);
      out_.stages.push_back(std::move(stage));
    }
  }

  std::size_t stage_index(const RawEntry& entry, const std::string& name) const {
    std::vector<std::string> names;
    for (const StageSettings& stage : out_.stages) names.push_back(stage.name);
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) {
      refuse(raw_, entry, name, "is no stage: must be one of: " + some_of(names));
    }
    return static_cast<std::size_t>(found - names.begin());
  }

  std::vector<std::int64_t> whole_numbers(const Branch& branch, double high) const {
    if (branch.entry == nullptr) fail(branch.first(), "must be a list of whole numbers");
    std::vector<std::int64_t> all;
    const PropertyRule rule{"", Kind::kWhole, 1, high, {}};
    for (const std::string& text : branch.entry->values) {
      const std::optional<Option> read = read_option(rule, text);
      if (!read) refuse(raw_, value(branch), text, rule.rule());
      all.push_back(static_cast<std::int64_t>(read->numbers[0]));
    }
    if (all.size() > kMostStages) fail(value(branch), fmt::format("more than {} values", kMostStages));
    return all;
  }

  void read_low(const Branch& head) {
    auto words = std::make_shared<StageWords>();
    for (const StageSettings& stage : out_.stages) words->names.push_back(stage.name);
    words->rule = {"low", Kind::kWord, 0, 0, {}};
    for (const std::string& name : words->names) words->rule.words.push_back(name.c_str());
    out_.head.stage_words = words;
    const Branch* const low = head.child("low");
    if (low != nullptr && low->entry != nullptr && !low->entry->is_list) {
      stage_index(value(*low), single(raw_, value(*low)));
    }
    out_.head.low = low == nullptr ? SettingReader::fixed(words->rule, words->names.front())
                                   : reader_.setting(*low, words->rule, "head.low");
    named_.emplace("head.low", out_.head.low);
  }

  void read_head() {
    HeadSettings& head = out_.head;
    const Branch* const branch = section("head");
    if (branch == nullptr) {
      head.type = SettingReader::fixed(head_properties()[0].rule, "none");
      return;
    }
    reader_.require_known(*branch, names_of(head_properties(), {"from", "extra", "low", "rates"}));
    read(*branch, head_properties(), head, "head.", &out_.activation);
    head.from = {out_.stages.size() - 1};
    if (const Branch* from = branch->child("from")) {
      if (from->entry == nullptr) fail(from->first(), "must be a list of stages");
      head.from.clear();
      for (const std::string& name : from->entry->values) head.from.push_back(stage_index(value(*from), name));
    }
    read_low(*branch);
    if (const Branch* extra = branch->child("extra")) head.extra = whole_numbers(*extra, kMostChannels);
    head.rates = {6, 12, 18};
    if (const Branch* rates = branch->child("rates")) head.rates = whole_numbers(*rates, 64);
  }

  // A placeholder: a gene, or a property by its name, within a stage also without the stage's.
  Setting placeholder(const RawEntry& entry, const std::string& name, const std::string& stage) const {
    const auto own = stage.empty() ? named_.end() : named_.find(stage + "." + name);
    const auto found = own != named_.end() ? own : named_.find(name);
    const int gene = reader_.find(name);
    if (gene != Setting::kNoGene && found == named_.end()) return reader_.of_gene(gene);
    if (found == named_.end()) {
      std::vector<std::string> known;
      for (const auto& [key, setting] : named_) known.push_back(key);
      for (const SpaceGene& g : out_.genes) known.push_back(g.gene.name);
      refuse(raw_, entry, "{" + name + "}", "is no gene, no property and no stage" + engine::suggestion(name, known));
    }
    return found->second;
  }

  void add_pieces(const RawEntry& entry, const std::string& text, int stage) {
    const std::string stage_name = stage < 0 ? "" : out_.stages[static_cast<std::size_t>(stage)].name;
    for (const TemplatePart& part : engine::placed(raw_, entry, [&] { return template_parts(text); })) {
      if (!part.is_name) {
        EncodingPiece piece;
        piece.literal = part.text;
        piece.stage = stage;
        out_.encoding.push_back(std::move(piece));
        continue;
      }
      const Branch* const inner = stage < 0 ? required("stages").child(part.text) : nullptr;
      if (inner == nullptr) {
        EncodingPiece piece;
        piece.setting = placeholder(entry, part.text, stage_name);
        piece.name = part.text;
        piece.stage = stage;
        out_.encoding.push_back(std::move(piece));
        written_ += size_of(out_.encoding.back().setting);
        if (written_ > kMostSettings) fail(entry, fmt::format("spells out more than {} values", kMostSettings));
        continue;
      }
      const Branch* const own = inner->child("encoding");
      if (own == nullptr || own->entry == nullptr) {
        refuse(raw_, entry, "{" + part.text + "}", "is a stage without an encoding of its own");
      }
      add_pieces(value(*own), single(raw_, value(*own)), static_cast<int>(stage_index(entry, part.text)));
    }
  }

  void read_encoding() {
    const Branch* const branch = root_.child("encoding");
    if (branch == nullptr) return;
    if (branch->entry == nullptr) fail(branch->first(), "must be a single value");
    add_pieces(value(*branch), single(raw_, value(*branch)), -1);
    out_.encoding_place = fmt::format("{}:{}: key '{}'", raw_.path, value(*branch).line, branch->key);
    engine::placed(raw_, value(*branch), [&] {
      require_readable(out_.genes, out_.encoding);
      return 0;
    });
  }

  const RawConfig& raw_;
  BlockSettings out_;
  SettingReader reader_;
  Branch root_;
  std::size_t written_ = 0;               // settings of the encoding
  std::map<std::string, Setting> named_;  // every property, by the name that its gene has or would have
};

}  // namespace

std::vector<std::string> block_keys() {
  std::vector<std::string> keys;
  for (const std::string& name : names_of(input_properties(), {})) keys.push_back("network.input." + name);
  for (const char* name : {"precision", "normalization"}) keys.push_back(std::string("network.") + name);
  for (const std::string& name : names_of(network_properties(), {})) keys.push_back("network." + name);
  keys.emplace_back("network.genes.<gene>");
  for (const std::string& name : names_of(stem_properties(), {})) keys.push_back("network.stem." + name);
  for (const std::string& name : names_of(stage_properties(), {"when", "encoding"})) {
    keys.push_back("network.stages.<stage>." + name);
  }
  for (const std::string& name : names_of(head_properties(), {"from", "extra", "low", "rates"})) {
    keys.push_back("network.head." + name);
  }
  keys.emplace_back("network.encoding");
  return keys;
}

bool is_block_entry(const RawEntry& entry) {
  static const std::vector<std::string> sections = {"input",
                                                    "precision",
                                                    "normalization",
                                                    "activation",
                                                    "depth_multiplier",
                                                    "repeat_multiplier",
                                                    "genes",
                                                    "channel_multiple",
                                                    "stem",
                                                    "stages",
                                                    "head",
                                                    "encoding"};
  return std::any_of(sections.begin(), sections.end(), [&](const std::string& section) {
    const std::string key = std::string(kNetwork) + "." + section;
    return entry.key == key || entry.key.rfind(key + ".", 0) == 0;
  });
}

BlockSettings with_changes(const BlockSettings& settings, const BlockChanges& changes) {
  BlockSettings out = settings;
  if (changes.batch) out.batch = SettingReader::fixed(input_properties()[0].rule, std::to_string(*changes.batch));
  if (changes.activations) out.precision = *changes.activations;
  if (changes.weights) out.weight_precision = *changes.weights;
  return out;
}

BlockSettings read_block_settings(const RawConfig& raw) { return BlockReader(raw).run(); }

}  // namespace lanewise::nas
