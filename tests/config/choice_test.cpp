#include "config/choice.h"

#include <gtest/gtest.h>

#include "config/options.h"

namespace heed {
namespace {

using Fruit = Choice<"apple", "pear", "plum">;

TEST(ChoiceTest, IsTheFirstUnlessItIsAnother) {
  EXPECT_EQ(Fruit().name(), "apple");
  Fruit fruit = "plum";
  EXPECT_EQ(fruit.name(), "plum");
  EXPECT_TRUE(fruit == "plum");
  EXPECT_TRUE(fruit != "pear");
}

TEST(ChoiceTest, IsFoundByItsNameAlone) {
  for (std::string_view name : Fruit::names) {
    ASSERT_TRUE(Fruit::find(name)) << name;
    EXPECT_EQ(Fruit::find(name)->name(), name);
  }
  for (const char* name : {"", "appl", "apples", "Pear", "peach"}) {
    EXPECT_FALSE(Fruit::find(name)) << name;
  }
}

TEST(ChoiceTest, IsWrittenByItsName) { EXPECT_EQ(fmt::format("a {}", Fruit("pear")), "a pear"); }

// A row of the table names the choices that its field has, in their order.
TEST(ChoiceTest, RowsOfTheTableHaveTheChoicesOfTheirFields) {
  const Option& option = option_named("model.attention_weights");
  EXPECT_EQ(option.type, OptionType::kChoice);
  EXPECT_EQ(option.choices,
            std::vector<std::string>(WeightsKind::names.begin(), WeightsKind::names.end()));
}

}  // namespace
}  // namespace heed
