#include "config/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "config/values.h"
#include "util/text.h"

namespace heed {
namespace {

using ::testing::MatchesRegex;

const std::string kSnakeCase = "[a-z][a-z0-9_]*[a-z0-9]";

TEST(OptionTable, NamesAreUniqueAndSnakeCase) {
  std::set<std::string> names;
  for (const Option& option : option_table()) {
    EXPECT_TRUE(names.insert(option.name()).second) << option.name() << " comes twice";
    EXPECT_THAT(option.section, MatchesRegex("[a-z]+"));
    EXPECT_THAT(option.key, MatchesRegex(kSnakeCase));
  }
}

TEST(OptionTable, IsGroupedBySectionInOrder) {
  std::vector<std::string> of_table, of_sections;
  for (const Option& option : option_table()) {
    if (of_table.empty() || of_table.back() != option.section) of_table.push_back(option.section);
  }
  for (const Section& section : section_table()) {
    of_sections.push_back(section.name);
    EXPECT_FALSE(section.help.empty());
    EXPECT_FALSE(section.help.ends_with('.')) << section.name;
  }
  EXPECT_EQ(of_table, of_sections);
}

TEST(OptionTable, HelpIsALineWithoutAFullStop) {
  for (const Option& option : option_table()) {
    EXPECT_FALSE(option.help.empty()) << option.name();
    EXPECT_FALSE(option.help.ends_with('.')) << option.name();
    EXPECT_EQ(option.help, trim(option.help)) << option.name();
    EXPECT_EQ(option.help.find('\n'), std::string::npos) << option.name();
    EXPECT_EQ(option.help.find("  "), std::string::npos) << option.name();
  }
}

TEST(OptionTable, EachDefaultParsesAndIsPrintedAsItStands) {
  for (const Option& option : option_table()) {
    Config config = default_config();
    EXPECT_EQ(option.set(config, option.default_value), std::nullopt) << option.name();
    EXPECT_EQ(option.get(config), option.default_value) << option.name();
  }
}

TEST(OptionTable, NumbersHaveARangeThatHoldsTheDefault) {
  for (const Option& option : option_table()) {
    bool number = option.type == OptionType::kInteger || option.type == OptionType::kReal ||
                  option.type == OptionType::kReals;
    EXPECT_EQ(std::isfinite(option.range.minimum), number) << option.name();
    if (!number) continue;
    EXPECT_LT(option.range.minimum, option.range.maximum) << option.name();
    if (option.default_value == "auto" && option.range.automatic) continue;
    if (option.type == OptionType::kReals && option.default_value.empty()) continue;
    double value = parse_real(option.default_value).value();
    EXPECT_GE(value, option.range.minimum) << option.name();
    EXPECT_LE(value, option.range.maximum) << option.name();
  }
}

TEST(OptionTable, WhatIsAutomaticIsWrittenAsAuto) {
  const Option& option = *find_option("training", "replicas");
  Config config = default_config();
  EXPECT_EQ(config.training.replicas, 0);
  EXPECT_EQ(option.get(config), "auto");
  EXPECT_EQ(option.set(config, "3"), std::nullopt);
  EXPECT_EQ(option.get(config), "3");
  EXPECT_EQ(option.set(config, "auto"), std::nullopt);
  EXPECT_EQ(config.training.replicas, 0);
  EXPECT_EQ(option.set(config, "0"), "expected auto or integer from 1 to 4096, got \"0\"");
  EXPECT_TRUE(find_option("training", "threads")->set(config, "auto").has_value());
}

TEST(OptionTable, ChoicesAreThereForChoicesAlone) {
  for (const Option& option : option_table()) {
    bool may = option.type == OptionType::kChoice || option.type == OptionType::kTexts;
    bool must = option.type == OptionType::kChoice;
    EXPECT_TRUE(option.choices.empty() ? !must : may) << option.name();
    std::set<std::string> distinct(option.choices.begin(), option.choices.end());
    EXPECT_EQ(distinct.size(), option.choices.size()) << option.name();
    for (const std::string& choice : option.choices) {
      EXPECT_THAT(choice, MatchesRegex("[a-z0-9_+]+")) << option.name();
      EXPECT_NE(describe_values(option).find(choice), std::string::npos) << option.name();
    }
  }
}

// Valid values of which at least one is not the default, where there is any choice.
std::vector<std::string> values_of(const Option& option) {
  if (!option.choices.empty()) return option.choices;
  if (option.type == OptionType::kBoolean) return {"true", "false"};
  if (option.type == OptionType::kInteger) {
    auto low = static_cast<int64_t>(option.range.minimum);
    return {print_value(low), print_value(low + 1)};
  }
  if (option.type == OptionType::kReals) return {"1, 2.5"};
  if (option.type == OptionType::kReal) {
    double low = option.range.minimum, high = std::min(option.range.maximum, low + 1);
    return {print_value((low + high) / 2), print_value(high)};
  }
  return {"some/path"};
}

// Two rows that share a field (a slip of copying) would print each other's value.
TEST(OptionTable, EachRowHasAFieldOfItsOwn) {
  for (const Option& option : option_table()) {
    Config config = default_config();
    for (const std::string& value : values_of(option)) {
      if (option.get(config) != option.default_value) break;
      EXPECT_EQ(option.set(config, value), std::nullopt) << option.name() << " = " << value;
    }
    bool no_choice = option.choices.size() == 1;
    EXPECT_EQ(option.get(config) != option.default_value, !no_choice) << option.name();
    for (const Option& other : option_table()) {
      if (&other == &option) continue;
      EXPECT_EQ(other.get(config), other.default_value) << option.name() << ", " << other.name();
    }
  }
}

TEST(OptionTable, AFailedSetLeavesTheFieldAlone) {
  for (const Option& option : option_table()) {
    if (option.type == OptionType::kText || option.type == OptionType::kPath) continue;
    Config config = default_config();
    bool list = option.type == OptionType::kPaths || option.type == OptionType::kTexts;
    auto fault = option.set(config, list ? "a,,b" : "?");
    ASSERT_TRUE(fault.has_value()) << option.name();
    EXPECT_TRUE(fault->starts_with("expected " + describe_values(option) + ", got ")) << *fault;
    EXPECT_EQ(option.get(config), option.default_value) << option.name();
  }
}

TEST(OptionTable, HoldsTheKeysThatAreAContract) {
  for (const char* name : {"data.train_source",
                           "data.train_target",
                           "data.dev_source",
                           "data.dev_target",
                           "tokenizer.vocab_size",
                           "model.architecture",
                           "model.hidden_size",
                           "model.feed_forward_size",
                           "model.layers",
                           "model.heads",
                           "model.dropout",
                           "model.attention_score",
                           "model.attention_scope",
                           "model.attention_weights",
                           "training.max_steps",
                           "training.batch_tokens",
                           "training.learning_rate",
                           "training.label_smoothing",
                           "training.warmup_steps",
                           "training.precision",
                           "training.seed",
                           "training.validate_every",
                           "training.checkpoint_every",
                           "decoding.beam_size",
                           "decoding.length_penalty",
                           "output.folder"}) {
    std::vector<std::string> parts = split(name, '.');
    EXPECT_NE(find_option(parts[0], parts[1]), nullptr) << name;
  }
}

TEST(FindOption, NeedsSectionAndKey) {
  ASSERT_NE(find_option("model", "hidden_size"), nullptr);
  EXPECT_EQ(find_option("model", "hidden_size")->name(), "model.hidden_size");
  EXPECT_EQ(find_option("data", "hidden_size"), nullptr);
  EXPECT_EQ(find_option("model", ""), nullptr);
  EXPECT_EQ(find_option("", "hidden_size"), nullptr);
}

TEST(DefaultConfig, HoldsTheDefaults) {
  Config config = default_config();
  for (const Option& option : option_table()) {
    EXPECT_EQ(option.get(config), option.default_value) << option.name();
  }
  EXPECT_TRUE(config.data.train_source.empty());
  EXPECT_EQ(std::to_string(config.model.hidden_size),
            find_option("model", "hidden_size")->default_value);
}

}  // namespace
}  // namespace heed
