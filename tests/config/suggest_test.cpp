#include "config/suggest.h"

#include <gtest/gtest.h>

#include "config/values.h"

namespace heed {
namespace {

const Option& real() { return *find_option("training", "learning_rate"); }
const Option& integer() { return *find_option("training", "max_steps"); }
const Option& boolean() { return *find_option("model", "tie_softmax"); }
const Option& choice() { return *find_option("model", "cell"); }

TEST(SuggestValue, OffersANumberThatTheOptionTakes) {
  EXPECT_EQ(suggest_value(real(), "0,5"), "; did you mean 0.5?");
  EXPECT_EQ(suggest_value(real(), "+1e-3"), "; did you mean 1e-3?");
  EXPECT_EQ(suggest_value(integer(), "1e5"), "; did you mean 100000?");
  EXPECT_EQ(suggest_value(integer(), "3.0"), "; did you mean 3?");
  EXPECT_EQ(suggest_value(integer(), "100_000"), "; did you mean 100000?");
  EXPECT_EQ(suggest_value(integer(), "1,000,000"), "; did you mean 1000000?");
}

TEST(SuggestValue, OffersNothingThatTheOptionWouldRefuse) {
  EXPECT_EQ(suggest_value(real(), "-0,5"), "");
  EXPECT_EQ(suggest_value(real(), "nan"), "");
  EXPECT_EQ(suggest_value(integer(), "0.0"), "");
  EXPECT_EQ(suggest_value(integer(), "1e300"), "");
  EXPECT_EQ(suggest_value(integer(), "2.5"), "");
  EXPECT_EQ(suggest_value(integer(), ""), "");
}

TEST(SuggestValue, KnowsWaysToSayYesAndNo) {
  for (const char* yes : {"yes", "on", "1", "TRUE", "treu"}) {
    EXPECT_EQ(suggest_value(boolean(), yes), "; did you mean true?") << yes;
  }
  for (const char* no : {"no", "off", "0", "False", "flase"}) {
    EXPECT_EQ(suggest_value(boolean(), no), "; did you mean false?") << no;
  }
  EXPECT_EQ(suggest_value(boolean(), "perhaps"), "");
}

TEST(SuggestValue, OffersTheNearestChoice) {
  EXPECT_EQ(suggest_value(choice(), "LSTM"), "; did you mean lstm?");
  EXPECT_EQ(suggest_value(choice(), "lsmt"), "; did you mean lstm?");
  EXPECT_EQ(suggest_value(choice(), "transformer"), "");
}

TEST(DescribeUnknownKey, NamesEverySectionThatHasTheKey) {
  if (find_option("evaluation", "beam_size") == nullptr) GTEST_SKIP() << "it is in one section";
  EXPECT_EQ(describe_unknown_key("model", "beam_size"),
            "unknown key; beam_size belongs to [decoding] and [evaluation]");
}

TEST(DescribeUnknownKey, DescribesTheNearestOne) {
  EXPECT_EQ(describe_unknown_key("model", "cel"), "unknown key; did you mean cell (" +
                                                      describe_values(choice()) + ", default " +
                                                      choice().default_value + ")?");
  EXPECT_EQ(describe_unknown_key("data", "dev_sourse"),
            "unknown key; did you mean dev_source (a path)?");
}

}  // namespace
}  // namespace heed
