#include "decoding/shortlist.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/options.h"
#include "util/error.h"

namespace heed {
namespace {

using ::testing::HasSubstr;

TEST(LoadShortlist, SaysWhatItDoesNotGoWith) {
  LoadedModel model{default_config(), {}, nullptr};
  auto said = [&](DecodingConfig options, const std::vector<std::string>& folders) -> std::string {
    options.shortlist = 50;
    try {
      load_shortlist(folders, model, options);
    } catch (const UsageError& error) {
      return error.what();
    }
    return "no error";
  };
  DecodingConfig options = model.config.decoding;
  EXPECT_EQ(load_shortlist({"a"}, model, options), nullptr);
  EXPECT_THAT(said(options, {"a", "b"}), HasSubstr("not an ensemble of 2"));
  options.temperature = 2;
  EXPECT_THAT(said(options, {"a"}), HasSubstr("not with sampling"));
}

}  // namespace
}  // namespace heed
